"""The demo's conference hall: `keep`'s own loop on a clock that is wound, the real console, and attendees who do not exist.

Two days pass in a minute. A folder like this is worth nothing as evidence, and says so: its people's keys are unsafe by name.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from sekisho.desk.case_words import CaseMove
from sekisho.desk.clock import Clock
from sekisho.desk.event.box import Answers, Box, carry_out, read_answers
from sekisho.desk.event.name_tap import NameTap
from sekisho.desk.event.panels import PANELS
from sekisho.desk.opening import open_world
from sekisho.desk.outside import Outside
from sekisho.desk.public import read_public
from sekisho.desk.staff.keyfile import KeyFile
from sekisho.faces.processes.channel import Channel
from sekisho.faces.processes.keep import Keeper
from sekisho.faces.unsafe import demo as unsafe_demo
from sekisho.faces.words.say import Chosen
from sekisho.law.words import Value

EVENT = "Example Conference (unsafe demo)"
OPENS = 9
"""O'clock, in Japan."""
JAPAN = ZoneInfo("Asia/Tokyo")
PATIENCE = 60.0
MOMENT = 0.0001
TRIES = 5
"""Seconds."""

SETTINGS = f"""
[event]
name = "{EVENT}"
[portal]
listen = "[::]:8088"
url = "https://wifi.example/"
interface = "wifi0"
ssid = "Conference"
"""
Said = Mapping[str, Any]


def settings() -> str:
    """What the node's settings say of the event. No process of the portal runs: devices are made up."""
    return SETTINGS


class Wound:
    """A clock that stands but for a moment at each look, so that no two signed words are alike, and goes on when it is wound.

    `keep` reads wall and ticks of the same moment, however it is wound meanwhile. A slow machine changes nothing of the story.
    """

    def __init__(self) -> None:
        day = datetime.now(JAPAN) + timedelta(days=1)
        self._from = day.replace(hour=OPENS, minute=0, second=0, microsecond=0).astimezone(UTC)
        self._passed = 0.0
        self._read = 0.0

    def pass_(self, **span: float) -> None:
        self._passed += timedelta(**span).total_seconds()

    def now(self) -> datetime:
        self._passed += MOMENT
        return self._from + timedelta(seconds=self._passed)

    def wall(self) -> datetime:
        """For `keep` alone, which reads `ticks` after it."""
        self._passed += MOMENT
        self._read = self._passed
        return self._from + timedelta(seconds=self._read)

    def ticks(self) -> float:
        return self._read

    @property
    def day(self) -> int:
        return (self.now().astimezone(JAPAN).date() - self._from.astimezone(JAPAN).date()).days + 1


