"""The room of an incident: its moves folded into numbered facts, causes, measures, questions, orders, statements and costs.

An incident is a case like any other (`law/procedures.py`); what is recorded in its room are moves of it, so nothing here is kept anywhere
else. Whether something may be recorded, and what keeps an incident from closing: `law/incident_rules.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from sekisho.law.words import Role, Value

CLOSE = "close"
"""The move that ends an incident; it is made only when nothing in the room is open."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?")
"""When something happened: a day, or a day and a time, in the book's country."""
NUMBERS = re.compile(r"[1-9]\d{0,5}(?: *, *[1-9]\d{0,5})*")


class Kind(StrEnum):
    """What is recorded in the room; each kind is numbered from 1 in the order it was recorded."""

    FACT = "fact"
    WARNING = "warning"  # 事前の警告：だれがいつ知ったか
    PROTECTED = "protected"  # 保護する通報者
    CAUSE = "cause"
    MEASURE = "measure"
    CHECK = "check"
    CONSEQUENCE = "consequence"
    QUESTION = "question"
    ANSWER = "answer"
    LATER = "later"  # まだ答えられない、いつまでに
    ORDER = "order"
    TAKEN = "taken"  # 命令を受け取ったという返事
    AGAIN = "again"  # 命令の督促
    HEARD = "heard"  # 連絡の段を受けた
    SPEAKER = "speaker"
    STATEMENT = "statement"
    PUBLISHED = "published"
    COST = "cost"
    TOUCHED = "touched"  # どの委託の人々に関わるか
    PERSON = "person"  # 本人への手紙
    MAILED = "mailed"  # 本人へのメール（配信）
    POSTED = "posted"  # 本人への手紙（まとめて郵送）
    RETURNED = "returned"  # 戻ってきた手紙


MOVES: Mapping[str, Kind] = MappingProxyType({
    "add-fact": Kind.FACT,
    "add-warning": Kind.WARNING,
    "protect-reporter": Kind.PROTECTED,
    "add-cause": Kind.CAUSE,
    "add-measure": Kind.MEASURE,
    "check-measure": Kind.CHECK,
    "add-consequence": Kind.CONSEQUENCE,
    "add-question": Kind.QUESTION,
    "answer": Kind.ANSWER,
    "answer-later": Kind.LATER,
    "order": Kind.ORDER,
    "order-taken": Kind.TAKEN,
    "order-again": Kind.AGAIN,
    "acknowledge": Kind.HEARD,
    "name-spokesperson": Kind.SPEAKER,
    "draft-statement": Kind.STATEMENT,
    "publish-statement": Kind.PUBLISHED,
    "add-cost": Kind.COST,
    "add-touched": Kind.TOUCHED,
    "tell-person": Kind.PERSON,
    "mail-people": Kind.MAILED,
    "post-people": Kind.POSTED,
    "post-returned": Kind.RETURNED,
})  # fmt: skip
"""Move of the table to the kind it records."""


class CauseKind(StrEnum):
    """What a cause is. The first two are asked further: why was that possible? The others may be where asking ends."""

    CIRCUMSTANCE = "circumstance"
    PERSON = "person"
    PROCESS = "process"
    TOOL = "tool"
    DECISION = "decision"


ROOTS = frozenset({CauseKind.PROCESS, CauseKind.TOOL, CauseKind.DECISION})
"""Where a chain of causes may end. A person never: what let one slip become an incident is asked on."""


@dataclass(frozen=True)
class Said:
    """A move of the case: what it told, when, and by whom (a person's id)."""

    move: str
    facts: Mapping[str, Value]
    at: datetime
    by: str


@dataclass(frozen=True)
class Item:
    """One thing recorded in the room."""

    kind: Kind
    number: int
    said: Mapping[str, Value]
    at: datetime
    by: str

    def text(self, name: str) -> str:
        """A word of it; empty where it was not told."""
        value = self.said.get(name, "")
        return value if isinstance(value, str) else ""

    def whole(self, name: str) -> int:
        """A whole number of it; 0 where it was not told."""
        value = self.said.get(name, 0)
        return value if isinstance(value, int) and not isinstance(value, bool) else 0


@dataclass(frozen=True)
class Rung:
    """One step of the ladder: so many minutes after the incident was opened, somebody in this role must have it."""

    minutes: int
    role: Role
    mail: str = ""
    """Where the operator reaches whoever is on duty in it; empty where nobody is mailed."""


