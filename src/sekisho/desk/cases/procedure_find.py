"""Find cases by number or by words in what is sealed with them. Whoever has nothing to do with a procedure finds none of its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from sekisho.desk import matters, records
from sekisho.desk.cases import procedure_show
from sekisho.desk.world import No, World
from sekisho.law.words import Role

MOST = 2000
"""Cases that are opened for one search, the newest first."""
FEW = 50
LONGEST = 200
Json = dict[str, Any]


@dataclass(frozen=True)
class FindCases:
    """Words, all of which must be there, and the roles of whoever asks; none: every role, at the operator's own terminal."""

    words: str
    roles: frozenset[Role] = frozenset()


def carry_out(world: World, request: FindCases) -> Json:
    """{"words", "cases": [a row of the list each]}, the newest first, at most 50. Raises No: nothing-told, text-too-long."""
    wanted = _folded(request.words).split()
    if not wanted:
        raise No("nothing-told")
    if len(request.words) > LONGEST:
        raise No("text-too-long", most=LONGEST)
    found: list[Json] = []
    for row in records.rows(world.db, records.MATTERS, newest=MOST):
        if len(found) < FEW and _has(world, row, wanted, request.roles):
            found.append(procedure_show.brief(world, row))
    return {"words": request.words, "cases": found}


def _has(world: World, row: dict[str, Any], wanted: list[str], roles: frozenset[Role]) -> bool:
    if all(word in row["number"] for word in wanted):
        return True
    try:
        matter = matters.load(world, row["id"])
    except No:
        return False
    if roles and not roles & matter.workers:
        return False
    sealed = {f.id for f in matter.procedure.facts if f.kept == "sealed"}
    told = (str(v) for m in matter.made for n, v in m.event.facts.items() if n not in sealed)
    said = _folded("\n".join((row["number"], *told)))
    return all(word in said for word in wanted)


def _folded(words: str) -> str:
    """The same for either width and either case."""
    return normalize("NFKC", words).casefold()
