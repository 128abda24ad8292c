"""How an answer becomes a record: sealed, with the very text that was shown, in the ledger; whoever took it, or typed by its giver."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sekisho.desk import consents, records
from sekisho.desk.signed_words import Answered
from sekisho.desk.world import No, World, fresh_id
from sekisho.gate.people import Signature
from sekisho.law.canonical import canonical, digest
from sekisho.law.consent import ConsentRecord, Event, Happened, Reach
from sekisho.ledger.entry import EntryType


def must_be_of_today(world: World, said: Answered) -> None:
    """Raises No("text-overtaken"): who agrees to a text that is another one now is shown today's. A no needs no text."""
    counts = consents.version_in_force(world, said.notice.id)
    if said.given and counts is not None and counts["version"] != said.notice.version:
        raise No("text-overtaken", notice=said.notice.id, version=counts["version"], shown=said.notice.version)


def made(said: Answered, who: str, now: datetime) -> ConsentRecord:
    """The record of an answer; `who`: the giver's pseudonym for this purpose."""
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


def write(
    world: World, record: ConsentRecord, shown: str, code: str, signature: Signature | None, to: tuple[str, bytes] | None = None
) -> None:
    """Seal it, and write it down. An earlier answer of the same person for the same purpose makes room for it.

    `code`: of the receipt; `signature`: whose word it is that it was given, None where the giver typed it; `to`: the key it is sealed to
    where it goes with an event, by its name.
    """
    (purpose,), now = record.purposes, record.events[0].at
    for row in consents.rows_of(world, purpose, now, record.principal):
        consents.end(world, row, Event(Happened.REPLACED, now, record.party.value))
    notice = _notice(world, record, shown, now)
    named, secret = to or ("", b"")
    sealed = consents.seal(world, record.id, {"record": record, "signature": signature}, secret)
    body = canonical({"consent": record.id, "notice": notice, "sealed": sealed, **({"key": named} if to else {})})
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
