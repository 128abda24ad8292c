"""Filters, shaping and blocking, an event's network, the panel's cases: each row is carried, and answers by its day."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import pytest

from sekisho.gate.answers import Decision, Met, Outcome, Tried
from sekisho.gate.decide import applies
from sekisho.law.norms import touched
from sekisho.law.numbering import CITATION
from sekisho.law.words import Axis, Case, Element, Ground, Kind, Regime
from tests.law.asking import BOOK, DAYS, TODAY, Given, ask, carriers, missing, secrecy, step_of, tried

PERMITTED, REFUSED, REFERRED, OUT = Outcome.PERMITTED, Outcome.REFUSED, Outcome.REFERRED, Outcome.OUT

MEASURES = {
    "C-01": "default-on-filter",
    "C-02": "default-on-filter",
    "C-03": "default-on-filter",
    "C-04": "shaping",
    "C-05": "shaping",
    "C-06": "op25b",
    "C-07": "ip25b",
    "C-08": "rbl",
    "C-09a": "mail-authentication",
    "C-09b": "mail-authentication",
    "C-09c": "mail-authentication",
    "C-09d": "own-mail-check",
    "C-10": "child-abuse-blocking",
    "C-11": "piracy-blocking",
    "C-12": "piracy-warning",
    "C-13": "casino-blocking",
    "C-14": "youth-filter",
    "C-15": "chosen-filter",
    "C-16": "suspension",
    "F-01": "event-network",
    "F-02": "event-network",
    "F-03": "name-board",
    "F-04": "name-board",
    "F-05": "consent-board",
    "F-06": "event-counters",
    "F-07": "name-board",
    "F-08": "consent-board",
    "F-09": "consent-board",
    "F-10": "hashed-board",
    "F-11": "wifi-blocking",
    "P-1": "eavesdrop",
    "P-2": "line-check",
    "P-3": "billing",
    "P-4": "attack-trace",
    "P-5": "carrying",
    "P-6": "bulk-sender-limit",
}
ROWS = tuple(MEASURES)
MINE = tuple(sorted({m for m in MEASURES.values() if m not in ("wifi-blocking", "attack-trace", "bulk-sender-limit")}))
NEVER = {"C-03", "C-05", "C-09c", "C-11", "C-13", "F-03", "F-04"}
"""Rows that say: no ground carries this."""


def failing(one: Tried) -> set[str]:
    return {c.condition for c in one.checked if not isinstance(c.answer, Met)}


def without(*kinds: str) -> Given:
    return {"without": [f"evidence.{k}" for k in kinds]}


def says(kind: str, **value: Any) -> Given:
    return {"evidence": {kind: value}}


# Every row is there.


@pytest.mark.parametrize("row", ROWS)
def test_a_case_carries_the_row(row: str) -> None:
    """By its id or by the rows it names, in the file of the measure it is about."""
    assert MEASURES[row] in {c.measure for c in carriers(row)}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_a_passing_example_unless_no_ground_carries_it(row: str) -> None:
    passing = {e.case for e in BOOK.examples if e.case and e.expect == "met"}
    carried = {c.id for c in carriers(row) if c.ground is not Ground.NONE}
    assert carried <= passing
    assert bool(carried) == (row not in NEVER)


@pytest.mark.parametrize("row", ROWS)
def test_each_condition_of_a_row_has_its_failing_example(row: str) -> None:
    fails = {(e.case, m) for e in BOOK.examples if e.case for m in e.missing}
    assert {(c.id, k.id) for c in carriers(row) for k in c.conditions} <= fails


@pytest.mark.parametrize("measure", MINE)
def test_a_measure_answers_whole_questions_and_teaches_when_it_refuses(measure: str) -> None:
    """Questions as people ask them, one refused at least; a measure that is only ever refused names the source that says so."""
    asked = [e for e in BOOK.examples if e.measure == measure and e.case is None]
    assert "refused" in {e.expect for e in asked}
    nothing = all(c.ground is Ground.NONE for c in BOOK.cases if c.measure == measure)
    assert nothing == (measure in ("piracy-blocking", "casino-blocking"))
    assert nothing or {e.expect for e in asked} & {"permitted", "out-of-scope"}


@pytest.mark.parametrize("case", [c for c in BOOK.cases if c.measure in MINE], ids=lambda c: c.id)
def test_what_a_case_cites_is_a_law_the_book_names(case: Case) -> None:
    for cite in case.cites:
        found = CITATION.fullmatch(cite)
        assert found, cite
        assert found[1] in BOOK.laws, cite


@pytest.mark.parametrize("case", [c for c in BOOK.cases if c.measure in MINE and c.ground is Ground.NONE], ids=lambda c: c.id)
def test_a_refusal_that_nothing_can_mend_says_why_and_no_confirmation_lifts_it(case: Case) -> None:
    assert case.notes is not None
    assert case.cites
    for name in case.steps:
        others = [c for c in BOOK.cases if name in c.steps and c.measure == case.measure and c.axis is case.axis and c is not case]
        day = max(case.since.isoformat(), TODAY)
        assert tried(ask(case.measure, name, day=day, sure=True), case.id).outcome is REFUSED
        assert others or ask(case.measure, name, day=day, sure=True).outcome is REFUSED


# Censorship, fairness and terms are gates of their own for every block and throttle.

BLOCKS = [(m, s.name) for m in MINE for s in BOOK.steps[m] if s.kind in (Kind.BLOCK, Kind.THROTTLE)]


@cache
def full(measure: str, name: str) -> Decision:
    return ask(measure, name, sure=True)


@pytest.mark.parametrize(("measure", "name"), BLOCKS)
def test_what_somebody_says_is_no_reason_to_block_or_throttle(measure: str, name: str) -> None:
    answer = ask(measure, name, given={"scope": {"selects": ["unwelcome-opinions"]}}, sure=True)
    assert answer.outcome is REFUSED
    assert next(a for a in answer.axes if a.axis is Axis.CENSORSHIP).outcome is REFUSED


@pytest.mark.parametrize(("measure", "name"), BLOCKS)
@pytest.mark.parametrize("scope", [{"except": ["a-good-customer"]}, {"lines": "some-lines"}, {"lines": ""}])
def test_a_plan_that_spares_somebody_is_refused_for_fairness(measure: str, name: str, scope: Given) -> None:
    answer = ask(measure, name, given={"scope": scope}, sure=True)
    assert answer.outcome is REFUSED
    assert next(a for a in answer.axes if a.axis is Axis.FAIRNESS).outcome is REFUSED


@pytest.mark.parametrize(("measure", "name"), BLOCKS)
def test_terms_that_are_silent_carry_no_block(measure: str, name: str) -> None:
    answer = ask(measure, name, given=without("terms"), sure=True)
    assert answer.outcome is REFUSED
    assert next(a for a in answer.axes if a.axis is Axis.CONTRACT).outcome is REFUSED


@pytest.mark.parametrize(("measure", "name"), BLOCKS)
def test_fairness_binds_carriers_and_censorship_the_exempt_too(measure: str, name: str) -> None:
    asked = {r: {a.axis for a in BOOK.axes if r in a.regimes and applies(a, step_of(measure, name))} for r in Regime}
    assert {r for r in Regime if Axis.FAIRNESS in asked[r]} == {Regime.TBA}
    assert {r for r in Regime if Axis.CENSORSHIP in asked[r]} == {Regime.TBA, Regime.TBA_EXEMPT}
    assert all(Axis.SECRECY in axes for axes in asked.values())


EVERY = [(m, s.name) for m in MINE for s in BOOK.steps[m]]


@pytest.mark.parametrize(("measure", "name"), EVERY)
def test_taking_any_evidence_away_never_turns_a_no_into_a_yes(measure: str, name: str) -> None:
    """And where the step was permitted, some piece of evidence or some word of the plan carried it."""
    whole = full(measure, name).outcome
    found = {k: ask(measure, name, given=without(k), sure=True).outcome for k in BOOK.complete[measure].evidence}
    assert whole is not REFUSED or set(found.values()) <= {REFUSED}
    nothing = {**without(*found), "scope": {}}
    assert whole is REFUSED or ask(measure, name, given=nothing, sure=True).outcome is REFUSED


@pytest.mark.parametrize(("measure", "name"), EVERY)
def test_content_is_never_taken_along(measure: str, name: str) -> None:
    """No case about less covers content; where content is what the case is about, the counterpart is not taken along."""
    step = step_of(measure, name)
    surplus = Element.CONTENT if Element.CONTENT not in step.elements else Element.PLACE
    answer = ask(measure, name, given={"elements": [e.value for e in (*step.elements, surplus)]}, sure=True)
    assert answer.outcome is REFUSED


# The same facts on four days: secrecy alone, nobody having confirmed anything.


@pytest.mark.parametrize(
    ("measure", "name", "answers"),
    [
        ("default-on-filter", "filter", (PERMITTED,) * 4),
        ("shaping", "shape", (PERMITTED,) * 4),
        ("shaping", "shape-against-copyright", (REFUSED,) * 4),
        ("op25b", "block-port-25", (PERMITTED,) * 4),
        ("ip25b", "block-inbound-25", (PERMITTED,) * 4),
        ("rbl", "reject", (PERMITTED,) * 4),
        ("mail-authentication", "label", (PERMITTED,) * 4),
        ("mail-authentication", "discard-by-result", (PERMITTED,) * 4),
        ("mail-authentication", "report", (REFUSED, REFERRED, REFERRED, PERMITTED)),
        ("mail-authentication", "filter-all", (REFUSED,) * 4),
        ("child-abuse-blocking", "block-domain", (PERMITTED,) * 4),
        ("piracy-blocking", "block", (REFUSED,) * 4),
        ("piracy-warning", "warn-all", (REFUSED,) * 4),
        ("piracy-warning", "warn-opted-in", (REFUSED, REFUSED, PERMITTED, PERMITTED)),
        ("casino-blocking", "block", (REFUSED,) * 4),
        ("youth-filter", "filter", (REFERRED, REFERRED, REFERRED, PERMITTED)),
        ("chosen-filter", "filter", (PERMITTED,) * 4),
        ("suspension", "suspend", (REFERRED,) * 4),
        ("consent-board", "show-domains", (REFUSED, REFUSED, REFUSED, REFERRED)),
        ("event-counters", "show-traffic", (REFUSED, REFUSED, REFUSED, REFERRED)),
        ("event-network", "offer-wifi", (REFUSED, REFERRED, REFERRED, REFERRED)),
        ("hashed-board", "show-hashed-names", (REFUSED,) * 4),
        ("hashed-board", "show-place-statistics", (REFERRED,) * 4),
        ("eavesdrop", "listen", (PERMITTED,) * 4),
        ("line-check", "answer", (PERMITTED,) * 4),
        ("billing", "bill", (PERMITTED,) * 4),
        ("carrying", "deliver-mail", (PERMITTED,) * 4),
    ],
)
def test_the_same_facts_get_the_answer_of_each_day(measure: str, name: str, answers: tuple[Outcome, ...]) -> None:
    """Everything at hand, a party's consent among it where the measure knows that way."""
    assert tuple(secrecy(ask(measure, name, day=day))[0] for day in DAYS) == answers


