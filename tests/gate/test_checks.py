"""Each check on its own: what it takes, and for what it does not take, the code and who can supply it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from sekisho.gate.answers import Ask, Met, Unmet
from sekisho.gate.checks import DRAFTERS, Question, check, ends, typed
from sekisho.gate.papers import Papers
from sekisho.law.words import Act, Condition, Element, Evidence, EvidenceKind, Kind, Plan, Regime, Role, Step, VouchedBy, Voucher
from tests.gate.books import NOW, PROPOSER, WORDS

DIGEST = "a" * 64
STEP = Step("match", Kind.MATCH, frozenset({Act.LEARN}), frozenset({Element.PARTY}), "notice")
FIELDS = {
    "list": {"digest": "digest", "origin": "str", "reviewed": "day"},
    "consent": {"sides": "list", "days": "int"},
    "agreed": {
        "sides": "list",
        "elements": "list",
        "purposes": "list",
        "audience": "list",
        "way": "str",
        "default_off": "bool",
        "refusal_free": "bool",
        "withdrawable": "bool",
    },
    "survey": {
        **dict.fromkeys(("asked", "answered", "agreed", "needed_permille", "least_asked", "least_answered"), "int"),
        **dict.fromkeys(("reasons", "wording", "sample"), "str"),
        "about": "list",
        "since": "day",
        "day": "day",
    },
    "says": {"text": "words", "day": "day", "flag": "bool"},
}
KINDS = {
    n: EvidenceKind(n, WORDS, MappingProxyType(f), frozenset({VouchedBy.DOCUMENT}), frozenset({Role.DESK}), timedelta(hours=6))
    for n, f in FIELDS.items()
}
VALUES: dict[str, dict[str, Any]] = {
    "list": {"digest": DIGEST, "origin": "a response team", "reviewed": "2020-05-31"},
    "consent": {"sides": ("caller",), "days": 7},
    "agreed": {
        "sides": ("subscriber",),
        "elements": ("party",),
        "purposes": ("notice",),
        "audience": ("operator",),
        "way": "own-screen",
        "default_off": True,
        "refusal_free": True,
        "withdrawable": True,
    },
    "survey": {
        "asked": 1774,
        "answered": 1601,
        "agreed": 1455,
        "needed_permille": 600,
        "least_asked": 1000,
        "least_answered": 500,
        "reasons": "one in a hundred",
        "wording": "Do you want X and Y?",
        "sample": "every 40th",
        "about": ("X", "Y"),
        "since": "2020-04-01",
        "day": "2020-05-01",
    },
    "says": {"text": {"ja": "文", "en": "text"}, "day": "2020-05-31", "flag": True},
}


def paper(kind: str, **changes: Any) -> Evidence:
    voucher = Voucher(VouchedBy.DOCUMENT, "d" * 64, Role.DESK, "clerk")
    return Evidence(kind, MappingProxyType({**VALUES[kind], **changes}), "notice", voucher, NOW - timedelta(hours=1))


def plan(*evidence: Evidence, **scope: Any) -> Plan:
    scope = {"purposes": ("notice",), "list": DIGEST, "days": 7, **scope}
    return Plan("m", "o", PROPOSER, Regime.TBA, (STEP,), date(2020, 6, 1), NOW + timedelta(days=1), MappingProxyType(scope), {}, evidence)


def ask(name: str, given: Plan, **params: Any) -> Met | Unmet | Ask:
    return check(Question(Condition("c", name, WORDS, MappingProxyType(params)), given, STEP, NOW, KINDS, Papers.of(given)))


def code(answer: Met | Unmet | Ask) -> str:
    return answer.why if isinstance(answer, Unmet) else type(answer).__name__


SAYS = paper("says")


@pytest.mark.parametrize(
    ("evidence", "why"),
    [
        (SAYS, "Met"),
        (replace(SAYS, purpose="sales"), "wrong-purpose"),
        (replace(SAYS, voucher=replace(SAYS.voucher, person=PROPOSER)), "own-word"),
        (replace(SAYS, voucher=replace(SAYS.voucher, person="")), "wrong-voucher"),
        (replace(SAYS, voucher=replace(SAYS.voucher, who="the terms of 2014")), "wrong-voucher"),
        (replace(SAYS, voucher=replace(SAYS.voucher, who="D" * 64)), "wrong-voucher"),
        (replace(SAYS, voucher=replace(SAYS.voucher, who="d" * 63)), "wrong-voucher"),
        (replace(SAYS, voucher=replace(SAYS.voucher, who="")), "wrong-voucher"),
        (replace(SAYS, voucher=Voucher(VouchedBy.STATEMENT, "clerk", Role.DESK)), "wrong-voucher"),
        (replace(SAYS, voucher=replace(SAYS.voucher, role=Role.HELP_DESK)), "wrong-role"),
        (replace(SAYS, voucher=replace(SAYS.voucher, role=None)), "wrong-role"),
        (replace(SAYS, at=NOW + timedelta(seconds=1)), "not-yet"),
        (replace(SAYS, at=NOW - timedelta(hours=6)), "stale"),
        (replace(SAYS, until=NOW), "stale"),
        (paper("says", flag=False), "value"),
        (paper("says", flag=1), "malformed"),
        (paper("says", text={}), "malformed"),
        (paper("says", day="2020-13-01"), "malformed"),
        (paper("says", more=1), "malformed"),
        (replace(SAYS, kind="says-more"), "missing"),
    ],
)
def test_evidence_that_cannot_serve_says_why_and_who_can_bring_better(evidence: Evidence, why: str) -> None:
    """Wrong purpose, own word, wrong voucher or role, from the future, stale, malformed, saying otherwise, absent."""
    answer = ask("evidence", plan(evidence), kind="says", where={"flag": True})
    assert code(answer) == why
    if isinstance(answer, Unmet):
        assert (answer.who, answer.kind) == (frozenset({Role.DESK}), "says")


def test_the_nearest_miss_is_the_one_reported() -> None:
    """A stale paper is nearer than one for another purpose."""
    answer = ask("evidence", plan(replace(SAYS, purpose="sales"), replace(SAYS, until=NOW)), kind="says", where={"flag": True})
    assert code(answer) == "stale"


def test_what_no_machine_can_tell_is_asked_of_people() -> None:
    """Only while nobody answered: a no is a no."""
    assert isinstance(ask("evidence", plan(), kind="says", where={"flag": True}, ask=True), Ask)
    assert code(ask("evidence", plan(paper("says", flag=False)), kind="says", where={"flag": True}, ask=True)) == "value"


@pytest.mark.parametrize(
    ("predicate", "holds"),
    [
        ({"day": {"by-day": True}}, True),
        ({"day": {"before-day": True}}, True),
        ({"day": {"within-days": 1}}, True),
        ({"day": {"within-days": 0}}, False),
        ({"day": {"within-days": -1}}, False),
        ({"day": {"within-days": True}}, False),
        ({"day": {"within-days": "7"}}, False),
        ({"flag": {"within-days": 7}}, False),
        ({"day": {"days-ago": 1}}, True),
        ({"day": {"days-ago": 10**6}}, False),
        ({"day": {"days-ago": True}}, False),
        ({"day": {"days-ago": "7"}}, False),
        ({"flag": {"days-ago": 0}}, False),
        ({"day": "2020-05-31"}, True),
        ({"day": {"is": "2020-06-01"}}, False),
        ({"flag": {"least": 0}}, False),
        ({"flag": 1}, False),
        ({"day": {"unheard-of": True}}, False),
        ({"day": {"is": "2020-05-31", "unheard-of": True}}, False),
        ({"nowhere": True}, False),
        ({"day": {}}, False),
    ],
)
def test_a_predicate_nobody_knows_is_false(predicate: dict[str, Any], holds: bool) -> None:
    """And so is one on a field that is not there, or of another type."""
    assert isinstance(ask("evidence", plan(SAYS), kind="says", where=predicate), Met) is holds


@pytest.mark.parametrize(
    ("reviewed", "why"),
    [("2020-06-01", "Met"), ("2020-05-25", "Met"), ("2020-05-24", "value"), ("2020-06-02", "value"), ("1950-01-01", "value")],
)
def test_a_day_within_a_week_is_neither_older_nor_to_come(reviewed: str, why: str) -> None:
    """Seven days before the day of the act is within, eight is not, and tomorrow is no review."""
    assert code(ask("evidence", plan(paper("list", reviewed=reviewed)), kind="list", where={"reviewed": {"within-days": 7}})) == why


@pytest.mark.parametrize(
    ("received", "why"),
    [("2020-05-24", "Met"), ("2020-05-25", "value"), ("2020-06-01", "value"), ("2020-06-02", "value"), ("1950-01-01", "Met")],
)
def test_seven_days_have_passed_on_the_eighth(received: str, why: str) -> None:
    """The day of receipt is not counted: seven full days lie between it and the day of the act."""
    assert code(ask("evidence", plan(paper("list", reviewed=received)), kind="list", where={"reviewed": {"days-ago": 8}})) == why


@pytest.mark.parametrize(
    ("who", "why"), [("a-probe", "Met"), ("another-probe", "wrong-voucher"), ("", "wrong-voucher"), ("a-prob", "wrong-voucher")]
)
def test_a_probe_is_believed_by_its_name(who: str, why: str) -> None:
    """The book names the probes that may vouch for a kind; any other measured nothing."""
    assert code(measured(Voucher(VouchedBy.PROBE, who), NOW)) == why


def test_a_stale_probe_is_stale_and_still_ends_no_permit() -> None:
    """Its word counts for six hours; a permit on it goes on, since the probe is asked again. `until` ends both."""
    assert code(measured(Voucher(VouchedBy.PROBE, "a-probe"), NOW - timedelta(hours=6))) == "stale"
    assert ends(MEASURED, replace(SAYS, voucher=Voucher(VouchedBy.PROBE, "a-probe"))) is None
    assert ends(MEASURED, replace(SAYS, voucher=Voucher(VouchedBy.PROBE, "a-probe"), until=NOW)) == NOW
    assert ends(KINDS["says"], SAYS) == SAYS.at + timedelta(hours=6)
    assert ends(KINDS["says"], replace(SAYS, until=NOW)) == NOW


MEASURED = replace(KINDS["says"], vouchers=frozenset({VouchedBy.PROBE}), probes=frozenset({"a-probe"}))


def measured(voucher: Voucher, at: datetime) -> Met | Unmet | Ask:
    evidence = replace(SAYS, voucher=voucher, at=at)
    given = plan(evidence)
    condition = Condition("c", "evidence", WORDS, MappingProxyType({"kind": "says"}))
    return check(Question(condition, given, STEP, NOW, {"says": MEASURED}, Papers.of(given)))


def test_a_list_is_the_very_list_somebody_vouches_for() -> None:
    """Another digest, no list named in the plan, or a review still to come: not that list."""
    good = paper("list")
    assert code(ask("list-origin", plan(good), kind="list")) == "Met"
    assert code(ask("list-origin", plan(paper("list", digest="b" * 64)), kind="list")) == "value"
    assert code(ask("list-origin", plan(paper("list", reviewed="2020-06-02")), kind="list")) == "value"
    assert code(ask("list-origin", plan(good, list=""), kind="list")) == "undeclared"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, "Met"),
        ({"elements": ("party", "content")}, "Met"),
        ({"elements": ("content",)}, "elements"),
        ({"purposes": ("notices",)}, "purposes"),
        ({"audience": ("public",)}, "audience"),
        ({"way": "written-form"}, "Met"),
        ({"way": "poster"}, "way"),
        ({"way": "terms"}, "way"),
        ({"way": "silence"}, "way"),
        ({"way": "a way nobody heard of"}, "way"),
        ({"default_off": False}, "default_off"),
        ({"refusal_free": False}, "refusal_free"),
        ({"withdrawable": False}, "withdrawable"),
    ],
    ids=str,
)
def test_consent_must_cover_the_very_step(changes: dict[str, Any], why: str) -> None:
    """Its elements, purpose and audience; a clear act, off by default, free to refuse and to take back. The answer names what is wrong."""
    answer = ask("consent", plan(paper("agreed", **changes)), kind="agreed")
    assert (answer.detail["field"] if isinstance(answer, Unmet) else code(answer)) == why


def test_consent_that_is_over_or_still_to_be_given_is_none() -> None:
    good = paper("agreed")
    assert code(ask("consent", plan(replace(good, until=NOW)), kind="agreed")) == "stale"
    assert code(ask("consent", plan(replace(good, at=NOW + timedelta(seconds=1))), kind="agreed")) == "not-yet"
    assert code(ask("consent", plan(), kind="agreed")) == "missing"


def test_consent_of_whom_and_of_how_many_the_case_says() -> None:
    """A stranger's consent counts for nobody; a parameter that is none never makes the condition met."""
    both = paper("agreed", sides=("subscriber", "peer"))
    assert code(ask("consent", plan(both), kind="agreed", sides=2)) == "Met"
    assert code(ask("consent", plan(paper("agreed")), kind="agreed", sides=2)) == "value"
    assert code(ask("consent", plan(both), kind="agreed", party=("peer",))) == "Met"
    assert code(ask("consent", plan(paper("agreed")), kind="agreed", party=("peer",))) == "value"
    for wrong in ({"sides": 0}, {"sides": True}, {"sides": "1"}, {"party": "peer"}):
        assert code(ask("consent", plan(both), kind="agreed", **wrong)) != "Met"


