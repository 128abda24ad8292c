"""Case books, plans and evidence out of thin air, and a second, naive reading of the rules to hold the gate against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from types import MappingProxyType
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import strategies as st

from sekisho.gate.answers import Decision, Outcome
from sekisho.gate.decide import decide
from sekisho.gate.people import Confirmation, KeyKind, Person
from sekisho.law.casebook import Casebook
from sekisho.law.words import (
    Act,
    Authority,
    Axis,
    AxisRule,
    Case,
    Certainty,
    Condition,
    Element,
    Evidence,
    EvidenceKind,
    Ground,
    Kind,
    Plan,
    Regime,
    Role,
    Step,
    Value,
    VouchedBy,
    Voucher,
)

T = TypeVar("T")
WORDS = MappingProxyType({"ja": "言葉", "en": "words"})
DAY = date(2020, 6, 1)
NOW = datetime(2020, 6, 1, 3, tzinfo=UTC)
PROPOSER = "proposer"
ELEMENTS = (Element.PARTY, Element.COUNTERPART, Element.DATETIME)
KINDS = (Kind.COLLECT, Kind.MATCH, Kind.SEND)
ACTS = (Act.LEARN, Act.USE)
AXES = (Axis.SECRECY, Axis.FAIRNESS, Axis.PERSONAL_DATA)
AUDIENCE = ("operator", "subscriber")
NAMES = ("terms", "switch", "list")


@dataclass(frozen=True)
class World:
    """One generated question."""

    book: Casebook
    plan: Plan
    confirmations: tuple[Confirmation, ...]


class Dice:
    """Everything drawn from one seed: quick, and one number reproduces it.

    Half of all worlds are good but for exactly one thing: those find the safeguard that is missing.
    """

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.rarely = self.random.choice((0.0, 0.0, 0.0, 0.05, 0.15, 0.4))
        self.only = self.random.randrange(100) if self.rarely == 0 else -1

    def of(self, *values: T) -> T:
        return self.random.choice(values)

    def well(self, good: T, *amiss: T) -> T:
        """Mostly `good`."""
        self.only -= 1
        return self.random.choice(amiss) if self.only == 0 or self.random.random() < self.rarely else good

    def some(self, values: Sequence[T], least: int = 0) -> frozenset[T]:
        return frozenset(self.random.sample(values, self.random.randint(least, len(values))))


def kind_table(dice: Dice) -> dict[str, EvidenceKind]:
    return {n: _kind(dice, n) for n in NAMES}


def _kind(dice: Dice, name: str) -> EvidenceKind:
    vouchers = dice.of(frozenset({VouchedBy.PROBE}), frozenset({VouchedBy.DOCUMENT, VouchedBy.STATEMENT}))
    fresh = dice.of(None, timedelta(hours=6))
    probes = frozenset({"probe"}) if VouchedBy.PROBE in vouchers else frozenset[str]()
    return EvidenceKind(name, WORDS, MappingProxyType({"good": "bool", "day": "day"}), vouchers, frozenset({Role.DESK}), fresh, probes)


def condition(dice: Dice, name: str) -> Condition:
    kind = dice.of(*NAMES)
    check, params = dice.of(
        ("evidence", {"kind": kind, "where": {"good": True}}),
        ("evidence", {"kind": kind, "where": {"day": {"by-day": True}}}),
        ("evidence", {"kind": kind, "where": {"good": True}, "ask": True}),
        ("single-purpose", {}),
        ("only-hits", {}),
        ("elements-within", {"elements": tuple(sorted(x.value for x in dice.well(frozenset(ELEMENTS), dice.some(ELEMENTS, 1))))}),
    )
    return Condition(name, check, WORDS, MappingProxyType(params))


def case(dice: Dice, number: int) -> Case:
    general = dice.of(True, False)
    ground = dice.of(Ground.BUSINESS, Ground.TERMS, Ground.NOT_SECRECY, dice.well(Ground.TERMS, Ground.NONE))
    count = 0 if ground is Ground.NONE else dice.random.randint(1, 3)
    since = dice.well(date(2018, 1, 1), date(2020, 6, 1), date(2020, 6, 2))
    sure_from = dice.well(None, date(2020, 6, 1), date(2020, 6, 2)) if since < DAY else None
    return Case(
        id=f"case-{number}",
        measure="*" if general else dice.well("measure", "another-measure"),
        axis=dice.of(*AXES),
        ground=ground,
        authority=Authority.MINISTRY,
        certainty=dice.of(Certainty.LAW, Certainty.SRC, Certainty.MEM, Certainty.INF),
        title=WORDS,
        source="somewhere",
        since=since,
        seen=date(2026, 1, 1),
        conditions=tuple(condition(dice, f"condition-{n}") for n in range(count)),
        acts=dice.well(frozenset(ACTS), frozenset({Act.LEARN})),
        elements=dice.well(frozenset(ELEMENTS), frozenset({Element.PARTY})),
        until=dice.well(None, date(2020, 6, 1), date(2020, 6, 2), date(2021, 1, 1)) if since < DAY else None,
        sure_from=sure_from,
        steps=frozenset() if general else frozenset({"step"}),
        kinds=dice.well(frozenset(KINDS), dice.some(KINDS, 1)) if general else frozenset(),
        audience=dice.well(frozenset(AUDIENCE), frozenset({"operator"})),
        regimes=dice.well(frozenset(Regime), frozenset({Regime.TBA})),
        signatures=dice.of(0, 1, 2),
        longest=dice.of(None, timedelta(days=1)),
        ask=WORDS,
    )


def axis_rules(dice: Dice) -> tuple[AxisRule, ...]:
    chosen = dice.random.sample(AXES, dice.of(1, 1, 2, 3))
    return tuple(AxisRule(a, WORDS, dice.some(ELEMENTS), dice.some(KINDS, 1), dice.some(ACTS)) for a in chosen)


AMISS = (
    Voucher(VouchedBy.PROBE, "probe"),
    Voucher(VouchedBy.DOCUMENT, "0" * 64, Role.DESK, "clerk"),
    Voucher(VouchedBy.PROBE, "probe-of-somebody"),
    Voucher(VouchedBy.DOCUMENT, "the-terms", Role.DESK, "clerk"),
    Voucher(VouchedBy.STATEMENT, "clerk", Role.DESK),
    Voucher(VouchedBy.STATEMENT, "clerk", Role.SUBSCRIBER),
    Voucher(VouchedBy.STATEMENT, PROPOSER, Role.DESK),
    Voucher(VouchedBy.DOCUMENT, "0" * 64, Role.DESK, PROPOSER),
    Voucher(VouchedBy.DOCUMENT, "0" * 64, Role.DESK),
)


def paper(dice: Dice, table: dict[str, EvidenceKind], name: str) -> Evidence:
    """Mostly good evidence; else with one thing or another wrong."""
    value: dict[str, Value] = {"good": dice.well(True, False), "day": dice.well("2020-01-01", "2020-12-31")}
    value = dice.well(value, {}, {"good": True}, {"good": 1, "day": "2020-01-01"}, {**value, "more": True})
    fitting = AMISS[0] if VouchedBy.PROBE in table[name].vouchers else AMISS[1]
    return Evidence(
        kind=dice.well(name, "unheard-of"),
        value=MappingProxyType(value),
        purpose=dice.well("purpose", "another-purpose"),
        voucher=dice.well(fitting, *AMISS),
        at=NOW + dice.well(timedelta(hours=-1), timedelta(hours=-7), timedelta(hours=1)),
        until=dice.well(None, NOW, NOW + timedelta(hours=2)),
    )


def plan(dice: Dice, table: dict[str, EvidenceKind]) -> Plan:
    elements, acts = dice.some(ELEMENTS, 1), dice.some(ACTS, 1)
    audience = dice.well(frozenset({"operator"}), frozenset(AUDIENCE), frozenset({"public"}))
    step = Step("step", dice.of(*KINDS), acts, elements, "purpose", audience)
    scope: dict[str, Value] = {
        "purposes": dice.well(("purpose",), ("purpose", "another-purpose")),
        "rows": dice.well("hits", "all"),
    }
    names = [*dice.well(NAMES, NAMES[1:]), *(dice.of(*NAMES) for _ in range(dice.of(0, 0, 1, 2)))]
    return Plan(
        measure="measure",
        actor="operator",
        proposer=PROPOSER,
        regime=dice.well(Regime.TBA, Regime.WIRE),
        steps=(step,),
        day=DAY,
        until=NOW + timedelta(days=7),
        scope=MappingProxyType(dice.well(scope, {})),
        evidence=tuple(paper(dice, table, n) for n in names),
    )


def confirmation(dice: Dice, case: Case, book: Casebook) -> Confirmation:
    at = NOW - timedelta(hours=dice.well(2, -1))
    lasts = dice.well(timedelta(days=30), timedelta(days=400), timedelta(hours=1))
    named, under = dice.well("measure", "another-measure"), dice.well(book.digest, "0" * 64)
    return Confirmation(case.id, named, under, dice.well("read it", " "), "officer", at, at + lasts)


def world_of(seed: int) -> World:
    dice = Dice(seed)
    table = kind_table(dice)
    found = [case(dice, n) for n in range(dice.random.randint(1, 6))]
    book = Casebook("xx", "1", axis_rules(dice), MappingProxyType(table), tuple(found))
    said = tuple(confirmation(dice, c, book) for c in found if dice.well(True, False))
    return World(book, plan(dice, table), said if dice.of(True, True, False) else ())


def worlds() -> st.SearchStrategy[World]:
    return st.integers(0, 2**48).map(world_of)


def naive(world: World) -> str:
    """The outcome, read off the rules in the plainest way there is."""
    plan, book, step = world.plan, world.book, world.plan.steps[0]
    results = []
    for rule in book.axes:
        if not (step.kind in rule.kinds or step.elements & rule.elements or step.acts & rule.acts):
            continue
        answers = [_naive_case(c, world) for c in book.cases if c.axis is rule.axis and _speaks(c, plan, step)]
        results.append(next((o for o in ("permitted", "out-of-scope", "referred") if o in answers), "refused"))
    if not results or "refused" in results:
        return "refused"
    if "referred" in results:
        return "referred"
    return "permitted" if "permitted" in results else "out-of-scope"


def _speaks(case: Case, plan: Plan, step: Step) -> bool:
    if plan.day < case.since or (case.until is not None and plan.day >= case.until):
        return False
    return step.kind in case.kinds if case.measure == "*" else case.measure == plan.measure and step.name in case.steps


def _naive_case(case: Case, world: World) -> str:
    plan, step = world.plan, world.plan.steps[0]
    if case.ground is Ground.NONE:
        return "refused"
    if not (step.elements <= case.elements and step.acts <= case.acts and step.audience <= case.audience and plan.regime in case.regimes):
        return "refused"
    answers = [_naive_condition(c, world) for c in case.conditions]
    if False in answers:
        return "refused"
    for kind in NAMES:
        meets = [set(a) for a, c in zip(answers, case.conditions, strict=True) if isinstance(a, list) and c.params.get("kind") == kind]
        if meets and not set.intersection(*meets):
            return "refused"
    confirmed = any(_confirms(c, case, world) for c in world.confirmations)
    remembered = case.sure_from is not None and case.sure_from > plan.day
    if "ask" in answers or ((remembered or case.certainty in (Certainty.MEM, Certainty.INF)) and not confirmed):
        return "referred"
    return "out-of-scope" if case.ground is Ground.NOT_SECRECY else "permitted"


def _confirms(said: Confirmation, case: Case, world: World) -> bool:
    same = (said.case, said.measure, said.book) == (case.id, "measure", world.book.digest)
    return same and said.reasons != " " and said.at <= NOW < said.until and (said.until - said.at).days <= 366


def _naive_condition(condition: Condition, world: World) -> bool | str | list[int]:
    """True, False, "ask", or for evidence the numbers of the pieces that meet it."""
    plan, step = world.plan, world.plan.steps[0]
    if condition.check == "single-purpose":
        return plan.scope.get("purposes") == ("purpose",)
    if condition.check == "only-hits":
        return plan.scope.get("rows") == "hits"
    if condition.check == "elements-within":
        return {e.value for e in step.elements} <= set(condition.params["elements"])  # type: ignore[arg-type] # a tuple by construction
    kind = str(condition.params["kind"])
    of_kind = [(n, e) for n, e in enumerate(plan.evidence) if e.kind == kind]
    asked = condition.params["where"]
    pieces = [n for n, e in of_kind if _believed(e, world.book.kinds[kind]) and _says(e, asked)]
    if pieces:
        return pieces
    return "ask" if not of_kind and condition.params.get("ask") else False


def _says(evidence: Evidence, asked: object) -> bool:
    return evidence.value["good"] is True if asked == {"good": True} else str(evidence.value["day"]) <= "2020-06-01"


def _believed(evidence: Evidence, kind: EvidenceKind) -> bool:
    voucher = evidence.voucher
    if set(evidence.value) != {"good", "day"} or not isinstance(evidence.value["good"], bool):
        return False
    if evidence.purpose != "purpose" or PROPOSER in (voucher.who, voucher.person) or voucher.by not in kind.vouchers:
        return False
    if voucher.by is VouchedBy.PROBE and voucher.who != "probe":
        return False
    if voucher.by is VouchedBy.DOCUMENT and not (voucher.person and voucher.who == "0" * 64):
        return False
    if voucher.by is not VouchedBy.PROBE and voucher.role is not Role.DESK:
        return False
    return evidence.at <= NOW and all(e > NOW for e in _over(evidence, kind))


def _over(evidence: Evidence, kind: EvidenceKind) -> list[datetime]:
    ends = [evidence.at + kind.fresh] if kind.fresh else []
    return ends + ([evidence.until] if evidence.until else [])


def naive_end(world: World, decision: Decision) -> datetime:
    """When the permit ends: with the plan, or the first of what its cases stand on. What a probe measured is measured again."""
    ends = [world.plan.until]
    for name in decision.cases:
        case = world.book.case(name)
        ends += [world.book.begins(case.until)] if case.until else []
        ends += [NOW + case.longest] if case.longest else []
        unsure = case.certainty in (Certainty.MEM, Certainty.INF) or (case.sure_from is not None and world.plan.day < case.sure_from)
        ends += [next(c.until for c in world.confirmations if _confirms(c, case, world))] if unsure else []
        for kind in NAMES:
            ends += _papers_end(world, case, world.book.kinds[kind])
    return min(ends)


def _papers_end(world: World, case: Case, kind: EvidenceKind) -> list[datetime]:
    meets = [_naive_condition(c, world) for c in case.conditions if c.params.get("kind") == kind.name]
    common = set.intersection(*(set(m) for m in meets if isinstance(m, list))) if meets else set()
    papers = [world.plan.evidence[n] for n in common]
    each = [([e.until] if e.until else []) if e.voucher.by is VouchedBy.PROBE else _over(e, kind) for e in papers]
    return [max(min(e) for e in each)] if each and all(each) else []


KEEP = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def person(name: str, *roles: Role) -> Person:
    return Person(name, name, frozenset(roles), KeyKind.FILE, b"")


PEOPLE = {
    p.id: p
    for p in (
        person(PROPOSER, Role.ENGINEER, Role.REVIEWER, Role.OFFICER),
        person("officer", Role.OFFICER),
        person("reviewer-1", Role.REVIEWER),
        person("reviewer-2", Role.REVIEWER),
        person("clerk", Role.DESK),
    )
}


def outcome(world: World) -> Outcome:
    return decide(world.plan, world.book, NOW, world.confirmations)[0].outcome


def permitted_world() -> World:
    """One world that is permitted, made by hand."""
    kind = EvidenceKind("terms", WORDS, {"day": "day"}, frozenset({VouchedBy.DOCUMENT}), frozenset({Role.DESK}), timedelta(hours=6))
    case = Case(
        id="case",
        measure="measure",
        axis=Axis.SECRECY,
        ground=Ground.BUSINESS,
        authority=Authority.MINISTRY,
        certainty=Certainty.LAW,
        title=WORDS,
        source="somewhere",
        since=date(2018, 1, 1),
        seen=date(2026, 1, 1),
        conditions=(Condition("c", "evidence", WORDS, {"kind": "terms"}),),
        acts=frozenset({Act.USE}),
        elements=frozenset({Element.PARTY}),
        steps=frozenset({"step"}),
        signatures=2,
    )
    rule = AxisRule(Axis.SECRECY, WORDS, frozenset({Element.PARTY}))
    step = Step("step", Kind.LOOK, frozenset({Act.USE}), frozenset({Element.PARTY}), "purpose")
    paper = Evidence("terms", {"day": "2020-01-01"}, "purpose", Voucher(VouchedBy.DOCUMENT, "0" * 64, Role.DESK, "clerk"), NOW)
    plan = Plan("measure", "operator", PROPOSER, Regime.TBA, (step,), date(2020, 6, 1), NOW + timedelta(days=7), {}, {}, (paper,))
    return World(Casebook("xx", "1", (rule,), {"terms": kind}, (case,)), plan, ())
