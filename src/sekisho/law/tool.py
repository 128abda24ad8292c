"""A contractor's tool: what it can do as declared, what it did in the drill, and whether real data may go into it.

The declaration answers every question of the list (`texts/papers/tool-questions@1.toml`); what is not declared on may not happen.
The verdict is worked out from declaration and drill, never stated. Source: the marathon of 2024, whose tool had a list function that nobody
had declared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from sekisho.law.entrustment import DIGEST, NAME, Action, Rung
from sekisho.law.words import Role, Words

LEAST_CANARIES = 3
RELEASE = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_~-]{0,63}")
LABEL = re.compile(r"[a-z]{1,16}")


class Step(StrEnum):
    """What is done to the tool, in this order."""

    SIGN_UP = "sign-up"
    POST = "post"
    REPLY = "reply"
    REPLY_ALL = "reply-all"
    FORWARD = "forward"
    DELETE = "delete"
    UNSUBSCRIBE = "unsubscribe"
    POST_AFTER = "post-after"
    BOUNCE = "bounce"


class Ran(StrEnum):
    """How a step went. A tool that cannot be written to for a step says so in its declaration."""

    MAIL = "mail"
    REFUSED = "refused"  # the tool's mail server said no: a fact too
    NOT_OFFERED = "not-offered"
    FAILED = "failed"  # nobody answered; nothing was learnt


@dataclass(frozen=True)
class Question:
    """One thing a tool may be able to do. `never`: no entrustment allows it. `drilled`: the drill would notice it."""

    id: str
    group: str
    words: Words
    never: bool = False
    drilled: bool = False


@dataclass(frozen=True)
class Answer:
    """`who`: who can use it, where it is on. `evidence`: the digest of the document that shows it (a page of a manual)."""

    on: bool
    who: str
    evidence: str


@dataclass(frozen=True)
class Declaration:
    """The contractor's named person declares, on a paper of theirs; a person of ours has read it and signs.

    `questions`: the digest of the list that was answered. `named`, `paper`: who declared, and the digest of what they signed.
    """

    entrustment: str
    tool: str
    release: str
    questions: str
    answers: Mapping[str, Answer]
    named: str
    paper: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Heard:
    """One mail that came to a canary in the drill, and the function it shows. Canaries go by their letters, never by their addresses.

    `shows`: whose addresses stand in it beside the receiver's own; `where`: in which header or part; `mail`: its SHA-256.
    """

    step: Step
    function: str
    actor: str
    to: str
    shows: tuple[str, ...]
    where: str
    mail: str


@dataclass(frozen=True)
class Drill:
    """What was done to the tool with made-up people, and all that came of it. `report`: the digest of the mails as they arrived."""

    entrustment: str
    declaration: str
    release: str
    ran: Mapping[str, Ran]
    canaries: int
    mails: int
    heard: tuple[Heard, ...]
    report: str
    by: str
    at: datetime


class Said(StrEnum):
    """What people say of a tool."""

    GO = "go"
    NO_GO = "no-go"
    RELEASED = "released"  # there is a new release: what was drilled is another tool


@dataclass(frozen=True)
class ToolMove:
    """`drill`: which one `go` and `no-go` are about. `named`, `paper`: who signed the sheet for the contractor, and its digest."""

    entrustment: str
    what: Said
    drill: str
    release: str
    named: str
    paper: str
    reason: str
    by: str
    at: datetime


MAY_SAY: Mapping[Said, frozenset[Role]] = MappingProxyType({
    Said.GO: frozenset({Role.REVIEWER, Role.OFFICER}),
    Said.NO_GO: frozenset({Role.DESK, Role.ENGINEER, Role.REVIEWER, Role.OFFICER, Role.WINDOW}),
    Said.RELEASED: frozenset({Role.DESK, Role.ENGINEER, Role.REVIEWER, Role.OFFICER, Role.WINDOW}),
})  # fmt: skip
"""To stop is everybody's, to let go is not."""

WITHOUT_TOOL = frozenset({Rung.AGGREGATE, Rung.PULL, Rung.HOLDER_SENDS, Rung.HOLDER_POSTS, Rung.PSEUDONYMS})
"""Rungs that give a tool nobody to reach."""
BY_HAND = frozenset({Action.PRINT, Action.SHIP, Action.SEND_POST, Action.PHONE, Action.CARE, Action.STORE, Action.ERASE})
"""What is done with a file and by hand: where a row allows nothing else, no tool of the contractor's sends or shows anything."""


class Clear(StrEnum):
    """Whether a tool is clear for real data, and why not. Everything but the first two means no."""

    NOT_ASKED = "not-asked"
    CLEAR = "clear"
    UNDECLARED_YET = "no-declaration"
    OLD_QUESTIONS = "old-questions"
    UNDRILLED = "no-drill"
    STALE = "stale"
    CAUGHT = "undeclared-function"
    FORBIDDEN = "forbidden-function"
    SHOWS = "shows-addresses"
    SHORT = "drill-incomplete"
    NO_SHEET = "no-sheet"
    NO_GO = "no-go"


