"""A contractor hands in a mailing, by its token: from then on it is a campaign like any other, which somebody of ours approves or does not.

The contractor names people by aliases alone and writes words alone. Whom it goes to, from whom and how fast is the admission's. Back come
counts: in tens, of mailings to ten people and more, so that nobody can be read out of them; and no word that tells who is of the set.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sekisho.desk import campaigns, commitment, contractors, records
from sekisho.desk.campaign_look import look_over, others_named
from sekisho.desk.contractors import Standing
from sekisho.desk.messages import entering
from sekisho.desk.naming import alias
from sekisho.desk.world import No, World, fresh_id
from sekisho.law.campaign import LONGEST, Campaign, Recipient, State
from sekisho.law.canonical import canonical
from sekisho.law.contractor import EVERYBODY, FEW, MOST_A_DAY, WINDOW, Mailing, told
from sekisho.law.reading import read
from sekisho.ledger.entry import EntryType

DAY = timedelta(days=1)
MOST_FAULTS = 50
AT_DESK, NAMES_SOMEBODY = "submitted", "names-somebody"
LEFT = (State.ACCEPTED.value, State.BOUNCED.value)
FAILED = (State.REFUSED.value, State.UNSENDABLE.value, State.UNKNOWN.value, State.UNSURE.value)


@dataclass(frozen=True)
class HandIn:
    """The mailing, whom it is for (`everybody`, or aliases), and the token of who hands it in."""

    token: str
    mailing: Mailing
    to: tuple[str, ...]


@dataclass(frozen=True)
class MyMailings:
    """What became of what I handed in?"""

    token: str


def carry_out(world: World, request: HandIn) -> Mapping[str, Any]:
    """{"hand_in", "persons"}. Raises No: unknown-token, admission-shut, row-not-in-force, too-many-today, unknown-alias, nobody-named,
    no-text-in-language, campaign-incomplete, campaign-leaks, window-over."""
    now = world.clock.now()
    one = contractors.by_token(world, request.token, now)
    lately = [r for r in records.rows(world.db, records.HAND_INS, admission=one.id) if r["at"] > records.stamp(now - DAY)]
    if len(lately) >= MOST_A_DAY:
        raise No("too-many-today", most=MOST_A_DAY)
    given = _named(world, one, request.to)
    if missing := sorted({p.language for p in given} - set(request.mailing.texts)):
        raise No("no-text-in-language", languages=missing)
    said = _campaign(one, world.settings.mail.sender, request.mailing, given, now)
    entering.complete(world, said, now)
    if found := look_over(said, world.settings.console.url):
        faults = [{"code": f.code, "where": f.where, "what": f.what} for f in found[:MOST_FAULTS]]
        raise No("campaign-leaks", faults=faults, count=len(found))
    return {"hand_in": _entered(world, one, said, given, now), "persons": len(given)}


def _named(world: World, one: Standing, to: Sequence[str]) -> tuple[Recipient, ...]:
    """Those people of the set, each with a salt made for this mailing: two mailings cannot be laid side by side."""
    everyone, wanted = contractors.people(world, one), {name.strip().casefold() for name in to}
    if not wanted:
        raise No("nobody-named")
    if wanted != {EVERYBODY}:
        known = {alias(world, one.said.entrustment, p.mail): p for p in everyone}
        if unknown := len(wanted - known.keys()):
            raise No("unknown-alias", count=unknown)
        everyone = tuple(p for name, p in known.items() if name in wanted)
    return tuple(replace(p, salt=secrets.token_hex(32)) for p in everyone)


def _campaign(one: Standing, sender: str, words: Mailing, given: Sequence[Recipient], now: datetime) -> Campaign:
    """Theirs: words, files, times. Everything else is what somebody of ours signed when they were admitted."""
    said, since = one.said, max(words.since or now, now)
    until = min(words.until or since + WINDOW, one.until, since + LONGEST)
    return Campaign(
        name=words.name,
        announcement=words.announcement or said.announcement,
        texts=words.texts,
        attachments=words.attachments,
        hosts=said.hosts,
        sender=sender,
        sender_name=said.sender_name,
        reply_desk=said.reply_desk,
        since=since,
        until=until,
        per_minute=said.per_minute,
        fields=said.fields,
        recipients=commitment.root([leaf for leaf, _ in commitment.ordered(given)]),
        persons=len(given),
        entrustment=said.entrustment,
        training=words.training,
        advertising=False,
        by=one.id,
        at=now,
    )


def _entered(world: World, one: Standing, said: Campaign, given: Sequence[Recipient], now: datetime) -> str:
    """A campaign; or, where it names somebody of the set, a paper for the desk. The contractor hears the same: else they could ask by
    writing who is of the set."""
    name, vouched = fresh_id("handin"), {"admission": one.id}
    named = bool(others_named(said, given))
    made = "" if named else entering.enter(world, said, entering.set_of(said, given), vouched, now)["campaign"]
    held: Mapping[str, object] = {"held": NAMES_SOMEBODY, "campaign": said} if named else {}
    body = canonical({"id": name, "name": said.name, "persons": said.persons, "since": said.since, **vouched, **held})
    records.add(world.db, records.HAND_INS, body, now, id=name, admission=one.id, campaign=made)
    ids = {"handin": name, "admission": one.id} | ({"campaign": made} if made else {})
    world.write(EntryType.HANDED_IN, body, ids=ids, at=now, table=records.HAND_INS, key={"id": name})
    return name


def mine(world: World, request: MyMailings) -> Mapping[str, Any]:
    """{"party", "person", "people", "persons", "fields", "hosts", "until", "mailings": [{"hand_in", "at", "name", "persons", "status",
    "counts"}]}, newest first. Raises No as `by_token` does.

    "counts" is null before it is approved and for a mailing to fewer than ten; else in tens, rounded down: "waiting", "accepted" (our
    server took them), of these "delivered" (not come back) and "bounced", "failed", "lost": {reason: count}.
    """
    now = world.clock.now()
    one = contractors.by_token(world, request.token, now)
    row, _ = contractors.of_row(world, one.said.entrustment, now)
    mailings = [_mailing(world, r, now) for r in reversed(records.rows(world.db, records.HAND_INS, admission=one.id))]
    said = one.said
    own = {"party": row.said.party, "person": said.person, "people": said.people, "persons": said.persons, "until": one.until}
    return {**own, "fields": said.fields, "hosts": said.hosts, "mailings": mailings}


def _mailing(world: World, row: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    said = records.body(row)
    own = {"hand_in": row["id"], "at": read(datetime, row["at"]), "name": said.get("name", ""), "persons": said.get("persons", 0)}
    if not row["campaign"]:
        return {**own, "status": AT_DESK, "counts": None}
    one = campaigns.get(world, row["campaign"])
    counts = campaigns.counts(world, one.id)
    status = campaigns.status(world, one, now, counts.get(State.WAITING.value, 0))
    shown = status != AT_DESK and one.said.persons >= FEW
    return {**own, "status": status, "counts": _counts(counts, campaigns.losses(world, one.id)) if shown else None}


def _counts(counts: Mapping[str, int], losses: Mapping[str, int]) -> Mapping[str, Any]:
    def of(*states: str) -> int:
        return told(sum(counts.get(s, 0) for s in states))

    return {
        "waiting": of(State.WAITING.value, State.BEGUN.value),
        "accepted": of(*LEFT),
        "delivered": of(State.ACCEPTED.value),
        "bounced": of(State.BOUNCED.value),
        "failed": of(*FAILED),
        "lost": {why: told(count) for why, count in losses.items() if told(count)},
    }
