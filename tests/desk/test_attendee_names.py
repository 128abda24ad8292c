"""Names and kinds of sites on the board: only a panel that was reviewed, and only within the bounds that its permit says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from sekisho.desk.asking.question import read_question
from sekisho.desk.event.named_panels import NAMED, NamedPanel, allowed, bounds, counted_by
from sekisho.gate.permit import Permit
from sekisho.law.words import Value
from sekisho.measures.attendee_names import AttendeeNames
from sekisho.store.release import Loss
from tests.conftest import ROOT
from tests.desk.asking import NOW, here

BOUNDS: Mapping[str, Value] = {
    "window_minutes": 60, "releases_a_day": 9, "rho_a_day": 100_000, "delta_a_day": 500_000, "suppressed_below": 20
}  # fmt: skip
STEPS = {s.name: s for s in AttendeeNames.steps}
EVERY = pytest.mark.parametrize("panel", NAMED.values(), ids=lambda p: p.name)


def permit(panel: NamedPanel, step: str = "", **more: Value) -> Permit:
    scope = {**BOUNDS, panel.word: panel.cut, "panels": (panel.reviewed,), **more}
    made = (AttendeeNames.name, STEPS[step or panel.step], scope, (), "0" * 64, NOW, NOW, (), ())
    return Permit("permit", "plan", *made, one_person=False, out_of_scope=False)


@EVERY
def test_the_example_names_the_panel_as_it_is_now(panel: NamedPanel) -> None:
    """A panel or a list that was changed must be reviewed again; the example then names the old one, and this fails."""
    plan = read_question(ROOT / "examples" / "plans" / f"attendee-{panel.name}.toml", here(), NOW).plan
    assert plan.scope["panels"] == (panel.reviewed,)
    assert plan.scope["consent"] == "per-line"
    assert {s.purpose for s in plan.steps} == {panel.purpose}


@EVERY
def test_a_permit_carries_the_panel_it_was_reviewed_for_and_no_other(panel: NamedPanel) -> None:
    assert allowed(panel, permit(panel))
    (other,) = (p for p in NAMED.values() if p is not panel)
    assert not allowed(other, permit(panel))
    assert not allowed(replace(panel, each=panel.each + 1), permit(panel))
    assert not allowed(replace(panel, listed="1" * 64), permit(panel)), "another list is another panel"
    assert not allowed(panel, permit(panel, **{panel.word: "full"}))
    assert not allowed(panel, permit(panel, panels=panel.reviewed))
    assert not allowed(panel, permit(panel, panel.counts))


@EVERY
def test_who_may_count_is_told_by_the_step(panel: NamedPanel) -> None:
    assert counted_by(permit(panel, panel.counts)) == panel
    assert counted_by(permit(panel)) is None
    assert counted_by(replace(permit(panel, panel.counts), measure="event-board")) is None


def test_one_release_may_cost_its_share_of_the_day() -> None:
    panel = NAMED["names"]
    found = bounds(panel, permit(panel))
    assert found is not None
    assert found.terms.loss == Loss(11_111, 55_555)
    assert (found.terms.names, found.terms.least, found.budget) == (8, 20, Loss(100_000, 500_000))
    assert found.window.total_seconds() == 3600


@pytest.mark.parametrize("word", BOUNDS)
@pytest.mark.parametrize("said", [None, 0, -1, True, "60"])
def test_a_scope_that_does_not_say_its_bounds_shows_nothing(word: str, said: Value) -> None:
    panel = NAMED["names"]
    assert bounds(panel, permit(panel, **{word: said})) is None
    assert not allowed(panel, permit(panel, **{word: said}))
