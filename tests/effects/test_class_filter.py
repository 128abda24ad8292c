"""Classes of packets become rules and words from the same values: what a scope may say, what customers read, what the kernel takes."""

from __future__ import annotations

import io
import socket
import struct
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.desk.access import try_switch
from sekisho.desk.kernel_rules import phase, sides, table
from sekisho.effects.class_filter import Filter, PacketClass, read_filter, takes, told_digest
from sekisho.effects.kernel import Kernel
from sekisho.effects.prefix_sets import BadScope
from sekisho.effects.reconcile import Round, reconcile
from sekisho.effects.with_switch import line_in
from sekisho.wire.capture import packets
from tests.effects.test_nft import Inside, Model, inside, kernel
from tests.wire import making

__all__ = ["inside", "kernel"]

NOW = datetime(2026, 12, 2, 10, 0, tzinfo=UTC)
GNUTELLA: Mapping[str, Any] = {
    "title": {"ja": "グヌーテラ", "en": "Gnutella"}, "protocol": "udp", "ports": "6346-6347", "lengths": "30-600",
    "others": 900, "wrong": 3,
}  # fmt: skip
SCOPE: Mapping[str, Any] = {
    "ranges": ("198.51.100.0/24", "2001:db8:100::/48"),
    "line_v6": 56,
    "starts": "2026-12-01T10:00+09:00",
    "classes": {"gnutella": GNUTELLA},
}
PORTS = st.tuples(st.integers(1, 65535), st.integers(0, 9)).map(lambda p: (p[0], min(65535, sum(p))))
EVEN = st.integers(2, 16).flatmap(lambda n: st.sampled_from([bytes(n), b"\xff" * n, b"\x7f" * n]))
PATTERNS = st.binary(min_size=2, max_size=16) | EVEN
CLASSES = st.builds(
    PacketClass, st.sampled_from(["a", "b", "c"]), st.just(GNUTELLA["title"]), st.sampled_from(["tcp", "udp"]), PORTS,
    st.one_of(st.none(), PORTS), PATTERNS.map(bytes.hex), st.just(1), st.just(0),
)  # fmt: skip
ANY_PORT = st.builds(lambda c: replace(c, ports=None), CLASSES)


def one(off: tuple[str, ...] = (), **changed: Any) -> Filter:
    return read_filter("permit-00aa", NOW + timedelta(days=90), {**SCOPE, **changed}, off)


def of(**changed: Any) -> dict[str, Any]:
    """A scope whose one class says something else."""
    return {"classes": {"gnutella": {k: v for k, v in {**GNUTELLA, **changed}.items() if v is not None}}}


@pytest.mark.parametrize(
    ("where", "changed"),
    [
        ("scope.ranges", {"ranges": ()}),
        ("scope.ranges", {"ranges": ("198.51.100.0/24", "198.51.100.0/25")}),
        ("scope.line_v6", {"line_v6": 129}),
        ("scope.starts", {"starts": "2026-12-01T10:00"}),
        ("scope.starts", {"starts": "soon"}),
        ("scope.classes", {"classes": {}}),
        ("scope.classes.Bad Name", {"classes": {"Bad Name": GNUTELLA}}),
        ("scope.classes.gnutella", of(payload="everything")),
        ("scope.classes.gnutella.protocol", of(protocol="icmp")),
        ("scope.classes.gnutella.ports", of(ports="0-5")),
        ("scope.classes.gnutella.ports", of(ports="7-5")),
        ("scope.classes.gnutella.ports", of(ports="65536")),
        ("scope.classes.gnutella.lengths", of(lengths="long")),
        ("scope.classes.gnutella.pattern", of(ports=None)),
        ("scope.classes.gnutella.pattern", of(pattern="13")),
        ("scope.classes.gnutella.pattern", of(pattern="00" * 17)),
        ("scope.classes.gnutella.pattern", of(pattern="13 42")),
        ("scope.classes.gnutella.title", of(title={"en": "Gnutella"})),
        ("scope.classes.gnutella.title", of(title={"ja": "グヌーテラ", "en": "two\nlines"})),
        ("scope.classes.gnutella.others", of(others=None)),
        ("scope.classes.gnutella.others", of(others=0, wrong=0)),
        ("scope.classes.gnutella.others", of(others=2, wrong=3)),
        ("scope.classes.gnutella.others", of(wrong=True)),
    ],
)
def test_a_scope_says_which_word_of_it_cannot_be_made_into_rules(where: str, changed: dict[str, Any]) -> None:
    with pytest.raises(BadScope) as bad:
        one(**changed)
    assert bad.value.where == where


