"""Codes of people outside, and the answers they have begun."""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    _table("codes", Column("code", String, primary_key=True), Column("matter", String, index=True), Column("side", String))
    _table("drafts", Column("matter", String, primary_key=True))


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
