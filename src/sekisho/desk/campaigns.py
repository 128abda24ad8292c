"""Campaigns as `keep` knows them: the words, the set, where each mail stands, and what a probe says of them to the gate."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import func, select, update

from sekisho.desk import commitment, entrustments, permits, records
from sekisho.desk.campaign_look import look_over
from sekisho.desk.world import No, World
from sekisho.effects.message import message_id
from sekisho.gate.permit import Permit
from sekisho.law.campaign import LANGUAGES, Campaign, Lost, State, identity
from sekisho.law.entrustment import Action, Status
from sekisho.law.reading import read
from sekisho.law.words import Evidence, Plan, Value, VouchedBy, Voucher
from sekisho.measures.campaign import Campaign as Measure
from sekisho.store.schema import CONTACT
from sekisho.store.spec import key_id, period_of

PROBE, KIND = "campaign-table", "campaign"
R = records.CAMPAIGN_RECIPIENTS
KEPT = timedelta(days=32)
"""How long after the window recipients can still be opened: mail comes back for days, and rule 4 asks for a month."""
MISREAD = str.maketrans("018", "OIB")
"""Digits that base32 does not have, and the letters they are taken for."""
RETURN_BYTES = 21
REMEMBERED = timedelta(days=180)
GONE = re.compile(r"5\.(?:1\.\d{1,3}|2\.1|4\.4)")
"""No such mailbox or domain (RFC 3463). A full mailbox or a refused text says nothing against the address."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Standing:
    """A campaign as it was submitted, and the plan that carries it."""

    id: str
    said: Campaign
    plan: str
    entry: int | None


def get(world: World, name: str) -> Standing:
    """Raises No("unknown-campaign")."""
    row = records.one(world.db, records.CAMPAIGNS, id=name)
    if row is None or "campaign" not in records.body(row):
        raise No("unknown-campaign", campaign=name[:100])
    return Standing(row["id"], _read(bytes(row["body"])), row["plan"], row["entry"])


def every(world: World) -> Sequence[Standing]:
    """Newest first."""
    known = [r for r in records.rows(world.db, records.CAMPAIGNS) if "campaign" in records.body(r)]
    return [Standing(r["id"], _read(bytes(r["body"])), r["plan"], r["entry"]) for r in reversed(known)]


@lru_cache(maxsize=8)
def _read(body: bytes) -> Campaign:
    return read(Campaign, records.body({"body": body})["campaign"])


def living(world: World, one: Standing, now: datetime) -> Permit | None:
    """The permit it may be sent under at this moment."""
    for permit, _ in permits.living(world, now):
        if permit.measure == Measure.name and permit.scope.get("campaign") == one.id:
            return permit
    return None


def status(world: World, one: Standing, now: datetime, waiting: int) -> str:
    """submitted, approved (its window is ahead), sending, sent, stopped (its permit ended before all had gone), over."""
    permitted = living(world, one, now) is not None
    begun = records.one(world.db, records.BATCHES, campaign=one.id) is not None
    if not waiting and begun:
        return "sent"
    if now >= one.said.until:
        return "over"
    if not permitted:
        return "stopped" if _was_permitted(world, one) else "submitted"
    return "sending" if now >= one.said.since else "approved"


def _was_permitted(world: World, one: Standing) -> bool:
    return records.one(world.db, records.PERMITS, plan=one.plan) is not None


def leaves(world: World, name: str) -> tuple[bytes, ...]:
    """The set as it lies here, in its order."""
    return tuple(world.db.execute(select(R.c.leaf).where(R.c.campaign == name).order_by(R.c.number)).scalars().all())


def counts(world: World, name: str) -> Mapping[str, int]:
    """State to number of recipients; every one of the approved set is counted once."""
    found = world.db.execute(select(R.c.state, func.count()).where(R.c.campaign == name).group_by(R.c.state))
    return Counter({str(s): int(n) for s, n in found})


def losses(world: World, name: str) -> Mapping[str, int]:
    """Reason to number."""
    lost = (R.c.campaign == name, R.c.state == State.LOST.value)
    return {str(w): int(n) for w, n in world.db.execute(select(R.c.why, func.count()).where(*lost).group_by(R.c.why))}


def pseudonym(world: World, mail: str) -> str:
    """Under which an address is known here: who stopped, who was lost. Nobody without the key can try addresses."""
    return hmac.new(world.pseudonyms, b"mail recipient\x00" + mail.strip().casefold().encode(), hashlib.sha256).hexdigest()


def check_code(world: World, name: str, leaf: bytes) -> str:
    """What a receiver types to see whether a mail is genuine: 16 letters and digits, four by four."""
    raw = hmac.new(world.pseudonyms, b"mail check\x00" + name.encode() + leaf, hashlib.sha256).digest()
    code = base64.b32encode(raw[:10]).decode("ascii")
    return "-".join(code[i : i + 4] for i in range(0, 16, 4))