@given(first=st.lists(CLASSES, min_size=1, max_size=2), other=st.lists(CLASSES, min_size=1, max_size=2))
def test_other_rules_are_other_words(first: list[PacketClass], other: list[PacketClass]) -> None:
    """Whoever was told of one set of rules was not told of another; a class's short name is for the plan alone."""
    same = [replace(c, name="") for c in first] == [replace(c, name="") for c in other]
    assert (told_digest(first) == told_digest(other)) == same


def test_nothing_stands_in_the_kernel_before_the_start_and_nothing_after_the_end() -> None:
    it = one()
    assert not table([it], it.starts - timedelta(seconds=1)).sets
    assert table([it], it.starts).sets
    assert not table([it], it.until).sets
    assert phase(it, it.starts - timedelta(seconds=1)) != phase(it, it.starts)


@given(st.lists(st.integers(0, 255), max_size=8, unique=True))
def test_as_many_lines_stand_off_as_have_switched_off(lines: list[int]) -> None:
    it = one(off=(*(f"198.51.100.{n}/32" for n in lines), "2001:db8:100:100::/56"))
    said = sides(it, table([it], NOW), {})
    assert (said["off4_32"], said["off6_56"]) == (len(lines), 1)


@given(st.ip_addresses())
def test_an_address_is_of_a_line_only_within_the_ranges(address: Any) -> None:
    it = one()
    line = line_in(it.ranges, it.line_v6, str(address))
    within = getattr(address, "ipv4_mapped", None) or address
    assert (line is not None) == any(within in r for r in it.ranges)


def test_a_line_is_an_address_or_a_prefix_as_long_as_the_plan_says() -> None:
    assert one().line("2001:db8:100:1ff::7") == ip_network("2001:db8:100:100::/56")
    assert one().line("198.51.100.7") == ip_network("198.51.100.7/32")
    assert one(line_v6=48).line("2001:db8:100:1ff::7") == ip_network("2001:db8:100::/48")


# The switch, tried


class Deaf(Model):
    """A kernel that takes everything and drops one kind of member."""

    def write(self, made: Any, wanted: Any) -> None:
        if made.anew:
            super().write(made, wanted)

    def read(self) -> Any:
        there = super().read()
        if there is None:
            return None
        return replace(there, sets={n: replace(s, members={}) if "_off" in n else s for n, s in there.sets.items()})


def test_the_try_goes_through_each_familys_first_line_and_leaves_nothing() -> None:
    known = Model(None)
    assert try_switch.works(known, [one()], NOW)
    assert known.there is None
    assert [str(line) for line in try_switch.lines(one())] == ["198.51.100.0/32", "2001:db8:100::/56"]
    assert known.writes >= 6


@pytest.mark.parametrize("filters", [[], [one()]])
def test_a_kernel_in_which_the_switch_moves_nothing_is_found_out(filters: list[Filter]) -> None:
    assert not try_switch.works(Deaf(None), filters, NOW)


# A real kernel


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(classes=st.lists(CLASSES | ANY_PORT, min_size=1, max_size=8))
def test_the_kernel_tells_each_class_back_as_it_was_told(inside: Inside, kernel: Kernel, classes: list[PacketClass]) -> None:
    wanted = table([replace(one(off=("198.51.100.7/32",)), classes=tuple(classes))], NOW)
    done: Round = inside(partial(reconcile, kernel, wanted))
    assert not done.left


def test_a_switch_thrown_in_a_real_kernel_is_one_member_and_no_new_table(inside: Inside, kernel: Kernel) -> None:
    inside(partial(reconcile, kernel, table([one()], NOW)))
    done: Round = inside(partial(reconcile, kernel, table([one(off=("198.51.100.7/32",))], NOW)))
    assert not done.found.anew
    assert [list(map(ip_address, m)) for m in done.found.fresh.values()] == [[ip_address("198.51.100.7")]]


