"""The app."""

from __future__ import annotations

from django.apps import AppConfig


class ChatConfig(AppConfig):
    """The chat in INSTALLED_APPS."""

    name = "examples.services.django_chat"
    label = "django_chat"
