"""A consent ends: withdrawn by its giver or for them, over by its term, or overtaken by another text. The next read finds it gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from sekisho.desk import consents, records
from sekisho.desk.signing import once, verified
from sekisho.desk.world import No, World
from sekisho.gate.people import Signature
from sekisho.law.consent import Event, Happened
from sekisho.law.words import Role

MAY_END = (Role.DESK, Role.HELP_DESK, Role.ENGINEER, Role.REVIEWER, Role.OFFICER, Role.WINDOW)
MOST = 5_000


@dataclass(frozen=True)
class ConsentEnd:
    """A named person writes down that the giver withdrew (by telephone, at the window). `what` is withdrawn."""

    consent: str
    reason: str
    by: str
    at: datetime


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
class NoticeChanged:
    """The text with this id is another one now: whoever agreed to an older version has not agreed to what is done today."""

    notice: str
    version: str
    by: str
    at: datetime


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
    """The consents that ended."""

    consents: tuple[str, ...]


def carry_out(world: World, request: WithdrawConsent) -> ConsentsOver:
    said, now = request.ending, world.clock.now()
    if request.signature.person != said.by:
        raise No("signed-by-another", person=request.signature.person)
    verified(world, request.signature, said, *MAY_END)
    once(world, said)
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
    if request.signature.person != said.by:
        raise No("signed-by-another", person=request.signature.person)
    verified(world, request.signature, said, Role.OFFICER, Role.DESK)
    once(world, said)
    older = [r["id"] for r in records.rows(world.db, records.NOTICES) if _older(records.body(r).get("notice"), said)]
    ended = []
    for notice in older:
        for row in records.rows(world.db, records.CONSENTS, notice=notice, state=Happened.GIVEN.value):
            consents.end(world, row, Event(Happened.NOTICE_CHANGED, now, said.by), {"words": said, "signature": request.signature})
            ended.append(row["id"])
    return ConsentsOver(tuple(ended))


def lapse(world: World, _request: Lapse) -> ConsentsOver:
    """Consents whose term is over; they counted for nothing from that instant on, now it is written down. None with a jumped clock."""
    now = world.clock.now()
    if world.clock.jump is not None:
        return ConsentsOver(())
    table = records.CONSENTS
    over = select(table).where(table.c.state == Happened.GIVEN.value, table.c.until <= records.stamp(now)).limit(MOST)
    found = [dict(r) for r in world.db.execute(over).mappings()]
    for row in found:
        consents.end(world, row, Event(Happened.EXPIRED, now, "keep"))
    return ConsentsOver(tuple(r["id"] for r in found))


def _must_live(row: consents.Row) -> None:
    if row["state"] != Happened.GIVEN.value:
        raise No("consent-over", consent=row["id"], state=row["state"])


def _older(notice: object, said: NoticeChanged) -> bool:
    return isinstance(notice, dict) and notice["id"] == said.notice and notice["version"] != said.version