def test_consent_of_as_many_sides_as_the_case_asks_for() -> None:
    """Contested in law, so it is a parameter; one side named twice is one side."""
    assert code(ask("sides", plan(paper("consent")), kind="consent", sides=1)) == "Met"
    assert code(ask("sides", plan(paper("consent")), kind="consent", sides=2)) == "value"
    assert code(ask("sides", plan(paper("consent", sides=("caller", "caller"))), kind="consent", sides=2)) == "value"
    assert code(ask("sides", plan(paper("consent", sides=("caller", "called"))), kind="consent", sides=2)) == "Met"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, "Met"),
        ({"needed_permille": 900}, "survey-agreed"),
        ({"agreed": 800, "needed_permille": 100}, "survey-agreed"),
        ({"agreed": 0}, "survey-agreed"),
        ({"agreed": 1602}, "survey-agreed"),
        ({"asked": 0, "agreed": 0}, "survey-asked"),
        ({"asked": 999}, "survey-asked"),
        ({"asked": 1000, "answered": 1000, "agreed": 1000}, "Met"),
        ({"least_asked": 0}, "survey-asked"),
        ({"least_asked": -1}, "survey-asked"),
        ({"least_asked": 1774}, "Met"),
        ({"answered": 499, "agreed": 400}, "survey-answered"),
        ({"answered": 1775}, "survey-answered"),
        ({"answered": 1774}, "Met"),
        ({"least_answered": 0}, "survey-answered"),
        ({"least_answered": 1601}, "Met"),
        ({"least_answered": 1602}, "survey-answered"),
        ({"agreed": 1601}, "Met"),
        ({"answered": True}, "survey-answered"),
        ({"day": "2020-06-02"}, "survey-day"),
        ({"day": "2020-06-02", "since": "2020-06-02"}, "survey-day"),
        ({"since": "2020-06-02"}, "survey-since"),
        ({"since": "2020-05-02"}, "survey-since"),
        ({"since": "2020-05-01"}, "Met"),
        ({"wording": "Do you want X?"}, "survey-wording"),
        ({"about": ("X", 1)}, "survey-wording"),
        ({"about": ("X",)}, "Met"),
        ({"about": ()}, "survey-about"),
        ({"sample": " "}, "survey-sample"),
        ({"sample": ""}, "survey-sample"),
        ({"wording": ""}, "survey-wording"),
        ({"reasons": ""}, "survey-reasons"),
    ],
)
def test_a_survey_is_held_to_the_operators_own_numbers_and_the_cases_floor_and_the_answer_names_which_fails(
    changes: dict[str, Any], why: str
) -> None:
    """82 % of 1,774 pass where 60 % were declared; nobody asked is nobody agreed, and whom one asks tomorrow neither."""
    assert code(ask("survey", plan(paper("survey", **changes)), kind="survey", floor_permille=500)) == why


