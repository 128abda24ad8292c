"""The consultation paper for the ministry: a plan, each case tried for it, and the questions that only the authority can answer.

A plan file may say for it, in `[dossier]`: to, contact, notification, responsible, background (texts); data_flow, figures, questions,
attachments (lists of texts; an attachment is a file, named with its digest); alternatives (a list of { what, why_not }).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sekisho.desk.asking.question import Here, read_question
from sekisho.desk.asking.trial import answers, with_measured
from sekisho.desk.draft import DraftError
from sekisho.desk.papers import Words, template_of, words_of
from sekisho.effects import letter
from sekisho.effects.letter import CannotPrint
from sekisho.gate.render import decision_json
from sekisho.law.canonical import canonical, digest
from sekisho.law.casebook import Casebook
from sekisho.law.reading import read
from sekisho.law.words import Duty, Evidence, Plan, Regime, Step, Value, VouchedBy

__all__ = ["CannotPrint", "Dossier", "carry_out", "consulted", "paper", "print_plan", "questions", "seen", "whole"]

PAPER = "dossier@1"
TEXTS = ("to", "contact", "notification", "responsible", "background")
LISTS = ("data_flow", "figures", "questions", "attachments")
BEST_LAST = ("refused", "referred", "out-of-scope", "permitted")


@dataclass(frozen=True)
class Dossier:
    """A plan file, where it is asked, the texts of the operator, and the language of the paper."""

    plan: Path
    here: Here
    texts: Path
    now: datetime
    language: str = "ja"
    on: date | None = None
    regime: Regime | None = None


@dataclass(frozen=True)
class Consulted:
    """What a paper is made of. `decisions` are the gate's, as JSON; `assumed` kinds and cases are marked as such."""

    plan: Plan
    decisions: Sequence[Mapping[str, Any]]
    now: datetime
    assumed: frozenset[str] = frozenset()
    confirmed: tuple[str, ...] = ()
    said: Mapping[str, Value] = field(default_factory=dict)
    attached: Mapping[str, str] = field(default_factory=dict)


def carry_out(request: Dossier) -> bytes:
    """The paper as PDF/A. Raises DraftError, CannotPrint, PaperError."""
    return letter.pdf(template_of(request.texts, PAPER), whole(request))


def seen(request: Dossier, ppi: int = 72) -> list[bytes]:
    """The paper's pages as PNG, to be looked at before it is printed."""
    return letter.pages(template_of(request.texts, PAPER), whole(request), ppi)


def whole(request: Dossier) -> dict[str, Any]:
    """Everything the paper says, as plain data in its language. Raises DraftError, PaperError."""
    return paper(consulted(request), request.here.book, words_of(request.texts, PAPER, request.language))


def consulted(request: Dossier) -> Consulted:
    question = read_question(request.plan, request.here, request.now, on=request.on, regime=request.regime)
    said = _checked(question.dossier, request.plan.parent)
    asked = with_measured(question, request.here)
    book = request.here.book
    return Consulted(
        plan=asked.plan,
        decisions=[decision_json(d, book) for d in answers(asked, book)],
        now=asked.now,
        assumed=frozenset(a.name for a in question.assumed if a.what == "evidence"),
        confirmed=question.confirmed,
        said=said,
        attached={**question.attached, **_attached(said, request.plan.parent)},
    )


def print_plan(found: Mapping[str, Any], book: Casebook, texts: Path, now: datetime, language: str) -> bytes:
    """The paper of a plan that `keep` knows, as its answer to `plan` says it. Raises CannotPrint, PaperError."""
    asked = Consulted(plan=read(Plan, found["plan"]), decisions=found["decisions"], now=now)
    return letter.pdf(template_of(texts, PAPER), paper(asked, book, words_of(texts, PAPER, language)))


