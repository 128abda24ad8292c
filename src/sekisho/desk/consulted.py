"""Authorities' answers as this node knows them: its own, laid in as evidence, and those other operators signed. Shared by use cases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select

from sekisho.desk import records
from sekisho.desk.world import No, World
from sekisho.gate.people import Confirmation
from sekisho.law.exchange import Bundle, Consultation
from sekisho.law.reading import ReadingError, read
from sekisho.law.words import Evidence

KIND = "consultation"


@dataclass(frozen=True)
class Known:
    """An answer, and whose word it is: `operator` is empty for our own, which was laid in for `plan`."""

    said: Consultation
    operator: str = ""
    plan: str = ""


def read_answer(evidence: Evidence) -> Consultation:
    """The answer a piece of evidence tells. Raises No("not-an-answer"), naming the field."""
    try:
        said = read(Consultation, evidence.value)
    except ReadingError as why:
        raise No("not-an-answer", where=why.path, why=why.code) from why
    if wrong := said.faults():
        raise No("not-an-answer", where=wrong[0], why="empty-or-impossible")
    return said


def own(world: World) -> Iterator[Known]:
    """Those laid in here, oldest first."""
    table = records.EVIDENCE
    marked = func.instr(table.c.body, f'"kind":"{KIND}"'.encode()) > 0
    for row in world.db.execute(select(table.c.body, table.c.plan).where(marked).order_by(table.c.at)).mappings():
        evidence = read(Evidence, json.loads(row["body"])["evidence"])
        if evidence.kind == KIND:
            yield Known(read_answer(evidence), plan=row["plan"])


def bundles(world: World) -> Iterator[tuple[Bundle, str]]:
    """What others signed and our officer took in, oldest first, with the time it was."""
    for row in records.rows(world.db, records.EXCHANGES):
        yield read(Bundle, records.body(row)["bundle"]), row["at"]


def every(world: World) -> Iterator[Known]:
    yield from own(world)
    for bundle, _ in bundles(world):
        yield from (Known(c, bundle.operator) for c in bundle.consultations)


def must_carry(world: World, said: Confirmation) -> None:
    """A confirmation that names an answer rests on one that is here, is about its case and says yes. Raises No."""
    if not said.consultation:
        return
    found = next((k.said for k in every(world) if k.said.id == said.consultation), None)
    if found is None:
        raise No("unknown-consultation", consultation=said.consultation)
    if found.case != said.case:
        raise No("answer-to-another-case", case=found.case)
    if not found.answer.carries:
        raise No("answer-says-no", answer=found.answer)
