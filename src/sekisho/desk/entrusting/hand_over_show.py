"""What went to whom: hand-overs with what is due back, and, for one person who asks, which of them they stood in.

A question about a person is signed and entered; whoever holds the records alone cannot ask it, since people are named by a keyed digest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sekisho.desk import entrustments, incident_room, owed_back, records
from sekisho.desk.entrusting import handed
from sekisho.desk.naming import name_key, named, same
from sekisho.desk.signing import signed_now
from sekisho.desk.world import No, World
from sekisho.gate.people import Signature
from sekisho.law.canonical import canonical
from sekisho.law.entrustment import AskedWhere, FieldClass
from sekisho.law.words import Role
from sekisho.ledger.entry import EntryType

MAY_ASK = (Role.DESK, Role.WINDOW, Role.OFFICER)
LONGEST = 320
Json = dict[str, Any]


@dataclass(frozen=True)
class HandOvers:
    """All of them; of one row, where it is named."""

    entrustment: str = ""


@dataclass(frozen=True)
class WhereHanded:
    """In which hand-overs was `who` (an address or a number, as it stood in the list)? The statement holds its digest alone."""

    who: str
    asked: AskedWhere
    signature: Signature


def listed(world: World, request: HandOvers) -> Json:
    """{"operator", "day", "hand_overs": newest first}.

    Each: {"id", "entrustment", "to", "purpose", "fields", "rung", "permit", "state", "code", "line", "given", "withheld": {reason: lines},
    "canaries", "reached" (whether by what left somebody can be), "columns", "file", "sealed",
    "by", "name", "at", "ended", "entry", "status" of the row, "return_due", "late", "proof",
    "leaks": mails to one of our own that nobody approved: [{"at", "from": the domain it says, "mail": its SHA-256}]}.
    """
    now = world.clock.now()
    rows = reversed(records.rows(world.db, records.HAND_OVERS))
    found = [_one(world, row, now) for row in rows if request.entrustment in ("", row["entrustment"])]
    return {"operator": world.settings.operator.name, "day": world.book.day(now), "hand_overs": found}


def where(world: World, request: WhereHanded) -> Json:
    """{"hand_overs": as `listed`, with "why": "" for who was handed over, else why not; "canary" for one of our own, and
    "incidents" that touched those people, as `incident_room.touching` says}. Raises No."""
    said, now = request.asked, world.clock.now()
    signed_now(world, request.signature, said, *MAY_ASK)
    if not 0 < len(request.who) <= LONGEST or sha256(request.who.encode()).hexdigest() != said.who:
        raise No("asked-of-another")
    person = named(name_key(world), same(request.who))
    found = []
    for row in records.rows(world.db, records.HANDED_PEOPLE, person=person):
        one = _one(world, handed.get(world, row["handover"]), now)
        found.append({**one, "why": row["why"], "incidents": incident_room.touching(world, one["entrustment"])})
    body = canonical({"person": person, "by": said.by, "found": [f["id"] for f in found], "signature": request.signature})
    world.write(EntryType.ASKED_WHERE, body, ids={"person": said.by}, at=now)
    return {"hand_overs": sorted(found, key=lambda f: str(f["at"]), reverse=True)}


def _one(world: World, row: handed.Row, now: datetime) -> Json:
    said, ended = records.body(row), records.one(world.db, records.HANDED_OVER, id=row["id"])
    told = records.body(ended) if ended else {}
    permit = records.one(world.db, records.PERMITS, id=row["permit"])
    scope = records.body(permit)["scope"] if permit else {}
    one = entrustments.get(world, row["entrustment"], now)
    giving = said.get("giving", {})
    due = owed_back.return_due(world, one)
    proof = next((m.proof for m in one.moves if m is not None and m.what.value == "returned"), "")
    return {
        "id": row["id"],
        "entrustment": one.id,
        "to": one.said.party,
        "purpose": one.said.purpose,
        "fields": list(scope.get("fields", ())),
        "rung": scope.get("rung", ""),
        "permit": row["permit"],
        "state": row["state"],
        "code": told.get("code", ""),
        "line": told.get("line", 0),
        "given": told.get("given", 0),
        "withheld": told.get("withheld", {}),
        "canaries": told.get("canaries", 0),
        "reached": any(c == "alias" or one.said.fields.get(c) is FieldClass.CONTACT for c in told.get("columns", ())),
        "columns": told.get("columns", []),
        "file": giving.get("file", ""),
        "sealed": told.get("sealed", ""),
        "by": giving.get("by", ""),
        "name": _name(world, giving.get("by", "")),
        "at": row["at"],
        "ended": ended["at"] if ended else None,
        "entry": row["entry"],
        "status": one.status,
        "return_due": due if row["state"] not in handed.NOTHING_LEFT else None,
        "late": bool(due and row["state"] not in handed.NOTHING_LEFT and one.status in owed_back.BACK and due < world.book.day(now)),
        "proof": proof,
        "leaks": leaks(world, row["id"]),
    }


def leaks(world: World, hand_over: str) -> list[Json]:
    """Mails to people of our own in this list that no approved campaign sent, oldest first."""
    rows = records.rows(world.db, records.CANARY_MAILS, handover=hand_over)
    return [{"at": r["at"], "from": (said := records.body(r)).get("from", ""), "mail": said.get("mail", "")} for r in rows]


def _name(world: World, person: str) -> str:
    known = world.everybody().get(person)
    return known.name if known else person
