"""The signatures of a plan, tried on captured packets: what each finds of its own program, and what of other things it takes for it.

Read at the operator's terminal; nothing is kept but the figures. A capture is a communication of somebody: measure on what you may look
at, public captures or your own. Each class is applied as the kernel's rules apply it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any

from sekisho.desk.access.wilson import wilson
from sekisho.desk.draft import DraftError
from sekisho.effects import name_filter
from sekisho.effects.class_filter import PacketClass, read_classes, takes, told_digest
from sekisho.effects.name_filter import NameFilter, read_names
from sekisho.effects.prefix_sets import BadScope, Prefix, read_lines
from sekisho.law.words import Words
from sekisho.wire.capture import Packet, packets
from sekisho.wire.cursor import FormError

MOST_OPENINGS = 1_000_000
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""When a plan that is only read aloud ends."""
UNTRIED: Mapping[str, Any] = {"others": 1, "wrong": 0}
"""Stands where a plan does not say yet what was measured."""


@dataclass(frozen=True)
class TrySignatures:
    """`others`: captures without anything of these programs; `own`: (name of a class, a capture of its program)."""

    plan: Path
    others: tuple[Path, ...]
    own: tuple[tuple[str, Path], ...] = ()


@dataclass(frozen=True)
class Share:
    """Of so many tried, so many found; with 95 % certainty between `low` and `high` parts per million."""

    tried: int
    found: int
    low: int
    high: int


@dataclass(frozen=True)
class Tried:
    """One class. `wrong`: packets of other things; `packets`: of its own program. Openings are the first packets with data each way.

    Packets are those of its protocol; for a class with a pattern, those that carry data.
    """

    name: str
    wrong: Share
    wrong_openings: Share
    packets: Share
    openings: Share
    untold: int


@dataclass(frozen=True)
class Measured:
    """`told`: the digest of the rules with these figures, to be written into the plan; "" where a class was tried on nothing.
    `captures`: SHA-256 and frames of each file."""

    classes: tuple[Tried, ...]
    captures: tuple[tuple[str, int], ...]
    told: str


@dataclass(frozen=True)
class Told:
    """Digests: of the rules that customers were told of, by the plan's word, and of those it has."""

    told: str
    rules: str


@dataclass
class _Count:
    """What came of one class, or of one kind of capture."""

    packets: int = 0
    taken: int = 0
    untold: int = 0
    openings: int = 0
    opened: int = 0


@dataclass
class _Counts:
    others: dict[str, _Count] = field(default_factory=dict)
    own: dict[str, _Count] = field(default_factory=dict)


class BadCapture(Exception):
    """A capture that cannot be read as one: its file, and why."""

    def __init__(self, path: Path, code: str) -> None:
        super().__init__(path, code)
        self.path, self.code = path, code


def carry_out(request: TrySignatures) -> Measured:
    """Raises DraftError for the plan, BadCapture for a capture."""
    classes = plans_classes(request.plan)
    known = {c.name for c in classes}
    if strange := sorted({name for name, _ in request.own} - known):
        raise DraftError("own", "unknown-class", strange[0], sorted(known))
    counts = _Counts({n: _Count() for n in known}, {n: _Count() for n in known})
    captures = [_try(path, classes, counts.others) for path in request.others]
    for name, path in request.own:
        captures.append(_try(path, [c for c in classes if c.name == name], counts.own))
    measured = [replace(c, others=counts.others[c.name].packets, wrong=counts.others[c.name].taken) for c in classes]
    found = tuple(_tried(c.name, counts.others[c.name], counts.own[c.name]) for c in classes)
    return Measured(found, tuple(captures), told_digest(measured) if all(c.others for c in measured) else "")


def plans_classes(plan: Path, *, measured: bool = False) -> tuple[PacketClass, ...]:
    """The classes of packets that a plan names; `measured`: only with figures. Raises DraftError."""
    said = _scope(plan).get("classes")
    stand = {} if measured else UNTRIED
    words = {n: {**stand, **w} if isinstance(w, dict) else w for n, w in said.items()} if isinstance(said, dict) else None
    try:
        return read_classes({"classes": words})
    except BadScope as bad:
        raise DraftError(bad.where, "bad-class", bad.said) from bad