def test_where_the_case_sets_no_floor_and_the_operator_none_somebody_has_to_be_in_favour_all_the_same() -> None:
    for agreed, why in ((0, "survey-agreed"), (1, "Met")):
        assert code(ask("survey", plan(paper("survey", needed_permille=0, agreed=agreed)), kind="survey", floor_permille=0)) == why


TITLES = {"a": {"title": {"ja": "甲", "en": "X"}}, "b": {"title": {"ja": "乙", "en": "Y"}}}


@pytest.mark.parametrize(
    ("scope", "changes", "why"),
    [
        ({"classes": TITLES}, {}, "Met"),
        ({"classes": TITLES}, {"about": ("甲", "乙"), "wording": "甲と乙を断るフィルタを望みますか"}, "Met"),
        ({"classes": TITLES}, {"about": ("X", "乙"), "wording": "X, 乙?"}, "survey-about"),
        ({"classes": TITLES}, {"about": ("X",)}, "survey-about"),
        ({"classes": TITLES | {"c": {"title": {"en": "Z"}}}}, {}, "survey-about"),
        ({"classes": TITLES | {"c": {}}}, {}, "survey-about"),
        ({"classes": TITLES | {"c": "Z"}}, {}, "survey-about"),
        ({"classes": {"a": TITLES["a"]}}, {}, "survey-about"),
        ({"classes": {}}, {}, "survey-about"),
        ({"classes": {"a": "X", "b": {"title": "Y"}}}, {}, "survey-about"),
        ({"classes": "X"}, {}, "survey-about"),
        ({}, {}, "survey-about"),
    ],
)
def test_a_survey_was_about_just_the_classes_that_customers_are_told_of(scope: dict[str, Any], changes: dict[str, Any], why: str) -> None:
    """In one language all of them, no more and no fewer: who wants X alone, or X, Y and Z, did not say that they want X and Y."""
    assert code(ask("survey", plan(paper("survey", **changes), **scope), kind="survey", floor_permille=500, about="classes")) == why


