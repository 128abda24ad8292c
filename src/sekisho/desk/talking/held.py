"""Mails of masked talks that were held: the desk sees why, a named person reads one and says what becomes of it. Each is an entry.

There is no way to pass a mail on as it came. Released, it goes without the lines and files that give somebody away, and the machine
looks at what is left once more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update

from sekisho.desk import records, talks
from sekisho.desk.signing import signed_now
from sekisho.desk.talking.passing import T, reasons
from sekisho.desk.world import No, World
from sekisho.gate.people import Signature
from sekisho.law.canonical import canonical
from sekisho.law.reading import read
from sekisho.law.talk import MAY_READ, MOST_LINES, Fate, ReadHeld, SettleHeld, State
from sekisho.ledger.entry import EntryType
from sekisho.store.errors import StoreError

NEVER = frozenset({"machine", "another-writer", "nothing-left", "unreadable", "unsendable"})
"""Reasons that no leaving out mends: nobody of the two wrote it, nobody can read it, or there is nothing."""
SHOWN = (State.HELD, State.UNKNOWN, State.REFUSED)


@dataclass(frozen=True)
class HeldMails:
    """Those that wait for a person, and those that nobody knows more about."""


@dataclass(frozen=True)
class ReadOne:
    """The statement, and who signed it."""

    reading: ReadHeld
    signature: Signature


@dataclass(frozen=True)
class SettleOne:
    """The statement, and who signed it."""

    settling: SettleHeld
    signature: Signature


def listed(world: World, _request: HeldMails) -> Sequence[Mapping[str, Any]]:
    """Oldest first, each: {"id", "talk", "state", "at", "why": [{"code", "where"}]}. Of nobody, and no word of any."""
    rows = [r for state in SHOWN for r in records.rows(world.db, T, state=state.value)]
    return [
        {"id": r["id"], "talk": r["talk"], "state": r["state"], "at": read(datetime, r["at"]), "why": reasons(r)}
        for r in sorted(rows, key=lambda r: str(r["at"]))
    ]


def carry_out(world: World, request: ReadOne) -> Mapping[str, Any]:
    """{"id", "talk", "why", "raw": octets}. Raises No: unknown-passing, not-held, mail-gone."""
    said, now = request.reading, world.clock.now()
    signed_now(world, request.signature, said, *MAY_READ)
    row = _held(world, said.mail)
    one = talks.get(world, row["talk"])
    try:
        raw = talks.opened(world, one.key, bytes(row["box"]))
    except StoreError as why:
        raise No("mail-gone", mail=row["id"], why=why.code) from why
    body = canonical({"passing": row["id"], "read": said, "signature": request.signature})
    world.write(EntryType.HELD_MAIL_READ, body, ids={"passing": row["id"], "talk": one.id}, at=now)
    return {"id": row["id"], "talk": one.id, "why": reasons(row), "raw": raw}


def settle(world: World, request: SettleOne) -> Mapping[str, str]:
    """{"id", "fate"}. Raises No: unknown-passing, not-held, cannot-be-released, wrong-lines, and where it is to go on: talk-over,
    consent-gone, no-permit."""
    said, now = request.settling, world.clock.now()
    signed_now(world, request.signature, said, *MAY_READ)
    row = _held(world, said.mail)
    if said.fate is Fate.RELEASE and (found := {r.code for r in reasons(row)} & NEVER):
        raise No("cannot-be-released", why=sorted(found))
    if len(said.without) > MOST_LINES or min(said.without, default=1) < 1:
        raise No("wrong-lines", most=MOST_LINES)
    if said.fate is not Fate.DROP:
        talks.permitted(world, talks.get(world, row["talk"]), now)
    made: Mapping[Fate, dict[str, Any]] = {
        Fate.RELEASE: {"state": State.WAITING.value, "without": canonical(sorted(set(said.without))).decode()},
        Fate.RETURN: {"state": State.WAITING.value, "back": 1},
        Fate.DROP: {"state": State.DROPPED.value, "box": None},
    }
    body = canonical({"passing": row["id"], "settled": said, "signature": request.signature})
    world.write(EntryType.HELD_MAIL_SETTLED, body, ids={"passing": row["id"], "talk": row["talk"]}, at=now)
    world.db.execute(update(T).where(T.c.id == row["id"]).values(**made[said.fate]))
    return {"id": row["id"], "fate": said.fate.value}


def _held(world: World, name: str) -> Mapping[str, Any]:
    row = records.one(world.db, T, id=name)
    if row is None:
        raise No("unknown-passing", passing=name[:100])
    if row["state"] != State.HELD.value or row["box"] is None:
        raise No("not-held", mail=row["id"], state=row["state"])
    return row