def paper(asked: Consulted, book: Casebook, words: Words) -> dict[str, Any]:
    """The data of the template `dossier@1.typ`: texts, lists and rows, in one language."""
    plan, said, label = asked.plan, asked.said, words.labels
    on = words.day(plan.day)
    made = asked.now.astimezone(book.zone).date()
    about = book.about.get(plan.measure)
    return {
        "language": words.language,
        "words": dict(label),
        "title": label["title"],
        "subject": words.pick(about.title) if about else plan.measure,
        "operator": plan.actor,
        "date": [made.year, made.month, made.day],
        "day": words.day(made),
        "to": _text(said, "to", label["to"]),
        "footer": label["footer"],
        "outcome": words.of("outcome", min((d["outcome"] for d in asked.decisions), key=BEST_LAST.index)),
        "summary": label["summary"].format(day=on, book=f"{book.country} {book.version}"),
        "operator_facts": _operator(asked, words),
        "plan_facts": list(_plan_facts(asked, book, words)),
        "background": _text(said, "background", ""),
        "steps": [_step(s, book, plan, words) for s in plan.steps],
        "flow": [_flow(s, plan, book, words) for s in plan.steps],
        "data_flow": _list(said, "data_flow"),
        "evidence": [_evidence(e, asked, book, words) for e in plan.evidence],
        "figures": _list(said, "figures"),
        "alternatives": list(_alternatives(plan, said, words)),
        "tried": [_tried(d, asked, book, words) for d in asked.decisions],
        "questions": list(questions(asked, book, words)),
        "missing": list(_missing(asked.decisions, words)),
        "duties": _duties(asked.decisions, book, words),
        "attachments": [[name, document] for name, document in sorted(asked.attached.items())],
        "book": f"{book.country} {book.version}",
        "book_digest": book.digest,
    }


def questions(asked: Consulted, book: Casebook, words: Words) -> Iterator[list[str]]:
    """What the authority is asked, each once with its cases: what a referred case tells to ask, and what a condition leaves to people."""
    asked_by: dict[str, dict[str, None]] = {}
    for tried in (t for d in asked.decisions for a in d["axes"] for t in a["tried"]):
        case = book.case(tried["case"])
        asks = [words.pick(c["question"]) for c in tried["checked"] if c["answer"] == "ask"]
        unsure = case.ask and not case.certainty_on(asked.plan.day).decides_alone
        if unsure and (tried["outcome"] == "referred" or case.id in asked.confirmed or _only_unsure(tried)):
            asks.append(words.pick(case.ask))
        sources = (words.of("ground", case.ground), words.of("authority", case.authority), words.of("certainty", tried["certainty"]))
        said = words.labels["question_asks"].format(case=case.id, ground=sources[0], authority=sources[1], certainty=sources[2])
        for question in asks:
            asked_by.setdefault(question, {})[f"{said}  {case.source}"] = None
    yield from ([question, "\n".join(cases)] for question, cases in asked_by.items())
    for own in _list(asked.said, "questions"):
        yield [own, words.labels["question_own"]]


def _only_unsure(tried: Mapping[str, Any]) -> bool:
    """Whether nothing but evidence that can still be supplied stands beside the doubt. A step wider than the case is not asked about."""
    return tried["outcome"] == "refused" and not any(c["condition"].startswith("@") for c in tried["checked"])


def _operator(asked: Consulted, words: Words) -> list[list[str]]:
    label, unsaid = words.labels, words.labels["not_said"]
    rows = [[label["operator_name"], asked.plan.actor if asked.plan.actor != "-" else unsaid]]
    rows.append([label["regime"], words.of("regime", asked.plan.regime)])
    return rows + [[label[k], _text(asked.said, k, unsaid)] for k in ("notification", "responsible", "contact")]


def _plan_facts(asked: Consulted, book: Casebook, words: Words) -> Iterator[list[str]]:
    plan, label = asked.plan, words.labels
    about = book.about.get(plan.measure)
    yield [label["measure"], f"{words.pick(about.title)} ({plan.measure})" if about else plan.measure]
    yield [label["purpose"], words.listed(words.purpose(p, book) for p in sorted({s.purpose for s in plan.steps}))]
    until = plan.until.astimezone(book.zone).date()
    yield [label["from_until"], label["from_until_says"].format(**{"from": words.day(plan.day), "until": words.day(until)})]
    if isinstance(days := plan.scope.get("days"), int):
        yield [label["keeps"], label["keeps_says"].format(days=days)]
    bound = {k: v for k, v in plan.scope.items() if k not in ("purposes", "days", "streams")}
    if bound:
        yield [label["binds"], "\n".join(f"{k}: {words.value(v)}" for k, v in sorted(bound.items()))]
    if asked.confirmed:
        yield [label["rests"], label["rests_confirmed"].format(cases=words.listed(asked.confirmed))]


