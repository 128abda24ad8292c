"""By which code an invited person answers."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, String

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("campaign_recipients", Column("invited_by", String))
    op.create_index("ix_campaign_recipients_invited_by", "campaign_recipients", ["invited_by"])