def test_what_a_kind_knows_nothing_of_is_named() -> None:
    assert code(ask("survey", plan(paper("survey", note="-")), kind="survey", floor_permille=500)) == "survey-note"
    answer = ask("evidence", plan(paper("says", flag="yes")), kind="says")
    assert (code(answer), getattr(answer, "detail", {})) == ("malformed", {"field": "flag"})


def test_what_the_plan_does_not_say_of_itself_is_not_assumed() -> None:
    """Rows, lines, term, purposes: unsaid is no, otherwise is no, and the drafters can say it."""
    for name, params, scope in (
        ("only-hits", {}, {"rows": "all"}),
        ("applied-alike", {}, {"lines": "every-line-found", "except": ("one",)}),
        ("applied-alike", {}, {"lines": "some"}),
        ("declared", {"field": "rows", "is": "sums"}, {"rows": "all"}),
        ("declared", {"field": "small", "least": 5}, {"small": 4}),
        ("declared", {"field": "items", "only": ("a",)}, {"items": ("a", "b")}),
        ("single-purpose", {}, {"purposes": ("notice", "sales")}),
    ):
        answer = ask(name, plan(**scope), **params)
        assert isinstance(answer, Unmet)
        assert answer.why == "declared-otherwise"
        assert answer.who == DRAFTERS
    for name, params in (("only-hits", {}), ("applied-alike", {}), ("declared", {"field": "x", "is": 1})):
        assert code(ask(name, plan(), **params)) == "undeclared"
    assert code(ask("only-hits", plan(rows="hits"))) == "Met"
    assert code(ask("applied-alike", plan(lines="every-line-found"))) == "Met"
    assert code(ask("single-purpose", plan())) == "Met"


