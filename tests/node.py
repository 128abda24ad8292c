"""A node for tests. `running`: the real five processes on a folder of its own. `thread`: `keep`'s own loop in a thread, with a clock
the test moves; whoever is tried speaks to it over a channel of its own role, as the real processes do.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from sekisho.desk import opening
from sekisho.desk.flows.accounting import AccountingLog
from sekisho.desk.flows.intake import Intake
from sekisho.desk.opening import open_world
from sekisho.desk.outside import KeepIsGone, KeepSaidNo, Outside
from sekisho.desk.public import read_public
from sekisho.desk.staff import statements
from sekisho.desk.staff.keyfile import KeyFile
from sekisho.desk.texts import adoption
from sekisho.desk.world import World
from sekisho.faces.processes import supervise
from sekisho.faces.processes.channel import Channel
from sekisho.faces.processes.keep import Keeper
from sekisho.faces.processes.supervise import KeepDied, Supervisor, _hand_over
from sekisho.faces.unsafe import demo as unsafe_demo
from sekisho.law.words import Role

EXAMPLES = unsafe_demo.EXAMPLES
FLOWS = EXAMPLES / "flows"
V9 = FLOWS / "pmacctd-v9.datagrams"
NOTICE, PICTURE = "infected-notice", "traffic-picture"
PATIENCE = 90.0
"""How long a test waits for what is a matter of seconds: the machine may be busy."""


@dataclass(frozen=True)
class Mail:
    """One envelope as a server took it."""

    to: tuple[str, ...]
    raw: bytes


@dataclass
class Sink:
    """A real SMTP server on loopback; whose name begins with `gone` is nobody there.

    While `go` is cleared it is slow to answer RCPT, while `take` is cleared, the final dot."""

    told: list[str] = field(default_factory=list)
    handed: list[str] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    go: threading.Event = field(default_factory=threading.Event)
    take: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    def open(self) -> None:
        self.go.set()
        self.take.set()

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:  # noqa: N802 - the name aiosmtpd calls
        if address.startswith("gone"):
            return "550 5.1.1 no such person"
        self.told.append(address)
        await asyncio.to_thread(self.go.wait)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - the name aiosmtpd calls
        self.handed += [str(to) for to in envelope.rcpt_tos]
        await asyncio.to_thread(self.take.wait)
        self.mails.append(Mail(tuple(str(to) for to in envelope.rcpt_tos), bytes(envelope.original_content or b"")))
        return "250 2.0.0 taken"


@contextmanager
def sink() -> Iterator[Sink]:
    server = Sink()
    server.open()
    controller = Controller(server, hostname="127.0.0.1", port=unsafe_demo.free_port())
    controller.start()
    server.port = int(controller.port)
    try:
        yield server
    finally:
        server.open()
        controller.stop()


def until(what: str, ready: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """The first true answer. Raises TimeoutError naming `what`."""
    return unsafe_demo.wait_for(what, ready, seconds)


@dataclass
class People:
    """What the demo's people do with their keys, towards `keep` on the terminal's channel."""

    place: unsafe_demo.Demo
    world: Outside
    keys: dict[str, KeyFile] = field(default_factory=dict)

    def enrol(self) -> None:
        self.keys = self.place.enrol(self.world)

    def stand(self, measure: str = NOTICE) -> list[str]:
        return unsafe_demo.stand(self.world, self.keys, self.place.book, EXAMPLES / "plans" / f"{measure}.toml")

    def register(self) -> None:
        assert unsafe_demo.import_register(self.world).lines == 9

    def adopt(self, plan: str) -> None:
        form = adoption(self.place.settings.texts, "infected-notice@1")
        value = {k: tuple(v) if isinstance(v, list) else v for k, v in form["example"].items()}
        officer = self.keys["officer"]
        now = self.world.clock()
        words = statements.evidence("text-adopted", value, NOTICE, officer.person, Role.OFFICER, form["example_document"], None, now)
        self.world.keep.call("supply", plan=plan, evidence=words, signature=officer.sign(words))

    def confirm(self, plan: str) -> list[str]:
        return unsafe_demo.confirm(self.world, self.keys["officer"], plan, "Every line found is told alike.")

    def approve(self, who: str, plan: str) -> list[str]:
        return unsafe_demo.approve(self.world, self.keys[who], plan)

    def agree(self, plan: str) -> list[str]:
        """Text, confirmation and both approvals; the permits."""
        self.adopt(plan)
        self.confirm(plan)
        return self.approve("reviewer-a", plan) + self.approve("reviewer-b", plan)

    def withdraw(self, permit: str, who: str = "officer") -> None:
        key = self.keys[who]
        words = statements.withdrawal(permit, key.person, "objection", self.world.clock())
        self.world.keep.call("withdraw", withdrawal=words, signature=key.sign(words))

    def permits(self, step: str, state: str = "in-force") -> list[dict[str, Any]]:
        return [p for p in self.world.keep.call("permits") if p["step"] == step and p["state"] == state]


@dataclass
class Node:
    """Real processes through the real supervisor."""

    place: unsafe_demo.Demo
    sink: Sink
    supervisor: Supervisor
    people: People
    root: bytes
    died: list[BaseException] = field(default_factory=list)
    going: bool = True
    paused: threading.Event = field(default_factory=threading.Event)

    @property
    def state(self) -> Path:
        return self.place.settings.folder

    @property
    def world(self) -> Outside:
        return self.people.world

    def channel(self, role: str, looks: Sequence[str] = ()) -> Channel:
        """A channel such as the supervisor gives to a process of that role."""
        mine, its = socket.socketpair()
        with its:
            _hand_over(self.supervisor.control, its, role, looks)
        return Channel(mine, 30.0)

    def pid(self, role: str) -> int:
        if role == "keep":
            return self.supervisor.keep.pid
        return next(c.process.pid for c in self.supervisor.children if c.role == role)

    def send(self, recording: Path = V9) -> int:
        until("the collector to listen", lambda: any(h["counters"].get("listening") for h in self.world.keep.call("overview")["health"]))
        return unsafe_demo.replay(recording, self.place.settings.intake.flows)

    def found(self) -> str:
        """The plan a finding asks for."""
        return str(until("a finding", lambda: asked(self.world))[0])

    def counters(self, process: str) -> Mapping[str, int]:
        return next((h["counters"] for h in self.world.keep.call("overview")["health"] if h["process"] == process), {})

    def orders(self) -> list[tuple[str, str]]:
        """(permit, state) of every order, oldest first, as `keep`'s records have them."""
        return read_records(self.state, "select permit, state from orders order by at")

    def _steps(self) -> None:
        while self.going:
            if not self.paused.is_set():
                try:
                    self.supervisor.step()
                except KeepDied as why:
                    self.died.append(why)
                    return
                except (KeepSaidNo, KeepIsGone, OSError) as why:
                    self.died.append(why)
            time.sleep(0.1)


