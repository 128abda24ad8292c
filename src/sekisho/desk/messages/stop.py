"""Somebody stops all mail of campaigns to their address, or takes that back, by the codes of one mail. Nobody is asked who they are.

One press (RFC 8058) needs the link's code alone. Mail programs send it, and filters that try every link do too: so that person is told once
(`tell`), sees it, and takes it back. The page asks for the check code as well, which stands in the text and in no link. An unknown code is
answered like a known one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from sekisho.desk import campaigns, records
from sekisho.desk.campaigns import R
from sekisho.desk.messages import tell
from sekisho.desk.world import World, fresh_id
from sekisho.law.campaign import Lost, State
from sekisho.law.canonical import canonical
from sekisho.ledger.entry import EntryType

S = records.MAIL_STOPS
ONE_PRESS = "one-press"
MOST_AGAIN = 5
"""So often a day one address takes a stop back: whoever has the codes cannot fill the ledger with it. To stop is never refused."""
DAY = timedelta(days=1)


@dataclass(frozen=True)
class OnePress:
    """The code in the mail's List-Unsubscribe header."""

    code: str


@dataclass(frozen=True)
class StopMine:
    """`code`: of the link; `typed`: the check code that stands in the text of the same mail, as somebody typed it."""

    code: str
    typed: str


@dataclass(frozen=True)
class MailAgain:
    """The same two: a stop is taken back, whoever made it."""

    code: str
    typed: str


@dataclass(frozen=True)
class Replied:
    """Somebody answered the mail that told them of a stop, by the word it asks for: its check code."""

    code: str


@dataclass(frozen=True)
class HowItStands:
    """The same two."""

    code: str
    typed: str


def one_press(world: World, request: OnePress) -> Mapping[str, bool]:
    """{"ok": true}, whatever the code."""
    found = _of(world, R.c.stopped_by == campaigns.digest_of(request.code))
    return _stopped(world, found, ONE_PRESS)


def mine(world: World, request: StopMine) -> Mapping[str, bool]:
    """{"ok": true}, whatever the codes."""
    return _stopped(world, _of_both(world, request), "page")


def again(world: World, request: MailAgain) -> Mapping[str, bool]:
    """{"ok": true}, whatever the codes. Who was left out of a campaign meanwhile stays out: its set only shrinks."""
    if found := _of_both(world, request):
        _taken_back(world, found)
    return {"ok": True}


def replied(world: World, request: Replied) -> Mapping[str, bool]:
    """{"undone"}: a stop made by one press is taken back, by the code in the subject of the mail that told it. For our own mail server."""
    found = _of(world, R.c.checked_by == campaigns.digest_of(campaigns.check_code_typed(request.code)))
    told = found and any(r["ended"] is None and records.body(r).get("told") for r in _rows(world, found["pseudonym"]))
    return {"undone": bool(found and told and _taken_back(world, found))}


def _taken_back(world: World, found: Mapping[str, Any]) -> bool:
    """Every living stop of this address, where it was not done too often; whether it was."""
    now = world.clock.now()
    rows = _rows(world, found["pseudonym"])
    living = [r["id"] for r in rows if r["ended"] is None]
    lately = [r for r in rows if "again" in records.body(r) and r["at"] > records.stamp(now - DAY)]
    if living and len(lately) < MOST_AGAIN:
        world.db.execute(update(S).where(S.c.id.in_(living)).values(ended=records.stamp(now)))
        _write(world, fresh_id("stop"), found["pseudonym"], {"again": living}, now, ended=records.stamp(now))
        return True
    return False


def stands(world: World, request: HowItStands) -> Mapping[str, Any]:
    """{"stops": [{"at", "how": one-press or page, "ended"}]}, oldest first; none for codes that nobody knows."""
    found = _of_both(world, request)
    return {"stops": campaigns.stops_of(world, found["pseudonym"]) if found else []}


def _stopped(world: World, found: Mapping[str, Any] | None, how: str) -> Mapping[str, bool]:
    """From now on; whoever waits in any campaign is left out at once. Stopped twice is stopped once."""
    if found is None or any(r["ended"] is None for r in _rows(world, found["pseudonym"])):
        return {"ok": True}
    who, now, name = found["pseudonym"], world.clock.now(), fresh_id("stop")
    told = bool(how == ONE_PRESS and tell.ask(world, name, found, now))
    _write(world, name, who, {"how": how, "campaign": found["campaign"], "told": told}, now, ended=None)
    waiting = select(R.c.campaign).where(R.c.pseudonym == who, R.c.state == State.WAITING.value)
    for (name,) in world.db.execute(waiting).all():
        campaigns.leave_out(world, name, [who], Lost.STOPPED)
    return {"ok": True}


def _write(world: World, name: str, who: str, said: Mapping[str, Any], now: datetime, ended: str | None) -> None:
    body = canonical({"stop": name, **said})
    records.add(world.db, S, body, now, id=name, pseudonym=who, ended=ended)
    world.write(EntryType.MAIL_STOPPED, body, ids={"stop": name}, at=now, table=S, key={"id": name})


def _of_both(world: World, request: StopMine | MailAgain | HowItStands) -> Mapping[str, Any] | None:
    """The recipient whose one mail holds both codes."""
    link, typed = campaigns.digest_of(request.code), campaigns.digest_of(campaigns.check_code_typed(request.typed))
    return _of(world, R.c.stopped_by == link, R.c.checked_by == typed)


def _of(world: World, *where: Any) -> Mapping[str, Any] | None:
    row = world.db.execute(select(R.c.pseudonym, R.c.campaign, R.c.number, R.c.box).where(*where)).mappings().first()
    return dict(row) if row else None


def _rows(world: World, who: str) -> Sequence[dict[str, Any]]:
    return records.rows(world.db, S, pseudonym=who)
