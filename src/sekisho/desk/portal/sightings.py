"""Which device is behind an address: what the neighbour table says, where it says one thing. In memory for a minute, no longer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

QUIET = timedelta(seconds=60)
"""So long after two hardware addresses answered for one address nobody is behind it."""
MOST_ADDRESSES = 32
"""More of one hardware address, and it is no device but a router that answers for others."""


@dataclass(frozen=True)
class _Seen:
    hardware: str
    at: datetime
    doubted: datetime | None = None


class Sightings:
    """Asked with each new neighbour table; in the order of time."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    def settled(self, neighbours: Mapping[str, str], now: datetime) -> Mapping[str, str]:
        """Hardware address by address, of those there is no doubt about. An address is settled when it is seen, if it was nobody else's."""
        self._seen = {a: s for a, s in self._seen.items() if now - s.at <= QUIET}
        for address, hardware in neighbours.items():
            before = self._seen.get(address)
            another = before is not None and before.hardware != hardware
            self._seen[address] = _Seen(hardware, now, now if another else before.doubted if before else None)
        many = Counter(neighbours.values())
        return {a: h for a, h in neighbours.items() if many[h] <= MOST_ADDRESSES and not self._doubted(a, now)}

    def _doubted(self, address: str, now: datetime) -> bool:
        doubted = self._seen[address].doubted
        return doubted is not None and now - doubted <= QUIET
