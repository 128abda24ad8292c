"""Permits as they read before a renewed paper carried them on; what people say about a plan."""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    renewed = (Column("permit", String, index=True), Column("signature", LargeBinary), Column("proof", String))
    _table("renewed", Column("id", String, primary_key=True), *renewed)
    _table("comments", Column("id", String, primary_key=True), Column("plan", String, index=True), Column("person", String))


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
