"""Cases as people see them: the list by what waits and what is due, one case with everything that can be done next and what it lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from sekisho.desk import holds, incident_room, matters, records
from sekisho.desk.cases import case_grounds, case_letters
from sekisho.desk.matters import Matter
from sekisho.desk.world import No, World
from sekisho.law.canonical import plain
from sekisho.law.incident import MOVES
from sekisho.law.procedures import Asks, ClockRule, Fact, Grounds, Move, Procedure, Running
from sekisho.law.walking import waiting_for
from sekisho.law.words import Words

PAGE = 500
SOON = timedelta(days=7)
SHOWN = frozenset({"open", "closed", "all"})
Json = dict[str, Any]


@dataclass(frozen=True)
class Cases:
    """Cases that are `open`, `closed`, or all; with `owner` a person's own."""

    shown: str = "open"
    owner: str = ""


@dataclass(frozen=True)
class OneCase:
    """One case by its id, or by its number."""

    matter: str


@dataclass(frozen=True)
class Procedures:
    """Every table of the book in force: what its forms ask, and who may."""


def cases(world: World, request: Cases) -> Json:
    """{"now", "today", "shown", "stuck", "cases": [...]}: what is due first stands first; nothing in it names anybody outside the operator.

    `stuck` counts open cases in which the node could not do what was due; each says why, as a code.
    """
    if request.shown not in SHOWN:
        raise No("unknown-state", state=request.shown, known=sorted(SHOWN))
    now, table = world.clock.now(), records.MATTERS
    query = select(table).order_by(table.c.due.is_(None), table.c.due, table.c.at.desc()).limit(PAGE)
    if request.shown != "all":
        query = query.where(table.c.closed.is_(None) if request.shown == "open" else table.c.closed.is_not(None))
    if request.owner:
        query = query.where(table.c.owner == request.owner)
    today = world.book.day(now)
    held = {r["matter"] for r in holds.living(world, now)}
    rows = [_brief(world, dict(r), today, held) for r in world.db.execute(query).mappings()]
    return {"now": plain(now), "today": today, "shown": request.shown, "stuck": sum(r["stuck"] is not None for r in rows), "cases": rows}


def _brief(world: World, row: Mapping[str, Any], today: date, held: set[str]) -> Json:
    """The row of the list. `when`: nobody (open, and nobody's), overdue, ready (what was waited for is over), soon, waiting or closed.

    A book that is not kept any more leaves the words empty.
    """
    due = date.fromisoformat(row["due"]) if row["due"] else None
    found = {
        "id": row["id"],
        "number": row["number"],
        "procedure": row["procedure"],
        "state": row["state"],
        "owner": {"id": row["owner"], "name": matters.named(world, row["owner"])},
        "opened": row["at"],
        "closed": row["closed"],
        "gone": row["gone"],
        "due": due,
        "days_left": (due - today).days if due else None,
        "when": _when(row, due, today),
        "held": row["id"] in held,
        "reminders": records.count(world.db, records.REMINDERS, matter=row["id"]),
        "stuck": world.stuck.get(row["id"]),
        "title": None,
        "state_title": None,
        "waits": None,
        "news": _news(world, row["id"]) if not row["closed"] else False,
        "next": [],
    }
    try:
        procedure = matters.procedure_of(world, row)
    except No:
        return found
    state = procedure.state(row["state"])
    waited = any(m.over or m.at_end_of for m in procedure.out_of(row["state"]))
    when = "ready" if found["when"] == "overdue" and waited else found["when"]
    steps = [{"id": m.id, "title": m.title, "does": m.does, "roles": m.roles} for m in procedure.out_of(row["state"]) if not m.at_end_of]
    return {**found, "when": when, "title": procedure.title, "state_title": state.title, "waits": state.waits, "next": steps}


def brief(world: World, row: Mapping[str, Any]) -> Json:
    """The row of the list for one case."""
    now = world.clock.now()
    found: Json = plain(_brief(world, row, world.book.day(now), {r["matter"] for r in holds.living(world, now)}))
    return found


def _news(world: World, matter: str) -> bool:
    """Whether something came from outside since one of the operator's people did anything about it."""
    rows = [r for table in (records.MOVES, records.ATTACHMENTS) for r in records.rows(world.db, table, matter=matter)]
    return max(((r["at"], str(records.body(r)["by"])) for r in rows), default=("", ""))[1].startswith(matters.OUTSIDE)


def _when(row: Mapping[str, Any], due: date | None, today: date) -> str:
    if row["closed"]:
        return "closed"
    if not row["owner"]:
        return "nobody"
    if due is None or due - today > SOON:
        return "waiting"
    return "overdue" if due < today else "soon"


