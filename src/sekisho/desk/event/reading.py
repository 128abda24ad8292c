"""Reads, once a second, the totals that equipment of an event keeps of itself. In a thread of its own: a slow source delays nobody.

It asks on this machine alone and takes over what `wire.counters` knows, nothing else. A source that fails is counted by name and left
out of that second.
"""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from sekisho.desk.settings import Event
from sekisho.wire import counters
from sekisho.wire.cursor import FormError

EVERY = 1.0
PATIENCE = 0.8
INTERFACES = Path("/sys/class/net")
KEA_ASKS = json.dumps({"command": "statistic-get-all"}).encode()
UNBOUND_ASKS = b"UBCT1 stats_noreset\n"
RESOLVERS: Mapping[str, Callable[[bytes], dict[str, int]]] = {
    "unbound": counters.unbound,
    "bind": counters.bind,
    "dnsdist": counters.dnsdist,
}


def sources(event: Event) -> dict[str, Callable[[], dict[str, int]]]:
    """What is set up, by name."""
    found: dict[str, Callable[[], dict[str, int]]] = {}
    if event.interface:
        found["interface"] = lambda: _interface(INTERFACES / event.interface / "statistics")
    kind, _, where = event.resolver.partition(":")
    if kind == "unbound":
        found["unbound"] = lambda: counters.unbound(_over_socket(where, UNBOUND_ASKS))
    elif kind:
        found[kind] = lambda: RESOLVERS[kind](_over_http(where, event.resolver_key))
    if event.leases is not None:
        found["kea"] = lambda: counters.kea(_over_socket(str(event.leases), KEA_ASKS))
    if (wifi := event.wifi) is not None:
        found["wifi"] = lambda: counters.wifi(_file(wifi))
    return found


def files(event: Event) -> list[Path]:
    """What a process that reads these sources must be able to open."""
    interface = [(INTERFACES / event.interface).resolve()] if event.interface else []
    return [*interface, *(p if p.is_dir() else p.parent for p in (event.wifi, event.resolver_key) if p is not None)]


def read_all(event: Event, troubles: Counter[str]) -> dict[str, int]:
    """Every counter of every source that answers now. `troubles` counts the others: source and how it failed."""
    found: dict[str, int] = {}
    for name, read in sources(event).items():
        try:
            found |= read()
        except FormError as why:
            troubles[f"counters.{name}.{why.code}"] += 1
        except (OSError, http.client.HTTPException):
            troubles[f"counters.{name}.away"] += 1
    return found


class CounterThread:
    """The newest reading, while reading is wanted. `take` hands each out once."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.troubles: Counter[str] = Counter()
        self._wanted, self._ended = threading.Event(), threading.Event()
        self._newest: dict[str, int] = {}
        self._thread: threading.Thread | None = None

    def want(self, *, wanted: bool) -> None:
        """Start or stop. Nothing is asked of any source before the first permit, nor after the last."""
        if not wanted:
            self._wanted.clear()
            self._newest = {}
            return
        self._wanted.set()
        if self._thread is None and sources(self.event):
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()

    def take(self) -> dict[str, int]:
        newest, self._newest = self._newest, {}
        return newest

    def end(self) -> None:
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.wait(EVERY):
            if self._wanted.is_set():
                read = read_all(self.event, self.troubles)
                self._newest = read if self._wanted.is_set() else {}


def _interface(folder: Path) -> dict[str, int]:
    return counters.octets(_file(folder / "rx_bytes"), _file(folder / "tx_bytes"))


def _file(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(counters.MOST_BYTES + 1)


def _over_socket(path: str, asked: bytes) -> bytes:
    """One question over a Unix socket, and the answer until its end. Raises OSError."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(PATIENCE)
        sock.connect(path)
        sock.sendall(asked)
        found = b""
        while len(found) <= counters.MOST_BYTES and (part := sock.recv(1 << 16)):
            found += part
        return found


def _over_http(url: str, key: Path | None) -> bytes:
    """A page of this machine. Raises OSError or HTTPException; a page that is refused counts as away."""
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "127.0.0.1", where.port or 80, timeout=PATIENCE)
    headers = {"X-API-Key": _file(key).decode("ascii", "replace").strip()} if key is not None else {}
    try:
        connection.request("GET", f"{where.path}{'?' + where.query if where.query else ''}", headers=headers)
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise OSError(answer.status)
        return answer.read(counters.MOST_BYTES + 1)
    finally:
        connection.close()