def test_a_term_is_named_and_within_what_is_really_configured() -> None:
    """Longer than the vouched days, negative, true, or unsaid: no."""
    for days, why in ((7, "Met"), (8, "value"), (-1, "undeclared"), (True, "undeclared"), ("7", "undeclared")):
        assert code(ask("term", plan(paper("consent"), days=days), kind="consent")) == why


def test_elements_and_audience_beyond_the_condition_are_named() -> None:
    """The surplus stands in the detail."""
    answer = ask("elements-within", plan(), elements=("count",))
    assert isinstance(answer, Unmet)
    assert answer.detail == {"surplus": ("party",)}
    assert code(ask("elements-within", plan(), elements=("party", "count"))) == "Met"
    assert code(ask("audience", plan(), within=("operator",))) == "Met"
    assert code(ask("audience", plan(), within=("subscriber",))) == "surplus"


@pytest.mark.parametrize("spelled", ["20200531", "2020-W22-7", "2020-05-32", "2020-5-31", ""])
def test_a_day_has_one_spelling(spelled: str) -> None:
    """Days are compared as they are spelled: another spelling of a day to come may sort before today."""
    assert typed("day", "2020-05-31")
    assert not typed("day", spelled)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("int", 0, (True, "1", None)),
        ("bool", False, (0, "true")),
        ("list", ("a",), ((), "a", {"a": 1})),
        ("words", {"ja": "文"}, ({}, "text", {"ja": "文", "en": ""}, {"ja": 1}, {"ja": "文", "en": 1})),
        ("str", "a", ("", " ", 1, None, ("a",))),
        ("digest", DIGEST, ("a" * 63, "the terms", "A" * 64, 1)),
        ("day", "2020-05-31", ("a day", 1)),
    ],
)
def test_a_field_takes_values_of_its_type_and_nothing_empty(name: str, good: Any, bad: tuple[Any, ...]) -> None:
    assert typed(name, good)
    assert [value for value in bad if typed(name, value)] == []
    assert not typed("a type nobody heard of", DIGEST)


