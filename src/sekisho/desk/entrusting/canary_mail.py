"""A mail came to one of our own: in which list did that address stand, who was given that list, and did we approve the mail?

Each of our own stands in one hand-over alone, so one mail that nobody approved names the party it leaked from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from sekisho.desk import campaigns, entrustments, records
from sekisho.desk.campaigns import R
from sekisho.desk.entrusting import handed
from sekisho.desk.entrusting.hand_over_cut import CANARY
from sekisho.desk.naming import name_key, named, same
from sekisho.desk.world import No, World, fresh_id
from sekisho.law.canonical import canonical
from sekisho.law.entrustment import DIGEST
from sekisho.ledger.entry import EntryType
from sekisho.wire import mail_shown

LONGEST = 320
MOST = 100
"""So many mails are entered for one hand-over: whoever knows the address cannot fill the ledger with it."""
HOST = re.compile(r"(?:[A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}")


@dataclass(frozen=True)
class CanaryMail:
    """`who` it was delivered to; its Message-ID without brackets; the domain it says it is from; the SHA-256 of all its bytes."""

    who: str
    message_id: str
    domain: str
    mail: str


def of(who: str, raw: bytes) -> CanaryMail:
    """What is asked of `keep` about a mail: nothing of its text leaves this machine."""
    said = mail_shown.ADDRESS.findall(mail_shown.header(raw, "from"))
    known = mail_shown.header(raw, "message-id").strip().strip("<>")[:LONGEST]
    return CanaryMail(who, known, said[0].rpartition("@")[2] if said else "", sha256(raw).hexdigest())


def carry_out(world: World, request: CanaryMail) -> Mapping[str, Any]:
    """{"known": whether it is one of our own that was handed over, "explained": whether an approved campaign sent it there,
    "hand_over", "entrustment", "to": the party}. Raises No("not-a-mail").
    """
    domain = request.domain if HOST.fullmatch(request.domain) else ""
    if not 0 < len(request.who) <= LONGEST or not DIGEST.fullmatch(request.mail) or len(request.message_id) > LONGEST:
        raise No("not-a-mail")
    person = named(name_key(world), same(request.who))
    row = records.one(world.db, records.HANDED_PEOPLE, person=person, why=CANARY)
    if row is None:
        return {"known": False, "explained": False, "hand_over": "", "entrustment": "", "to": ""}
    given, now = handed.get(world, row["handover"]), world.clock.now()
    one = entrustments.get(world, given["entrustment"], now)
    explained = _approved(world, request, one.id)
    if not explained:
        _enter(world, given["id"], {"person": person, "from": domain, "mail": request.mail})
    return {"known": True, "explained": explained, "hand_over": given["id"], "entrustment": one.id, "to": one.said.party}


def _approved(world: World, request: CanaryMail, entrustment: str) -> bool:
    """Whether a campaign of this row, or one of our own accord, sent this very mail to this very address."""
    mine = (R.c.known_as == request.message_id, R.c.pseudonym == campaigns.pseudonym(world, request.who))
    found = world.db.execute(select(R.c.campaign).where(*mine)).scalar() if request.message_id else None
    return found is not None and campaigns.get(world, str(found)).said.entrustment in ("", entrustment)


def _enter(world: World, hand_over: str, said: Mapping[str, str]) -> None:
    """Once for each mail."""
    known = [records.body(r) for r in records.rows(world.db, records.CANARY_MAILS, handover=hand_over)]
    if len(known) >= MOST or any(k.get("mail") == said["mail"] and k.get("person") == said["person"] for k in known):
        return
    now, identity = world.clock.now(), fresh_id("canary")
    body = canonical({"canary": identity, "handover": hand_over, **said})
    records.add(world.db, records.CANARY_MAILS, body, now, id=identity, handover=hand_over)
    ids = {"canary": identity, "handover": hand_over}
    world.write(EntryType.CANARY_MAIL, body, ids=ids, at=now, table=records.CANARY_MAILS, key={"id": identity})
