"""The bench of the gate times nothing before Cedar and the gate agree on every axis; this runs that part, and breaks it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench import gate
from sekisho.law.casebook import load
from sekisho.law.words import Ground, Kind

pytest.importorskip("cedarpy", reason="cedarpy is in the development lock; `make test` installs it")

BOOK = load(gate.ROOT / "casebook" / "jp")
ASKED = gate.questions(BOOK)


def test_cedar_and_the_gate_agree_on_every_axis_of_every_worked_question() -> None:
    assert len(ASKED) > 50
    assert sum(len(q.requests) for q in ASKED) > 2 * len(ASKED)
    assert gate.disagreements(BOOK, ASKED, gate.cedar(BOOK)) == []


def test_a_case_lost_on_the_way_to_cedar_stops_the_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    stood = next(c for c in BOOK.cases if c.id == "jp/C-01/1")
    fewer = replace(BOOK, cases=tuple(c for c in BOOK.cases if c is not stood))
    wrong = gate.disagreements(BOOK, ASKED, gate.cedar(fewer))
    assert wrong
    assert all("default-on-filter" in line for line in wrong)
    monkeypatch.setattr(gate, "cedar", lambda _book: lambda _request: True)
    with pytest.raises(SystemExit, match="disagree"):
        gate.measure(1)


def test_a_condition_cedar_is_not_told_stops_the_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    told = gate.expression

    def forgetful(condition: gate.Condition) -> str | None:
        return "true" if condition.id == "switch" else told(condition)

    monkeypatch.setattr(gate, "expression", forgetful)
    assert any("default-on-filter" in line for line in gate.disagreements(BOOK, ASKED, gate.cedar(BOOK)))


def test_every_case_with_a_ground_has_its_policy_with_its_dates() -> None:
    text = gate.policies(BOOK)
    for case in BOOK.cases:
        assert (f'@id("{case.id}")' in text) == (case.ground is not Ground.NONE)
    ended = next(c for c in BOOK.cases if c.until)
    assert f"context.day < {ended.until.toordinal()}" in gate.policy(ended)  # type: ignore[union-attr] # it has an end
    general = next(c for c in BOOK.cases if c.measure == "*" and Kind.BLOCK in c.kinds)
    assert '"block"' in gate.policy(general)


def test_the_permit_that_is_timed_is_checked_in_earnest() -> None:
    again = gate.permit_check()
    assert again().id == again().id
    gate.forget()
    assert again().id
    assert gate.told(3, 2, "x").startswith("not reached")
    assert gate.told(2, 2, "x").startswith("reached")
