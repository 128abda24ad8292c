"""Films for invited people, and the devices they are open on."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "viewings",
        Column("id", String, primary_key=True),
        Column("plan", String, index=True),
        Column("box", LargeBinary),
        Column("body", LargeBinary, nullable=False),
        Column("salt", LargeBinary),
        Column("entry", Integer, index=True),
        Column("at", String, nullable=False),
    )
    op.create_table(
        "viewing_sessions",
        Column("id", String, primary_key=True),
        Column("viewing", String, nullable=False, index=True),
        Column("invited", String, nullable=False, index=True),
        Column("at", String, nullable=False),
    )
