"""Consents: the text that was shown, the sealed answer, and what happened to it afterwards."""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _table("notices", Column("id", String, primary_key=True))
    _table(
        "consents",
        Column("id", String, primary_key=True),
        Column("notice", String, index=True),
        Column("purpose", String),
        Column("principal", String),
        Column("state", String),
        Column("until", String),
        Column("code", String, index=True),
    )
    op.create_index("ix_consents_live", "consents", ["purpose", "state", "principal"])
    _table("consent_events", Column("id", String, primary_key=True), Column("consent", String, index=True))


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
