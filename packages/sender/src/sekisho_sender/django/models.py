"""The table of sender records, and the base of models whose objects people send."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models, router, transaction

from sekisho_sender import schema
from sekisho_sender.at_hand import Refused, Why
from sekisho_sender.record import SubjectKind


class SenderRecord(models.Model):
    """One sealed record. The database lets nobody change or delete it; `opened` is how often the officers opened it."""

    id = models.TextField(primary_key=True)
    subject_kind = models.TextField()
    subject = models.TextField()
    seen_day = models.TextField()
    key_id = models.TextField()
    sealed = models.BinaryField()
    ip_index = models.TextField(null=True, db_index=True)
    opened = models.IntegerField(default=0, db_default=0)

    class Meta:
        db_table = schema.TABLE
        constraints = (models.UniqueConstraint(fields=["subject_kind", "subject"], name="sekisho_sender_subject"),)

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject}"


class KeptQuerySet(models.QuerySet[Any]):
    """Refuses what writes objects without saving them one by one."""

    def bulk_create(self, *_: Any, **__: Any) -> NoReturn:
        raise Refused(Why.BULK, f"bulk_create of {self.model._meta.label} would write posts without their senders; save each object")


class KeptModel(models.Model):
    """A model whose objects people send: each new one has its record in the same transaction, or is not there.
    The primary key's values are never used again (Django's automatic keys are not)."""

    sender_kind = SubjectKind.POST
    objects = KeptQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        using = kwargs.get("using") or router.db_for_write(type(self), instance=self)
        with transaction.atomic(using=using):
            super().save(*args, **kwargs)

    def sender_account(self) -> str:
        """The sender's account in the service, "" when there is none."""
        return ""

    def times_opened(self) -> int:
        """How often somebody opened the sender data of this object: what its poster may see."""
        return int(self._records().values_list("opened", flat=True).first() or 0)

    def sender_record_id(self) -> str:
        """The number of its record, for its poster alone: whoever knows it sees on the node's page /opened who opened it. "" for none."""
        return str(self._records().values_list("id", flat=True).first() or "")

    def _records(self) -> models.QuerySet[SenderRecord]:
        mine = SenderRecord.objects.using(self._state.db or router.db_for_read(SenderRecord))
        return mine.filter(subject_kind=self.sender_kind, subject=str(self.pk))
