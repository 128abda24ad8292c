"""Mails of campaigns are found by their Message-ID, so that whoever got one can ask whether it is genuine."""

from __future__ import annotations

import hashlib
import json

from alembic import op
from sqlalchemy import Column, String, text

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("campaign_recipients", Column("known_as", String))
    op.create_index("ix_campaign_recipients_known_as", "campaign_recipients", ["known_as"])
    db = op.get_bind()
    said = {name: json.loads(body) for name, body in db.execute(text("select id, body from campaigns"))}
    domains = {name: b["campaign"]["sender"].rpartition("@")[2].lower() for name, b in said.items() if "campaign" in b}
    set_it = text("update campaign_recipients set known_as = :known where campaign = :name and number = :number")
    for name, number, leaf in db.execute(text("select campaign, number, leaf from campaign_recipients")).all():
        if name in domains:
            made = hashlib.sha256(b"sekisho campaign " + name.encode() + leaf).hexdigest()[:40]
            db.execute(set_it, {"known": f"{made}@{domains[name]}", "name": name, "number": number})