@dataclass(frozen=True)
class Reached:
    """How a rung stands: due at, and who had it when; nobody where `by` is empty."""

    rung: Rung
    due: datetime
    by: str = ""
    at: datetime | None = None

    def late(self, now: datetime) -> bool:
        """Whether it was, or is, not acknowledged in time."""
        return (self.at or now) > self.due


Room = Mapping[Kind, Sequence[Item]]


def room(told: Iterable[Said]) -> Room:
    """Everything recorded, by kind, in its order."""
    found: dict[Kind, list[Item]] = {kind: [] for kind in Kind}
    for said in told:
        kind = MOVES.get(said.move)
        if kind is not None:
            found[kind].append(Item(kind, len(found[kind]) + 1, said.facts, said.at, said.by))
    return MappingProxyType(found)


def numbers(text: str) -> tuple[int, ...]:
    """The numbers in a list like "1, 3"; none where it is no such list."""
    return tuple(dict.fromkeys(int(n) for n in text.split(","))) if NUMBERS.fullmatch(text.strip()) else ()


def numbered(here: Room, kind: Kind, number: int) -> Item | None:
    """The item of this number, if there is one."""
    return next((i for i in here[kind] if i.number == number), None)


def answers(here: Room, question: int) -> Sequence[Item]:
    """The answers this question got, oldest first: one answer may be to several questions, and stays tied to each."""
    return [a for a in here[Kind.ANSWER] if question in numbers(a.text("answer_to"))]


def promised(here: Room, question: int) -> Item | None:
    """The last "not yet, by that day" this question got."""
    return next((p for p in reversed(here[Kind.LATER]) if question in numbers(p.text("later_to"))), None)


def below(here: Room, cause: int) -> Sequence[Item]:
    """The causes that answer: why was that possible?"""
    return [c for c in here[Kind.CAUSE] if c.whole("cause_under") == cause]


def ends(here: Room) -> Iterator[Item]:
    """The causes where asking ended, or where nobody has asked on yet."""
    return (c for c in here[Kind.CAUSE] if not below(here, c.number))


def is_root(cause: Mapping[str, Value]) -> bool:
    """Whether a cause was told as where asking ends, and may be."""
    return cause.get("cause_root") is True and cause.get("cause_kind") in ROOTS


def asked_of(order: Mapping[str, Value]) -> tuple[str, ...]:
    """The rows of the register an order goes to."""
    return tuple(dict.fromkeys(str(order.get("order_to", "")).split()))


def taken(here: Room, order: int) -> Mapping[str, Item]:
    """Who has answered an order: row of the register to its last answer."""
    return {t.text("taken_by"): t for t in here[Kind.TAKEN] if t.whole("taken_order") == order}


def silent(here: Room, order: Item) -> list[str]:
    """Which of the rows an order goes to have not answered it."""
    given = taken(here, order.number)
    return [row for row in asked_of(order.said) if row not in given]


def published(here: Room) -> Sequence[tuple[Item, Item]]:
    """Statements that were published, each with its publication, in the order they came out."""
    found = ((numbered(here, Kind.STATEMENT, p.whole("publish_number")), p) for p in here[Kind.PUBLISHED])
    return [(s, p) for s, p in found if s is not None]


def ladder(here: Room, rungs: Sequence[Rung], began: datetime, roles: Mapping[str, frozenset[Role]]) -> Sequence[Reached]:
    """Each rung, lowest first, with the first acknowledgement by somebody in its role. `roles`: of each person."""
    found = []
    for rung in sorted(rungs, key=lambda r: r.minutes):
        heard = next((h for h in here[Kind.HEARD] if rung.role in roles.get(h.by, frozenset())), None)
        due = began + timedelta(minutes=rung.minutes)
        found.append(Reached(rung, due, heard.by, heard.at) if heard else Reached(rung, due))
    return found


@dataclass(frozen=True)
class Called:
    """A rung that is called, since `at`; it has until `due`."""

    rung: Rung
    at: datetime
    due: datetime


def called(reached: Sequence[Reached], began: datetime, now: datetime) -> Sequence[Called]:
    """The rungs that are called by now, lowest first: the first at once, each further one when the time of the rung below is over.

    Whoever says that they have it, in whichever rung, stops what was not called by then.
    """
    heard = min((r.at for r in reached if r.at is not None), default=None)
    found, at = list[Called](), began
    for one in reached:
        if now < at or (heard is not None and heard <= at):
            break
        found.append(Called(one.rung, at, one.due))
        at = max(at, one.due)
    return found


def spent(here: Room) -> int:
    """The costs so far, in yen."""
    return sum(c.whole("cost_pieces") * c.whole("cost_each") for c in here[Kind.COST])
