"""What `keep` remembers about lines goes when its permit's days are over: findings, figures, looks, releases, orders, switches.

Of a closed order goes at once what only `act` needed, and after its days everything but what a subscriber needs to say
"no more letters": the digest of their code, and the line's pseudonym. Each batch is one entry that names no line. What a
living hold names stays until it is over.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Table, delete, select, update

from sekisho.desk import holds, looks, permits, records
from sekisho.desk.access import switches
from sekisho.desk.clock import ClockJumped
from sekisho.desk.consents import KEPT_AFTER_END_DAYS
from sekisho.desk.holds import Held
from sekisho.desk.world import World
from sekisho.gate.permit import Permit
from sekisho.law.canonical import canonical
from sekisho.law.consent import Happened
from sekisho.ledger.entry import EntryType

DAY = timedelta(days=1)
MOST = 5_000
"""Rows of one table in one batch; the rest goes with the next."""
DUTY = "delete-match"
CONSENT_STAYS = timedelta(days=KEPT_AFTER_END_DAYS)
UNUSED = "unused-since/"
"""With a measure: when what its switches are for was in force last, as `keep` saw it."""
UNDER_WAY = ("waiting", "begun")
WHOLE, CLOSED, FORGOTTEN = 0, 1, 2
AFTER_CLOSING = ("token", "text", "pseudonym", "principal")
AFTER_ITS_DAYS = ("pseudonym", "principal")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Forget:
    """Asked by `keep` itself, every minute."""


def carry_out(world: World, _request: Forget) -> Mapping[str, int]:
    """Rows that went, by table. With a clock that jumped, none."""
    try:
        now = world.clock.sure()
    except ClockJumped:
        return {}
    held = holds.data(holds.living(world, now))
    gone = {
        "consents": _consents(world, now),
        "findings": _drop(world, records.FINDINGS, ("token", "measure"), _free(held, _findings(world, now)), now),
        "figures": _drop(world, records.FIGURES, ("measure",), _free(held, _figures(world, now)), now),
        "looks": _looks(world, now, held),
        "orders": _orders(world, now, held),
        "switches": _switches(world, now),
    }
    return {name: count for name, count in gone.items() if count}


def _free(held: Sequence[Held], rows: Sequence[Row]) -> list[Row]:
    """Rows that no living hold names, by the permit they stand under and the day they are of."""
    return [r for r in rows if not holds.rows_kept(held, r["permit"] if "permit" in r else records.body(r)["permit"], r["at"])]


def _findings(world: World, now: datetime) -> list[Row]:
    found = records.rows(world.db, records.FINDINGS)
    return [r for r in found if now >= min(_end(world, records.body(r)["permit"], r), _duty(world, r["plan"], now + DAY))]


def _figures(world: World, now: datetime) -> list[Row]:
    """Those of measures; what a probe told stands for itself, and the next word takes its place."""
    kept = [r for r in records.rows(world.db, records.FIGURES) if "permit" in records.body(r)]
    return [r for r in kept if now >= _end(world, records.body(r)["permit"], r)]


def _looks(world: World, now: datetime, held: Sequence[Held]) -> int:
    table, gone = records.LOOKS, 0
    for (owner,) in world.db.execute(select(table.c.permit).distinct()).all():
        before = records.stamp(now - _days(_permit(world, owner)))
        old = select(table).where(table.c.permit == owner, table.c.at <= before, table.c.state.notin_(looks.OPEN)).limit(MOST)
        over = _free(held, [dict(r) for r in world.db.execute(old).mappings()])
        ids = [r["id"] for r in over]
        released = select(records.RELEASES).where(records.RELEASES.c.look.in_(ids))
        gone += _drop(world, records.RELEASES, ("look", "key"), [dict(r) for r in world.db.execute(released).mappings()], now)
        gone += _drop(world, table, ("id",), over, now)
    return gone


def _orders(world: World, now: datetime, held: Sequence[Held]) -> int:
    table, gone = records.ORDERS, 0
    closed = select(table).where(table.c.state.notin_(UNDER_WAY))
    fresh = _free(held, [dict(r) for r in world.db.execute(closed.where(table.c.wiped == WHOLE).limit(MOST)).mappings()])
    gone += _wipe(world, fresh, CLOSED, AFTER_CLOSING, now)
    kept = _free(held, [dict(r) for r in world.db.execute(closed.where(table.c.wiped == CLOSED).limit(MOST)).mappings()])
    old = [r for r in kept if now >= min(_end(world, r["permit"], r), _duty(world, None, now + DAY, r["permit"]))]
    return gone + _wipe(world, old, FORGOTTEN, AFTER_ITS_DAYS, now)


def _consents(world: World, now: datetime) -> int:
    """Of a consent that is over, everything goes a year after the last thing that happened to it."""
    table, events = records.CONSENTS, records.CONSENT_EVENTS
    ended = select(table).where(table.c.state != Happened.GIVEN.value, table.c.at <= records.stamp(now - CONSENT_STAYS)).limit(MOST)
    found = [(dict(r), records.rows(world.db, events, consent=r["id"])) for r in world.db.execute(ended).mappings()]
    said = [(row, then) for row, then in found if then or row["state"] != Happened.NOTICE_CHANGED.value]  # else not yet written down
    over = [(row, then) for row, then in said if all(datetime.fromisoformat(e["at"]) <= now - CONSENT_STAYS for e in then)]
    gone = _drop(world, events, ("id",), [e for _, then in over for e in then], now)
    return gone + _drop(world, table, ("id",), [row for row, _ in over], now)


def _switches(world: World, now: datetime) -> int:
    """What lines chose goes when nothing that a switch is for has been permitted for the days its last permit names.

    Who renews a filter in time leaves everybody's choice as it is.
    """
    table, in_force = records.SWITCHES, {p.measure for p, _ in permits.living(world, now) if (p.measure, p.step.name) in switches.READ}
    gone = 0
    for (measure,) in world.db.execute(select(table.c.measure).distinct()).all():
        mark = f"{UNUSED}{measure}"
        since = records.meta(world.db, mark)
        if measure in in_force or since is None:
            records.set_meta(world.db, mark, records.stamp(now))
        elif now >= datetime.fromisoformat(since) + _days(_last(world, measure)):
            gone += _drop(world, table, ("id",), records.rows(world.db, table, measure=measure), now)
            world.switched_off = None
    return gone


def _last(world: World, measure: str) -> Permit | None:
    """The permit of this measure that was minted last."""
    made = records.rows(world.db, records.PERMITS, measure=measure)
    return permits.of(max(made, key=lambda r: str(r["at"]))) if made else None


def _wipe(world: World, rows: Sequence[Row], stage: int, keep: Sequence[str], now: datetime) -> int:
    table = records.ORDERS
    for row in rows:
        left = {k: v for k, v in records.body(row).items() if k in keep}
        world.db.execute(update(table).where(table.c.id == row["id"]).values(body=canonical(left), salt=None, wiped=stage))
    _say(world, table, rows, now)
    return len(rows)


def _drop(world: World, table: Table, key: Sequence[str], rows: Sequence[Row], now: datetime) -> int:
    for row in rows[:MOST]:
        world.db.execute(delete(table).where(*(table.c[k] == row[k] for k in key)))
    _say(world, table, rows[:MOST], now)
    return len(rows[:MOST])


def _say(world: World, table: Table, rows: Sequence[Row], now: datetime) -> None:
    """One entry for a batch. Its body tells which entries have no row any more, so that `compare` can tell this from a theft."""
    if not rows:
        return
    key = f"{records.OF_RECORDS}{table.name}/{secrets.token_hex(16)}"
    entries = sorted(r["entry"] for r in rows if r["entry"] is not None)
    body = canonical({"key": key, "rows": len(rows), "entries": entries})
    records.add(world.db, records.DESTROYED, body, now, key=key)
    ids = {"key": sha256(key.encode()).hexdigest()}
    world.write(EntryType.DESTROYED, body, ids=ids, at=now, table=records.DESTROYED, key={"key": key})


def _permit(world: World, identity: str) -> Permit | None:
    row = records.one(world.db, records.PERMITS, id=identity)
    return permits.of(row) if row else None


def _days(permit: Permit | None) -> timedelta:
    """The days the permit names. A permit that names none, or is lost, has one."""
    days = permit.scope.get("days") if permit else None
    return days * DAY if isinstance(days, int) and not isinstance(days, bool) else DAY


def _end(world: World, permit: str, row: Row) -> datetime:
    return datetime.fromisoformat(row["at"]) + _days(_permit(world, permit))


def _duty(world: World, plan: str | None, never: datetime, permit: str | None = None) -> datetime:
    """When the duty to delete the match is due under the permits of a plan, or of one permit."""
    by = {"plan": plan} if plan else {"id": permit}
    made: Iterable[Permit] = (permits.of(r) for r in records.rows(world.db, records.PERMITS, **by)) if plan or permit else ()
    return min((p.since + d.within for p in made for d in p.duties if d.do == DUTY), default=never)
