"""The register of entrustments, and what happened to each."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "entrustments",
        Column("id", String, primary_key=True),
        Column("parent", String, index=True),
        Column("body", LargeBinary, nullable=False),
        Column("salt", LargeBinary),
        Column("entry", Integer, index=True),
        Column("at", String, nullable=False),
    )
    op.create_table(
        "entrustment_moves",
        Column("id", String, primary_key=True),
        Column("entrustment", String, index=True),
        Column("body", LargeBinary, nullable=False),
        Column("salt", LargeBinary),
        Column("entry", Integer, index=True),
        Column("at", String, nullable=False),
    )
