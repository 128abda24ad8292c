"""Classes on links are made what the permits say, and the rules that put packets into them: on values, then the words of a scope."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk.kernel_rules import classes, sides, table
from sekisho.effects import nft
from sekisho.effects.htb import Classes, Turn, change, lacking, reconcile
from sekisho.effects.prefix_sets import HEART, BadScope
from sekisho.effects.reconcile import reconcile as reconcile_rules
from sekisho.effects.shaping import FASTEST, Shape, read_shape
from tests.effects.test_nft import Model

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
"""21 o'clock in Japan."""
LINKS = ("l1", "l2", "uplink", "gone")
SCOPE: Mapping[str, Any] = {
    "ranges": ("198.51.100.0/24", "2001:db8:100::/48"),
    "line_v6": 56,
    "heavy_mb": 5000,
    "window_hours": 24,
    "hours": "20-24",
    "links": ("l1", "uplink"),
    "kbit": 20_000,
}
WANTED = st.dictionaries(st.sampled_from(LINKS), st.dictionaries(st.integers(1, 5), st.integers(1, 9), min_size=1))
SUBSETS = st.frozensets(st.sampled_from(LINKS))


def shape(**changed: Any) -> Shape:
    return read_shape("permit-0000000000000001", NOW + timedelta(days=90), {**SCOPE, **changed})


@dataclass
class Router:
    """Links as tc has them: a root once, no class without it, a class that is there is written over."""

    there: Classes
    turns: list[Turn] = field(default_factory=list)

    def read(self) -> Classes:
        return self.there

    def write(self, turns: Iterable[Turn]) -> None:
        links = {link: dict(have) for link, have in self.there.links.items()}
        spoiled = set(self.there.spoiled)
        for turn in turns:
            self.turns.append(turn)
            assert turn.link in self.there.known
            assert turn.link not in self.there.taken, "what somebody else set up is left alone"
            if turn.what == "root":
                assert turn.link not in links, "a second root"
                links[turn.link] = {}
            elif turn.what == "unroot":
                del links[turn.link]
                spoiled.discard(turn.link)
            elif turn.what == "drop":
                del links[turn.link][turn.number]
            else:
                links[turn.link][turn.number] = turn.kbit
        self.there = Classes(links, self.there.taken, frozenset(spoiled), self.there.known)


@st.composite
def routers(draw: st.DrawFn) -> Router:
    known, taken = draw(SUBSETS), draw(SUBSETS)
    ours = {link: have for link, have in draw(WANTED).items() if link in known - taken}
    return Router(Classes(ours, taken & known, draw(SUBSETS) & frozenset(ours), known))


@given(wanted=WANTED, router=routers())
def test_whatever_stood_on_the_links_one_round_makes_it_what_is_wanted_and_the_next_does_nothing(
    wanted: Mapping[str, Mapping[int, int]], router: Router
) -> None:
    _, there = reconcile(router, wanted)
    reachable = {*wanted} & there.known - there.taken
    assert {link: dict(have) for link, have in there.links.items()} == {link: dict(wanted[link]) for link in reachable}
    assert not there.spoiled & reachable
    assert {w.rpartition(" ")[2] for w in lacking(wanted, there)} == {*wanted} - reachable
    done = len(router.turns)
    assert reconcile(router, wanted)[0] == ()
    assert len(router.turns) == done


def test_one_permit_is_a_root_and_a_class_on_each_link_and_nothing_else() -> None:
    wanted = classes([shape()], NOW)
    router = Router(Classes(known=frozenset(LINKS)))
    made, _ = reconcile(router, wanted)
    assert [str(t).split()[1:3] for t in made] == [["root", "l1"], ["class", "l1"], ["root", "uplink"], ["class", "uplink"]]
    assert {t.kbit for t in made if t.what == "class"} == {20_000}


