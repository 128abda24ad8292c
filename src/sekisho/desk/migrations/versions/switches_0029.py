"""Lines that switched a filter off."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "switches",
        Column("id", String, primary_key=True),
        Column("measure", String),
        Column("prefix", String, index=True),
        Column("ended", String, index=True),
        Column("body", LargeBinary, nullable=False),
        Column("salt", LargeBinary),
        Column("entry", Integer, index=True),
        Column("at", String, nullable=False),
    )
