"""Two case books side by side: which rules came, ended or changed, for which measures and days, and which worked answers turn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from sekisho.gate.decide import decide
from sekisho.gate.people import Confirmation
from sekisho.law.canonical import plain
from sekisho.law.casebook import Casebook
from sekisho.law.examples import plan_of
from sekisho.law.words import Case, Example

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Diff:
    """The earlier book and the later one."""

    before: Casebook
    after: Casebook


def carry_out(diff: Diff) -> dict[str, Any]:
    """{"before", "after", "added", "ended", "changed", "gone", "measures", "kinds", "days", "flips"}; all empty where nothing differs."""
    before, after = diff.before, diff.after
    old, new = ({c.id: c for c in book.cases} for book in (before, after))
    both = [(old[i], new[i]) for i in old if i in new]
    return {
        "before": _head(before),
        "after": _head(after),
        "added": [_case(c) for c in after.cases if c.id not in old],
        "ended": [_case(b) for a, b in both if a.until is None and b.until is not None],
        "changed": [change for a, b in both if (change := _changed(a, b))],
        "gone": [_case(c) for c in before.cases if c.id not in new],
        "measures": {"added": sorted(set(after.steps) - set(before.steps)), "gone": sorted(set(before.steps) - set(after.steps))},
        "kinds": list(_kinds(before, after)),
        "days": list(_days(before, after)),
        "flips": list(_flips(before, after)),
    }


def _head(book: Casebook) -> dict[str, str]:
    return {"country": book.country, "version": book.version, "digest": book.digest}


def _case(case: Case) -> dict[str, Any]:
    named = ("id", "measure", "title", "axis", "ground", "certainty", "source", "since", "until")
    return {name: plain(getattr(case, name)) for name in named} | {"steps": sorted(case.steps)}


def _changed(before: Case, after: Case) -> dict[str, Any] | None:
    """What a case says otherwise; an `until` that was added is not a change but its end."""
    ended = {"until"} if before.until is None else set()
    names = [f.name for f in fields(Case) if f.name not in {"conditions"} | ended and getattr(before, f.name) != getattr(after, f.name)]
    said = [{"field": n, "before": plain(getattr(before, n)), "after": plain(getattr(after, n))} for n in names]
    conditions = list(_conditions(before, after))
    return {**_case(after), "fields": said, "conditions": conditions} if said or conditions else None


def _conditions(before: Case, after: Case) -> Iterator[dict[str, Any]]:
    old, new = ({c.id: c for c in case.conditions} for case in (before, after))
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            how = "added" if name not in old else "gone" if name not in new else "changed"
            yield {"condition": name, "how": how, "words": plain((new.get(name) or old[name]).words)}


def _kinds(before: Casebook, after: Casebook) -> Iterator[dict[str, Any]]:
    for name in sorted(before.kinds.keys() | after.kinds.keys()):
        old, new = before.kinds.get(name), after.kinds.get(name)
        if old != new:
            how = "added" if old is None else "gone" if new is None else "changed"
            yield {"kind": name, "how": how, "title": plain((new or old).title)}  # type: ignore[union-attr] # one of them is there


def _days(before: Casebook, after: Casebook) -> Iterator[dict[str, Any]]:
    """By measure, the days on which other rules are in force than before: first day, and the day they are the same again."""
    for measure in sorted({c.measure for b in (before, after) for c in b.cases}):
        old, new = ([c for c in b.cases if c.measure == measure] for b in (before, after))
        if {(c.id, before.rules[c.id]) for c in old} == {(c.id, after.rules[c.id]) for c in new}:
            continue
        edges = sorted({d for c in (*old, *new) for d in (c.since, c.until) if d})
        open_since: date | None = None
        for edge in edges:
            differs = _in_force(old, before, edge) != _in_force(new, after, edge)
            if differs and open_since is None:
                open_since = edge
            if not differs and open_since is not None:
                yield _span(measure, open_since, edge)
                open_since = None
        if open_since is not None:
            yield _span(measure, open_since, None)


def _in_force(cases: list[Case], book: Casebook, day: date) -> set[tuple[str, str]]:
    """The rules of that day, whatever their ends: an end to come changes nothing today."""
    return {(c.id, _rule(c, book)) for c in cases if c.since <= day and (c.until is None or day < c.until)}


def _rule(case: Case, book: Casebook) -> str:
    said: Mapping[str, Any] = plain(case)
    return repr({k: v for k, v in said.items() if k != "until"}) + repr([plain(book.kinds[k]) for k in _asked_for(case)])


def _asked_for(case: Case) -> list[str]:
    return sorted({k for c in case.conditions if isinstance(k := c.params.get("kind"), str)})


def _span(measure: str, first: date, until: date | None) -> dict[str, Any]:
    return {"measure": measure, "from": first.isoformat(), "until": until.isoformat() if until else None}


def _flips(before: Casebook, after: Casebook) -> Iterator[dict[str, Any]]:
    """Worked questions of either book whose outcome is not the same under both."""
    seen: set[tuple[str, str, str, str]] = set()
    for book in (before, after):
        for example in (e for e in book.examples if not e.case):
            key = (example.file, example.step, example.on.isoformat(), example.because["en"])
            if key in seen:
                continue
            seen.add(key)
            was, becomes = (_outcome(example, book, asked) for asked in (before, after))
            if was != becomes:
                named = {"measure": example.measure, "step": example.step, "on": example.on.isoformat(), "because": plain(example.because)}
                yield {**named, "file": example.file, "before": was, "after": becomes}


def _outcome(example: Example, source: Casebook, asked: Casebook) -> str:
    """What `asked` says to the plan that `source` describes, with the confirmations the example takes for granted."""
    plan, now = plan_of(example, source)
    said = [Confirmation(c, plan.measure, asked.digest, "worked example", "officer", now - DAY, now + DAY) for c in example.confirmed]
    return decide(plan, asked, now, said)[0].outcome.value
