"""The named checks. Each is pure: a condition, the plan, the step and the moment go in; met, unmet or ask comes out.

Rule 1: empty, unknown, missing and stale mean no. Rule 2: more evidence never makes an answer worse, less never better:
a condition is met if any piece of evidence meets it alone. Rule 3: who proposes does not vouch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType

from sekisho.gate.answers import Answer, Ask, Met, Unmet
from sekisho.gate.papers import Papers
from sekisho.gate.predicates import holds
from sekisho.law.consent import lacks
from sekisho.law.words import Condition, Evidence, EvidenceKind, Plan, Role, Step, Value, VouchedBy, Voucher

DRAFTERS = frozenset({Role.ENGINEER, Role.DESK})
"""Who writes plans, and so can say in the plan's scope what is still unsaid."""

ORDER = ("missing", "malformed", "wrong-purpose", "own-word", "wrong-voucher", "wrong-role", "not-yet", "stale", "value")
"""From furthest to nearest: of several pieces of evidence that fail, the nearest miss is reported."""


@dataclass(frozen=True)
class Question:
    """What a check is asked: a condition about one step of a plan, at one moment, with the kinds of evidence the book knows."""

    condition: Condition
    plan: Plan
    step: Step
    on: datetime
    kinds: Mapping[str, EvidenceKind]
    papers: Papers


def check(ask: Question) -> Answer:
    """Run the condition's check. An unknown check is unmet, never an error that somebody could catch and go on."""
    found = REGISTRY.get(ask.condition.check)
    if found is None:
        return Unmet("unknown-check", detail={"check": ask.condition.check})
    return found(ask)


def usable(kind: EvidenceKind, evidence: Evidence, ask: Question) -> str:
    """Why this piece of evidence cannot serve, as a code; empty if it can."""
    voucher = evidence.voucher
    if ill_said(kind, evidence):
        return "malformed"
    if evidence.purpose != ask.step.purpose:
        return "wrong-purpose"
    if ask.plan.proposer in (voucher.who, voucher.person) or not ask.plan.proposer:
        return "own-word"
    if voucher.by not in kind.vouchers or not _named(kind, voucher):
        return "wrong-voucher"
    if voucher.by is not VouchedBy.PROBE and voucher.role not in kind.roles:
        return "wrong-role"
    if evidence.at > ask.on:
        return "not-yet"
    end = _stale(kind, evidence)
    return "stale" if end is not None and end <= ask.on else ""


def ill_said(kind: EvidenceKind, evidence: Evidence) -> str:
    """The first field that is not there, of another type or empty, or that the kind does not know; empty if all is said."""
    value = evidence.value
    wrong = (k for k in sorted(kind.fields) if k not in value or not typed(kind.fields[k], value[k]))
    return next(wrong, next(iter(sorted(value.keys() - kind.fields.keys())), ""))


def ends(kind: EvidenceKind, evidence: Evidence) -> datetime | None:
    """When a permit that stands on this piece of evidence ends, or None if it does not end for that.

    What a probe measured is measured again as long as the permit lives, so its freshness ends no permit here.
    """
    return evidence.until if evidence.voucher.by is VouchedBy.PROBE else _stale(kind, evidence)


def _stale(kind: EvidenceKind, evidence: Evidence) -> datetime | None:
    """When this piece of evidence stops counting, or None if it does not by itself."""
    limits = [evidence.until] if evidence.until else []
    if kind.fresh:
        limits.append(evidence.at + kind.fresh)
    return min(limits, default=None)


def _named(kind: EvidenceKind, voucher: Voucher) -> bool:
    """A probe is one the book knows, a document is a digest that somebody laid in, a statement is somebody's."""
    if voucher.by is VouchedBy.PROBE:
        return voucher.who in kind.probes
    if voucher.by is VouchedBy.DOCUMENT and not _is_digest(voucher.who):
        return False
    return bool(voucher.who and voucher.answers)


def _is_digest(value: str) -> bool:
    return len(value) == 64 and set(value) <= set("0123456789abcdef")


def typed(name: str, value: Value) -> bool:
    """Whether a value is of the type a field of evidence is said to have; nothing empty is."""
    if name == "int":
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "bool":
        return isinstance(value, bool)
    if name == "list":
        return isinstance(value, tuple) and bool(value)
    if name == "words":
        return isinstance(value, Mapping) and bool(value) and all(isinstance(v, str) and v for v in value.values())
    if not isinstance(value, str) or not value.strip():
        return False
    if name == "day":
        return _is_day(value)
    return name == "str" or (name == "digest" and _is_digest(value))