# Which law binds: there is no "none".


def test_every_operator_is_bound_by_some_law_of_secrecy() -> None:
    """F-01: "we are no carrier" is refused under every regime, each with the statute that binds it in the tree."""
    assert "none" not in {r.value for r in Regime}
    cited = {Regime.TBA: "TBA 4", Regime.TBA_EXEMPT: "TBA 164", Regime.WIRE: "WIRE 9", Regime.RADIO: "RADIO 59"}
    for regime, article in cited.items():
        answer = ask("event-network", "look-because-no-carrier", given={"regime": regime.value}, sure=True)
        assert answer.outcome is REFUSED
        axis = next(a for a in answer.axes if a.axis is Axis.SECRECY)
        assert any(c.startswith(article) for c in BOOK.case("jp/F-01/1").cites)
        assert axis.norms or regime is Regime.RADIO


@pytest.mark.parametrize("regime", ["none", "", "nobody", "no-carrier"])
def test_no_memo_may_say_that_no_law_binds(regime: str) -> None:
    answer = ask("event-network", "offer-wifi", given=says("regime-memo", regime=regime), sure=True)
    assert (answer.outcome, "regime-written" in missing(answer)) == (REFUSED, True)


def test_the_penalty_for_staff_is_in_the_tree_of_a_call_listened_to() -> None:
    """P-1: TBA 179(2), beside 4(1), among what the step touches before any ground is asked for."""
    case = BOOK.case("jp/P-1/1")
    assert {"TBA 4(1)", "TBA 179(2)"} <= set(case.cites)
    step = step_of("eavesdrop", "listen")
    found = touched(BOOK.norms, Axis.SECRECY, Regime.TBA, step.acts, step.audience, date(2026, 11, 21))
    assert [n for n in found if n.penalty and "TBA 179" in n.cites]
