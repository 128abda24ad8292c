"""Masked talks as `keep` knows them: the two sides, sealed, what both agreed to, and what a probe says of them to the gate.

Who agreed is asked of the consents each time, not remembered: a talk that one of them took back is none from the next mail on.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import false, func, select, update

from sekisho.desk import campaigns, consents, invitations, permits, records
from sekisho.desk.consents import KIND as CONSENT
from sekisho.desk.consents import PROBE as CONSENT_PROBE
from sekisho.desk.world import No, World
from sekisho.gate.permit import Permit, SignedPermit
from sekisho.law.canonical import digest
from sekisho.law.consent import ConsentRecord
from sekisho.law.question import Question
from sekisho.law.reading import read
from sekisho.law.talk import LONGEST_KEPT_DAYS, SIDES, State
from sekisho.law.words import Evidence, Plan, Value, VouchedBy, Voucher
from sekisho.measures.masked_talk import PURPOSE
from sekisho.measures.masked_talk import MaskedTalk as Measure
from sekisho.store.schema import CONTACT
from sekisho.store.seal import WRAPPED, open_note
from sekisho.store.spec import key_id, period_of

PROBE, KIND = "talk-table", "talk"
KEPT = timedelta(days=LONGEST_KEPT_DAYS)
BEGINS = "t-"
ALIAS = re.compile(rf"{BEGINS}[0-9a-f]{{16}}")
"""The local part of an alias."""
WAYS = ("writer", "reader")
"""How the case book calls the two: with each mail they change places."""


@dataclass(frozen=True)
class Standing:
    """A talk, the invitation both answered, and the plan that carries it. `aliases`: local parts, in the order of the sides."""

    id: str
    campaign: str
    plan: str
    until: datetime
    at: datetime
    givers: tuple[str, ...]
    aliases: tuple[str, ...]
    box: bytes

    @property
    def key(self) -> str:
        """The name of the key that both people and every mail are sealed to."""
        return key_id(self.id, CONTACT, period_of(self.at))

    @property
    def kept(self) -> datetime:
        """Until when that key lives."""
        return self.until + KEPT


def get(world: World, name: str) -> Standing:
    """Raises No("unknown-talk")."""
    row = records.one(world.db, records.TALKS, id=name)
    if row is None or row["boxes"] is None:
        raise No("unknown-talk", talk=name[:100])
    return _of(row)


def _of(row: Mapping[str, Any]) -> Standing:
    until, at = read(datetime, row["until"]), read(datetime, row["at"])
    givers, aliases = tuple(row["givers"].split()), tuple(row["aliases"].split())
    return Standing(row["id"], row["campaign"], row["plan"], until, at, givers, aliases, bytes(row["boxes"]))


def every(world: World) -> Sequence[Standing]:
    """Newest first."""
    return [_of(r) for r in reversed(records.rows(world.db, records.TALKS)) if r["boxes"] is not None]


def met_at(world: World, alias: str) -> tuple[Standing, int] | None:
    """The talk in which somebody is known by this local part, and which side that is."""
    found = _known_by(world, alias)
    return (one := _of(found[0]), one.aliases.index(alias)) if found else None


def _known_by(world: World, alias: str) -> Sequence[Mapping[str, Any]]:
    """Every talk in which somebody is."""
    table = records.TALKS
    mine = table.c.aliases.contains(alias) if ALIAS.fullmatch(alias) else false()
    return [dict(row) for row in world.db.execute(select(table).where(mine)).mappings()]


def question(world: World, campaign: str) -> Question:
    """What the two of an invitation were asked. Raises No: unknown-question, not-a-talk."""
    try:
        said = campaigns.get(world, campaign).said
    except No:
        raise No("unknown-question", question=campaign[:100]) from None
    if said.asks is None or said.asks.purpose != PURPOSE or said.persons != SIDES or said.training:
        raise No("not-a-talk", question=campaign)
    return said.asks


def agreed_text(campaign: str, asks: Question) -> str:
    """What both must have agreed to: this question in every language, of this invitation and no other."""
    return digest({"masked talk": campaign, "asked": asks})


def agreed(world: World, campaign: str, givers: Iterable[str], now: datetime) -> list[ConsentRecord | None]:
    """Each side's living answer to this very invitation, in the words it was asked in."""
    asks = question(world, campaign)
    return [_answer(world, campaign, asks, giver, now) for giver in givers]


def _answer(world: World, campaign: str, asks: Question, giver: str, now: datetime) -> ConsentRecord | None:
    for row in consents.rows_of(world, PURPOSE, now, giver):
        record = consents.of(world, row)
        shown = invitations.shown(world, asks, record.notice.language) if record.notice.language in asks.agreed else ""
        same = record.notice.digest == hashlib.sha256(shown.encode()).hexdigest()
        if record.asked == campaign and same and record.live(now):
            return record
    return None


