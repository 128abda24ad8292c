"""What may be recorded in the room of an incident, and what keeps it from closing. Pure; silence never makes anything better.

The marathon of 2024 and the conference of 2023: one answer for three questions, an incident blamed on a volunteer, a warning brushed off,
a coupon that brought the leaker customers. Each is a sentence here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from sekisho.law.incident import (
    MOMENT,
    Kind,
    Room,
    answers,
    asked_of,
    ends,
    is_root,
    numbered,
    numbers,
    silent,
)
from sekisho.law.procedures import Lack, Standing
from sekisho.law.words import Value

UNDO = "undo-accounts"
OWN_PEOPLE = "own-people"
POST = frozenset({"post", "mail-and-post"})
LETTERS = frozenset({"tell-person", "post-people"})
OUT = {"draft-statement": ("statement_title_ja", "statement_ja", "statement_title_en", "statement_en"), "answer": ("answer_text",)}
"""The words of a move that strangers may read."""
TELLS = frozenset({"tell-people", "tell-person", "mail-people", "post-people"})
"""Moves by which the persons are told what the record says."""
Told = Mapping[str, Value]
"""The facts of one move."""


@dataclass(frozen=True)
class Around:
    """What lies outside the case. `people`: names of our people. `firms`: each living row of the register with its party's name.

    `printers`: rows in force that may send post. `leaking`: names of the parties the leak came from, those above and those below.
    `outside_body`: who hears complaints about our own people. `ladder`: whether one is set. `record`: what is written down
    and told to the persons.
    """

    people: Collection[str] = ()
    firms: Mapping[str, str] = field(default_factory=dict)
    printers: Collection[str] = ()
    leaking: Collection[str] = ()
    outside_body: str = ""
    ladder: bool = False
    record: str = ""


def refused(here: Room, move: str, told: Told, around: Around) -> tuple[Lack, ...]:
    """Why this may not be recorded like this; empty when it may. The types of the facts were looked at before."""
    check = CHECKS.get(move)
    found = [*(check(here, told, around) if check else ()), *_on_paper(move, told, around)]
    return (*found, *_names(here, move, told, around))


def open_ends(here: Room, standing: Standing, around: Around) -> tuple[Lack, ...]:
    """What keeps the incident from closing; empty when nothing does."""
    return (
        *(Lack("clock-open", name) for name, c in standing.clocks.items() if c.stopped is None),
        *(Lack("question-open", str(q.number)) for q in here[Kind.QUESTION] if not answers(here, q.number)),
        *_causes(here),
        *(Lack("measure-unowned", str(m.number)) for m in here[Kind.MEASURE] if not m.text("measure_owner").strip()),
        *(Lack("order-open", f"{o.number}: {row}") for o in here[Kind.ORDER] for row in silent(here, o)),
        *_unheard(here, around),
    )


def plain(text: str) -> str:
    """The same for either width, either case, and with or without blanks."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _causes(here: Room) -> Iterator[Lack]:
    if not here[Kind.CAUSE]:
        yield Lack("no-cause", "")
    for cause in ends(here):
        if not is_root(cause.said):
            yield Lack("cause-not-ended", str(cause.number))
        elif not any(m.whole("measure_cause") == cause.number for m in here[Kind.MEASURE]):
            yield Lack("cause-without-measure", str(cause.number))


def _unheard(here: Room, around: Around) -> Iterator[Lack]:
    if around.ladder and not here[Kind.HEARD]:
        yield Lack("nobody-acknowledged", "")


def _fact(_here: Room, told: Told, _around: Around) -> Iterator[Lack]:
    yield from _moment(told, "fact_when")


def _warning(_here: Room, told: Told, _around: Around) -> Iterator[Lack]:
    yield from _moment(told, "warning_when")


def _moment(told: Told, name: str) -> Iterator[Lack]:
    if not MOMENT.fullmatch(str(told.get(name, ""))):
        yield Lack("no-such-moment", name)


def _cause(here: Room, told: Told, around: Around) -> Iterator[Lack]:
    if told.get("cause_root") is True:
        if not is_root(told):
            yield Lack("person-as-root", str(told.get("cause_kind", "")))
        words = plain(str(told.get("cause_text", "")))
        yield from (Lack("cause-names-person", name) for name in around.people if name and plain(name) in words)
    under = told.get("cause_under", 0)
    if under and numbered(here, Kind.CAUSE, int(str(under))) is None:
        yield Lack("unknown-number", str(under))


def _measure(here: Room, told: Told, _around: Around) -> Iterator[Lack]:
    cause = numbered(here, Kind.CAUSE, int(str(told.get("measure_cause", 0))))
    if cause is None:
        yield Lack("unknown-number", str(told.get("measure_cause", 0)))
    elif not is_root(cause.said):
        yield Lack("cause-not-ended", str(cause.number))


def _check(here: Room, told: Told, _around: Around) -> Iterator[Lack]:
    yield from _known(here, Kind.MEASURE, told.get("check_number", 0))


def _answer(here: Room, told: Told, around: Around) -> Iterator[Lack]:
    yield from _questions(here, told.get("answer_to", ""))
    for number in numbers(str(told.get("answer_to", ""))):
        asked = numbered(here, Kind.QUESTION, number)
        own = asked is not None and asked.text("question_about") == OWN_PEOPLE
        if own and (not around.outside_body or told.get("answer_body") != around.outside_body):
            yield Lack("for-the-outside-body", around.outside_body or str(number))


