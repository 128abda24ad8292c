"""The kernel is made what the permits say, whatever stands in it: the rule of comparing, on values, and then on a real kernel."""

from __future__ import annotations

import ctypes
import ipaddress
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.desk.kernel_rules import table
from sekisho.effects import nft
from sekisho.effects.kernel import Kernel
from sekisho.effects.nft import Chain, Change, KernelSaidNo, Member, Rule, Set, Table, change
from sekisho.effects.port_block import Block, Opened, read_scope
from sekisho.effects.prefix_sets import HEART, BadScope
from sekisho.effects.reconcile import Round, reconcile
from tests.conftest import need

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
NETWORKS = [
    *("198.51.100.0/24", "198.51.100.0/25", "203.0.113.7/32", "198.18.0.0/15", "10.0.0.0/8"),
    *("2001:db8:100::/40", "2001:db8::25/128", "2001:db8:0:8000::/49", "2001:db8:7::/48"),
]
PREFIXES = st.sampled_from([ipaddress.ip_network(n) for n in NETWORKS])
SOME = st.lists(PREFIXES, max_size=4, unique=True).map(tuple)
SPANS = st.integers(-5, 400_000_000).map(lambda s: NOW + timedelta(seconds=s))
OPENED = st.lists(st.builds(Opened, st.sampled_from(["exception-1", "exception-2"]), PREFIXES.map(str), SPANS), max_size=5).map(tuple)
IDS = st.integers(0, 5).map(lambda n: f"permit-{n:016x}")
BLOCKS = st.lists(st.builds(Block, IDS, SPANS, SOME.filter(bool), SOME, SOME, OPENED), max_size=3, unique_by=lambda b: b.permit)
WANTED = BLOCKS.map(lambda blocks: table(blocks, NOW))


class Model:
    """A kernel as nft's manual has it: all of a batch or nothing, no member taken that is not there, no member put over another."""

    def __init__(self, there: Table | None) -> None:
        self.there, self.writes = there, 0

    def read(self) -> Table | None:
        return self.there

    def write(self, made: Change, wanted: Table) -> None:
        self.writes += 1
        if made.anew:
            self.there = replace(wanted, strange=frozenset()) if wanted.sets or wanted.chains else None
            return
        assert self.there is not None
        sets = dict(self.there.sets)
        for name, keys in made.gone.items():
            members = dict(sets[name].members)
            for key in keys:
                if key not in members:
                    raise KernelSaidNo("refused", nft.TABLE)
                del members[key]
            sets[name] = replace(sets[name], members=members)
        for name, fresh in made.fresh.items():
            assert not set(sets[name].members) & set(fresh), "a member that is there keeps its old words"
            sets[name] = replace(sets[name], members={**sets[name].members, **fresh})
        self.there = replace(self.there, sets=sets)


    def age(self, seconds: int) -> None:
        """Members have so much less left; those with nothing left are gone."""
        if self.there is None:
            return
        sets = {}
        for name, one in self.there.sets.items():
            aged = {k: replace(m, left=None if m.left is None else m.left - seconds) for k, m in one.members.items()}
            sets[name] = replace(one, members={k: m for k, m in aged.items() if m.left is None or m.left > 0})
        self.there = replace(self.there, sets=sets)


