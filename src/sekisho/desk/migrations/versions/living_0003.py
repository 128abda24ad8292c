"""Permits as they read before a renewed paper carried them on."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "renewed",
        Column("id", String, primary_key=True),
        Column("permit", String, index=True),
        Column("signature", LargeBinary),
        Column("proof", String),
        Column("body", LargeBinary, nullable=False),
        Column("salt", LargeBinary),
        Column("entry", Integer, index=True),
        Column("at", String, nullable=False),
    )
