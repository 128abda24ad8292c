"""A contractor's named person is admitted to hand in mails for one set of people. The set lies here, sealed; what they get is a token.

It is shown once and kept as a digest. It opens nothing once the row of the register is not in force, or somebody shut it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.desk import contractors, records
from sekisho.desk.contractors import Standing
from sekisho.desk.messages.entering import committed
from sekisho.desk.naming import alias
from sekisho.desk.signing import signed_now
from sekisho.desk.world import No, World, fresh_id
from sekisho.effects.order import MAILBOX
from sekisho.gate.people import Signature
from sekisho.law.campaign import LANGUAGES, Recipient
from sekisho.law.canonical import canonical
from sekisho.law.contractor import MAY_ADMIT, MAY_SHUT, Admission, Shut, faults
from sekisho.law.reading import read
from sekisho.ledger.entry import EntryType
from sekisho.store.seal import seal_note

SECRET = 32
"""Octets of a token."""


@dataclass(frozen=True)
class Admit:
    """The admission as it is signed, and the people of its set: in any order, each once."""

    admission: Admission
    recipients: tuple[Recipient, ...]
    signature: Signature


@dataclass(frozen=True)
class ShutAdmission:
    """It ends now, and who says so."""

    shut: Shut
    signature: Signature


@dataclass(frozen=True)
class Admissions:
    """All of them, as the desk reads them."""


def carry_out(world: World, request: Admit) -> Mapping[str, Any]:
    """{"admission", "token": told this once, "until", "persons", "aliases": one for each person, in the order of the list}.

    Raises No: admission-incomplete, row-not-in-force, more-than-the-row, and what `committed` raises.
    """
    said, now = request.admission, world.clock.now()
    signed_now(world, request.signature, said, *MAY_ADMIT)
    if wrong := (*faults(said), *(() if MAILBOX.fullmatch(said.reply_desk) else ("reply_desk",))):
        raise No("admission-incomplete", fields=list(wrong))
    row, good = contractors.of_row(world, said.entrustment, now)
    if not good:
        raise No("row-not-in-force", entrustment=row.id, status=row.status)
    if said.persons > row.said.persons:
        raise No("more-than-the-row", entrustment=row.id, persons=row.said.persons)
    committed(request.recipients, said.fields, LANGUAGES, (said.persons, said.recipients))
    return _entered(world, request, contractors.ends(world, row), now)


def _entered(world: World, request: Admit, until: datetime, now: datetime) -> Mapping[str, Any]:
    name, token = fresh_id("admission"), secrets.token_urlsafe(SECRET)
    key = contractors.key_of(name, now)
    box = seal_note(world.vault.public_half(key, until), key, canonical(request.recipients))
    body = canonical({"id": name, "admission": request.admission, "signature": request.signature})
    row = request.admission.entrustment
    more = {"entrustment": row, "token": contractors.digest_of(token), "box": box}
    records.add(world.db, records.ADMISSIONS, body, now, id=name, **more)
    ids = {"admission": name, "entrustment": row}
    world.write(EntryType.ADMITTED, body, ids=ids, at=now, table=records.ADMISSIONS, key={"id": name})
    aliases = [alias(world, row, person.mail) for person in request.recipients]
    return {"admission": name, "token": token, "until": until, "persons": len(aliases), "aliases": aliases}


def shut(world: World, request: ShutAdmission) -> Mapping[str, str]:
    """{"admission"}: what was handed in already stays with the desk. Raises No: shut-already, no-reasons."""
    said, now = request.shut, world.clock.now()
    signed_now(world, request.signature, said, *MAY_SHUT)
    one = contractors.get(world, said.admission, now)
    if not said.reason.strip():
        raise No("no-reasons")
    if one.status == contractors.SHUT:
        raise No("shut-already", admission=one.id)
    body = canonical({"shut": said, "signature": request.signature})
    records.add(world.db, records.SHUT_ADMISSIONS, body, now, id=one.id)
    table, ids = records.SHUT_ADMISSIONS, {"admission": one.id}
    world.write(EntryType.ADMISSION_SHUT, body, ids=ids, at=now, table=table, key={"id": one.id})
    return {"admission": one.id}


def listed(world: World, _request: Admissions) -> Sequence[Mapping[str, Any]]:
    """Newest first, each: id, entrustment, party, person, people, persons, status (in-force, shut, row-not-in-force), by, at, until,
    "handed_in": [{"id", "at", "name", "campaign": id, or empty where it became none, "held": why, or empty}]."""
    now, staff = world.clock.now(), {k: p.name for k, p in world.everybody().items()}
    return [_told(world, one, now, staff) for one in contractors.every(world, now)]


def _told(world: World, one: Standing, now: datetime, staff: Mapping[str, str]) -> Mapping[str, Any]:
    row, _ = contractors.of_row(world, one.said.entrustment, now)
    rows = [(r, records.body(r)) for r in records.rows(world.db, records.HAND_INS, admission=one.id)]
    handed_in = [
        {
            "id": r["id"],
            "at": read(datetime, r["at"]),
            "name": said.get("name", ""),
            "campaign": r["campaign"] or "",
            "held": said.get("held", ""),
        }
        for r, said in rows
    ]
    return {
        "id": one.id,
        "entrustment": row.id,
        "party": row.said.party,
        "person": one.said.person,
        "people": one.said.people,
        "persons": one.said.persons,
        "status": one.status,
        "by": staff.get(one.said.by, one.said.by),
        "at": one.at,
        "until": one.until,
        "handed_in": handed_in,
    }