def asked(rung: object, actions: Iterable[Action], *, into_a_tool: bool) -> bool:
    """Whether this hand-over gives a contractor's tool people to reach. An unknown rung is asked."""
    if into_a_tool:
        return True
    return rung not in {r.value for r in WITHOUT_TOOL} and not frozenset(actions) <= BY_HAND


def faults(said: Declaration, questions: Mapping[str, Question]) -> tuple[str, ...]:
    """What is missing or wrong in a declaration, by question or field; empty if nothing is. Unanswered means undeclared, and is named."""
    good = {
        "tool": bool(said.tool.strip()),
        "release": RELEASE.fullmatch(said.release) is not None,
        "named": bool(said.named.strip()),
        "paper": DIGEST.fullmatch(said.paper) is not None,
        **{q: q in said.answers and _answered(said.answers[q]) for q in questions},
    }
    strange = sorted(set(said.answers) - set(questions))
    return (*(name for name, right in good.items() if not right), *strange)


def _answered(answer: Answer) -> bool:
    return DIGEST.fullmatch(answer.evidence) is not None and (bool(answer.who.strip()) or not answer.on)


def unsound(drill: Drill, questions: Mapping[str, Question]) -> tuple[str, ...]:
    """What no drill of ours would say; empty if it could be one."""
    good = {
        "release": RELEASE.fullmatch(drill.release) is not None,
        "ran": set(drill.ran) == {s.value for s in Step},
        "canaries": drill.canaries >= LEAST_CANARIES,
        "mails": drill.mails >= len({h.mail for h in drill.heard}),
        "report": DIGEST.fullmatch(drill.report) is not None,
        "heard": all(_heard(h, questions) for h in drill.heard),
    }
    return tuple(name for name, right in good.items() if not right)


def _heard(one: Heard, questions: Mapping[str, Question]) -> bool:
    labels = (one.actor, one.to, *one.shows)
    named = all(LABEL.fullmatch(label) for label in labels) and one.to not in one.shows
    return named and one.function in questions and NAME.fullmatch(one.function) is not None and DIGEST.fullmatch(one.mail) is not None


def undeclared(said: Declaration, drill: Drill) -> Sequence[Heard]:
    """What the tool did and nobody had declared: the breach, mail by mail."""
    on = {f for f, a in said.answers.items() if a.on}
    return [h for h in drill.heard if h.function not in on]


def forbidden(said: Declaration, questions: Mapping[str, Question]) -> Sequence[str]:
    """Functions declared on that no entrustment allows."""
    return [f for f, a in sorted(said.answers.items()) if a.on and f in questions and questions[f].never]


def shown(drill: Drill) -> Sequence[Heard]:
    """Mails by which one person learnt another's address, declared or not."""
    return [h for h in drill.heard if h.shows]


def verdict(said: Declaration, drill: Drill, questions: Mapping[str, Question]) -> Clear:
    """What the facts allow: clear, or why nobody may sign a go."""
    if undeclared(said, drill):
        return Clear.CAUGHT
    if forbidden(said, questions):
        return Clear.FORBIDDEN
    if shown(drill):
        return Clear.SHOWS
    lacking = Ran.FAILED in drill.ran.values() or all(r is Ran.NOT_OFFERED for r in drill.ran.values())
    return Clear.SHORT if lacking else Clear.CLEAR


@dataclass(frozen=True)
class Known:
    """All that was said of one row's tool, newest last; ids beside. None stands for words that were lost: they count as a no-go."""

    declarations: tuple[tuple[str, Declaration], ...] = ()
    drills: tuple[tuple[str, Drill], ...] = ()
    moves: tuple[ToolMove | None, ...] = ()


def clear(known: Known, questions: Mapping[str, Question], digest: str) -> Clear:
    """Where the newest declaration stands, in the order in which one would mend it. `digest`: of the list of questions now."""
    if not known.declarations:
        return Clear.UNDECLARED_YET
    identity, said = known.declarations[-1]
    if said.questions != digest:
        return Clear.OLD_QUESTIONS
    releases = [m.release for m in known.moves if m is not None and m.what is Said.RELEASED and m.at > said.at]
    if any(r != said.release for r in releases[-1:]):
        return Clear.STALE
    mine = [(i, d) for i, d in known.drills if d.declaration == identity]
    if not mine:
        return Clear.UNDRILLED
    name, drill = mine[-1]
    if drill.release != said.release:
        return Clear.STALE
    found = verdict(said, drill, questions)
    return found if found is not Clear.CLEAR else _signed(known.moves, name)


def _signed(moves: Sequence[ToolMove | None], drill: str) -> Clear:
    words = [m for m in moves if m is None or (m.what is not Said.RELEASED and m.drill == drill)]
    if not words:
        return Clear.NO_SHEET
    last = words[-1]
    return Clear.CLEAR if last is not None and last.what is Said.GO else Clear.NO_GO
