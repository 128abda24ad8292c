"""The demo's marathon beyond its list: the agency's tool and its drill, mails to the runners, an invitation, and the room of an incident.

Each deed goes through the doors that everybody uses; the keys are unsafe by name, and so is all that they sign.
"""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyrage

from sekisho.desk.asking import owe
from sekisho.desk.campaign_look import looked_at
from sekisho.desk.case_words import Adoption, CaseMove, Opening
from sekisho.desk.commitment import ordered, root
from sekisho.desk.draft import Paper
from sekisho.desk.entrusting.canary_mail import of
from sekisho.desk.entrusting.drill_file import declared, drill_file
from sekisho.desk.messages.files import read_campaign
from sekisho.faces.processes.drilling import drilled
from sekisho.faces.unsafe import demo as unsafe_demo
from sekisho.faces.unsafe.people import PEOPLE, Race, Said
from sekisho.faces.words.tool import template
from sekisho.law.campaign import Campaign, Recipient
from sekisho.law.procedures import Procedure
from sekisho.law.tool import Declaration, Drill, ToolMove
from sekisho.law.tool import Said as ToolSaid
from sekisho.law.words import Role, Value

HOST = "127.0.0.1"
CAMPAIGNS = unsafe_demo.EXAMPLES / "campaigns"
NOTICE, INVITATION = CAMPAIGNS / "race-notice", CAMPAIGNS / "race-news"
TOOL = "examples.contractor.list_tool"
TOOL_DOMAIN = "tool.example.net"
CONTRACTOR = "M. Sakurai (unsafe-demo)"
DOORS = {"sign-up": "join", "post": "list", "delete": "desk", "unsubscribe": "leave"}
CODE = re.compile(r"^(?:確認符号：|Code: )\s*(\S+)", re.MULTILINE)
DIGITS = re.compile(r"\d{4} \d{4} \d{4}")
LINK = re.compile(r"http://localhost:\d+/\S+")
SETTINGS = """
[incident]
ladder = ["15=desk", "30=legal-officer"]
outside_body = "見本法律事務所 (unsafe demo)"
outside_contact = "03-0000-0000"
"""


def settings() -> str:
    """What the node's settings say of incidents."""
    return SETTINGS


