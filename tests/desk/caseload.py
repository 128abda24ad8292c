"""What people do with cases in a test: each in one line, signed with the key files of an `Office`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sekisho.desk.case_words import Adoption, Attaching, CaseMove, HoldOrder, LiftOrder, Opening, TakeOver
from sekisho.desk.cases.procedure_remind import Remind
from sekisho.desk.cases.procedure_remind import carry_out as remind
from sekisho.law.casebook import Casebook
from sekisho.law.procedures import OPENING, Move, Procedure
from sekisho.law.words import Role, Value
from tests.desk.office import BY_ROLE, Office

PDF = b"%PDF-1.7\nsample"
REQUEST: Mapping[str, Value] = {
    "agency": "見本県警察本部",
    "official": "警部 見本 太郎",
    "received_on": "2026-11-21",
    "in_writing": True,
    "language": "ja",
}
CLAIM: Mapping[str, Value] = {"claimant": "見本 花子", "received_on": "2026-11-21", "language": "ja"}
SHOWN: Mapping[str, Value] = {
    "where_posted": "掲示板の34番",
    "posted": "「見本花子は借金を返さない」",
    "infringed_right": "honour",
    "reason": "事実ではない。",
}


@dataclass
class Caseload:
    """The people of an office at their cases."""

    office: Office
    texts: bool = field(default=True)
    said: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.texts:
            self.adopt_all()

    def call(self, method: str, **params: Any) -> Any:
        return self.office.terminal.call(method, **params)

    def signed(self, who: str, words: Any) -> Any:
        return self.office.keys[who].sign(words)

    def person(self, who: str) -> str:
        return self.office.keys[who].person

    def now(self) -> datetime:
        """A moment of its own for everything that is signed, as people have it who do not stand still like this office's clock."""
        self.said += 1
        return self.office.watch.at + timedelta(microseconds=self.said)

    def use_book(self, book: Casebook) -> None:
        """Another edition is in force, as if an officer had loaded it."""
        self.office.world.book, self.office.world.shipped = book, ""

    def adopt(self, text: str, who: str = "officer", digest: str = "") -> str:
        shown = digest or next(t["digest"] for t in self.call("letter-texts") if t["name"] == text)
        words = Adoption(text, shown, self.person(who), self.now())
        return str(self.call("adopt-text", adoption=words, signature=self.signed(who, words)))

    def adopt_all(self) -> None:
        for text in self.call("letter-texts"):
            if text["adopted"] is None:
                self.adopt(text["name"], digest=text["digest"])

    def open(self, procedure: str, facts: Mapping[str, Value], who: str = "desk", owner: str = "") -> str:
        words = Opening(procedure, facts, owner, self.person(who), self.now())
        return str(self.call("open-case", opening=words, signature=self.signed(who, words))["matter"])

    def case(self, matter: str) -> dict[str, Any]:
        return dict(self.call("case", matter=matter))

    def move(self, matter: str, move: str, facts: Mapping[str, Value] | None = None, who: str = "officer", **more: Any) -> str:
        return str(self.moved(matter, move, facts, who, **more)["state"])

    def moved(self, matter: str, move: str, facts: Mapping[str, Value] | None = None, who: str = "officer", **more: Any) -> dict[str, Any]:
        """The answer to a signed move, which names what the page of the case shows: its events, and the plan it approves."""
        case = self.case(matter)
        plan = next((m["plan"] for m in case["moves"] if m["id"] == move and m["plan"]), {"shown": ""})
        more = {"after": case["events"], "shown": plan["shown"], **more}
        words = CaseMove(matter, move, facts=facts or {}, by=self.person(who), at=self.now(), **more)
        return dict(self.call("move-case", move=words, signature=self.signed(who, words)))

    def confirm(self, matter: str, move: str) -> None:
        """The legal officer confirms every case that the plan of this move refers to a person, where there is one."""
        plan = next(m["plan"] for m in self.case(matter)["moves"] if m["id"] == move)
        self.office.confirm(plan["id"])

    def grant(self, matter: str, move: str, first: str = "reviewer-a", second: str = "reviewer-b") -> str:
        """A move that gets the case its permit, with as many signatures as the case book asks for; the permit."""
        found = self.moved(matter, move, who=first)
        found = self.moved(matter, move, who=second) if found["missing"] else found
        assert not found["missing"]
        return str(found["permit"])

    def take(self, case: str, who: str = "desk", owner: str | None = None) -> str:
        """The number; `owner`: who owned it as far as they saw."""
        found = self.case(case)
        words = TakeOver(found["id"], found["owner"]["id"] if owner is None else owner, self.person(who), self.now())
        return str(self.call("take-case", taking=words, signature=self.signed(who, words)))

    def attach(self, matter: str, paper: str = "", content: bytes = PDF, name: str = "a.pdf", who: str = "desk") -> str:
        words = Attaching(matter, paper, name, sha256(content).hexdigest(), len(content), self.person(who), self.now())
        found = self.call("attach", attaching=words, content=content, signature=self.signed(who, words))
        return str(found["attachment"])

    def hold(self, matter: str, *data: str, days: int = 30, who: str = "officer", reason: str = "an order", owed: str = "") -> str:
        until = self.office.watch.at + timedelta(days=days)
        words = HoldOrder(matter, data, until, reason, self.person(who), self.now(), owed)
        return str(self.call("hold", order=words, signature=self.signed(who, words)))

    def lift(self, hold: str, who: str = "officer", reason: str = "the order was lifted") -> str:
        words = LiftOrder(hold, reason, self.person(who), self.now())
        return str(self.call("lift", order=words, signature=self.signed(who, words)))

    def remind(self) -> dict[str, int]:
        """What `keep` does every few seconds."""
        with self.office.turn() as world, world.request():
            return dict(remind(world, Remind()))

    @property
    def permit(self) -> str:
        """The standing permit under which matches are kept."""
        return next(str(p["id"]) for p in self.office.permits() if p["step"] == "match")

    def preserved(self, permit: str = "", days: int = 30, first: str = "2026-11-21", last: str = "2026-12-31") -> str:
        """A preservation request that was taken in and complied with."""
        matter = self.open("authority-preservation", {**REQUEST, "received_on": self.today()})
        self.attach(matter, "request")
        data = (f"{permit or self.permit}/*/{first}..{last}",)
        self.move(matter, "hold", {"named_records": "接続の記録", "data": data, "days": days})
        return matter

    def asked(self, procedure: str = "deletion-inquiry", **more: Value) -> str:
        """A complete claim whose inquiry was sent today and not yet received."""
        matter = self.open(procedure, CLAIM)
        self.attach(matter, "claim")
        self.move(matter, "complete", {**SHOWN, **more}, who="desk")
        self.move(matter, "draft", who="desk")
        self.move(matter, "sent", {"sent_on": self.today()}, who="desk")
        return matter

    def counting(self, procedure: str = "deletion-inquiry", **more: Value) -> str:
        """The sender received the inquiry today."""
        matter = self.asked(procedure, **more)
        self.attach(matter, "receipt-proof")
        self.move(matter, "received-by-sender", {"sender_received_on": self.today()}, who="desk")
        return matter

    def today(self) -> str:
        return self.office.world.book.day(self.office.watch.at).isoformat()