def test_the_switch_is_tried_in_a_real_kernel_in_a_table_that_no_packet_passes(inside: Inside) -> None:
    made: Kernel = inside(partial(Kernel, try_switch.TABLE))
    hung: list[str] = []
    write = made.write

    def watched(change: Any, wanted: Any) -> None:
        hung.extend(c.kind for c in wanted.chains.values() if c.kind != "{}")
        write(change, wanted)

    made.write = watched  # type: ignore[method-assign,assignment] # looked at on its way
    works: Callable[[], bool] = partial(try_switch.works, made, [one()], NOW)
    assert inside(works)
    assert not hung
    assert inside(made.read) is None
    inside(made.close)


# Rules and captures agree

BEGINS = b"\x13BitTorrent protocol" + bytes(8)
FRAMES = (
    *(making.v4(making.udp(bytes(size), (9, port))) for size in (0, 1, 2, 12, 211, 212, 213) for port in (8, 4664, 4665, 4672, 4673)),
    *(making.v4(making.tcp(BEGINS[:n], (4665, 9), words), 6, options=words) for n in (0, 15, 16, 27) for words in (0, 3)),
    making.v4(making.udp(BEGINS)), making.v4(making.udp(BEGINS, (4665, 9)), more=True), making.v4(making.udp(BEGINS, (4665, 9)), offset=64),
    making.v4(making.tcp(BEGINS), 1), making.v6(making.udp(BEGINS)), making.v6(making.tcp(BEGINS), 6),
    making.v6(making.udp(BEGINS, (4665, 9)), extensions=[(44, struct.pack("!BHI", 0, 64, 7))]),
    making.v6(making.udp(bytes(12), (4665, 9)), extensions=[(60, bytes(7))]),
    making.v6(making.udp(BEGINS, (4665, 9)), extensions=[(44, bytes(7))]),
)  # fmt: skip
ROADS = (
    "link set lo up", "link add in address 02:00:00:00:00:01 type veth peer name far", "link add out type veth peer name gone",
    *(f"link set {link} up" for link in ("in", "far", "out", "gone")), "addr add 192.0.2.1/24 dev out", "route add 198.51.100.0/24 dev in",
    "neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev out", "addr add 2001:db8:7::1/64 dev out nodad", "route add 2001:db8:100::/48 dev in",
    "neigh add 2001:db8:7::2 lladdr 02:00:00:00:00:02 dev out",
)  # fmt: skip


def test_of_the_same_packets_the_kernel_refuses_as_many_as_the_trial_of_a_capture_counts(inside: Inside, kernel: Kernel) -> None:
    """Ports, lengths and first octets at their edges, IPv4 and IPv6, options, extensions and fragments."""
    classes = [
        PacketClass("a", GNUTELLA["title"], protocol, ports, lengths, pattern, 1, 0)
        for protocol in ("tcp", "udp")
        for ports, lengths, pattern in (
            ((4665, 4672), None, ""), ((4665, 4672), (29, 240), ""), (None, None, BEGINS[:16].hex()), ((1, 65535), None, BEGINS[:2].hex()),
        )
    ]  # fmt: skip
    inside(_roads)
    seen = [p for p in packets(io.BytesIO(making.pcap(FRAMES))) if p is not None]
    for each in classes:
        assert inside(partial(_refused, kernel, replace(one(), classes=(each,)))) == sum(bool(takes(each, p)) for p in seen), each


def _roads() -> None:
    for words in ROADS:
        subprocess.run(["ip", *words.split()], check=True)
    for where in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
        Path("/proc/sys/net", where).write_text("1", "ascii")


def _refused(kernel: Kernel, it: Filter) -> int:
    """How many packets the rules of this filter counted when each frame was forwarded."""
    now = it.until - timedelta(days=1)
    reconcile(kernel, table([], now))
    reconcile(kernel, table([it], now))
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as far:
        far.bind(("far", 0))
        for frame in FRAMES:
            far.send(bytes.fromhex("020000000001") + bytes(6) + (b"\x08\x00" if frame[0] >> 4 == 4 else b"\x86\xdd") + frame)
    there = kernel.read()
    return there.packets.get(it.permit, 0) if there else 0
