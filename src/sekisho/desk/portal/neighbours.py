"""Asks the kernel of this thread's namespace who its neighbours are: hardware addresses by address. It needs no right for that."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterable, Mapping

from sekisho.wire import neighbours
from sekisho.wire.cursor import FormError

PATIENCE = 2.0
BUFFER = 1 << 16
BEGINS_IPV4_IN_IPV6 = "::ffff:"


class Neighbours:
    """Two sockets: one to ask, one that hears of changes. Made in the namespace it asks about; used by one thread at a time."""

    def __init__(self, interface: str) -> None:
        self.interface = socket.if_nametoindex(interface)
        self._ask = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self._ask.bind((0, 0))
        self._ask.settimeout(PATIENCE)
        self._hear = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self._hear.bind((0, neighbours.GROUP))
        self._serial = 0

    def table(self) -> Mapping[str, str]:
        """Hardware address by address, of this interface, of neighbours that count now. Raises OSError, FormError."""
        self._serial += 1
        self._ask.send(neighbours.question(self._serial))
        found: list[neighbours.Neighbour] = []
        ended = False
        while not ended:
            some, ended = neighbours.read(self._ask.recv(BUFFER))
            found += some
        return living(found, self.interface)

    def changed(self, within: float) -> bool:
        """Wait at most so many seconds until something changed, and whether it did. What exactly is asked for afterwards."""
        ready, _, _ = select.select([self._hear], [], [], within)
        while ready:
            try:
                self._hear.recv(BUFFER, socket.MSG_DONTWAIT)
            except BlockingIOError:
                break
            except OSError:  # more changes than the socket holds: the table is asked for anyway
                continue
        return bool(ready)

    def of(self, address: str) -> str:
        """The hardware address behind an address; empty where there is none, or it cannot be told."""
        try:
            return self.table().get(plain(address), "")
        except (OSError, FormError):
            return ""

    def close(self) -> None:
        self._ask.close()
        self._hear.close()


def living(found: Iterable[neighbours.Neighbour], interface: int) -> dict[str, str]:
    return {n.address: n.hardware for n in found if n.there and n.interface == interface}


def plain(address: str) -> str:
    """As the neighbour table spells it: without a zone, and IPv4 as itself."""
    return address.partition("%")[0].removeprefix(BEGINS_IPV4_IN_IPV6)
