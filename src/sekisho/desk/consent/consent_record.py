"""Somebody's answer is written down with the very text they were shown: given or refused, once for each purpose."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sekisho.desk import consents, records
from sekisho.desk.signed_words import Answered
from sekisho.desk.signing import once, verified
from sekisho.desk.world import No, World, fresh_id
from sekisho.gate.people import OUTSIDE, Signature
from sekisho.law.canonical import canonical, digest
from sekisho.law.consent import ConsentRecord, Event, Happened, Reach
from sekisho.law.words import Role
from sekisho.ledger.entry import EntryType

MAY_RECORD = (Role.DESK, Role.HELP_DESK, Role.ENGINEER, Role.OFFICER)
LONGEST_DAYS = 3660
LONGEST_TEXT = 64 * 1024


@dataclass(frozen=True)
class RecordConsent:
    """The answer, the text as it was shown, and the signature of who took the answer."""

    answer: Answered
    shown: str
    signature: Signature


@dataclass(frozen=True)
class Recorded:
    """The consent's id; and the code for the person's receipt, which is told once and lets them see and withdraw it."""

    consent: str
    code: str


def carry_out(world: World, request: RecordConsent) -> Recorded:
    """An earlier answer of the same line for the same purpose makes room for this one."""
    said, now = request.answer, world.clock.now()
    if request.signature.person != said.by:
        raise No("signed-by-another", person=request.signature.person)
    verified(world, request.signature, said, *MAY_RECORD)
    once(world, said)
    _complete(said, request.shown)
    _of_today(world, said)
    who = consents.principal(consents.purpose_key(world, said.purpose), said.line)
    if said.at < consents.last_word(world, said.purpose, who):
        raise No("waited-too-long", at=said.at.isoformat())
    for row in consents.rows_of(world, said.purpose, now, who):
        consents.end(world, row, Event(Happened.REPLACED, now, said.party.value))
    record = _record(said, who, now)
    notice = _notice(world, record, request.shown, now)
    code = secrets.token_hex(16)
    _keep(world, record, notice, code, request.signature, now)
    return Recorded(record.id, code)


def _complete(said: Answered, shown: str) -> None:
    """Raises No: what was shown is not the text named, or the answer leaves something out."""
    if len(shown) > LONGEST_TEXT or hashlib.sha256(shown.encode()).hexdigest() != said.notice.digest:
        raise No("another-text", notice=said.notice.id)
    if said.party not in OUTSIDE:
        raise No("no-party", party=said.party.value)
    if not 0 < said.days <= LONGEST_DAYS:
        raise No("no-term")
    named = (said.line, said.purpose, said.notice.id, said.notice.version, said.notice.language)
    if not all(n.strip() for n in named) or not all((said.sides, said.acts, said.elements, said.audience)):
        raise No("answer-incomplete")


def _of_today(world: World, said: Answered) -> None:
    """Raises No("text-overtaken"): who agrees to a text that is another one now is shown today's. A no needs no text."""
    counts = consents.version_in_force(world, said.notice.id)
    if said.given and counts is not None and counts["version"] != said.notice.version:
        raise No("text-overtaken", notice=said.notice.id, version=counts["version"], shown=said.notice.version)


def _record(said: Answered, who: str, now: datetime) -> ConsentRecord:
    return ConsentRecord(
        id=fresh_id("consent"),
        principal=who,
        party=said.party,
        sides=said.sides,
        reach=said.reach,
        acts=said.acts,
        elements=said.elements,
        purposes=frozenset({said.purpose}),
        audience=said.audience,
        notice=said.notice,
        way=said.way,
        days=said.days,
        until=now + timedelta(days=said.days),
        default_off=said.default_off,
        refusal_free=said.refusal_free,
        withdrawable=said.withdrawable,
        switch_test=said.switch_test,
        parity=said.parity,
        survey=said.survey,
        events=(Event(Happened.GIVEN if said.given else Happened.REFUSED, now, said.party.value),),
    )


def _notice(world: World, record: ConsentRecord, shown: str, now: datetime) -> str:
    """What was shown, kept once: the text, and what it asks for as evidence. The digest of both."""
    value = {k: v for k, v in record.value(others_left_out=False).items() if k != "others_left_out"}
    body = canonical({"notice": record.notice, "value": value, "reach": record.reach, "shown": shown})
    identity = digest({"notice": record.notice, "value": value, "reach": record.reach})
    if records.one(world.db, records.NOTICES, id=identity) is None:
        records.add(world.db, records.NOTICES, body, now, id=identity)
        key = {"id": identity}
        world.write(EntryType.NOTICE_SHOWN, body, ids={"text": identity}, at=now, table=records.NOTICES, key=key)
    return identity


def _keep(world: World, record: ConsentRecord, notice: str, code: str, signature: Signature, now: datetime) -> None:
    sealed = consents.seal(world, record.id, {"record": record, "signature": signature})
    body = canonical({"consent": record.id, "notice": notice, "sealed": sealed})
    (purpose,) = record.purposes
    state = record.events[0].what
    live = record.reach is Reach.INDIVIDUAL or state is not Happened.GIVEN
    columns = {
        "notice": notice,
        "purpose": purpose,
        "principal": record.principal,
        "state": state.value if live else Reach.BLANKET.value,
        "until": records.stamp(record.until),
        "code": hashlib.sha256(code.encode()).hexdigest(),
    }
    records.add(world.db, records.CONSENTS, body, now, id=record.id, **columns)
    key = {"id": record.id}
    world.write(EntryType.CONSENT, body, ids={"consent": record.id}, at=now, table=records.CONSENTS, key=key)
