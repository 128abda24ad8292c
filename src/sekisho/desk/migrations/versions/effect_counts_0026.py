"""Counts by day, as the desk entered them."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "effect_counts",
        Column("id", String, primary_key=True),
        Column("body", LargeBinary, nullable=False),
        Column("salt", LargeBinary),
        Column("entry", Integer, index=True),
        Column("at", String, nullable=False),
    )
