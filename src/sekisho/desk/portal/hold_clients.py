"""Keeps the set of clients whose questions the resolver tells of in step with permits, answers and the neighbour table. Runs in `gateway`.

Nobody is told who is in it: what leaves this process are numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from sekisho.desk.kernel_words import Read
from sekisho.desk.portal.leading import TOLD_OF
from sekisho.desk.portal.sightings import Sightings
from sekisho.effects import client_set
from sekisho.effects.client_set import Client
from sekisho.effects.reconcile import Holds, reconcile
from sekisho.gate.permit import Permit

SET = "clients"
Agrees = Callable[[str, str], bool]
"""Whether a hardware address agreed to a purpose today."""


class HoldClients:
    """`led`: the resolver's ports by what was agreed to. Asked once a round."""

    def __init__(self, kernel: Holds, interface: str, led: Mapping[str, int]) -> None:
        self.kernel, self.interface, self.led = kernel, interface, led
        self.sightings = Sightings()

    def turn(self, permits: Sequence[Permit], agrees: Agrees, neighbours: Mapping[str, str], now: datetime) -> list[Read]:
        """What stands of each permit afterwards. `neighbours`: hardware address by address. Raises KernelSaidNo."""
        clients = list(self._clients(_by_purpose(permits), agrees, self.sightings.settled(neighbours, now)))
        wanted = client_set.table(self.interface, self.led, clients, now)
        done = reconcile(self.kernel, wanted)
        want = client_set.standing(wanted)
        led = {p.id: sum(n for agreed, n in done.packets.items() if p.step.purpose in agreed.split("+")) for p in permits}
        stands = {p.id: {SET: want.get(p.id, 0)} for p in permits}
        return [Read(p.id, stands[p.id], {} if done.left else stands[p.id], led[p.id]) for p in permits]

    def _clients(self, living: Mapping[str, Permit], agrees: Agrees, settled: Mapping[str, str]) -> Iterator[Client]:
        said = {h: [p for p in TOLD_OF if p in living and agrees(h, p)] for h in set(settled.values())}
        for address, hardware in settled.items():
            if carried := [living[p] for p in said[hardware]]:
                ids = tuple(sorted(p.id for p in carried))
                yield Client(hardware, address, "+".join(said[hardware]), ids, min(p.until for p in carried))


def _by_purpose(permits: Sequence[Permit]) -> Mapping[str, Permit]:
    """Of several for one purpose, the one that lasts longest."""
    return {p.step.purpose: p for p in sorted(permits, key=lambda p: (p.until, p.id))}