def test_a_permit_that_is_over_has_no_class_and_no_rule() -> None:
    over = NOW + timedelta(days=90)
    assert classes([shape()], over) == {}
    assert not table([shape()], over).chains
    assert change({}, Classes(classes([shape()], NOW), known=frozenset(LINKS))) == (Turn("unroot", "l1"), Turn("unroot", "uplink"))


def test_a_number_is_the_permits_own() -> None:
    numbers = {read_shape(f"permit-{n:016x}", NOW, SCOPE).number for n in range(200)}
    assert len(numbers) > 195
    assert all(0 < n < 0xFFFF for n in numbers)


@pytest.mark.parametrize(
    ("hours", "at", "seconds"),
    [
        ("20-24", "2026-11-22T19:59:59+09:00", 0),
        ("20-24", "2026-11-22T20:00:00+09:00", 4 * 3600),
        ("20-24", "2026-11-22T23:59:59+09:00", 1),
        ("20-24", "2026-11-23T00:00:00+09:00", 0),
        ("22-2", "2026-11-22T23:00:00+09:00", 3 * 3600),
        ("22-2", "2026-11-23T01:59:00+09:00", 60),
        ("22-2", "2026-11-23T02:00:00+09:00", 0),
        ("0-24", "2026-11-23T00:00:00+09:00", 24 * 3600),
    ],
)
def test_hours_begin_and_end_on_the_second(hours: str, at: str, seconds: int) -> None:
    assert shape(hours=hours).open_for(datetime.fromisoformat(at).astimezone(UTC)) == seconds


def test_outside_its_hours_volumes_are_counted_on_and_nobody_is_slowed_down() -> None:
    """The same rules stand all day, so that nothing counted is lost; the set they wait for is empty."""
    within, outside = (table([shape()], NOW + timedelta(hours=h)) for h in (0, 4))
    assert within.chains == outside.chains
    name = next(n for n in within.sets if n.endswith("_hours"))
    assert (len(within.sets[name].members), len(outside.sets[name].members)) == (2, 0)


def test_every_rule_waits_for_a_member_that_ends_within_seconds() -> None:
    made = table([shape()], NOW)
    live = next(s for n, s in made.sets.items() if n.endswith("_live"))
    assert {m.left for m in live.members.values()} == {HEART}
    assert all("_live" in r.text for r in made.chains["forward"].rules)


def test_the_test_is_applied_to_every_line_by_the_same_rules() -> None:
    """Two families, two directions: four rules, however many lines; the kernel's own count is never a list of ours."""
    made = table([shape()], NOW)
    chain = next(c for n, c in made.chains.items() if n != "forward" and not n.endswith("_over"))
    assert len(chain.rules) == 4
    assert all("quota over 5000000000 bytes" in r.text and "timeout 86400s" in r.text for r in chain.rules)
    assert sum("& ffff:ffff:ffff:ff00::" in r.text for r in chain.rules) == 2
    assert not any(s.members for s in made.sets.values() if s.counts)
    shown = sides(shape(), made, classes([shape()], NOW))
    assert not any("volumes" in name for name in shown)
    assert shown["class uplink"] == 20_000


GONE = ("198.51.100.20/32", "2001:db8:100:1200::/56")


def left(permit: Shape) -> Mapping[str, set[str]]:
    """Members of the sets of lines that left, by family."""
    return {n.rpartition("left")[2]: set(s.members) for n, s in table([permit], NOW).sets.items() if "_left" in n}


def leaving(**changed: Any) -> Shape:
    return read_shape("permit-0000000000000001", NOW + timedelta(days=90), {**SCOPE, "may_leave": True, **changed}, GONE)


def test_packets_of_a_line_that_left_go_on_before_anything_is_counted() -> None:
    made = table([leaving()], NOW)
    chain = next(c for n, c in made.chains.items() if n != "forward" and not n.endswith("_over"))
    assert ["return" in r.text for r in chain.rules] == [True] * 4 + [False] * 4
    assert left(leaving()) == {"4_32": {"198.51.100.20"}, "6_56": {"2001:db8:100:1200::"}}
    assert set(left(leaving(ranges=("198.51.100.0/24",)))) == {"4_32"}