def _step(step: Step, book: Casebook, plan: Plan, words: Words) -> dict[str, Any]:
    about = book.about.get(plan.measure)
    label = words.labels
    return {
        "name": step.name,
        "says": words.pick(about.steps.get(step.name)) if about else "",
        "facts": [
            [label["step_kind"], words.of("kind", step.kind)],
            [label["acts"], words.each("act", step.acts)],
            [label["elements"], words.each("element", step.elements)],
            [label["purpose"], words.purpose(step.purpose, book)],
            [label["audience"], words.audience(step.audience, book)],
        ],
    }


def _flow(step: Step, plan: Plan, book: Casebook, words: Words) -> list[str]:
    """What goes in, what is done, who has it then, and when it is gone."""
    row = [words.each("element", step.elements), f"{step.name} ({words.of('kind', step.kind)})", words.audience(step.audience, book)]
    if isinstance(days := plan.scope.get("days"), int):
        row.append(words.labels["flow_keep"].format(days=days))
    return row


def _evidence(evidence: Evidence, asked: Consulted, book: Casebook, words: Words) -> dict[str, Any]:
    kind = book.kinds[evidence.kind]
    voucher = evidence.voucher
    who = voucher.who if voucher.by is VouchedBy.PROBE else words.pick(book.roles.get(str(voucher.role)))
    assumed = words.labels["assumed"] if evidence.kind in asked.assumed else ""
    return {
        "title": words.pick(kind.title),
        "values": [[k, words.field(k, v, book)] for k, v in evidence.value.items()],
        "by": f"{words.of('voucher', voucher.by)}: {who}{assumed}",
    }


def _alternatives(plan: Plan, said: Mapping[str, Value], words: Words) -> Iterator[list[str]]:
    """From the evidence that weighs them, and what the plan file adds."""
    for evidence in (e for e in plan.evidence if e.kind == "alternatives"):
        yield [words.value(evidence.value.get("weighed")), words.value(evidence.value.get("why_not"))]
    listed = said.get("alternatives", ())
    for one in listed if isinstance(listed, tuple) else ():
        if isinstance(one, Mapping):
            yield [str(one.get("what", "")), str(one.get("why_not", ""))]


def _tried(decision: Mapping[str, Any], asked: Consulted, book: Casebook, words: Words) -> dict[str, Any]:
    about = book.about.get(asked.plan.measure)
    pieces = {digest(e): words.pick(book.kinds[e.kind].title) for e in asked.plan.evidence}
    return {
        "name": decision["step"]["name"],
        "says": words.pick(about.steps.get(decision["step"]["name"])) if about else "",
        "outcome": words.of("outcome", decision["outcome"]),
        "axes": [
            {
                "title": words.pick(axis["title"]),
                "outcome": words.of("outcome", axis["outcome"]),
                "norms": words.listed(_norm(n, words) for n in axis.get("norms", ())),
                "cases": [_case(tried, pieces, book, words) for tried in axis["tried"]],
            }
            for axis in decision["axes"]
        ],
    }


def _norm(norm: Mapping[str, Any], words: Words) -> str:
    penalty = words.pick(norm["penalty"])
    return words.pick(norm["title"]) + (f" [{penalty}]" if penalty else "")


def _case(tried: Mapping[str, Any], pieces: Mapping[str, str], book: Casebook, words: Words) -> dict[str, Any]:
    case, label = book.case(tried["case"]), words.labels
    facts = [
        words.of("ground", case.ground),
        words.of("authority", case.authority),
        words.of("certainty", tried["certainty"]),
        f"{label['source']}: {case.source}",
        f"{label['in_force']}: {case.since}–{case.until or ''}",
        f"{label['seen']}: {case.seen}",
    ]
    if tried["cites"]:
        facts.insert(4, f"{label['cites']}: {words.listed(_cited(c) for c in tried['cites'])}")
    return {
        "id": case.id,
        "title": words.pick(case.title),
        "outcome": words.of("outcome", tried["outcome"]),
        "facts": " / ".join(facts),
        "conditions": [[words.pick(c["words"]), words.of("outcome", c["answer"]), _why(c, pieces, words)] for c in tried["checked"]],
        "notes": words.pick(case.notes),
        "dissent": [f"{words.pick(d.words)} ({d.source}; {words.of('authority', d.authority)})" for d in case.dissent],
    }


