"""Hand-overs: the keys of parties, lists on their way, how they ended, and who stood in them by a keyed digest."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String
from sqlalchemy.schema import SchemaItem

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    _table("party_keys", Column("id", String, primary_key=True), Column("entrustment", String, index=True))
    _table(
        "hand_overs",
        Column("id", String, primary_key=True),
        Column("entrustment", String, index=True),
        Column("permit", String, index=True),
        Column("state", String, index=True),
        Column("box_key", String),
        Column("box", LargeBinary),
        Column("result", String),
    )
    _table("handed_over", Column("id", String, primary_key=True), Column("entrustment", String, index=True), Column("permit", String))
    op.create_table(
        "handed_people",
        Column("handover", String, primary_key=True),
        Column("person", String, primary_key=True, index=True),
        Column("why", String, nullable=False, index=True),
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
