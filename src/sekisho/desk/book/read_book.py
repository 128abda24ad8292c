"""The case book for people: every measure, one case with everything that stands around it, and what was in force on a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sekisho.desk.asking import owe, wishes
from sekisho.desk.world import No, World
from sekisho.gate import worked
from sekisho.gate.render import cited, norm_json
from sekisho.law.canonical import plain
from sekisho.law.casebook import Casebook
from sekisho.law.words import Case, Step

Json = dict[str, Any]


@dataclass(frozen=True)
class Index:
    """The whole book; with `words`, also what somebody who says them may mean."""

    words: str = ""


@dataclass(frozen=True)
class OneCase:
    """One case with its history, examples and sources."""

    case: str


def index_of(world: World, request: Index) -> Json:
    return index(world.book, request.words)


def case_of(world: World, request: OneCase) -> Json:
    """Raises No("unknown-case")."""
    try:
        return case_page(world.book, request.case, world.book.day(world.clock.now()))
    except KeyError as why:
        raise No("unknown-case", case=request.case[:64]) from why


def index(book: Casebook, words: str = "") -> Json:
    """{"country", "version", "digest", "measures": [{"measure", "title", "steps", "cases"}], "general": [case], "owed": [rule],
    "asked": wish or None}."""
    return {
        "country": book.country,
        "version": book.version,
        "digest": book.digest,
        "measures": [_measure(book, name) for name in sorted(book.steps)],
        "general": [brief(c) for c in book.cases if c.measure == "*"],
        "owed": [owe.brief(r) for r in book.owed.rules],
        "asked": wishes.carry_out(wishes.Wish(words[:400], book)) if words.strip() else None,
    }


def case_page(book: Casebook, name: str, day: date) -> Json:
    """Everything about one case, or one rule of what is owed (`owe.rule_page`), as the law of `day` shows it.

    Raises KeyError for an id the book does not have.

    {"case": all its fields, "about": the measure's title, "steps", "axis": title, "ground": the ground's test or None, "norms" in force,
    "cites", "conditions" with the change that makes each fail, "history": [case], "examples": [{"because", "step", "on", "given",
    "expect", "missing", "got"}], "kinds": the kinds of evidence asked for}.
    Examples are those of the whole step.
    """
    if (owed := owe.rule_page(book, name, day)) is not None:
        return owed
    case = book.case(name)
    about = book.about.get(case.measure)
    wanted = {str(c.params["kind"]) for c in case.conditions if "kind" in c.params}
    examples = [e for e in book.examples if not e.case and e.measure == case.measure and e.step in case.steps]
    fails = {e.missing[0]: plain(e.given) for e in book.examples if e.case == case.id and len(e.missing) == 1}
    ground = next((g for g in book.grounds if g.ground is case.ground), None)
    return {
        "case": plain(case),
        "about": plain(about.title) if about else None,
        "steps": [{"name": n, "says": plain(about.steps[n]) if about else None} for n in sorted(case.steps)],
        "axis": next((plain(a.title) for a in book.axes if a.axis is case.axis), None),
        "ground": plain(ground) if ground else None,
        "norms": [norm_json(n, book, day) for n in book.norms if n.axis is case.axis and n.in_force(day) and n.regimes & case.regimes],
        "cites": cited(case.cites, case.since, day, book),
        "conditions": [{**plain(c), "fails": fails.get(c.id)} for c in case.conditions],
        "history": [brief(c) for c in history(book, case)],
        "examples": [_example(book, e) for e in examples],
        "kinds": {n: {**plain(book.kinds[n]), "words": plain(book.words_of(book.kinds[n]))} for n in sorted(wanted)},
    }


def history(book: Casebook, case: Case) -> list[Case]:
    """The cases that carry the same row of law, this one among them, by their first day."""
    rows = _rows(case)
    return sorted((c for c in book.cases if rows & _rows(c)), key=lambda c: (c.since, c.id))


def in_force(book: Casebook, measure: str, step: Step, day: date) -> list[Json]:
    """Every case that speaks of this step on any day: [{case, "holds": whether on `day`, "why": not-yet, over or empty}]."""
    spoken = (c for axis in book.axes for c in book.about_axis(axis.axis, measure) if _speaks_of(c, step, measure))
    return [{**brief(c), "why": (why := _when(c, day)), "holds": not why} for c in spoken]


def brief(case: Case) -> Json:
    """A case in one line."""
    shown = ("id", "title", "axis", "ground", "authority", "certainty", "measure", "since", "until", "signatures")
    return {**{k: plain(getattr(case, k)) for k in shown}, "steps": sorted(case.steps), "decides_alone": case.certainty.decides_alone}


def _measure(book: Casebook, name: str) -> Json:
    about = book.about.get(name)
    return {
        "measure": name,
        "title": plain(about.title) if about else {"ja": name, "en": name},
        "steps": [
            {"name": s.name, "kind": s.kind.value, "says": plain(about.steps[s.name]) if about and s.name in about.steps else None}
            for s in book.steps[name]
        ],
        "cases": [brief(c) for c in book.cases if c.measure == name],
    }


def _rows(case: Case) -> frozenset[str]:
    """The rows of law a case carries: the middle of its id, and those it names."""
    own: Iterable[str] = case.id.split("/")[1:2]
    return frozenset((*own, *case.rows))


def _speaks_of(case: Case, step: Step | None, measure: str | None = None) -> bool:
    if step is None:
        return False
    if case.measure == "*":
        return measure is not None and step.kind in case.kinds
    return step.name in case.steps and measure in (None, case.measure)


def _when(case: Case, day: date) -> str:
    if day < case.since:
        return "not-yet"
    return "over" if case.until is not None and day >= case.until else ""


def _example(book: Casebook, example: Any) -> Json:
    found: Json = plain(example)
    return {k: found[k] for k in ("because", "step", "on", "given", "expect", "missing", "case")} | {"got": worked.answer(book, example)}
