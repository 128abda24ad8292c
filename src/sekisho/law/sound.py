"""What makes a book sound. A book that breaks one of these never comes to exist, whoever built it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sekisho.law.checks import CHECKS, PREDICATES
from sekisho.law.parameters import Parameter
from sekisho.law.tables import CasebookError
from sekisho.law.words import AxisRule, Case, Complete, Condition, Element, EvidenceKind, Ground, Value, VouchedBy

FIELD_TYPES = frozenset({"str", "int", "bool", "day", "digest", "list", "words"})


def kinds(book: Mapping[str, EvidenceKind]) -> None:
    """Every kind has fields, vouchers and roles; where a probe can measure, nobody may merely state."""
    for name, kind in book.items():
        _must(name == kind.name, name, "is filed under another name")
        _must(bool(kind.fields), name, "has no fields; evidence that says nothing proves nothing")
        _must(bool(kind.vouchers) and bool(kind.roles), name, "nobody may vouch for it")
        _must(set(kind.fields.values()) <= FIELD_TYPES, name, f"has a field of unknown type; known are {', '.join(sorted(FIELD_TYPES))}")
        both = {VouchedBy.PROBE, VouchedBy.STATEMENT} <= kind.vouchers
        _must(not both, name, "a probe can measure it, so no statement may vouch for it")
        _must((VouchedBy.PROBE in kind.vouchers) == bool(kind.probes), name, "names its probes if a probe may vouch for it, and only then")
        _must(kind.fresh is None or kind.fresh.total_seconds() > 0, name, "is never fresh")


def axes(book: Iterable[AxisRule]) -> None:
    """No axis twice, none that can never apply."""
    rules = list(book)
    _must(bool(rules), "axes", "a book without axes would ask nothing")
    _distinct((r.axis.value for r in rules), "axes")
    for rule in rules:
        _must(bool(rule.elements or rule.kinds or rule.acts), rule.axis.value, "never applies; name elements, kinds or acts")


def cases(book: Iterable[Case], known: Mapping[str, EvidenceKind]) -> None:
    """No id twice, no empty list of conditions, dates in order, every check and kind known."""
    every = list(book)
    _distinct((c.id for c in every), "case")
    for case in every:
        _shape(case)
        _distinct((c.id for c in case.conditions), case.id)
        never = case.ground is Ground.NONE
        _must(never or bool(case.conditions), case.id, "has no conditions; an empty list would permit everything")
        _must(not (never and case.conditions), case.id, "no ground carries it, so it has no conditions to meet")
        for condition in case.conditions:
            _condition(case.id, condition, known)


def complete(book: Complete, known: Mapping[str, EvidenceKind]) -> None:
    """No step twice, and no evidence of a kind nobody described."""
    _distinct((s.name for s in book.steps), "step")
    for name, value in book.evidence.items():
        _must(name in known, f"complete.evidence.{name}", "nobody knows this kind of evidence")
        _must(value.keys() == known[name].fields.keys(), f"complete.evidence.{name}", "must say every field of its kind, and no more")


def parameters(book: Iterable[Case], known: Mapping[str, Parameter]) -> None:
    """Every dated parameter a condition names is in the book."""
    for case in book:
        for condition in case.conditions:
            name = condition.params.get("parameter")
            good = name is None or (isinstance(name, str) and name in known)
            _must(good, f"{case.id} {condition.id}", f"no parameter is called {name!r}; known are {', '.join(sorted(known)) or 'none'}")


def _shape(case: Case) -> None:
    covers = bool(case.acts and case.elements and case.audience and case.regimes)
    _must(covers, case.id, "covers nothing: name acts, elements, audience and regimes")
    _must(case.until is None or case.until > case.since, case.id, "ends before it begins")
    _must(case.sure_from is None or case.since < case.sure_from <= case.seen, case.id, "is sure from a day outside of `since` to `seen`")
    _must((case.measure == "*") == bool(case.kinds) != bool(case.steps), case.id, "a general case names kinds, any other names steps")
    _must(case.signatures >= 0, case.id, "asks for fewer than no signatures")
    _must(case.longest is None or case.longest.total_seconds() > 0, case.id, "lasts no time")
    _must(case.certainty.decides_alone or case.ask is not None, case.id, "is uncertain and does not say what to ask the officer")
    for duty in case.duties:
        _must(duty.within.total_seconds() >= 0, case.id, "a duty is due before the act")


def _condition(case: str, condition: Condition, known: Mapping[str, EvidenceKind]) -> None:
    where = f"{case} {condition.id}"
    rule = CHECKS.get(condition.check)
    _must(rule is not None, where, f"no check is called {condition.check!r}; known are {', '.join(sorted(CHECKS))}")
    assert rule is not None  # noqa: S101 - said to the type checker; _must has raised
    given = condition.params
    for name in rule.required:
        _must(name in given, where, f"{condition.check} must be told {name!r}")
    for name, value in given.items():
        kind = rule.required.get(name) or rule.optional.get(name)
        _must(kind is not None, where, f"{condition.check} cannot be told {name!r}")
        _must(_fits(str(kind), value, known), where, f"{name!r} is not a good {kind}")
    if "where" in given:
        _where(where, given, known)
    if condition.check == "sides":
        _must(("sides" in given) != ("parameter" in given), where, "sides must be told a number, or the parameter that gives it, not both")
    if condition.check == "declared":
        _must(len(given) > 1, where, "declared must be told what to compare with: is, only, least or most")


def _fits(kind: str, value: Value, known: Mapping[str, EvidenceKind]) -> bool:
    if kind == "kind":
        return isinstance(value, str) and value in known
    if kind in ("scope", "name"):
        return isinstance(value, str) and bool(value)
    if kind == "number":
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if kind == "flag":
        return isinstance(value, bool)
    if kind in ("strings", "elements"):
        good = set(Element) if kind == "elements" else None
        return isinstance(value, tuple) and bool(value) and all(isinstance(v, str) and (good is None or v in good) for v in value)
    if kind == "where":
        return isinstance(value, Mapping) and bool(value)
    return kind == "value"


def _where(where: str, given: Mapping[str, Value], known: Mapping[str, EvidenceKind]) -> None:
    fields = known[str(given["kind"])].fields
    predicates = given["where"]
    assert isinstance(predicates, Mapping)  # noqa: S101 - said to the type checker; _fits has looked
    for name, asked in predicates.items():
        _must(name in fields, where, f"{given['kind']} has no field {name!r}")
        good = not isinstance(asked, Mapping) or (bool(asked) and asked.keys() <= PREDICATES)
        _must(good, where, f"{name}: a predicate is a value or a table of {', '.join(sorted(PREDICATES))}")


def _distinct(names: Iterable[str], where: str) -> None:
    seen: set[str] = set()
    for name in names:
        _must(bool(name) and name not in seen, where, f"{name!r} stands there twice" if name else "has no id")
        seen.add(name)


def _must(holds: bool, where: str, what: str) -> None:
    if not holds:
        raise CasebookError("case book", where, what)
