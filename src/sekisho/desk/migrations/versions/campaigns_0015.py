"""Campaigns: what was submitted, to whom (sealed), what became of each mail, and who asked for no more."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    _written("campaigns", Column("id", String, primary_key=True), Column("plan", String, index=True))
    op.create_table(
        "campaign_recipients",
        Column("campaign", String, primary_key=True),
        Column("number", Integer, primary_key=True),
        Column("leaf", LargeBinary, nullable=False),
        Column("pseudonym", String, index=True),
        Column("box", LargeBinary, nullable=False),
        Column("language", String),
        Column("state", String, index=True),
        Column("batch", String, index=True),
        Column("begun", String),
        Column("why", String),
        Column("reply", Integer),
        Column("checked_by", String, index=True),
        Column("stopped_by", String, index=True),
    )
    _written("batches", Column("id", String, primary_key=True), Column("campaign", String, index=True))
    _written("losses", Column("id", String, primary_key=True), Column("campaign", String, index=True))
    _written(
        "mail_stops", Column("id", String, primary_key=True), Column("pseudonym", String, index=True), Column("ended", String)
    )


def _written(name: str, *columns: Column[str]) -> None:
    """A table whose rows each have an entry in the ledger."""
    op.create_table(
        name,
        *columns,
        Column("body", LargeBinary, nullable=False),
        Column("salt", LargeBinary),
        Column("entry", Integer, index=True),
        Column("at", String, nullable=False),
    )
