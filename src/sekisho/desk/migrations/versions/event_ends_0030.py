"""Events that were ended, and what a search of their copies found."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "event_ends",
        Column("id", String, primary_key=True),
        Column("what", String, index=True),
        Column("body", LargeBinary, nullable=False),
        Column("salt", LargeBinary),
        Column("entry", Integer, index=True),
        Column("at", String, nullable=False),
    )
