"""What makes a procedure sound: every state reached, a way out of each, an end for every clock, nothing named twice or unknown."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from sekisho.law import incident
from sekisho.law.clocks import Unit
from sekisho.law.procedures import (
    ABOUT,
    CHOOSING,
    DECISIONS,
    FACT_TYPES,
    ITEM_FORMS,
    KEPT,
    LONGEST,
    OPENING,
    ClockRule,
    Fact,
    Move,
    Must,
    Procedure,
)
from sekisho.law.public_sound import public
from sekisho.law.tables import CasebookError
from sekisho.law.walking import fits
from sekisho.law.words import Role, Step

NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
FACT_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
LETTER = re.compile(r"[a-z][a-z0-9-]{0,62}@[1-9][0-9]{0,3}")
SIGNING = frozenset({Role.REVIEWER, Role.OFFICER})
"""Whose signatures a permit counts."""
OUTSIDE = frozenset({Role.SUBSCRIBER, Role.ATTENDEE, Role.POSTER, Role.PARTICIPANT, Role.REPORTER, Role.CONTRACTOR, Role.OUTSIDE_REVIEWER})


def procedures(book: Mapping[str, Procedure], steps: Mapping[str, Iterable[Step]]) -> None:
    """Every procedure of a book, and what it asks of the gate. Raises CasebookError."""
    for name, table in book.items():
        _must(name == table.id, name, "is filed under another name")
        procedure(table)
        for move in table.moves:
            for key, asks in (("asks", move.asks), ("grounds", move.grounds)):
                if asks is not None:
                    known, where = {s.name for s in steps.get(asks.measure, ())}, f"{name} move[{move.id}].{key}"
                    _must(asks.step in known, where, f"the book declares no step {asks.step!r} of {asks.measure!r}")


def procedure(table: Procedure) -> None:
    """One procedure by itself. Raises CasebookError naming the place in it."""
    _names(table)
    _facts(table)
    _clocks(table)
    for move in (table.opening, *table.moves):
        _move(table, move)
    _told(table)
    _reminders(table)
    _reached(table)
    _left(table)
    _known_in_time(table)
    _every_clock_ends(table)
    for move in (table.opening, *table.moves):
        _grounds(table, move)
        _lets_out(table, move)
    _room(table)
    _kept(table)
    public(table)


def _room(table: Procedure) -> None:
    """An incident has every move its room is made of, and one way to close."""
    names = {m.id for m in table.moves}
    for name in (*incident.MOVES, incident.CLOSE) if table.room else ():
        _must(name in names, f"{table.id} move", f"an incident has a move called {name!r}")


def _kept(table: Procedure) -> None:
    """The copy of a paper has its term from a fact that the gate is shown by every move it may be taken under."""
    _distinct([k.paper for k in table.kept], f"{table.id} kept", NAME)
    for kept in table.kept:
        where = f"{table.id} kept[{kept.paper}]"
        _must(kept.paper in table.papers, f"{where}.paper", "is no paper of this table")
        _must(any(f.id == kept.days and f.type == "int" for f in table.facts), f"{where}.days", "names a fact that is a whole number")
        _must(bool(kept.under), f"{where}.under", "names no move: a copy is taken under a permit alone")
        shown = {m.id: m.grounds.scope.values() for m in table.moves if m.grounds is not None}
        _subset(where, {"under": kept.under}, shown, "move with grounds")
        for name in kept.under:
            _must(kept.days in shown[name], f"{where}.days", f"is not in the scope that {name!r} shows to the gate")


def known_at(table: Procedure) -> Mapping[str, frozenset[str]]:
    """The facts that every case standing in a state has been told, whichever way it came."""
    every = frozenset(f.id for f in table.facts)
    known = {s.id: every for s in table.states}
    first = frozenset(table.opening.facts)
    while True:
        fresh = {}
        for state in known:
            ways = [known[frm] | set(m.facts) for m in table.moves if m.to == state for frm in m.leaves]
            ways += [first] if table.opening.to == state else []
            fresh[state] = frozenset.intersection(*ways) if ways else every
        if fresh == known:
            return known
        known = fresh


def _names(table: Procedure) -> None:
    _must(NAME.fullmatch(table.id) is not None, table.id, "is no name of a procedure: small letters, digits and hyphens")
    _must(table.keep_days >= 1, f"{table.id} keep_days", "a case's file is kept for at least a day, and then goes")
    _must(not table.about or table.about in ABOUT, f"{table.id} about", f"is none of {', '.join(sorted(ABOUT))}")
    ceased = [day for day, _ in table.earlier]
    _must(ceased == sorted(set(ceased)), f"{table.id} earlier", "goes from the oldest name to the newest")
    _must(table.until is None or table.until > table.since, f"{table.id} until", "ends before it begins")
    for what, ids in (
        ("state", [s.id for s in table.states]),
        ("move", [OPENING, *(m.id for m in table.moves)]),
        ("clock", [c.id for c in table.clocks]),
    ):
        _distinct(ids, f"{table.id} {what}", NAME)
    _distinct([f.id for f in table.facts], f"{table.id} fact", FACT_NAME)
    _distinct(list(table.papers), f"{table.id} paper", NAME)


def _facts(table: Procedure) -> None:
    for fact in table.facts:
        where = f"{table.id} fact[{fact.id}]"
        _must(fact.type in FACT_TYPES, f"{where}.type", f"is none of {', '.join(sorted(FACT_TYPES))}")
        _must((fact.type in CHOOSING) == bool(fact.choices), f"{where}.choices", "stand with a fact that chooses, and only with one")
        _must(fact.kept in KEPT, f"{where}.kept", "is none of each, sealed; or is left out")
        _choosing(where, table, fact)
        _sample(where, fact)


def _sample(where: str, fact: Fact) -> None:
    if not isinstance(fact.sample, Mapping):
        _must(fits(fact, fact.sample), f"{where}.sample", f"is no {fact.type}")
        return
    _must(fact.type in LONGEST, f"{where}.sample", "stands in each language only where it is free text")
    for language, said in fact.sample.items():
        _must(fits(fact, said), f"{where}.sample.{language}", f"is no {fact.type}")


def _choosing(where: str, table: Procedure, fact: Fact) -> None:
    _subset(where, {"since": fact.since, "forms": fact.forms}, fact.choices, "choice")
    _must(not fact.forms or fact.type == "items", f"{where}.forms", "stand with a fact of type items, and only with one")
    for form in fact.forms.values():
        _must(form in ITEM_FORMS, f"{where}.forms", f"is none of {', '.join(sorted(ITEM_FORMS))}")
    if fact.shown_if:
        _must(any(f.id == fact.shown_if and f.type == "bool" for f in table.facts), f"{where}.shown_if", "names a fact that is yes or no")


def _told(table: Procedure) -> None:
    told = {n for m in (table.opening, *table.moves) for n in (*m.facts, *m.may)}
    for fact in table.facts:
        _must(fact.id in told, f"{table.id} fact[{fact.id}]", "no move records it")


def _clocks(table: Procedure) -> None:
    types = {f.id: f.type for f in table.facts}
    for clock in table.clocks:
        where = f"{table.id} clock[{clock.id}]"
        unit = clock.clock.unit
        _must(unit.counted and unit is not Unit.HOURS, f"{where}.clock.unit", "is counted in days, business days, months or years")
        _must(all(types.get(n) == "int" for n in clock.of), f"{where}.of", "names facts that are whole numbers")
        _must(not clock.day or types.get(clock.day) == "day", f"{where}.day", "names a fact that is a day")


def _move(table: Procedure, move: Move) -> None:
    where = f"{table.id} move[{move.id}]"
    states, types = {s.id: s for s in table.states}, {f.id: f.type for f in table.facts}
    clocks = {c.id for c in table.clocks}
    opening = move is table.opening
    _must(move.to in states, f"{where}.to", f"no state is called {move.to!r}")
    _must(opening != bool(move.leaves), f"{where}.from", "names the states it leaves; the opening has none")
    for name in move.leaves:
        _must(name in states, f"{where}.from", f"no state is called {name!r}")
        _must(not states[name].final, f"{where}.from", f"{name!r} is final: nothing comes after it")
    _distinct([*move.facts, *move.may], f"{where}.facts", FACT_NAME)
    _subset(where, {"facts": (*move.facts, *move.may)}, types, "fact")
    _subset(where, {"papers": move.papers}, table.papers, "paper")
    end = (move.at_end_of,) if move.at_end_of else ()
    named = {"starts": move.starts, "stops": move.stops, "over": move.over, "within": move.within, "at_end_of": end}
    _subset(where, named, clocks, "clock")
    _must(not set(move.starts) & set(move.stops), f"{where}.stops", "starts and stops the same clock")
    for name in move.letters:
        _must(LETTER.fullmatch(name) is not None, f"{where}.letter", f"{name!r} is no text: name@version")
    _distinct([*move.letters], f"{where}.also", LETTER)
    _must(not move.second or any(m.id == move.second for m in table.moves), f"{where}.second", f"no move is called {move.second!r}")
    _subset(where, {"apart": move.apart}, [m.id for m in table.moves], "move")
    _must(not move.decides or move.decides in DECISIONS, f"{where}.decides", f"is none of {', '.join(sorted(DECISIONS))}")
    _who(where, move)
    _distinct([m.id for m in move.must], f"{where}.must", NAME)
    for must in move.must:
        _sentence(f"{where}.must[{must.id}]", must, types)
    if move.holds is not None:
        _must(types.get(move.holds.data) == "data", f"{where}.holds.data", "names a fact of type data")
        _must(move.holds.clock in move.starts, f"{where}.holds.clock", "is a clock that this move starts")
    _must(move.holds is None or not move.lifts, f"{where}.lifts", "sets and lifts a hold at once")


def _who(where: str, move: Move) -> None:
    if move.at_end_of:
        asked = (move.asks, move.grounds, move.under, move.withdraws)
        told = any((move.roles, move.facts, move.may, move.papers, move.holds, move.letters, move.second, move.apart, *asked))
        _must(not told, where, "is made by the node itself at the end of a clock: it has no roles, facts, papers, permit, hold or letter")
        return
    _must(bool(move.roles), f"{where}.roles", "nobody may make it")
    _must(not move.roles & OUTSIDE, f"{where}.roles", "names somebody who is not the operator's own")


def _sentence(where: str, must: Must, types: Mapping[str, str]) -> None:
    _must(bool(must.of), f"{where}.of", "is about no fact")
    _subset(where, {"of": must.of}, types, "fact")
    chooses = bool(must.among or must.only or must.has)
    ways = [must.is_ is not None, must.least is not None or must.most is not None, bool(must.not_before), chooses]
    _must(sum(ways) == 1, where, "says exactly one of: is; least and most; not_before; among, only and has")
    if chooses:
        _subset(where, {"among": must.among}, types, "fact")
        several = (*must.of, *must.among)
        _must(all(types.get(n) in ("choices", "items") for n in several), f"{where}.of", "what was chosen is of several choices or items")
    if ways[1]:
        _must(all(types[n] == "int" for n in must.of), f"{where}.of", "a total is of whole numbers")
    if must.not_before:
        days = (*must.of, must.not_before)
        _must(all(types.get(n) == "day" for n in days), f"{where}.not_before", "compares days")


def _reminders(table: Procedure) -> None:
    clocks = {c.id for c in table.clocks}
    seen: set[tuple[str, int, Role]] = set()
    for number, told in enumerate(table.reminders, 1):
        where = f"{table.id} reminder[{number}]"
        _must(told.clock in clocks, f"{where}.clock", f"no clock is called {told.clock!r}")
        _must(told.role not in OUTSIDE, f"{where}.role", "names somebody who is not the operator's own")
        _must((told.clock, told.days_before, told.role) not in seen, where, "stands there twice")
        seen.add((told.clock, told.days_before, told.role))


def _reached(table: Procedure) -> None:
    seen = _forward(table, {table.opening.to})
    for state in table.states:
        _must(state.id in seen, f"{table.id} state[{state.id}]", "no way leads there")


def _left(table: Procedure) -> None:
    """From every state some way leads to an end."""
    ends = {s.id for s in table.states if s.final}
    _must(bool(ends), f"{table.id} state", "none is final")
    grown = True
    while grown:
        grown = False
        for move in table.moves:
            if move.to in ends and not ends.issuperset(move.leaves):
                ends |= set(move.leaves)
                grown = True
    for state in table.states:
        _must(state.id in ends, f"{table.id} state[{state.id}]", "has no way out to an end; add a move, or make it final")


def _known_in_time(table: Procedure) -> None:
    """What a clock, a hold or a sentence rests on has been told by then, whichever way the case came."""
    known = known_at(table)
    for move in (table.opening, *table.moves):
        where = f"{table.id} move[{move.id}]"
        before = frozenset.intersection(*(known[s] for s in move.leaves)) if move.leaves else frozenset[str]()
        now = before | set(move.facts)
        needs = {n for c in move.starts for rule in [table.clock(c)] for n in (rule.day, *_certain(rule, now))} - {""}
        needs |= {move.holds.data} if move.holds else set()
        needs |= {n for m in move.must for n in _rests_on(m)} - {"", *move.may}
        needs |= _grounds_on(move)
        for name in sorted(needs - now):
            _must(False, where, f"rests on {name!r}, which need not be known by then")


def _grounds(table: Procedure, move: Move) -> None:
    """A move that asks the gate is approved as it was proposed: by another person than who proposed, who adds nothing."""
    if move.grounds is None:
        return
    where, types = f"{table.id} move[{move.id}].grounds", {f.id: f.type for f in table.facts}
    _must(bool(move.second), where, "names nobody who proposed: say so with second")
    _must(not move.facts and not move.may, where, "is approved as it was proposed: the move itself records no fact")
    _must(move.roles <= SIGNING, where, "is open to a role whose signature no permit counts: reviewer, legal-officer")
    _must(not move.asks, where, "asks for a permit and for grounds at once")
    _subset(where, {"may": (str(v) for v in move.grounds.may.values())}, types, "fact")
    for proof in move.grounds.evidence:
        place = f"{where}.evidence[{proof.kind}].its_digest"
        _must(not proof.its_digest or bool(proof.papers), place, "is the digest of a paper: name its papers")


def _lets_out(table: Procedure, move: Move) -> None:
    """What discloses, or writes down values, stands under a permit that this very case got on the way, whichever way it came."""
    place, types = f"{table.id} move[{move.id}]", {f.id: f.type for f in table.facts}
    _subset(place, {"under": move.under}, [m.id for m in table.moves if m.grounds or m.asks], "move under a permit")
    where = f"{place}.under"
    lets_out = move.decides == "disclosed" or any(types.get(n) == "items" for n in (*move.facts, *move.may))
    _must(not lets_out or bool(move.under), where, "lets something out: name the moves whose permit must live")
    if move.under:
        without = replace(table, moves=tuple(m for m in table.moves if m.id not in move.under))
        bare = _forward(without, {table.opening.to}) & set(move.leaves)
        _must(not bare, where, f"a case comes to {', '.join(sorted(bare))} without any of these")


def _grounds_on(move: Move) -> set[str]:
    if move.grounds is None:
        return set()
    fields = [move.grounds.scope, *(proof.fields for proof in move.grounds.evidence)]
    return {v for said in fields for v in said.values() if isinstance(v, str)}


def _rests_on(must: Must) -> tuple[str, ...]:
    """A total begins with its first fact; the others may come later."""
    return must.of[:1] if must.least is not None or must.most is not None else (*must.of, must.not_before, *must.among)


def _certain(rule: ClockRule, now: Collection[str]) -> tuple[str, ...]:
    """A length made of several facts needs one of them; the others may come later."""
    return () if not rule.of or set(rule.of) & set(now) else rule.of[:1]


def _every_clock_ends(table: Procedure) -> None:
    for clock in table.clocks:
        where = f"{table.id} clock[{clock.id}]"
        starters = [m for m in (table.opening, *table.moves) if clock.id in m.starts]
        _must(bool(starters), where, "no move starts it")
        for move in starters:
            ahead = _forward(table, {move.to})
            ends = [m for m in table.moves if ahead & set(m.leaves) and clock.id in (*m.stops, *m.over, m.at_end_of)]
            _must(bool(ends), where, f"nothing stops it, or waits for its end, after {move.id!r}")
    waited = {c for m in table.moves for c in (*m.stops, *m.over, *m.within, m.at_end_of)} - {""}
    for name in sorted(waited):
        _must(any(name in m.starts for m in (table.opening, *table.moves)), f"{table.id} clock[{name}]", "no move starts it")


def _forward(table: Procedure, seen: set[str]) -> set[str]:
    grown = True
    while grown:
        more = {m.to for m in table.moves if seen & set(m.leaves)}
        grown = not more <= seen
        seen |= more
    return seen


def _subset(where: str, named: Mapping[str, Iterable[str]], known: Collection[str], what: str) -> None:
    for key, names in named.items():
        for name in names:
            _must(name in known, f"{where}.{key}", f"no {what} is called {name!r}")


def _distinct(names: list[str], where: str, shape: re.Pattern[str]) -> None:
    seen: set[str] = set()
    for name in names:
        _must(shape.fullmatch(name) is not None, where, f"{name!r} is no name: it has the form {shape.pattern}")
        _must(name not in seen, where, f"{name!r} stands there twice")
        seen.add(name)


def _must(holds: bool, where: str, what: str) -> None:
    if not holds:
        raise CasebookError("case book", where, what)
