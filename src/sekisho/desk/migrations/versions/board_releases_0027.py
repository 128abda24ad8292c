"""Releases of numbers with noise to a board, and what each told of a device."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_table(
        "board_releases",
        Column("id", String, primary_key=True),
        Column("permit", String),
        Column("purpose", String, index=True),
        Column("day", String, index=True),
        Column("body", LargeBinary, nullable=False),
        Column("salt", LargeBinary),
        Column("entry", Integer, index=True),
        Column("at", String, nullable=False),
    )
