"""Holds an event's gateway to the permits: who has not answered is led to the page, who agreed to the port where the resolver tells.

Runs in `gateway`. It alone sees hardware addresses beside the day's key; they stay in its memory and in the kernel. `keep` silent: what
it vouched for ends with its word; this process gone: the kernel ends it alone, and the network is open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from sekisho.desk.gateway_words import Devices, GatewayRead, Led
from sekisho.desk.kernel_words import Read
from sekisho.desk.outside import KeepIsGone, KeepSaidNo, Outside
from sekisho.desk.portal.devices import giver, pseudonym
from sekisho.desk.portal.hold_clients import HoldClients
from sekisho.desk.portal.leading import leads
from sekisho.desk.portal.neighbours import Neighbours
from sekisho.desk.prove import in_ledger
from sekisho.desk.steady import Steady
from sekisho.effects import client_set
from sekisho.effects.kernel import Kernel
from sekisho.effects.nft import KernelSaidNo
from sekisho.effects.portal_redirect import STEP, TABLE, Redirect, compile_redirect, table
from sekisho.effects.prefix_sets import BadScope
from sekisho.effects.reconcile import Holds, reconcile
from sekisho.gate.check import NoPermit, check, read
from sekisho.gate.permit import Lease, Permit, SignedPermit
from sekisho.law.reading import read as read_words

__all__ = ["HoldClients", "HoldGateway", "Neighbours", "gateway_here"]
MOST_KNOWN = 100_000
LET = "answered"


class NoGateway(Exception):
    """This machine's kernel cannot be held: no libnftables here."""


def gateway_here() -> tuple[Kernel, Kernel]:
    """The portal's table and that of clients, in the namespace this thread is in. Raises NoGateway."""
    try:
        return Kernel(TABLE), Kernel(client_set.TABLE)
    except KernelSaidNo as no:
        raise NoGateway(no.words) from no


class HoldGateway:
    """One per process. `hear` and `turn` are called by a loop; neither raises for what `keep` or the kernel says."""

    def __init__(self, world: Outside, kernel: Holds, clients: HoldClients | None = None) -> None:
        self.world, self.kernel, self.clients = world, kernel, clients
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
        permits = [p for signed in self.permits if (p := self._checked(signed, now)) is not None]
        let = self.answered(neighbours.values())
        try:
            reads = [*self._lead_to_page(permits, let, now), *self._lead_clients(permits, neighbours, now)]
        except KernelSaidNo as no:
            self.counters[f"kernel-{no.code}"] += 1
            self._tell(GatewayRead(said=no.code))
            return False
        self.counters["rounds"] += 1
        self._tell(GatewayRead(tuple(reads), len(let)))
        return True

    def _lead_to_page(self, permits: Iterable[Permit], let: frozenset[str], now: datetime) -> list[Read]:
        redirects = [r for p in permits if p.step.name == STEP and (r := self._compiled(p)) is not None]
        done = reconcile(self.kernel, table(redirects, let, now))
        self.counters["changed"] += bool(done.found)
        there = {} if done.left.anew else {LET: len(let)}
        return [Read(r.permit, {LET: len(let)}, there, done.packets.get(r.permit, 0)) for r in redirects]

    def _lead_clients(self, permits: Iterable[Permit], neighbours: Mapping[str, str], now: datetime) -> list[Read]:
        if self.clients is None:
            return []
        agreed = {p: frozenset(givers) for p, givers in self.devices.agrees.items()}

        def agrees(hardware: str, purpose: str) -> bool:
            return self.giver(hardware, purpose) in agreed.get(purpose, ())

        return self.clients.turn([p for p in permits if leads(p)], agrees, neighbours, now)

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

    def _checked(self, signed: SignedPermit, now: datetime) -> Permit | None:
        """The permit, if it holds in our own eyes: no socket is trusted, only `keep`'s signature."""
        try:
            said = read(signed)
            lease, step = self.leases.get(said.id), said.step.name
            return check(signed, self.world.public.key, now, step=step, scope=lambda _: True, lease=lease, prove=self.prove)
        except NoPermit as no:
            self.counters[f"permit-{no.code}"] += 1
        return None

    def _compiled(self, permit: Permit) -> Redirect | None:
        try:
            return compile_redirect(permit)
        except BadScope:
            self.counters["permit-bad-scope"] += 1
        return None

    def _tell(self, said: GatewayRead) -> None:
        try:
            self.world.keep.call("gateway-read", reads=said.reads, devices=said.devices, said=said.said)
        except (KeepSaidNo, KeepIsGone) as why:
            self.counters[getattr(why, "code", "keep-is-gone")] += 1
