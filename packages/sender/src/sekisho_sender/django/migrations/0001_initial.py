"""The table of sender records; its triggers follow after each migration (apps.guard_tables)."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """The first."""

    initial = True
    dependencies: ClassVar[list[tuple[str, str]]] = []
    operations: ClassVar[list[migrations.operations.base.Operation]] = [
        migrations.CreateModel(
            name="SenderRecord",
            fields=[
                ("id", models.TextField(primary_key=True, serialize=False)),
                ("subject_kind", models.TextField()),
                ("subject", models.TextField()),
                ("seen_day", models.TextField()),
                ("key_id", models.TextField()),
                ("sealed", models.BinaryField()),
                ("ip_index", models.TextField(db_index=True, null=True)),
                ("opened", models.IntegerField(db_default=0, default=0)),
            ],
            options={
                "db_table": "sekisho_sender_record",
                "constraints": [models.UniqueConstraint(fields=("subject_kind", "subject"), name="sekisho_sender_subject")],
            },
        ),
    ]