def stop_code(world: World, name: str, leaf: bytes) -> str:
    """What stops all mail to this one address: in the mail's header and its link, and nowhere else."""
    raw = hmac.new(world.pseudonyms, b"mail stop\x00" + name.encode() + leaf, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(raw[:18]).decode("ascii")


def return_code(world: World, name: str, number: int) -> str:
    """The code of one mail's return address: campaign and number, and 80 bits that nobody makes without the key. 34 letters."""
    said = bytes.fromhex(name.rpartition("-")[2]) + number.to_bytes(3)
    return base64.b32encode(said + _return_mac(world, said)).decode("ascii").rstrip("=").lower()


def returned_to(world: World, code: str) -> tuple[str, int] | None:
    """Campaign and number of a return code of ours; None for any other."""
    with suppress(ValueError):
        raw = base64.b32decode(code.upper() + "=" * (-len(code) % 8))
        if len(raw) == RETURN_BYTES and hmac.compare_digest(raw[11:], _return_mac(world, raw[:11])):
            return f"campaign-{raw[:8].hex()}", int.from_bytes(raw[8:11])
    return None


def _return_mac(world: World, said: bytes) -> bytes:
    return hmac.new(world.pseudonyms, b"mail return\x00" + said, hashlib.sha256).digest()[:10]


def check_code_typed(typed: str) -> str:
    """A check code as `check_code` spells it, from one typed by hand: full-width, small letters, without hyphens, 0 for O."""
    letters = "".join(c for c in unicodedata.normalize("NFKC", typed[:128]).upper() if c.isalnum())
    code = letters.translate(MISREAD)
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def digest_of(code: str) -> str:
    """How a code is looked up."""
    return hashlib.sha256(b"mail code" + code.encode()).hexdigest()


def stopped(world: World) -> set[str]:
    """Pseudonyms of those who asked for no more mail and did not take that back."""
    table = records.MAIL_STOPS
    return {str(p) for (p,) in world.db.execute(select(table.c.pseudonym).where(table.c.ended.is_(None), table.c.pseudonym.isnot(None)))}


def stops_of(world: World, who: str) -> list[dict[str, Any]]:
    """Stops of one address, oldest first: {"at", "how": one-press or page, "ended": when it was taken back, or None}."""
    said = ((r, records.body(r)) for r in records.rows(world.db, records.MAIL_STOPS, pseudonym=who))
    return [{"at": r["at"], "how": told["how"], "ended": r["ended"]} for r, told in said if "how" in told]


def bounced(world: World, now: datetime) -> set[str]:
    """Pseudonyms of addresses from which a mail of the last half year came back for good, because there is no such address.

    Mails handed out before somebody said that the address is good after all do not count.
    """
    lately = (R.c.state == State.BOUNCED.value, R.c.begun > records.stamp(now - REMEMBERED))
    rows = world.db.execute(select(R.c.pseudonym, R.c.why, R.c.begun).where(*lately)).all()
    table = records.RETURNS_ENDED
    newest = select(table.c.pseudonym, func.max(table.c.at)).group_by(table.c.pseudonym)
    ended = {str(p): str(at) for p, at in world.db.execute(newest)}
    return {str(p) for p, why, begun in rows if GONE.fullmatch(why or "") and begun > ended.get(p, "")}


def leave_out(world: World, name: str, pseudonyms: Iterable[str], why: Lost) -> int:
    """Whoever of these still waits is lost, for this reason; how many."""
    wanted, count = sorted(set(pseudonyms)), 0
    for at in range(0, len(wanted), 500):
        mine = (R.c.campaign == name, R.c.state == State.WAITING.value, R.c.pseudonym.in_(wanted[at : at + 500]))
        count += int(world.db.execute(update(R).where(*mine).values(state=State.LOST.value, why=why.value)).rowcount)
    return count


def announcement(said: Campaign) -> Mapping[str, str] | None:
    """What the public page says of it, in every language; None where it says nothing in one of them."""
    whole = set(said.announcement) == set(LANGUAGES) and all(words.strip() for words in said.announcement.values())
    return said.announcement if whole else None


def known_as(one: Standing, leaf: bytes) -> str:
    """The Message-ID of one recipient's mail."""
    return message_id(one.id, leaf, one.said.sender)


def sealed_to(world: World, name: str) -> str:
    """The name of the key that a campaign's recipients are sealed to."""
    at = read(datetime, (records.one(world.db, records.CAMPAIGNS, id=name) or {})["at"])
    return key_id(name, CONTACT, period_of(at))


def begun_is_unsure(world: World) -> None:
    """`act` starts: of what an earlier one had begun nobody knows anything, until the mail server was asked."""
    world.db.execute(update(R).where(R.c.state == State.BEGUN.value).values(state=State.UNSURE.value))


def measured(world: World, plan: Plan, now: datetime) -> Iterator[Evidence]:
    """What lies here of the campaign a plan is about, read again each time: nothing where it names none of ours."""
    named = plan.scope.get("campaign")
    if plan.measure != Measure.name or not isinstance(named, str):
        return
    try:
        one = get(world, named)
    except No:
        return
    said = one.said
    value: Mapping[str, Value] = {
        "campaign": one.id,
        "digest": identity(said),
        "recipients": commitment.root(leaves(world, one.id)),
        "persons": said.persons,
        "faults": len(look_over(said, world.settings.console.url)),
        "announced": announcement(said) is not None,
        "advertising": said.advertising,
        "training": said.training,
        "entrusted": entrusted(world, said, now),
        "stopped_left_out": not _still_waiting(world, one.id),
    }
    for purpose in sorted({s.purpose for s in plan.steps}):
        yield Evidence(KIND, value, purpose, Voucher(VouchedBy.PROBE, PROBE), now)


def entrusted(world: World, said: Campaign, now: datetime) -> bool:
    """Ours, or for a contractor whose row, and every row above it, is in force and allows mail."""
    if not said.entrustment:
        return True
    try:
        row = entrustments.get(world, said.entrustment, now)
    except No:
        return False
    line = [row, *entrustments.above(world, row, now)]
    return Action.SEND_MAIL in row.said.actions and all(s.status is Status.IN_FORCE for s in line)


def _still_waiting(world: World, name: str) -> bool:
    table = records.MAIL_STOPS
    stops = select(table.c.pseudonym).where(table.c.ended.is_(None))
    mine = (R.c.campaign == name, R.c.state == State.WAITING.value, R.c.pseudonym.in_(stops))
    return world.db.execute(select(R.c.number).where(*mine).limit(1)).first() is not None