def carry_out(world: World, request: OneCase) -> Json:
    """The list's row, and: facts, clocks, events, buttons, attachments, letters, holds, reminders, the table it walks by."""
    now, table = world.clock.now(), records.MATTERS
    row = records.one(world.db, table, id=request.matter) or records.one(world.db, table, number=request.matter)
    if row is None:
        raise No("unknown-matter", matter=request.matter)
    matter, today = matters.load(world, row["id"]), world.book.day(now)
    procedure, standing = matter.procedure, matter.standing
    attached = matters.papers(world, matter.id)
    mine, texts = records.rows(world.db, records.HOLDS, matter=matter.id), case_letters.named(world)
    found: Json = plain({
        **_brief(world, row, today, {r["matter"] for r in holds.living(world, now)}),
        "now": now,
        "today": today,
        "events": len(matter.made),
        "final": matter.final,
        "decided": next((d for m in reversed(matter.made) if (d := procedure.move(m.event.move).decides)), ""),
        "keep_until": _keep_until(row, procedure),
        "table": _table(procedure),
        "workers": matter.workers,
        "facts": [_fact(f, standing.facts[f.id]) for f in procedure.facts if f.id in standing.facts and not f.kept],
        "clocks": [_clock(procedure.clock(n), r, today) for n, r in standing.clocks.items()],
        "made": [_made(world, procedure, m, matter.made[:n]) for n, m in enumerate(matter.made)],
        "moves": [_button(world, matter, m, {p["paper"] for p in attached}, texts) for m in procedure.out_of(standing.state)],
        "permits": case_grounds.granted(world, matter, now),
        "attachments": attached,
        "papers": procedure.papers,
        "letters": [_letter(world, matter, x) for x in case_letters.listed(world, matter.id)],
        "holds": [_hold(world, r, now) for r in mine],
        "told": [_reminder(procedure, r) for r in records.rows(world.db, records.REMINDERS, matter=matter.id) if not _of_a_ladder(r)],
    })  # fmt: skip
    return found


def procedures(world: World, _request: Procedures) -> list[Json]:
    """Those in force today, each with its opening as a button."""
    today = world.book.day(world.clock.now())
    large = world.settings.operator.large_platform
    found = [p.binding(large) for p in world.book.procedures.values() if p.in_force(today)]
    texts = case_letters.named(world)
    return [plain({**_table(p), "opening": _form(texts, p, p.opening)}) for p in found]


def _table(procedure: Procedure) -> Json:
    return {
        "id": procedure.id,
        "title": procedure.title,
        "law": procedure.law,
        "source": procedure.source,
        "authority": procedure.authority,
        "certainty": procedure.certainty,
        "since": procedure.since,
        "seen": procedure.seen,
        "notes": procedure.notes,
        "keep_days": procedure.keep_days,
        "states": [{"id": s.id, "title": s.title, "final": s.final} for s in procedure.states],
    }


def _form(texts: case_letters.Named, procedure: Procedure, move: Move) -> Json:
    """What is on a button, what it does in law, what its form asks, who may press it."""
    facts = [{**_described(procedure.fact(n)), "must": n in move.facts} for n in (*move.facts, *move.may)]
    return {
        "id": move.id,
        "title": move.title,
        "does": move.does,
        "source": move.source,
        "to": {"id": move.to, "title": procedure.state(move.to).title, "final": procedure.state(move.to).final},
        "roles": move.roles,
        "facts": facts,
        "papers": [{"id": p, "title": procedure.papers[p]} for p in move.papers],
        "musts": [{"id": m.id, "words": m.words} for m in move.must],
        "starts": [{"id": c, "title": procedure.clock(c).title} for c in move.starts],
        "asks": move.asks,
        "under": move.under,
        "withdraws": move.withdraws,
        "letters": [texts.get(n, {"text": n, "title": None, "to": ""}) for n in move.letters],
        "second": {"id": move.second, "title": procedure.move(move.second).title} if move.second else None,
        "apart": [{"id": m, "title": procedure.move(m).title} for m in move.apart],
        "grounds": {"measure": move.grounds.measure, "step": move.grounds.step} if move.grounds else None,
        "holds": move.holds is not None,
        "lifts": move.lifts,
        "at_end_of": move.at_end_of,
        "room": procedure.room and move.id in MOVES,
    }


def _letter(world: World, matter: Matter, letter: Mapping[str, Any]) -> Json:
    """A letter whose permit is gone is listed without its words."""
    why = case_grounds.stopped(world, matter, letter.get("permit", ""))
    return {"permit": "", **letter, "stopped": why, **({"body": ""} if why else {})}


