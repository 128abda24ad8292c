"""What `keep` measures itself: under names the case book believes, from the settings that are really in force."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sekisho.desk.probes import compiled, measured
from sekisho.gate.answers import Unmet
from sekisho.gate.checks import Question, check
from sekisho.gate.papers import Papers
from sekisho.law.words import Kind, Plan
from tests.desk.caseload import CLAIM, Caseload
from tests.desk.office import Office

OURS = ("198.51.100.0/24", "2001:db8:100::/48")


def test_every_probe_has_a_name_the_book_believes(founded: Office) -> None:
    """A probe the book does not name would measure for nobody."""
    for name in ("infected-notice", "traffic-picture"):
        with founded.turn() as world:
            found = list(measured(world, founded.draft(name).plan, founded.watch.at))
        assert found
        assert all(e.voucher.who in world.book.kinds[e.kind].probes for e in found)


@pytest.mark.parametrize(
    ("prefixes", "missing"),
    [
        (OURS, set()),
        (("198.51.100.0/25", OURS[1]), {"no-single-line-v4"}),
        ((*OURS, "198.51.100.7/32"), {"no-single-line-v4"}),
        ((*OURS, "2001:db8:200::/56"), {"no-single-line-v6"}),
        (("10.0.0.0/8",), set()),
    ],
)
def test_a_prefix_as_long_as_one_line_is_no_traffic_picture(founded: Office, prefixes: tuple[str, ...], missing: set[str]) -> None:
    """Sums by prefix are sums of many lines: the longest prefix of the settings is measured, and one too long is found missing."""
    plan, now, book = founded.draft("traffic-picture").plan, founded.watch.at, founded.world.book
    seen = replace(plan, evidence=tuple(compiled(plan, prefixes, now)))
    conditions = [c for c in book.case("jp/B-31/1").conditions if c.params.get("kind") == "aggregation"]
    assert len(conditions) == 2
    answers = {c.id: check(Question(c, seen, seen.steps[0], now, book.kinds, Papers.of(seen))) for c in conditions}
    assert {name for name, answer in answers.items() if isinstance(answer, Unmet)} == missing


def test_the_table_of_holds_is_measured_for_what_would_be_deleted(office: Office) -> None:
    """As many as live on data of that measure; lifted and over ones count no more; a plan that deletes nothing is told nothing."""
    load = Caseload(office, texts=False)
    draft = office.draft().plan
    delete = replace(draft.steps[0], name="erase", kind=Kind.DELETE)
    plan = replace(draft, steps=(delete,))

    def counted(asked: Plan = plan) -> list[tuple[int, str, str]]:
        with office.turn() as world:
            found = [e for e in measured(world, asked, office.watch.at) if e.kind == "holds"]
            assert all(e.voucher.who in world.book.kinds["holds"].probes for e in found)
        return [(int(str(e.value["count"])), str(e.value["of"]), e.purpose) for e in found]

    matter = load.open("deletion-inquiry", CLAIM)
    assert counted() == [(0, "infected-notice", delete.purpose)]
    holds = [load.hold(matter, f"{load.permit}/*/2026-11-{day}", days=day) for day in (20, 21)]
    assert counted() == [(2, "infected-notice", delete.purpose)]
    assert counted(replace(plan, measure="traffic-picture")) == [(0, "traffic-picture", delete.purpose)]
    assert counted(draft) == []
    load.lift(holds[1])
    assert counted() == [(1, "infected-notice", delete.purpose)]
    office.watch.wind(days=20)
    assert counted() == [(0, "infected-notice", delete.purpose)]


def test_one_hold_refuses_the_deletion(office: Office) -> None:
    """What the probe measured is what the case of the book asks: not one hold, or nothing is erased."""
    load, book = Caseload(office, texts=False), office.world.book
    draft = office.draft().plan
    delete = replace(draft.steps[0], name="erase", kind=Kind.DELETE)
    plan = replace(draft, steps=(delete,))
    (condition,) = (c for c in book.case("jp/D-17/1").conditions if c.params.get("kind") == "holds")
    matter, found = load.open("deletion-inquiry", CLAIM), []
    for _ in range(2):
        with office.turn() as world:
            seen = replace(plan, evidence=tuple(measured(world, plan, office.watch.at)))
        found.append(check(Question(condition, seen, delete, office.watch.at, book.kinds, Papers.of(seen))))
        load.hold(matter, f"{load.permit}/*/2026-11-20")
    assert [isinstance(answer, Unmet) for answer in found] == [False, True]
