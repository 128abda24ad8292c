"""Whose signature is this? Asked in one way by every use case that takes one."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from sqlalchemy import insert, select

from sekisho.desk import records
from sekisho.desk.world import No, World
from sekisho.gate.people import BadSignature, Person, Signature, verify
from sekisho.law.canonical import canonical
from sekisho.law.words import Role

FRESH = timedelta(minutes=5)


class Dated(Protocol):
    """Words that say when they were signed."""

    @property
    def at(self) -> datetime: ...


class Words(Dated, Protocol):
    """Words that say as well whose they are."""

    @property
    def by(self) -> str: ...


def verified(world: World, signature: Signature, statement: object, *roles: Role) -> Person:
    """The person who signed `statement`, who must hold one of `roles` (any, if none are named). Raises No."""
    person = world.person(signature.person)
    if records.one(world.db, records.DISMISSALS, person=person.id) is not None:
        raise No("dismissed", person=person.id)
    if person.unsafe_demo and not world.settings.demo:
        raise No("unsafe-demo-key", person=person.id)
    console = world.settings.console
    try:
        verify(signature, person, statement, rp_id=console.name, origin=console.url)
    except BadSignature as why:
        raise No("bad-signature", person=person.id, why=str(why)) from why
    if roles and not person.roles & set(roles):
        raise No("wrong-role", person=person.id, needs=sorted(r.value for r in roles))
    return person


def once(world: World, statement: Dated) -> None:
    """Signed just now, and not carried out yet. Raises No: waited-too-long (more than five minutes from now), done-already.

    Asked after the signature was verified. What is remembered stands and falls with the request: a refused one may be sent
    again. It is a keyed digest of the words, not of the signature, since some signatures have a second spelling; it stays for
    good, since a clock may be put back.
    """
    if abs(world.clock.now() - statement.at) > FRESH:
        raise No("waited-too-long", at=statement.at.isoformat())
    name = hmac.new(world.pseudonyms, b"signed once" + canonical(statement), sha256).hexdigest()
    table = records.SIGNED
    if world.db.execute(select(table.c.digest).where(table.c.digest == name)).first() is not None:
        raise No("done-already", at=statement.at.isoformat())
    world.db.execute(insert(table).values(digest=name))


def signed_now(world: World, signature: Signature, said: Words, *roles: Role) -> Person:
    """Whoever the words say they are of has signed them, just now and not before, and holds one of `roles`. Raises No."""
    if signature.person != said.by:
        raise No("signed-by-another", person=signature.person)
    person = verified(world, signature, said, *roles)
    once(world, said)
    return person


def ordered(world: World, signature: Signature, order: Words) -> None:
    """The legal officer named in `order` signed it, just now. Raises No."""
    signed_now(world, signature, order, Role.OFFICER)
