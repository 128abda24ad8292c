"""Addresses that are good after all, though a mail to them came back."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "returns_ended",
        Column("id", String, primary_key=True),
        Column("pseudonym", String, index=True),
        Column("body", LargeBinary, nullable=False),
        Column("salt", LargeBinary),
        Column("entry", Integer, index=True),
        Column("at", String, nullable=False),
    )