@dataclass
class Hall:
    """The installation. `control` brings channels to `keep`, each of one role; `keys`: of the five people."""

    place: unsafe_demo.Demo
    time: Wound
    control: socket.socket
    keys: dict[str, KeyFile] = field(default_factory=dict)
    seconds: int = 0
    channels: dict[str, Channel] = field(default_factory=dict)

    def channel(self, role: str) -> Channel:
        """As the supervisor gives it to a process of that role; one for each."""
        if role not in self.channels:
            mine, its = socket.socketpair()
            with its:
                hand_over(self.control, its, role)
            self.channels[role] = Channel(mine, PATIENCE)
        return self.channels[role]

    def outside(self, role: str = "terminal") -> Outside:
        return Outside(self.place.settings, self.channel(role), read_public(self.place.settings.folder), self.time.now)

    def call(self, method: str, role: str = "terminal", **params: object) -> Any:
        return self.channel(role).call(method, **params)

    def signed(self, method: str, who: str, word: str, words: Any) -> Any:
        """`words` are handed in under the name `word`, with the signature of that person."""
        return self.channel("terminal").call(method, **{word: words}, signature=self.keys[who].sign(words))

    # What people do

    def answers(self) -> Answers:
        """What a volunteer answers: the demo's people, two days from the day this clock began, every panel."""
        first = self.time.now().astimezone(JAPAN).date()
        names = {who: name for who, (name, _) in unsafe_demo.PEOPLE.items()}
        return replace(
            read_answers(unsafe_demo.EXAMPLES / "event.toml"),
            event=EVENT,
            first_day=first,
            last_day=first + timedelta(days=1),
            organiser=self.place.settings.operator.name,
            officer=names["officer"],
            reviewers=(names["reviewer-a"], names["reviewer-b"]),
            network=(names["engineer"],),
            panels=tuple(PANELS),
        )

    @property
    def papers(self) -> Path:
        return self.place.folder / "event"

    def box(self) -> list[str]:
        """The event in its box; what it wrote."""
        made = carry_out(Box(self.answers(), self.place.settings.texts, self.time.now().astimezone(JAPAN).date()))
        for path, content in made.items():
            (self.papers / path).parent.mkdir(parents=True, exist_ok=True)
            (self.papers / path).write_bytes(content)
        return sorted(made)

    def plan(self, name: str, **changed: int) -> Path:
        """A copy of an example among the event's papers, with some of its numbers changed."""
        shutil.copytree(unsafe_demo.EXAMPLES / "papers", self.papers / "papers", dirs_exist_ok=True)
        path = self.papers / "plans" / f"{name}.toml"
        path.parent.mkdir(exist_ok=True)
        lines = (unsafe_demo.EXAMPLES / "plans" / path.name).read_text(encoding="utf-8").splitlines()
        lines = [f"{key} = {changed[key]}" if (key := line.partition(" = ")[0]) in changed else line for line in lines]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def lay(self, plan: Path) -> str:
        return unsafe_demo.lay_before(self.outside(), self.keys, self.place.book, plan)

    def approve(self, plan: str, who: str) -> list[str]:
        return unsafe_demo.approve(self.outside(), self.keys[who], plan)

    def stand(self, plan: Path) -> list[str]:
        """Laid before both reviewers and approved; the permits."""
        laid = self.lay(plan)
        return [permit for who in ("reviewer-a", "reviewer-b") for permit in self.approve(laid, who)]

    def permit(self, step: str) -> str:
        return str(next(p["id"] for p in self.call("permits") if p["step"] == step and p["state"] == "in-force"))

    def settle(self, number: str, move: str, words: str) -> str:
        """A named person of the window's staff answers a case; how it stands then."""
        case = next(c for c in self.call("cases", shown="open")["cases"] if c["number"] == number)
        told = self.call("case", matter=case["id"])
        key = self.keys["officer"]
        said = CaseMove(case["id"], move, told["events"], {"answer": words}, key.person, self.time.now())
        return str(self.signed("move-case", "officer", "move", said)["state"])

    # What visitors do

    def knock(self, door: str, **facts: Value) -> Said:
        """Somebody writes at a door, without an account. {"number", "code"}."""
        return dict(self.call("knock", "show", door=door, facts=facts, files=[], language=Chosen.language))

    def page(self, device: int = -1) -> Said:
        return dict(self.call("portal-page", "portal", hardware=hardware(device) if device >= 0 else ""))

    def answer(self, device: int, *agreed: str) -> None:
        """A device answers the portal: agreed, or with nothing in it a no to every question."""
        digests = {o["purpose"]: o["digest"][Chosen.language] for o in self.page()["offers"]}
        told = {"shown": digests, "language": Chosen.language}
        self.channel("portal").call("answer-portal", hardware=hardware(device), agreed=list(agreed), **told)

    def count(self, devices: int, seconds: int = 5) -> None:
        """So many seconds of counters, as a collector reads them off a venue with so many devices."""
        permit = self.permit("count")
        for _ in range(seconds):
            self.time.pass_(seconds=1)
            self.seconds += 1
            self.call("tell-counters", "collect", permit=permit, values=reading(self.seconds, devices))

    def board(self) -> dict[str, Said]:
        return {p["name"]: p for p in self.call("board", "show")["panels"]}

    def states(self) -> dict[str, str]:
        return {name: str(panel["state"]) for name, panel in self.board().items()}

    def web(self, path: str) -> str:
        """What the console serves to anybody."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.place.port}{path}", headers={"Accept-Language": Chosen.language})
        with urllib.request.urlopen(request, timeout=20) as found:  # noqa: S310 - our own console, on this machine
            return bytes(found.read()).decode()


class Tap:
    """What `tap` does with the resolver's stream, on look-ups that nobody made."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.names = NameTap(hall.outside("tap"))
        self.names.clock = hall.time.now  # type: ignore[assignment] # a clock all the same; the machine's own is not wound
        self.turn()

    def turn(self) -> None:
        """A lease lives for seconds: on a machine that was busy for so long it is asked for again."""
        for _ in range(TRIES):
            if self.names.hear():
                break
        self.names.turn()

    def ask(self, name: str, devices: Sequence[int]) -> None:
        clients = [bytes([198, 51, 100 + (n >> 8), n & 255]) for n in devices]
        neighbours = {f"198.51.{100 + (n >> 8)}.{n & 255}": hardware(n) for n in devices}
        self.names.take(pa.table({"client": clients, "name": [name] * len(clients)}), neighbours)


def hardware(device: int) -> str:
    return f"02:00:00:00:{device >> 8:02x}:{device & 255:02x}"


def reading(second: int, devices: int) -> dict[str, int]:
    """Counters since the hall opened: every device does a little every second; four of them sit in the lounge."""
    each = {"octets.in": 30_000, "octets.out": 3000, "queries": 0.5, "queries.ipv6": 0.2, "cache.hits": 0.4, "cache.misses": 0.1}
    each |= {"qtype.A": 0.3, "qtype.AAAA": 0.15, "qtype.HTTPS": 0.05}
    grown = {name: int(rate * devices * second) for name, rate in each.items()}
    lounge = min(4, devices)
    return {**grown, "devices": devices, "zone.hall": devices - lounge, "zone.lounge": lounge}


def hand_over(control: socket.socket, channel: socket.socket, role: str) -> None:
    socket.send_fds(control, [json.dumps({"role": role, "looks": []}).encode()], [channel.fileno()])


@contextmanager
def opened(place: unsafe_demo.Demo) -> Iterator[Hall]:
    """A hall of its own; the people are enrolled, the console answers, and nothing is permitted yet."""
    root = place.prepare(25)
    when = Wound()
    world = open_world(place.settings, root, accept_clock=True, made=partial(Clock, wall=when.wall, ticks=when.ticks))
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    loop = threading.Thread(target=Keeper(world, theirs, None).run, daemon=True)
    loop.start()
    hall = Hall(place, when, ours)
    try:
        hall.keys = place.enrol(hall.outside())
        with _console(hall):
            yield hall
    finally:
        ours.close()
        loop.join(10)
        theirs.close()
        world.log.close()
        world.vault.close()


@contextmanager
def _console(hall: Hall) -> Iterator[None]:
    """The real process that shows pages, on a channel of its role."""
    mine, its = socket.socketpair()
    with mine, its:
        hand_over(hall.control, its, "show")
        command = [sys.executable, "-m", "sekisho.faces.processes.show", str(hall.place.settings_path), str(mine.fileno())]
        environment = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "LC_ALL", "TZ", "HOME")}
        process = subprocess.Popen(command, pass_fds=[mine.fileno()], env=environment)
    try:
        unsafe_demo.wait_for("the console", lambda: process.poll() is not None or not unsafe_demo.is_free(hall.place.port))
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
