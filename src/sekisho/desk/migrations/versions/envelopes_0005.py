"""Envelopes: what may happen by night, who approved it by day, each use, and its review."""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _table("envelopes", Column("id", String, primary_key=True), Column("plan", String))
    who = (Column("person", String, primary_key=True), Column("shown", String))
    _table("envelope_approvals", Column("envelope", String, primary_key=True), *who)
    _table("envelope_uses", Column("id", String, primary_key=True), Column("envelope", String, index=True))
    _table("envelope_reviews", Column("use", String, primary_key=True))


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
