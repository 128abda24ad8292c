"""Shaping classes on the router's links: what there should be, what there is, what makes the one the other.

On each link of a permit our own HTB root, known by its number, with one class for each permit. Whatever no rule puts into a class goes by
it at full speed: a class without its nftables rules slows nobody down, and those end by themselves. A link whose root somebody
else set up is left alone, and said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, Protocol

from pyroute2 import IPRoute
from pyroute2.netlink.exceptions import NetlinkError

from sekisho.effects.nft import KernelSaidNo
from sekisho.effects.shaping import MAJOR

OURS = MAJOR << 16
TOP = 0xFFFF_FFFF
BURST = 32 * 1024
QUANTUM = 1514
ODD = 0
"""Kilobits of a class that somebody gave other rates than one of ours has."""


@dataclass(frozen=True)
class Classes:
    """By link its classes, kbit by number. `taken`: links with somebody else's root; `spoiled`: with filters or a default in ours."""

    links: Mapping[str, Mapping[int, int]] = field(default_factory=lambda: MappingProxyType({}))
    taken: frozenset[str] = frozenset()
    spoiled: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Turn:
    """One thing done to one link: its root put there or taken away, a class written or taken away."""

    what: Literal["root", "unroot", "class", "drop"]
    link: str
    number: int = 0
    kbit: int = 0

    def __str__(self) -> str:
        return f"tc {self.what} {self.link}" + (f" {MAJOR:x}:{self.number:x}" if self.number else "")


class Shapes(Protocol):
    """Where classes stand."""

    def read(self) -> Classes: ...

    def write(self, turns: Iterable[Turn]) -> None: ...


def change(wanted: Mapping[str, Mapping[int, int]], there: Classes) -> tuple[Turn, ...]:
    """What must be done; nothing where both agree, and nothing to a link that is not there or somebody else's."""
    return tuple(_change(wanted, there))


def _change(wanted: Mapping[str, Mapping[int, int]], there: Classes) -> Iterator[Turn]:
    for link in sorted({*there.links} - {*wanted}):
        yield Turn("unroot", link)
    for link in sorted({*wanted} & there.known - there.taken):
        have = there.links.get(link)
        if have is not None and link in there.spoiled:
            yield Turn("unroot", link)
            have = None
        if have is None:
            yield Turn("root", link)
        for number in sorted({*(have or ())} - {*wanted[link]}):
            yield Turn("drop", link, number)
        for number, kbit in sorted(wanted[link].items()):
            if (have or {}).get(number) != kbit:
                yield Turn("class", link, number, kbit)


def lacking(wanted: Mapping[str, Mapping[int, int]], there: Classes) -> tuple[str, ...]:
    """Links that cannot be shaped: they are not there, or somebody else's root is."""
    absent = [f"tc no-link {link}" for link in sorted({*wanted} - there.known)]
    return (*absent, *(f"tc another-root {link}" for link in sorted({*wanted} & there.taken)))


def reconcile(shapes: Shapes, wanted: Mapping[str, Mapping[int, int]]) -> tuple[tuple[Turn, ...], Classes]:
    """What had to be changed, and what stands there afterwards. The same twice changes nothing. Raises KernelSaidNo."""
    there = shapes.read()
    made = change(wanted, there)
    if made:
        shapes.write(made)
        there = shapes.read()
    return made, there


class Links:
    """The namespace that this thread was in when it was made. Asked by one thread."""

    def __init__(self) -> None:
        self._ipr: Any = IPRoute()

    def read(self) -> Classes:
        """Raises KernelSaidNo."""
        try:
            return self._read()
        except NetlinkError as no:
            raise KernelSaidNo("refused", str(no)[:300]) from no

    def _read(self) -> Classes:
        self._names = {m["index"]: str(m.get_attr("IFLA_IFNAME")) for m in self._ipr.get_links()}
        roots = [m for m in self._ipr.get_qdiscs() if m["parent"] == TOP and m["handle"] and m["index"] in self._names]
        taken = frozenset(self._names[m["index"]] for m in roots if m["handle"] != OURS or m.get_attr("TCA_KIND") != "htb")
        links, spoiled = {}, set()
        for root in (m for m in roots if self._names[m["index"]] not in taken):
            name, index = self._names[root["index"]], root["index"]
            links[name] = dict(map(_class, self._ipr.get_classes(index=index)))
            options = root.get_attr("TCA_OPTIONS")
            init = options.get_attr("TCA_HTB_INIT") if options is not None else None
            if (init or {}).get("defcls") or list(self._ipr.get_filters(index=index, parent=OURS)):
                spoiled.add(name)
        return Classes(links, taken, frozenset(spoiled), frozenset(self._names.values()))

    def write(self, turns: Iterable[Turn]) -> None:
        """One after another; the rest waits for the next round where one is refused. Raises KernelSaidNo."""
        index = {name: i for i, name in self._names.items()}
        try:
            for turn in turns:
                self._do(turn, index[turn.link])
        except (NetlinkError, KeyError) as no:
            raise KernelSaidNo("refused", str(no)[:300]) from no

    def _do(self, turn: Turn, index: int) -> None:
        if turn.what == "root":
            self._ipr.tc("add", "htb", index, OURS, default=0)
        elif turn.what == "unroot":
            self._ipr.tc("del", "htb", index, OURS, root=True)
        elif turn.what == "drop":
            self._ipr.tc("del-class", None, index, OURS | turn.number)
        else:
            rate = f"{turn.kbit}kbit"
            words = {"parent": OURS, "rate": rate, "ceil": rate, "burst": BURST, "cburst": BURST, "quantum": QUANTUM}
            self._ipr.tc("replace-class", "htb", index, OURS | turn.number, **words)

    def close(self) -> None:
        self._ipr.close()


def _class(said: Any) -> tuple[int, int]:
    """Its number, and its kilobits where rate and ceiling are one as ours are."""
    words = said.get_attr("TCA_OPTIONS").get_attr("TCA_HTB_PARMS")
    rate, ceiling = words["rate"], words["ceil"]
    plain = rate == ceiling and said["parent"] in (OURS, TOP)
    return said["handle"] & 0xFFFF, rate // 125 if plain else ODD
