"""Masked talks, and their mails."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "talks",
        Column("id", String, primary_key=True),
        Column("campaign", String, index=True),
        Column("plan", String, index=True),
        Column("until", String, index=True),
        Column("givers", String),
        Column("aliases", String),
        Column("boxes", LargeBinary),
        Column("body", LargeBinary, nullable=False),
        Column("salt", LargeBinary),
        Column("entry", Integer, index=True),
        Column("at", String, nullable=False),
    )
    op.create_table(
        "talk_mails",
        Column("id", String, primary_key=True),
        Column("talk", String, index=True),
        Column("side", Integer),
        Column("known", String, index=True),
        Column("state", String, index=True),
        Column("why", String),
        Column("without", String),
        Column("back", Integer),
        Column("reply", Integer),
        Column("begun", String),
        Column("box", LargeBinary),
        Column("body", LargeBinary, nullable=False),
        Column("salt", LargeBinary),
        Column("entry", Integer, index=True),
        Column("at", String, nullable=False),
    )