def _button(world: World, matter: Matter, move: Move, attached: set[str], texts: case_letters.Named) -> Json:
    now = world.clock.now()
    found = [*matters.lacking(waiting_for(matter.standing, move, attached, world.book.day(now)))]
    found += matters.lacking(incident_room.waiting(world, matter, move.id, now))
    if move.under:
        permit = case_grounds.under(matter, move)
        why = case_grounds.stopped(world, matter, permit) if permit else "no-permit-left"
        found += [{"code": why, "name": permit}] if why else []
    for name in move.letters:
        try:
            case_letters.adopted(world, name)
        except No as no:
            found.append({"code": no.code, "name": name})
    called = {name: text["title"] for name, text in texts.items()}
    lacks = [{**x, "words": _about(matter.procedure, move, x) or called.get(x["name"])} for x in found]
    steps = {"asks": _step(world, move.asks), "grounds": _step(world, move.grounds)}
    return {**_form(texts, matter.procedure, move), **steps, "lacks": lacks, "plan": case_grounds.pending(world, matter, move, now)}


def _step(world: World, asked: Asks | Grounds | None) -> Json | None:
    """The step of a measure that the case book must permit, as the book says what it does."""
    if asked is None:
        return None
    about = world.book.about.get(asked.measure)
    says = about.steps.get(asked.step) if about else None
    return {"measure": asked.measure, "step": asked.step, "says": plain(says)}


def _about(procedure: Procedure, move: Move, lack: Mapping[str, str]) -> Words | None:
    """The words for what a lack is about: the paper, the clock, or the sentence that does not hold."""
    code, name = lack["code"], lack["name"]
    if code == "paper-missing":
        return procedure.papers[name]
    if code.startswith("clock-") and name in {c.id for c in procedure.clocks}:
        return procedure.clock(name).title
    return next((m.words for m in move.must if code == "must" and m.id == name), None)


def _described(fact: Fact) -> Json:
    return {
        "id": fact.id, "title": fact.title, "type": fact.type, "choices": fact.choices, "sample": fact.sample, "forms": fact.forms,
    }  # fmt: skip


def _fact(fact: Fact, value: object) -> Json:
    return {**_described(fact), "value": value}


def _clock(rule: ClockRule, running: Running, today: date) -> Json:
    state = "stopped" if running.stopped else "over" if running.late(today) else "running"
    return {
        "id": rule.id,
        "title": rule.title,
        "source": rule.source,
        "starts": rule.clock.starts,
        "since": running.since,
        "due": running.due,
        "stopped": running.stopped,
        "sure": running.sure,
        "state": state,
        "days_left": (running.due - today).days,
    }


def _made(world: World, procedure: Procedure, made: matters.Made, before: Sequence[matters.Made]) -> Json:
    """`one_person`: it takes another person than an earlier move, and the operator had nobody else."""
    move = procedure.move(made.event.move)
    told = [_fact(procedure.fact(n), v) for n, v in made.event.facts.items() if procedure.fact(n).kept != "sealed"]
    by = None if made.by == matters.BY_KEEP else {"id": made.by, "name": matters.named(world, made.by)}
    return {
        "move": move.id,
        "title": move.title,
        "does": move.does,
        "to": {"id": move.to, "title": procedure.state(move.to).title},
        "at": made.at,
        "day": made.event.day,
        "by": by,
        "one_person": made.by in matters.others_than(before, move),
        "permit": made.permit,
        "facts": told,
        "entry": made.entry,
    }


def _hold(world: World, row: Mapping[str, Any], now: datetime) -> Json:
    said = records.body(row)
    state = row["ended"] or ("living" if holds.lives(world, row, now) else "over")
    by = matters.named(world, said["by"]) if "by" in said else None
    reason = matters.unseal(world, row["matter"], said["sealed"])["reason"] if "sealed" in said else None
    return {
        "id": row["id"], "data": said["data"], "since": row["at"], "until": row["until"], "state": state, "by": by, "reason": reason,
        "entry": row["entry"],
    }  # fmt: skip


def _of_a_ladder(row: Mapping[str, Any]) -> bool:
    """A rung that was called, or its mail: the room shows them."""
    return bool({"rung", "call"} & records.body(row).keys())


def _reminder(procedure: Procedure, row: Mapping[str, Any]) -> Json:
    said = records.body(row)
    if "clock" not in said:
        return {"at": row["at"], "words": None, **{k: said.get(k) for k in ("role", "due", "order")}}
    known = (r for r in procedure.reminders if (r.clock, r.days_before, r.role) == (said["clock"], said["days_before"], said["role"]))
    return {"at": row["at"], "role": said["role"], "due": said["due"], "words": next((r.words for r in known), None), "order": None}


def _keep_until(row: Mapping[str, Any], procedure: Procedure) -> datetime | None:
    return datetime.fromisoformat(row["closed"]) + timedelta(days=procedure.keep_days) if row["closed"] else None
