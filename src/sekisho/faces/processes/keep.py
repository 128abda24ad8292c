"""The process that holds the keys: hears requests on its channels, lets the desk answer, and writes the ledger before it answers.

Requests that arrive together are answered together, after one ledger write. A role may call only what `methods` lists for it.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sekisho.desk.books import BookGone
from sekisho.desk.cases import procedure_remind
from sekisho.desk.catch_up import RecordsAhead
from sekisho.desk.config import read_settings
from sekisho.desk.consent import consent_withdraw
from sekisho.desk.flows import forget
from sekisho.desk.incidents import rungs
from sekisho.desk.open_records import RecordsOfAnother
from sekisho.desk.opening import open_world
from sekisho.desk.optin import lapse as invitations_lapse
from sekisho.desk.permitting import remeasure, retire
from sekisho.desk.viewing import watch as viewing_watch
from sekisho.desk.world import Caller, LedgerRefuses, No, World
from sekisho.faces.processes.channel import HEAD, LONGEST, TooLong, frame
from sekisho.faces.processes.confine import confine, report, without_network
from sekisho.faces.processes.methods import METHODS
from sekisho.law.canonical import plain
from sekisho.law.casebook import CasebookError
from sekisho.law.package import PackageError
from sekisho.law.reading import ReadingError, read

TICK = 1.0
REMEASURE = 1.0
AT_ONCE = 0.1
"""Seconds of measuring in one turn: some ten plans; the others come in the next turns, one after another."""
FORGET = 60.0
REMIND = 10.0
ACCEPT_CLOCK = "--accept-clock"
SLOW_READER = 64 << 20


@dataclass(eq=False)
class Line:
    """One channel: who is at the other end, and bytes half read or half sent."""

    sock: socket.socket
    caller: Caller
    got: bytearray = field(default_factory=bytearray)
    owed: bytearray = field(default_factory=bytearray)

    def next(self) -> dict[str, Any] | None:
        """The first whole request received, taken out. Raises ValueError for what is no request: the channel is then closed."""
        if not self.ready():
            return None
        (length,) = HEAD.unpack_from(self.got)
        message = json.loads(bytes(self.got[HEAD.size : HEAD.size + length]))
        del self.got[: HEAD.size + length]
        if not isinstance(message, dict) or not isinstance(message.get("method"), str):
            raise ValueError("request")
        return message

    def ready(self) -> bool:
        """Whether a whole request lies here. Raises ValueError for one that is longer than any may be."""
        if len(self.got) < HEAD.size:
            return False
        length: int = HEAD.unpack_from(self.got)[0]
        if length > LONGEST:
            raise ValueError(length)
        return len(self.got) >= HEAD.size + length


class Keeper:
    """The loop. `control` is the supervisor's channel: it alone may bring new channels, and only while it lives do we."""

    def __init__(self, world: World, control: socket.socket, door: socket.socket | None) -> None:
        self.world = world
        self.selector = selectors.DefaultSelector()
        self.control, self.door = control, door
        control.setblocking(False)
        self.selector.register(control, selectors.EVENT_READ, "control")
        if door is not None:
            self.selector.register(door, selectors.EVENT_READ, "door")
        self.going = True
        self.waiting: list[Line] = []
        self.remeasure_at = time.monotonic() + REMEASURE
        self.forget_at = self.remind_at = time.monotonic()

    def run(self) -> None:
        due = 0.0
        while self.going:
            more, self.waiting = self.waiting, []
            events = self.selector.select(timeout=0 if more else max(0.0, min(TICK, due - time.monotonic())))
            asked = [pair for key, mask in events for pair in self._heard(key, mask)]
            asked += [pair for line in more if line not in self.waiting for pair in self._receive(line)]
            tick = time.monotonic() >= due
            if tick:
                due = time.monotonic() + TICK
            if asked or tick:
                self._turn(asked, tick=tick)

    def _heard(self, key: selectors.SelectorKey, mask: int) -> list[tuple[Line, dict[str, Any]]]:
        """Nothing that comes by one channel ends the others: what cannot be taken in is dropped with its channel."""
        try:
            return self._event(key, mask)
        except Exception as fault:  # noqa: BLE001 - one bad message must not end the only process that holds the keys
            say_fault("receive", fault)
            if isinstance(key.data, Line):
                self._drop(key.data)
            return []

    def _event(self, key: selectors.SelectorKey, mask: int) -> list[tuple[Line, dict[str, Any]]]:
        if key.data == "control":
            self._new_channel()
            return []
        if key.data == "door":
            self._knock()
            return []
        line: Line = key.data
        if mask & selectors.EVENT_WRITE:
            self._send(line)
        return self._receive(line) if mask & selectors.EVENT_READ else []

    def _new_channel(self) -> None:
        """One datagram: {"role", "looks"} and the channel's socket. An empty one means the supervisor is gone."""
        message, fds, _, _ = socket.recv_fds(self.control, 65536, 1)
        if not message:
            self.going = False
            return
        said = json.loads(message)
        self._add(socket.socket(fileno=fds[0]), Caller(said["role"], frozenset(said.get("looks", ()))))

    def _knock(self) -> None:
        """Somebody at the operator's terminal: least rights, every authority is in the signatures they bring."""
        if self.door is not None:
            sock, _ = self.door.accept()
            self._add(sock, Caller("terminal"))

    def _add(self, sock: socket.socket, caller: Caller) -> None:
        sock.setblocking(False)
        self.selector.register(sock, selectors.EVENT_READ, Line(sock, caller))

    def _receive(self, line: Line) -> list[tuple[Line, dict[str, Any]]]:
        """One request of a channel at a time: whoever asks much waits for the others. Nothing is read while more lies here."""
        try:
            if not line.ready():
                part = line.sock.recv(1 << 20)
                if not part:
                    raise EOFError
                line.got += part
            message = line.next()
            if line.ready():
                self.waiting.append(line)
        except BlockingIOError:
            return []
        except (OSError, ValueError, RecursionError, EOFError):
            self._drop(line)
            return []
        return [(line, message)] if message is not None else []

    def _drop(self, line: Line) -> None:
        try:
            self.selector.unregister(line.sock)
        except (KeyError, ValueError):
            return
        line.sock.close()
        line.got.clear()

    def _turn(self, asked: list[tuple[Line, dict[str, Any]]], *, tick: bool) -> None:
        answers: list[tuple[Line, object]] = []
        try:
            with self.world.turn():
                if tick:
                    self._keep_house()
                answers = [(line, self._answer(line, message)) for line, message in asked]
        except LedgerRefuses as why:
            sys.stderr.write(f"keep: the ledger refuses: {why}\n")
            answers = [(line, _error("ledger-refuses")) for line, _ in asked]
        except Exception as fault:  # noqa: BLE001 - a broken disk under the records is no reason to fall silent
            say_fault("turn", fault)
            answers = [(line, _error("fault", kind=type(fault).__name__)) for line, _ in asked]
        for line, answer in answers:
            line.owed += _framed(answer)
            self._send(line)

    def _keep_house(self) -> None:
        """Every second what is over ends; every few seconds what was measured is measured again. One that fails hinders nobody else."""
        self.world.caller = Caller("keep")
        chores: list[tuple[Callable[[World, Any], Any], object]] = [(retire.carry_out, retire.Retire())]
        if time.monotonic() >= self.remeasure_at:
            self.remeasure_at = time.monotonic() + REMEASURE
            chores.append((remeasure.carry_out, remeasure.Remeasure(AT_ONCE)))
        if time.monotonic() >= self.forget_at:
            self.forget_at = time.monotonic() + FORGET
            chores += [(forget.carry_out, forget.Forget()), (consent_withdraw.lapse, consent_withdraw.Lapse())]
            chores += [(invitations_lapse.carry_out, invitations_lapse.Lapse()), (viewing_watch.lapse, viewing_watch.Lapse())]
        if time.monotonic() >= self.remind_at:
            self.remind_at = time.monotonic() + REMIND
            chores += [(procedure_remind.carry_out, procedure_remind.Remind()), (rungs.carry_out, rungs.CallRungs())]
        for chore, request in chores:
            try:
                self._one(chore, request)
            except No as no:
                sys.stderr.write(f"keep: {chore.__module__}: {no.code}\n")
            except Exception as fault:  # noqa: BLE001 - nothing a peer sends may end this process
                say_fault(chore.__module__, fault)

    def _answer(self, line: Line, message: dict[str, Any]) -> object:
        method = METHODS.get(message["method"])
        if method is None or line.caller.role not in method.roles:
            return _error("not-for-this-role", method=message["method"][:64], role=line.caller.role)
        self.world.caller = line.caller
        try:
            request = read(method.request, message.get("params", {}))
            return {"result": plain(self._one(method.use_case, request))}
        except No as no:
            return _error(no.code, **no.detail)
        except ReadingError as why:
            return _error("not-a-request", where=why.path, why=why.code)
        except Exception as fault:  # noqa: BLE001 - one bad request must not end the only process that holds the keys
            say_fault(message["method"][:64], fault)
            return _error("fault", method=message["method"][:64], kind=type(fault).__name__)

    def _one(self, use_case: Callable[[World, Any], Any], request: object) -> object:
        with self.world.request():
            return use_case(self.world, request)

    def _send(self, line: Line) -> None:
        try:
            while line.owed:
                sent = line.sock.send(line.owed)
                del line.owed[:sent]
        except BlockingIOError:
            pass
        except OSError:
            self._drop(line)
            return
        if len(line.owed) > SLOW_READER:
            self._drop(line)
            return
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if line.owed else 0)
        self.selector.modify(line.sock, wanted, line)


