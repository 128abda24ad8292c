"""Tells `keep` whether on and off are the same: by the texts the operator published, and on a path through the filters' own rules.

Beside `HoldKernel`. The texts are read at once when one changes, and both are done again every EVERY seconds, so that what is told stays
fresh as long as it is true; what nobody tells any more goes stale, and the filter ends.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from sekisho.desk.access import try_path
from sekisho.desk.access.hold_kernel import HoldKernel
from sekisho.desk.access.parity_texts import MEASURES, published
from sekisho.desk.outside import KeepIsGone, KeepSaidNo
from sekisho.effects import class_filter

EVERY = 600.0
"""Seconds from one comparison to the next."""
PATIENCE = 60.0
"""Seconds after which a path that does not answer is told to differ."""

Seen = tuple[tuple[int, int, int] | None, ...]


class HoldParity:
    """One per process. `turn` is called by the same loop, and raises nothing for what `keep`, the texts or the path say."""

    def __init__(self, heard: HoldKernel, folder: Path | None, path: socket.socket | None) -> None:
        self.heard, self.folder, self.path = heard, folder, path
        self.seen: Seen | None = None
        self.texts_due = self.path_due = 0.0
        self.asked_at: float | None = None
        self.asked_about = b""

    def turn(self, tick: float) -> None:
        """One round, at this second of a clock that never goes back."""
        if self.folder is not None and ((seen := _seen(self.folder)) != self.seen or tick >= self.texts_due):
            told = self._texts(self.folder)
            self.seen, self.texts_due = (seen, tick + EVERY) if told else (None, tick)
        self._path(tick)

    def _texts(self, folder: Path) -> bool:
        """Both measures are told of: of one without texts, that nothing is the same."""
        found = published(folder)
        self.heard.counters["tariffs-read"] += 1
        nothing = {"same_price": False, "same_service": False, "on": "", "off": ""}
        told = [self._tell("tariffs-compared", measure=m, **(vars(found[m]) if m in found else nothing)) for m in MEASURES]
        return all(told)

    def _path(self, tick: float) -> None:
        if self.path is None:
            return
        about = try_path.asked(self._scopes())
        if self.asked_at is None and (tick >= self.path_due or about != self.asked_about):
            self.asked_at, self.asked_about = tick, about
            try:
                _forget(self.path)
                self.path.send(about)
            except OSError:
                self._told(tick, same=False)
        elif self.asked_at is not None:
            try:
                self._told(tick, same=self.path.recv(64, socket.MSG_DONTWAIT) == try_path.SAME)
            except BlockingIOError:
                if tick - self.asked_at > PATIENCE:
                    self._told(tick, same=False)
            except OSError:
                self._told(tick, same=False)

    def _told(self, tick: float, *, same: bool) -> None:
        self.heard.counters["path-same" if same else "path-differs"] += 1
        done = self._tell("path-compared", same=same)
        self.asked_at, self.path_due = None, tick + EVERY if done else tick

    def _scopes(self) -> list[Mapping[str, object]]:
        now = self.heard.clock()
        permits = (self.heard.permit(one, now) for one in self.heard.rented)
        return [p.scope for p in permits if p is not None and (p.measure, p.step.name) == (class_filter.MEASURE, class_filter.STEP)]

    def _tell(self, method: str, **said: object) -> bool:
        try:
            self.heard.world.keep.call(method, **said)
        except (KeepSaidNo, KeepIsGone) as why:
            self.heard.counters[getattr(why, "code", "keep-is-gone")] += 1
            return False
        return True


def _forget(path: socket.socket) -> None:
    """An answer that came too late is none to the next question."""
    with suppress(BlockingIOError):
        while path.recv(64, socket.MSG_DONTWAIT):
            pass


def _seen(folder: Path) -> Seen:
    return tuple(_of(folder / f"{measure}.{position}.md") for measure in MEASURES for position in ("on", "off"))


def _of(path: Path) -> tuple[int, int, int] | None:
    try:
        said = path.stat()
    except OSError:
        return None
    return said.st_mtime_ns, said.st_size, said.st_ino
