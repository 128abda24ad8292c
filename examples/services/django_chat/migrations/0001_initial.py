"""The table of posts."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """The first."""

    initial = True
    dependencies = (("sekisho_sender", "0001_initial"),)
    operations = (
        migrations.CreateModel(
            name="Post",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("author", models.TextField()),
                ("body", models.TextField()),
            ],
            options={"abstract": False, "base_manager_name": "objects"},
        ),
    )