@st.composite
def meddled(draw: st.DrawFn, wanted: Table) -> Table | None:
    """What somebody may have made of it: rules, sets and members taken away, put in, changed; or all of it gone, or another's."""
    how = draw(st.integers(0, 3))
    if how == 0:
        return draw(st.none() | WANTED)
    sets, chains = dict(wanted.sets), dict(wanted.chains)
    for name in draw(st.lists(st.sampled_from(sorted(sets)), max_size=3)) if sets else ():
        members = dict(sets[name].members)
        for key in draw(st.lists(st.sampled_from(sorted(members)), max_size=3)) if members else ():
            members[key] = draw(st.builds(Member, st.sampled_from(["", "permit-x"]), st.none() | st.integers(0, 99)))
            if draw(st.booleans()):
                del members[key]
        strangers = st.dictionaries(st.sampled_from(["192.0.2.1", "2001:db8::9"]), st.builds(Member, st.just(""), st.none()), max_size=1)
        members |= draw(strangers)
        sets[name] = replace(sets[name], members=members)
    if how == 2 and chains:
        name = draw(st.sampled_from(sorted(chains)))
        chains[name] = draw(st.sampled_from([Chain("{}", ()), Chain(chains[name].kind, (*chains[name].rules, Rule("", "[]")))]))
    if how == 3:
        sets["foreign"] = Set("{}", {})
        return Table(sets, chains, draw(st.frozensets(st.sampled_from(["map x", "dormant"]))))
    return Table(sets, chains)


@settings(max_examples=60)
@given(wanted=WANTED, data=st.data())
def test_whatever_stood_there_one_round_makes_it_what_is_wanted_and_the_next_changes_nothing(wanted: Table, data: st.DataObject) -> None:
    kernel = Model(data.draw(meddled(wanted)))
    assert not reconcile(kernel, wanted).left
    assert not change(wanted, kernel.there)
    writes = kernel.writes
    assert writes <= 1
    again = reconcile(kernel, wanted)
    assert not again.found
    assert kernel.writes == writes


@settings(max_examples=60)
@given(wanted=WANTED, data=st.data())
def test_nothing_of_ours_outlives_its_permit_and_nothing_stands_for_ever(wanted: Table, data: st.DataObject) -> None:
    kernel = Model(data.draw(meddled(wanted)))
    reconcile(kernel, wanted)
    for name, one in (kernel.there.sets if kernel.there else {}).items():
        for key, member in one.members.items():
            mine = wanted.sets[name].members[key].left
            assert member.left is not None
            assert mine is not None
            assert member.left <= mine + nft.EARLY


@settings(max_examples=40)
@given(blocks=BLOCKS)
def test_a_permit_that_is_over_leaves_nothing(blocks: list[Block]) -> None:
    living = [b for b in blocks if b.until >= NOW + timedelta(seconds=1)]
    assert table(blocks, NOW) == table(living, NOW)
    whose = {m.whose.split()[0] for s in table(blocks, NOW).sets.values() for m in s.members.values()}
    assert whose == {b.permit for b in living}


@settings(max_examples=40)
@given(blocks=BLOCKS)
def test_every_rule_waits_for_a_member_that_ends_within_seconds(blocks: list[Block]) -> None:
    made = table(blocks, NOW)
    for rule in made.chains["forward"].rules if made.chains else ():
        name = rule.text.split("@")[1].split()[0]
        (member,) = made.sets[name].members.values()
        assert member.left is not None
        assert 0 < member.left <= HEART
        assert rule.whose == member.whose


@settings(max_examples=40)
@given(blocks=BLOCKS.filter(bool))
def test_what_is_let_through_is_asked_before_what_is_refused(blocks: list[Block]) -> None:
    for name, chain in table(blocks, NOW).chains.items():
        if name != "forward":
            ends = ["reject" in rule.text for rule in chain.rules]
            assert ends == sorted(ends)


@pytest.mark.parametrize(
    ("scope", "where"),
    [
        ({}, "ranges"),
        ({"ranges": ()}, "ranges"),
        ({"ranges": "198.51.100.0/24"}, "ranges"),
        ({"ranges": ("0.0.0.0/0",)}, "ranges"),
        ({"ranges": ("::/0",)}, "ranges"),
        ({"ranges": ("198.51.100.1/24",)}, "ranges"),
        ({"ranges": (25,)}, "ranges"),
        ({"ranges": ("198.51.100.0/24",), "own_mail": ("mail.example",)}, "own_mail"),
        ({"ranges": ("198.51.100.0/24",), "static": ("203.0.113.0/29",)}, "static"),
        ({"ranges": ("198.51.100.0/24",), "static": ("2001:db8::/56",)}, "static"),
    ],
)
def test_a_scope_that_is_not_of_its_form_names_the_word_and_makes_no_rule(scope: dict[str, Any], where: str) -> None:
    with pytest.raises(BadScope) as no:
        read_scope(scope)
    assert no.value.where == f"scope.{where}"