def _is_day(value: str) -> bool:
    """In the one spelling that days are compared in: 20261121 and 2026-W47-6 name days too, and sort elsewhere."""
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _weigh(ask: Question, good: Callable[[Evidence], str]) -> Answer:
    """Met by every usable piece of the condition's kind for which `good` finds no fault; else the nearest miss.

    `good` returns "" or the name of what is wrong in the evidence.
    """
    name = str(ask.condition.params.get("kind", ""))
    kind = ask.kinds.get(name)
    if kind is None:
        return Unmet("unknown-kind", detail={"kind": name})
    serves: list[str] = []
    nearest, detail = "missing", ""
    for piece in ask.papers.kinds.get(name, ()):
        evidence = ask.papers.pieces[piece]
        asked = (piece, ask.step.purpose, ask.on)
        why = ask.papers.faults.get(asked)
        if why is None:
            why = ask.papers.faults[asked] = usable(kind, evidence, ask)
        wrong = ill_said(kind, evidence) if why == "malformed" else "" if why else good(evidence)
        if not why and not wrong:
            serves.append(piece)
        elif ORDER.index(why or "value") > ORDER.index(nearest):
            nearest, detail = why or "value", wrong
    if serves:
        return Met(tuple(sorted(serves)))
    return Unmet(nearest, kind.roles, name, MappingProxyType({"field": detail} if detail else {}))


def _evidence(ask: Question) -> Answer:
    predicates = ask.condition.params.get("where", {})
    if not isinstance(predicates, Mapping):
        return Unmet("unknown-check")

    def good(evidence: Evidence) -> str:
        return next((k for k, asked in predicates.items() if not holds(asked, evidence.value.get(k), ask.plan, ask.step)), "")

    answer = _weigh(ask, good)
    if isinstance(answer, Unmet) and answer.why == "missing" and ask.condition.params.get("ask") is True:
        return Ask(answer.who, ask.condition.words)
    return answer


def _single_purpose(ask: Question) -> Answer:
    if any(s.purpose != ask.step.purpose for s in ask.plan.steps):
        return Unmet("mixed-purpose", DRAFTERS, detail={"purposes": tuple(sorted({s.purpose for s in ask.plan.steps}))})
    return _declared_is(ask, "purposes", (ask.step.purpose,))


def _elements_within(ask: Question) -> Answer:
    return _within({e.value for e in ask.step.elements}, ask.condition.params.get("elements"))


def _audience(ask: Question) -> Answer:
    return _within(set(ask.step.audience), ask.condition.params.get("within"))


def _within(wanted: set[str], allowed: Value) -> Answer:
    if not wanted or not isinstance(allowed, tuple):
        return Unmet("undeclared", DRAFTERS)
    surplus = wanted - {v for v in allowed if isinstance(v, str)}
    return Unmet("surplus", DRAFTERS, detail={"surplus": tuple(sorted(surplus))}) if surplus else Met()


def _only_hits(ask: Question) -> Answer:
    return _declared_is(ask, "rows", "hits")


def _applied_alike(ask: Question) -> Answer:
    """Every line found is treated the same: the plan says so and leaves nobody out."""
    if ask.plan.scope.get("except"):
        return Unmet("declared-otherwise", DRAFTERS, detail={"field": "except"})
    return _declared_is(ask, "lines", "every-line-found")


def _declared_is(ask: Question, field: str, wanted: Value) -> Answer:
    said = ask.plan.scope.get(field)
    if said is None:
        return Unmet("undeclared", DRAFTERS, detail={"field": field})
    return Met() if said == wanted and type(said) is type(wanted) else Unmet("declared-otherwise", DRAFTERS, detail={"field": field})


def _declared(ask: Question) -> Answer:
    """The plan binds itself in its scope, which the permit carries and every reader of it enforces."""
    params = ask.condition.params
    field = str(params.get("field", ""))
    said = ask.plan.scope.get(field)
    if said is None or said in ((), ""):
        return Unmet("undeclared", DRAFTERS, detail={"field": field})
    asked = {k: v for k, v in params.items() if k in ("is", "only", "least", "most")}
    good = bool(asked) and holds(asked, said, ask.plan, ask.step)
    return Met() if good else Unmet("declared-otherwise", DRAFTERS, detail={"field": field})


def _list_origin(ask: Question) -> Answer:
    """The list used is the very list somebody vouches for, with where it came from and a review not later than the day."""
    used = ask.plan.scope.get("list")
    if not isinstance(used, str) or not used:
        return Unmet("undeclared", DRAFTERS, detail={"field": "list"})

    def good(evidence: Evidence) -> str:
        value = evidence.value
        if value.get("digest") != used:
            return "digest"
        if not value.get("origin"):
            return "origin"
        reviewed = value.get("reviewed")
        return "" if isinstance(reviewed, str) and reviewed <= ask.plan.day.isoformat() else "reviewed"

    return _weigh(ask, good)


