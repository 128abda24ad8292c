"""Replies to mails of campaigns."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "replies",
        Column("id", String, primary_key=True),
        Column("campaign", String, index=True),
        Column("number", Integer),
        Column("state", String, index=True),
        Column("ending", String),
        Column("box", LargeBinary),
        Column("body", LargeBinary, nullable=False),
        Column("salt", LargeBinary),
        Column("entry", Integer, index=True),
        Column("at", String, nullable=False),
    )