def test_a_plan_that_lets_nobody_leave_has_no_such_set_whoever_left_before() -> None:
    assert left(read_shape("permit-0000000000000001", NOW + timedelta(days=90), SCOPE, GONE)) == {}
    assert table([leaving(may_leave=False)], NOW) == table([shape()], NOW)
    assert shape().line("198.51.100.20") is None


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("198.51.100.20", "198.51.100.20/32"),
        ("::ffff:198.51.100.20", "198.51.100.20/32"),
        ("2001:db8:100:12ff::7", "2001:db8:100:1200::/56"),
        *((a, None) for a in ("192.0.2.1", "2001:db8:200::1", "fe80::1%eth0", "nobody", "")),
    ],
)
def test_whose_line_an_address_is(address: str, line: str | None) -> None:
    found = leaving().line(address)
    assert (str(found) if found else None) == line


def test_who_leaves_or_comes_back_changes_one_member_and_no_rule() -> None:
    """What other lines moved is counted on."""
    wanted, kernel = table([leaving()], NOW), Model(None)
    reconcile_rules(kernel, wanted)
    back = table([shape(may_leave=True)], NOW)
    gone = {key for keys in nft.change(back, kernel.there).gone.values() for key in keys}
    assert gone == {"198.51.100.20", "2001:db8:100:1200::"}
    assert wanted.chains == back.chains


def test_ten_thousand_lines_that_left_are_one_transaction_and_take_less_than_a_second() -> None:
    gone = tuple(f"{ip_network((int(ip_network('10.0.0.0/8').network_address) + n, 32))}" for n in range(10_000))
    scope = {**SCOPE, "ranges": ("10.0.0.0/8",), "may_leave": True}
    kernel, began = Model(None), time.monotonic()
    wanted = table([read_shape("permit-0000000000000001", NOW + timedelta(days=90), scope, gone)], NOW)
    reconcile_rules(kernel, wanted)
    assert time.monotonic() - began < 1
    assert kernel.writes == 1


def test_ten_thousand_lines_are_one_transaction_and_then_none() -> None:
    lines = tuple(str(ip_network((int(ip_network("10.0.0.0/8").network_address) + n, 32))) for n in range(10_000))
    wanted, kernel = table([shape(ranges=lines)], NOW), Model(None)
    reconcile_rules(kernel, wanted)
    assert kernel.writes == 1
    reconcile_rules(kernel, wanted)
    assert kernel.writes == 1
    fewer = table([shape(ranges=lines[:-1])], NOW)
    assert [len(k) for k in nft.change(fewer, kernel.there).gone.values()] == [1]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        *(("hours", s) for s in ("", "20", "20-20", "24-2", "20-25", "-1-5", "20-24-3", 20)),
        *(("kbit", s) for s in (0, -1, True, "20", None, FASTEST + 1, 10**12)),
        ("heavy_mb", 0),
        *(("may_leave", s) for s in (1, "yes", None, ())),
        ("window_hours", 24 * 32),
        ("line_v6", 129),
        *(("consent", s) for s in ("per-line", "", None)),
        *(("links", s) for s in ((), ("",), ("sixteen-letters-x",), "l1", (1,))),
        *(("ranges", s) for s in ((), ("0.0.0.0/0",), ("10.0.0.1/24",), ("10.0.0.0/8", "10.1.0.0/16"), ("10.0.0.0/8", "10.0.0.0/8"))),
    ],
)
def test_a_scope_that_is_not_of_this_form_makes_no_rule(word: str, said: Any) -> None:
    """Ranges that overlap among them: a line in both would be counted twice."""
    with pytest.raises(BadScope) as no:
        shape(**{word: said})
    assert no.value.where == f"scope.{word}"
