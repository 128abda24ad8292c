"""Openings of sender records."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "reveals",
        Column("id", String, primary_key=True),
        Column("matter", String, index=True),
        Column("permit", String, index=True),
        Column("about", String, index=True),
        Column("record", String),
        Column("state", String, index=True),
        Column("code", String),
        Column("fetched", String),
        Column("shown", String),
        Column("shown_until", String),
        Column("counted", Integer, index=True),
        Column("body", LargeBinary, nullable=False),
        Column("salt", LargeBinary),
        Column("entry", Integer, index=True),
        Column("at", String, nullable=False),
    )
