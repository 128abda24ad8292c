"""One sender record is opened for one case: the permit is checked, the entry written, and only then is anything fetched or opened.

First the network alone is seen; the address only after that, under the same permit, and of it the items the permit names. What was
seen lies sealed in the case; the asker reads it with a ticket that is good for a quarter of an hour.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from sekisho.desk import looks, matters, permits, records, reveals
from sekisho.desk.case_words import RevealOrder
from sekisho.desk.draft import CASE
from sekisho.desk.posts.log_certificate import LogCertificate, certified
from sekisho.desk.reveals import READABLE, View
from sekisho.desk.signing import signed_now
from sekisho.desk.world import No, World
from sekisho.gate.people import Signature
from sekisho.gate.permit import Permit
from sekisho.law.canonical import canonical
from sekisho.law.reading import read
from sekisho.law.words import Role
from sekisho.ledger.entry import EntryType

MAY_LOOK = (Role.DESK, Role.OFFICER, Role.WINDOW)
MAY_OPEN = (Role.OFFICER, Role.WINDOW)
Json = dict[str, Any]


@dataclass(frozen=True)
class Reveal:
    """The order and its signature: for a first view the desk's, for the items the legal officer's or the responsible window's."""

    order: RevealOrder
    signature: Signature


@dataclass(frozen=True)
class Asked:
    """The opening's id, and the ticket that reads what was seen. The ticket is told once, and kept nowhere."""

    reveal: str
    ticket: str


@dataclass(frozen=True)
class Revealed:
    """What was seen, for who asked."""

    reveal: str
    ticket: str


@dataclass(frozen=True)
class Reveals:
    """Every opening, of a case or of all: who, when, under which permit and purpose. Never what was seen."""

    matter: str = ""


@dataclass(frozen=True)
class Certificate:
    """The facts of a log certificate, of an opening in full; `url`: where the post stands."""

    reveal: str
    ticket: str
    url: str


def carry_out(world: World, request: Reveal) -> Asked:
    """Raises No: another-purpose, not-in-the-permit, step-opens-no-record, case-closed, masked-first, forged-permit, and more."""
    said, now = request.order, world.clock.now()
    signed_now(world, request.signature, said, *(MAY_OPEN if said.full else MAY_LOOK))  # (1) who may ask signed this, just now
    permit = permits.genuine(world, said.permit, now)  # (2) the permit is the gate's own and holds, this very moment
    _inside(world, permit, said)  # (3) its step opens records, and it names purpose, service, case and record
    matter = matters.load(world, said.matter)
    if matter.final:  # (4) the case is open
        raise No("case-closed", matter=matter.id)
    named = reveals.about(world, said.service, said.record)
    if said.full:  # (5) the network was seen before the address
        _first_view(world, permit, named)
    return _enter(world, said, permit, named, now)  # (6) the entry; nothing is fetched before it is in the ledger


def revealed(world: World, request: Revealed) -> Json:
    """{state, code, full, view}. `view` is None until it was seen. Raises No: unknown-reveal, another-ticket, waited-too-long."""
    row = _mine(world, request.reveal, request.ticket)
    state = _state(world, row)
    return {"id": row["id"], "state": state, "code": row["code"] or "", "full": records.body(row)["full"], "view": _view(world, row)}


def listed(world: World, request: Reveals) -> list[Json]:
    """Newest first."""
    where: dict[str, Any] = {"matter": matters.load(world, request.matter).id} if request.matter else {}
    found = []
    for row in records.rows(world.db, records.REVEALS, newest=200, **where):
        said = records.body(row)
        if said.get("recovered"):
            continue
        told = {k: said[k] for k in ("service", "purpose", "full", "withheld")}
        by = {"id": said["by"], "name": matters.named(world, said["by"])}
        told |= {"id": row["id"], "at": row["at"], "matter": row["matter"], "permit": row["permit"], "by": by, "entry": row["entry"]}
        found.append(told | {"state": _state(world, row), "code": row["code"] or ""})
    return found