def test_of_several_misses_the_nearest_is_told_whatever_their_order_and_of_two_alike_the_first() -> None:
    """With the field that is wrong, where a value is; a paper that cannot serve at all is not read for its values."""
    stale, sales = replace(SAYS, until=NOW, value=MappingProxyType({**SAYS.value, "flag": False})), replace(SAYS, purpose="sales")
    for evidence in ((stale, sales), (sales, stale)):
        answer = ask("evidence", plan(*evidence), kind="says", where={"flag": True})
        assert isinstance(answer, Unmet)
        assert (answer.why, answer.detail) == ("stale", {})
    otherwise = (paper("says", flag=False), paper("says", day="2020-05-30"))
    first = ask("evidence", plan(*otherwise), kind="says", where={"flag": True, "day": "2020-05-31"})
    assert isinstance(first, Unmet)
    assert (first.why, first.detail) == ("value", {"field": "flag"})
    absent = ask("evidence", plan(), kind="says")
    assert isinstance(absent, Unmet)
    assert absent.detail == {}


def test_parameters_of_another_shape_are_no_condition_that_is_met() -> None:
    """Nor do they make a check stumble: what is no text is passed over."""
    assert code(ask("evidence", plan(SAYS), kind="says", where=("flag",))) == "unknown-check"
    assert code(ask("audience", plan(), within="operator")) == "undeclared"
    assert code(ask("audience", plan(), within=("operator", {"a": 1}))) == "Met"
    assert code(ask("consent", plan(paper("agreed")), kind="agreed", party=("subscriber", {"a": 1}))) == "Met"
    assert code(ask("survey", plan(paper("survey")), kind="survey", floor_permille="500")) == "survey-asked"
    assert code(ask("survey", plan(paper("survey")), kind="survey")) == "survey-asked"
    assert code(ask("sides", plan(paper("consent")), kind="consent", sides=0)) == "value"


