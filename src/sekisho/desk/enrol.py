"""Who may sign: a named person enrols their own key with a one-time code. There is no password, and no default one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import update

from sekisho.desk import records
from sekisho.desk.signing import verified
from sekisho.desk.world import No, World, fresh_id
from sekisho.gate.people import KeyKind, Person, Signature
from sekisho.law.canonical import canonical
from sekisho.law.reading import read
from sekisho.law.words import Role
from sekisho.ledger.entry import EntryType

CODE_LASTS = timedelta(days=3)
PREFIX = "unsafe-demo-person-"


@dataclass(frozen=True)
class Invite:
    """The legal officer invites a person into roles."""

    name: str
    roles: frozenset[Role]
    by: str
    at: datetime


@dataclass(frozen=True)
class SignedInvite:
    """An invitation and the officer's signature over it."""

    invite: Invite
    signature: Signature


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
    row = records.one(world.db, records.INVITATIONS, code=code)
    if row is None or row["used"]:
        raise No("unknown-or-used-code")
    if row["at"] < records.stamp(now - CODE_LASTS):
        raise No("code-too-old")
    if not 32 <= len(request.public_key) <= 1024:
        raise No("not-a-key")
    invite = read(Invite, records.body(row))
    demo = world.settings.demo and request.key_kind is KeyKind.FILE
    identity = PREFIX + secrets.token_hex(8) if demo else fresh_id("person")
    person = Person(identity, invite.name, invite.roles, request.key_kind, request.public_key, request.credential, demo)
    table = records.INVITATIONS
    world.db.execute(update(table).where(table.c.code == code).values(used=True))
    body = canonical(person)
    records.add(world.db, records.PEOPLE, body, now, id=identity)
    world.write(EntryType.PERSON, body, ids={"person": identity}, at=now, table=records.PEOPLE, key={"id": identity})
    return identity


def invite(world: World, request: SignedInvite) -> str:
    """The one-time code to hand to the invited person; only its digest is kept."""
    if request.signature.person != request.invite.by:
        raise No("signed-by-another", person=request.signature.person)
    verified(world, request.signature, request.invite, Role.OFFICER)
    return open_invitation(world, request.invite)


def open_invitation(world: World, invite: Invite) -> str:
    """Used by `invite`, and by the first set-up on the host of `keep`, where there is nobody yet who could sign."""
    if not invite.name.strip() or not invite.roles:
        raise No("nobody-invited")
    code = secrets.token_urlsafe(24)
    key = sha256(code.encode()).hexdigest()
    records.add(world.db, records.INVITATIONS, canonical(invite), world.clock.now(), code=key, used=False)
    return code
