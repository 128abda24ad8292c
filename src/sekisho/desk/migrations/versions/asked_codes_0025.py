"""Codes that somebody asked for on the page of a question."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, String

revision = "0025"
down_revision = "0024"

KEYS = ("pseudonym", "network", "digest", "own", "at", "until")


def upgrade() -> None:
    op.create_table(
        "asked_codes",
        Column("id", String, primary_key=True),
        Column("question", String, nullable=False, index=True),
        *(Column(name, String, nullable=False, index=True) for name in KEYS),
        Column("browser", String, nullable=False),
    )
