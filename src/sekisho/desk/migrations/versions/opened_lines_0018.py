"""Lines that were opened for a while, and those closed before their time."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "opened_lines",
        Column("id", String, primary_key=True),
        Column("permit", String),
        Column("prefix", String),
        Column("until", String, index=True),
        Column("ended", String, index=True),
        *_entered(),
    )
    op.create_table("closed_lines", Column("id", String, primary_key=True), *_entered())


def _entered() -> list[Column[object]]:
    return [
        Column("body", LargeBinary, nullable=False),
        Column("salt", LargeBinary),
        Column("entry", Integer, index=True),
        Column("at", String, nullable=False),
    ]
