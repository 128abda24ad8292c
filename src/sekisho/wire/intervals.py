"""From accounting rows to who held an address when, and to one holder for a window of time, or to no name at all.

Two spans are kept apart: *proven* lies between events that both name the address; *possible* reaches to where
something else proves the end. Only proven spans give a name.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias


class Assignment(NamedTuple):
    """One accounting event and one address of it, in the columns of the assignments shape.

    `address` is 16 bytes (IPv4 as ::ffff:a.b.c.d) with the bits past `prefix_length` zero; lengths count over all 128 bits, so
    one IPv4 address has 128. Events without an address have None. `status`: start, interim, stop, on, off. `at_ms`: UTC.
    """

    address: bytes | None
    prefix_length: int | None
    user: str | None
    nas: str
    session: str | None
    status: str
    at_ms: int
    session_seconds: int | None = None


class Interval(NamedTuple):
    """An address held by a user. Times are UTC milliseconds; `start_ms` None: nobody told; `possible_*` None: without bound."""

    address: bytes
    prefix_length: int
    user: str | None
    nas: str
    session: str | None
    start_ms: int | None
    proven_from: int
    proven_until: int
    possible_from: int | None
    possible_until: int | None

    def covers(self, address: bytes) -> bool:
        """Whether the 16-byte address lies in the assigned prefix."""
        shift = 128 - self.prefix_length
        return int.from_bytes(address) >> shift == int.from_bytes(self.address) >> shift

    def may_touch(self, first: int, last: int) -> bool:
        """Whether the possible span meets [first, last]."""
        begins = self.possible_from is None or self.possible_from <= last
        return begins and (self.possible_until is None or self.possible_until >= first)

    def gap(self, first: int, last: int) -> int | None:
        """Milliseconds between [first, last] and the possible span; None where they meet."""
        if self.may_touch(first, last):
            return None
        if self.possible_from is not None and self.possible_from > last:
            return self.possible_from - last
        return first - (self.possible_until or first)


_ORDER = {"off": 0, "on": 1, "start": 2, "interim": 3, "stop": 4}
_SLACK_MS = 10_000


class _Event(NamedTuple):
    at: int
    status: str
    addresses: frozenset[tuple[bytes, int]]
    seconds: int | None

    @property
    def began(self) -> int | None:
        """When the session began, as this event tells it."""
        if self.status == "start":
            return self.at
        return None if self.seconds is None else self.at - self.seconds * 1000


class _Session(NamedTuple):
    nas: str
    session: str | None
    user: str | None
    start: int | None
    events: tuple[_Event, ...]
    ends_by: int | None  # the NAS restarted, or its session number was used anew

    @property
    def stopped(self) -> bool:
        return self.events[-1].status == "stop"


_Key: TypeAlias = tuple[str, str | None, str | None, int]


def intervals(rows: Iterable[Assignment], interim_ms: int | None = None) -> list[Interval]:
    """All intervals the rows support, whatever order and how often they came.

    `interim_ms`: after the last word of a session without Stop, how long silence still fits an open one (interim interval plus
    margin); None keeps it possible until another session or a restart of the NAS proves the end.
    """
    events, restarts = _gather(rows)
    made: list[Interval] = []
    for (nas, session, user, _), group in events.items():
        for one in _sessions(nas, session, user, sorted(group, key=lambda e: (e.at, _ORDER[e.status])), restarts.get(nas, [])):
            made.extend(_held(one, interim_ms))
    return _bounded(made)


def _gather(rows: Iterable[Assignment]) -> tuple[dict[_Key, list[_Event]], dict[str, list[int]]]:
    """Events by session key, each once (a repeated record has the same key), and the restarts of each NAS."""
    told: dict[tuple[_Key, str, int], tuple[set[tuple[bytes, int]], set[int]]] = defaultdict(lambda: (set(), set()))
    restarts: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        if row.status in ("on", "off"):
            restarts[row.nas].add(row.at_ms)
            continue
        key = (row.nas, row.session, row.user, row.at_ms if row.session is None else 0)
        addresses, seconds = told[(key, row.status, row.at_ms)]
        if row.address is not None and row.prefix_length is not None:
            addresses.add((row.address, row.prefix_length))
        if row.session_seconds is not None:
            seconds.add(row.session_seconds)
    events: dict[_Key, list[_Event]] = defaultdict(list)
    for (key, status, at), (addresses, seconds) in told.items():
        events[key].append(_Event(at, status, frozenset(addresses), max(seconds, default=None)))
    return events, {nas: sorted(times) for nas, times in restarts.items()}


def _sessions(nas: str, session: str | None, user: str | None, events: list[_Event], restarts: list[int]) -> list[_Session]:
    """Cut the events of one session number into sessions: at a Stop, a new Start, a restart, or a session time that does not fit."""
    made: list[_Session] = []
    current: list[_Event] = []

    def close(ends_by: int | None) -> None:
        if current:
            made.append(_session(nas, session, user, current, restarts, ends_by))
            current.clear()

    for event in events:
        if current:
            cut = _cut(current, event, restarts)
            if cut is not None:
                close(cut)
        current.append(event)
        if event.status == "stop":
            close(None)
    close(_first_restart(restarts, current[-1].at) if current else None)
    return made


def _cut(current: list[_Event], event: _Event, restarts: list[int]) -> int | None:
    """By when the current session must have ended if `event` is not part of it; None if it is part of it."""
    restart = _first_restart(restarts, current[-1].at)
    if restart is not None and restart <= event.at:
        return restart
    if event.status == "start":
        return event.at
    began = next((e.began for e in current if e.began is not None), None)
    if began is not None and event.began is not None and abs(event.began - began) > _SLACK_MS:
        return max(event.began, current[-1].at)
    return None


def _first_restart(restarts: list[int], at: int) -> int | None:
    """The first restart at `at` or later."""
    index = bisect_left(restarts, at)
    return restarts[index] if index < len(restarts) else None


def _session(nas: str, session: str | None, user: str | None, events: list[_Event], restarts: list[int], ends_by: int | None) -> _Session:
    first = events[0]
    start = first.began
    if start is not None:
        restart = _first_restart(restarts, start + 1)
        if restart is not None and restart < first.at:
            start = None  # it claims to have outlived a restart: only what was seen counts
    return _Session(nas, session, user, start, tuple(events), ends_by)


def _held(session: _Session, interim_ms: int | None) -> list[Interval]:
    """One interval for each stretch of events that name an address; attributes are intervals, not properties of a session."""
    made: list[Interval] = []
    for address in sorted({a for e in session.events for a in e.addresses}):
        kind = _kind(address)
        telling = [e for e in session.events if any(_kind(a) == kind for a in e.addresses)]
        made.extend(_interval(session, telling, stretch, address, interim_ms) for stretch in _stretches(telling, address))
    return made


def _kind(address: tuple[bytes, int]) -> tuple[bool, bool]:
    return address[0].startswith(b"\0" * 10 + b"\xff\xff"), address[1] == 128


def _stretches(telling: list[_Event], address: tuple[bytes, int]) -> list[tuple[int, int]]:
    """First and last index of each unbroken run of events that name the address."""
    runs: list[tuple[int, int]] = []
    for index, event in enumerate(telling):
        if address not in event.addresses:
            continue
        if runs and runs[-1][1] == index - 1:
            runs[-1] = (runs[-1][0], index)
        else:
            runs.append((index, index))
    return runs


def _interval(
    session: _Session, telling: list[_Event], stretch: tuple[int, int], address: tuple[bytes, int], interim_ms: int | None
) -> Interval:
    first, last = telling[stretch[0]], telling[stretch[1]]
    start, earliest = _beginning(session, telling, stretch[0])
    until = telling[stretch[1] + 1].at if stretch[1] + 1 < len(telling) else _end(session, interim_ms)
    return Interval(
        address[0],
        address[1],
        session.user,
        session.nas,
        session.session,
        start,
        first.at if start is None else start,
        last.at,
        earliest,
        until,
    )


def _beginning(session: _Session, telling: list[_Event], index: int) -> tuple[int | None, int | None]:
    """The proven start, or None, and the earliest possible one, or None where nothing bounds it."""
    if index:
        return None, telling[index - 1].at
    first = telling[0]
    if first is session.events[0]:
        return session.start, session.start
    return None, session.events[0].at if session.start is None else session.start


def _end(session: _Session, interim_ms: int | None) -> int | None:
    last = session.events[-1]
    if session.stopped:
        return last.at
    ends = [e for e in (session.ends_by, None if interim_ms is None else last.at + interim_ms) if e is not None]
    return min(ends, default=None)


def _bounded(made: list[Interval]) -> list[Interval]:
    """Cut possible spans where the same NAS proves that somebody else had the same address."""
    by_place: dict[tuple[str, bytes, int], list[Interval]] = defaultdict(list)
    for interval in made:
        by_place[(interval.nas, interval.address, interval.prefix_length)].append(interval)
    for group in by_place.values():
        group.sort(key=lambda i: (i.proven_from, i.proven_until))
        ended: int | None = None
        for index, interval in enumerate(group):
            following = next((o.proven_from for o in group[index + 1 :] if o.proven_from >= interval.proven_until), None)
            before = ended if ended is not None and ended <= interval.proven_from else None  # overlapping logs bound nothing
            earliest = interval.possible_from
            if interval.start_ms is None and before is not None:
                earliest = before if earliest is None else max(before, earliest)
            latest = _earlier(interval.possible_until, following)
            if (earliest, latest) != (interval.possible_from, interval.possible_until):
                group[index] = interval._replace(possible_from=earliest, possible_until=latest)
            ended = interval.proven_until if ended is None else max(ended, interval.proven_until)
    return [interval for group in by_place.values() for interval in group]


def _earlier(one: int | None, other: int | None) -> int | None:
    return min((t for t in (one, other) if t is not None), default=None)


@dataclass(frozen=True)
class Named:
    """Exactly one user held the address for the whole window. `spare_ms`: distance to the nearest other holder, None if there is none."""

    user: str
    evidence: tuple[Interval, ...]
    spare_ms: int | None


@dataclass(frozen=True)
class Ambiguous:
    """Somebody may have held it, and it is not proven who for the whole window. `why`: `possible-only`, `several` or `no-user`."""

    why: str
    candidates: tuple[Interval, ...]


@dataclass(frozen=True)
class Conflict:
    """The log proves two holders at once."""

    candidates: tuple[Interval, ...]


@dataclass(frozen=True)
class NoRecord:
    """The log says nothing about this address at that time."""


Holder: TypeAlias = Named | Ambiguous | Conflict | NoRecord


class Index:
    """Intervals by prefix, for many questions to one log."""

    def __init__(self, known: Iterable[Interval]) -> None:
        self._by_length: dict[int, dict[int, list[Interval]]] = defaultdict(lambda: defaultdict(list))
        for interval in known:
            network = int.from_bytes(interval.address) >> (128 - interval.prefix_length)
            self._by_length[interval.prefix_length][network].append(interval)

    def covering(self, address: bytes) -> list[Interval]:
        """All intervals whose prefix holds the 16-byte address."""
        number = int.from_bytes(address)
        return [i for length, networks in self._by_length.items() for i in networks.get(number >> (128 - length), ())]


def holder(known: Sequence[Interval] | Index, address: bytes, from_ms: int, until_ms: int, margin_ms: int, shortest: int = 32) -> Holder:
    """Who held the 16-byte `address` during [from_ms - margin_ms, until_ms + margin_ms], the ends included.

    `known`: all intervals, or an Index of them. The longest covering assignment decides. Assignments shorter than
    `shortest` bits are pools, not holders. Raises ValueError for a window that ends before it begins or a negative margin.
    """
    if until_ms < from_ms or margin_ms < 0:
        raise ValueError("the window ends before it begins, or the margin is negative")
    first, last = from_ms - margin_ms, until_ms + margin_ms
    found = known.covering(address) if isinstance(known, Index) else [i for i in known if i.covers(address)]
    covering = [i for i in found if i.prefix_length >= shortest]
    near = [i for i in covering if i.may_touch(first, last)]
    if not near:
        return NoRecord()
    longest = max(i.prefix_length for i in near)
    deciding = tuple(i for i in near if i.prefix_length == longest)
    if _overlap(deciding, first, last):
        return Conflict(deciding)
    users = {i.user for i in deciding}
    if len(users) > 1:
        return Ambiguous("several", deciding)
    (user,) = users
    if user is None:
        return Ambiguous("no-user", deciding)
    if not _proves(deciding, first, last):
        return Ambiguous("possible-only", tuple(near))
    gaps = [g for i in covering if i.user != user and i.prefix_length == longest and (g := i.gap(first, last)) is not None]
    return Named(user, deciding, min(gaps, default=None))


def _overlap(candidates: tuple[Interval, ...], first: int, last: int) -> bool:
    """Whether two users are proven at one time that lies in the window; ends that merely meet are no overlap."""
    for index, one in enumerate(candidates):
        for other in candidates[index + 1 :]:
            begins, ends = max(one.proven_from, other.proven_from), min(one.proven_until, other.proven_until)
            if one.user != other.user and begins < ends and begins <= last and ends >= first:
                return True
    return False


def _proves(candidates: tuple[Interval, ...], first: int, last: int) -> bool:
    """Whether the proven spans together cover the window without a gap."""
    reached = first
    for interval in sorted(candidates, key=lambda i: i.proven_from):
        if interval.proven_from > reached:
            return False
        if interval.proven_until >= last:
            return True
        reached = max(reached, interval.proven_until)
    return False
