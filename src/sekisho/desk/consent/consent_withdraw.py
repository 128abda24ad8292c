"""A consent ends: withdrawn by its giver or for them, over by its term, or overtaken by another text. The next read finds it gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, select, update

from sekisho.desk import consents, records
from sekisho.desk.signed_words import ConsentEnd, NoticeChanged
from sekisho.desk.signing import signed_now
from sekisho.desk.world import No, World
from sekisho.gate.people import Signature
from sekisho.law.canonical import canonical
from sekisho.law.consent import Event, Happened
from sekisho.law.words import Role
from sekisho.ledger.entry import EntryType

MAY_END = (Role.DESK, Role.HELP_DESK, Role.ENGINEER, Role.REVIEWER, Role.OFFICER, Role.WINDOW)
MOST = 5_000
AT_ONCE = 1_000
"""Consents to an overtaken text that are written down in one turn: nobody else waits long for it."""


@dataclass(frozen=True)
class WithdrawConsent:
    """The words and the signature over them."""

    ending: ConsentEnd
    signature: Signature


@dataclass(frozen=True)
class WithdrawMyConsent:
    """The giver's own withdrawal, by the code of their receipt."""

    code: str


@dataclass(frozen=True)
class ChangeNotice:
    """The words and the signature over them."""

    change: NoticeChanged
    signature: Signature


@dataclass(frozen=True)
class Lapse:
    """Asked by `keep` itself, every minute."""


@dataclass(frozen=True)
class ConsentsOver:
    """The consents that ended. `left`: so many more ended too, and are written down in the next minutes."""

    consents: tuple[str, ...]
    left: int = 0


def carry_out(world: World, request: WithdrawConsent) -> ConsentsOver:
    said, now = request.ending, world.clock.now()
    signed_now(world, request.signature, said, *MAY_END)
    if not said.reason.strip():
        raise No("no-reasons")
    row = consents.get(world, said.consent)
    _must_live(row)
    more = {"words": said, "signature": request.signature}
    consents.end(world, row, Event(Happened.WITHDRAWN, now, said.by), more)
    return ConsentsOver((row["id"],))


def mine(world: World, request: WithdrawMyConsent) -> ConsentsOver:
    row = consents.by_code(world, request.code)
    _must_live(row)
    consents.end(world, row, Event(Happened.WITHDRAWN, world.clock.now(), consents.of(world, row).party.value))
    return ConsentsOver((row["id"],))


def change_notice(world: World, request: ChangeNotice) -> ConsentsOver:
    said, now = request.change, world.clock.now()
    signed_now(world, request.signature, said, Role.OFFICER, Role.DESK)
    older = [r["id"] for r in records.rows(world.db, records.NOTICES) if _older(records.body(r).get("notice"), said)]
    _remember(world, request, now)
    table = records.CONSENTS
    overtaken = update(table).where(table.c.notice.in_(older), table.c.state == Happened.GIVEN.value)
    world.db.execute(overtaken.values(state=Happened.NOTICE_CHANGED.value))
    waiting = world.db.execute(select(func.count()).select_from(_unsaid().subquery())).scalar_one()
    ended = _written_down(world, now)
    return ConsentsOver(ended, waiting - len(ended))


def _remember(world: World, request: ChangeNotice, now: datetime) -> None:
    """From now on only this version counts; the same row says who ended what is still to be written down, whatever restart comes."""
    said, table = request.change, records.NOTICE_VERSIONS
    key = {"id": consents.version_key(said.notice)}
    world.db.execute(delete(table).where(table.c.id == key["id"]))
    body = canonical({"words": said, "signature": request.signature})
    records.add(world.db, table, body, now, **key, version=said.version)
    world.write(EntryType.NOTICE_CHANGED, body, ids={"text": key["id"]}, at=now, table=table, key=key)


def _written_down(world: World, now: datetime) -> tuple[str, ...]:
    """Consents to overtaken texts count for nothing at once; what happened is written beside so many of them in one turn."""
    found = [dict(r) for r in world.db.execute(_unsaid().limit(AT_ONCE)).mappings()]
    for row in found:
        said = _why(world, row)
        consents.end(world, row, Event(Happened.NOTICE_CHANGED, now, said.get("words", {}).get("by", "keep")), said)
    return tuple(r["id"] for r in found)


def _unsaid() -> Select[Any]:
    """Consents that an overtaken text ended and whose end is not written down yet."""
    table, later = records.CONSENTS, records.CONSENT_EVENTS
    said = select(later.c.consent)
    return select(table).where(table.c.state == Happened.NOTICE_CHANGED.value, table.c.id.notin_(said)).order_by(table.c.id)


def _why(world: World, row: consents.Row) -> dict[str, Any]:
    shown = records.one(world.db, records.NOTICES, id=row["notice"])
    counts = consents.version_in_force(world, records.body(shown)["notice"]["id"]) if shown else None
    return dict(records.body(counts)) if counts else {}


def lapse(world: World, _request: Lapse) -> ConsentsOver:
    """Consents that counted for nothing any more, written down now: those whose term is over, and those to an overtaken text.

    None with a jumped clock.
    """
    now = world.clock.now()
    if world.clock.jump is not None:
        return ConsentsOver(())
    table = records.CONSENTS
    over = select(table).where(table.c.state == Happened.GIVEN.value, table.c.until <= records.stamp(now)).limit(MOST)
    found = [dict(r) for r in world.db.execute(over).mappings()]
    for row in found:
        consents.end(world, row, Event(Happened.EXPIRED, now, "keep"))
    return ConsentsOver((*(r["id"] for r in found), *_written_down(world, now)))


def _must_live(row: consents.Row) -> None:
    if row["state"] != Happened.GIVEN.value:
        raise No("consent-over", consent=row["id"], state=row["state"])


def _older(notice: object, said: NoticeChanged) -> bool:
    return isinstance(notice, dict) and notice["id"] == said.notice and notice["version"] != said.version
