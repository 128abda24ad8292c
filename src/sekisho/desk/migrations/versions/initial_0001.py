"""The first tables."""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import Boolean, Column, Integer, LargeBinary, String

revision = "0001"
down_revision = None


def upgrade() -> None:
    _people_and_plans()
    _permits_and_what_they_allow()


def _people_and_plans() -> None:
    _table("people", Column("id", String, primary_key=True))
    _table("invitations", Column("code", String, primary_key=True), Column("used", Boolean))
    _table(
        "plans", Column("id", String, primary_key=True), Column("measure", String), Column("proposer", String), Column("outcome", String)
    )
    _table("evidence", Column("id", String, primary_key=True), Column("plan", String, primary_key=True, index=True))
    _table("approvals", Column("plan", String, primary_key=True), Column("person", String, primary_key=True), Column("shown", String))
    _table("confirmations", Column("id", String, primary_key=True), Column("case", String))


def _permits_and_what_they_allow() -> None:
    _table(
        "permits",
        Column("id", String, primary_key=True),
        Column("plan", String, index=True),
        Column("measure", String),
        Column("step", String),
        Column("token", String, index=True),
        Column("until", String),
        Column("signature", LargeBinary),
        Column("proof", String),
        Column("ended", String, index=True),
        Column("ended_at", String),
    )
    _table("withdrawals", Column("permit", String, primary_key=True))
    _table("looks", Column("id", String, primary_key=True), Column("permit", String), Column("state", String, index=True))
    op.create_index("ix_looks_permit_at", "looks", ["permit", "at"])
    _table("releases", Column("look", String, primary_key=True), Column("key", String, primary_key=True))
    _table("findings", Column("token", String, primary_key=True), Column("measure", String, primary_key=True), Column("plan", String))
    _table("figures", Column("measure", String, primary_key=True))
    _table("reports", Column("process", String, primary_key=True))
    _table(
        "orders",
        Column("id", String, primary_key=True),
        Column("permit", String, index=True),
        Column("state", String, index=True),
        Column("code", String),
        Column("letter", String, index=True),
        Column("wiped", Integer, index=True),
    )
    _table("opt_outs", Column("pseudonym", String, primary_key=True))
    _table("destroyed", Column("key", String, primary_key=True))
    _table("dismissals", Column("person", String, primary_key=True))
    _table("unconfirmed", Column("confirmation", String, primary_key=True))
    _table(
        "books",
        Column("id", String, primary_key=True),
        Column("book", String),
        Column("version", String),
        Column("base", String),
    )
    _table("exchanges", Column("id", String, primary_key=True), Column("operator", String))
    _table("recoveries", Column("run", String, primary_key=True))
    op.create_table("meta", Column("key", String, primary_key=True), Column("value", String, nullable=False))


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