def _later(here: Room, told: Told, _around: Around) -> Iterator[Lack]:
    yield from _questions(here, told.get("later_to", ""))


def _questions(here: Room, named: Value) -> Iterator[Lack]:
    found = numbers(str(named))
    if not found:
        yield Lack("unknown-number", str(named))
    for number in found:
        yield from _known(here, Kind.QUESTION, number)


def _order(_here: Room, told: Told, around: Around) -> Iterator[Lack]:
    named = asked_of(told)
    yield from (Lack("order-leaves-out", f"{row} {party}") for row, party in around.firms.items() if row not in named)
    yield from (Lack("unknown-row", row) for row in named if row not in around.firms)


def _taken(here: Room, told: Told, _around: Around) -> Iterator[Lack]:
    order = numbered(here, Kind.ORDER, int(str(told.get("taken_order", 0))))
    if order is None:
        yield Lack("unknown-number", str(told.get("taken_order", 0)))
        return
    if told.get("taken_by") not in asked_of(order.said):
        yield Lack("unknown-row", str(told.get("taken_by", "")))
    if order.text("order_kind") == UNDO and "taken_undone" not in told:
        yield Lack("undone-not-said", str(order.number))


def _again(here: Room, told: Told, _around: Around) -> Iterator[Lack]:
    order = numbered(here, Kind.ORDER, int(str(told.get("again_order", 0))))
    if order is None:
        yield Lack("unknown-number", str(told.get("again_order", 0)))
    elif not silent(here, order):
        yield Lack("order-answered", str(order.number))


def _statement(here: Room, told: Told, _around: Around) -> Iterator[Lack]:
    first = told.get("statement_kind") == "first"
    begun = any(s.text("statement_kind") == "first" for s in here[Kind.STATEMENT])
    if first == begun:
        yield Lack("first-statement", "")
    if told.get("statement_kind") == "correction":
        out = {p.whole("publish_number") for p in here[Kind.PUBLISHED]}
        if told.get("statement_of", 0) not in out:
            yield Lack("unknown-number", str(told.get("statement_of", 0)))


def _publish(here: Room, told: Told, _around: Around) -> Iterator[Lack]:
    number = told.get("publish_number", 0)
    yield from _known(here, Kind.STATEMENT, number)
    if any(p.whole("publish_number") == number for p in here[Kind.PUBLISHED]):
        yield Lack("published-already", str(number))
    if not here[Kind.SPEAKER]:
        yield Lack("no-spokesperson", "")


def _cost(_here: Room, told: Told, around: Around) -> Iterator[Lack]:
    if profits(told, around) and not told.get("cost_despite"):
        yield Lack("amends-profit-leaker", str(told.get("cost_to", "")))


def profits(told: Told, around: Around) -> bool:
    """Whether what it costs ends up with whom the leak came from: a coupon to be spent in their shop, a fee to their sister firm."""
    to = plain(str(told.get("cost_to", "")))
    return any(plain(name) in to for name in around.leaking if name.strip())


def _touched(_here: Room, told: Told, around: Around) -> Iterator[Lack]:
    if told.get("touched_row") not in around.firms:
        yield Lack("unknown-row", str(told.get("touched_row", "")))


def _returned(here: Room, told: Told, _around: Around) -> Iterator[Lack]:
    if not numbers(str(told.get("returned_lines", ""))):
        yield Lack("unknown-number", str(told.get("returned_lines", "")))
    if not any(p.text("people_list") == told.get("people_list") for p in here[Kind.POSTED]):
        yield Lack("not-posted", str(told.get("people_list", "")))


def _on_paper(move: str, told: Told, around: Around) -> Iterator[Lack]:
    """What goes to people by post is printed and posted by somebody: that firm stands in the register, in force, for just that."""
    if (told.get("told_how") in POST or move in LETTERS) and told.get("printer") not in around.printers:
        yield Lack("printer-not-in-force", str(told.get("printer", "")))


def _names(here: Room, move: str, told: Told, around: Around) -> Iterator[Lack]:
    """Whoever speaks is named, once: nobody else of ours, and no protected reporter, in anything strangers may read."""
    if move in TELLS:
        words = plain(around.record)
    elif move in OUT and (move != "answer" or told.get("answer_public") is True):
        words = plain("\n".join(str(told.get(name, "")) for name in OUT[move]))
    else:
        return
    speakers = {plain(s.text("spokesperson")) for s in here[Kind.SPEAKER]}
    for number, name in enumerate((p.text("protected_name") for p in here[Kind.PROTECTED]), 1):
        if plain(name) in words:
            yield Lack("names-a-reporter", str(number))
    for name in sorted(set(around.people)):
        if name and plain(name) in words and plain(name) not in speakers:
            yield Lack("names-our-people", name)


def _known(here: Room, kind: Kind, number: Value) -> Iterator[Lack]:
    if not isinstance(number, int) or numbered(here, kind, number) is None:
        yield Lack("unknown-number", str(number))


Check = Callable[[Room, Told, Around], Iterator[Lack]]
CHECKS: Mapping[str, Check] = {
    "add-fact": _fact,
    "add-warning": _warning,
    "add-cause": _cause,
    "add-measure": _measure,
    "check-measure": _check,
    "answer": _answer,
    "answer-later": _later,
    "order": _order,
    "order-taken": _taken,
    "order-again": _again,
    "draft-statement": _statement,
    "publish-statement": _publish,
    "add-cost": _cost,
    "add-touched": _touched,
    "post-returned": _returned,
}
