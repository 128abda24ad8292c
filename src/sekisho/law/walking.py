"""Walks a case through its procedure: from events to where it stands, and from there to what each move still lacks. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from unicodedata import category

from sekisho.law.clocks import FIRST, LAST, Calendar
from sekisho.law.items import chosen, spelled, values
from sekisho.law.procedures import (
    BLANK,
    LONGEST,
    MOST_DATA,
    SELECTOR,
    ClockRule,
    Event,
    Fact,
    Lack,
    Move,
    Must,
    Procedure,
    Running,
    Standing,
)
from sekisho.law.words import Value

UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Kinds of characters nobody sees: no fact of a case holds one."""


class NotInTheTable(ValueError):
    """An event is no move of the procedure from where the case stood: these events are not a case of it."""


@dataclass(frozen=True)
class Told:
    """What a move comes with: its facts, the papers attached to the case so far, and the day."""

    facts: Mapping[str, Value]
    papers: Collection[str]
    today: date


def stand(procedure: Procedure, events: Sequence[Event], calendar: Calendar) -> Standing:
    """Where the case of these events stands. Raises NotInTheTable."""
    state, facts, totals = "", dict[str, Value](), dict[str, int]()
    clocks: dict[str, Running] = {}
    for number, event in enumerate(events):
        move = _move(procedure, event.move)
        if (number == 0) != (move is procedure.opening) or (number and state not in move.leaves):
            raise NotInTheTable(f"{event.move} from {state or 'nothing'}")
        state = move.to
        facts |= event.facts
        for name, value in event.facts.items():
            if isinstance(value, int) and not isinstance(value, bool):
                totals[name] = totals.get(name, 0) + value
        _stop(clocks, move.stops, event.day)
        for name in move.starts:
            clocks[name] = _started(procedure.clock(name), event.day, facts, totals, calendar)
        if procedure.state(state).final:
            _stop(clocks, tuple(clocks), event.day)
    return Standing(state, MappingProxyType(facts), MappingProxyType(totals), MappingProxyType(clocks))


def lacks(procedure: Procedure, standing: Standing, move: Move, told: Told) -> tuple[Lack, ...]:
    """What keeps the move from being made; empty when nothing does. Roles, permits and texts are the desk's to check."""
    if standing.state not in move.leaves and move is not procedure.opening:
        return (Lack("wrong-state", standing.state),)
    found = [*_facts(procedure, move, told), *_clocks(standing, move, told.today)]
    found += [Lack("paper-missing", name) for name in move.papers if name not in told.papers]
    if not found:
        found = [Lack("must", must.id) for must in move.must if not _holds(must, standing, told.facts)]
    return tuple(found)


def waiting_for(standing: Standing, move: Move, papers: Collection[str], today: date) -> tuple[Lack, ...]:
    """What a move lacks whatever it will be told: clocks, papers, and musts that rest on facts it does not itself record."""
    told_then = {*move.facts, *move.may}
    found = [*_clocks(standing, move, today), *(Lack("paper-missing", p) for p in move.papers if p not in papers)]
    settled = [m for m in move.must if not told_then & {*m.of, m.not_before, *m.among}]
    return (*found, *(Lack("must", m.id) for m in settled if not _holds(m, standing, {})))


def fits(fact: Fact, value: Value) -> bool:
    """Whether the value is one of the fact's type."""
    if fact.type in LONGEST:
        whole = isinstance(value, str) and bool(value.strip()) and len(value) <= LONGEST[fact.type]
        besides = "\n" if fact.type == "text" else ""
        return whole and not any(category(c) in UNSEEN and c not in besides for c in str(value))
    if fact.type == "int":
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1_000_000
    if fact.type == "bool":
        return isinstance(value, bool)
    if fact.type == "choice":
        return isinstance(value, str) and value in fact.choices
    if fact.type in ("choices", "items"):
        return spelled(fact, value)
    if fact.type == "data":
        return isinstance(value, tuple) and 0 < len(value) <= MOST_DATA and all(isinstance(v, str) and _selects(v) for v in value)
    return isinstance(value, str) and as_day(value) is not None