@contextmanager
def list_tool(out: int, *, lists: bool) -> Iterator[int]:
    """The agency's mailing-list tool, as a program of its own; the port it takes mail at. `lists`: what nobody had told us of."""
    words = [sys.executable, "-m", TOOL, str(out), *(["--lists"] if lists else [])]
    with subprocess.Popen(words, cwd=unsafe_demo.HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        try:
            said = (child.stdout.readline() if child.stdout else "").split()
            if said[:1] != ["ready"]:
                raise OSError(TOOL)
            yield int(said[1])
        finally:
            child.terminate()


def everybody() -> tuple[Recipient, ...]:
    """The runners of the list, each with a number on their shirt."""
    said = [(f"runner{n:02}@example.jp", f"走者 {n:02}", f"A-{n:04}") for n in range(PEOPLE)]
    return tuple(Recipient(mail, name, "ja", sha256(mail.encode()).hexdigest(), {"number": number}) for mail, name, number in said)


def as_in_2024() -> list[Mapping[str, str]]:
    """A mail with everybody in To and Cc, as a list tool writes it; what the look at outgoing bytes finds."""
    people = [r.mail for r in everybody()]
    head = {
        "From": f"list@{TOOL_DOMAIN}",
        "To": ",\r\n ".join(people[:20]),
        "Cc": ",\r\n ".join(people[20:]),
        "Subject": "Re: hello",
        "Date": "Fri, 08 Dec 2023 10:00:00 +0900",
        "Message-ID": f"<1@{TOOL_DOMAIN}>",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "7bit",
    }
    raw = "".join(f"{name}: {value}\r\n" for name, value in head.items()) + "\r\nhello\r\n"
    return looked_at(raw.encode(), people[0], f"list@{TOOL_DOMAIN}", "http://localhost")


@dataclass
class Marathon(Race):
    """The race once more; of its agency's tool nobody knows anything until it was declared and drilled."""

    papers: Path = field(default_factory=Path)

    def clear(self, row: str, paper: str) -> None:
        """Nothing is said for a tool on paper alone: see `declare`, `drill`, `go`."""

    def declare(self, row: str) -> Said:
        """The contractor says of every function: off. Whether that is true is not known yet."""
        self.papers.mkdir(parents=True, exist_ok=True)
        (self.papers / "manual.txt").write_text("The tool's manual. It says nothing of replies.\n", encoding="utf-8")
        asked = self.world.keep.call("tool-questions")
        filled = template(asked["questions"], asked["groups"]).replace("# on = false", "on = false")
        for word, value in {"tool": "Posty", "release": "3.1", "named": CONTRACTOR, "evidence": "manual.txt"}.items():
            filled = filled.replace(f'{word} = ""', f'{word} = "{value}"', 1)
        (self.papers / "answered.toml").write_text(filled, encoding="utf-8")
        said, desk = declared(self.papers / "answered.toml"), self.keys["desk"]
        paper = sha256(filled.encode()).hexdigest()
        words = Declaration(row, said.tool, said.release, asked["digest"], said.answers, said.named, paper, desk.person, self.world.clock())
        return dict(self.world.keep.call("declare-tool", declaration=words, signature=desk.sign(words)))

    def question(self, name: str, language: str) -> str:
        """What the contractor was asked about a function."""
        return str(next(q["words"][language] for q in self.world.keep.call("tool-questions")["questions"] if q["id"] == name))

    def drill(self, row: str, *, lists: bool) -> Said:
        """The drill itself, over SMTP, with four made-up people. {"clear", "undeclared", "mails", "caught": (who saw, whose)}."""
        out = unsafe_demo.free_port()
        with list_tool(out, lists=lists) as port:
            steps = "\n".join(f'[steps.{step}]\nto = "{door}@{TOOL_DOMAIN}"\nsubject = "{step}"' for step, door in DOORS.items())
            head = f'release = "3.1"\nserver = "{HOST}:{port}"\nlisten = "{HOST}:{out}"\ndomain = "drill.example.jp"\nquiet = 0.1\n'
            (self.papers / "drill.toml").write_text(head + steps + "\n", encoding="utf-8")
            came = drilled(drill_file(self.papers / "drill.toml"), self.world.clock, self.papers / f"mails-{port}")
        engineer = self.keys["engineer"]
        tool = self._tool(row)["declaration"]["id"]
        facts = (came.ran, came.canaries, came.mails, came.heard, came.report)
        words = Drill(row, tool, "3.1", *facts, engineer.person, self.world.clock())
        found = self.world.keep.call("record-drill", drill=words, signature=engineer.sign(words))
        caught = [(h.to, h.shows, h.where) for h in came.heard if h.function == "sender-shown"]
        return {**found, "mails": came.mails, "caught": caught}

    def go(self, row: str) -> Said:
        """Both sides sign: the contractor on paper, ours with the key of somebody who ran nothing. Raises KeepSaidNo."""
        reviewer, paper = self.keys["reviewer-a"], sha256(b"go/no-go sheet").hexdigest()
        drill = self._tool(row)["drill"]["id"]
        words = ToolMove(row, ToolSaid.GO, drill, "", CONTRACTOR, paper, "", reviewer.person, self.world.clock())
        return dict(self.world.keep.call("move-tool", move=words, signature=reviewer.sign(words)))

    def _tool(self, row: str) -> Said:
        return dict(self.world.keep.call("tools", entrustment=row)["tools"][0])

    def submit(self, folder: Path, who: str = "desk", **changed: Any) -> Said:
        """A campaign to every runner, from this minute for a day. {"campaign", "plan", "digest"}. Raises KeepSaidNo."""
        key, now, people = self.keys[who], self.world.clock(), everybody()
        said, _ = read_campaign(folder, self.world.settings.mail.sender, key.person, now)
        if not said.fields:
            people = tuple(replace(p, fields={}) for p in people)
        window = {"since": now - timedelta(minutes=1), "until": now + timedelta(days=1)}
        own = {"recipients": root([leaf for leaf, _ in ordered(people)]), "persons": len(people)}
        words: Campaign = replace(said, **{**own, **window, **changed})
        return dict(self.world.keep.call("submit-campaign", campaign=words, recipients=people, signature=key.sign(words)))

    def lay(self, plan: str, purpose: str = "campaign") -> None:
        """What only people can say of it: whence the addresses are, and what for they were given."""
        officer, kinds = self.keys["officer"], {n: k.vouchers for n, k in self.book.kinds.items()}
        told: tuple[tuple[str, dict[str, Value]], ...] = (
            ("origin", {"what": "entry forms of the race", "from_communication": False}),
            ("purpose-text", {"purposes": (purpose,), "text": "1" * 64, "shown": "2026-04-01"}),
        )
        for kind, value in told:
            paper = Paper(kind, value, Role.OFFICER, "5" * 64)
            laid = paper.laid_in(purpose, officer.person, self.world.clock() - timedelta(seconds=1), kinds)
            self.world.keep.call("supply", plan=plan, evidence=laid, signature=officer.sign(laid))

    def send(self, plan: str, box: unsafe_demo.Mailbox) -> list[dict[str, Any]]:
        """Approved by one who did not write it; the mails, once all are there. Raises TimeoutError."""
        before = len(box.mails())
        self.lay(plan)
        unsafe_demo.approve(self.world, self.keys["reviewer-a"], plan)
        unsafe_demo.wait_for("every mail", lambda: len(box.mails()) >= before + PEOPLE, 120)
        return box.mails()[: -before or None]

    def genuine(self, mail: Said) -> bool:
        """Whether the public page knows the code of this mail."""
        code = CODE.search(mail["body"])
        found = self.world.keep.call("check-mail", code=code[1] if code else "-", subject="", sender="", day=None)
        return found["mail"] is not None

    def consents(self) -> int:
        return len(self.world.keep.call("consents", purpose="race-volunteers"))

    def agree(self, question: str, mail: Said) -> str:
        """The invited person types the digits of their own mail; how it stands then."""
        digits = DIGITS.search(mail["body"])
        sender = {"address": HOST, "port": 40000}
        told = {"question": question, "code": digits[0] if digits else "", "do": "agree", "language": "ja", "sender": sender}
        return str(self.world.keep.call("answer-question", **told)["state"])

    def leaked(self, row: str, hand_over: str) -> Said:
        """A shoe shop writes to somebody on the agency's list whom nobody else can know of; what `keep` says to that mail."""
        identity = pyrage.x25519.Identity.from_str(self.parties[row].read_text(encoding="utf-8").strip())
        sealed = self.world.settings.folder / "act" / "outbox" / f"{hand_over}.csv.age"
        listed = bytes(pyrage.decrypt(sealed.read_bytes(), [identity])).decode("utf-8-sig")
        known = {r.mail for r in everybody()}
        at = listed.splitlines()[0].replace('"', "").split(",").index("mail")
        own = next(a for line in listed.splitlines()[1:] if (a := line.replace('"', "").split(",")[at]) not in known)
        raw = f"From: Great Shoes <news@shoes.example>\r\nTo: {own}\r\nMessage-ID: <1@shoes.example>\r\nSubject: Sale\r\n\r\nBuy!\r\n"
        asked = of(own, raw.encode())
        told = {"who": asked.who, "message_id": asked.message_id, "domain": asked.domain, "mail": asked.mail}
        return dict(self.world.keep.call("canary-mail", **told))

    def late(self, known: date) -> list[Said]:
        """Duties that are breached today, had a leak of every runner's allergies been known since that day and nothing been done."""
        facts = f"""[operator]
regime = "TBA"
roles = []
[[event]]
kind = "leak"
name = "list-mail"
occurred = {known}
known = {known}
secrecy = true
personal_data = true
persons = 1150
sensitive = false
financial_harm = false
wrongful_purpose = false
stage = "held"
strongly_encrypted = false
as_entrustee = false
hard_to_tell = false
"""
        path = self.papers / "as-it-was-reported.toml"
        path.write_text(facts, encoding="utf-8")
        found = owe.carry_out(owe.WhatIsOwed(path, self.book, None, self.world.clock()))
        return [d for d in found["duties"] if d["state"] == "breached"]


def visited(mails: list[dict[str, Any]]) -> int:
    """A scanner opens every link of ours in these mails, twice; how many times."""
    count = 0
    for link in sorted({link.rstrip(">,)") for mail in mails for link in LINK.findall(f"{mail['body']}\n{mail['headers']}")}):
        for method in ("GET", "HEAD"):
            with urllib.request.urlopen(urllib.request.Request(link, method=method), timeout=20):  # noqa: S310 - our own console, on this machine
                count += 1
    return count


@dataclass
class Room:
    """The room of one incident. `language`: of the samples that fill what a deed does not say."""

    race: Marathon
    language: str
    matter: str = ""
    made: int = field(default=0, init=False)

    @property
    def table(self) -> Procedure:
        return self.race.book.procedures["incident"]

    def open(self, **more: Value) -> None:
        """Found out today. The texts of its letters are adopted first."""
        for text in self.race.world.keep.call("letter-texts"):
            if text["adopted"] is None and text["name"].startswith("incident"):
                adopted = Adoption(text["name"], text["digest"], self.race.keys["officer"].person, self.race.world.clock())
                self.race.world.keep.call("adopt-text", adoption=adopted, signature=self.race.keys["officer"].sign(adopted))
        desk = self.race.keys["desk"]
        facts = self._facts("", {"knew_on": self.today(), "knew_time": "", **more})
        words = Opening("incident", facts, "", desk.person, self.race.world.clock())
        self.matter = str(self.race.world.keep.call("open-case", opening=words, signature=desk.sign(words))["matter"])
        self.made = 1

    def today(self) -> str:
        return self.race.book.day(self.race.world.clock()).isoformat()

    def do(self, move: str, who: str = "officer", **more: Value) -> str:
        """One move; the state it leads to. Raises KeepSaidNo."""
        key = self.race.keys[who]
        words = CaseMove(self.matter, move, self.made, self._facts(move, more), key.person, self.race.world.clock())
        found = self.race.world.keep.call("move-case", move=words, signature=key.sign(words))
        self.made += 1
        return str(found["state"])

    def _facts(self, move: str, more: Mapping[str, Value]) -> dict[str, Value]:
        asked = self.table.move(move) if move else self.table.opening
        samples = {name: self.table.fact(name).sample_in(self.language) for name in asked.facts}
        return {name: value for name, value in {**samples, **more}.items() if name in (*asked.facts, *asked.may) and value != ""}

    def case(self) -> Said:
        return dict(self.race.world.keep.call("case", matter=self.matter))

    def room(self) -> Said:
        return dict(self.race.world.keep.call("incident", matter=self.matter))

    def running(self) -> list[Said]:
        """Clocks that were not stopped."""
        return [c for c in self.case()["clocks"] if c["state"] != "stopped"]