def _consent(ask: Question) -> Answer:
    """Individual consent that covers this very step: its elements, purpose and audience, by a clear act, free, and revocable.

    That it was given before, and neither withdrawn nor over, is the evidence's own time and end (`usable`).
    """
    sides, party = ask.condition.params.get("sides", 1), ask.condition.params.get("party", ())
    if not isinstance(sides, int) or isinstance(sides, bool) or not isinstance(party, tuple):
        return Unmet("unknown-check")
    of = frozenset(p for p in party if isinstance(p, str))
    return _weigh(ask, lambda evidence: lacks(evidence.value, ask.step, sides, of))


def _sides(ask: Question) -> Answer:
    """As many sides of the communication agree as the case asks for (law.md: contested, so it is a parameter)."""
    needed = ask.condition.params.get("sides")

    def good(evidence: Evidence) -> str:
        sides = evidence.value.get("sides")
        named = {s for s in sides if isinstance(s, str)} if isinstance(sides, tuple) else set()
        enough = isinstance(needed, int) and needed > 0 and len(named) >= needed
        return "" if enough else "sides"

    return _weigh(ask, good)


def _term(ask: Question) -> Answer:
    """The plan names a term in days, and no longer than the vouched retention; where the law sets the term, exactly that one."""
    days = ask.plan.scope.get("days")
    if not isinstance(days, int) or isinstance(days, bool) or days < 0:
        return Unmet("undeclared", DRAFTERS, detail={"field": "days"})
    if days != ask.condition.params.get("days", days):
        return Unmet("declared-otherwise", DRAFTERS, detail={"field": "days"})

    def good(evidence: Evidence) -> str:
        longest = evidence.value.get("days")
        return "" if isinstance(longest, int) and days <= longest else "days"

    return _weigh(ask, good)


def _survey(ask: Question) -> Answer:
    """Enough of those asked before agree, in words that name what is done, of a sample that is told; else which of these fails.

    The least share and the least numbers are the operator's own, the share never below the case's floor. Shares in permille.
    """
    floor, about = ask.condition.params.get("floor_permille"), ask.condition.params.get("about")

    def good(evidence: Evidence) -> str:
        said = evidence.value
        since, day = said.get("since"), said.get("day")
        if not holds({"by-day": True}, day, ask.plan, ask.step):
            return "day"
        if not isinstance(since, str) or since > str(day):
            return "since"
        return _too_few(said, floor) or _other_words(said, ask.plan.scope.get(str(about)), told=about is not None)

    answer = _weigh(ask, good)
    field = str(answer.detail.get("field", "")) if isinstance(answer, Unmet) else ""
    if isinstance(answer, Unmet) and answer.why in ("malformed", "value") and field:
        return replace(answer, why=f"survey-{field}")
    return answer


def _too_few(said: Mapping[str, Value], floor: Value) -> str:
    """The count that is too small, or greater than the one it is part of."""
    counts = [said.get(k) for k in ("asked", "answered", "agreed", "least_asked", "least_answered", "needed_permille")]
    numbers = [n for n in (*counts, floor) if isinstance(n, int) and not isinstance(n, bool)]
    if len(numbers) <= len(counts):
        return "asked"
    asked, answered, agreed, least_asked, least_answered, needed, floor = numbers
    if not 0 < least_asked <= asked:
        return "asked"
    if not 0 < least_answered <= answered <= asked:
        return "answered"
    return "" if 0 < agreed <= answered and agreed * 1000 >= max(needed, floor) * asked else "agreed"


def _other_words(said: Mapping[str, Value], scope: Value, *, told: bool) -> str:
    """What the question was about stands in it word for word; and where customers are told of classes, it was about just these."""
    about, wording = said.get("about"), said.get("wording")
    if not isinstance(about, tuple) or not isinstance(wording, str) or not all(isinstance(a, str) and a in wording for a in about):
        return "wording"
    if not told:
        return ""
    classes = list(scope.values()) if isinstance(scope, Mapping) else []
    titles = [t for c in classes if isinstance(c, Mapping) and isinstance(t := c.get("title"), Mapping)]
    if len(titles) < len(classes):
        return "about"
    tongues = {tongue for t in titles for tongue in t}
    return "" if any({t.get(tongue) for t in titles} == set(about) for tongue in tongues) else "about"


REGISTRY: Mapping[str, Callable[[Question], Answer]] = MappingProxyType(
    {
        "evidence": _evidence,
        "single-purpose": _single_purpose,
        "elements-within": _elements_within,
        "only-hits": _only_hits,
        "audience": _audience,
        "applied-alike": _applied_alike,
        "list-origin": _list_origin,
        "consent": _consent,
        "sides": _sides,
        "declared": _declared,
        "term": _term,
        "survey": _survey,
    }
)
"""One function for every name in `law.checks.CHECKS`; a test holds the two together."""
