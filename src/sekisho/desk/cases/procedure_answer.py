"""Whoever was asked answers by the code in the letter. Typing the code shows that the inquiry arrived: from then the term runs.

What the table shows of the claim is shown, nothing else. The answer makes the move the table names, at once: an objection that waited
for somebody's desk would come too late. A draft is sealed like the file and counts for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.desk import matters, records
from sekisho.desk.cases import case_codes, case_masks, case_moves, procedure_attach
from sekisho.desk.cases.case_codes import BY, POSTER
from sekisho.desk.cases.case_masks import Mask
from sekisho.desk.cases.procedure_attach import File
from sekisho.desk.cases.procedure_follow import taken, worded
from sekisho.desk.matters import Matter
from sekisho.desk.world import No, World
from sekisho.law.canonical import canonical, plain
from sekisho.law.procedures import LONGEST, Event, Fact, Move
from sekisho.law.public import Answer, Choice
from sekisho.law.walking import Told, lacks
from sekisho.law.words import Value

EXTENSION = "extension-request.txt"
Json = dict[str, Any]


@dataclass(frozen=True)
class OpenInquiry:
    """The number and the code as they were typed. Asked only when somebody sent the form, never when a page is loaded."""

    number: str
    code: str


@dataclass(frozen=True)
class SaveAnswer:
    """A draft: which choice, and the words so far."""

    number: str
    code: str
    choice: str
    words: str


@dataclass(frozen=True)
class SendAnswer:
    """The answer: which choice, the reason where one is asked, and evidence."""

    number: str
    code: str
    choice: str
    words: str
    files: tuple[File, ...]


@dataclass(frozen=True)
class AskLonger:
    """More time is asked for, and why. The operator decides; the term of the law runs on meanwhile."""

    number: str
    code: str
    words: str


def carry_out(world: World, request: OpenInquiry) -> Json:
    """{"number", "law", "shown": [...], "due", "choices": [...], "open", "answered", "draft", "asked_longer"}; raises No("unknown-code").

    The first time it records the receipt and starts the term.
    """
    matter = case_codes.admitted(world, request.number, request.code, POSTER)
    page = _page(matter)
    receipt = matter.procedure.move(page.receipt.move)
    if matter.standing.state in receipt.leaves:
        matter = _received(world, matter, page, receipt)
    return _shown(world, matter, page)


def save(world: World, request: SaveAnswer) -> Json:
    """{"number"}. Raises No: unknown-code, case-closed, unknown-choice, text-too-long."""
    matter = case_codes.admitted(world, request.number, request.code, POSTER)
    page, now = _page(matter), world.clock.now()
    if request.choice and request.choice not in {c.id for c in page.choices}:
        raise No("unknown-choice", choice=request.choice)
    if len(request.words) > LONGEST["text"]:
        raise No("text-too-long", most=LONGEST["text"])
    if not _open(matter, page):
        raise No("case-closed", matter=matter.number)
    table = records.DRAFTS
    world.db.execute(table.delete().where(table.c.matter == matter.id))
    sealed = matters.seal(world, matter.id, {"choice": request.choice, "words": request.words})
    records.add(world.db, table, canonical({"sealed": sealed}), now, matter=matter.id)
    return {"number": matter.number}


def send(world: World, request: SendAnswer) -> Json:
    """{"number", "choice", "day"}. Raises No: unknown-code, unknown-choice, answer-needs-reason, already-answered, and more."""
    matter = case_codes.admitted(world, request.number, request.code, POSTER)
    page, now = _page(matter), case_moves.sure(world)
    choice = next((c for c in page.choices if c.id == request.choice), None)
    if choice is None:
        raise No("unknown-choice", choice=request.choice)
    move = matter.procedure.move(choice.move)
    if matter.standing.state not in move.leaves:
        raise No("already-answered", matter=matter.number)
    if choice.reason and not request.words.strip():
        raise No("answer-needs-reason", choice=choice.id)
    taken(world, matter, request.files, BY + POSTER)
    today = world.book.day(now)
    told = _told(choice, request.words, today.isoformat())
    kept = (File(page.paper, "answer.txt", _spelled(choice, request.words, now)), *request.files)
    for file in kept:
        procedure_attach.keep(world, matter.id, file, BY + POSTER, {}, now)
    _make(world, matter, move, told, now)
    world.db.execute(records.DRAFTS.delete().where(records.DRAFTS.c.matter == matter.id))
    return {"number": matter.number, "choice": choice.id, "day": today.isoformat()}


def longer(world: World, request: AskLonger) -> Json:
    """{"number"}. Raises No: unknown-code, case-closed, nothing-told, text-too-long, too-many-attachments."""
    matter = case_codes.admitted(world, request.number, request.code, POSTER)
    page = _page(matter)
    files = worded(request.words, EXTENSION)
    if not files:
        raise No("nothing-told")
    if not _open(matter, page):
        raise No("case-closed", matter=matter.number)
    taken(world, matter, files, BY + POSTER)
    procedure_attach.keep(world, matter.id, files[0], BY + POSTER, {}, world.clock.now())
    return {"number": matter.number}


def _page(matter: Matter) -> Answer:
    if matter.procedure.answer is None:
        raise No("unknown-code")
    return matter.procedure.answer


def _open(matter: Matter, page: Answer) -> bool:
    """Whether any answer would still be taken."""
    return any(matter.standing.state in matter.procedure.move(c.move).leaves for c in page.choices)


def _received(world: World, matter: Matter, page: Answer, move: Move) -> Matter:
    """The code was typed: what proves it is kept as the paper the table asks for, and the move starts the term."""
    now = case_moves.sure(world)
    said = canonical({"number": matter.number, "at": now, "shown": "code-typed", "letter": page.letter})
    procedure_attach.keep(world, matter.id, File(page.receipt.paper, "receipt.txt", said), BY + POSTER, {}, now)
    return _make(world, matter, move, {page.receipt.day: world.book.day(now).isoformat()}, now)


def _make(world: World, matter: Matter, move: Move, facts: Mapping[str, Value], now: datetime) -> Matter:
    today = world.book.day(now)
    attached = {p["paper"] for p in matters.papers(world, matter.id)}
    if found := lacks(matter.procedure, matter.standing, move, Told(facts, attached, today)):
        raise No("move-lacks", move=move.id, lacks=matters.lacking(found))
    return case_moves.make(world, matter.id, len(matter.made), Event(move.id, today, facts), {"by": BY + POSTER}, now)


def _told(choice: Choice, words: str, today: str) -> dict[str, Value]:
    return {**choice.tells, choice.day: today, **({choice.reason: words.replace("\r\n", "\n").strip()} if choice.reason else {})}


def _spelled(choice: Choice, words: str, now: datetime) -> bytes:
    said = [f"{records.stamp(now)} UTC", f"{choice.title['ja']} / {choice.title['en']}", "", words.replace("\r\n", "\n").strip()]
    return "\n".join(said).encode()


def _fact(fact: Fact, value: Value, mask: Mask) -> Json:
    """With everything the claimant keeps back blacked out, wherever it turns up."""
    said = mask.over(value) if isinstance(value, str) and fact.type in LONGEST else value
    return {"title": fact.title, "type": fact.type, "choices": fact.choices, "value": said}


def _shown(world: World, matter: Matter, page: Answer) -> Json:
    table, known = matter.procedure, matter.standing.facts
    mask = case_masks.of(table, matter.standing)
    names = [n for n in page.shows if n in known and n not in mask.names]
    running = matter.standing.clocks.get(page.clock)
    mine = [p for p in matters.papers(world, matter.id) if p["by"] == BY + POSTER]
    row = records.one(world.db, records.DRAFTS, matter=matter.id)
    choices = [c for c in page.choices if matter.standing.state in table.move(c.move).leaves]
    shown: Json = plain({
        "number": matter.number,
        "title": page.title,
        "lead": page.lead,
        "law": table.law,
        "state": table.state(matter.standing.state).title,
        "shown": [_fact(f, known[f.id], mask) for f in map(table.fact, names)],
        "received": running.since if running else None,
        "due": running.due if running else None,
        "days_left": (running.due - world.book.day(world.clock.now())).days if running else None,
        "choices": [{"id": c.id, "title": c.title, "says": c.says, "reason": bool(c.reason)} for c in choices],
        "open": bool(choices),
        "sent": running is not None or bool(choices),
        "answered": any(m.by == BY + POSTER and m.event.move != page.receipt.move for m in matter.made),
        "files": [{"name": p["name"], "size": p["size"], "at": p["at"]} for p in mine if p["paper"] != page.receipt.paper],
        "draft": matters.unseal(world, matter.id, records.body(row)["sealed"]) if row else None,
    })  # fmt: skip
    return shown
