"""A refusal is a to-do list: which lines are missing on each axis, and who can supply each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import MappingProxyType

from sekisho.gate.answers import Ask, AxisAnswer, Checked, Met, Missing, Outcome, Tried, Unmet
from sekisho.law.casebook import Casebook
from sekisho.law.words import Ground, Role, Words

OFFICER = frozenset({Role.OFFICER})
NEEDS_EVIDENCE = frozenset({"missing", "malformed", "wrong-purpose", "own-word", "wrong-voucher", "wrong-role", "not-yet", "stale"})


def to_do(axes: Sequence[AxisAnswer], book: Casebook, outcome: Outcome) -> tuple[Missing, ...]:
    """What stands between this answer and a permit; empty when nothing does.

    Cases of one axis are alternatives: each line names its case, and one case's lines are enough for its axis.
    """
    if outcome in (Outcome.PERMITTED, Outcome.OUT):
        return ()
    lines = [line for axis in axes if axis.outcome in (Outcome.REFUSED, Outcome.REFERRED) for line in _axis(axis, book)]
    if not lines:
        lines = [Missing("case", None, None, None, say(book, "no-axis"), OFFICER, why="no-axis")]
    return tuple(lines)


def _axis(axis: AxisAnswer, book: Casebook) -> Iterator[Missing]:
    hopeful = [t for t in axis.tried if t.ground is not Ground.NONE and t.outcome is axis.outcome]
    hopeful = [t for t in hopeful if not _too_wide(t)] or hopeful
    if not axis.tried:
        yield Missing("case", axis.axis, None, None, say(book, "no-case"), OFFICER, why="no-case")
    for tried in () if hopeful else axis.tried:
        yield Missing("case", axis.axis, tried.case, None, _never(tried.case, book), OFFICER, why="never")
    for tried in hopeful:
        yield from _case(axis, tried, book)


def _never(case: str, book: Casebook) -> Words:
    """That no ground carries this, and what the case itself says of why and of what may be asked instead."""
    words, notes = say(book, "never"), book.case(case).notes
    return MappingProxyType({k: f"{v} — {notes[k]}" if notes and k in notes else v for k, v in words.items()})


def _too_wide(tried: Tried) -> bool:
    """Whether the step itself goes beyond the case: no evidence can help there, so other cases are named first."""
    return any(c.condition.startswith("@surplus") for c in tried.checked)


def _case(axis: AxisAnswer, tried: Tried, book: Casebook) -> Iterator[Missing]:
    for checked in tried.checked:
        if not isinstance(checked.answer, Met):
            yield _line(axis, tried, checked)
    if not tried.certainty.decides_alone and tried.confirmed_by is None:
        words = tried.ask or say(book, "confirmation")
        yield Missing("confirmation", axis.axis, tried.case, None, words, OFFICER, why=tried.certainty.value)


def _line(axis: AxisAnswer, tried: Tried, checked: Checked) -> Missing:
    answer = checked.answer
    if isinstance(answer, Ask):
        return Missing("condition", axis.axis, tried.case, checked.condition, answer.question, answer.whom, why="ask")
    assert isinstance(answer, Unmet)  # noqa: S101 - said to the type checker; met lines are left out above
    what = "evidence" if answer.why in NEEDS_EVIDENCE else "condition"
    return Missing(what, axis.axis, tried.case, checked.condition, checked.words, answer.who, answer.kind, answer.why)


def say(book: Casebook, code: str) -> Words:
    """The book's words for a code of the gate; the bare code where the book has none."""
    return book.says.get(code) or MappingProxyType({"ja": code, "en": code})
