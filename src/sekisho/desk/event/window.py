"""What devices looked up within one window, by pseudonym and cut name, in memory. It is told of once, with noise, and forgotten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

MOST_DEVICES = 20_000
MOST_NAMES = 512
"""Of one device in one window; further names of it are not counted. So memory is bounded, whatever a device asks for."""
MOST_TIMES = 64
"""More often than this a name need not be counted to be among a device's foremost."""


@dataclass
class Window:
    """Of one permit, from `since` on. `devices`: by pseudonym, how often each cut name was asked for."""

    permit: str
    since: datetime
    devices: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, device: str, name: str) -> bool:
        """Whether it was counted."""
        names = self.devices.get(device)
        if names is None:
            if len(self.devices) >= MOST_DEVICES:
                return False
            names = self.devices[device] = Counter()
        if name not in names and len(names) >= MOST_NAMES:
            return False
        names[name] = min(names[name] + 1, MOST_TIMES)
        return True

    def keep_only(self, devices: AbstractSet[str]) -> None:
        """Whoever agrees no more was never counted."""
        for gone in self.devices.keys() - devices:
            del self.devices[gone]

    def seen(self) -> pa.Table:
        """`device` and `name`, a row for each look-up, as `store.release` takes them. The pseudonyms are numbers by now."""
        rows = [(n, name) for n, names in enumerate(self.devices.values()) for name, times in names.items() for _ in range(times)]
        devices, names = pa.array([d for d, _ in rows], pa.int64()), pa.array([n for _, n in rows], pa.string())
        return pa.table({"device": devices, "name": names})
