"""What the malware scanner said of attached files."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "scans",
        Column("id", String, primary_key=True),
        Column("attachment", String, index=True),
        Column("state", String, index=True),
        Column("body", LargeBinary, nullable=False),
        Column("salt", LargeBinary),
        Column("entry", Integer, index=True),
        Column("at", String, nullable=False),
    )
