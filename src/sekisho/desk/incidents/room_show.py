"""The room of an incident: what is recorded, how it hangs together, and what is still open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.desk import campaigns, incident_room, matters, records
from sekisho.desk.incidents import people_letters, rungs
from sekisho.desk.matters import Matter
from sekisho.desk.world import No, World
from sekisho.law import incident
from sekisho.law.canonical import plain
from sekisho.law.incident import Item, Kind, Room
from sekisho.law.incident_rules import Around, open_ends, profits

Json = dict[str, Any]


@dataclass(frozen=True)
class OneRoom:
    """The incident by the id of its case, or by its number."""

    matter: str


def carry_out(world: World, request: OneRoom) -> Json:
    """What is recorded, each thing with number, time and whose it is.

    {"id", "number", "what", "now", "today", "final", "facts" (in the order of time), "warnings", "protected" (no names), "causes" (a tree),
    "measures", "consequences", "questions", "orders", "holding": rows that may still hold data, "ladder",
    "people": lists of persons (`people_letters.summary`), "mailed": campaigns tied to it, "spokesperson", "outside_body",
    "outside_contact", "statements", "costs", "yen", "touched", "words": of each fact that is a choice,
    "open": what keeps it from closing}.
    Raises No: unknown-matter, no-incident-case, case-file-gone.
    """
    matter, now = opened(world, request.matter), world.clock.now()
    here, around = incident_room.here(matter), incident_room.around(world, matter, now)
    found: Json = plain({
        "id": matter.id,
        "number": matter.number,
        "what": matter.standing.facts["what"],
        "now": now,
        "today": world.book.day(now),
        "final": matter.final,
        "facts": sorted((_told(world, f) for f in here[Kind.FACT]), key=lambda f: str(f["fact_when"])),
        "warnings": [_told(world, w) for w in here[Kind.WARNING]],
        "protected": [{"number": p.number, "as": p.text("protected_as")} for p in here[Kind.PROTECTED]],
        "causes": _causes(world, here, 0),
        "measures": [_measure(world, here, m) for m in here[Kind.MEASURE]],
        "consequences": [_told(world, c) for c in here[Kind.CONSEQUENCE]],
        "questions": [_question(world, here, q, world.book.day(now).isoformat()) for q in here[Kind.QUESTION]],
        "orders": [_order(world, here, o, around) for o in here[Kind.ORDER]],
        "asked_again": [{"order": a.whole("again_order"), "at": a.at} for a in here[Kind.AGAIN]],
        "holding": [{"row": row, "party": party} for row, party in around.firms.items()],
        "ladder": _ladder(world, matter, now),
        "spokesperson": next((s.text("spokesperson") for s in reversed(here[Kind.SPEAKER])), ""),
        "outside_body": around.outside_body,
        "outside_contact": world.settings.incident.outside_contact,
        "statements": statements(world, here),
        "costs": [_cost(world, c, around) for c in here[Kind.COST]],
        "yen": incident.spent(here),
        "people": people_letters.summary(world, matter),
        "mailed": [{"campaign": m.text("mail_campaign"), "counts": campaigns.counts(world, m.text("mail_campaign")),
                    "losses": campaigns.losses(world, m.text("mail_campaign"))} for m in here[Kind.MAILED]],
        "touched": [t.text("touched_row") for t in here[Kind.TOUCHED]],
        "words": {f.id: f.choices for f in matter.procedure.facts if f.choices},
        "open": [] if matter.final else matters.lacking(open_ends(here, matter.standing, around)),
    })  # fmt: skip
    return found


def statements(world: World, here: Room) -> list[Json]:
    """Every draft of a statement: {"number", "kind", "of", "title", "words", "by", "at", "out"}; `out`: when it was published."""
    out = {s.number: p for s, p in incident.published(here)}
    return [
        {
            "number": s.number,
            "kind": s.text("statement_kind"),
            "of": s.whole("statement_of"),
            "title": {"ja": s.text("statement_title_ja"), "en": s.text("statement_title_en")},
            "words": {"ja": s.text("statement_ja"), "en": s.text("statement_en")},
            "by": matters.named(world, s.by),
            "at": s.at,
            "out": out[s.number].at if s.number in out else None,
        }
        for s in here[Kind.STATEMENT]
    ]


def opened(world: World, named: str) -> Matter:
    """The incident by its id or its number. Raises No: unknown-matter, no-incident-case, case-file-gone."""
    row = records.one(world.db, records.MATTERS, id=named) or records.one(world.db, records.MATTERS, number=named)
    if row is None:
        raise No("unknown-matter", matter=named[:100])
    matter = matters.load(world, row["id"])
    if not matter.procedure.room:
        raise No("no-incident-case", matter=matter.number)
    return matter


def _told(world: World, item: Item) -> Json:
    return {**item.said, "number": item.number, "at": item.at, "by": matters.named(world, item.by)}


def _causes(world: World, here: Room, under: int) -> list[Json]:
    """A tree: each cause with those that answer why it was possible, and the measures tied to it. Nobody under nobody twice."""
    return [
        {
            **_told(world, c),
            "root": incident.is_root(c.said),
            "measures": [m.number for m in here[Kind.MEASURE] if m.whole("measure_cause") == c.number],
            "why": _causes(world, here, c.number),
        }
        for c in incident.below(here, under)
    ]


def _measure(world: World, here: Room, measure: Item) -> Json:
    looked = [_told(world, c) for c in here[Kind.CHECK] if c.whole("check_number") == measure.number]
    return {**_told(world, measure), "checks": looked}


def _question(world: World, here: Room, question: Item, today: str) -> Json:
    """`state`: answered, promised, late (the promised day is over) or open. `with`: the other questions the same answer is to."""
    given, promise = incident.answers(here, question.number), incident.promised(here, question.number)
    late = promise is not None and promise.text("later_by") < today
    state = "answered" if given else "late" if late else "promised" if promise else "open"
    answers = [
        {**_told(world, a), "with": [n for n in incident.numbers(a.text("answer_to")) if n != question.number]} for a in given
    ]  # fmt: skip
    return {**_told(world, question), "state": state, "answers": answers, "promise": _told(world, promise) if promise else None}


def _order(world: World, here: Room, order: Item, around: Around) -> Json:
    """`late`: its last day is over, and somebody has not answered. `own` of an answer: given by the firm itself, with its code."""
    given, today = incident.taken(here, order.number), world.book.day(world.clock.now()).isoformat()
    rows = [
        {"row": row, "party": around.firms.get(row, ""), "taken": _taken(world, given[row]) if row in given else None}
        for row in incident.asked_of(order.said)
    ]
    late = bool(incident.silent(here, order)) and order.text("order_due") < today
    return {**_told(world, order), "rows": rows, "late": late}


def _taken(world: World, answer: Item) -> Json:
    return {**_told(world, answer), "own": answer.by.startswith(matters.OUTSIDE)}


def _ladder(world: World, matter: Matter, now: datetime) -> Sequence[Json]:
    """`called`: since when, of a rung that is called; `mail`: what became of its mail, "none" where the settings name no address."""
    reached = incident_room.ladder(world, matter)
    calls = {c.rung: c for c in incident.called(reached, matter.made[0].at, now)}
    return [
        {
            "minutes": r.rung.minutes,
            "role": r.rung.role,
            "due": r.due,
            "by": matters.named(world, r.by) if r.by else "",
            "at": r.at,
            "late": r.late(now),
            "called": calls[r.rung].at if r.rung in calls else None,
            "mail": (rungs.outcome(world, rungs.name(matter, calls[r.rung])) if r.rung.mail else "none") if r.rung in calls else "",
        }
        for r in reached
    ]


def _cost(world: World, cost: Item, around: Around) -> Json:
    yen = cost.whole("cost_pieces") * cost.whole("cost_each")
    return {**_told(world, cost), "yen": yen, "profits_leaker": profits(cost.said, around)}