def _cited(cite: Mapping[str, Any]) -> str:
    """An article as the case cites it, and its number of today where it moved."""
    return cite["cite"] if cite["now"] == [cite["cite"]] else f"{cite['cite']} → {', '.join(cite['now'])}"


def _why(checked: Mapping[str, Any], pieces: Mapping[str, str], words: Words) -> str:
    """On what a condition is met; or why it is not, and who can supply what is missing."""
    if checked["answer"] == "met":
        kinds = sorted({pieces[d] for d in checked["evidence"] if d in pieces})
        return words.labels["by_evidence"].format(kinds=words.listed(kinds)) if kinds else words.labels["by_plan"]
    who = words.listed(words.pick(w["words"]) for w in checked["who"])
    why = words.pick(checked.get("why_words")) or checked.get("why", "")
    return f"{why} ({who})" if why and who else why or who


def _missing(decisions: Sequence[Mapping[str, Any]], words: Words) -> Iterator[list[str]]:
    """What people can still supply; what only the authority answers stands with the questions."""
    seen_already: set[str] = set()
    for line in (m for d in decisions for m in d["missing"] if m["what"] != "confirmation"):
        key = f"{line['case']} {line['condition']} {line['words']}"
        if key not in seen_already:
            seen_already.add(key)
            kind = words.pick(line["kind"]["title"]) if line["kind"] else ""
            who = words.listed(words.pick(w["words"]) for w in line["who"])
            yield [f"{words.pick(line['words'])} ({line['case']})" if line["case"] else words.pick(line["words"]), kind, who]


def _duties(decisions: Sequence[Mapping[str, Any]], book: Casebook, words: Words) -> list[list[str]]:
    """Of every case that was tried and could carry its step: what is owed once it is done."""
    hopeful = [t["case"] for d in decisions for a in d["axes"] for t in a["tried"] if t["ground"] != "none"]
    duties: dict[bytes, Duty] = {canonical(duty): duty for case in hopeful for duty in book.case(case).duties}
    label = words.labels
    return [
        [words.pick(d.words), label["within_says"].format(days=d.within.days) if d.within.days else label["at_once"]]
        for d in duties.values()
    ]


def _checked(said: Mapping[str, Value], base: Path) -> Mapping[str, Value]:
    """The words for the paper, each of its kind. Raises DraftError."""
    known = (*TEXTS, *LISTS, "alternatives")
    for key, value in said.items():
        where = f"dossier.{key}"
        if key not in known:
            raise DraftError(where, "unknown-key", key, known)
        if key in TEXTS and not (isinstance(value, str) and value.strip()):
            raise DraftError(where, "not-a-str", value)
        if key in LISTS and not (isinstance(value, tuple) and value and all(isinstance(v, str) and v for v in value)):
            raise DraftError(where, "not-a-list", value)
        if key == "alternatives":
            rows = value if isinstance(value, tuple) else ()
            if not rows or not all(isinstance(r, Mapping) and set(r) == {"what", "why_not"} for r in rows):
                raise DraftError(where, "not-a-list", value, ("what", "why_not"))
    _attached(said, base)
    return said


def _attached(said: Mapping[str, Value], base: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, name in enumerate(_list(said, "attachments")):
        try:
            found[name] = hashlib.sha256((base / name).read_bytes()).hexdigest()
        except (OSError, ValueError) as why:
            raise DraftError(f"dossier.attachments[{number}]", "absent", name) from why
    return found


def _text(said: Mapping[str, Value], key: str, otherwise: str) -> str:
    value = said.get(key)
    return value if isinstance(value, str) else otherwise


def _list(said: Mapping[str, Value], key: str) -> list[str]:
    value = said.get(key, ())
    return [str(v) for v in value] if isinstance(value, tuple) else []
