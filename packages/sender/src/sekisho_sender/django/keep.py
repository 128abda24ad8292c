"""Writing the record of a new object, in the transaction of the object itself."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from sekisho_sender import schema
from sekisho_sender.at_hand import Refused, Why, at_hand
from sekisho_sender.keeping import Keeper

INSERT = f"INSERT INTO {schema.TABLE} ({', '.join(schema.COLUMNS)}) VALUES (%s, %s, %s, %s, %s, %s, %s, 0)"  # noqa: S608 - made of constants only


@cache
def keeper() -> Keeper:
    """The keeper in SEKISHO_SENDER. Raises ImproperlyConfigured: a service that kept no records would look as if it did."""
    found = getattr(settings, "SEKISHO_SENDER", {}).get("keeper")
    if not isinstance(found, Keeper):
        raise ImproperlyConfigured('SEKISHO_SENDER["keeper"] is a sekisho_sender.keeping.Keeper')
    return found


def write_record(sender: Any, instance: Any, created: bool, using: str, *, raw: bool = False, **_: Any) -> None:
    """After the insert of a kept object. A dump that is loaded (`raw`) brings its own records; the database's guard looks at that."""
    if not created or raw:
        return
    connection = connections[using]
    subject = str(sender._meta.pk.get_db_prep_value(instance.pk, connection))
    if not connection.in_atomic_block:
        raise Refused(
            Why.NO_TRANSACTION, f"{sender.sender_kind} {subject}: saved outside a transaction, so its record could be lost; use save()"
        )
    row = keeper().sealed_row(sender.sender_kind, subject, at_hand(), account=instance.sender_account())
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [row.id, row.subject_kind, row.subject, row.seen_day, row.key_id, row.sealed, row.ip_index])
