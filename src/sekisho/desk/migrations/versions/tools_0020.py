"""What was said of contractors' tools, and mails that came to people of our own."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String
from sqlalchemy.schema import SchemaItem

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    _table(
        "tools", Column("id", String, primary_key=True), Column("entrustment", String, index=True), Column("what", String, index=True)
    )
    _table("canary_mails", Column("id", String, primary_key=True), Column("handover", String, index=True))


def _table(name: str, *columns: SchemaItem) -> None:
    op.create_table(
        name,
        *columns,
        Column("body", LargeBinary, nullable=False),
        Column("salt", LargeBinary),
        Column("entry", Integer, index=True),
        Column("at", String, nullable=False),
    )
