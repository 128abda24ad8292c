"""What people record in the room of an incident in a test, each in one line: values that fit, changed where the test says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sekisho.desk.case_words import CaseMove
from sekisho.law.casebook import procedures_in
from sekisho.law.procedures import Procedure
from sekisho.law.words import Value
from tests.conftest import ROOT
from tests.desk.caseload import Caseload, facts_of

TABLE: Procedure = procedures_in(ROOT / "casebook" / "jp" / "procedures")["incident"]
WHO: Mapping[str, str] = {
    "answer": "officer",
    "order": "officer",
    "publish-statement": "officer",
    "name-spokesperson": "officer",
    "protect-reporter": "officer",
    "close": "officer",
    "not-personal-data": "officer",
    "not-secrecy": "officer",
    "not-entrusted": "officer",
    "tell-people": "officer",
    "wrongful-purpose": "officer",
}


@dataclass
class Rooming:
    """One incident, from the moment it is known."""

    load: Caseload
    matter: str = field(default="")
    made: int = field(default=0, init=False)
    """How many moves the case had so far."""

    def known(self, **more: Value) -> Rooming:
        """It was found out, today; and what is known is written down."""
        self.open(**more)
        self.do("record")
        return self

    def open(self, **more: Value) -> Rooming:
        told = facts_of(TABLE, TABLE.opening, self.load.today(), (), "")
        self.made = 1
        self.matter = self.load.open("incident", {**told, **{k: v for k, v in more.items() if k in told}})
        return self

    def do(self, move: str, who: str = "", **more: Value) -> str:
        """The move with the samples of the table, but for what the test says."""
        told = facts_of(TABLE, TABLE.move(move), self.load.today(), (), "")
        who = who or WHO.get(move, "desk")
        words = CaseMove(self.matter, move, self.made, {**told, **more}, self.load.person(who), self.load.now())
        found = self.load.call("move-case", move=words, signature=self.load.signed(who, words))
        self.made += 1
        return str(found["state"])

    def room(self) -> dict[str, Any]:
        return dict(self.load.call("incident", matter=self.matter))

    def left(self) -> set[tuple[str, str]]:
        """What keeps it from closing: code and what it is about."""
        return {(x["code"], x["name"]) for x in self.room()["open"]}

    def clocks(self) -> Mapping[str, str]:
        """Each clock that runs, with its last day."""
        return {c["id"]: c["due"] for c in self.load.case(self.matter)["clocks"] if c["state"] != "stopped"}

    def explained(self) -> Rooming:
        """A cause that is a process, with its measure."""
        self.do("add-cause")
        self.do("add-measure")
        return self

    def reported(self) -> Rooming:
        """No clock runs any more."""
        for move in ("not-personal-data", "not-secrecy", "not-entrusted"):
            self.do(move)
        return self


def furnish(load: Caseload, matter: str) -> None:
    """Everything an incident needs before it may close, and nothing that drafts a letter."""
    room = Rooming(load, matter)
    room.made = load.case(matter)["events"]
    room.explained().reported()
