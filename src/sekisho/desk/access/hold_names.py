"""Holds the resolver to the permits for filters of names: beside `HoldKernel`, by what that heard from `keep`.

Each round two databases are made what the permits say, and the resolver is asked two questions whose answers tell that it reads just
these. Once a minute a switch is thrown off and on again so, for a line of the machine itself and a name that does not exist. Between the
rounds, and while a long one lasts, `beat` renews what lets them count.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sekisho.desk.access.hold_kernel import HoldKernel
from sekisho.desk.access.try_switch import EVERY
from sekisho.desk.kernel_rules import stands_at_resolver
from sekisho.desk.kernel_words import Read
from sekisho.desk.outside import KeepIsGone, KeepSaidNo
from sekisho.desk.settings import Access
from sekisho.effects import name_filter
from sekisho.effects.name_filter import TRIED, NameFilter
from sekisho.effects.prefix_sets import BadScope
from sekisho.effects.resolver import HEART, LINES, NAMES, CannotWrite, Front, Fronts
from sekisho.wire.cursor import FormError
from sekisho.wire.name_list import LARGEST, NameList, read_name_list

PATIENCE = 6.0
"""Seconds until a switch that was thrown has to be seen."""
STUCK = 5.0
"""Seconds a round may take before nothing is renewed any more."""
SILENT, OTHER = "resolver-silent", "resolver-other"


@dataclass
class Trial:
    """Where the line that is tried stands now, the positions still to be seen, since when, and when to begin again."""

    off: bool = False
    to_see: list[bool] = field(default_factory=list)
    since: float = 0.0
    due: float = 0.0


class HoldNames:
    """One per process. `turn` is called by the same loop, and raises nothing for what `keep`, the list or the resolver says."""

    def __init__(self, heard: HoldKernel, front: Fronts, listed: Path) -> None:
        self.heard, self.front, self.path = heard, front, listed
        self.trial = Trial()
        self.listed: NameList | None = None
        self.wanted: dict[str, bytes] = {}
        self.written = ""
        self.turned: float | None = None
        self._made: tuple[object, bytes] = (None, b"")
        self._beating = threading.Lock()

    def turn(self, tick: float) -> bool:
        """One round, at this second of a clock that never goes back. Whether the resolver was seen to answer by what the permits say."""
        now = self.heard.clock()
        if (listed := _list_in(self.path)) is not self.listed:
            self.listed, self.trial = listed, Trial()
        filters = list(self._filters(now))
        try:
            mended, mine = self._write(filters)
            self.turned = tick
            self._beat()
        except CannotWrite as why:
            self.turned = None
            self._tell("resolver-read", reads=(), mended=(), left=(), said=why.code)
            return False
        seen = stands(self.front, self.wanted, mine, tried_off=self.trial.off)
        self._try(tick, seen=seen is True)
        reads = tuple(self._read(one, there=seen is True) for one in filters)
        left = () if seen else (SILENT if seen is None else OTHER,)
        self._tell("resolver-read", reads=reads, mended=mended, left=left, said="")
        return seen is True

    def beat(self, tick: float) -> None:
        """Renew what lets the files count, at this second of the same clock, while rounds go on. May be called by another thread."""
        if self.turned is not None and tick - self.turned <= STUCK:
            with contextlib.suppress(CannotWrite):
                self._beat()

    def _beat(self) -> None:
        with self._beating:
            self.front.write(HEART, name_filter.heart_file(self.heard.clock(), self.written))

    def meddled(self) -> bool:
        """Whether a file, or the list, is another than in the last round: asked more often than there are rounds."""
        return _list_in(self.path) is not self.listed or any(self.front.read(n) != raw for n, raw in self.wanted.items())

    def _filters(self, now: datetime) -> Iterator[NameFilter]:
        """The permits in force that are about the very list that is here."""
        for one in self.heard.rented:
            permit = self.heard.permit(one, now)
            if permit is None or not stands_at_resolver(permit):
                continue
            try:
                found = name_filter.compile_names(permit, one.off)
            except BadScope:
                self.heard.counters["permit-bad-scope"] += 1
                continue
            if self.listed and found.fits(self.listed):
                yield found
            else:
                self.heard.counters["another-list"] += 1

    def _write(self, filters: list[NameFilter]) -> tuple[tuple[str, ...], str]:
        """Which files somebody else had changed, and the address that is off in these alone."""
        lines, mine = name_filter.lines_file(filters, tried_off=self.trial.off)
        wanted = {NAMES: self._names(filters), LINES: lines}
        there = {name: self.front.read(name) for name in wanted}
        mended = tuple(name for name in wanted if name in self.wanted and there[name] != self.wanted[name])
        anew = [name for name in wanted if there[name] != wanted[name]]
        for name in anew:
            self.front.write(name, wanted[name])
        if anew or not self.written:
            self.written = secrets.token_hex(8)
        self.wanted = wanted
        self.heard.counters["names-rounds"] += 1
        self.heard.counters["names-mended"] += bool(mended)
        return mended, mine

    def _names(self, filters: list[NameFilter]) -> bytes:
        """Made anew only for other permits or another list: a list is long."""
        key = (tuple(one.permit for one in filters), self.listed.digest if self.listed else "")
        if self._made[0] != key:
            self._made = (key, name_filter.names_file(filters, self.listed))
        return self._made[1]

    def _read(self, one: NameFilter, *, there: bool) -> Read:
        wanted = sides(one)
        return Read(one.permit, wanted, wanted if there else {})

    def _try(self, tick: float, *, seen: bool) -> None:
        """The next position of the line that is tried: on, off, on, each seen before the next; and what came of it."""
        trial = self.trial
        if not trial.to_see:
            if tick < trial.due:
                return
            trial.to_see, trial.since = [False, True, False], tick
        if seen:
            trial.to_see.pop(0)
            trial.since = tick
        elif tick - trial.since <= PATIENCE:
            return
        if not seen or not trial.to_see:
            self._tried(works=seen)
            self.trial = Trial(due=tick + EVERY)
            return
        trial.off = trial.to_see[0]

    def _tried(self, *, works: bool) -> None:
        self.heard.counters["names-tried" if works else "names-failed"] += 1
        listed = self.listed
        self._tell("names-tried", works=works, list=listed.digest if listed else "", names=listed.counts() if listed else {})

    def _tell(self, method: str, **said: object) -> None:
        try:
            self.heard.world.keep.call(method, **said)
        except (KeepSaidNo, KeepIsGone) as why:
            self.heard.counters[getattr(why, "code", "keep-is-gone")] += 1


def stands(front: Fronts, wanted: Mapping[str, bytes], mine: str, *, tried_off: bool) -> bool | None:
    """Whether the resolver answers by just these files: the line tried as its switch says, and the one that is off in this file alone
    let through. None where it does not answer."""
    name = name_filter.trial_of(wanted[NAMES])
    tried, seen = front.filtered(name, str(TRIED)), front.filtered(name, mine)
    if tried is None or seen is None:
        return None
    return tried is not tried_off and seen is False


def sides(one: NameFilter) -> Mapping[str, int]:
    """What is to stand there of one permit: names, and lines that switched it off."""
    return {"names": sum(c.names for c in one.categories), "off": len(one.off)}


def _list_in(path: Path) -> NameList | None:
    """The list, read again only when the file changed. A file that cannot be read, or says something else, is none."""
    try:
        said = path.stat()
    except OSError:
        return None
    return _read_list(path, said.st_mtime_ns, said.st_size, said.st_ino)


@lru_cache(maxsize=2)
def _read_list(path: Path, _changed: int, _size: int, _node: int) -> NameList | None:
    try:
        with path.open("rb") as file:
            return read_name_list(file.read(LARGEST + 1))
    except (OSError, FormError):
        return None


def resolver_here(heard: HoldKernel, access: Access) -> HoldNames | None:
    """Who holds the resolver, where one is set up."""
    if access.resolver is None or access.names is None:
        return None
    host, _, port = access.resolver_at.rpartition(":")
    return HoldNames(heard, Front(access.resolver, (host, int(port))), access.names)
