"""A decision as plain JSON: the same object on the command line, in the API and on the console."""

from __future__ import annotations

from datetime import date
from typing import Any

from sekisho.gate.answers import Answer, Ask, AxisAnswer, Checked, Decision, Met, Missing, Tried
from sekisho.law.canonical import plain
from sekisho.law.casebook import Casebook
from sekisho.law.norms import Norm
from sekisho.law.numbering import on, today
from sekisho.law.words import Case


def decision_json(decision: Decision, book: Casebook) -> dict[str, Any]:
    """The whole tree, with the book's words for every code and role beside them."""
    return {
        "step": plain(decision.step),
        "on": plain(decision.on),
        "outcome": decision.outcome.value,
        "axes": [_axis(a, book, decision.on) for a in decision.axes],
        "missing": [_missing(m, book) for m in decision.missing],
        "duties": plain(decision.duties),
        "ends": plain(decision.ends),
        "signatures": decision.signatures,
        "cases": list(decision.cases),
        "book": decision.book,
    }


def _axis(axis: AxisAnswer, book: Casebook, day: date) -> dict[str, Any]:
    norms = {n.id: n for n in book.norms}
    return {
        "axis": axis.axis.value,
        "title": plain(axis.title),
        "outcome": axis.outcome.value,
        "stands_on": axis.stands_on,
        "norms": [norm_json(norms[n], book, day) for n in axis.norms if n in norms],
        "tried": [_tried(t, book, day) for t in axis.tried],
    }


def norm_json(norm: Norm, book: Casebook, day: date) -> dict[str, Any]:
    """What is touched before any ground is asked for: whom it binds, what it says, what breaking it costs."""
    return {
        "id": norm.id,
        "title": plain(norm.title),
        "binds": plain(norm.binds),
        "says": plain(norm.says),
        "penalty": plain(norm.penalty),
        "cites": cited(norm.cites, norm.since, day, book),
        "source": norm.source,
        "authority": norm.authority.value,
        "certainty": norm.certainty_on(day).value,
    }


def _tried(tried: Tried, book: Casebook, day: date) -> dict[str, Any]:
    case = next((c for c in book.cases if c.id == tried.case), None)
    found: dict[str, Any] = plain(tried)
    found["checked"] = [{**_checked(c, book), **_parameter(case, c.condition, book, day)} for c in tried.checked]
    found["cites"] = cited(case.cites, case.since, day, book) if case else []
    found["dissent"] = plain(case.dissent) if case else []
    return found


def cited(cites: tuple[str, ...], written: date, day: date, book: Casebook) -> list[dict[str, Any]]:
    """Each article as numbered when the entry began, on the day of the act, and by the newest numbering known."""
    return [
        {"cite": c, "then": list(on(book.laws, c, written=written, asked=day)), "now": list(today(book.laws, c, written))} for c in cites
    ]


def _parameter(case: Case | None, condition: str, book: Casebook, day: date) -> dict[str, Any]:
    """The dated number a condition stands on: its value that day, since when, who says so and who does not."""
    told = next((c.params.get("parameter") for c in case.conditions if c.id == condition), None) if case else None
    parameter = book.parameters.get(told) if isinstance(told, str) else None
    if parameter is None:
        return {}
    return {"parameter": {"name": parameter.name, "title": plain(parameter.title), "value": plain(parameter.on(day))}}


def _checked(checked: Checked, book: Casebook) -> dict[str, Any]:
    return {"condition": checked.condition, "words": plain(checked.words), **_answer(checked.answer, book)}


def _answer(answer: Answer, book: Casebook) -> dict[str, Any]:
    if isinstance(answer, Met):
        return {"answer": "met", "evidence": list(answer.evidence)}
    if isinstance(answer, Ask):
        return {"answer": "ask", "who": _who(answer.whom, book), "question": plain(answer.question)}
    return {
        "answer": "unmet",
        "why": answer.why,
        "why_words": _said(answer.why, book),
        "who": _who(answer.who, book),
        "kind": _kind(answer.kind, book),
        "detail": plain(answer.detail),
    }


def _missing(missing: Missing, book: Casebook) -> dict[str, Any]:
    return {
        "what": missing.what,
        "axis": missing.axis.value if missing.axis else None,
        "case": missing.case,
        "condition": missing.condition,
        "words": plain(missing.words),
        "why": missing.why,
        "why_words": _said(missing.why, book),
        "who": _who(missing.who, book),
        "kind": _kind(missing.kind, book),
    }


def _who(roles: frozenset[Any], book: Casebook) -> list[dict[str, Any]]:
    return [{"role": r.value, "words": plain(book.roles.get(r.value, {}))} for r in sorted(roles, key=lambda r: str(r.value))]


def _kind(name: str | None, book: Casebook) -> dict[str, Any] | None:
    """The kind of evidence wanted: its title, its fields, and how it can be vouched for."""
    kind = book.kinds.get(name) if name else None
    if kind is None:
        return None
    return {"name": kind.name, "title": plain(kind.title), "fields": plain(kind.fields), "vouchers": plain(kind.vouchers)}


def _said(code: str, book: Casebook) -> dict[str, Any] | None:
    return plain(book.says[code]) if code in book.says else None
