"""Which version of a text shown for consent counts, since somebody said that it changed."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "notice_versions",
        Column("id", String, primary_key=True),
        Column("version", String),
        Column("body", LargeBinary, nullable=False),
        Column("salt", LargeBinary),
        Column("entry", Integer, index=True),
        Column("at", String, nullable=False),
    )
