"""From strict tables to the words of the case book. One function per kind of table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from sekisho.law.tables import LANGUAGES, Table
from sekisho.law.words import (
    About,
    Act,
    Authority,
    Axis,
    AxisRule,
    Case,
    Certainty,
    Complete,
    Condition,
    Dissent,
    Duty,
    Element,
    EvidenceKind,
    Example,
    Ground,
    Kind,
    Regime,
    Role,
    Step,
    Value,
    VouchedBy,
    Words,
)

GIVEN = frozenset({"scope", "evidence", "without", "acts", "elements", "audience", "regime", "vouched", "purposes", "days", "others"})
"""What an example may change of its complete plan."""

EXPECTED = ("permitted", "refused", "referred", "out-of-scope")


@dataclass(frozen=True)
class Head:
    """`book.toml`: which country, which version, and the words for codes and roles."""

    country: str
    version: str
    utc_offset_hours: int
    says: Mapping[str, Words]
    roles: Mapping[str, Words]


@dataclass(frozen=True)
class Page:
    """One case file: a measure's (`measure` is its name) or a general one (`measure` is "*", and says nothing `about` itself)."""

    file: str
    measure: str
    about: About | None
    steps: tuple[Step, ...]
    cases: tuple[Case, ...]
    examples: tuple[Example, ...]
    complete: Complete


def head(table: Table) -> Head:
    found = Head(
        country=table.text("country"),
        version=table.text("version"),
        utc_offset_hours=table.number("utc_offset_hours", least=-12),
        says=_sentences(table.table("says")),
        roles=_sentences(table.table("roles")),
    )
    table.done()
    return found


def axes(table: Table) -> tuple[AxisRule, ...]:
    found = tuple(_axis(t) for t in table.tables("axis"))
    table.done()
    return found


def kinds(table: Table) -> Mapping[str, EvidenceKind]:
    found: dict[str, EvidenceKind] = {}
    for entry in table.tables("kind"):
        kind = _kind(entry)
        if kind.name in found:
            raise entry.error("name", f"{kind.name} stands there twice")
        found[kind.name] = kind
    return MappingProxyType(found)


def fields(table: Table, kinds: Mapping[str, EvidenceKind]) -> Mapping[str, Words]:
    """What people call each field of a kind of evidence: each of them and no other, or none at all in a book that has no such table."""
    if "field" not in table.data:
        table.done()
        return MappingProxyType({})
    told, known = table.table("field"), sorted({name for kind in kinds.values() for name in kind.fields})
    table.done()
    if missing := [name for name in known if name not in told.data]:
        raise table.error("field", f"has no words for {', '.join(missing)}")
    found = MappingProxyType({name: told.words(name) for name in known})
    told.done()
    return found


def page(table: Table) -> Page:
    measure = table.text("measure")
    stem = table.file.removesuffix(".toml")
    if measure not in ("*", stem):
        raise table.error("measure", f"must be {stem!r}, the name of the file, or '*'")
    declared = list(table.tables("step"))
    about = _about(table, declared) if measure != "*" else None
    steps = tuple(_step(t) for t in declared)
    complete = _complete(stem, steps, table.table("complete"))
    cases: list[Case] = []
    examples: list[Example] = []
    for entry in table.tables("case"):
        met = _given(entry, "met") if "met" in entry else MappingProxyType({})
        case, fails = _case(entry, measure, {s.name for s in steps})
        cases.append(case)
        examples += _worked(case, met, fails, steps, complete)
    examples += [_example(t, measure, stem) for t in table.tables("example")]
    table.done()
    return Page(stem, measure, about, steps, tuple(cases), tuple(examples), complete)


def _about(table: Table, steps: list[Table]) -> About:
    """`title`, `want` and what each step says of itself; every measure has them, so that people can find it by asking."""
    want = table.table("want")
    found = About(
        title=table.words("title"),
        want=MappingProxyType({language: want.texts(language) for language in sorted(LANGUAGES)}),
        steps=MappingProxyType({s.text("name"): s.words("says") for s in steps}),
    )
    want.done()
    return found


