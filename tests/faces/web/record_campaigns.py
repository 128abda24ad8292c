"""Makes `recorded/campaigns.json`, `replies.json` and `admissions.json`: what a real desk says of its campaigns, of what people wrote back
and of contractors' people, in the hour of the other recordings.

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
from sekisho.law.reply import AnswerReply, Ending
from tests.desk import contracting, mailing
from tests.desk.office import Office
from tests.desk.test_replies import came, closed, mails, opened, reply
from tests.faces.web.record import FOLDER, NOW
from tests.faces.web.record_envelopes import tidied

RANDOM = re.compile(r"\b(campaign|permit|person|plan|reply|admission|handin|entrustment|order)-[0-9a-f]{16}\b")
MINUTE = timedelta(minutes=1)


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        office = Office(Path(home) / "office")
        office.watch.at = NOW - timedelta(hours=2)
        found = {"campaigns": told(office.found()), "replies": replied(office), "admissions": admitted(office)}
        found = tidied(office, found, RANDOM)
        office.close()
    for name, said in found.items():
        (FOLDER / f"{name}.json").write_text(json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


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
    return {"list": listed, "each": {c["id"]: mailing.shown(office, c["id"]) for c in listed}}


def replied(office: Office) -> dict[str, Any]:
    """One nobody read, one that was read and whose answer waits, one settled; and the read one as its reader sees it."""
    mailing.may_tell(office, "reply-answer")
    names = []
    for message_id, _ in mails(office)[:3]:
        office.watch.wind(seconds=40)
        raw = reply(message_id, Subject="Re: 2027年大会：荷物の預け方")
        names.append(str(came(office, raw)["reply"]))
    read = opened(office, names[0])
    answered(office, names[0])
    opened(office, names[1])
    closed(office, names[1], ending=Ending.NOTHING_ASKED)
    return {"list": office.terminal.call("replies"), "read": read}


def answered(office: Office, name: str) -> None:
    office.watch.wind(seconds=1)
    said = AnswerReply(name, "はい、リードをつけてお越しください。", office.keys["desk"].person, office.watch.at)
    office.terminal.call("answer-reply", answer=said, signature=office.keys["desk"].sign(said))


def admitted(office: Office) -> list[dict[str, Any]]:
    """One that handed in a mailing, and one that names somebody of its set; one that was shut."""
    row = contracting.agency(office)
    made = contracting.admit(office, row, mailing.people(12), person="桜井 真")
    contracting.hand_in(office, made["token"], name="整列のご案内")
    texts = {k: {**t, "plain": f"{mailing.people(12)[3].name}\n{t['plain']}"} for k, t in contracting.TEXTS.items()}
    contracting.hand_in(office, made["token"], name="表彰式のご案内", texts=texts)
    contracting.shut(office, contracting.admit(office, row, mailing.people(3), person="樫村 徹")["admission"])
    return list(office.terminal.call("admissions"))


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
