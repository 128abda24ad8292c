"""Signed words that were carried out, so that none is carried out twice."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, String

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table("signed", Column("digest", String, primary_key=True))
