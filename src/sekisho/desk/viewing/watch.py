"""An invited person watches, or reads: the code of their mail opens a session, and while the permit lives the session gets the key.

Kept of a viewer: that their code was used, when, and by how many devices; not from where, nor what they saw. It is gone with the viewing.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert

from sekisho.desk import campaigns, invitations, records, viewings
from sekisho.desk.world import No, World
from sekisho.store.errors import StoreError
from sekisho.store.seal import WRAPPED, open_note

S = records.VIEWING_SESSIONS


@dataclass(frozen=True)
class OneViewing:
    """Its page, for whoever opens the address. Nobody is named."""

    viewing: str


@dataclass(frozen=True)
class OpenViewing:
    """`code`: as it was typed. `anew`: the devices it plays on now stop."""

    viewing: str
    code: str
    anew: bool = False


@dataclass(frozen=True)
class Watch:
    """`session`: of this device. `key`: whether the film's key is asked for as well."""

    viewing: str
    session: str
    key: bool = False


@dataclass(frozen=True)
class Lapse:
    """Asked by `keep` itself, every minute."""


def one(world: World, request: OneViewing) -> Mapping[str, Any]:
    """{"id", "title" by language, "by", "until", "devices", "film": or files}. Raises No: unknown-viewing, viewing-over, no-permit."""
    found, _ = viewings.permitted(world, request.viewing, world.clock.now())
    said = found.said
    about = {"id": found.id, "title": said.title, "by": world.settings.operator.name, "film": not said.names}
    return {**about, "until": said.until, "devices": said.devices}


def begin(world: World, request: OpenViewing) -> Mapping[str, Any]:
    """{"session"}: told to this device once. Raises No: wrong-code, too-many-devices, and what `one` raises."""
    now = world.clock.now()
    found, _ = viewings.permitted(world, request.viewing, now)
    who = _invited(world, found.id, request.code)
    if request.anew:
        world.db.execute(delete(S).where(S.c.viewing == found.id, S.c.invited == who))
    if records.count(world.db, S, viewing=found.id, invited=who) >= found.said.devices:
        raise No("too-many-devices", devices=found.said.devices)
    session = secrets.token_urlsafe(24)
    world.db.execute(insert(S).values(id=_digest(session), viewing=found.id, invited=who, at=records.stamp(now)))
    return {"session": session}


def _invited(world: World, viewing: str, code: str) -> str:
    """The digest of a code of any invitation to this viewing whose mails were approved. Raises No("wrong-code")."""
    for campaign in campaigns.every(world):
        if campaign.said.viewing == viewing and invitations.approved(world, campaign):
            try:
                return str(invitations.invited(world, campaign.id, code)["digest"])
            except No:
                continue
    raise No("wrong-code")


def carry_out(world: World, request: Watch) -> Mapping[str, Any]:
    """{"folder", "files": how many, "names": of files, "until", "key": hex or empty}. Raises No: no-session, key-refused, as `one`."""
    found, _ = viewings.permitted(world, request.viewing, world.clock.now())
    if records.one(world.db, S, id=_digest(request.session), viewing=found.id) is None:
        raise No("no-session")
    said = found.said
    key = _key(world, found).hex() if request.key else ""
    return {"folder": said.folder, "files": len(said.files), "names": said.names, "until": said.until, "key": key}


def _key(world: World, found: viewings.Standing) -> bytes:
    try:
        wrapped = world.vault.unwrap(found.key, found.box[4 : 4 + WRAPPED])
        return open_note(lambda _key, _wrapped: wrapped, found.key, found.box)
    except StoreError as why:
        raise No("key-refused", viewing=found.id, why=why.code) from why


def lapse(world: World, _request: Lapse) -> int:
    """A viewing is over: who watched it is forgotten; how many sessions went. None with a jumped clock."""
    now, count = world.clock.now(), 0
    if world.clock.jump is not None:
        return 0
    over = [v.id for v in viewings.every(world) if now >= v.said.until]
    for name in over:
        count += int(world.db.execute(delete(S).where(S.c.viewing == name)).rowcount)
    return count


def _digest(session: str) -> str:
    return hashlib.sha256(b"viewing session" + session.encode()).hexdigest()
