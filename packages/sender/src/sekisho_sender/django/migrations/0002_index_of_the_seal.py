"""Brings a table of the first version up to date: an index made with a secret of the service is emptied, and the guards are made anew."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations

from sekisho_sender import schema


def renew(_apps: Any, editor: Any) -> None:
    for statement in schema.append_only(editor.connection.vendor):
        editor.execute(statement)


class Migration(migrations.Migration):
    """Nothing of the models changes."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("sekisho_sender", "0001_initial")]
    operations: ClassVar[list[migrations.operations.base.Operation]] = [migrations.RunPython(renew, migrations.RunPython.noop)]