def titles(path: Path) -> tuple[Words, ...]:
    """What the classes, or the categories, of a plan of a filter are called. Raises DraftError."""
    names = plans_names(path)
    return tuple(one.title for one in (names.categories if names else plans_classes(path)))


def plans_lines(plan: Path) -> tuple[tuple[Prefix, ...], int]:
    """Whose lines a plan names, and how long a prefix one has of IPv6. Raises DraftError."""
    said = _scope(plan)
    ranges = said.get("ranges")
    try:
        return read_lines({**said, "ranges": tuple(ranges) if isinstance(ranges, list) else ranges})
    except BadScope as bad:
        raise DraftError(bad.where, "bad-range", bad.said) from bad


def told_of(plan: Path) -> Told:
    """Which rules the plan says that customers were told of, and which it has. Raises DraftError."""
    return Told(str(_scope(plan).get("told", "")), told_digest(plans_classes(plan, measured=True)))


def plans_names(plan: Path) -> NameFilter | None:
    """The filter of names that a plan is about; None where it names no categories. Raises DraftError."""
    said = _scope(plan)
    if "categories" not in said:
        return None
    ranges = said.get("ranges")
    try:
        return read_names("", NEVER, {**said, "ranges": tuple(ranges) if isinstance(ranges, list) else ranges})
    except BadScope as bad:
        raise DraftError(bad.where, "bad-names", bad.said) from bad


def told_of_names(plan: Path, one: NameFilter) -> Told:
    """The same of a filter of names. Raises DraftError."""
    return Told(str(_scope(plan).get("told", "")), name_filter.told_digest(one))


def _scope(plan: Path) -> Mapping[str, Any]:
    try:
        scope = tomllib.loads(plan.read_text("utf-8")).get("scope")
    except OSError as why:
        raise DraftError(str(plan), "absent") from why
    except ValueError as why:
        raise DraftError(str(plan), "not-toml") from why
    return scope if isinstance(scope, dict) else {}


def _try(path: Path, classes: Iterable[PacketClass], counts: Mapping[str, _Count]) -> tuple[str, int]:
    """SHA-256 of the capture and how many frames it has. An opening is counted once in a file."""
    opened: set[tuple[Any, ...]] = set()
    frames = 0
    try:
        with path.open("rb") as stream:
            for frames, packet in enumerate(packets(stream), 1):  # noqa: B007 - the last is how many there are
                if packet is not None:
                    _count(packet, classes, counts, _opens(packet, opened))
            stream.seek(0)
            return file_digest(stream, "sha256").hexdigest(), frames
    except FormError as bad:
        raise BadCapture(path, bad.code) from bad
    except OSError as why:
        raise BadCapture(path, "absent") from why


def _opens(packet: Packet, opened: set[tuple[Any, ...]]) -> bool:
    """Whether this is the first packet with data from this end to the other."""
    if packet.ports is None or not packet.carries:
        return False
    way = (packet.protocol, packet.ends, packet.ports)
    if way in opened:
        return False
    if len(opened) >= MOST_OPENINGS:
        raise FormError("capture", "too-many-connections")
    opened.add(way)
    return True


def _count(packet: Packet, classes: Iterable[PacketClass], counts: Mapping[str, _Count], opens: bool) -> None:
    for one in classes:
        mine = counts[one.name]
        if packet.protocol != one.protocol or (one.pattern and not packet.carries):
            continue  # the first octets of nothing are nobody's: to count such packets would make the share look smaller than it is
        said = takes(one, packet)
        if said is None:
            mine.untold += 1
            continue
        mine.packets += 1
        mine.taken += said
        mine.openings += opens
        mine.opened += opens and said


def _tried(name: str, others: _Count, own: _Count) -> Tried:
    wrong, found = _share(others.packets, others.taken), _share(own.packets, own.taken)
    return Tried(
        name, wrong, _share(others.openings, others.opened), found, _share(own.openings, own.opened), others.untold + own.untold
    )  # fmt: skip


def _share(tried: int, found: int) -> Share:
    return Share(tried, found, *wilson(found, tried))