def test_a_member_that_ended_between_reading_and_writing_is_only_read_again() -> None:
    wanted = table([Block("permit-1", NOW + timedelta(days=1), (ipaddress.ip_network("198.51.100.0/24"),), (), ())], NOW)
    extra = {n: replace(s, members={**s.members, "192.0.2.1": Member("", 1)}) for n, s in wanted.sets.items()}
    kernel = Model(replace(wanted, sets=extra))
    read, stale = kernel.read, [kernel.there]
    kernel.there = wanted
    kernel.read = lambda: stale.pop() if stale else read()  # type: ignore[method-assign] # the first reading is a moment old
    assert not reconcile(kernel, wanted).left
    assert kernel.there == wanted


# A real kernel, in a network namespace of a thread's own


@pytest.fixture(scope="module")
def inside() -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """Runs a call in a thread that has a network namespace of its own; root only."""
    need("nft")
    if os.geteuid() != 0:
        pytest.skip("nftables needs root in a namespace: run the tests as root")
    pool = ThreadPoolExecutor(1)
    assert pool.submit(lambda: ctypes.CDLL(None, use_errno=True).unshare(0x40000000)).result() == 0
    yield lambda call: pool.submit(call).result()
    pool.shutdown()


@pytest.fixture(scope="module")
def kernel(inside: Callable[[Callable[[], Any]], Any]) -> Iterator[Kernel]:
    made = inside(Kernel)
    yield made
    inside(made.close)


Inside = Callable[[Callable[[], Any]], Any]


def at_now(*blocks: Block) -> Table:
    return table(blocks, datetime.now(UTC))


def block(number: int = 1, *, lasts: float = 86_400, opened: tuple[Opened, ...] = ()) -> Block:
    ranges = (ipaddress.ip_network("198.51.100.0/24"), ipaddress.ip_network("2001:db8:100::/40"))
    mail, static = (ipaddress.ip_network("203.0.113.25/32"),), (ipaddress.ip_network("198.51.100.8/29"),)
    return Block(f"permit-{number:016x}", datetime.now(UTC) + timedelta(seconds=lasts), ranges, mail, static, opened)


def nft_says(inside: Inside, *words: str) -> str:
    return str(inside(lambda: subprocess.run(["nft", *words], capture_output=True, text=True, check=True).stdout))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=WANTED, second=WANTED)
def test_the_kernel_tells_back_exactly_what_it_was_told(inside: Inside, kernel: Kernel, first: Table, second: Table) -> None:
    """From any of our tables to any other, no difference is left that only spelling makes."""
    for wanted in (first, second):
        done: Round = inside(partial(reconcile, kernel, wanted))
        assert not done.left
        assert not inside(partial(reconcile, kernel, wanted)).found


MEDDLING = {
    "a rule taken out": "flush chain inet sekisho forward",
    "a rule of another put in": "insert rule inet sekisho forward accept",
    "a set emptied": "flush set inet sekisho permit_0000000000000001_range4_24",
    "a prefix put in": "add element inet sekisho permit_0000000000000001_range4_24 { 192.0.2.0 }",
    "a set of another put in": "add set inet sekisho mine { type ipv4_addr; }",
    "a map put in": "add map inet sekisho mine { type ipv4_addr : verdict; }",
    "a chain of another put in": "add chain inet sekisho mine { type filter hook input priority 0; }",
    "the table put to sleep": "add table inet sekisho { flags dormant; }",
    "the table taken out": "delete table inet sekisho",
    "everything taken out": "flush ruleset",
    "a lease made longer": "delete element inet sekisho permit_0000000000000001_live { tcp }\n"
    "add element inet sekisho permit_0000000000000001_live { tcp timeout 9000s }",
}


