"""From a plan file and a list to the plan the gate is asked about, and from a permit and the list to a box. On the machine of who has it.

What a plan says of a list is read off the list and the register: how many people, under which headings, its digest, the party's key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from sekisho.desk.entrusting.hand_over_cut import OF_NOBODY, counted
from sekisho.law.entrustment import FieldClass, Rung
from sekisho.law.words import Plan, Value
from sekisho.measures.entrustment import Entrustment
from sekisho.measures.measure import step
from sekisho.store.seal import seal_note
from sekisho.wire.cursor import FormError
from sekisho.wire.people_list import LARGEST, PeopleList, pack, read_list

CANARIES = 2


class WrongList(ValueError):
    """The list, or what the plan says of it: `code`, and where (line, column, field)."""

    def __init__(self, code: str, **detail: object) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class Listed:
    """What can be told of a list without a word of it."""

    columns: Sequence[str]
    lines: int
    encoding: str


def fill(plan: Plan, content: bytes, rows: Sequence[Mapping[str, Any]]) -> tuple[Plan, Listed]:
    """`rows`: the register as `entrustments` lists it. Raises WrongList: no-such-column and the like.

    What the plan file says stands; what it leaves out is taken from the row, the list, or the ladder. What goes to a firm below another is
    passed on.
    """
    found, scope = _read(content), dict(plan.scope)
    row = next((r for r in rows if r["id"] == scope.get("entrustment")), None)
    if row is None:
        raise WrongList("unknown-entrustment", entrustment=str(scope.get("entrustment", ""))[:64])
    if not row["key"]:
        raise WrongList("no-party-key", entrustment=row["id"])
    said = row["entrustment"]
    fields = scope.get("fields", tuple(f for f in sorted(said["fields"]) if f in found.columns))
    named = tuple(str(f) for f in fields) if isinstance(fields, tuple) else ()
    columns = scope.get("columns", {})
    headings = {str(k): str(v) for k, v in columns.items()} if isinstance(columns, Mapping) else {}
    who = str(scope.get("who", _who(said["fields"], found, headings)))
    placed = {f: headings.get(f, f) for f in sorted({*named, who})}
    told: dict[str, Value] = {
        "to": said["party"],
        "for": (said["purpose"],),
        "actions": tuple(said["actions"]),
        "places": tuple(said["places"]),
        "rung": Rung.FIELDS.value,
        **scope,
        "fields": named,
        "who": who,
        "columns": MappingProxyType(placed),
        "persons": _counted(found, placed, who),
        "file": sha256(content).hexdigest(),
        "key": row["key"],
    }
    told.setdefault("canaries", 0 if told["rung"] in OF_NOBODY else CANARIES)
    steps = tuple(step(Entrustment(), "pass-on") if said["parent"] and s.name == "hand-over" else s for s in plan.steps)
    return replace(plan, steps=steps, scope=MappingProxyType(told)), Listed(found.columns, len(found.rows), found.encoding)


def box(half: bytes, key_id: str, content: bytes, without: bytes) -> bytes:
    """The list, and who objected, sealed for `act`. Raises WrongList; together 3 MiB at most: a channel must carry the box."""
    _read(content)
    if without:
        _read(without)
    packed = pack(content, without)
    if len(packed) > LARGEST:
        raise WrongList("list-too-large")
    return seal_note(half, key_id, packed)


def _read(content: bytes) -> PeopleList:
    try:
        return read_list(content)
    except FormError as why:
        raise WrongList(f"list-{why.code}", where=why.detail) from why


def _who(fields: Mapping[str, str], found: PeopleList, headings: Mapping[str, str]) -> str:
    """The first field of the row by which one is reached and that the list has; else its first field."""
    there = [f for f in sorted(fields) if headings.get(f, f) in found.columns]
    reached = [f for f in there if fields[f] == FieldClass.CONTACT.value]
    return next(iter([*reached, *there, *sorted(fields)]))


def _counted(found: PeopleList, placed: Mapping[str, str], who: str) -> int:
    for field, heading in placed.items():
        if heading not in found.columns:
            raise WrongList("no-such-column", field=field, column=heading)
    return counted(found, placed[who])
