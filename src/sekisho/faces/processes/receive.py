"""Takes datagrams off a socket in a thread of its own, many at a call (recvmmsg(2)), so that sealing never keeps the wire waiting.

    kernel buffer -> 512 slots -> runs of datagrams of one sender and one size -> a queue bounded in bytes -> `take`

What waits here is not accepted yet: a killed collector loses it, as it loses what waits in the kernel. When the queue is full the
kernel's buffer fills, and the kernel drops and counts (`kernel_drops`).
"""

from __future__ import annotations

import ctypes
import select
import socket
import threading
import time
from collections import deque
from ipaddress import ip_address
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sekisho.desk.flows.intake import Run

SLOTS = 512
SLOT = 65_600
"""Bytes a slot; no power of two, or all slots would share the same few lines of the processor's cache."""
MOST_WAITING = 32 << 20
GATHER = 0.004
"""Seconds between two calls while datagrams come: a few hundred at a time cost far less than one at a time."""
NAMES_KEPT = 4096

SO_MEMINFO, MEMINFO_DROPS, MEMINFO_WORDS = 55, 8, 9
NAME = 28
_RUN_COST = 512
"""Bytes of memory a run takes beside its datagrams, about."""

_HEAD = np.dtype(
    {
        "names": ["name", "namelen", "iov", "iovlen", "control", "controllen", "flags", "length"],
        "formats": ["u8", "u4", "u8", "u8", "u8", "u8", "i4", "u4"],
        "offsets": [0, 8, 16, 24, 32, 40, 48, 56],
        "itemsize": 64,
    }
)
"""struct mmsghdr of 64-bit Linux."""
_VECTOR = np.dtype([("base", "u8"), ("length", "u8")])


class Slots:
    """Memory for one recvmmsg: pages are touched only as far as datagrams reach."""

    def __init__(self) -> None:
        self.octets = np.zeros((SLOTS, SLOT), np.uint8)
        self.names = np.zeros((SLOTS, NAME), np.uint8)
        self.vectors = np.zeros(SLOTS, _VECTOR)
        self.heads = np.zeros(SLOTS, _HEAD)
        index = np.arange(SLOTS, dtype=np.uint64)
        self.vectors["base"] = self.octets.ctypes.data + index * np.uint64(SLOT)
        self.vectors["length"] = SLOT
        self.heads["name"] = self.names.ctypes.data + index * np.uint64(NAME)
        self.heads["iov"] = self.vectors.ctypes.data + index * np.uint64(_VECTOR.itemsize)
        self.heads["iovlen"] = 1
        self._receive = ctypes.CDLL(None, use_errno=True).recvmmsg

    def fill(self, handle: int) -> int:
        """Take what is there, at most SLOTS datagrams; how many."""
        self.heads["namelen"] = NAME
        count = self._receive(handle, ctypes.c_void_p(self.heads.ctypes.data), SLOTS, socket.MSG_DONTWAIT, None)
        return max(0, int(count))

    def runs(self, count: int, names: Names, received_ms: int) -> list[Run]:
        """The first `count` slots, copied, cut where the sender or the size changes."""
        sizes, senders = self.heads["length"][:count], self.names[:count]
        change = (sizes[1:] != sizes[:-1]) | (senders[1:] != senders[:-1]).any(axis=1)
        edges = [0, *(np.flatnonzero(change) + 1).tolist(), count]
        return [self._run(first, end, names, received_ms) for first, end in pairwise(edges)]

    def _run(self, first: int, end: int, names: Names, received_ms: int) -> Run:
        size = int(self.heads["length"][first])
        return Run(names.of(self.names[first]), size, end - first, self.octets[first:end, :size].tobytes(), received_ms)


class Names:
    """Socket addresses as text, each worked out once."""

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[str, int]] = {}

    def of(self, raw: NDArray[np.uint8]) -> tuple[str, int]:
        key = raw.tobytes()
        if key not in self._known:
            if len(self._known) >= NAMES_KEPT:
                self._known.clear()
            six = int.from_bytes(key[:2], "little") == socket.AF_INET6
            self._known[key] = str(ip_address(key[8:24] if six else key[4:8])), int.from_bytes(key[2:4])
        return self._known[key]


class Receiver:
    """Owns the socket: starts listening when made, and closes it in `stop`."""

    def __init__(self, sock: socket.socket, most_waiting: int = MOST_WAITING) -> None:
        self._sock, self._most = sock, most_waiting
        sock.setblocking(False)
        self._runs: deque[Run] = deque()
        self._waiting = 0
        self._room = threading.Condition()
        self._going = True
        self._thread = threading.Thread(target=self._work, name="receive", daemon=True)
        self._thread.start()

    def take(self) -> list[Run]:
        """All runs that wait, in order of receipt."""
        with self._room:
            runs, self._waiting = [*self._runs], 0
            self._runs.clear()
            self._room.notify()
        return runs

    def stop(self) -> list[Run]:
        """Close the socket; what had come by then."""
        self._going = False
        with self._room:
            self._room.notify()
        self._thread.join()
        self._drain(Slots(), Names())
        self._sock.close()
        return self.take()

    @property
    def kernel_drops(self) -> int:
        """Datagrams the kernel dropped because its buffer for this socket was full."""
        raw = self._sock.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, 4 * MEMINFO_WORDS)
        return int(np.frombuffer(raw, np.uint32)[MEMINFO_DROPS])

    def _work(self) -> None:
        slots, names = Slots(), Names()
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        while self._going:
            if not poll.poll(100):
                continue
            time.sleep(GATHER)
            self._drain(slots, names)

    def _drain(self, slots: Slots, names: Names) -> None:
        """Take until the kernel has no more or the queue is full; in the latter case wait until it is not."""
        count = SLOTS
        while count == SLOTS and self._has_room():
            count = slots.fill(self._sock.fileno())
            if not count:
                return
            runs = slots.runs(count, names, time.time_ns() // 1_000_000)
            with self._room:
                self._runs.extend(runs)
                self._waiting += sum(len(r.octets) + _RUN_COST for r in runs)

    def _has_room(self) -> bool:
        with self._room:
            if self._waiting >= self._most and self._going:
                self._room.wait(0.1)
            return self._waiting < self._most
