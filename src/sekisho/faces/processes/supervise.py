"""Starts the five processes, and those for a scanner, a router, a mail server or a portal where one is set up.

Each gets its channel to `keep`.

`keep` gone means everything stops: nothing new may be done, and only a person can unlock the root again.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sekisho.desk.config import read_settings
from sekisho.desk.settings import Settings
from sekisho.faces.processes.channel import Channel, KeepIsGone, KeepSaidNo

PATIENCE = 30.0
LONGEST_LOOK = 600.0
FORGIVE = 60.0
ACCEPT_CLOCK = "--accept-clock"
HOLD = "hold"
"""Started with root's rights where there are any: it takes off all but one of them itself, and becomes the user of `act`."""

GATEWAY, PORTAL, TAP = "gateway", "portal", "tap"
"""Started as HOLD is; the first becomes the user of `act`, the others one of their own without any right."""

POLICY = "policy"
"""Its folder has the same name: what accounts sent in the last hour, as tokens."""
SUBMISSION = "submission"


class KeepDied(RuntimeError):
    """`keep` ended; the rest was stopped with it."""


@dataclass
class Child:
    """One process of ours. `argv` starts it again; `falls` counts starts within the last minute."""

    role: str
    argv: Sequence[str]
    process: subprocess.Popen[bytes]
    started: float
    falls: int = 0


@dataclass
class Supervisor:
    """Everything that runs. `extra` are further commands of the demo, ended with the rest."""

    settings_path: Path
    settings: Settings
    control: socket.socket
    keep: subprocess.Popen[bytes]
    channel: Channel
    children: list[Child] = field(default_factory=list)
    looks: list[Child] = field(default_factory=list)

    @classmethod
    def start(cls, settings_path: Path, root: bytes, *, accept_clock: bool = False) -> Supervisor:
        """Start `keep`, give it the root key once and forget it, then start the others."""
        settings = read_settings(settings_path)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            accepted = [ACCEPT_CLOCK] if accept_clock else []
            _own_folders(settings)
            keep = _spawn("keep", [str(settings_path), str(theirs.fileno()), *accepted], theirs.fileno(), settings)
        ours.send(root)
        ours.settimeout(PATIENCE)
        try:
            if ours.recv(16) != b"ready":
                raise KeepDied("keep did not start; its own words are above")
        except OSError as why:
            keep.kill()
            raise KeepDied("keep did not start in time") from why
        mine, its = socket.socketpair()
        with its:
            _hand_over(ours, its, "supervisor", ())
        self = cls(settings_path, settings, ours, keep, Channel(mine))
        for number in range(settings.intake.workers):
            self.children.append(self._child("collect", [str(number)]))
        more: list[tuple[str, object]] = [("scan", settings.scan.socket), (HOLD, settings.access.kernel), (POLICY, settings.policy.listen)]
        more.append((SUBMISSION, settings.submission.listen))
        portal = (GATEWAY, PORTAL, *((TAP,) if settings.event.dnstap else ())) if settings.portal.listen else ()
        for role in ("act", "show", *(name for name, wanted in more if wanted), *portal):
            self.children.append(self._child(role, []))
        return self

    def run(self, until: float | None = None) -> None:
        """Look after the processes until told to stop (SIGTERM, SIGINT) or `until` (monotonic). Raises KeepDied."""
        stop = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.append(1))
        try:
            while not stop and (until is None or time.monotonic() < until):
                self.step()
                time.sleep(0.2)
        finally:
            self.close()

    def step(self) -> None:
        """One round: restart what fell, start the looks that are due, end those that hang."""
        if self.keep.poll() is not None:
            raise KeepDied(f"keep ended with {self.keep.returncode}; everything stopped with it")
        for child in self.children:
            if child.process.poll() is not None:
                self._again(child)
        for look in list(self.looks):
            if look.process.poll() is not None:
                self.looks.remove(look)
                self._tell("child-ended", looks=list(look.argv))
            elif time.monotonic() - look.started > LONGEST_LOOK:
                look.process.kill()
        due = self._tell("due-looks") or {"start": [], "stop": []}
        for look in self.looks:
            if set(look.argv) & set(due["stop"]):
                look.process.kill()
        for look_id in due["start"]:
            self.looks.append(self._child("work", [look_id], [look_id]))

    def _tell(self, method: str, **params: object) -> Any:
        try:
            return self.channel.call(method, **params)
        except (KeepSaidNo, KeepIsGone) as why:
            sys.stderr.write(f"supervisor: {method}: {why}\n")
            return None

    def close(self) -> None:
        """End what we started: the others first, `keep` last."""
        for child in (*self.looks, *self.children):
            with contextlib.suppress(ProcessLookupError):
                child.process.terminate()
        for child in (*self.looks, *self.children):
            _wait(child.process)
        self.channel.close()
        self.control.close()
        _wait(self.keep)

    def _child(self, role: str, args: Sequence[str], looks: Sequence[str] = ()) -> Child:
        mine, its = socket.socketpair()
        with mine, its:
            _hand_over(self.control, its, role, looks)
            argv = [str(self.settings_path), str(mine.fileno()), *args]
            process = _spawn(role, argv, mine.fileno(), self.settings)
        return Child(role, args, process, time.monotonic())

    def _again(self, child: Child) -> None:
        """Start a fallen child again, slower each time it falls within a minute."""
        now = time.monotonic()
        child.falls = 0 if now - child.started > FORGIVE else child.falls
        if now - child.started < min(30.0, 0.2 * 2**child.falls):
            return
        fresh = self._child(child.role, child.argv)
        child.process, child.started = fresh.process, fresh.started
        child.falls += 1


def _own_folders(settings: Settings) -> None:
    """Give each process its own folders, where each has its own user: sealed streams are written by `collect`, read by `work`."""
    users = settings.users
    if settings.policy.listen:
        (settings.folder / POLICY).mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() != 0 or not users.apart:
        return
    readers = pwd.getpwnam(users.work).pw_gid
    owners = {"keep": (users.keep, -1), "ledger": (users.keep, -1), "run": (users.keep, -1), "books": (users.keep, -1)}
    owners |= {"collect": (users.collect, -1), "streams": (users.collect, readers), "act": (users.act, -1), "register": (users.show, -1)}
    owners |= {POLICY: (users.policy, -1)} if settings.policy.listen else {}
    for name, (user, group) in owners.items():
        home = settings.folder / name
        for path in (home, *home.rglob("*")):
            os.chown(path, pwd.getpwnam(user).pw_uid, group, follow_symlinks=False)
    (settings.folder / "streams").chmod(0o2750)


def _spawn(role: str, argv: Sequence[str], descriptor: int, settings: Settings) -> subprocess.Popen[bytes]:
    """Start a process as its own user where `run` is root's and the settings name users; else as ours."""
    apart = os.geteuid() == 0 and settings.users.apart
    name = str(getattr(settings.users, role)) if apart and role not in (HOLD, GATEWAY, PORTAL, TAP) else None
    rights: dict[str, Any] = {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []} if name else {}
    environment = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "LC_ALL", "TZ", "HOME")}
    environment["OMP_NUM_THREADS"] = "1"
    environment["PYTHONFAULTHANDLER"] = "1"
    command = [sys.executable, "-m", f"sekisho.faces.processes.{role}", *argv]
    return subprocess.Popen(command, pass_fds=[descriptor], env=environment, **rights)


def _hand_over(control: socket.socket, channel: socket.socket, role: str, looks: Sequence[str]) -> None:
    socket.send_fds(control, [json.dumps({"role": role, "looks": list(looks)}).encode()], [channel.fileno()])


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