def someone(roles: frozenset[Role], besides: str = "") -> str:
    """Somebody of the office in one of these roles, and not this one."""
    return next(BY_ROLE[r] for r in sorted(roles) if r in BY_ROLE and BY_ROLE[r] != besides)


def paths(procedure: Procedure) -> Iterator[tuple[Move, ...]]:
    """From the opening to every final state: a shortest way there through every move that leads into it."""
    for state in procedure.states:
        if state.final:
            for last in (m for m in procedure.moves if m.to == state.id):
                yield (*min((way for leaves in last.leaves for way in ways(procedure, leaves)), key=len), last)


def ways(procedure: Procedure, state: str) -> list[tuple[Move, ...]]:
    todo: list[tuple[str, tuple[Move, ...]]] = [(procedure.opening.to, ())]
    seen = {procedure.opening.to}
    while todo:
        here, way = todo.pop(0)
        if here == state:
            return [way]
        for move in procedure.out_of(here):
            if move.to not in seen:
                seen.add(move.to)
                todo.append((move.to, (*way, move)))
    return []


def facts_of(procedure: Procedure, move: Move, today: str, path: tuple[Move, ...], permit: str) -> dict[str, Value]:
    """Values that fit, and that every later sentence of the path holds of."""
    told: dict[str, Value] = {}
    sentences = [m for later in (move, *path) for m in later.must]
    for name in (*move.facts, *(n for n in move.may if move.id == OPENING)):
        fact = procedure.fact(name)
        is_ = next((m.is_ for m in sentences if name in m.of and m.is_ is not None), None)
        most = next((m.most for m in sentences if name in m.of and m.most is not None), None)
        told[name] = is_ if is_ is not None else today if fact.type == "day" else fact.sample_in("ja")
        if most is not None and isinstance(told[name], int):
            told[name] = min(int(str(told[name])), most)
        if fact.type == "data":
            told[name] = (f"{permit}/*/{today}",)
    return told
