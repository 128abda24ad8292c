"""Whoever sent a form follows it by receipt number and code: where it stands, what they may read of it, and more to add."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sekisho.desk import matters, records
from sekisho.desk.cases import case_codes, procedure_attach
from sekisho.desk.cases.case_codes import BY, CLAIMANT
from sekisho.desk.cases.procedure_attach import File
from sekisho.desk.cases.procedure_door import fit
from sekisho.desk.matters import Matter
from sekisho.desk.world import No, World
from sekisho.law.canonical import plain
from sekisho.law.procedures import LONGEST

MOST_ADDED = 20
"""Files from outside in one case, besides those that came with the form."""
Json = dict[str, Any]


@dataclass(frozen=True)
class MyCase:
    """The receipt number and its code."""

    number: str
    code: str


@dataclass(frozen=True)
class AddToCase:
    """More words, more files, or both, for the case of this receipt."""

    number: str
    code: str
    words: str
    files: tuple[File, ...]


def carry_out(world: World, request: MyCase) -> Json:
    """{"number", "title", "state", "waits", "final", "steps": [{"title", "day"}], "told", "files", "next"}. Raises No("unknown-code").

    Says nothing of the other side, of the operator's people, or of letters to anybody else.
    """
    matter = case_codes.admitted(world, request.number, request.code, CLAIMANT)
    table, known = matter.procedure, matter.standing.facts
    state = table.state(matter.standing.state)
    names = table.door.tells if table.door else ()
    mine = [p for p in matters.papers(world, matter.id) if p["by"] == BY + CLAIMANT]
    shown: Json = plain({
        "number": matter.number,
        "title": table.title,
        "law": table.law,
        "state": state.title,
        "waits": state.waits,
        "final": state.final,
        "steps": [{"title": table.move(m.event.move).title, "day": m.event.day} for m in matter.made],
        "told": [{"title": f.title, "type": f.type, "choices": f.choices, "value": known[f.id]} for f in table.facts
                 if f.id in names and f.id in known],
        "files": [{"name": p["name"], "size": p["size"], "at": p["at"]} for p in mine],
        "next": table.door.next if table.door else None,
    })  # fmt: skip
    return shown


def add(world: World, request: AddToCase) -> Json:
    """{"number", "files": how many were added}. Raises No: unknown-code, case-closed, nothing-told, too-many-attachments, and more."""
    matter = case_codes.admitted(world, request.number, request.code, CLAIMANT)
    files = (*request.files, *worded(request.words, "supplement.txt"))
    if not files:
        raise No("nothing-told")
    taken(world, matter, request.files, BY + CLAIMANT)
    now = world.clock.now()
    for file in files:
        procedure_attach.keep(world, matter.id, file, BY + CLAIMANT, {}, now)
    return {"number": matter.number, "files": len(files)}


def worded(words: str, name: str, paper: str = "") -> tuple[File, ...]:
    """What somebody wrote, as a file of text; none for nothing. Raises No("text-too-long")."""
    if len(words) > LONGEST["text"]:
        raise No("text-too-long", most=LONGEST["text"])
    return (File(paper, name, words.strip().encode()),) if words.strip() else ()


def taken(world: World, matter: Matter, files: tuple[File, ...], by: str) -> None:
    """Raises No for a case that is over, and for more than one side may send."""
    if matter.final:
        raise No("case-closed", matter=matter.number)
    fit(files, tuple(matter.procedure.papers))
    sent = sum(records.body(r)["by"] == by for r in records.rows(world.db, records.ATTACHMENTS, matter=matter.id))
    if sent + len(files) > MOST_ADDED:
        raise No("too-many-attachments", most=MOST_ADDED)
