"""Counts what devices of attendees who agreed look up, window by window, and tells `keep` the numbers with noise. Runs in `tap`.

It alone sees a name beside a device. A query becomes a count at once or is gone; the counts live in memory, end with their window, and
with the permit. `keep` silent: what it vouched for ends with its word.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

import pyarrow as pa

from sekisho.desk.event import named_panels, naming
from sekisho.desk.event.named_panels import Bounds
from sekisho.desk.event.tap_words import Tapped
from sekisho.desk.event.window import Window
from sekisho.desk.gateway_words import Devices
from sekisho.desk.outside import KeepIsGone, KeepSaidNo, Outside
from sekisho.desk.portal.devices import giver, pseudonym
from sekisho.desk.prove import in_ledger
from sekisho.desk.steady import Steady
from sekisho.gate.check import NoPermit, check, read
from sekisho.gate.permit import Lease, Permit, SignedPermit
from sekisho.law.reading import read as read_words
from sekisho.store.release import NoNoise, Released, released
from sekisho.wire.cursor import FormError
from sekisho.wire.dnstap import TapReader

__all__ = ["FormError", "NameTap", "TapReader"]
MOST_KNOWN = 100_000


class NameTap:
    """One per process. `hear`, `take` and `turn` are called by a loop; none raises for what `keep` says."""

    def __init__(self, world: Outside) -> None:
        self.world = world
        self.clock = Steady(world.clock)
        self.prove = in_ledger(world.public.ledger)
        self.counters: Counter[str] = Counter()
        self.windows: dict[str, Window] = {}
        self._permits: tuple[SignedPermit, ...] = ()
        self._leases: Mapping[str, Lease] = {}
        self._devices = Devices()
        self._agrees: Mapping[str, frozenset[str]] = {}
        self._seen = ""
        self._named: dict[tuple[str, str], str] = {}
        self._living: dict[str, Permit] = {}

    def hear(self) -> bool:
        """Ask what may be counted, and of whom; whether anything may be. Who agrees no more is taken out of the window under way."""
        try:
            said = read_words(Tapped, self.world.keep.call("tap-leases", seen=self._seen))
        except KeepSaidNo as no:
            self.counters[f"keep-{no.code}"] += 1
            self._permits, self._leases, self._seen = (), {}, ""
        except KeepIsGone:
            self.counters["keep-is-gone"] += 1
        else:
            self._heard(said)
        self._living = {p.step.purpose: p for signed in self._permits if (p := self._checked(signed)) is not None}
        for purpose in self.windows.keys() - self._living.keys():
            del self.windows[purpose]
        for purpose, window in self.windows.items():
            window.keep_only(self._agrees.get(purpose, frozenset()))
        return bool(self._living)

    def take(self, asked: pa.Table, neighbours: Mapping[str, str]) -> None:
        """Count these queries (`client`, `name`, `type`). `neighbours`: hardware address by address. All else is gone."""
        now = self.clock()
        for row in asked.select(["client", "name"]).to_pylist():
            hardware = neighbours.get(str(ipaddress.ip_address(row["client"])), "")
            counted = [self._count(purpose, permit, hardware, row["name"], now) for purpose, permit in self._living.items() if hardware]
            self.counters["counted" if any(counted) else "left-out"] += 1

    def turn(self) -> None:
        """Tell of each window that is full, and begin the next."""
        now = self.clock()
        for purpose, permit in self._living.items():
            window = self.windows.get(purpose)
            panel = named_panels.counted_by(permit)
            bounds = named_panels.bounds(panel, permit) if panel else None
            if panel is None or bounds is None:
                continue
            if window is None or window.permit != permit.id:
                self.windows[purpose] = Window(permit.id, now)
            elif now - window.since >= bounds.window:
                self.windows[purpose] = Window(permit.id, now)
                self._tell(permit, window, bounds)

    def forget(self) -> None:
        self.windows.clear()
        self._named.clear()

    def _heard(self, said: Tapped) -> None:
        self._leases = {lease.permit: lease for lease in said.leases}
        if said.permits is None or said.devices is None:
            return
        if said.devices.day != self._devices.day:
            self.forget()  # every device has another name now, and said nothing yet
        self._permits, self._devices, self._seen = said.permits, said.devices, said.digest
        self._agrees = {purpose: frozenset(who) for purpose, who in said.devices.agrees.items()}

    def _checked(self, signed: SignedPermit) -> Permit | None:
        """The permit, if it holds in our own eyes: no socket is trusted, only `keep`'s signature."""
        try:
            said = read(signed)
            lease = self._leases.get(said.id)
            key, now = self.world.public.key, self.clock()
            return check(signed, key, now, step=said.step.name, scope=_counts, lease=lease, prove=self.prove)
        except NoPermit as no:
            self.counters[f"permit-{no.code}"] += 1
            return None

    def _count(self, purpose: str, permit: Permit, hardware: str, name: str, now: datetime) -> bool:
        who = self._giver(hardware, purpose)
        panel = named_panels.counted_by(permit)
        if panel is None or who not in self._agrees.get(purpose, frozenset()):
            return False
        kept = naming.cut(name, panel.cut)
        if not kept:
            return False
        return self.windows.setdefault(purpose, Window(permit.id, now)).add(who, kept)

    def _giver(self, hardware: str, purpose: str) -> str:
        """As whom `keep` knows that device for a purpose, today."""
        known = self._named.get((hardware, purpose))
        if known is None:
            if len(self._named) >= MOST_KNOWN:
                self._named.clear()
            device = pseudonym(bytes.fromhex(self._devices.day), hardware)
            known = self._named[hardware, purpose] = giver(bytes.fromhex(self._devices.keys[purpose]), device)
        return known

    def _tell(self, permit: Permit, window: Window, bounds: Bounds) -> None:
        """Pay first. A window that cannot be told of is gone all the same."""
        try:
            released(Window("", window.since).seen(), bounds.terms)  # is there noise at all? That costs nothing.
            paid = self.world.keep.call("spend-release", permit=permit.id, since=window.since)["release"]
            told: Released = released(window.seen(), bounds.terms)
            numbers = {name: int(value) for name, value in told.numbers.items()}
            self.world.keep.call("tell-release", release=paid, since=window.since, threshold=told.threshold, numbers=numbers)
            self.counters["released"] += 1
        except NoNoise:
            self.counters["no-noise"] += 1
        except KeepSaidNo as no:
            self.counters[f"keep-{no.code}"] += 1
        except KeepIsGone:
            self.counters["keep-is-gone"] += 1


def _counts(permit: Permit) -> bool:
    return named_panels.counted_by(permit) is not None
