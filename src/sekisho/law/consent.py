"""Consent as the law knows it: whose, of how many sides, to which elements, for what, seen by whom, asked and given in which way.

A record keeps what was *shown*, not only what was clicked. What happens to it afterwards is added as events, never edited.
Sources: 同意取得の在り方に関する参照文書 (2021-02-25); ISO/IEC TS 27560:2023 for what a record holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from sekisho.law.words import Act, Element, Role, Step, Value


class Reach(StrEnum):
    """Whether one person agreed to one thing, or a whole class agreed beforehand."""

    INDIVIDUAL = "individual"  # 個別の同意
    BLANKET = "blanket"  # 包括同意


class Way(StrEnum):
    """How consent was given. Only a clear act of one person is individual consent."""

    OWN_SCREEN = "own-screen"  # 専用画面
    TYPED_CODE = "typed-code"  # 本人が符号を入力
    WRITTEN_FORM = "written-form"  # 書面
    SPOKEN = "spoken-recorded"  # 口頭(記録あり)
    APPLICATION = "own-application"  # 本人の申込み
    TERMS = "terms"  # 約款
    BUNDLED = "bundled"  # 他の事項と一括
    LINK_CLICK = "link-click"  # リンクを開いただけ
    POSTER = "poster"  # 掲示
    SILENCE = "silence"  # 沈黙


CLEAR = frozenset({Way.OWN_SCREEN, Way.TYPED_CODE, Way.WRITTEN_FORM, Way.SPOKEN, Way.APPLICATION})
"""Ways that are a clear act of the person's own will, apart from everything else."""


class Happened(StrEnum):
    """What can happen to a consent."""

    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    NOTICE_CHANGED = "notice-changed"  # who agreed to the old text has not agreed to the new one
    REPLACED = "replaced"  # the same person answered the same question again


@dataclass(frozen=True)
class Notice:
    """The text that was shown: its id, version, digest (SHA-256, hex) and language."""

    id: str
    version: str
    digest: str
    language: str


@dataclass(frozen=True)
class Event:
    """One thing that happened to a consent; `by` is the party's role or a person's id."""

    what: Happened
    at: datetime
    by: str


@dataclass(frozen=True)
class Sender:
    """From where an answer came: source address and source port, as the socket of our own web server saw them (port 0: unknown)."""

    address: str
    port: int


@dataclass(frozen=True)
class ConsentRecord:
    """One party's answer to one question, with everything that makes it consent or not.

    `principal` is a pseudonym; `acts` are what may be done. `sides` names which sides of the communication this party
    speaks for. `until` is the end of its period. `switch_test`, `parity` and `survey` are digests of the evidence that
    consent stands on beside the answer itself; empty where there is none. `events` are in order of time. `code` is a keyed digest of
    the code that was typed, `asked` the invitation it came with, `sender` from where: only of answers typed by their giver.
    `level` of such an answer: 2, the code of a mail was typed; 3, of a mail that its reader had asked for, or in the browser that asked.
    """

    id: str
    principal: str
    party: Role
    sides: frozenset[str]
    reach: Reach
    acts: frozenset[Act]
    elements: frozenset[Element]
    purposes: frozenset[str]
    audience: frozenset[str]
    notice: Notice
    way: Way
    days: int
    until: datetime
    default_off: bool
    refusal_free: bool
    withdrawable: bool
    switch_test: str = ""
    parity: str = ""
    survey: str = ""
    events: tuple[Event, ...] = ()
    code: str = ""
    asked: str = ""
    sender: Sender | None = None
    level: int = 0

    def state(self, now: datetime) -> Happened | None:
        """What it is at `now`: the last thing that happened by then, or expired; None before anything happened."""
        past = [e for e in self.events if e.at <= now]
        if not past:
            return None
        last = max(enumerate(past), key=lambda e: (e[1].at, e[0]))[1].what  # of two at one instant, the one written later
        return Happened.EXPIRED if last is Happened.GIVEN and now >= self.until else last

    def live(self, now: datetime) -> bool:
        """Given before `now`, individual, by a clear act, and since then neither withdrawn, expired nor overtaken by another text."""
        return self.state(now) is Happened.GIVEN and self.reach is Reach.INDIVIDUAL and self.way in CLEAR

    def covers(self, step: Step, now: datetime) -> bool:
        """Whether this party agreed to this very step."""
        return self.live(now) and step.acts <= self.acts and not lacks(self.value(others_left_out=True), step)

    def value(self, *, others_left_out: bool) -> Mapping[str, Value]:
        """What it says as evidence of the kind `consent`."""
        return MappingProxyType(
            {
                "sides": tuple(sorted(self.sides)),
                "elements": tuple(sorted(e.value for e in self.elements)),
                "purposes": tuple(sorted(self.purposes)),
                "audience": tuple(sorted(self.audience)),
                "days": self.days,
                "text": self.notice.digest,
                "way": self.way.value,
                "default_off": self.default_off,
                "refusal_free": self.refusal_free,
                "withdrawable": self.withdrawable,
                "others_left_out": others_left_out,
            }
        )


def lacks(value: Mapping[str, Value], step: Step, sides: int = 1, party: frozenset[str] = frozenset()) -> str:
    """The first field in which evidence of consent falls short of the step; empty if it covers it.

    `sides`: how many sides must agree (contested in law: a parameter of the case). `party`: one of these must be among them.
    """
    tests: Mapping[str, Callable[[], bool]] = {
        "sides": lambda: _agree(_texts(value, "sides"), sides, party),
        "way": lambda: value.get("way") in {w.value for w in CLEAR},
        "elements": lambda: bool(step.elements) and {e.value for e in step.elements} <= _texts(value, "elements"),
        "purposes": lambda: bool(step.purpose) and step.purpose in _texts(value, "purposes"),
        "audience": lambda: bool(step.audience) and step.audience <= _texts(value, "audience"),
        "default_off": lambda: value.get("default_off") is True,
        "refusal_free": lambda: value.get("refusal_free") is True,
        "withdrawable": lambda: value.get("withdrawable") is True,
    }
    return next((field for field, good in tests.items() if not good()), "")


def _agree(named: frozenset[str], sides: int, party: frozenset[str]) -> bool:
    return sides > 0 and len(named) >= sides and (not party or bool(party & named))


def _texts(value: Mapping[str, Value], field: str) -> frozenset[str]:
    """The words of a list, each once; none where there is no list."""
    said = value.get(field)
    return frozenset(v for v in said if isinstance(v, str) and v) if isinstance(said, tuple) else frozenset()
