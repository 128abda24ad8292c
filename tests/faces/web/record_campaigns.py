"""Makes `recorded/campaigns.json`: what a real desk says of its campaigns, in the hour of the other recordings.

Run `python -m tests.faces.web.record_campaigns` after the shape of these answers changed, and read the difference.
"""

from __future__ import annotations

import json
import re
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from sekisho.desk.outside import KeepSaidNo
from sekisho.law.campaign import Loss, Lost
from tests.desk import mailing
from tests.desk.office import Office
from tests.faces.web.record import FOLDER, NOW
from tests.faces.web.record_envelopes import tidied

RANDOM = re.compile(r"\b(campaign|permit|person|plan)-[0-9a-f]{16}\b")
MINUTE = timedelta(minutes=1)


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        office = Office(Path(home) / "office")
        office.watch.at = NOW - timedelta(hours=2)
        found = told(office.found())
        office.close()
    (FOLDER / "campaigns.json").write_text(json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def told(office: Office) -> dict[str, Any]:
    """One under way, with mails of every fate and somebody left out; one that was stopped; one that waits for its approval."""
    stopped = mailing.approved(office, people=mailing.people(4))
    office.withdraw(stopped["permit"])
    sent = mailing.approved(office, people=mailing.people(12), per_minute=8, name="2027年大会：荷物の預け方")["campaign"]
    mail = office.channel("act")
    batch = mail.call("take-batch", campaign=sent)
    fates = ["accepted"] * 5 + ["refused", "unknown", "unknown"]
    done = [{"number": p["number"], "outcome": fate, "reply": 0} for p, fate in zip(batch["people"], fates, strict=True)]
    mail.call("batch-done", campaign=sent, batch=batch["id"], sent=done)
    doubts = mail.call("unsure-mails")["people"]
    said = [{"campaign": sent, "number": d["number"], "said": fate} for d, fate in zip(doubts, ("accepted", "unknown"), strict=True)]
    mail.call("settle-mails", verdicts=said)
    for person in mailing.people(12):
        left_out(office, sent, person.mail, Lost.WITHDRAWN)
    mailing.submit(office, name="2027年大会：記録証のご案内", since=NOW + MINUTE, until=NOW + timedelta(days=3))
    listed = office.terminal.call("campaigns")
    return dict(tidied(office, {"list": listed, "each": {c["id"]: mailing.shown(office, c["id"]) for c in listed}}, RANDOM))


def left_out(office: Office, campaign: str, mail: str, why: Lost) -> None:
    """The first who still waits is; the others are told that it is too late, or not asked any more."""
    counts = mailing.shown(office, campaign)
    if counts["lost"]:
        return
    office.watch.wind(seconds=1)
    who, key = office.terminal.call("who-is-recipient", mail=mail)["recipient"], office.keys["desk"]
    loss = Loss(campaign, who, why, key.person, office.watch.at)
    try:
        office.terminal.call("lose-recipient", loss=loss, signature=key.sign(loss))
    except KeepSaidNo as no:
        if no.code != "too-late":
            raise


if __name__ == "__main__":
    main()
