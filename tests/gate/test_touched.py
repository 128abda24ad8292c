"""What a step touches is named in the answer, and changes nothing about it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sekisho.gate.answers import Decision
from sekisho.gate.decide import decide
from sekisho.gate.render import decision_json
from sekisho.law.casebook import load
from sekisho.law.examples import plan_of
from sekisho.law.words import Axis, Regime

BOOK = load(Path(__file__).resolve().parents[2] / "casebook" / "jp")
BARE = replace(BOOK, norms=(), grounds=(), laws={})
ASKED = [e for e in BOOK.examples if not e.case]


def bones(decision: Decision) -> tuple[object, ...]:
    """What decides: outcome, cases, conditions, what is missing, duties and end; not the book's digest, not the norms."""
    tried = tuple((t.case, t.outcome, t.checked) for a in decision.axes for t in a.tried)
    return (decision.outcome, decision.cases, tried, decision.missing, decision.duties, decision.ends)


def test_norms_grounds_and_numbering_decide_nothing() -> None:
    """Every worked question has the same answer in a book without them: a norm permits nothing, and forbids nothing by itself."""
    for example in ASKED:
        plan, now = plan_of(example, BOOK)
        assert bones(decide(plan, BOOK, now)[0]) == bones(decide(plan, BARE, now)[0]), example.because["en"]


@pytest.mark.parametrize("regime", list(Regime))
def test_the_answer_names_norms_of_its_axis_its_regime_and_its_day_only(regime: Regime) -> None:
    """Whoever asks: each norm named binds that operator, on that axis, on that day; and secrecy is always touched by some norm."""
    known = {n.id: n for n in BOOK.norms}
    for example in ASKED:
        plan, now = plan_of(example, BOOK)
        for axis in decide(replace(plan, regime=regime), BOOK, now)[0].axes:
            for norm in (known[n] for n in axis.norms):
                assert norm.axis is axis.axis
                assert regime in norm.regimes
                assert norm.in_force(plan.day)
            assert axis.norms or axis.axis is not Axis.SECRECY


def test_the_tree_for_machines_says_what_each_norm_says_whom_it_binds_and_what_it_costs() -> None:
    """In both languages, with authority, certainty of that day and the articles as called today."""
    for example in ASKED:
        plan, now = plan_of(example, BOOK)
        for axis in decision_json(decide(plan, BOOK, now)[0], BOOK)["axes"]:
            for norm in axis["norms"]:
                assert norm["says"].keys() == norm["binds"].keys() == norm["title"].keys() == {"ja", "en"}
                assert norm["penalty"] is None or norm["penalty"].keys() == {"ja", "en"}
                assert norm["authority"].startswith("A")
                assert all(c["now"] for c in norm["cites"])
