"""A list of people cut to what its permit says. Pure: a list in, a list out, and what became of each person.

The steps, as the docs number them:
 (1) every heading the permit names is there, each once; what it does not name is left out
 (2) the rung holds: up to `pseudonyms` no field by which one can be reached, on `contact` nothing else
 (3) who has no word to be counted by, stands there twice, or objected is withheld, with the reason
 (4) not one person more than the permit says
 (5) people of our own go in, at places nobody can guess
 (6) the columns of the rung, and no others
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sekisho.desk.naming import same
from sekisho.gate.permit import Permit
from sekisho.law.entrustment import NOTHING_LEAVES, FieldClass, Rung
from sekisho.wire.people_list import PeopleList

FEW = 10
"""Counts of fewer people than this are not told: they would tell who."""
CANARY, NOBODY, TWICE, OBJECTED = "canary", "nobody", "twice", "objected"
IN_PLACE: Mapping[Rung, str] = MappingProxyType({Rung.ALIASES: "alias", Rung.PSEUDONYMS: "pseudonym"})
"""What stands in the first column instead of a name."""
OF_NOBODY = frozenset({Rung.AGGREGATE, Rung.PSEUDONYMS})
"""On these rungs nobody can be reached, so no person of our own could notice a leak."""
Name = Callable[[str], str]


class NotAsPermitted(ValueError):
    """The list is not what the permit says: `code`, and for which `field` or `line`. Never a word of the list."""

    def __init__(self, code: str, **detail: object) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class Allowed:
    """What the permit says of the list, and of which class the register says each field is."""

    rung: Rung
    fields: tuple[str, ...]
    columns: Mapping[str, str]
    who: str
    persons: int
    canaries: int
    classes: Mapping[str, FieldClass]


@dataclass(frozen=True)
class Cut:
    """What leaves, `given` of how many people, and by name (a pseudonym) why each other one does not: "" for who is in it."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    given: int
    withheld: Mapping[str, int]
    people: Mapping[str, str]

    def __repr__(self) -> str:
        """Never shows whom: values end up in tracebacks."""
        return f"Cut({self.given} people)"


def allowed(permit: Permit, classes: Mapping[str, FieldClass]) -> Allowed:
    """Raises NotAsPermitted("permit-names-no-file") for a permit that was not made for a file."""
    scope = permit.scope
    columns, fields, rung = scope.get("columns"), scope.get("fields"), scope.get("rung")
    who, persons, canaries = scope.get("who"), scope.get("persons"), scope.get("canaries")
    if not (
        isinstance(columns, Mapping)
        and isinstance(fields, tuple)
        and isinstance(rung, str)
        and isinstance(who, str)
        and type(persons) is int
        and type(canaries) is int
    ):
        raise NotAsPermitted("permit-names-no-file")
    named = tuple(str(f) for f in fields)
    return Allowed(Rung(rung), named, {f: str(c) for f, c in columns.items()}, who, persons, canaries, classes)


def cut(found: PeopleList, may: Allowed, objected: frozenset[str], ours: Sequence[Mapping[str, str]], name: Name, alias: Name) -> Cut:
    """`objected`: as `same` spells them; `ours`: people of the operator's own, by field; `name`, `alias`: of a person as `same` spells.

    Raises NotAsPermitted.
    """
    at = _places(found, may)
    _rung(may)
    kept, why, withheld = _people(found, at[may.who], objected)
    if len(kept) > may.persons:
        raise NotAsPermitted("more-people-than-permitted", line=found.lines[kept[may.persons]], persons=may.persons, found=len(kept))
    people = {name(person): reason for person, reason in why.items()}
    rows = [{f: found.rows[n][c] for f, c in at.items()} for n in kept]
    for one in _canaries(may, ours):
        people[name(same(one[may.who]))] = CANARY
        rows.insert(secrets.randbelow(len(rows) + 1), {f: one.get(f, "") for f in at})
    columns, shaped = _shaped(may, rows, alias)
    return Cut(columns, shaped, len(kept), dict(sorted(withheld.items())), people)


def counted(found: PeopleList, heading: str) -> int:
    """How many people a list has, by that heading of it."""
    at = found.columns.index(heading)
    return len({same(row[at]) for row in found.rows} - {""})


def _places(found: PeopleList, may: Allowed) -> dict[str, int]:
    """(1)"""
    if set(may.columns) != {*may.fields, may.who} or len(set(may.columns.values())) != len(may.columns):
        raise NotAsPermitted("columns-not-as-fields")
    for field, heading in may.columns.items():
        if heading not in found.columns:
            raise NotAsPermitted("no-such-column", field=field, column=heading)
        if field in may.fields and field not in may.classes:
            raise NotAsPermitted("field-not-in-row", field=field)
    return {field: found.columns.index(heading) for field, heading in may.columns.items()}


def _rung(may: Allowed) -> None:
    """(2)"""
    if may.rung in NOTHING_LEAVES:
        raise NotAsPermitted("nothing-leaves", rung=may.rung.value)
    reached = {f for f in may.fields if may.classes[f] is FieldClass.CONTACT}
    if may.rung in (Rung.AGGREGATE, Rung.ALIASES, Rung.PSEUDONYMS) and reached:
        raise NotAsPermitted("more-than-the-rung", rung=may.rung.value, field=min(reached))
    if may.rung is Rung.CONTACT and (more := set(may.fields) - reached):
        raise NotAsPermitted("more-than-the-rung", rung=may.rung.value, field=min(more))


def _people(found: PeopleList, at: int, objected: frozenset[str]) -> tuple[list[int], dict[str, str], Counter[str]]:
    """(3): the rows that stay; for each person why not ("" for who stays); and how many lines were withheld, by reason."""
    kept, why, withheld = list[int](), dict[str, str](), Counter[str]()
    for number, row in enumerate(found.rows):
        person = same(row[at])
        reason = NOBODY if not person else TWICE if person in why else OBJECTED if person in objected else ""
        if reason:
            withheld[reason] += 1
        else:
            kept.append(number)
        if person:
            why.setdefault(person, reason)
    return kept, why, withheld


def _canaries(may: Allowed, ours: Sequence[Mapping[str, str]]) -> Sequence[Mapping[str, str]]:
    """(5)"""
    if may.rung in OF_NOBODY:
        return ()
    if may.canaries < 1:
        raise NotAsPermitted("no-canary-asked")
    fit = [one for one in ours if same(one.get(may.who, ""))][: may.canaries]
    if len(fit) < may.canaries:
        raise NotAsPermitted("too-few-canaries", wanted=may.canaries, left=len(fit))
    return fit


def _shaped(may: Allowed, rows: Sequence[Mapping[str, str]], alias: Name) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """(6)"""
    if may.rung is Rung.AGGREGATE:
        return (*may.fields, "people"), _counts(Counter(tuple(row[f] for f in may.fields) for row in rows), len(may.fields))
    if may.rung in IN_PLACE:
        named = [(alias(same(row[may.who])), *(row[f] for f in may.fields)) for row in rows]
        return (IN_PLACE[may.rung], *may.fields), tuple(named)
    return may.fields, tuple(tuple(row[f] for f in may.fields) for row in rows)


def _counts(totals: Counter[tuple[str, ...]], width: int) -> tuple[tuple[str, ...], ...]:
    """Groups of too few are told as one, and how many they are only where they are not few together."""
    told = [(*values, str(n)) for values, n in sorted(totals.items()) if n >= FEW]
    rest = sum(n for n in totals.values() if n < FEW)
    return (*told, *([("*",) * width + (str(rest) if rest >= FEW else f"<{FEW}",)] if rest else []))
