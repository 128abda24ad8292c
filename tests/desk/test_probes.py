"""What `keep` measures itself: under names the case book believes, from the settings that are really in force."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sekisho.desk.probes import compiled, measured
from sekisho.gate.answers import Unmet
from sekisho.gate.checks import Question, check
from sekisho.gate.papers import Papers
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