def certificate(world: World, request: Certificate) -> LogCertificate:
    """Raises No as `revealed` does, and not-seen-in-full for a first view, or one whose permit names no address or no time."""
    row = _mine(world, request.reveal, request.ticket)
    view, said = _view(world, row), records.body(row)
    if view is None:
        raise No("not-seen-in-full", reveal=row["id"])
    return certified(world.settings, view, said["service"], row["record"], request.url, row["id"], world.clock.now())


def _inside(world: World, permit: Permit, said: RevealOrder) -> None:
    may = reveals.allowed(permit)
    if said.full and not may.items:
        raise No("first-view-only", permit=permit.id, step=permit.step.name)
    if said.purpose != permit.step.purpose:
        raise No("another-purpose", permit=permit.id, purpose=permit.step.purpose)
    if permit.scope.get("service") != said.service or world.settings.service_of(said.service) is None:
        raise No("not-in-the-permit", permit=permit.id, what="service")
    number = (records.one(world.db, records.MATTERS, id=said.matter) or {}).get("number")
    if permit.scope.get(CASE) not in {said.matter, number} or not said.matter:
        raise No("not-in-the-permit", permit=permit.id, what="case")
    if said.record not in reveals.texts(permit, "records"):
        raise No("not-in-the-permit", permit=permit.id, what="record")


def _first_view(world: World, permit: Permit, named: str) -> None:
    for row in records.rows(world.db, records.REVEALS, permit=permit.id, state=reveals.SHOWN):
        said = records.body(row)
        if not said["full"] and said["asked"] == named:
            return
    raise No("masked-first", permit=permit.id)


def _enter(world: World, said: RevealOrder, permit: Permit, named: str, now: datetime) -> Asked:
    ticket = secrets.token_urlsafe(24)
    identity = looks.plan_look(world, permit.id, "reveal", now, state=reveals.FETCHING)
    told = {"reveal": identity, "service": said.service, "asked": named, "full": said.full, "by": said.by, "purpose": said.purpose}
    told |= {"matter": said.matter, "permit": permit.id, "ticket": _digest(ticket), "withheld": _withheld(permit)}
    body, keys = canonical(told), {"matter": said.matter, "permit": permit.id}
    records.add(world.db, records.REVEALS, body, now, id=identity, about=named, record=said.record, state=reveals.FETCHING, code="", **keys)
    ids = {"look": identity, "record": named, **keys}
    world.write(EntryType.REVEAL, body, ids=ids, at=now, table=records.REVEALS, key={"id": identity})
    return Asked(identity, ticket)


def _withheld(permit: Permit) -> Mapping[str, str] | None:
    """Until which day, and by which law, the poster is not told. Half of it, or no day, withholds nothing."""
    until, law = permit.scope.get("withheld_until"), permit.scope.get("withheld_law")
    if not isinstance(until, str) or not isinstance(law, str) or not law.strip():
        return None
    try:
        return {"until": date.fromisoformat(until).isoformat(), "law": law}
    except ValueError:
        return None


def _mine(world: World, reveal: str, ticket: str) -> Mapping[str, Any]:
    row = reveals.of(world, reveal)
    if not compare_digest(records.body(row).get("ticket", ""), _digest(ticket)):
        raise No("another-ticket", reveal=reveal)
    until = row["shown_until"] or records.stamp(datetime.fromisoformat(row["at"]) + READABLE)
    if records.stamp(world.clock.now()) >= until:
        raise No("waited-too-long", reveal=reveal)
    permits.must_live(world, row["permit"], world.clock.now())
    return row


def _view(world: World, row: Mapping[str, Any]) -> View | None:
    return read(View, matters.unseal(world, row["matter"], row["shown"])) if row["shown"] else None


def _state(world: World, row: Mapping[str, Any]) -> str:
    """An opening whose child failed is over: nothing was seen."""
    if row["state"] != reveals.READY:
        return str(row["state"])
    look = records.one(world.db, records.LOOKS, id=row["id"])
    return reveals.READY if look is not None and look["state"] in looks.OPEN else "failed"


def _digest(ticket: str) -> str:
    return sha256(ticket.encode()).hexdigest()