def test_a_plan_whose_steps_have_several_purposes_has_no_single_one() -> None:
    given = plan()
    mixed = replace(given, steps=(STEP, replace(STEP, name="sell", purpose="sales")))
    answer = ask("single-purpose", mixed)
    assert isinstance(answer, Unmet)
    assert (answer.why, answer.detail) == ("mixed-purpose", {"purposes": ("notice", "sales")})


def test_a_step_that_names_no_element_is_within_nothing() -> None:
    given, step = plan(), replace(STEP, elements=frozenset[Element]())
    condition = Condition("c", "elements-within", WORDS, MappingProxyType({"elements": ("party",)}))
    assert code(check(Question(condition, given, step, NOW, KINDS, Papers.of(given)))) == "undeclared"


@pytest.mark.parametrize(
    ("name", "fields", "value", "params"),
    [
        ("list-origin", {"digest": "digest", "reviewed": "day"}, {"digest": DIGEST, "reviewed": "2020-05-31"}, {}),
        ("sides", {"sides": "str"}, {"sides": "caller"}, {"sides": 1}),
    ],
)
def test_a_kind_without_what_a_check_reads_meets_nothing(name: str, fields: Any, value: Any, params: Any) -> None:
    """A list nobody can say the origin of; a text where sides are counted."""
    kind = replace(KINDS["says"], fields=MappingProxyType(fields))
    given = plan(replace(SAYS, value=MappingProxyType(value)))
    condition = Condition("c", name, WORDS, MappingProxyType({"kind": "says", **params}))
    assert code(check(Question(condition, given, STEP, NOW, {"says": kind}, Papers.of(given)))) == "value"


def test_the_bounds_themselves_are_inside() -> None:
    """Reviewed on the day of the act; kept for no day at all; everybody agreed; one of one; exactly the share."""
    assert code(ask("list-origin", plan(paper("list", reviewed="2020-06-01")), kind="list")) == "Met"
    assert code(ask("term", plan(paper("consent"), days=0), kind="consent")) == "Met"
    for asked, agreed, why in ((1774, 1774, "Met"), (1, 1, "Met"), (10, 6, "Met"), (10000, 5999, "survey-agreed")):
        counts = {"asked": asked, "answered": asked, "agreed": agreed, "least_asked": 1, "least_answered": 1}
        assert code(ask("survey", plan(paper("survey", **counts)), kind="survey", floor_permille=500)) == why
    assert isinstance(ask("evidence", plan(paper("says", day="2020-06-01")), kind="says", where={"day": {"days-ago": 0}}), Met)


def test_where_the_law_sets_the_term_it_is_that_one() -> None:
    assert code(ask("term", plan(paper("consent")), kind="consent", days=7)) == "Met"
    assert code(ask("term", plan(paper("consent")), kind="consent", days=6)) == "declared-otherwise"


def test_one_side_is_not_two_for_a_number_beside_it() -> None:
    assert code(ask("sides", plan(paper("consent", sides=("caller", 1))), kind="consent", sides=2)) == "value"
