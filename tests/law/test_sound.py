"""What a book refuses to hold, asked rule by rule: each rule at its edge, on a book that is sound but for one thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from sekisho.law import sound
from sekisho.law.checks import CHECKS, PREDICATES
from sekisho.law.parameters import Parameter
from sekisho.law.tables import CasebookError
from sekisho.law.words import (
    Act,
    Authority,
    Axis,
    AxisRule,
    Case,
    Certainty,
    Complete,
    Condition,
    Duty,
    Element,
    EvidenceKind,
    Ground,
    Kind,
    Regime,
    Role,
    Step,
    VouchedBy,
)

WORDS = MappingProxyType({"ja": "言葉", "en": "words"})
DAY = date(2020, 6, 1)
TERMS = EvidenceKind("terms", WORDS, {"good": "bool", "day": "day"}, frozenset({VouchedBy.DOCUMENT}), frozenset({Role.DESK}))
PROBED = EvidenceKind(
    "load",
    WORDS,
    {"permille": "int"},
    frozenset({VouchedBy.PROBE}),
    frozenset({Role.ENGINEER}),
    timedelta(hours=1),
    frozenset({"load-probe"}),
)
KNOWN = {"terms": TERMS, "load": PROBED}
NUMBERS = {"sides": Parameter("sides", WORDS, ())}
CONDITION = Condition("terms", "evidence", WORDS, {"kind": "terms"})
CASE = Case(
    id="xx/A-01/1",
    measure="measure",
    axis=Axis.SECRECY,
    ground=Ground.TERMS,
    authority=Authority.MINISTRY,
    certainty=Certainty.LAW,
    title=WORDS,
    source="somewhere",
    since=DAY,
    seen=DAY + timedelta(days=9),
    conditions=(CONDITION,),
    acts=frozenset({Act.LEARN}),
    elements=frozenset({Element.PARTY}),
    steps=frozenset({"step"}),
)
AXIS = AxisRule(Axis.SECRECY, WORDS, elements=frozenset({Element.PARTY}))
STEP = Step("step", Kind.MATCH, frozenset({Act.LEARN}), frozenset({Element.PARTY}), "purpose")
COMPLETE = Complete("a.toml", (STEP,), DAY, Regime.TBA, {}, {"terms": {"good": True, "day": 0}})


def refused(rule: Callable[..., None], *told: Any) -> str:
    """What the book says, as "place: what is wrong"."""
    with pytest.raises(CasebookError) as why:
        rule(*told)
    assert why.value.file == "case book"
    return f"{why.value.where}: {why.value.what}"


def case(**changed: Any) -> str:
    return refused(sound.cases, [replace(CASE, **changed)], KNOWN)


def condition(check: str, **params: Any) -> list[Case]:
    return [replace(CASE, conditions=(Condition("c", check, WORDS, params),))]


def no(check: str, **params: Any) -> str:
    return refused(sound.cases, condition(check, **params), KNOWN)


def test_what_is_sound_is_taken() -> None:
    """The things every other test changes in one place."""
    sound.kinds(KNOWN)
    sound.axes(
        [AXIS, AxisRule(Axis.FAIRNESS, WORDS, kinds=frozenset({Kind.BLOCK})), AxisRule(Axis.DUTIES, WORDS, acts=frozenset({Act.USE}))]
    )
    sound.cases([CASE, replace(CASE, id="xx/A-01/2")], KNOWN)
    sound.complete(COMPLETE, KNOWN)
    sound.parameters([CASE], {})


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"name": "other"}, "terms: is filed under another name"),
        ({"fields": {}}, "terms: has no fields; evidence that says nothing proves nothing"),
        ({"vouchers": frozenset()}, "terms: nobody may vouch for it"),
        ({"roles": frozenset()}, "terms: nobody may vouch for it"),
        ({"fields": {"good": "float"}}, "terms: has a field of unknown type; known are bool, day, digest, int, list, str, words"),
        (
            {"fields": {"good": "bool", "other": "float"}},
            "terms: has a field of unknown type; known are bool, day, digest, int, list, str, words",
        ),
        (
            {"vouchers": frozenset({VouchedBy.PROBE, VouchedBy.STATEMENT}), "probes": frozenset({"p"})},
            "terms: a probe can measure it, so no statement may vouch for it",
        ),
        ({"vouchers": frozenset({VouchedBy.PROBE})}, "terms: names its probes if a probe may vouch for it, and only then"),
        ({"probes": frozenset({"p"})}, "terms: names its probes if a probe may vouch for it, and only then"),
        ({"fresh": timedelta(0)}, "terms: is never fresh"),
        ({"fresh": -timedelta(seconds=1)}, "terms: is never fresh"),
    ],
)
def test_a_kind_of_evidence_that_could_prove_nothing_is_refused(changed: Mapping[str, Any], says: str) -> None:
    assert refused(sound.kinds, {"terms": replace(TERMS, **changed)}) == says


@pytest.mark.parametrize(
    "good",
    [
        {"vouchers": frozenset({VouchedBy.STATEMENT})},
        {"vouchers": frozenset({VouchedBy.STATEMENT, VouchedBy.DOCUMENT})},
        {"vouchers": frozenset({VouchedBy.PROBE, VouchedBy.DOCUMENT}), "probes": frozenset({"p"})},
        {"fresh": timedelta(seconds=1)},
        {"fields": {name: name for name in ("str", "int", "bool", "day", "digest", "list", "words")}},
    ],
)
def test_what_may_vouch_and_for_how_long_is_free_within_that(good: Mapping[str, Any]) -> None:
    sound.kinds({"terms": replace(TERMS, **good)})


def test_axes_stand_once_and_apply_to_something() -> None:
    assert refused(sound.axes, []) == "axes: a book without axes would ask nothing"
    assert refused(sound.axes, [AXIS, AXIS]) == "axes: 'secrecy' stands there twice"
    assert refused(sound.axes, [AxisRule(Axis.FAIRNESS, WORDS)]) == "fairness: never applies; name elements, kinds or acts"


def test_no_case_and_no_condition_stands_twice_or_without_an_id() -> None:
    assert refused(sound.cases, [CASE, CASE], KNOWN) == "case: 'xx/A-01/1' stands there twice"
    assert case(id="") == "case: has no id"
    assert case(conditions=(CONDITION, CONDITION)) == "xx/A-01/1: 'terms' stands there twice"
    assert case(conditions=(replace(CONDITION, id=""),)) == "xx/A-01/1: has no id"


def test_an_empty_list_of_conditions_would_permit_everything_and_only_what_nothing_carries_has_none() -> None:
    assert case(conditions=()) == "xx/A-01/1: has no conditions; an empty list would permit everything"
    assert case(ground=Ground.NONE) == "xx/A-01/1: no ground carries it, so it has no conditions to meet"
    sound.cases([replace(CASE, ground=Ground.NONE, conditions=())], KNOWN)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        *(
            ({name: frozenset()}, "covers nothing: name acts, elements, audience and regimes")
            for name in ("acts", "elements", "audience", "regimes")
        ),
        ({"until": DAY}, "ends before it begins"),
        ({"until": DAY - timedelta(days=1)}, "ends before it begins"),
        ({"sure_from": DAY}, "is sure from a day outside of `since` to `seen`"),
        ({"sure_from": DAY + timedelta(days=10)}, "is sure from a day outside of `since` to `seen`"),
        ({"measure": "*"}, "a general case names kinds, any other names steps"),
        ({"measure": "*", "kinds": frozenset({Kind.MATCH})}, "a general case names kinds, any other names steps"),
        ({"measure": "*", "steps": frozenset()}, "a general case names kinds, any other names steps"),
        ({"kinds": frozenset({Kind.MATCH})}, "a general case names kinds, any other names steps"),
        ({"kinds": frozenset({Kind.MATCH}), "steps": frozenset()}, "a general case names kinds, any other names steps"),
        ({"steps": frozenset()}, "a general case names kinds, any other names steps"),
        ({"signatures": -1}, "asks for fewer than no signatures"),
        ({"longest": timedelta(0)}, "lasts no time"),
        ({"longest": -timedelta(seconds=1)}, "lasts no time"),
        ({"certainty": Certainty.MEM}, "is uncertain and does not say what to ask the officer"),
        ({"certainty": Certainty.INF}, "is uncertain and does not say what to ask the officer"),
        ({"duties": (Duty("tell", -timedelta(seconds=1), WORDS),)}, "a duty is due before the act"),
    ],
)
def test_a_case_out_of_shape_is_refused(changed: Mapping[str, Any], says: str) -> None:
    assert case(**changed) == f"xx/A-01/1: {says}"


@pytest.mark.parametrize(
    "good",
    [
        {"until": DAY + timedelta(days=1)},
        {"sure_from": DAY + timedelta(days=1)},
        {"sure_from": CASE.seen},
        {"measure": "*", "steps": frozenset(), "kinds": frozenset({Kind.MATCH})},
        {"signatures": 0},
        {"signatures": 2},
        {"longest": timedelta(seconds=1)},
        {"certainty": Certainty.MEM, "ask": WORDS},
        {"certainty": Certainty.SRC},
        {"duties": (Duty("tell", timedelta(0), WORDS),)},
    ],
)
def test_a_case_at_the_edge_of_its_shape_is_taken(good: Mapping[str, Any]) -> None:
    sound.cases([replace(CASE, **good)], KNOWN)


def test_a_check_nobody_wrote_is_refused_with_those_there_are() -> None:
    assert no("looks-fine") == f"xx/A-01/1 c: no check is called 'looks-fine'; known are {', '.join(sorted(CHECKS))}"


def test_a_check_must_be_told_what_it_needs_and_nothing_it_does_not_know() -> None:
    assert no("evidence") == "xx/A-01/1 c: evidence must be told 'kind'"
    assert no("single-purpose", kind="terms") == "xx/A-01/1 c: single-purpose cannot be told 'kind'"
    assert no("evidence", kind="terms", mood="good") == "xx/A-01/1 c: evidence cannot be told 'mood'"


@pytest.mark.parametrize(
    ("check", "name", "kind", "bad", "good"),
    [
        ("evidence", "kind", "kind", ["hearsay", 1, ("terms",), None], ["terms", "load"]),
        ("evidence", "ask", "flag", [1, 0, "yes", None], [True, False]),
        ("evidence", "where", "where", [{}, "good", ("good",), None], [{"good": True}]),
        ("term", "days", "number", [-1, True, False, "7", None, (7,)], [0, 1, 90]),
        ("term", "parameter", "name", ["", 1, None], ["sides"]),
        (
            "audience",
            "within",
            "strings",
            [(), ["operator"], "operator", ("operator", 1), (1, "operator")],
            [("operator",), ("operator", "public")],
        ),
        ("elements-within", "elements", "elements", [(), ("mood",), ("content", "mood"), ("mood", "content"), "content"], [("content",)]),
        ("declared", "field", "scope", ["", 1, None], ["lines"]),
    ],
)
def test_what_a_check_is_told_is_of_its_type(check: str, name: str, kind: str, bad: list[Any], good: list[Any]) -> None:
    """Every type there is; a yes is not the number one, an empty list and an empty name are nothing."""
    rest = {"kind": "terms"} if check in ("evidence", "term") else {"most": 1} if check == "declared" else {}
    for value in bad:
        assert no(check, **{**rest, name: value}) == f"xx/A-01/1 c: {name!r} is not a good {kind}"
    for value in good:
        sound.cases(condition(check, **{**rest, name: value}), {**KNOWN, "load": replace(PROBED, fields={"good": "bool"})})


def test_every_type_a_check_may_ask_is_among_those_tried() -> None:
    asked = {kind for rule in CHECKS.values() for kind in (*rule.required.values(), *rule.optional.values())}
    assert asked == {"kind", "flag", "where", "number", "name", "strings", "elements", "scope", "value"}


def test_a_predicate_asks_a_field_there_is_in_words_there_are() -> None:
    every = ", ".join(sorted(PREDICATES))
    assert no("evidence", kind="terms", where={"colour": "red"}) == "xx/A-01/1 c: terms has no field 'colour'"
    assert no("evidence", kind="load", where={"good": True}) == "xx/A-01/1 c: load has no field 'good'"
    assert no("evidence", kind="terms", where={"good": True, "colour": 1}) == "xx/A-01/1 c: terms has no field 'colour'"
    for asked in ({}, {"nearly": True}, {"is": True, "nearly": True}):
        assert no("evidence", kind="terms", where={"good": asked}) == f"xx/A-01/1 c: good: a predicate is a value or a table of {every}"
    for asked in (True, None, {"is": True}, {"by-day": True, "within-days": 3}, dict.fromkeys(PREDICATES, 1)):
        sound.cases(condition("evidence", kind="terms", where={"good": asked}), KNOWN)


def test_sides_are_a_number_or_the_parameter_that_gives_it_and_one_of_them() -> None:
    says = "xx/A-01/1 c: sides must be told a number, or the parameter that gives it, not both"
    assert no("sides", kind="terms") == says
    assert no("sides", kind="terms", sides=1, parameter="sides") == says
    sound.cases(condition("sides", kind="terms", sides=1), KNOWN)
    sound.cases(condition("sides", kind="terms", parameter="sides"), KNOWN)
    sound.cases(condition("consent", kind="terms"), KNOWN)


def test_declared_compares_with_something() -> None:
    assert no("declared", field="lines") == "xx/A-01/1 c: declared must be told what to compare with: is, only, least or most"
    for compared in ({"is": 1}, {"is": None}, {"only": ("a",)}, {"least": 0}, {"most": 0}):
        sound.cases(condition("declared", field="lines", **compared), KNOWN)


def test_the_complete_plan_names_steps_once_and_whole_evidence() -> None:
    assert refused(sound.complete, replace(COMPLETE, steps=(STEP, STEP)), KNOWN) == "step: 'step' stands there twice"
    assert (
        refused(sound.complete, replace(COMPLETE, evidence={"hearsay": {}}), KNOWN)
        == "complete.evidence.hearsay: nobody knows this kind of evidence"
    )
    for value in ({}, {"good": True}, {"good": True, "day": 0, "colour": 1}):
        says = "complete.evidence.terms: must say every field of its kind, and no more"
        assert refused(sound.complete, replace(COMPLETE, evidence={"terms": value}), KNOWN) == says


def test_a_dated_parameter_is_in_the_book() -> None:
    def asks(name: object) -> list[Case]:
        return condition("sides", kind="terms", parameter=name)

    sound.parameters([CASE, *asks("sides")], NUMBERS)
    assert refused(sound.parameters, asks("ends"), NUMBERS) == "xx/A-01/1 c: no parameter is called 'ends'; known are sides"
    assert refused(sound.parameters, asks("sides"), {}) == "xx/A-01/1 c: no parameter is called 'sides'; known are none"
    assert refused(sound.parameters, asks(1), NUMBERS) == "xx/A-01/1 c: no parameter is called 1; known are sides"
    two = {"term": NUMBERS["sides"], "sides": NUMBERS["sides"]}
    assert refused(sound.parameters, asks(""), two) == "xx/A-01/1 c: no parameter is called ''; known are sides, term"
