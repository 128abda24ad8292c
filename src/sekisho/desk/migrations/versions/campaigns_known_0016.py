"""Mails of campaigns are found by their Message-ID, so that whoever got one can ask whether it is genuine."""

from __future__ import annotations

import hashlib
import json

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String, column, select, table, update

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("campaign_recipients", Column("known_as", String))
    op.create_index("ix_campaign_recipients_known_as", "campaign_recipients", ["known_as"])
    db = op.get_bind()
    campaigns = table("campaigns", column("id", String), column("body", LargeBinary))
    keys = column("campaign", String), column("number", Integer)
    people = table("campaign_recipients", *keys, column("leaf", LargeBinary), column("known_as", String))
    said = {name: json.loads(body) for name, body in db.execute(select(campaigns.c.id, campaigns.c.body))}
    domains = {name: b["campaign"]["sender"].rpartition("@")[2].lower() for name, b in said.items() if "campaign" in b}
    for name, number, leaf in db.execute(select(people.c.campaign, people.c.number, people.c.leaf)).all():
        if name in domains:
            made = hashlib.sha256(b"sekisho campaign " + name.encode() + leaf).hexdigest()[:40]
            mine = (people.c.campaign == name, people.c.number == number)
            db.execute(update(people).where(*mine).values(known_as=f"{made}@{domains[name]}"))
