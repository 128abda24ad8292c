"""The switch of a filter, tried in the kernel: a line's is thrown off and on again, and each time the kernel is read back.

Runs in `hold`, in a table of its own that no packet passes: nobody's communication is touched. The same rules, written and read the
same way, as those of the filters in force; where none is, a filter of documentation addresses.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import ip_network

from sekisho.effects import class_filter
from sekisho.effects.class_filter import Filter, PacketClass
from sekisho.effects.nft import KernelSaidNo, Table
from sekisho.effects.prefix_sets import Prefix
from sekisho.effects.reconcile import Holds, reconcile

TABLE = "sekisho_switch_test"
EVERY = 60.0
"""Seconds from one try to the next."""
LASTS = timedelta(hours=1)
EXAMPLE = PacketClass("example", {"ja": "例", "en": "Example"}, "udp", (9, 9), None, "", 1, 0)
RANGES: tuple[Prefix, ...] = (ip_network("192.0.2.0/24"), ip_network("2001:db8::/32"))


def works(kernel: Holds, filters: Iterable[Filter], now: datetime) -> bool:
    """Whether each line that was tried was let go, and taken up again. `kernel` holds TABLE; nothing is left in it."""
    tried = list(filters) or [Filter("permit-switch-test", now + LASTS, RANGES, 64, now, (EXAMPLE,))]
    try:
        return all(_works(kernel, replace(one, off=()), line, now) for one in tried for line in lines(one))
    except KernelSaidNo:
        return False
    finally:
        _clean(kernel)


def lines(one: Filter) -> list[Prefix]:
    """A line of each family that the filter covers: the first of its first range."""
    first = {r.version: r for r in reversed(one.ranges)}
    return [ip_network((r.network_address, max(r.prefixlen, 32 if v == 4 else one.line_v6))) for v, r in sorted(first.items())]


def _works(kernel: Holds, one: Filter, line: Prefix, now: datetime) -> bool:
    for off in ((), (line,), ()):
        sets, chains, _ = class_filter.rules(replace(one, off=off), now)
        done = reconcile(kernel, Table(sets, chains, name=TABLE))
        there = kernel.read()
        its = {ipaddress.ip_address(k) for n, s in (there.sets if there else {}).items() if "_off" in n for k in s.members}
        if done.left or there is None or its != {line.network_address for line in off}:
            return False
    return True


def _clean(kernel: Holds) -> None:
    try:
        reconcile(kernel, Table(name=TABLE))
    except KernelSaidNo:
        return