def receipt(world: World, one: Standing, side: int, now: datetime) -> str:
    """The code of one side's receipt: with it they end the talk. Empty where they have ended it."""
    record = _answer(world, one.campaign, question(world, one.campaign), one.givers[side], now)
    if record is None:
        return ""
    known = consents.get(world, record.id)["code"]
    codes = (invitations.receipt(world, record.code, serial) for serial in range(invitations.MOST_ANSWERS))
    return next((code for code in codes if hashlib.sha256(code.encode()).hexdigest() == known), "")


def permitted(world: World, one: Standing, now: datetime) -> tuple[Permit, SignedPermit]:
    """The permit it goes on under at this moment. Raises No: talk-over, consent-gone, no-permit."""
    if now >= one.until:
        raise No("talk-over", until=one.until.isoformat())
    if None in agreed(world, one.campaign, one.givers, now):
        raise No("consent-gone", talk=one.id)
    for permit, signed in permits.living(world, now):
        if permit.measure == Measure.name and permit.scope.get("talk") == one.id and signed.proof:
            return permits.genuine(world, permit.id, now), signed
    raise No("no-permit", talk=one.id)


def state(world: World, one: Standing, now: datetime) -> str:
    """open, waiting (for its permit), withdrawn (one of them took it back), stopped (its permit ended before it) or over."""
    try:
        permitted(world, one, now)
    except No as no:
        if no.code == "no-permit":
            return "stopped" if records.one(world.db, records.PERMITS, plan=one.plan) else "waiting"
        return "over" if no.code == "talk-over" else "withdrawn"
    return "open"


def measured(world: World, plan: Plan, now: datetime) -> Iterator[Evidence]:
    """What lies here of the talk a plan is about, and what its two sides agreed to: nothing where it names none of ours."""
    named = plan.scope.get("talk")
    if plan.measure != Measure.name or not isinstance(named, str):
        return
    try:
        one = get(world, named)
        asks = question(world, one.campaign)
    except No:
        return
    text = agreed_text(one.campaign, asks)
    value: Mapping[str, Value] = {
        "talk": one.id,
        "agreed_text": text,
        "sides": len(set(one.givers)),
        "own_words_only": True,
        "held_for_a_person": True,
        "aliases_apart": _apart(world, one),
        "entrusted": campaigns.entrusted(world, campaigns.get(world, one.campaign).said, now),
    }
    yield Evidence(KIND, value, PURPOSE, Voucher(VouchedBy.PROBE, PROBE), now)
    answers = agreed(world, one.campaign, one.givers, now)
    if given := [record for record in answers if record is not None]:
        ways = tuple(sorted(way for way, record in zip(WAYS, answers, strict=True) if record is not None))
        yield Evidence(CONSENT, _both(given, ways, text), PURPOSE, Voucher(VouchedBy.PROBE, CONSENT_PROBE), now)


def _both(given: Sequence[ConsentRecord], ways: tuple[str, ...], text: str) -> Mapping[str, Value]:
    """What all of them agreed to: no more than whoever agreed to least."""
    values = [record.value(others_left_out=True) for record in given]
    least: dict[str, Value] = dict(values[0])
    for name in ("elements", "purposes", "audience"):
        least[name] = tuple(sorted(set.intersection(*({*_words(v.get(name))} for v in values))))
    for name in ("default_off", "refusal_free", "withdrawable"):
        least[name] = all(v.get(name) is True for v in values)
    return {**least, "sides": ways, "text": text, "days": min(record.days for record in given)}


def _words(value: Value | None) -> tuple[str, ...]:
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, tuple) else ()


def _apart(world: World, one: Standing) -> bool:
    """Nobody is known by one name twice."""
    return len(set(one.aliases)) == SIDES and all(len(_known_by(world, alias)) == 1 for alias in one.aliases)


def counts(world: World, name: str) -> Mapping[str, int]:
    """State to how many of its mails."""
    table = records.TALK_MAILS
    found = world.db.execute(select(table.c.state, func.count()).where(table.c.talk == name).group_by(table.c.state))
    return {str(s): int(n) for s, n in found}


def opened(world: World, key: str, box: bytes) -> bytes:
    """What a box holds, opened with its own key. Raises StoreError."""
    released = world.vault.unwrap(key, box[4 : 4 + WRAPPED])
    return open_note(lambda _key, _wrapped: released, key, box)


def begun_is_unsure(world: World) -> None:
    """`act` starts: of what an earlier one had begun nobody knows anything, until the mail server was asked."""
    table = records.TALK_MAILS
    world.db.execute(update(table).where(table.c.state == State.BEGUN.value).values(state=State.UNSURE.value))
