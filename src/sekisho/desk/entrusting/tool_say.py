"""What people sign about a contractor's tool: what it can do, how the drill went, go or no-go, and that there is a new release.

A go needs a drill without a fault, a paper the contractor's person signed, and somebody of ours who ran neither. All else ends permits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.desk import entrustments, permits, records, tools
from sekisho.desk.signing import signed_now
from sekisho.desk.world import No, World, fresh_id
from sekisho.gate.people import Signature
from sekisho.law import tool
from sekisho.law.canonical import canonical
from sekisho.law.entrustment import DIGEST
from sekisho.law.tool import Clear, Declaration, Drill, Said, ToolMove
from sekisho.law.words import Role
from sekisho.ledger.entry import EntryType

MAY_DECLARE = (Role.DESK, Role.OFFICER)
MAY_DRILL = (Role.DESK, Role.ENGINEER, Role.OFFICER)


@dataclass(frozen=True)
class DeclareTool:
    """The contractor's answers, and the signature of who read them here."""

    declaration: Declaration
    signature: Signature


@dataclass(frozen=True)
class RecordDrill:
    """What came of a drill, and the signature of who ran it."""

    drill: Drill
    signature: Signature


@dataclass(frozen=True)
class MoveTool:
    """Go, no-go, or a new release; and who says so."""

    move: ToolMove
    signature: Signature


def carry_out(world: World, request: DeclareTool) -> Mapping[str, Any]:
    """{"tool": id, "clear", "forbidden": [questions], "permits": those that ended}. Raises No: declaration-incomplete, other-questions."""
    said = request.declaration
    _signed(world, request.signature, said, *MAY_DECLARE)
    entrustments.get(world, said.entrustment, world.clock.now())
    asked = tools.questions(world.settings.texts)
    if said.questions != asked.digest:
        raise No("other-questions", digest=asked.digest)
    if wrong := tool.faults(said, asked.each):
        raise No("declaration-incomplete", fields=list(wrong))
    found = _write(world, said.entrustment, tools.DECLARED, said, request.signature)
    return {**found, "forbidden": list(tool.forbidden(said, asked.each))}


def drilled(world: World, request: RecordDrill) -> Mapping[str, Any]:
    """{"tool": id, "clear", "undeclared": [functions], "permits"}. Raises No: no-such-declaration, not-a-drill."""
    said = request.drill
    _signed(world, request.signature, said, *MAY_DRILL)
    asked, known = tools.questions(world.settings.texts), tools.known(world, said.entrustment)
    declared = next((d for i, d in known.declarations[-1:] if i == said.declaration), None)
    if declared is None:
        raise No("no-such-declaration", declaration=said.declaration[:64])
    if wrong := tool.unsound(said, asked.each):
        raise No("not-a-drill", fields=list(wrong))
    found = _write(world, said.entrustment, tools.DRILLED, said, request.signature)
    return {**found, "undeclared": sorted({h.function for h in tool.undeclared(declared, said)})}


def move(world: World, request: MoveTool) -> Mapping[str, Any]:
    """{"tool": id, "clear", "permits"}. Raises No: no-such-drill, tool-not-clear, no-proof, drilled-it-oneself, no-reasons."""
    said = request.move
    _signed(world, request.signature, said, *tool.MAY_SAY[said.what])
    entrustments.get(world, said.entrustment, world.clock.now())
    if said.what is Said.RELEASED:
        if tool.RELEASE.fullmatch(said.release) is None:
            raise No("not-a-release")
    else:
        _about(world, said)
    return _write(world, said.entrustment, tools.MOVED, said, request.signature)


def _about(world: World, said: ToolMove) -> None:
    """The drill a go or a no-go is about, and what a go needs."""
    known = tools.known(world, said.entrustment)
    drill = next((d for i, d in known.drills[-1:] if i == said.drill), None)
    if drill is None:
        raise No("no-such-drill", drill=said.drill[:64])
    if said.what is Said.NO_GO:
        if not said.reason.strip():
            raise No("no-reasons")
        return
    stands = tools.stands(world, said.entrustment)
    if stands not in (Clear.CLEAR, Clear.NO_SHEET, Clear.NO_GO):
        raise No("tool-not-clear", why=stands)
    if not said.named.strip() or DIGEST.fullmatch(said.paper) is None:
        raise No("no-proof", move=said.what)
    if said.by in (drill.by, known.declarations[-1][1].by):
        raise No("drilled-it-oneself", person=said.by)


def _signed(world: World, signature: Signature, said: Any, *roles: Role) -> None:
    signed_now(world, signature, said, *roles)


def _write(world: World, row: str, what: str, said: Any, signature: Signature) -> dict[str, Any]:
    """Enter it; where the tool is not clear now, every permit that rests on that ends."""
    now, identity = world.clock.now(), fresh_id("tool")
    body = canonical({"what": what, "said": said, "signature": signature})
    records.add(world.db, records.TOOLS, body, now, id=identity, entrustment=row, what=what)
    ids = {"tool": identity, "entrustment": row}
    world.write(EntryType.TOOL, body, ids=ids, at=now, table=records.TOOLS, key={"id": identity})
    stands = tools.stands(world, row)
    ended = [] if stands is Clear.CLEAR else _ended(world, row)
    return {"tool": identity, "clear": stands, "permits": ended}


def _ended(world: World, row: str) -> list[str]:
    now, ended = world.clock.now(), []
    for permit, _ in permits.living(world, now):
        into = permit.step.name == tools.INTO
        if permit.scope.get("entrustment") == row and tool.asked(permit.scope.get("rung"), _actions(permit.scope), into_a_tool=into):
            body = canonical({"permit": permit.id, "why": "evidence-stale"})
            world.write(EntryType.EXPIRY, body, ids={"permit": permit.id}, at=now)
            permits.mark_ended(world, permit.id, "ended")
            ended.append(permit.id)
    return ended


def _actions(scope: Mapping[str, Any]) -> list[Any]:
    said = scope.get("actions")
    return list(said) if isinstance(said, tuple) else []