def asked(world: Outside) -> list[str]:
    """Plans that findings ask for."""
    return [str(p["id"]) for p in world.keep.call("overview")["waiting"] if any(s["kind"] == "identify" for s in p["steps"])]


def read_records(state: Path, query: str) -> list[tuple[Any, ...]]:
    """A test looks into `keep`'s records, which nobody else can."""
    import sqlite3

    with sqlite3.connect(f"file:{state / 'keep' / 'keep.db'}?mode=ro", uri=True, timeout=10) as db:
        return list(db.execute(query))


def _logged(argv: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    with (Path(argv[3]).parent / "node.log").open("ab") as log:
        return subprocess.Popen(argv, stdout=log, stderr=log, **options)


@contextmanager
def running(folder: Path, *, change: Callable[[str], str] = str, sink_: Sink | None = None) -> Iterator[Node]:
    """Five processes, people enrolled, nothing permitted yet. What the processes print goes to `folder`/node.log."""
    supervise.subprocess = SimpleNamespace(Popen=_logged, TimeoutExpired=subprocess.TimeoutExpired)  # type: ignore[assignment] # logs are searched
    place = unsafe_demo.Demo(folder, unsafe_demo.free_port())
    with _sink(sink_) as server:
        root = place.prepare(server.port)
        place.settings_path.write_text(change(place.settings_path.read_text("utf-8")), "utf-8")
        with started(place, server, root) as node:
            node.people.enrol()
            yield node


@contextmanager
def started(place: unsafe_demo.Demo, server: Sink, root: bytes) -> Iterator[Node]:
    """The processes of a folder that is already prepared."""
    node = Node(place, server, Supervisor.start(place.settings_path, root), People(place, place.outside()), root)
    steps = threading.Thread(target=node._steps, daemon=True)
    steps.start()
    try:
        yield node
    finally:
        node.going = False
        steps.join()
        node.supervisor.close()


@contextmanager
def _sink(given: Sink | None) -> Iterator[Sink]:
    if given is not None:
        yield given
        return
    with sink() as fresh:
        yield fresh


@dataclass
class Time:
    """A clock the test moves: `pass_` moves all of it, `jump` the wall alone."""

    moved: timedelta = timedelta()
    jumped: timedelta = timedelta()

    def wall(self) -> datetime:
        return datetime.now(UTC) + self.moved + self.jumped

    def ticks(self) -> float:
        return time.monotonic() + self.moved.total_seconds()

    def pass_(self, **span: float) -> None:
        self.moved += timedelta(**span)

    def jump(self, **span: float) -> None:
        self.jumped += timedelta(**span)


@dataclass
class Desk:
    """`keep`'s own loop in a thread of this process; everybody else is the test."""

    place: unsafe_demo.Demo
    inside: World
    time: Time
    control: socket.socket
    people: People
    root: bytes

    @property
    def state(self) -> Path:
        return self.place.settings.folder

    @property
    def world(self) -> Outside:
        return self.people.world

    def channel(self, role: str, looks: Sequence[str] = ()) -> Channel:
        mine, its = socket.socketpair()
        with its:
            _hand_over(self.control, its, role, looks)
        return Channel(mine, 30.0)

    def outside(self, role: str, looks: Sequence[str] = ()) -> Outside:
        return Outside(self.place.settings, self.channel(role, looks), read_public(self.state), self.time.wall)

    def intake(self, accounting: bool = True) -> Intake:
        """The collector's inside, with the recorded accounting log."""
        log = AccountingLog(EXAMPLES / "radius" / "detail", self.state / "collect" / "accounting.json") if accounting else None
        intake = Intake(self.outside("collect"), log)
        intake.renew()
        return intake

    def hear(self, intake: Intake, recording: Path = V9) -> None:
        now = int(self.time.wall().timestamp() * 1000)
        for payload in unsafe_demo.recorded(recording):
            intake.feed(("127.0.0.1", 5000), payload, now)
        for _ in range(3):
            intake.turn()

    def due(self) -> list[str]:
        """Looks for which a child should start."""
        return list(self.channel("supervisor").call("due-looks")["start"])


@contextmanager
def thread(folder: Path, *, change: Callable[[str], str] = str, when: Time | None = None) -> Iterator[Desk]:
    """A new installation served by a thread; people enrolled, nothing permitted yet."""
    place = unsafe_demo.Demo(folder, unsafe_demo.free_port())
    root = place.prepare(25)
    place.settings_path.write_text(change(place.settings_path.read_text("utf-8")), "utf-8")
    with serving(place, root, when) as desk:
        desk.people.enrol()
        yield desk


@contextmanager
def ticking(when: Time) -> Iterator[None]:
    """`keep`'s world opens with the test's clock in the place of the machine's; what it does with it is its own."""
    before = opening.Clock
    opening.Clock = partial(before, wall=when.wall, ticks=when.ticks)  # type: ignore[assignment,misc] # the same class, two arguments filled
    try:
        yield
    finally:
        opening.Clock = before  # type: ignore[misc] # put back


@contextmanager
def serving(place: unsafe_demo.Demo, root: bytes, when: Time | None = None) -> Iterator[Desk]:
    """`keep`'s loop over a folder that is there, on a clock the test moves."""
    when = when or Time()
    with ticking(when):
        world = open_world(place.settings, root)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    keeper = Keeper(world, theirs, None)
    loop = threading.Thread(target=keeper.run, daemon=True)
    loop.start()
    mine, its = socket.socketpair()
    with its:
        _hand_over(ours, its, "terminal", ())
    people = People(place, Outside(place.settings, Channel(mine, 30.0), read_public(place.settings.folder), when.wall))
    with suppress(FileNotFoundError):
        people.keys = place.keys()
    try:
        yield Desk(place, world, when, ours, people, root)
    finally:
        ours.close()
        loop.join(10)
        theirs.close()
        world.log.close()
        world.vault.close()


def no(call: Callable[[], object]) -> str:
    """The code `keep` refuses with. Fails when it does not."""
    try:
        answer = call()
    except KeepSaidNo as why:
        return why.code
    raise AssertionError(f"it was allowed: {answer!r}"[:300])


def kill(pid: int, number: int = 9) -> None:
    """A process that this test started."""
    os.kill(pid, number)
