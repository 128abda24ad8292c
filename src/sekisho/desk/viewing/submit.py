"""Film or files are submitted for a closed viewing: the key is sealed to one that ends with it, and a plan is laid before somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.desk import plans, probes, records, viewings
from sekisho.desk.signing import signed_now
from sekisho.desk.world import No, World, fresh_id
from sekisho.gate.people import Signature
from sekisho.law.canonical import canonical
from sekisho.law.viewing import MAY_SUBMIT, Viewing, faults, work
from sekisho.law.words import Plan
from sekisho.ledger.entry import EntryType
from sekisho.measures.closed_viewing import ClosedViewing as Measure
from sekisho.store.schema import CONTACT
from sekisho.store.seal import seal_note
from sekisho.store.spec import key_id, period_of

KEY = 16
"""AES-128, as HLS has it (RFC 8216 4.3.2.4)."""
MOST_LISTED = 200


@dataclass(frozen=True)
class SubmitViewing:
    """The words as their submitter signs them, and the key that segments or files were encrypted with, which stays nowhere else."""

    viewing: Viewing
    key: bytes
    signature: Signature

    def __repr__(self) -> str:
        """Never shows the key: values end up in tracebacks."""
        return "SubmitViewing(...)"


@dataclass(frozen=True)
class Viewings:
    """All of them."""


def carry_out(world: World, request: SubmitViewing) -> Mapping[str, Any]:
    """{"viewing", "plan", "work", "last_day"}. Raises No."""
    said, now = request.viewing, world.clock.now()
    signed_now(world, request.signature, said, *MAY_SUBMIT)
    if wrong := (*faults(said), *(() if len(request.key) == KEY else ("key",))):
        raise No("viewing-incomplete", fields=list(wrong))
    if said.until <= now:
        raise No("window-over", until=said.until.isoformat())
    name = fresh_id("viewing")
    key = key_id(name, CONTACT, period_of(now))
    box = seal_note(world.vault.public_half(key, said.until), key, request.key)
    body = canonical({"id": name, "viewing": said, "signature": request.signature})
    records.add(world.db, records.VIEWINGS, body, now, id=name, plan="", box=box)
    world.write(EntryType.VIEWING, body, ids={"viewing": name}, at=now, table=records.VIEWINGS, key={"id": name})
    plan = _plan(world, said, name, now)
    entered = plans.enter(world, plan, probes.measured(world, plan, now), now)
    table = records.VIEWINGS
    world.db.execute(table.update().where(table.c.id == name).values(plan=entered))
    return {"viewing": name, "plan": entered, "work": work(said), "last_day": viewings.last_day(world, said)}


def _plan(world: World, said: Viewing, name: str, now: datetime) -> Plan:
    operator = world.settings.operator
    return Plan(
        measure=Measure.name,
        actor=operator.name,
        proposer=said.by,
        regime=operator.regime,
        steps=Measure.steps,
        day=world.book.day(now),
        until=said.until,
        scope={
            "viewing": name,
            "work": work(said),
            "last_day": viewings.last_day(world, said),
            "devices": said.devices,
            "purposes": (Measure.steps[0].purpose,),
            "lines": "every-line-found",
            "days": (said.until - now).days + 1,
        },
    )


def listed(world: World, _request: Viewings) -> list[dict[str, Any]]:
    """Newest first: {"id", "title", "plan", "since", "until", "devices", "sessions", "state": open, waiting or over}."""
    now, found = world.clock.now(), []
    for one in viewings.every(world)[:MOST_LISTED]:
        said = one.said
        try:
            viewings.permitted(world, one.id, now)
            state = "open"
        except No as no:
            state = "over" if no.code == "viewing-over" else "waiting"
        count = records.count(world.db, records.VIEWING_SESSIONS, viewing=one.id)
        told = {"title": said.title, "since": said.since, "until": said.until, "devices": said.devices, "work": work(said)}
        told |= {"names": said.names}
        found.append({"id": one.id, "plan": one.plan, "state": state, "sessions": count, **told})
    return found
