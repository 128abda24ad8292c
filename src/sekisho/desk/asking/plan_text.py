"""A plan as the text of a question file: what `desk/asking/question.py` reads is what this writes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sekisho.law.casebook import Casebook
from sekisho.law.words import Evidence, Plan, Step, Value, VouchedBy

BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Lines:
    """Remarks for the person who goes on with the file: at its head, before the evidence, and before each kind that is missing.

    What is missing, and the words of the scope that are `unsaid`, are commented out.
    """

    head: Sequence[str] = ()
    example: str = ""
    missing: Mapping[str, str] = field(default_factory=dict)
    unsaid: frozenset[str] = frozenset()


def toml(plan: Plan, book: Casebook, remarks: Lines, confirmed: Sequence[str] = ()) -> str:
    """The plan as TOML. Evidence whose kind is in `remarks.missing` is written as a comment below its remark."""
    parts = [f"# {line}" for line in remarks.head]
    parts += [f"measure = {_said(plan.measure)}"] + ([] if plan.measure in book.steps else ["new = true"])
    declared = [book.step(plan.measure, s.name) == s for s in plan.steps]
    if all(declared):
        parts.append(f"steps = {_said(tuple(s.name for s in plan.steps))}")
    parts += [f"regime = {_said(plan.regime.value)}", f"on = {plan.day.isoformat()}"]
    if confirmed:
        parts.append(f"confirmed = {_said(tuple(confirmed))}")
    if not all(declared):
        parts += [line for step in plan.steps for line in _step(step)]
    for name, table in (("scope", plan.scope), ("facts", plan.facts)):
        if table:
            parts += [
                "",
                f"[{name}]",
                *(f"{'#' if k in remarks.unsaid else ''}{_key(k)} = {_said(v)}" for k, v in table.items() if v is not None),
            ]
    if remarks.example and plan.evidence:
        parts += ["", f"# {remarks.example}"]
    for evidence in plan.evidence:
        lines = list(_evidence(evidence, plan))
        if evidence.kind in remarks.missing:
            lines = [f"# {remarks.missing[evidence.kind]}", *(f"#{line}" for line in lines)]
        parts += ["", *lines]
    return "\n".join(parts) + "\n"


def _step(step: Step) -> Iterator[str]:
    yield ""
    yield "[[steps]]"
    yield f"name = {_said(step.name)}"
    yield f"kind = {_said(step.kind.value)}"
    yield f"acts = {_said(tuple(sorted(step.acts)))}"
    yield f"elements = {_said(tuple(sorted(step.elements)))}"
    yield f"purpose = {_said(step.purpose)}"
    yield f"audience = {_said(tuple(sorted(step.audience)))}"


def _evidence(evidence: Evidence, plan: Plan) -> Iterator[str]:
    voucher = evidence.voucher
    yield "[[evidence]]"
    yield f"kind = {_said(evidence.kind)}"
    if voucher.by is VouchedBy.PROBE:
        yield f"vouched = {{ by = {_said(voucher.by.value)}, who = {_said(voucher.who)} }}"
    else:
        yield f"role = {_said(voucher.role.value if voucher.role else '')}"
    if {s.purpose for s in plan.steps} != {evidence.purpose}:
        yield f"purpose = {_said(evidence.purpose)}"
    yield f"value = {_said(evidence.value)}"


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else _said(name)


def _said(value: Value) -> str:
    """A value as TOML: what JSON and TOML spell alike, and tables inline."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_said(v)}" for k, v in value.items() if v is not None) + " }"
    if isinstance(value, tuple):
        return "[" + ", ".join(_said(v) for v in value if v is not None) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