def _sentences(table: Table) -> Mapping[str, Words]:
    found = {key: table.words(key) for key in table.data}
    table.done()
    return MappingProxyType(found)


def _axis(table: Table) -> AxisRule:
    found = AxisRule(
        axis=table.word("axis", Axis),
        title=table.words("title"),
        elements=table.maybe("elements", lambda k: table.set_of(k, Element), frozenset()),
        kinds=table.maybe("kinds", lambda k: table.set_of(k, Kind), frozenset()),
        acts=table.maybe("acts", lambda k: table.set_of(k, Act), frozenset()),
        regimes=table.maybe("regimes", lambda k: table.set_of(k, Regime), frozenset(Regime)),
    )
    table.done()
    return found


def _kind(table: Table) -> EvidenceKind:
    fields = table.table("fields")
    found = EvidenceKind(
        name=table.text("name"),
        title=table.words("title"),
        fields=MappingProxyType({key: fields.text(key) for key in fields.data}),
        vouchers=table.set_of("vouchers", VouchedBy),
        roles=table.set_of("roles", Role),
        fresh=table.maybe("fresh_hours", lambda k: timedelta(hours=table.number(k, least=1))),
        probes=table.maybe("probes", lambda k: frozenset(table.texts(k)), frozenset()),
    )
    table.done()
    return found


def _step(table: Table) -> Step:
    found = Step(
        name=table.text("name"),
        kind=table.word("kind", Kind),
        acts=table.set_of("acts", Act),
        elements=table.set_of("elements", Element),
        purpose=table.text("purpose"),
        audience=table.maybe("audience", lambda k: frozenset(table.texts(k)), frozenset({"operator"})),
    )
    table.done()
    return found


def _complete(stem: str, steps: tuple[Step, ...], table: Table) -> Complete:
    evidence = table.table("evidence")
    apart = table.table("of") if "of" in table else None
    of = {name: _given(apart, name) for name in apart.data} if apart else {}
    if unknown := of.keys() - {s.name for s in steps}:
        raise table.error("of", f"{min(unknown)!r} is no step of this file")
    found = Complete(
        file=stem,
        steps=steps,
        day=table.day("day"),
        regime=table.word("regime", Regime),
        scope=table.mapping("scope"),
        evidence=MappingProxyType({kind: evidence.mapping(kind) for kind in evidence.data}),
        of=MappingProxyType(of),
    )
    evidence.done()
    table.done()
    return found


def _case(table: Table, measure: str, declared: set[str]) -> tuple[Case, dict[str, Mapping[str, Value]]]:
    ground = table.word("ground", Ground)
    never = table.maybe("never", table.flag, default=False)
    if never != (ground is Ground.NONE):
        raise table.error("never", "stands with ground 'none', and only with it")
    steps = frozenset(table.texts("steps")) if measure != "*" else frozenset()
    if unknown := steps - declared:
        raise table.error("steps", f"{min(unknown)!r} is no step of this file")
    conditions, fails = _conditions(table)
    found = Case(
        id=table.text("id"),
        measure=measure,
        axis=table.word("axis", Axis),
        ground=ground,
        authority=table.word("authority", Authority),
        certainty=table.word("certainty", Certainty),
        title=table.words("title"),
        source=table.text("source"),
        since=table.day("since"),
        seen=table.day("seen"),
        until=table.maybe("until", table.day),
        sure_from=table.maybe("sure_from", table.day),
        conditions=conditions,
        acts=table.set_of("acts", Act),
        elements=table.set_of("elements", Element),
        steps=steps,
        kinds=table.set_of("kinds", Kind) if measure == "*" else frozenset(),
        audience=table.maybe("audience", lambda k: frozenset(table.texts(k)), frozenset({"operator"})),
        regimes=table.maybe("regimes", lambda k: table.set_of(k, Regime), frozenset(Regime)),
        duties=tuple(_duty(t) for t in table.tables("duty")),
        signatures=table.number("signatures"),
        longest=table.maybe("longest_days", lambda k: timedelta(days=table.number(k, least=1))),
        ask=table.maybe("ask", table.words),
        notes=table.maybe("notes", table.words),
        rows=table.maybe("rows", table.texts, ()),
        cites=table.maybe("cites", table.texts, ()),
        dissent=tuple(dissent(t) for t in table.tables("dissent")),
    )
    table.done()
    return found, fails