@pytest.mark.parametrize("words", MEDDLING.values(), ids=MEDDLING)
def test_what_somebody_did_by_hand_is_undone_in_one_round(inside: Inside, kernel: Kernel, words: str, tmp_path: Path) -> None:
    wanted = at_now(block())
    inside(lambda: reconcile(kernel, wanted))
    (tmp_path / "meddling.nft").write_text(words + "\n", encoding="utf-8")
    nft_says(inside, "-f", str(tmp_path / "meddling.nft"))
    done = inside(lambda: reconcile(kernel, wanted))
    assert done.found
    assert not done.left
    assert not inside(lambda: reconcile(kernel, wanted)).found


def test_a_table_of_somebody_else_is_left_alone(inside: Inside, kernel: Kernel) -> None:
    nft_says(inside, "add table inet others")
    inside(lambda: reconcile(kernel, at_now(block())))
    inside(lambda: reconcile(kernel, at_now()))
    assert nft_says(inside, "list", "tables").split() == ["table", "inet", "others"]


def test_each_rule_and_each_member_carries_its_permit(inside: Inside, kernel: Kernel) -> None:
    opened = (Opened("exception-1", "198.51.100.9/32", datetime.now(UTC) + timedelta(hours=1)),)
    inside(lambda: reconcile(kernel, at_now(block(7, opened=opened))))
    listed = nft_says(inside, "list", "table", "inet", "sekisho")
    lines = [line for line in listed.splitlines() if "@" in line or " timeout " in line]
    assert lines
    assert all('comment "permit-0000000000000007' in line for line in lines)
    assert "198.51.100.9 timeout 59m59s expires" in listed
    assert 'comment "permit-0000000000000007 exception-1"' in listed


def test_with_nobody_to_renew_it_the_kernel_ends_it_alone(inside: Inside, kernel: Kernel) -> None:
    inside(lambda: reconcile(kernel, at_now(block(lasts=3))))
    end = time.monotonic() + 5
    while "expires" in nft_says(inside, "list", "table", "inet", "sekisho"):
        assert time.monotonic() < end
        time.sleep(0.1)


def test_ten_thousand_lines_with_a_switch_each_are_reconciled_under_a_second(inside: Inside, kernel: Kernel) -> None:
    """Printed, so that the docs can say it. Of each kind of round the best of a few is judged: a machine has other things to do."""
    until = datetime.now(UTC) + timedelta(days=90)
    every = tuple(Opened(f"exception-{n:016x}", f"198.18.{n >> 8}.{n & 255}/32", until) for n in range(10_000))
    rounds = {"all": every, "none changed": every, "a hundred off": every[100:], "a thousand on again": every[:1100]}
    took: dict[str, list[float]] = {}
    for _ in range(3):
        inside(partial(busy, kernel, ()))
        for name, switched in rounds.items():
            seconds, done = inside(partial(busy, kernel, switched))
            assert not done.left
            took.setdefault(name, []).append(seconds)
    best = {name: min(each) for name, each in took.items()}
    sys.stdout.write(f"{ {name: f'{seconds * 1000:.0f} ms' for name, seconds in best.items()} }\n")
    assert max(best.values()) < 1


def busy(kernel: Kernel, opened: tuple[Opened, ...]) -> tuple[float, Round]:
    """One round, and the seconds this thread and the kernel worked for it: others may keep the machine busy meanwhile."""
    began = time.thread_time()
    done = reconcile(kernel, at_now(block(opened=opened)))
    return time.thread_time() - began, done


def test_another_thread_has_another_kernel(inside: Inside, kernel: Kernel) -> None:
    """The handle belongs to the namespace it was made in; this test's own is not touched."""
    assert threading.current_thread() is threading.main_thread()
    inside(lambda: reconcile(kernel, at_now(block())))
    assert "sekisho" not in subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, check=False).stdout
