"""Contractors' tools as `keep` knows them: the questions, what was declared and drilled of each row's tool, what a probe says."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from sekisho.desk import entrustments, records
from sekisho.desk.world import No, World
from sekisho.law import tool
from sekisho.law.entrustment import Action
from sekisho.law.reading import ReadingError, read
from sekisho.law.tool import Clear, Declaration, Drill, Known, Question, ToolMove
from sekisho.law.words import Act, Evidence, Plan, Value, VouchedBy, Voucher, Words

PROBE, KIND = "tool-table", "tool"
DECLARED, DRILLED, MOVED = "declared", "drilled", "moved"
FILE = Path("papers") / "tool-questions@1.toml"
INTO = "enter-into-tool"


@dataclass(frozen=True)
class Questions:
    """The list in its order, and the digest by which a declaration says which list it answers."""

    groups: Mapping[str, Words]
    each: Mapping[str, Question]
    digest: str


@lru_cache(maxsize=4)
def questions(texts: Path) -> Questions:
    """Raises No("no-tool-questions") where the list is not there or not sound: then nothing can be declared."""
    try:
        content = (texts / FILE).read_bytes()
        raw = tomllib.loads(content.decode())
        groups = {str(g["id"]): MappingProxyType(dict(g["words"])) for g in raw["group"]}
        each = {str(q["id"]): read(Question, q) for q in raw["question"]}
    except (OSError, ValueError, KeyError, TypeError, ReadingError) as why:
        raise No("no-tool-questions", path=str(FILE)) from why
    if len(each) != len(raw["question"]) or any(q.group not in groups for q in each.values()):
        raise No("no-tool-questions", path=str(FILE))
    return Questions(groups, each, sha256(content).hexdigest())


def known(world: World, entrustment: str) -> Known:
    """All that was said of one row's tool, oldest first."""
    declared: list[tuple[str, Declaration]] = []
    drilled: list[tuple[str, Drill]] = []
    moved: list[ToolMove | None] = []
    for row in records.rows(world.db, records.TOOLS, entrustment=entrustment):
        said = records.body(row).get("said")
        if said is None:
            moved.append(None)
        elif row["what"] == DECLARED:
            declared.append((row["id"], read(Declaration, said)))
        elif row["what"] == DRILLED:
            drilled.append((row["id"], read(Drill, said)))
        else:
            moved.append(read(ToolMove, said))
    return Known(tuple(declared), tuple(drilled), tuple(moved))


def stands(world: World, entrustment: str) -> Clear:
    """Whether that row's tool is clear for real data at this moment. Raises No("no-tool-questions")."""
    asked = questions(world.settings.texts)
    return tool.clear(known(world, entrustment), asked.each, asked.digest)


def measured(world: World, plan: Plan, now: datetime) -> Iterator[Evidence]:
    """For a plan that hands something to a contractor of ours: whether a tool is asked about, and whether it is clear."""
    purposes = sorted({s.purpose for s in plan.steps if Act.ENTRUST in s.acts})
    named = plan.scope.get("entrustment")
    if not purposes or not isinstance(named, str) or records.one(world.db, records.ENTRUSTMENTS, id=named) is None:
        return
    one = entrustments.get(world, named, now)
    said = plan.scope.get("actions")
    mine = [Action(a) for a in said if a in set(Action)] if isinstance(said, tuple) and said else list(one.said.actions)
    into = any(s.name == INTO for s in plan.steps)
    wanted = tool.asked(plan.scope.get("rung"), mine, into_a_tool=into)
    try:
        found = stands(world, named) if wanted else Clear.NOT_ASKED
    except No:
        found = Clear.UNDECLARED_YET
    value: dict[str, Value] = {"entrustment": named, "clear": found in (Clear.CLEAR, Clear.NOT_ASKED), "why": found.value}
    for purpose in purposes:
        yield Evidence(KIND, value, purpose, Voucher(VouchedBy.PROBE, PROBE), now)
