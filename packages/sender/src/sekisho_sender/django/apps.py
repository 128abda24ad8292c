"""The app: after each migration the database's guards are made anew, since Django's table remakes on SQLite lose triggers."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps
from django.db import connections
from django.db.models.signals import post_migrate, post_save

from sekisho_sender import schema


class SenderConfig(AppConfig):
    """`sekisho_sender.django` in INSTALLED_APPS."""

    name = "sekisho_sender.django"
    label = "sekisho_sender"
    verbose_name = "Sender records"

    def ready(self) -> None:
        """Connect every kept model: its objects are written with their records."""
        from sekisho_sender.django.keep import write_record

        for model in kept_models():
            post_save.connect(write_record, sender=model, dispatch_uid=f"sekisho-sender-{model._meta.label}")
        post_migrate.connect(guard_tables, dispatch_uid="sekisho-sender-guards")


def kept_models() -> list[Any]:
    from sekisho_sender.django.models import KeptModel

    return [model for model in apps.get_models() if issubclass(model, KeptModel)]


def guard_tables(using: str, **_: Any) -> None:
    """Make the guards of every table that is there. Raises ValueError for a database we keep no records in."""
    connection = connections[using]
    there = set(connection.introspection.table_names())
    if schema.TABLE not in there:
        return
    statements = list(schema.append_only(connection.vendor))
    for model in kept_models():
        if model._meta.db_table in there:
            statements += schema.required(connection.vendor, model._meta.db_table, model._meta.pk.column, model.sender_kind)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
