"""The process that hears the resolver (dnstap) and counts for a board of names. It alone sees a name beside a device, and writes nothing.

No permit, no socket. It has no right to change anything, writes no file, and talks to `keep` and to whoever connects to its socket.
"""

from __future__ import annotations

import contextlib
import resource
import selectors
import socket
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from sekisho.desk.event.name_tap import FormError, NameTap, TapReader
from sekisho.desk.outside import Outside
from sekisho.desk.portal.neighbours import Neighbours
from sekisho.desk.public import read_public
from sekisho.desk.settings import Settings
from sekisho.faces.processes.confine import confine, enter_network, only_the_network, report
from sekisho.faces.processes.parent import end_with_parent, from_supervisor, now, tell_counters

HEAR, NEIGHBOURS, REPORT = 0.4, 1.0, 10.0
"""Seconds: between two questions to `keep`, two looks at who is there, two reports."""
MOST_CONNECTIONS = 4
PIECE = 1 << 16


class Tap:
    """The socket while a permit lives, and the connections of resolvers to it."""

    def __init__(self, counting: NameTap, path: Path) -> None:
        self.counting, self.path = counting, path
        self.counters = counting.counters
        self._listening: socket.socket | None = None
        self._readers: dict[socket.socket, TapReader] = {}
        self._poll = selectors.DefaultSelector()

    def open(self) -> None:
        """Listen, if not yet. Raises OSError."""
        if self._listening is None:
            self.path.unlink(missing_ok=True)
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            sock.bind(str(self.path))
            self.path.chmod(0o660)
            sock.listen(MOST_CONNECTIONS)
            sock.setblocking(False)
            self._poll.register(sock, selectors.EVENT_READ)
            self._listening = sock

    def shut(self) -> None:
        """Hear nobody, and forget every count."""
        for sock in list(self._readers):
            self._drop(sock)
        if self._listening is not None:
            self._poll.unregister(self._listening)
            self._listening.close()
            self._listening = None
        self.path.unlink(missing_ok=True)
        self.counting.forget()

    def hear(self, seconds: float, neighbours: Mapping[str, str]) -> None:
        """What resolvers say within so long; each query becomes a count or is gone."""
        if self._listening is None:
            time.sleep(seconds)
            return
        for key, _ in self._poll.select(seconds):
            if key.fileobj is self._listening:
                self._accept()
            elif isinstance(key.fileobj, socket.socket):
                self._read(key.fileobj, neighbours)

    def _accept(self) -> None:
        if self._listening is None:
            return
        with contextlib.suppress(OSError):
            sock, _ = self._listening.accept()
            if len(self._readers) >= MOST_CONNECTIONS:
                self.counters["too-many-connections"] += 1
                sock.close()
                return
            sock.setblocking(False)
            self._poll.register(sock, selectors.EVENT_READ)
            self._readers[sock] = TapReader()

    def _read(self, sock: socket.socket, neighbours: Mapping[str, str]) -> None:
        reader = self._readers[sock]
        try:
            data = sock.recv(PIECE)
            if data:
                reader.feed(data)
            self.counting.take(reader.take(), neighbours)
            sock.sendall(reader.answers())
        except FormError as why:
            self.counters[f"dnstap-{why.code}"] += 1
            data = b""
        except OSError:
            data = b""
        if not data or reader.ended:
            self._drop(sock)

    def _drop(self, sock: socket.socket) -> None:
        reader = self._readers.pop(sock)
        self.counters.update({f"dnstap-{code}": n for code, n in reader.counters.items()})
        self._poll.unregister(sock)
        sock.close()


def run(tap: Tap, neighbours: Neighbours, ended: threading.Event) -> None:
    """Until told to end; then nothing of what was counted is left."""
    known: Mapping[str, str] = {}
    due = looked = told = 0.0
    try:
        while not ended.is_set():
            if time.monotonic() >= due:
                due = time.monotonic() + HEAR
                _keep_to_permits(tap)
            if time.monotonic() >= looked:
                looked = time.monotonic() + NEIGHBOURS
                known = _known(tap, neighbours)
            if time.monotonic() >= told:
                told = time.monotonic() + REPORT
                tell_counters(tap.counting.world.keep, "tap", tap.counters)
            tap.hear(HEAR, known)
    finally:
        tap.shut()


def _keep_to_permits(tap: Tap) -> None:
    """Listen while something may be counted, and tell of what is full."""
    if not tap.counting.hear():
        tap.shut()
        return
    try:
        tap.open()
    except OSError:
        tap.counters["socket-not-made"] += 1
    tap.counting.turn()


def _known(tap: Tap, neighbours: Neighbours) -> Mapping[str, str]:
    """Hardware address by address; with a table that cannot be read nobody is known, and nothing is counted."""
    try:
        return neighbours.table()
    except (OSError, FormError):
        tap.counters["neighbours-not-read"] += 1
        return {}


def prepared(settings: Settings) -> tuple[Neighbours, Path]:
    """Go where attendees come in. Raises OSError; SystemExit where no socket is set."""
    if settings.event.dnstap is None:
        raise SystemExit("tap: event.dnstap is not set")
    if settings.portal.namespace:
        enter_network(settings.portal.namespace)
    return Neighbours(settings.portal.interface), settings.event.dnstap


def main() -> None:
    """Started by the supervisor: settings path, channel descriptor."""
    settings, channel = from_supervisor()
    public = read_public(settings.folder)
    neighbours, path = prepared(settings)
    rights = only_the_network(settings.users.tap if settings.users.apart else "", no_right=True)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold names
    pa.array([0])  # what Arrow loads on first use is loaded before the doors close
    report("tap", rights=rights, files=confine(read=[], write=[path.parent]))
    ended = threading.Event()
    end_with_parent(ended.set)
    run(Tap(NameTap(Outside(settings, channel, public, now)), path), neighbours, ended)


if __name__ == "__main__":
    main()
