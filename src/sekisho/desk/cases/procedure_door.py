"""The public doors: what may be asked of the operator without an account. A form that is sent opens a case and completes nothing.

Nobody of the operator signs for it: what a stranger typed is sealed as the facts of the procedure's opening, said to be theirs, and
the desk goes on from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from sekisho.desk import matters, records
from sekisho.desk.cases import case_codes, case_moves, procedure_attach
from sekisho.desk.cases.case_codes import BY, CLAIMANT
from sekisho.desk.cases.procedure_attach import File
from sekisho.desk.world import No, World
from sekisho.law.canonical import plain
from sekisho.law.procedures import LONGEST, OPENING, Event, Procedure, Standing
from sekisho.law.public import Door
from sekisho.law.walking import Told, lacks
from sekisho.law.words import Value, nothing

MOST_FILES = 3
MOST_OCTETS = 3 << 20
"""Files that come with one form, and how many octets they have together."""
MOST_AN_HOUR = 120
HOUR = timedelta(hours=1)
LANGUAGES = frozenset({"ja", "en"})
Json = dict[str, Any]


@dataclass(frozen=True)
class Doors:
    """Every door that is open today."""


@dataclass(frozen=True)
class Knock:
    """A form as it was sent: which door, what was told, files, and the language it was read in."""

    door: str
    facts: Mapping[str, Value]
    files: tuple[File, ...]
    language: str


@dataclass(frozen=True)
class Let:
    """The receipt: `number` is what people call the case, `code` opens its page and is told this once."""

    number: str
    code: str
    at: datetime


def listed(world: World, _request: Doors) -> Json:
    """{"operator": {...}, "doors": [...]} in the order of the tables; each door with the fields of its form."""
    today, operator = world.book.day(world.clock.now()), world.settings.operator
    tables = [(p.door, p) for p in world.book.procedures.values() if p.door is not None and p.in_force(today)]
    found: Json = plain({
        "operator": {"name": operator.name, "window": operator.window, "phone": operator.window_phone, "hours": operator.window_hours},
        "doors": [_shown(p, d) for d, p in sorted(tables, key=lambda pair: pair[0].place)],
    })  # fmt: skip
    return found


def carry_out(world: World, request: Knock) -> Let:
    """Raises No: unknown-door, too-many-claims, move-lacks, too-many-attachments, unknown-paper, attachment-..., clock-jumped."""
    now = case_moves.sure(world)
    today = world.book.day(now)
    table = world.book.procedures.get(request.door)
    if table is None or table.door is None or not table.in_force(today):
        raise No("unknown-door", door=request.door)
    since = records.stamp(now - HOUR)
    late = select(func.count()).select_from(records.CODES).where(records.CODES.c.side == CLAIMANT, records.CODES.c.at > since)
    if world.db.execute(late).scalar_one() >= MOST_AN_HOUR:
        raise No("too-many-claims", most=MOST_AN_HOUR)
    fit(request.files, table.door.papers)
    facts = _told(table.door, request, today.isoformat())
    if found := lacks(table, Standing("", nothing(), {}, {}), table.opening, Told(facts, (), today)):
        raise No("move-lacks", move=OPENING, lacks=matters.lacking(found))
    by = BY + CLAIMANT
    identity = matters.add(world, table, _owner(world, table), now)
    case_moves.make(world, identity, 0, Event(OPENING, today, facts), {"by": by}, now)
    for file in (*_form(table, table.door, facts), *request.files):
        procedure_attach.keep(world, identity, file, by, {}, now)
    code = case_codes.issue(world, identity, CLAIMANT, now)
    return Let(matters.load(world, identity).number, code, now)


def _owner(world: World, table: Procedure) -> str:
    """Whom the settings name for cases of this procedure, by id or by a name that nobody else has; else nobody."""
    named = world.settings.owners.get(table.id, "")
    found = [p.id for p in world.people().values() if named and named in (p.id, p.name)]
    return found[0] if len(found) == 1 else ""


def _form(table: Procedure, door: Door, facts: Mapping[str, Value]) -> tuple[File, ...]:
    """The form as it came, as a file of text, where the procedure asks for it as a paper."""
    if not door.paper:
        return ()
    told = (f"{table.fact(n).title['ja']} / {table.fact(n).title['en']}\n{facts[n]}\n" for n in facts)
    return (File(door.paper, "form.txt", "\n".join(told).encode()),)


def fit(files: tuple[File, ...], papers: tuple[str, ...]) -> None:
    """Raises No for more files, or larger ones, than a stranger may send, and for a paper that is not asked for."""
    if len(files) > MOST_FILES:
        raise No("too-many-attachments", most=MOST_FILES)
    if sum(len(f.content) for f in files) > MOST_OCTETS:
        raise No("attachment-too-large", most=MOST_OCTETS)
    for file in files:
        if file.paper not in {"", *papers}:
            raise No("unknown-paper", paper=file.paper, known=sorted(papers))


def _told(door: Door, request: Knock, today: str) -> dict[str, Value]:
    """What the form told and what the node adds. Raises No("move-lacks") for what it must tell, or must not."""
    language = request.language if request.language in LANGUAGES else "ja"
    must, asked = (*door.facts, *door.pledges), {*door.facts, *door.may, *door.pledges}
    missing = [{"code": "fact-missing", "name": n} for n in must if n not in request.facts]
    missing += [{"code": "fact-unasked", "name": n} for n in request.facts if n not in asked]
    missing += [{"code": "pledge-missing", "name": n} for n in door.pledges if request.facts.get(n) is not True]
    if missing:
        raise No("move-lacks", move=OPENING, lacks=missing)
    known = {"today": today, "language": language, "form": "form"}
    return {**request.facts, **{name: known[what] for name, what in door.given.items()}}


def _shown(table: Procedure, door: Door) -> Json:
    fields = []
    for name in (*door.facts, *door.may, *door.pledges):
        fact = table.fact(name)
        must, pledge = name not in door.may, name in door.pledges
        fields.append({
            "id": name, "title": fact.title, "type": fact.type, "choices": fact.choices, "sample": fact.sample, "must": must,
            "pledge": pledge, "help": door.helps.get(name), "longest": LONGEST.get(fact.type),
        })  # fmt: skip
    return {
        "id": table.id,
        "title": door.title,
        "lead": door.lead,
        "next": door.next,
        "law": table.law,
        "fields": fields,
        "papers": [{"id": p, "title": table.papers[p]} for p in door.papers],
        "keep_days": table.keep_days,
        "files": {"most": MOST_FILES, "octets": MOST_OCTETS},
    }