def as_day(value: Value) -> date | None:
    """A day as facts spell it (2026-11-21), on which a term can start; or None. 2026-W47-6 is no such spelling."""
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return day if day is not None and day.isoformat() == value and FIRST <= day <= LAST else None


def begins_with(procedure: Procedure, move: Move) -> frozenset[str]:
    """The day facts that set a clock going when this move is made: none of them may lie in the future."""
    return frozenset(procedure.clock(c).day for c in move.starts) - {""}


def _move(procedure: Procedure, name: str) -> Move:
    try:
        return procedure.move(name)
    except KeyError:
        raise NotInTheTable(name) from None


def _stop(clocks: dict[str, Running], names: Sequence[str], day: date) -> None:
    for name in names:
        if name in clocks and clocks[name].stopped is None:
            clocks[name] = replace(clocks[name], stopped=day)


def _started(rule: ClockRule, day: date, facts: Mapping[str, Value], totals: Mapping[str, int], calendar: Calendar) -> Running:
    since = as_day(facts.get(rule.day)) if rule.day else day
    length = sum(totals.get(name, 0) for name in rule.of) if rule.of else rule.clock.length
    if since is None or length < 1:
        raise NotInTheTable(f"{rule.id} has no first day or no length")
    term = replace(rule.clock, length=min(length, rule.clock.length)).run(since, calendar)
    return Running(rule.id, since, term.last, sure=not term.unentered)


def _facts(procedure: Procedure, move: Move, told: Told) -> Iterator[Lack]:
    yield from (Lack("fact-missing", name) for name in move.facts if name not in told.facts)
    past = begins_with(procedure, move)
    for name, value in told.facts.items():
        if name not in (*move.facts, *move.may):
            yield Lack("fact-unasked", name)
        elif not fits(procedure.fact(name), value):
            yield Lack("fact-wrong", name)
        elif isinstance(value, str) and BLANK.search(value):
            yield Lack("fact-blank", name)
        elif any(choice in fact.since and told.today < fact.since[choice] for fact in [procedure.fact(name)] for choice in chosen(value)):
            yield Lack("item-not-lawful", name)
        elif name in past and str(value) > told.today.isoformat():
            yield Lack("fact-in-the-future", name)


def _clocks(standing: Standing, move: Move, today: date) -> Iterator[Lack]:
    for name in (*move.over, *((move.at_end_of,) if move.at_end_of else ())):
        if name not in standing.clocks or not standing.clocks[name].over(today):
            yield Lack("clock-not-over", name)
    for name in move.within:
        if name not in standing.clocks or standing.clocks[name].stopped is not None:
            yield Lack("clock-not-running", name)
        elif standing.clocks[name].over(today):
            yield Lack("clock-over", name)


def _holds(must: Must, standing: Standing, told: Mapping[str, Value]) -> bool:
    known = {**standing.facts, **told}
    if any(name not in known for name in must.of):
        return False
    if must.not_before:
        first = as_day(known.get(must.not_before))
        days = [as_day(known[name]) for name in must.of]
        return first is not None and all(d is not None and d >= first for d in days)
    if must.among or must.only or must.has:
        return _chosen_well(must, known)
    if must.is_ is not None:
        return all(known[name] == must.is_ for name in must.of)
    more = [value for name in must.of if isinstance(value := told.get(name, 0), int)]
    total = sum(standing.totals.get(name, 0) for name in must.of) + sum(more)
    return (must.least is None or total >= must.least) and (must.most is None or total <= must.most)


def _chosen_well(must: Must, known: Mapping[str, Value]) -> bool:
    names = {choice for name in must.of for choice in chosen(known[name])}
    among = [set(chosen(known.get(name))) for name in must.among] + ([set(must.only)] if must.only else [])
    pairs = [(values(known[name]), values(known.get(other))) for name in must.of for other in must.among]
    same = all(said == theirs[choice] for ours, theirs in pairs for choice, said in ours.items() if said and theirs.get(choice))
    return same and all(names <= allowed for allowed in among) and set(must.has) <= names


def _selects(value: str) -> bool:
    found = SELECTOR.fullmatch(value)
    if found is None or (first := as_day(found["first"])) is None:
        return False
    last = as_day(found["last"]) if found["last"] else first
    return last is not None and last >= first
