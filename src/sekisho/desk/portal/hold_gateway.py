"""Holds an event's gateway to the permits: who has not answered is led to the page, for as long as a permit says so.

Runs in `gateway`. It alone sees hardware addresses beside the day's key; they stay in its memory and in the kernel. `keep` silent: what
it vouched for ends with its word; this process gone: the kernel ends it alone, and the network is open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from sekisho.desk.gateway_words import Devices, GatewayRead, Led
from sekisho.desk.outside import KeepIsGone, KeepSaidNo, Outside
from sekisho.desk.portal.devices import giver, pseudonym
from sekisho.desk.portal.neighbours import Neighbours
from sekisho.desk.prove import in_ledger
from sekisho.desk.steady import Steady
from sekisho.effects.kernel import Kernel
from sekisho.effects.nft import KernelSaidNo
from sekisho.effects.portal_redirect import STEP, TABLE, Redirect, compile_redirect, table
from sekisho.effects.prefix_sets import BadScope
from sekisho.effects.reconcile import Holds, reconcile
from sekisho.gate.check import NoPermit, check, read
from sekisho.gate.permit import Lease, SignedPermit
from sekisho.law.reading import read as read_words

__all__ = ["HoldGateway", "Neighbours", "gateway_here"]
MOST_KNOWN = 100_000


class NoGateway(Exception):
    """This machine's kernel cannot be held: no libnftables here."""


def gateway_here() -> Kernel:
    """The portal's table in the namespace this thread is in. Raises NoGateway."""
    try:
        return Kernel(TABLE)
    except KernelSaidNo as no:
        raise NoGateway(no.words) from no


class HoldGateway:
    """One per process. `hear` and `turn` are called by a loop; neither raises for what `keep` or the kernel says."""

    def __init__(self, world: Outside, kernel: Holds) -> None:
        self.world, self.kernel = world, kernel
        self.clock = Steady(world.clock)
        self.prove = in_ledger(world.public.ledger)
        self.counters: Counter[str] = Counter()
        self.permits: tuple[SignedPermit, ...] = ()
        self.leases: Mapping[str, Lease] = {}
        self.devices = Devices()
        self.seen = ""
        self._named: dict[tuple[str, str], str] = {}

    def hear(self) -> bool:
        """Ask which permits are in force and who answered; whether that is something else than before."""
        before = self.seen
        try:
            said = read_words(Led, self.world.keep.call("gateway-leases", seen=self.seen))
        except KeepSaidNo as no:
            self.counters[f"keep-{no.code}"] += 1
            self.permits, self.leases, self.devices, self.seen = (), {}, Devices(), ""
            return bool(before)
        except KeepIsGone:
            self.counters["keep-is-gone"] += 1
            return False
        self.leases = {lease.permit: lease for lease in said.leases}
        if said.permits is not None and said.devices is not None:
            if said.devices.day != self.devices.day:
                self._named.clear()
            self.permits, self.devices, self.seen = said.permits, said.devices, said.digest
        return self.seen != before

    def turn(self, neighbours: Mapping[str, str]) -> bool:
        """One round. `neighbours`: hardware address by address. Whether the kernel took it."""
        now = self.clock()
        redirects = [r for p in self.permits if (r := self._checked(p, now)) is not None]
        let = self.answered(neighbours.values())
        wanted = table(redirects, let, now)
        try:
            done = reconcile(self.kernel, wanted)
        except KernelSaidNo as no:
            self.counters[f"kernel-{no.code}"] += 1
            self._tell(GatewayRead(said=no.code))
            return False
        self.counters["rounds"] += 1
        self.counters["changed"] += bool(done.found)
        standing = () if done.left.anew else tuple(sorted(r.permit for r in redirects))
        self._tell(GatewayRead(standing, len(let), sum(done.packets.values())))
        return True

    def answered(self, hardware: Iterable[str]) -> frozenset[str]:
        """Which of these devices answered every question today, yes or no alike."""
        asked = {p: frozenset(givers) for p, givers in self.devices.answered.items()}
        if not asked:
            return frozenset()
        return frozenset(h for h in set(hardware) if all(self.giver(h, p) in asked[p] for p in asked))

    def giver(self, hardware: str, purpose: str) -> str:
        """As whom `keep` knows that device for a purpose, today."""
        known = self._named.get((hardware, purpose))
        if known is None:
            if len(self._named) >= MOST_KNOWN:
                self._named.clear()
            device = pseudonym(bytes.fromhex(self.devices.day), hardware)
            known = self._named[hardware, purpose] = giver(bytes.fromhex(self.devices.keys[purpose]), device)
        return known

    def _checked(self, signed: SignedPermit, now: datetime) -> Redirect | None:
        """The permit as rules, if it holds in our own eyes: no socket is trusted, only `keep`'s signature."""
        try:
            said = read(signed)
            lease = self.leases.get(said.id)
            permit = check(signed, self.world.public.key, now, step=STEP, scope=lambda _: True, lease=lease, prove=self.prove)
            return compile_redirect(permit)
        except NoPermit as no:
            self.counters[f"permit-{no.code}"] += 1
        except BadScope:
            self.counters["permit-bad-scope"] += 1
        return None

    def _tell(self, said: GatewayRead) -> None:
        try:
            self.world.keep.call("gateway-read", permits=said.permits, devices=said.devices, packets=said.packets, said=said.said)
        except (KeepSaidNo, KeepIsGone) as why:
            self.counters[getattr(why, "code", "keep-is-gone")] += 1
