"""Holds the kernel to the permits: hears from `keep` which are in force, checks each itself, makes the kernel so, tells what was there.

Runs in `hold`. `keep` silent: what it vouched for ends with its word, a few seconds later; this process gone: the kernel ends it alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sekisho.desk.access import try_switch
from sekisho.desk.kernel_rules import Effect, classes, compiled, phase, sides, stands_at_resolver, table
from sekisho.desk.kernel_words import KernelRead, Leased, Read, Rented
from sekisho.desk.outside import KeepIsGone, KeepSaidNo, Outside
from sekisho.desk.prove import in_ledger
from sekisho.desk.steady import Steady
from sekisho.effects import htb
from sekisho.effects.class_filter import Filter
from sekisho.effects.htb import Links, Shapes
from sekisho.effects.kernel import Kernel
from sekisho.effects.nft import LATE, Change, KernelSaidNo, Table
from sekisho.effects.prefix_sets import BadScope
from sekisho.effects.reconcile import Holds, Round, reconcile
from sekisho.gate.check import NoPermit, check, read
from sekisho.gate.permit import Lease, Permit
from sekisho.law.reading import read as read_words

SECOND = timedelta(seconds=1)


class NoKernel(Exception):
    """This machine's kernel cannot be held: no libnftables here."""


def kernel_here() -> tuple[Kernel, Links, Kernel]:
    """The kernel of the namespace this thread is in: its packet rules, its links, and where switches are tried. Raises NoKernel."""
    try:
        return Kernel(), Links(), Kernel(try_switch.TABLE)
    except KernelSaidNo as no:
        raise NoKernel(no.words) from no


class HoldKernel:
    """One per process. `hear` and `turn` are called by a loop; neither raises for what `keep` or the kernel says."""

    def __init__(self, world: Outside, kernel: Holds, links: Shapes | None = None, trial: Holds | None = None) -> None:
        self.world, self.kernel, self.links, self.trial = world, kernel, links, trial
        self.clock = Steady(world.clock)
        self.prove = in_ledger(world.public.ledger)
        self.counters: Counter[str] = Counter()
        self.rented: tuple[Rented, ...] = ()
        self.leases: Mapping[str, Lease] = {}
        self.seen = ""
        self.held: frozenset[str] = frozenset()
        self.settled = ""

    def hear(self) -> bool:
        """Ask which permits are in force; whether that is something else than before."""
        before = self.seen
        try:
            said = read_words(Leased, self.world.keep.call("kernel-leases", seen=self.seen))
        except KeepSaidNo as no:
            self.counters[f"keep-{no.code}"] += 1
            self.rented, self.leases, self.seen = (), {}, ""
            return bool(before)
        except KeepIsGone:
            self.counters["keep-is-gone"] += 1
            return False
        self.leases = {lease.permit: lease for lease in said.leases}
        if said.rented is not None:
            self.rented, self.seen = said.rented, said.digest
        return self.seen != before

    def turn(self) -> Round | None:
        """One round: what the permits in force say is what stands in the kernel afterwards. None where the kernel refused."""
        now = self.clock()
        effects = [e for one in self.rented if (e := self._checked(one, now)) is not None]
        wanted, phases = table(effects, now), frozenset(phase(e, now) for e in effects)
        same = self.settled == self.seen and self.held == phases
        try:
            done = reconcile(self.kernel, wanted)
            classed = self._class(classes(effects, now))
        except KernelSaidNo as no:
            self.counters[f"kernel-{no.code}"] += 1
            self._tell(KernelRead(said=no.code))
            return None
        self.counters["rounds"] += 1
        mended = (*meddled(done.found, wanted), *classed.found) if same else ()
        self.counters["mended"] += bool(mended)
        self.settled, self.held = self.seen, phases
        reads = tuple(_read(e, wanted, done, classed) for e in effects)
        self._tell(KernelRead(reads, mended, (*meddled(done.left, wanted), *classed.left)))
        return done

    def try_switch(self) -> bool:
        """Throw a line's switch of each filter in force, off and on, where no packet passes; and tell what came of it."""
        now = self.clock()
        filters = [e for one in self.rented if isinstance(e := self._checked(one, now), Filter)]
        works = self.trial is not None and try_switch.works(self.trial, filters, now)
        self.counters["switch-tried" if works else "switch-failed"] += 1
        try:
            self.world.keep.call("switch-tried", works=works)
        except (KeepSaidNo, KeepIsGone) as why:
            self.counters[getattr(why, "code", "keep-is-gone")] += 1
        return works

    def _class(self, wanted: Mapping[str, Mapping[int, int]]) -> Classed:
        """The classes on the links, as the rules on packets: read, compare, change, read again. Raises KernelSaidNo."""
        if self.links is None:
            return Classed(left=tuple(f"tc not-held {link}" for link in sorted(wanted)))
        made, there = htb.reconcile(self.links, wanted)
        return Classed(tuple(map(str, made)), htb.lacking(wanted, there), there.links)

    def permit(self, one: Rented, now: datetime) -> Permit | None:
        """The permit, if it holds in our own eyes: no socket is trusted, only `keep`'s signature."""
        try:
            said = read(one.permit)
            lease, step = self.leases.get(said.id), said.step.name
            return check(one.permit, self.world.public.key, now, step=step, scope=lambda _: True, lease=lease, prove=self.prove)
        except NoPermit as no:
            self.counters[f"permit-{no.code}"] += 1
        return None

    def _checked(self, one: Rented, now: datetime) -> Effect | None:
        """The permit as rules, where it holds and is one of rules in the kernel."""
        permit = self.permit(one, now)
        if permit is None or stands_at_resolver(permit):
            return None
        try:
            return compiled(permit, one.opened, one.off)
        except BadScope:
            self.counters["permit-bad-scope"] += 1
        return None

    def _tell(self, said: KernelRead) -> None:
        try:
            self.world.keep.call("kernel-read", reads=said.reads, mended=said.mended, left=said.left, said=said.said)
        except (KeepSaidNo, KeepIsGone) as why:
            self.counters[getattr(why, "code", "keep-is-gone")] += 1


@dataclass(frozen=True)
class Classed:
    """What had to be changed on the links, what could not be, and what stands there."""

    found: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    there: Mapping[str, Mapping[int, int]] = field(default_factory=dict)


def meddled(found: Change, wanted: Table) -> tuple[str, ...]:
    """What a change has in it beside the passing of time: leases are renewed and members end, and that is nobody's doing."""
    said = list(found.anew)
    for name in sorted({*found.gone, *found.fresh}):
        if name.endswith("_live"):
            continue
        members = wanted.sets[name].members
        gone = [k for k in found.gone.get(name, ()) if k in members]
        foreign = len(found.gone.get(name, ())) - len(gone)
        lacking = [k for k, m in found.fresh.get(name, {}).items() if (m.left or 0) > LATE]
        if foreign or lacking:
            said.append(f"set {name} -{foreign} +{len(lacking)}")
    return tuple(said)


def _read(effect: Effect, wanted: Table, done: Round, classed: Classed) -> Read:
    """Members by the short name of each set and kbit/s of each link's class, wanted and there."""
    name = effect.permit.replace("-", "_") + "_"
    want = sides(effect, wanted, classes([effect], effect.until - SECOND))
    lack = {n.removeprefix(name): len(m) for n, m in done.left.fresh.items() if n.startswith(name)}
    stand = {} if done.left.anew else sides(effect, wanted, classed.there)
    return Read(effect.permit, want, {n: c - lack.get(n, 0) for n, c in stand.items()}, done.packets.get(effect.permit, 0))
