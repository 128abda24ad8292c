"""Disks that fail, die, and forget, for the tests that break them on purpose."""

from __future__ import annotations

import os
import random
import stat
from pathlib import Path

from sekisho.ledger.disk import Disk


class Killed(BaseException):
    """The process ends here; nothing may catch it and go on."""


class Counting(Disk):
    """Counts the steps, and at number `at` does what a subclass says."""

    def __init__(self, at: int = 0) -> None:
        self.at = at
        self.steps = 0

    def due(self) -> bool:
        self.steps += 1
        return self.steps == self.at

    def strike(self) -> None:
        raise NotImplementedError

    def write(self, fd: int, data: bytes) -> None:
        if self.due():
            super().write(fd, data[: len(data) // 2])
            self.strike()
        super().write(fd, data)

    def fsync(self, fd: int) -> None:
        if self.due():
            self.strike()
        super().fsync(fd)

    def make_folder(self, path: Path) -> None:
        if self.due():
            self.strike()
        super().make_folder(path)

    def replace(self, source: Path, target: Path) -> None:
        if self.due():
            self.strike()
        super().replace(source, target)

    def remove(self, path: Path) -> None:
        if self.due():
            self.strike()
        super().remove(path)


class Failing(Counting):
    """Step `at` fails with an error of the system, writes after half their bytes."""

    def __init__(self, at: int, number: int) -> None:
        super().__init__(at)
        self.number = number

    def strike(self) -> None:
        raise OSError(self.number, os.strerror(self.number))


class Dying(Counting):
    """The process is killed at step `at`; what it wrote stays in the system's memory."""

    def strike(self) -> None:
        raise Killed


class Forgetful(Dying):
    """The power fails at step `at`: of what was not synced, chance decides what is on the medium.

    A file's bytes are safe once it was synced, a name once its folder was. `after_power_loss` lays out what is left.
    """

    def __init__(self, at: int, root: Path, seed: int) -> None:
        super().__init__(at)
        self.root = root
        self.chance = random.Random(seed)
        self.kept_open: list[int] = []
        self.bytes: dict[int, bytes] = {}
        self.names: dict[int, dict[str, int]] = {}
        self.dead = False
        for path in [root, *root.rglob("*")]:
            self._note(path)

    def _note(self, path: Path) -> None:
        held = os.open(path, os.O_RDONLY)
        self.kept_open.append(held)  # so that the system gives its number to no other file
        number = os.fstat(held).st_ino
        if path.is_dir():
            self.names[number] = {f.name: f.stat().st_ino for f in path.iterdir()}
        else:
            self.bytes[number] = path.read_bytes()

    def fsync(self, fd: int) -> None:
        super().fsync(fd)
        self._note(Path(f"/proc/self/fd/{fd}").readlink())

    def remove(self, path: Path) -> None:
        if path.exists():
            self.kept_open.append(os.open(path, os.O_RDONLY))
        super().remove(path)

    def after_power_loss(self, target: Path) -> None:
        """Lay out at `target` what the medium holds."""
        self._lay_out(self.root, self.root.stat().st_ino, target)
        for fd in self.kept_open:
            os.close(fd)

    def _lay_out(self, live: Path, number: int, target: Path) -> None:
        target.mkdir()
        safe = self.names.get(number, {})
        now = {f.name: f.stat().st_ino for f in live.iterdir()} if live.is_dir() else {}
        for name in sorted(safe.keys() | now.keys()):
            choices = [c for c in (safe.get(name), now.get(name)) if c is not None or safe.get(name) != now.get(name)]
            chosen = self.chance.choice(choices)
            if chosen is not None:
                self._lay_out_one(live / name, chosen, now.get(name) == chosen, target / name)

    def _lay_out_one(self, live: Path, number: int, is_live: bool, target: Path) -> None:
        if number in self.names or (is_live and live.is_dir()):
            self._lay_out(live, number, target)
            return
        left = [self.bytes[number]] if number in self.bytes else [b""]
        if is_live and stat.S_ISREG(live.stat().st_mode):
            data = live.read_bytes()
            left += [data, data[: len(data) // 2], bytes(len(data))] if left[0] != data else []
        target.write_bytes(self.chance.choice(left))
