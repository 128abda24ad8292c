"""A masked talk is opened between the two people of an invitation who both said yes, and laid before somebody else as a plan.

Nobody is copied before both agreed: until then their addresses lie with the invitation, and end with it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from sekisho.desk import campaigns, invitations, plans, probes, records, talks
from sekisho.desk.campaigns import R
from sekisho.desk.naming import met_as
from sekisho.desk.signing import signed_now
from sekisho.desk.world import No, World, fresh_id
from sekisho.gate.people import Signature
from sekisho.law.campaign import Recipient
from sekisho.law.canonical import canonical
from sekisho.law.question import Question
from sekisho.law.reading import read
from sekisho.law.talk import MAY_OPEN, SIDES, OpenTalk
from sekisho.law.words import Plan
from sekisho.ledger.entry import EntryType
from sekisho.measures.masked_talk import PURPOSE
from sekisho.measures.masked_talk import MaskedTalk as Measure
from sekisho.store.errors import StoreError
from sekisho.store.schema import CONTACT
from sekisho.store.seal import seal_note
from sekisho.store.spec import key_id, period_of

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Open:
    """The statement, and who signed it."""

    opening: OpenTalk
    signature: Signature


@dataclass(frozen=True)
class Talks:
    """All of them."""


def carry_out(world: World, request: Open) -> Mapping[str, Any]:
    """{"talk", "plan", "until"}. Raises No: unknown-question, not-a-talk, not-both-agreed,
    talk-there-already, no-talk-domain, key-refused."""
    said, now = request.opening, world.clock.now()
    signed_now(world, request.signature, said, *MAY_OPEN)
    if not world.settings.mail.talk_domain:
        raise No("no-talk-domain")
    asks = talks.question(world, said.invitation)
    givers = _givers(world, said.invitation, asks)
    answers = [a for a in talks.agreed(world, said.invitation, givers, now) if a is not None]
    if len(answers) < SIDES:
        raise No("not-both-agreed", agreed=len(answers), of=SIDES)
    if any(one.campaign == said.invitation and now < one.until for one in talks.every(world)):
        raise No("talk-there-already", question=said.invitation)
    name, until = fresh_id("talk"), min(a.until for a in answers)
    _enter(world, request, name, (givers, until), now)
    plan = _plan(world, said, asks, name, (until, now))
    entered = plans.enter(world, plan, probes.measured(world, plan, now), now)
    table = records.TALKS
    world.db.execute(update(table).where(table.c.id == name).values(plan=entered))
    return {"talk": name, "plan": entered, "until": until}


def _givers(world: World, campaign: str, asks: Question) -> list[str]:
    """Of both sides, in the order of the invitation's set."""
    rows = world.db.execute(select(R.c.pseudonym).where(R.c.campaign == campaign).order_by(R.c.number))
    return [invitations.giver(world, campaign, asks, str(p)) for (p,) in rows if p]


def _enter(world: World, request: Open, name: str, of: tuple[list[str], datetime], now: datetime) -> None:
    (givers, until), said = of, request.opening
    people, key = _people(world, said.invitation), key_id(name, CONTACT, period_of(now))
    half = world.vault.public_half(key, until + talks.KEPT)
    aliases = [talks.BEGINS + met_as(world, name, person.mail) for person in people]
    box = seal_note(half, key, canonical({"sides": people}))
    body = canonical({"id": name, "talk": said, "signature": request.signature})
    columns = {"until": records.stamp(until), "givers": " ".join(givers), "aliases": " ".join(aliases), "boxes": box}
    records.add(world.db, records.TALKS, body, now, id=name, campaign=said.invitation, plan="", **columns)
    ids = {"talk": name, "campaign": said.invitation}
    world.write(EntryType.TALK, body, ids=ids, at=now, table=records.TALKS, key={"id": name})


def _people(world: World, campaign: str) -> list[Recipient]:
    """Both, out of the invitation's own boxes. Raises No("key-refused") once they are gone."""
    boxes = [bytes(b) for (b,) in world.db.execute(select(R.c.box).where(R.c.campaign == campaign).order_by(R.c.number))]
    key = campaigns.sealed_to(world, campaign)
    try:
        notes = [talks.opened(world, key, box) for box in boxes]
    except StoreError as why:
        raise No("key-refused", campaign=campaign, why=why.code) from why
    return [read(Recipient, json.loads(note)) for note in notes]


def _plan(world: World, said: OpenTalk, asks: Question, name: str, term: tuple[datetime, datetime]) -> Plan:
    (until, now), operator = term, world.settings.operator
    return Plan(
        measure=Measure.name,
        actor=operator.name,
        proposer=said.by,
        regime=operator.regime,
        steps=Measure.steps,
        day=world.book.day(now),
        until=until,
        scope={
            "talk": name,
            "agreed_text": talks.agreed_text(said.invitation, asks),
            "recipients": campaigns.get(world, said.invitation).said.recipients,
            "purposes": (PURPOSE,),
            "lines": "every-line-found",
            "days": math.ceil((until - now) / DAY),
        },
    )


def listed(world: World, _request: Talks) -> list[Mapping[str, Any]]:
    """Newest first: {"id", "name" (of its invitation), "plan", "state", "at", "until", "mails": {state: how many}}. Of nobody."""
    now = world.clock.now()
    return [
        {
            "id": one.id,
            "name": campaigns.get(world, one.campaign).said.name,
            "plan": one.plan,
            "state": talks.state(world, one, now),
            "at": one.at,
            "until": one.until,
            "mails": talks.counts(world, one.id),
        }
        for one in talks.every(world)
    ]
