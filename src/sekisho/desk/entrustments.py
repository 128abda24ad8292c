"""The register of entrustments as `keep` knows it: each row, its place in the tree, what it is today, and what it says to the gate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.desk import records
from sekisho.desk.world import No, World
from sekisho.law.entrustment import RUNGS, Again, Entrustment, Move, Rung, Status, What, status
from sekisho.law.reading import read
from sekisho.law.words import Act, Evidence, Plan, Value, VouchedBy, Voucher

PROBE = "entrustment-table"
ROW, CONTRACT, HANDED_ON = "entrustment-row", "entrustment", "re-entrustment"
DEEPEST = 8
"""So many firms may stand between us and who holds the data."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Standing:
    """A row with what happened to it, and what it is today. `moves` that were lost count as a suspension."""

    id: str
    said: Entrustment
    moves: tuple[Move | None, ...]
    status: Status
    entry: int | None

    @property
    def whats(self) -> tuple[What, ...]:
        return tuple(m.what if m else What.SUSPENDED for m in self.moves)

    @property
    def agreed(self) -> bool:
        """Whether we consented to its being handed on."""
        return What.AGREED in self.whats


def get(world: World, identity: str, now: datetime) -> Standing:
    """Raises No("unknown-entrustment")."""
    row = records.one(world.db, records.ENTRUSTMENTS, id=identity)
    if row is None:
        raise No("unknown-entrustment", entrustment=identity[:100])
    return _standing(world, row, now)


def every(world: World, now: datetime) -> Sequence[Standing]:
    """All of them, oldest first."""
    return [_standing(world, row, now) for row in records.rows(world.db, records.ENTRUSTMENTS)]


def above(world: World, one: Standing, now: datetime) -> Sequence[Standing]:
    """Who it is handed on from, nearest first, up to the contractor of ours."""
    found: list[Standing] = []
    while one.said.parent and len(found) < DEEPEST:
        one = get(world, one.said.parent, now)
        found.append(one)
    return found


def may_be_handed_on(one: Standing, parent: Standing | None) -> bool:
    """Whether this row rests on what the one above it allows: always for our own contractors."""
    if parent is None:
        return True
    rule = parent.said.again
    return rule is Again.NOTICE or (rule is Again.PRIOR_CONSENT and one.agreed)


def measured(world: World, plan: Plan, now: datetime) -> Iterator[Evidence]:
    """What the register says for a plan that hands something to a contractor: nothing where it names no row of ours."""
    purposes = sorted({s.purpose for s in plan.steps if Act.ENTRUST in s.acts})
    named = plan.scope.get("entrustment")
    if not purposes or not isinstance(named, str) or records.one(world.db, records.ENTRUSTMENTS, id=named) is None:
        return
    one = get(world, named, now)
    line = above(world, one, now)
    for purpose in purposes:
        for kind, value in _values(plan, one, line, purpose):
            yield Evidence(kind, value, purpose, Voucher(VouchedBy.PROBE, PROBE), now)


def _values(plan: Plan, one: Standing, line: Sequence[Standing], purpose: str) -> Iterator[tuple[str, Mapping[str, Value]]]:
    said, parent = one.said, next(iter(line), None)
    yield ROW, row(plan.scope, one, line)
    if one.status is not Status.DRAFT:
        ours = (purpose,) if said.purpose in _texts(plan.scope.get("for")) else ()
        yield (
            CONTRACT,
            {
                "to": said.party,
                "purposes": (*ours, said.purpose),
                "fields": tuple(sorted(said.fields)),
                "chosen_for": said.chosen_for,
                "contract": said.contract,
                "checked": said.checked.isoformat(),
                "own_use": False,
            },
        )
        if parent is not None:
            supervised = parent.status is Status.IN_FORCE
            yield HANDED_ON, {"to": said.party, "approved": may_be_handed_on(one, parent), "supervised": supervised}


def row(scope: Mapping[str, Value], one: Standing, line: Sequence[Standing]) -> Mapping[str, Value]:
    """The evidence of kind `entrustment-row`: what the row allows, and by how much this hand-over goes beyond it."""
    said, persons, rung = one.said, scope.get("persons"), scope.get("rung")
    counted = isinstance(persons, int) and not isinstance(persons, bool) and persons > 0
    known = isinstance(rung, str) and rung in {r.value for r in RUNGS}
    chain = next((s.status for s in line if s.status is not Status.IN_FORCE), Status.IN_FORCE)
    special = {f for f, c in said.fields.items() if c.special} & set(_texts(scope.get("fields")))
    why = scope.get("why_not_lower")
    return {
        "entrustment": one.id,
        "to": said.party,
        "purposes": (said.purpose,),
        "fields": tuple(sorted(said.fields)),
        "actions": tuple(sorted(a.value for a in said.actions)),
        "places": tuple(sorted(said.places)),
        "status": one.status.value,
        "chain": chain.value,
        "agreed": may_be_handed_on(one, next(iter(line), None)),
        "consented": not special or bool(said.consent),
        "persons_over": max(0, int(str(persons)) - said.persons) if counted else said.persons + 1,
        "rung_over": max(0, RUNGS.index(Rung(str(rung))) - RUNGS.index(said.rung)) if known else len(RUNGS),
        "reasoned": rung == Rung.AGGREGATE or (isinstance(why, str) and bool(why.strip())),
    }


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, tuple) else ()


def _standing(world: World, row: Row, now: datetime) -> Standing:
    said = read(Entrustment, records.body(row)["entrustment"])
    rows = records.rows(world.db, records.ENTRUSTMENT_MOVES, entrustment=row["id"])
    moves = tuple(read(Move, body["move"]) if "move" in (body := records.body(r)) else None for r in rows)
    whats = [m.what if m else What.SUSPENDED for m in moves]
    return Standing(row["id"], said, moves, status(said, whats, world.book.day(now)), row["entry"])
