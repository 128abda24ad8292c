"""The sender of the request that is being answered, for whoever stores something in it. Nobody inside a request, nobody to name: an error.

record = captured().record(SubjectKind.POST, post_id)     # LookupError where no request was captured: do not store then

Tasks, threads of a pool and copied contexts of a request know its sender as long as the request lasts. When it is over it is over in all of
them: a worker that the first visitor's request happened to start must not store everybody's posts in that visitor's name. A job that
stores later is given the sender in so many words:

whose = captured()                                        # in the request
with carried(whose): store(...)                           # in the job
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from sekisho_sender.connection import Connection
from sekisho_sender.record import Record, Sender, SubjectKind
from sekisho_sender.trust import Trust
from sekisho_sender.walk import resolve

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}", re.ASCII)
ALERTS_A_MINUTE = 10
log = logging.getLogger("sekisho_sender")


def utc_us() -> int:
    """Microseconds since 1970, UTC."""
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True)
class Captured:
    """One request whose sender was captured at its start. request_id: by the trusted peer that writes it, otherwise made here;
    it joins the edge's access log to what the service stores. transport ("tcp", "quic"), http ("1.1"): "" behind a proxy, where the way
    of the sender's own connection is not known."""

    sender: Sender
    request_id: str
    transport: str = ""
    http: str = ""
    user_agent: str = ""

    def at(self, seen_us: int) -> Captured:
        """The same, at another time: a message on a connection that stays open."""
        return replace(self, sender=replace(self.sender, seen_us=seen_us))

    def record(self, kind: SubjectKind, subject: str, *, account: str = "", clock_offset_us: int | None = None, host: str = "") -> Record:
        """The sender record of what is stored in this request; its id is new."""
        made = os.urandom(16).hex()
        return Record(made, kind, subject, self.sender, self.transport, self.http, self.user_agent, account, clock_offset_us, host)


@dataclass(slots=True)
class Life:
    """Whether a request is over, for all that began in it."""

    over: bool = False


@dataclass(slots=True)
class Now:
    """A request around us. `found` None: it is not captured unless its route asks for it, by `capture`; it holds no address then, only how
    to read one."""

    life: Life
    found: Captured | None
    capture: Callable[[], Captured] | None = None


_NOW: ContextVar[Now | None] = ContextVar("sekisho_sender", default=None)


def captured() -> Captured:
    """The captured request around us. Raises LookupError outside of one: in a thread of its own, in a read that nobody opted in, after the
    request's end."""
    now = _NOW.get()
    if now is not None and now.found is not None and not now.life.over:
        return now.found
    if now is not None and now.life.over:
        raise LookupError("no sender: the request that began this task is over; take `captured()` along and say `with carried(it):`")
    raise LookupError("no sender was captured: a read without opt_in(), or outside of a request (a thread of its own, a job)")


def current() -> Sender:
    """The sender of the request around us. Raises LookupError outside of a captured one."""
    return captured().sender


def opt_in() -> Captured:
    """Capture this request although its method only reads, from within its route. Raises LookupError outside of a request."""
    now = _NOW.get()
    if now is not None and now.capture is not None and not now.life.over:
        now.found, now.capture = now.capture(), None
    return captured()


@contextmanager
def carried(found: Captured) -> Iterator[None]:
    """Inside, this is the request at hand: for a job that stores what the request sent after it is over."""
    now = Now(Life(), found)
    before = swap(now)
    try:
        yield
    finally:
        now.life.over = True
        swap(before)


def swap(now: Now | None) -> Now | None:
    """For the classes at the entry: what is around the code that runs from here on, in this context only; what was before."""
    before = _NOW.get()
    _NOW.set(now)
    return before


@dataclass(frozen=True)
class Scope:
    """What is captured: requests of these methods, every WebSocket, and paths that fit a pattern of `also` (`/login`, `/auth/*`)."""

    methods: frozenset[str] = WRITES
    also: tuple[str, ...] = ()

    def holds(self, method: str, path: str) -> bool:
        return method in self.methods or any(fnmatchcase(path, pattern) for pattern in self.also)


@dataclass
class Desk:
    """Makes captures. clock: microseconds UTC. alert: told every tampered sender; by default a warning, at most ten a minute, without
    addresses. counters: requests captured, empty and tampered."""

    trust: Trust
    clock: Callable[[], int] = utc_us
    alert: Callable[[Sender], None] | None = None
    counters: dict[str, int] = field(default_factory=lambda: {"captured": 0, "empty": 0, "tampered": 0})
    _minute: tuple[int, int] = (0, 0)

    def capture(self, connection: Connection, headers: dict[str, list[str]], seen_us: int, http: str, user_agent: str) -> Captured:
        """headers: as `resolve` takes them, and also request id headers, which are taken out."""
        ids = {name: headers.pop(name, []) for name in {peer.request_id for peer in self.trust.peers if peer.request_id}}
        sender = resolve(connection, headers, self.trust, seen_us)
        self.counters["captured"] += 1
        self.counters["empty"] += sender.source is None
        if sender.tampered:
            self._tell(sender)
        own = not sender.hop and sender.source is not None
        transport = "" if not own else "quic" if http == "3" else "tcp"
        return Captured(sender, self._request_id(connection, ids), transport, http if own else "", user_agent[:512])

    def _request_id(self, connection: Connection, ids: Mapping[str, Iterable[str]]) -> str:
        peer = self.trust.find(connection.name) if connection.name and not connection.wrong else None
        said = list(ids.get(peer.request_id, ())) if peer else []
        return said[0] if len(said) == 1 and REQUEST_ID.fullmatch(said[0]) else os.urandom(16).hex()

    def _tell(self, sender: Sender) -> None:
        self.counters["tampered"] += 1
        if self.alert is not None:
            self.alert(sender)
            return
        minute = sender.seen_us // 60_000_000
        told = self._minute[1] + 1 if self._minute[0] == minute else 1
        self._minute = (minute, told)
        if told <= ALERTS_A_MINUTE:
            log.warning("a trusted proxy handed over a header it cannot have written (%s): the sender stays unknown", sender.why_empty)
