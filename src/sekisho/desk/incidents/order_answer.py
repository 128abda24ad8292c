"""A contractor answers an order after an incident by the code of its letter. It sees its own order, and nothing else of the case.

The answer is a move of the case, made at once and in the firm's name: nobody of ours has to type it in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.desk import entrustments, incident_room, matters, records
from sekisho.desk.cases import case_codes, case_moves, order_letters, procedure_attach
from sekisho.desk.cases.case_codes import BY
from sekisho.desk.cases.procedure_attach import File
from sekisho.desk.cases.procedure_follow import taken as fit
from sekisho.desk.matters import Matter
from sekisho.desk.world import No, World
from sekisho.law import incident
from sekisho.law.canonical import plain
from sekisho.law.incident import Item, Kind
from sekisho.law.incident_rules import UNDO
from sekisho.law.procedures import LONGEST, Event
from sekisho.law.walking import Told, lacks
from sekisho.law.words import Value

MOVE = "order-taken"
PAPER = "acknowledged"
MOST_ANSWERS = 6
"""So often one firm answers one order by its code: whoever has it cannot fill the ledger with it."""
Json = dict[str, Any]


@dataclass(frozen=True)
class MyOrder:
    """The number and the code as they were typed."""

    number: str
    code: str


@dataclass(frozen=True)
class AnswerOrder:
    """What was done, in the firm's words; how many accounts were undone, where that is asked; proof as files."""

    number: str
    code: str
    words: str
    undone: int | None
    files: tuple[File, ...]


@dataclass(frozen=True)
class _Admitted:
    matter: Matter
    order: Item
    row: str


def carry_out(world: World, request: MyOrder) -> Json:
    """{"number", "party", "kind": words, "text", "due", "late", "undo", "open", "answers": [{"words", "undone", "at"}], "files"}.

    Raises No("unknown-code"), which says nothing about anybody; No("case-file-gone").
    """
    return _shown(world, _admitted(world, request.number, request.code))


def answer(world: World, request: AnswerOrder) -> Json:
    """As `carry_out`, with the answer in it. Raises No: unknown-code, case-closed, undone-not-said, answered-too-often ..."""
    here = _admitted(world, request.number, request.code)
    matter, by, now = here.matter, _by(here), case_moves.sure(world)
    if matter.final:
        raise No("case-closed", matter=matter.number)
    if sum(m.by == by and m.event.move == MOVE for m in matter.made) >= MOST_ANSWERS:
        raise No("answered-too-often")
    said = request.words.replace("\r\n", "\n").strip()
    if not said:
        raise No("nothing-told")
    if len(said) > LONGEST["text"]:
        raise No("text-too-long", most=LONGEST["text"])
    facts: dict[str, Value] = {"taken_order": here.order.number, "taken_by": here.row, "taken_words": said}
    undo = here.order.text("order_kind") == UNDO
    if undo and request.undone is None:
        raise No("undone-not-said", order=here.order.number)
    if undo and request.undone is not None:
        facts["taken_undone"] = request.undone
    _must_fit(world, matter, facts)
    files = tuple(File(PAPER, f.name, f.content) for f in request.files)
    fit(world, matter, files, by)
    for file in files:
        procedure_attach.keep(world, matter.id, file, by, {}, now)
    case_moves.make(world, matter.id, len(matter.made), Event(MOVE, world.book.day(now), facts), {"by": by}, now)
    return _shown(world, _admitted(world, request.number, request.code))


def _must_fit(world: World, matter: Matter, facts: Mapping[str, Value]) -> None:
    now = world.clock.now()
    told = Told(facts, {p["paper"] for p in matters.papers(world, matter.id)}, world.book.day(now))
    found = lacks(matter.procedure, matter.standing, matter.procedure.move(MOVE), told)
    if found := found or incident_room.refused(world, matter, MOVE, facts, now):
        raise No("move-lacks", move=MOVE, lacks=matters.lacking(found))


def _admitted(world: World, number: str, code: str) -> _Admitted:
    """Raises No("unknown-code") for anything wrong, not saying what."""
    row = records.one(world.db, records.CODES, code=case_codes.digest(code))
    bound = order_letters.of_side(row["side"]) if row else None
    if row is None or bound is None:
        raise No("unknown-code")
    matter = case_codes.admitted(world, number, code, row["side"])
    order = incident.numbered(incident_room.here(matter), Kind.ORDER, bound[0])
    if order is None:
        raise No("unknown-code")
    return _Admitted(matter, order, bound[1])


def _by(here: _Admitted) -> str:
    return BY + order_letters.side(here.order.number, here.row)


def _shown(world: World, here: _Admitted) -> Json:
    now = world.clock.now()
    mine = here.order.number, here.row
    given = [t for t in incident_room.here(here.matter)[Kind.TAKEN] if (t.whole("taken_order"), t.text("taken_by")) == mine]
    files = [p for p in matters.papers(world, here.matter.id) if p["by"] == _by(here)]
    shown: Json = plain({
        "number": here.matter.number,
        "party": entrustments.get(world, here.row, now).said.party,
        "kind": here.matter.procedure.fact("order_kind").choices[here.order.text("order_kind")],
        "text": here.order.text("order_text"),
        "due": here.order.text("order_due"),
        "late": not given and here.order.text("order_due") < world.book.day(now).isoformat(),
        "undo": here.order.text("order_kind") == UNDO,
        "open": not here.matter.final,
        "answers": [{"words": t.text("taken_words"), "undone": t.said.get("taken_undone"), "at": t.at} for t in given],
        "files": [{"name": p["name"], "size": p["size"], "at": p["at"]} for p in files],
    })  # fmt: skip
    return shown
