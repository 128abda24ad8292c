"""Who took a case over."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "owners",
        Column("id", String, primary_key=True),
        Column("matter", String, index=True),
        Column("body", LargeBinary, nullable=False),
        Column("salt", LargeBinary),
        Column("entry", Integer, index=True),
        Column("at", String, nullable=False),
    )
