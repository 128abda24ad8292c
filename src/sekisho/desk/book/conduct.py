"""The book as a code of conduct for one measure: what is done, on which ground, by which rules and duties, and who sees it otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sekisho.desk.draft import DraftError
from sekisho.desk.papers import Words, template_of, words_of
from sekisho.desk.remarks import Remark
from sekisho.effects import letter
from sekisho.effects.letter import CannotPrint
from sekisho.gate.decide import applies, matches
from sekisho.law.casebook import Casebook
from sekisho.law.words import Case, Plan, Regime, Step

__all__ = ["CannotPrint", "Conduct", "carry_out", "whole"]

PAPER = "conduct@1"
REGIMES = (Regime.TBA, Regime.TBA_EXEMPT, Regime.WIRE, Regime.RADIO)


@dataclass(frozen=True)
class Conduct:
    """A measure of the book, the law of a day, the texts, the language. `remarks`: the legal officer's, where they are shown."""

    measure: str
    book: Casebook
    texts: Path
    on: date
    language: str
    operator: str = "-"
    remarks: tuple[Remark, ...] | None = None


def carry_out(request: Conduct) -> bytes:
    """As PDF/A. Raises DraftError, CannotPrint, PaperError."""
    return letter.pdf(template_of(request.texts, PAPER), whole(request))


def whole(request: Conduct) -> dict[str, Any]:
    """Everything it says, as plain data in its language. Raises DraftError, PaperError."""
    book = request.book
    if request.measure not in book.steps:
        raise DraftError("measure", "unknown-measure", request.measure, sorted(book.steps))
    words = words_of(request.texts, PAPER, request.language)
    about = book.about.get(request.measure)
    return {
        "language": request.language,
        "words": dict(words.labels),
        "title": words.labels["title"],
        "subject": words.pick(about.title) if about else request.measure,
        "operator": request.operator,
        "date": [request.on.year, request.on.month, request.on.day],
        "day": words.day(request.on),
        "footer": words.labels["footer"],
        "summary": words.labels["summary"].format(day=words.day(request.on), book=f"{book.country} {book.version}"),
        "steps": [_step(s, request, words) for s in book.steps[request.measure]],
        "book": f"{book.country} {book.version}",
        "book_digest": book.digest,
    }


def _step(step: Step, request: Conduct, words: Words) -> dict[str, Any]:
    book = request.book
    about = book.about.get(request.measure)
    label = words.labels
    axes = [
        (rule, [c for c in book.cases if c.axis is rule.axis and _speaks(c, step, request)]) for rule in book.axes if applies(rule, step)
    ]
    return {
        "name": step.name,
        "says": words.pick(about.steps.get(step.name)) if about else "",
        "facts": [
            [label["kind"], words.of("kind", step.kind)],
            [label["acts"], words.each("act", step.acts)],
            [label["elements"], words.each("element", step.elements)],
            [label["audience"], words.audience(step.audience, book)],
        ],
        "axes": [{"title": words.pick(rule.title), "rules": [_rule(c, request, words) for c in cases]} for rule, cases in axes],
    }


def _speaks(case: Case, step: Step, request: Conduct) -> bool:
    """Whether the case is in force for the step on that day, under any of the laws."""
    now = datetime.combine(request.on, datetime.min.time(), request.book.zone)
    return any(matches(case, Plan(request.measure, "-", "-", r, (step,), request.on, now), step) for r in REGIMES)


def _rule(case: Case, request: Conduct, words: Words) -> dict[str, Any]:
    label, book = words.labels, request.book
    notes: Mapping[str, str] | None = case.notes
    facts = [words.of("ground", case.ground), words.of("authority", case.authority), words.of("certainty", case.certainty)]
    return {
        "id": case.id,
        "title": words.pick(case.title),
        "never": case.ground == "none",
        "ground": words.listed(facts),
        "source": f"{label['source']}{label['colon']}{case.source} ({case.since}–{case.until or ''})",
        "conditions": [[words.pick(c.words), words.checked(c, book)] for c in case.conditions],
        "duties": [f"{words.pick(d.words)} ({_within(d.within.days, words)})" for d in case.duties],
        "signatures": label["signatures"].format(count=case.signatures) if case.signatures else "",
        "ask": words.pick(case.ask),
        "remark": "" if request.remarks is None else _remark(case, request, request.remarks, words),
        "notes": words.pick(notes),
        "dissent": [f"{words.pick(d.words)} ({d.source}; {words.of('authority', d.authority)})" for d in case.dissent],
    }


def _remark(case: Case, request: Conduct, remarks: Sequence[Remark], words: Words) -> str:
    """The legal officer's words on this case, their day and that of the next look. Where they are asked for and there are none, that."""
    for one in remarks:
        if (one.case, one.measure) == (case.id, request.measure):
            now = request.book.begins(request.on)
            day, following = (words.day(request.book.day(at)) for at in (one.at, one.until))
            return words.labels[f"remark_{one.state(now)}"].format(words=one.words, day=day, next=following)
    return words.labels["remark_none"] if case.ask else ""


def _within(days: int, words: Words) -> str:
    return words.labels["within"].format(days=days) if days else words.labels["at_once"]
