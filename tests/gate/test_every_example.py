"""Every example of every case file, run through the gate."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.gate.answers import AxisAnswer, Decision, Met, Outcome, Tried
from sekisho.gate.decide import decide
from sekisho.gate.people import Confirmation
from sekisho.law.casebook import Casebook, CasebookError, load
from sekisho.law.examples import plan_of
from sekisho.law.words import Example, Ground, Value

JP = Path(__file__).resolve().parents[2] / "casebook" / "jp"
BOOK = load(JP)
JAPANESE = re.compile("[ぁ-んァ-ヶ一-龥]")


def decided(example: Example, book: Casebook = BOOK) -> Decision:
    plan, now = plan_of(example, book)
    said = [
        Confirmation(case, plan.measure, book.digest, "read and found good", "officer", now - timedelta(days=1), now + timedelta(days=30))
        for case in example.confirmed
    ]
    return decide(plan, book, now, said)[0]


def failing(tried: Tried) -> tuple[str, ...]:
    return tuple(sorted(c.condition for c in tried.checked if not isinstance(c.answer, Met)))


def every_tried(axes: tuple[AxisAnswer, ...]) -> dict[str, Tried]:
    return {t.case: t for a in axes for t in a.tried}


def name(example: Example) -> str:
    return f"{example.step}: {example.because['en']}"


@pytest.mark.parametrize("example", [e for e in BOOK.examples if e.case], ids=name)
def test_each_condition_has_one_example_that_passes_and_one_that_fails_on_it_alone(example: Example) -> None:
    """With everything at hand all conditions of a case are met; with its one change exactly that condition is not."""
    decision = decided(example)
    tried = every_tried(decision.axes)[example.case or ""]
    extra = tuple(m for m in failing(tried) if m not in example.missing)
    assert all(m in failing(tried) for m in example.missing)
    assert not [m for m in extra if not m.startswith("@surplus")]
    if example.expect == "met":
        assert tried.outcome is not Outcome.REFUSED


@pytest.mark.parametrize("example", [e for e in BOOK.examples if not e.case], ids=name)
def test_each_worked_question_gets_the_answer_the_book_expects(example: Example) -> None:
    """The whole step, all axes: the outcome, and for a refusal exactly the conditions named."""
    decision = decided(example)
    assert decision.outcome.value == example.expect, [(m.case, m.condition, m.why) for m in decision.missing]
    if example.missing:
        assert {m.condition for m in decision.missing if m.what != "confirmation"} == set(example.missing)
    assert bool(decision.missing) == (decision.outcome in (Outcome.REFUSED, Outcome.REFERRED))


def test_every_condition_of_every_case_is_covered() -> None:
    """No condition goes without its failing example, no case without a passing one for each of its steps."""
    fails = {(e.case, m) for e in BOOK.examples if e.case for m in e.missing}
    passes = {e.case for e in BOOK.examples if e.case and e.expect == "met"}
    assert {(c.id, k.id) for c in BOOK.cases for k in c.conditions} <= fails
    assert {c.id for c in BOOK.cases if c.ground is not Ground.NONE} <= passes


@pytest.mark.parametrize("example", [e for e in BOOK.examples if not e.case], ids=name)
def test_an_example_can_be_read_alone(example: Example) -> None:
    """Whoever reads one has no list of questions beside it, and not always the example above."""
    assert not re.search(r"\bquestion \d|^(and |or )?(as \d+|the same( in| before| facts|,|$))", example.because["en"])


def test_every_worked_question_is_told_in_both_languages_and_apart_from_its_neighbours() -> None:
    """Whoever reads Japanese reads Japanese, and two questions of one step or rule never say the same."""
    questions = [(e.file, e.step, e.on, e.because) for e in BOOK.examples if not e.case]
    questions += [("owed", w.rule, w.on, w.because) for w in BOOK.worked]
    assert all(JAPANESE.search(b["ja"]) and not JAPANESE.search(b["en"]) for *_, b in questions)
    for language in ("ja", "en"):
        assert len({(f, s, d, b[language]) for f, s, d, b in questions}) == len(questions)


def test_plain_text_is_no_words_of_a_worked_question(tmp_path: Path) -> None:
    """Refused with the file, the place and what was expected."""
    copy = Path(shutil.copytree(JP, tmp_path / "jp"))
    path = copy / "billing.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"because = \{.*\}", 'because = "the monthly bill"', text, count=1), encoding="utf-8")
    with pytest.raises(CasebookError) as why:
        load(copy)
    assert (why.value.file, why.value.where) == ("billing.toml", "example[1].because")
    assert "a sentence by language" in why.value.what


DATED = sorted(
    {
        (e.case, kind, field)
        for e in BOOK.examples
        if e.case and e.expect == "met"
        for kind in {str(c.params["kind"]) for c in BOOK.case(e.case).conditions if "kind" in c.params}
        for field, type_name in BOOK.kinds[kind].fields.items()
        if type_name == "day"
    }
)


@pytest.mark.parametrize(("case", "kind", "field"), DATED)
def test_what_comes_into_force_tomorrow_carries_nothing_today(case: str, kind: str, field: str) -> None:
    """Terms, explanations, lists, texts shown, surveys, checks: whatever a case stands on was there on the day of the act."""
    for example in (e for e in BOOK.examples if e.case == case and e.expect == "met"):
        late = MappingProxyType({"evidence": MappingProxyType({kind: MappingProxyType({field: 1})})})
        assert every_tried(decided(replace(example, given=late)).axes)[case].outcome is Outcome.REFUSED


def test_terms_and_lists_are_among_what_is_dated() -> None:
    """The test above is not empty where it matters."""
    assert {("jp/B-12/1", "terms", "day"), ("jp/B-13/1", "terms", "day"), ("jp/B-17/1", "terms", "day")} <= set(DATED)
    assert {("jp/B-18/1", "terms", "day"), ("jp/B-13/1", "list", "reviewed"), ("jp/C-01/1", "survey", "day")} <= set(DATED)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.sampled_from(["2020-01-01", "hits", "a" * 64]),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(max_size=3), inner, max_size=3).map(MappingProxyType),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.sampled_from([e for e in BOOK.examples if not e.case]), st.randoms(use_true_random=True), VALUES, VALUES)
def test_no_value_whatever_makes_the_gate_stumble(example: Example, dice: Random, said: Value, claimed: Value) -> None:
    """Any value in the scope and in a piece of evidence gets an answer, never an exception that somebody could catch and go on."""
    plan, now = plan_of(example, BOOK)
    key = dice.choice(sorted(plan.scope))
    evidence = list(plan.evidence)
    if evidence:
        at = dice.randrange(len(evidence))
        field = dice.choice(sorted(evidence[at].value))
        evidence[at] = replace(evidence[at], value=MappingProxyType({**evidence[at].value, field: claimed}))
    odd = replace(plan, scope=MappingProxyType({**plan.scope, key: said}), evidence=tuple(evidence))
    assert decide(odd, BOOK, now)[0].outcome in Outcome
