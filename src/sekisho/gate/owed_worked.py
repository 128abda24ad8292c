"""Whether a worked question about what is owed comes out as the book says."""

from __future__ import annotations

from datetime import date, timedelta

from sekisho.gate.owed import owed
from sekisho.gate.owing import Breached, Done, Due, Ended, Holds, Lapsed, NotDue, Open, Owed, Shut
from sekisho.law.casebook import Casebook
from sekisho.law.owed_worked import Worked

NOON = timedelta(hours=12)


def answer(asked: Worked, book: Casebook) -> tuple[str, date | None, tuple[str, ...]]:
    """State, day and missing conditions of the rule the example is about; "no-rule" if it is not in force for those facts."""
    found = owed(asked.facts, book, book.begins(asked.on) + NOON)
    return _duty(found, asked.rule) or _shield(found, asked.rule) or _hold(found, asked.rule) or ("no-rule", None, ())


def told(asked: Worked, book: Casebook) -> str:
    """The answer as one line, for whoever must mend the example or the rule."""
    state, by, lacks = answer(asked, book)
    return " ".join([state, *([by.isoformat()] if by else []), *lacks])


def right(asked: Worked, book: Casebook) -> bool:
    """Whether the answer is the expected one; a day is compared only where the example names one."""
    state, by, lacks = answer(asked, book)
    return state == asked.expect and (asked.by is None or asked.by == by) and (not asked.lacks or asked.lacks == lacks)


def _duty(found: Owed, rule: str) -> tuple[str, date | None, tuple[str, ...]] | None:
    state = next((d.state for d in found.duties if d.rule.id == rule), None)
    if isinstance(state, Due):
        return "due", state.by, ()
    if isinstance(state, NotDue):
        return "not-due", None, ()
    if isinstance(state, Done):
        return "late" if state.late else "done", state.on, ()
    if isinstance(state, Breached):
        return "breached", state.since, ()
    return ("lapsed", state.on, ()) if isinstance(state, Lapsed) else None


def _shield(found: Owed, rule: str) -> tuple[str, date | None, tuple[str, ...]] | None:
    state = next((s.answer for s in found.shields if s.rule.id == rule), None)
    if isinstance(state, Open):
        return "open", state.on, ()
    return ("shut", None, state.missing) if isinstance(state, Shut) else None


def _hold(found: Owed, rule: str) -> tuple[str, date | None, tuple[str, ...]] | None:
    state = next((h.answer for h in found.holds if h.rule.id == rule), None)
    if isinstance(state, Holds):
        return "holds", state.until, ()
    if isinstance(state, Ended):
        return "ended", state.on, ()
    return ("not-held", None, ()) if state is not None else None
