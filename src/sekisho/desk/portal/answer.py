"""A device's answer at the portal: one record for each question, yes or no, with the very text that was shown; and taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sekisho.desk import consents, event_keys
from sekisho.desk.consent_writing import made, must_be_of_today, write
from sekisho.desk.portal import devices, stands
from sekisho.desk.portal.offers import ACTS, AUDIENCE, BY_PURPOSE, LANGUAGES, OFFERS, Offer, notice, text
from sekisho.desk.signed_words import Answered
from sekisho.desk.world import No, World
from sekisho.law.consent import Event, Happened, Way
from sekisho.law.words import Role

PARTY = Role.ATTENDEE
MOST_ANSWERS = 20
"""Answers of one device to one question in a day; after that it waits for tomorrow. Taking back is always taken."""
Json = dict[str, Any]


@dataclass(frozen=True)
class AnswerPortal:
    """`agreed`: purposes said yes to; all others are a no. `shown`: by purpose the digest of the text that was shown."""

    hardware: str
    agreed: frozenset[str]
    shown: Mapping[str, str]
    language: str


@dataclass(frozen=True)
class WithdrawAtPortal:
    """Everything a device agreed to ends now; or one purpose of it, where it is named."""

    hardware: str
    purpose: str = ""


def carry_out(world: World, request: AnswerPortal) -> Json:
    """How the device stands then. Raises No: no-device, no-text-in-language, text-overtaken, unknown-purpose, event-over,
    device-answered-too-often.
    """
    now = world.clock.now()
    if request.language not in LANGUAGES:
        raise No("no-text-in-language", language=request.language[:8])
    for purpose in sorted(request.agreed - set(BY_PURPOSE)):
        raise No("unknown-purpose", purpose=purpose[:64])
    for offer in OFFERS:
        _one(world, offer, request, now)
    return stands.how(world, request.hardware, now)


def _one(world: World, offer: Offer, request: AnswerPortal, now: datetime) -> None:
    """Write down one answer; the same answer again is the one there is."""
    who, yes = devices.of(world, request.hardware, offer.purpose, now), offer.purpose in request.agreed
    shown = text(offer, world.settings, request.language)
    named = notice(offer, shown, request.language)
    if request.shown.get(offer.purpose) != named.digest:
        raise No("text-overtaken", notice=named.id, version=named.version, shown="")
    before = stands.given(world, offer.purpose, who, now)
    state = before[-1]["state"] if before else ""
    if state == Happened.GIVEN.value if yes else state not in ("", Happened.GIVEN.value):
        return
    if len(before) >= MOST_ANSWERS:
        raise No("device-answered-too-often")
    said = _answered(offer, now, given=yes, named=named)
    must_be_of_today(world, said)
    record = replace(made(said, who, now), until=devices.day_ends(world, now))
    write(world, record, shown, stands.code(world, record.id), None, event_keys.todays(world, event_keys.ANSWERS, now))


def _answered(offer: Offer, now: datetime, *, given: bool, named: Any) -> Answered:
    return Answered(
        line="",
        party=PARTY,
        sides=frozenset({PARTY.value}),
        acts=ACTS,
        elements=offer.elements,
        purpose=offer.purpose,
        audience=AUDIENCE,
        notice=named,
        way=Way.OWN_SCREEN,
        days=1,
        given=given,
        default_off=True,
        refusal_free=True,
        withdrawable=True,
        by="",
        at=now,
    )


def withdraw(world: World, request: WithdrawAtPortal) -> Json:
    """How the device stands then; with nothing to take back, as before. Raises No: no-device, unknown-purpose."""
    now = world.clock.now()
    wanted = [request.purpose] if request.purpose else [o.purpose for o in OFFERS]
    for purpose in wanted:
        if purpose not in BY_PURPOSE:
            raise No("unknown-purpose", purpose=purpose[:64])
        who = devices.of(world, request.hardware, purpose, now)
        consents.end_all(world, purpose, who, Event(Happened.WITHDRAWN, now, PARTY.value))
    return stands.how(world, request.hardware, now)
