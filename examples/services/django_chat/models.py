"""The posts."""

from __future__ import annotations

from django.db import models

from sekisho_sender.django.models import KeptModel


class Post(KeptModel):
    """What somebody wrote; its sender's record is written with it."""

    author = models.TextField()
    body = models.TextField()

    class Meta(KeptModel.Meta):
        app_label = "django_chat"

    def __str__(self) -> str:
        return self.body

    def sender_account(self) -> str:
        return self.author
