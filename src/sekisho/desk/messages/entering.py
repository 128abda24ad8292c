"""A campaign is entered: its recipients sealed and committed to, and laid before somebody else as a plan. Whoever handed it in.

The plan's words are `keep`'s: the campaign's digest and the commitment to its set. Whoever approves the plan approves exactly these.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from sekisho.desk import campaigns, commitment, invitations, plans, probes, records
from sekisho.desk.campaign_look import wrong_values
from sekisho.desk.campaigns import KEPT
from sekisho.desk.world import No, World, fresh_id
from sekisho.effects.message import message_id
from sekisho.effects.order import MAILBOX
from sekisho.law.campaign import Campaign, Lost, Recipient, State, faults, identity
from sekisho.law.canonical import canonical
from sekisho.law.words import Plan
from sekisho.ledger.entry import EntryType
from sekisho.measures.campaign import Campaign as Measure
from sekisho.store.schema import CONTACT
from sekisho.store.seal import seal_note
from sekisho.store.spec import key_id, period_of

LONGEST_ADDRESS = 254
People = Sequence[tuple[bytes, Recipient]]


def enter(world: World, said: Campaign, people: People, vouched: Mapping[str, object], now: datetime) -> Mapping[str, Any]:
    """{"campaign", "plan", "digest", "persons", "left_out"}. `vouched`: who stands for it, kept beside the words."""
    name = _name(world, said, [leaf for leaf, _ in people])
    plan = _plan(world, said, name, now)
    body = canonical({"id": name, "campaign": said, **vouched})
    records.add(world.db, records.CAMPAIGNS, body, now, id=name, plan="")
    world.write(EntryType.CAMPAIGN, body, ids={"campaign": name}, at=now, table=records.CAMPAIGNS, key={"id": name})
    _seal(world, name, said, people, now)
    left_out = campaigns.leave_out(world, name, campaigns.stopped(world), Lost.STOPPED)
    campaigns.leave_out(world, name, campaigns.bounced(world, now), Lost.BOUNCED)
    identity_of_plan = plans.enter(world, plan, probes.measured(world, plan, now), now)
    table = records.CAMPAIGNS
    world.db.execute(table.update().where(table.c.id == name).values(plan=identity_of_plan))
    return {"campaign": name, "plan": identity_of_plan, "digest": identity(said), "persons": said.persons, "left_out": left_out}


def _name(world: World, said: Campaign, leaves: Sequence[bytes]) -> str:
    """One under which no two people of an invitation have the same code."""
    name = fresh_id("campaign")
    while said.invites and len(set(invitations.digests(world, name, leaves))) < len(leaves):
        name = fresh_id("campaign")
    return name


def complete(world: World, said: Campaign, now: datetime) -> None:
    """Raises No: campaign-incomplete, another-sender, window-over, unknown-viewing, no-training-sink."""
    if wrong := faults(said):
        raise No("campaign-incomplete", fields=list(wrong))
    mail = world.settings.mail
    if said.sender != mail.sender:
        raise No("another-sender", ours=mail.sender)
    if not MAILBOX.fullmatch(said.reply_desk):
        raise No("campaign-incomplete", fields=["reply_desk"])
    if said.until <= now:
        raise No("window-over", until=said.until.isoformat())
    if said.viewing and records.one(world.db, records.VIEWINGS, id=said.viewing) is None:
        raise No("unknown-viewing", viewing=said.viewing)
    if said.training and not mail.training_port:
        raise No("no-training-sink")


def set_of(said: Campaign, given: Sequence[Recipient]) -> list[tuple[bytes, Recipient]]:
    """The set as it was signed. Raises No with the row (from 1) of the first that is wrong; the address itself is not repeated."""
    return committed(given, said.fields, said.texts, (said.persons, said.recipients))


def committed(
    given: Sequence[Recipient], fields: Sequence[str], languages: Container[str], signed: tuple[int, str]
) -> list[tuple[bytes, Recipient]]:
    """Leaf and recipient in the order of the commitment. `signed`: how many, and the root. Raises No as `set_of` does."""
    seen: set[str] = set()
    for number, person in enumerate(given, 1):
        if not MAILBOX.fullmatch(person.mail) or len(person.mail) > LONGEST_ADDRESS:
            raise No("no-address", row=number)
        if person.mail.casefold() in seen:
            raise No("twice-on-the-list", row=number)
        if person.language not in languages:
            raise No("no-text-in-language", row=number, language=person.language[:8])
        if set(person.fields) != set(fields):
            raise No("other-fields", row=number, fields=sorted(fields))
        if wrong := wrong_values(person):
            raise No("wrong-values", row=number, fields=list(wrong))
        seen.add(person.mail.casefold())
    people = commitment.ordered(given)
    if (len(people), commitment.root([leaf for leaf, _ in people])) != signed:
        raise No("another-set", persons=len(people))
    return people


def _plan(world: World, said: Campaign, name: str, now: datetime) -> Plan:
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
            "campaign": name,
            "text": said.name,
            "text_digest": identity(said),
            "recipients": said.recipients,
            "persons": said.persons,
            "training": said.training,
            "purposes": (Measure.steps[0].purpose,),
            "lines": "every-line-found",
            "days": (said.until + KEPT - now).days + 1,
        },
    )


def _seal(world: World, name: str, said: Campaign, people: People, now: datetime) -> None:
    """Each person in a box of their own, to a key that is destroyed when bounces and proofs are over."""
    key = key_id(name, CONTACT, period_of(now))
    half = world.vault.public_half(key, said.until + KEPT)
    rows = []
    for number, (leaf, person) in enumerate(people):
        codes = campaigns.check_code(world, name, leaf), campaigns.stop_code(world, name, leaf)
        rows.append({
            "campaign": name,
            "number": number,
            "leaf": leaf,
            "pseudonym": campaigns.pseudonym(world, person.mail),
            "box": seal_note(half, key, canonical(person)),
            "language": person.language,
            "state": State.WAITING.value,
            "checked_by": campaigns.digest_of(codes[0]),
            "stopped_by": campaigns.digest_of(codes[1]),
            "known_as": message_id(name, leaf, said.sender).strip("<>").lower(),
            "invited_by": invitations.digest_of(world, name, invitations.code(world, name, leaf)) if said.invites else None,
        })  # fmt: skip
    world.db.execute(insert(records.CAMPAIGN_RECIPIENTS), rows)
