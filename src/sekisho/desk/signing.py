"""Whose signature is this? Asked in one way by every use case that takes one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from sekisho.desk import records
from sekisho.desk.world import No, World
from sekisho.gate.people import BadSignature, Person, Signature, challenge, verify
from sekisho.law.words import Role

__all__ = ["challenge", "fresh", "ordered", "verified"]

FRESH = timedelta(minutes=5)


class Order(Protocol):
    """What an officer orders in words that carry who and when."""

    @property
    def by(self) -> str: ...

    @property
    def at(self) -> datetime: ...


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


def fresh(world: World, at: datetime) -> None:
    """Raises No when `at` is more than five minutes from now: an old signature is not played again."""
    if abs(world.clock.now() - at) > FRESH:
        raise No("waited-too-long", at=at.isoformat())


def ordered(world: World, signature: Signature, order: Order) -> None:
    """The legal officer named in `order` signed it, just now. Raises No."""
    if signature.person != order.by:
        raise No("signed-by-another", person=signature.person)
    verified(world, signature, order, Role.OFFICER)
    fresh(world, order.at)