def _error(code: str, **detail: object) -> dict[str, Any]:
    return {"error": {"code": code, "detail": plain(detail)}}


def _framed(answer: object) -> bytes:
    """The answer, or that it cannot be told."""
    try:
        return frame(answer)
    except TooLong:
        return frame(_error("answer-too-large"))
    except Exception as fault:  # noqa: BLE001 - as in a request
        say_fault("answer", fault)
        return frame(_error("fault", kind=type(fault).__name__))


def say_fault(what: str, fault: BaseException) -> None:
    """Kind and place, never the values: they may be the very ones nobody may read, and this goes to a log file."""
    places = [f"{Path(f.filename).name}:{f.lineno}" for f in traceback.extract_tb(fault.__traceback__)[-4:]]
    sys.stderr.write(f"keep: {what!a}: {type(fault).__name__} at {' '.join(places)}\n")


def open_door(path: Path) -> socket.socket:
    """The operator's door: a socket in the file system, for the owner only."""
    path.unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        door.bind(str(path))
    finally:
        os.umask(before)
    door.listen(16)
    return door


def main() -> None:
    """Started by the supervisor: settings path, control descriptor; the root key is the first message on it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    settings = read_settings(Path(sys.argv[1]))
    control = socket.socket(fileno=int(sys.argv[2]))
    root = control.recv(64)
    network = without_network()
    files = confine(
        read=[settings.book, settings.texts, settings.folder, *settings.lists, *([settings.cards] if settings.cards else [])],
        write=[settings.folder / name for name in ("keep", "ledger", "run", "streams", "books")],
    )
    report("keep", network=network, files=files)
    try:
        world = open_world(settings, root, accept_clock=ACCEPT_CLOCK in sys.argv[3:])
    except (RecordsAhead, RecordsOfAnother, LedgerRefuses, BookGone, CasebookError, PackageError) as why:
        raise SystemExit(f"keep: {why}") from None
    keeper = Keeper(world, control, open_door(settings.folder / "run" / "keep.sock"))
    signal.signal(signal.SIGTERM, lambda *_: setattr(keeper, "going", False))
    control.send(b"ready")
    keeper.run()
    world.log.close()
    world.vault.close()


if __name__ == "__main__":
    main()
