"""Cases of procedures: their moves, attachments, letters, holds and reminders; texts that were adopted."""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _table(
        "matters",
        Column("id", String, primary_key=True),
        Column("procedure", String, index=True),
        Column("number", String, unique=True),
        Column("state", String, index=True),
        Column("owner", String, index=True),
        Column("due", String, index=True),
        Column("wakes", String, index=True),
        Column("closed", String, index=True),
        Column("gone", String),
    )
    _table("moves", Column("id", String, primary_key=True), Column("matter", String, index=True), Column("serial", Integer))
    op.create_index("ix_moves_matter_serial", "moves", ["matter", "serial"], unique=True)
    _table("attachments", Column("id", String, primary_key=True), Column("matter", String, index=True))
    _table("letters", Column("id", String, primary_key=True), Column("matter", String, index=True))
    _table(
        "holds",
        Column("id", String, primary_key=True),
        Column("matter", String, index=True),
        Column("until", String),
        Column("ended", String, index=True),
    )
    _table("reminders", Column("id", String, primary_key=True), Column("matter", String, index=True))
    _table("adoptions", Column("text", String, primary_key=True))


def _table(name: str, *columns: Column[Any]) -> None:
    """A row's body, the salt of its commitment, and the ledger index it was written under, beside its own columns."""
    op.create_table(
        name,
        *columns,
        Column("body", LargeBinary, nullable=False),
        Column("salt", LargeBinary),
        Column("entry", Integer, index=True),
        Column("at", String, nullable=False),
    )
