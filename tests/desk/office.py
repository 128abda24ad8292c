"""A whole installation in one process: a real world of `keep`, people with key files, a clock the test winds by hand.

`Channel` hands requests over as JSON through the table of methods, exactly as `keep` reads them from its sockets.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lab import datagrams
from sekisho.desk.clock import Clock
from sekisho.desk.config import read_settings
from sekisho.desk.draft import Draft, read_draft
from sekisho.desk.flows import carry_out
from sekisho.desk.flows import lines as register
from sekisho.desk.flows.accounting import AccountingLog
from sekisho.desk.flows.intake import Intake
from sekisho.desk.flows.order import Waiting
from sekisho.desk.opening import begin, open_world
from sekisho.desk.outside import KeepSaidNo, Outside
from sekisho.desk.public import read_public
from sekisho.desk.settings import Settings
from sekisho.desk.signed_words import Invite
from sekisho.desk.staff import statements
from sekisho.desk.staff.keyfile import KeyFile, read_key
from sekisho.desk.texts import adoption
from sekisho.desk.world import Caller, No, World
from sekisho.faces.processes.methods import METHODS
from sekisho.law.canonical import plain
from sekisho.law.reading import ReadingError, read
from sekisho.law.words import Evidence, Role
from tests.conftest import ROOT

EXAMPLES = ROOT / "examples"
THEN = datetime(2026, 11, 21, 20, 50, tzinfo=UTC)
ROOT_KEY = bytes(range(32))
PEOPLE: Mapping[str, Role] = {
    "engineer": Role.ENGINEER,
    "desk": Role.DESK,
    "officer": Role.OFFICER,
    "reviewer-a": Role.REVIEWER,
    "reviewer-b": Role.REVIEWER,
    "auditor": Role.AUDITOR,
}
BY_ROLE = {Role.DESK: "desk", Role.OFFICER: "officer", Role.REVIEWER: "reviewer-a", Role.ENGINEER: "engineer"}


@contextmanager
def refused(code: str) -> Iterator[pytest.ExceptionInfo[KeepSaidNo]]:
    """`keep` says no, with this code."""
    with pytest.raises(KeepSaidNo) as why:
        yield why
    assert why.value.code == code


@dataclass
class Watch:
    """A clock the test winds: wall time and ticks go together unless it is made to jump."""

    at: datetime = THEN
    ticked: float = 0.0

    def wind(self, **by: float) -> None:
        self.at += timedelta(**by)
        self.ticked += timedelta(**by).total_seconds()

    def jump(self, **by: float) -> None:
        self.at += timedelta(**by)

    def wall(self) -> datetime:
        return self.at

    def ticks(self) -> float:
        return self.ticked


@dataclass
class Channel:
    """One end of a channel to `keep`, of the role and looks it was made for. Raises KeepSaidNo."""

    world: World
    role: str
    looks: frozenset[str] = frozenset()

    def call(self, method: str, **params: object) -> Any:
        asked = METHODS[method]
        if self.role not in asked.roles:
            raise KeepSaidNo("not-for-this-role", {"method": method, "role": self.role})
        try:
            request = read(asked.request, json.loads(json.dumps(plain(params))))
        except ReadingError as why:
            raise KeepSaidNo("not-a-request", {"where": why.path}) from why
        refused: No | None = None
        with self.world.turn():
            self.world.caller = Caller(self.role, self.looks)
            try:
                with self.world.request():
                    found = plain(asked.use_case(self.world, request))
            except No as no:
                refused = no
        if refused is not None:
            raise KeepSaidNo(refused.code, plain(refused.detail))
        return json.loads(json.dumps(found))


@dataclass
class Office:
    """The installation and its people. Open once per test; `close` and `reopen` are a restart."""

    home: Path
    watch: Watch = field(default_factory=Watch)
    keys: dict[str, KeyFile] = field(default_factory=dict)
    world: World = field(init=False)

    @property
    def settings(self) -> Settings:
        return read_settings(self.home / "sekisho.toml")

    def found(self, **changed: str) -> Office:
        """Make it, and enrol its people with key files."""
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "sekisho.toml").write_text(settings_text(**changed), encoding="utf-8")
        codes = begin(self.settings, ROOT_KEY, [Invite(who, frozenset({role}), "init", self.watch.at) for who, role in PEOPLE.items()])
        self.open()
        (self.home / "people").mkdir()
        for who, code in zip(PEOPLE, codes, strict=True):
            private = Ed25519PrivateKey.generate()
            person = self.terminal.call("enrol", code=code, key_kind="file", public_key=private.public_key().public_bytes_raw())
            self.keys[who] = KeyFile(person, private)
            self.keys[who].write(self.home / "people" / f"{who}.key")
        return self

    def found_alone(self) -> Office:
        """Make it with one person, who has every role and signs under every name."""
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "sekisho.toml").write_text(settings_text(), encoding="utf-8")
        (code,) = begin(self.settings, ROOT_KEY, [Invite("solo", frozenset(PEOPLE.values()), "init", self.watch.at)])
        self.open()
        private = Ed25519PrivateKey.generate()
        person = self.terminal.call("enrol", code=code, key_kind="file", public_key=private.public_key().public_bytes_raw())
        self.keys |= dict.fromkeys(PEOPLE, KeyFile(person, private))
        return self

    def open(self) -> Office:
        self.world = open_world(self.settings, ROOT_KEY)
        self.world.clock = Clock(None, self.watch.wall, self.watch.ticks)
        self.world.vault._clock = self.world.clock.now
        self.keys = {p.stem: read_key(p) for p in (self.home / "people").glob("*.key")} if (self.home / "people").is_dir() else {}
        return self

    def close(self) -> None:
        self.world.log.close()
        self.world.vault.close()
        self.world.engine.dispose()

    def reopen(self) -> Office:
        self.close()
        return self.open()

    def copied(self, to: Path) -> Office:
        """Another office in a copy of this folder, as a backup is restored."""
        return self.copied_closed(to).open()

    def copied_closed(self, to: Path) -> Office:
        shutil.copytree(self.home, to, dirs_exist_ok=True)
        return Office(to, Watch(self.watch.at, self.watch.ticked))

    def channel(self, role: str, *looks: str) -> Channel:
        return Channel(self.world, role, frozenset(looks))

    @property
    def terminal(self) -> Channel:
        return self.channel("terminal")

    def outside(self, role: str, *looks: str) -> Outside:
        return Outside(self.settings, self.channel(role, *looks), read_public(self.settings.folder), self.watch.wall)

    @contextmanager
    def turn(self, role: str = "keep") -> Iterator[World]:
        with self.world.turn():
            self.world.caller = Caller(role)
            yield self.world

    # What people do, each in one line of a test.

    def draft(self, name: str = "infected-notice", who: str = "engineer") -> Draft:
        operator = self.settings.operator
        book = self.world.book
        return read_draft(
            EXAMPLES / "plans" / f"{name}.toml",
            actor=operator.name,
            regime=operator.regime,
            proposer=self.keys[who].person,
            day=book.day(self.watch.at),
            now=self.watch.at,
        )

    def propose(self, name: str = "infected-notice", who: str = "engineer") -> str:
        key, draft = self.keys[who], self.draft(name, who)
        return str(self.terminal.call("propose", plan=draft.plan, signature=key.sign(draft.plan))["plan"])

    def papers(self, name: str = "infected-notice") -> list[tuple[KeyFile, Evidence]]:
        draft = self.draft(name)
        kinds = {n: k.vouchers for n, k in self.world.book.kinds.items()}
        purpose = draft.plan.steps[0].purpose
        at = self.watch.at - timedelta(seconds=1)
        return [(k, p.laid_in(purpose, k.person, at, kinds)) for p in draft.papers for k in [self.keys[BY_ROLE[p.role]]]]

    def supply(self, plan: str, name: str = "infected-notice") -> list[str]:
        permits: list[str] = []
        for key, evidence in self.papers(name):
            permits += self.terminal.call("supply", plan=plan, evidence=evidence, signature=key.sign(evidence))["permits"]
        return permits

    def confirm(self, plan: str, who: str = "officer", **changed: Any) -> list[str]:
        said, key = self.terminal.call("plan", plan=plan), self.keys[who]
        permits: list[str] = []
        for case in said["confirmable"]:
            until = self.watch.at + timedelta(days=180)
            rule, now = said["rules"][case], self.watch.at
            words = statements.confirmation(case, said["measure"], said["book"], "read the source", key.person, until, now, rule=rule)
            words = replace(words, **changed)
            permits += self.terminal.call("confirm", confirmation=words, signature=key.sign(words))["permits"]
        return permits

    def approve(self, plan: str, who: str) -> list[str]:
        said, key = self.terminal.call("plan", plan=plan), self.keys[who]
        words = statements.approval(plan, said["shown"], key.person, self.watch.at)
        return list(self.terminal.call("review", approval=words, signature=key.sign(words))["permits"])

    def withdraw(self, permit: str, who: str = "officer", reason: str = "objection") -> list[str]:
        key = self.keys[who]
        words = statements.withdrawal(permit, key.person, reason, self.watch.at)
        return list(self.terminal.call("withdraw", withdrawal=words, signature=key.sign(words))["permits"])

    def stand(self, name: str = "infected-notice") -> dict[str, str]:
        """A standing plan, all the way to its permits: step to permit id."""
        plan = self.propose(name)
        self.supply(plan, name)
        self.confirm(plan)
        self.approve(plan, "reviewer-a")
        self.approve(plan, "reviewer-b")
        return {p["step"]: p["id"] for p in self.permits() if p["plan"] == plan}

    def act(self) -> list[str]:
        """What `act` does with the orders that wait; how each ended."""
        outside, ended = self.outside("act"), []
        for order in outside.keep.call("orders"):
            waiting = read(Waiting, order)
            with ThreadPoolExecutor(1) as beside:  # a browser's own loop may run in this thread
                done = beside.submit(asyncio.run, carry_out.carry_out(outside, carry_out.CarryOut(waiting))).result(60)
            outside.keep.call("done", order=waiting.id, outcome=done.outcome, reply=done.reply)
            ended.append(done.outcome)
        return ended

    def permits(self) -> list[dict[str, Any]]:
        return list(self.terminal.call("permits"))

    def intake(self) -> Intake:
        """A collector of this office, before it has asked what it may keep."""
        settings = self.settings
        log = AccountingLog(settings.intake.accounting, settings.folder / "collect" / "accounting.json")
        return Intake(self.outside("collect"), log)

    def collect(self, recording: str = "pmacctd-v9") -> Counter[str]:
        """Everything of a recording and of the accounting log, as a collector takes it; its counters."""
        intake = self.intake()
        intake.renew()
        feed(intake, recording)
        intake.turn()
        intake.turn()
        intake.close()
        return Counter(intake.totals())

    def look(self) -> str:
        """One look of every standing permit that looks; its name."""
        from sekisho.faces.processes import work

        (look,) = self.channel("supervisor").call("due-looks")["start"]
        work.look(self.outside("work", look), look)
        return str(look)

    def find(self) -> str:
        """Traffic comes in, a look finds: the plan that waits."""
        register.carry_out(self.outside("terminal"), register.ImportLines(EXAMPLES / "lines.csv"))
        self.collect()
        self.look()
        return str(next(w["id"] for w in self.terminal.call("overview")["waiting"]))

    def adopt(self, plan: str, measure: str = "infected-notice") -> None:
        """The officer adopts the text the plan wants to send."""
        key, form = self.keys["officer"], adoption(self.settings.texts, f"{measure}@1")
        value = {k: tuple(v) if isinstance(v, list) else v for k, v in form["example"].items()}
        words = statements.evidence(
            "text-adopted", value, measure, key.person, Role.OFFICER, form["example_document"], None, self.watch.at
        )
        self.terminal.call("supply", plan=plan, evidence=words, signature=key.sign(words))

    def permit_notice(self) -> dict[str, list[str]]:
        """From traffic to permits for identify and notify: step to permit ids."""
        plan = self.find()
        self.adopt(plan)
        self.confirm(plan)
        self.approve(plan, "reviewer-a")
        self.approve(plan, "reviewer-b")
        mine = [p for p in self.permits() if p["plan"] == plan]
        return {s: [p["id"] for p in mine if p["step"] == s] for s in ("identify", "notify")}


def feed(intake: Intake, recording: str) -> int:
    """Hand a recording's datagrams to a collector; how many."""
    recorded = list(datagrams.read(EXAMPLES / "flows" / f"{recording}.datagrams"))
    for datagram in recorded:
        intake.feed(("192.0.2.1", datagram.port), memoryview(datagram.data), datagram.at)
    return len(recorded)


def settings_text(
    book: str = str(ROOT / "casebook" / "jp"), texts: str = str(ROOT / "texts"), look_seconds: int = 60, more: str = ""
) -> str:
    prefixes = [line.split(",")[0] for line in (EXAMPLES / "prefixes.csv").read_text(encoding="utf-8").splitlines()[1:]]
    return f"""folder = "state"
book = {json.dumps(book)}
texts = {json.dumps(texts)}
lists = [{json.dumps(str(EXAMPLES / "lists" / "cc.toml"))}]
look_seconds = {look_seconds}
{more}
[operator]
name = "Example Networks"
window = "Abuse desk"

[network]
prefixes = {json.dumps(prefixes)}

[intake]
accounting = {json.dumps(str(EXAMPLES / "radius" / "detail"))}

[mail]
sender = "notice@example.net"
tls = "none"
"""
