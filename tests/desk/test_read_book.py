"""The book for people: each case with what stands around it, and what if a fact were otherwise. Nothing is written by asking."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.desk.asking import what_if
from sekisho.desk.asking.what_if import WhatIf, supposed
from sekisho.desk.book import read_book
from sekisho.desk.world import No
from sekisho.gate.decide import decide
from sekisho.law.casebook import load
from sekisho.law.examples import build
from sekisho.law.words import Value

BOOK = load(Path(__file__).resolve().parents[2] / "casebook" / "jp")
TODAY = date(2026, 11, 21)
FILTER = WhatIf("default-on-filter", "filter")
EVERY_STEP = [(m, s.name) for m, steps in sorted(BOOK.steps.items()) for s in steps]


def evidence(**kinds: dict[str, Value]) -> MappingProxyType[str, Value]:
    return MappingProxyType({k.replace("_", "-"): MappingProxyType(v) for k, v in kinds.items()})


@pytest.mark.parametrize("case", [c.id for c in BOOK.cases])
def test_every_case_has_a_page_with_words_conditions_sources_dates_and_authority(case: str) -> None:
    page = read_book.case_page(BOOK, case, TODAY)
    whole = BOOK.case(case)
    assert {c["id"] for c in page["conditions"]} == {c.id for c in whole.conditions}
    assert all(c["fails"] for c in page["conditions"])
    assert all(c["words"]["ja"] and c["words"]["en"] for c in page["conditions"])
    assert all(page["case"][k] for k in ("source", "seen", "since", "authority", "certainty"))
    assert case in {h["id"] for h in page["history"]}
    assert all(e["expect"] == e["got"] for e in page["examples"])
    assert {str(c.params["kind"]) for c in whole.conditions if "kind" in c.params} == set(page["kinds"])


@pytest.mark.parametrize("rule", [r.id for r in BOOK.owed.rules])
def test_every_rule_of_what_is_owed_has_a_page_with_fields_and_worked_questions(rule: str) -> None:
    page = read_book.case_page(BOOK, rule, TODAY)
    assert page["rule"]["id"] == rule
    assert page["rule"]["kind"] in ("duty", "shield", "hold")
    assert page["examples"]
    assert page["cites"]
    for kind in page["rule"]["events"]:
        assert set(BOOK.owed.kinds[kind].fields) <= set(page["fields"])
    assert rule in {r["id"] for r in read_book.index(BOOK)["owed"]}


def test_a_case_stands_among_those_of_the_same_row_of_law_by_their_first_day() -> None:
    history = [h["id"] for h in read_book.case_page(BOOK, "jp/D-07/1", TODAY)["history"]]
    assert {"jp/D-07/1", "jp/D-07/3"} <= set(history)
    assert history.index("jp/D-07/3") < history.index("jp/D-07/1")
    since = [h["since"] for h in read_book.case_page(BOOK, "jp/D-07/1", TODAY)["history"]]
    assert since == sorted(since)


def test_the_index_names_every_measure_and_every_case_once() -> None:
    index = read_book.index(BOOK)
    assert [m["measure"] for m in index["measures"]] == sorted(BOOK.steps)
    ids = [c["id"] for m in index["measures"] for c in m["cases"]] + [c["id"] for c in index["general"]]
    assert sorted(ids) == sorted(c.id for c in BOOK.cases)
    assert index["asked"] is None
    assert read_book.index(BOOK, "block outbound port 25")["asked"]["measures"][0]["measure"] == "op25b"


def test_what_was_in_force_says_for_each_case_whether_and_why_not() -> None:
    step = BOOK.step("infected-notice", "identify")
    assert step is not None
    then = {c["id"]: c["why"] for c in read_book.in_force(BOOK, "infected-notice", step, date(2014, 6, 1))}
    assert (then["jp/B-11/1"], then["jp/B-12/1"]) == ("", "not-yet")
    today = {c["id"] for c in read_book.in_force(BOOK, "infected-notice", step, TODAY) if c["holds"]}
    assert {"jp/B-11/1", "jp/B-12/1"} <= today


def test_an_unknown_case_is_no_page() -> None:
    with pytest.raises(KeyError):
        read_book.case_page(BOOK, "jp/Z-99/1", TODAY)


@pytest.mark.parametrize(("measure", "step"), EVERY_STEP)
def test_as_it_stands_what_if_says_what_the_gate_says(measure: str, step: str) -> None:
    answer = supposed(BOOK, WhatIf(measure, step), TODAY)
    declared = BOOK.step(measure, step)
    assert declared is not None
    plan, now = build(BOOK, BOOK.complete[measure], measure, declared, {}, TODAY.isoformat())
    assert answer["decision"]["outcome"] == answer["before"] == decide(plan, BOOK, now)[0].outcome.value


def test_one_changed_fact_changes_the_tree_and_names_the_condition() -> None:
    off = supposed(BOOK, replace(FILTER, evidence=evidence(optout={"works": False})), TODAY)
    assert (off["before"], off["decision"]["outcome"]) == ("permitted", "refused")
    assert [m["condition"] for m in off["decision"]["missing"]] == ["switch"]
    gone = supposed(BOOK, replace(FILTER, without=frozenset({"survey"})), TODAY)
    assert {(m["condition"], m["why"]) for m in gone["decision"]["missing"]} == {("presumed", "missing")}
    assert next(e for e in gone["evidence"] if e["kind"] == "survey")["there"] is False


def test_the_day_and_the_law_that_binds_the_operator_change_the_answer() -> None:
    assert supposed(BOOK, replace(FILTER, on="2005-12-31"), TODAY)["decision"]["outcome"] == "refused"
    exempt = supposed(BOOK, replace(FILTER, regime="TBA-exempt"), TODAY)
    axes = {a["axis"] for a in exempt["decision"]["axes"]}
    assert "fairness" not in axes
    assert {"secrecy", "censorship"} <= axes


def test_a_referred_step_can_be_supposed_confirmed() -> None:
    asked = WhatIf("traffic-picture", "count")
    referred = supposed(BOOK, asked, TODAY)
    assert referred["decision"]["outcome"] == "referred"
    assert referred["confirmable"]
    agreed = supposed(BOOK, replace(asked, confirmed=frozenset(referred["confirmable"])), TODAY)
    assert (agreed["before"], agreed["decision"]["outcome"]) == ("referred", "permitted")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"measure": "unheard-of"}, "unknown-measure"),
        ({"measure": "fairness"}, "unknown-measure"),
        ({"step": "unheard-of"}, "unknown-step"),
        ({"on": "yesterday"}, "not-a-day"),
        ({"on": "9999-12-31"}, "not-a-day"),
        ({"regime": "none"}, "not-a-regime"),
    ],
)
def test_what_cannot_be_asked_is_named(change: dict[str, str], code: str) -> None:
    with pytest.raises(No) as why:
        supposed(BOOK, replace(FILTER, **change), TODAY)  # type: ignore[arg-type] # the parametrised call
    assert why.value.code == code


def test_fields_and_kinds_nobody_knows_are_left_out() -> None:
    odd = replace(FILTER, evidence=evidence(optout={"colour": "red"}, hearsay={"x": 1}, terms={}), without=frozenset({"hearsay"}))
    assert supposed(BOOK, odd, TODAY)["decision"]["outcome"] == "permitted"


VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.lists(st.text(max_size=4), max_size=3).map(tuple)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.sampled_from(EVERY_STEP), st.dictionaries(st.sampled_from(sorted(BOOK.kinds)), st.dictionaries(st.text(max_size=8), VALUES)))
def test_whatever_is_supposed_gets_an_answer(step: tuple[str, str], said: dict[str, dict[str, Value]]) -> None:
    answer = supposed(BOOK, WhatIf(*step, evidence=evidence(**said)), TODAY)
    assert answer["decision"]["outcome"] in ("permitted", "refused", "referred", "out-of-scope")
    assert what_if.LAST > TODAY