def dissent(table: Table) -> Dissent:
    """Who sees it otherwise: one `[[dissent]]` table."""
    found = Dissent(words=table.words("words"), source=table.text("source"), authority=table.word("authority", Authority))
    table.done()
    return found


def _conditions(table: Table) -> tuple[tuple[Condition, ...], dict[str, Mapping[str, Value]]]:
    """The conditions of a case, and for each the one change that makes it fail."""
    conditions: list[Condition] = []
    fails: dict[str, Mapping[str, Value]] = {}
    for entry in table.tables("condition"):
        condition = _condition(entry)
        fails[condition.id] = _given(entry, "fails")
        entry.done()
        conditions.append(condition)
    return tuple(conditions), fails


def _condition(table: Table) -> Condition:
    return Condition(id=table.text("id"), check=table.text("check"), words=table.words("words"), params=table.mapping("params"))


def _duty(table: Table) -> Duty:
    found = Duty(do=table.text("do"), within=timedelta(days=table.number("within_days")), words=table.words("words"))
    table.done()
    return found


def _worked(
    case: Case, met: Mapping[str, Value], fails: Mapping[str, Mapping[str, Value]], steps: tuple[Step, ...], complete: Complete
) -> list[Example]:
    """One example that passes per step of the case, one per condition that fails on it alone.

    `met`: what a case that is not met by the file's complete plan changes of it, `[case.met]` in the file.
    """
    names = [s.name for s in steps if s.name in case.steps or s.kind in case.kinds]
    day = complete.day if _in_force(case, complete.day) else case.since

    def example(step: str, about: str, given: Mapping[str, Value], missing: tuple[str, ...]) -> Example:
        expect = "refused" if missing or case.ground is Ground.NONE else "met"
        because = MappingProxyType(dict.fromkeys(sorted(LANGUAGES), about))
        return Example(complete.file, case.measure, step, because, day, given, expect, missing, case.id, base=met)

    passing = [example(name, case.id, MappingProxyType({}), ()) for name in names]
    return passing + [example(names[0], f"{case.id} {c}", given, (c,)) for c, given in fails.items() if names]


def _in_force(case: Case, day: date) -> bool:
    return case.since <= day and (case.until is None or day < case.until)


def _example(table: Table, measure: str, stem: str) -> Example:
    if table.data.get("expect") not in EXPECTED:
        raise table.error("expect", f"must be one of {', '.join(EXPECTED)}")
    found = Example(
        file=stem,
        measure=measure,
        step=table.text("step"),
        because=table.words("because"),
        on=table.day("on"),
        given=_given(table, "given") if "given" in table else MappingProxyType({}),
        expect=table.text("expect"),
        missing=table.maybe("missing", table.texts, ()),
        case=table.maybe("case", table.text),
        confirmed=frozenset(table.maybe("confirmed", table.texts, ())),
    )
    table.done()
    return found


def _given(table: Table, key: str) -> Mapping[str, Value]:
    if key not in table:
        raise table.error(key, "is missing: say which one change makes this condition fail")
    given = table.mapping(key)
    if unknown := given.keys() - GIVEN:
        raise table.error(key, f"{min(unknown)!r} is nothing an example can change; known are {', '.join(sorted(GIVEN))}")
    return given
