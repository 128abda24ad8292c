"""Who may sign: a named person enrols their own key with a one-time code. There is no password, and no default one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import update

from sekisho.desk import records
from sekisho.desk.signed_words import Invite
from sekisho.desk.signing import ordered
from sekisho.desk.world import No, World, fresh_id
from sekisho.gate.people import KeyKind, Person, Signature
from sekisho.law.canonical import canonical, plain
from sekisho.law.reading import read
from sekisho.law.words import Role
from sekisho.ledger.entry import EntryType

CODE_LASTS = timedelta(days=3)
PREFIX = "unsafe-demo-person-"


@dataclass(frozen=True)
class SignedInvite:
    """An invitation and the officer's signature over it."""

    invite: Invite
    signature: Signature


@dataclass(frozen=True)
class Invited:
    """Who a one-time code is for."""

    code: str


@dataclass(frozen=True)
class Enrol:
    """The invited person brings the public half of their key. The code works once."""

    code: str
    key_kind: KeyKind
    public_key: bytes
    credential: bytes = b""


def carry_out(world: World, request: Enrol) -> str:
    """The new person's id."""
    code, now = sha256(request.code.encode()).hexdigest(), world.clock.now()
    row = _live(world, request.code)
    if not 32 <= len(request.public_key) <= 1024:
        raise No("not-a-key")
    if any(p.public_key == request.public_key for p in world.people().values()):
        raise No("known-key")
    invited, identity = _invited(row)
    demo = world.settings.demo and request.key_kind is KeyKind.FILE
    person = Person(identity, invited.name, invited.roles, request.key_kind, request.public_key, request.credential, demo, invited.plan)
    table = records.INVITATIONS
    world.db.execute(update(table).where(table.c.code == code).values(used=True))
    body = canonical(person)
    records.add(world.db, records.PEOPLE, body, now, id=identity)
    world.write(EntryType.PERSON, body, ids={"person": identity}, at=now, table=records.PEOPLE, key={"id": identity})
    return identity


def invite(world: World, request: SignedInvite) -> str:
    """The one-time code to hand to the invited person; only its digest is kept."""
    ordered(world, request.signature, request.invite)
    return open_invitation(world, request.invite)


def open_invitation(world: World, invite: Invite) -> str:
    """Used by `invite`, and by the first set-up on the host of `keep`, where there is nobody yet who could sign."""
    if not invite.name.strip() or not invite.roles:
        raise No("nobody-invited")
    if (Role.OUTSIDE_REVIEWER in invite.roles) != bool(invite.plan) or (invite.plan and len(invite.roles) > 1):
        raise No("outside-reviewer-for-one-plan")
    if invite.plan and records.one(world.db, records.PLANS, id=invite.plan) is None:
        raise No("unknown-plan", plan=invite.plan)
    code = secrets.token_hex(24)  # no dash in front: it is typed as an argument
    key = sha256(code.encode()).hexdigest()
    identity = PREFIX + secrets.token_hex(8) if world.settings.demo else fresh_id("person")
    body = canonical({"invite": invite, "person": identity})
    now = world.clock.now()
    records.add(world.db, records.INVITATIONS, body, now, code=key, used=False)
    world.write(EntryType.INVITED, body, ids={"person": identity}, at=now, table=records.INVITATIONS, key={"code": key})
    return code


def invited(world: World, request: Invited) -> dict[str, Any]:
    """{"person": PersonView, "exclude": [credential hex]} for a live code; it is not used up."""
    said, identity = _invited(_live(world, request.code))
    person = {"id": identity, "name": said.name, "roles": plain(said.roles), "key_kind": KeyKind.PASSKEY, "unsafe_demo": False}
    return {"person": person, "exclude": [p.credential for p in world.people().values() if p.credential]}


def _live(world: World, code: str) -> dict[str, Any]:
    row = records.one(world.db, records.INVITATIONS, code=sha256(code.encode()).hexdigest())
    if row is None or row["used"]:
        raise No("unknown-or-used-code")
    if row["at"] < records.stamp(world.clock.now() - CODE_LASTS):
        raise No("code-too-old")
    return row


def _invited(row: dict[str, Any]) -> tuple[Invite, str]:
    said = records.body(row)
    return read(Invite, said["invite"]), str(said["person"])
