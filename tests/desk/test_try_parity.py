"""On and off compared on a real path: the same for who switched off and who did not, and a path on which it is not is found out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk.access import try_parity
from sekisho.desk.access.try_parity import ALLOWED, NoPath, Parity, Side, TryParity, carry_out
from sekisho.desk.access.try_signatures import plans_classes, plans_lines
from sekisho.effects import class_filter
from sekisho.effects.class_filter import PacketClass
from tests.desk.test_try_signatures import EXAMPLE
from tests.effects.test_nft import Inside, inside
from tests.faces.conftest import typed

__all__ = ["inside"]

RANGES, LINE_V6 = plans_lines(EXAMPLE)
REQUEST = TryParity(RANGES, LINE_V6, plans_classes(EXAMPLE), rounds=60, chunks=5)
SIDE = Side(refused=True, answered=9, median_ns=1000, kbit=1000)
OTHER = replace(SIDE, refused=False)
EVERY = PacketClass("every", {"ja": "-", "en": "-"}, "udp", (1, 65535), None, "", 1, 0)


def tried(inside: Inside, request: TryParity = REQUEST) -> tuple[Parity, ...]:
    return tuple(inside(lambda: carry_out(request, datetime.now(UTC))))


def test_who_switched_off_and_who_did_not_are_answered_alike_but_for_what_the_filter_refuses(inside: Inside) -> None:
    """Whether as fast is not asked here: no test hangs on the time of a busy machine."""
    for family, one in zip((4, 6), tried(inside), strict=True):
        assert (one.family, one.on.refused, one.off.refused, one.on.answered, one.off.answered) == (family, True, False, 60, 60)
        assert all(side.median_ns > 0 and side.kbit > 0 for side in (one.on, one.off))


def test_rules_that_slow_down_or_lose_packets_of_who_switched_off_are_found_out(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rules with one more that somebody slipped in: of who is off, every second packet is lost."""
    known = class_filter.rules

    def slipped(one: Any, now: datetime) -> Any:
        sets, chains, entry = known(one, now)
        lossy = ("numgen inc mod 2 0", {"match": {"op": "==", "left": {"numgen": {"mode": "inc", "mod": 2, "offset": 0}}, "right": 0}})
        mine = chains[one.permit.replace("-", "_")]
        off = next(n for n in sets if "_off4" in n)
        let = class_filter.inside(4, 32, "saddr", off)
        first = class_filter._rule(one.permit, [let, lossy, ("drop", {"drop": None})])
        chains[one.permit.replace("-", "_")] = replace(mine, rules=(first, *mine.rules))
        return sets, chains, entry

    monkeypatch.setattr(class_filter, "rules", slipped)
    monkeypatch.setattr(try_parity, "PATIENCE", 0.02)
    (one,) = tried(inside, replace(REQUEST, ranges=RANGES[:1], rounds=6, chunks=1))
    assert one.on.answered == 6
    assert one.off.answered < 6
    assert not one.same


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"ranges": (ip_network("198.51.100.7/32"),)}, "no-second-line"),
        ({"line_v6": 48}, "no-second-line"),
        ({"classes": (EVERY,)}, "no-free-port"),
    ],
)
def test_where_nothing_can_be_compared_it_says_why(inside: Inside, changed: dict[str, Any], code: str) -> None:
    request = replace(REQUEST, ranges=RANGES[1:], **changed) if "line_v6" in changed else replace(REQUEST, **changed)
    with pytest.raises(NoPath) as no:
        tried(inside, request)
    assert no.value.code == code


@pytest.mark.parametrize(
    ("on", "off"),
    [
        (replace(SIDE, refused=False), OTHER),
        (SIDE, replace(OTHER, refused=True)),
        (replace(SIDE, answered=8), OTHER),
        (SIDE, replace(OTHER, answered=8)),
        (replace(SIDE, median_ns=2000), OTHER),
        (SIDE, replace(OTHER, kbit=2000)),
    ],
)
def test_each_difference_alone_is_none_to_overlook(on: Side, off: Side) -> None:
    assert Parity(4, 9, SIDE, OTHER).same
    assert not Parity(4, 9, on, off).same


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_it_is_the_same_whichever_of_the_two_is_faster(one: int, other: int) -> None:
    told = [Parity(4, 9, replace(SIDE, median_ns=a), replace(OTHER, median_ns=b)).same for a, b in ((one, other), (other, one))]
    assert told[0] == told[1] == (abs(one - other) * 1000 <= ALLOWED * max(one, other))


def test_at_the_terminal_both_lines_are_told(inside: Inside, tmp_path: Path) -> None:
    said = typed(tmp_path, "filter", "parity", str(EXAMPLE))
    assert all(said.out.count(words) == 2 for words in ("filter on:", "filter off:", "the control was refused", "the control passed"))
    plan = tmp_path / "plan.toml"
    plan.write_text(EXAMPLE.read_text("utf-8").replace('["198.51.100.0/24", "2001:db8:100::/48"]', '["198.51.100.7/32"]'), "utf-8")
    assert (typed(tmp_path, "filter", "parity", "plan.toml").code, typed(tmp_path, "filter", "parity", "none.toml").code) == (2, 2)
    assert json.loads(typed(tmp_path, "--json", "filter", "parity", str(EXAMPLE)).out)["paths"][1]["off"]["answered"] == 2000
