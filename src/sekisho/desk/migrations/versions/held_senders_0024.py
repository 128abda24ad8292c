"""Mail accounts at their sending limit, and those the help desk let go again."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "held_senders",
        Column("id", String, primary_key=True),
        Column("permit", String, index=True),
        Column("notice", String, index=True),
        Column("box", String),
        Column("until", String, index=True),
        Column("ended", String, index=True),
        *_entered(),
    )
    op.create_table("restored_senders", Column("id", String, primary_key=True), *_entered())


def _entered() -> list[Column[object]]:
    return [
        Column("body", LargeBinary, nullable=False),
        Column("salt", LargeBinary),
        Column("entry", Integer, index=True),
        Column("at", String, nullable=False),
    ]
