"""Contractors' people who may hand in mails, and what they handed in."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String
from sqlalchemy.schema import SchemaItem

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    _table(
        "admissions",
        Column("id", String, primary_key=True),
        Column("entrustment", String, index=True),
        Column("token", String, index=True),
        Column("box", LargeBinary),
    )
    _table("shut_admissions", Column("id", String, primary_key=True))
    _table(
        "hand_ins", Column("id", String, primary_key=True), Column("admission", String, index=True), Column("campaign", String, index=True)
    )


def _table(name: str, *columns: SchemaItem) -> None:
    op.create_table(
        name,
        *columns,
        Column("body", LargeBinary, nullable=False),
        Column("salt", LargeBinary),
        Column("entry", Integer, index=True),
        Column("at", String, nullable=False),
    )
