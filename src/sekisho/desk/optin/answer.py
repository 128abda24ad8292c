"""An invited person answers with the code of their mail: agrees, refuses, takes it back, or looks how it stands.

The code alone makes it their answer. It stays good however often something opened the page before, and typed twice it is one answer.
An answer is a record of consent like any other; of who does not answer none is made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sekisho.desk import asked, consents, invitations, records
from sekisho.desk.consent_writing import made, must_be_of_today, write
from sekisho.desk.mail_stages import OF_RECIPIENTS
from sekisho.desk.signed_words import Answered
from sekisho.desk.world import No, World
from sekisho.law.consent import Event, Happened, Notice, Sender, Way
from sekisho.law.question import Choice, Question
from sekisho.law.words import Role

PARTY = Role.PARTICIPANT
Json = dict[str, Any]


@dataclass(frozen=True)
class AnswerQuestion:
    """`question`: the invitation's id; `language`: of the text that was shown; `sender`: from where.

    `code`: as it was typed, or of the link in a mail that this `browser` asked for.
    """

    question: str
    code: str
    do: Choice
    language: str
    sender: Sender
    browser: str = ""


def carry_out(world: World, request: AnswerQuestion) -> Json:
    """{"state": open, given, refused, withdrawn ..., "at", "until", "receipt": its code}; in a rehearsal "training" and nothing kept.

    Raises No: unknown-question, invitation-over, wrong-code, no-text-in-language, text-overtaken, answered-too-often.
    """
    now = world.clock.now()
    one, asks = invitations.asking(world, request.question, now)
    who = asked.answering(world, one.id, request.code, request.browser, now) or invitations.invited(world, one.id, request.code)
    if request.language not in asks.agreed:
        raise No("no-text-in-language", language=request.language[:8])
    if one.said.training:
        return {"state": "training", "at": now, "until": None, "receipt": ""}
    before = _answers(world, who["digest"])
    last = before[-1] if before else None
    state = last["state"] if last else ""
    if request.do is Choice.WITHDRAW and last is not None and state == Happened.GIVEN.value:
        consents.end(world, last, Event(Happened.WITHDRAWN, now, PARTY.value))
    elif _new(request.do, state):
        if len(before) >= invitations.MOST_ANSWERS:
            raise No("answered-too-often")
        _write(world, request, asks, who, len(before), now)
    return _stands(world, who["digest"])


def _new(do: Choice, state: str) -> bool:
    """Whether this answer says something else than the last."""
    return (do is Choice.AGREE and state != Happened.GIVEN.value) or (do is Choice.REFUSE and not state)


def _write(world: World, request: AnswerQuestion, asks: Question, who: Mapping[str, Any], serial: int, now: datetime) -> None:
    said = _answered(world, request, asks, now)
    must_be_of_today(world, said)
    giver = invitations.giver(world, request.question, asks, str(who["pseudonym"]))
    record = replace(made(said, giver, now), code=who["digest"], asked=request.question, sender=request.sender, level=who["level"])
    write(world, record, invitations.shown(world, asks, request.language), invitations.receipt(world, who["digest"], serial), None)


def _answered(world: World, request: AnswerQuestion, asks: Question, now: datetime) -> Answered:
    text = invitations.shown(world, asks, request.language)
    return Answered(
        line="",
        party=PARTY,
        sides=frozenset({PARTY.value, "recipient"} if asks.purpose in OF_RECIPIENTS else {PARTY.value}),
        acts=asks.acts,
        elements=asks.elements,
        purpose=asks.purpose,
        audience=asks.audience,
        notice=Notice(asks.id, asks.version, hashlib.sha256(text.encode()).hexdigest(), request.language),
        way=Way.TYPED_CODE,
        days=asks.days,
        given=request.do is Choice.AGREE,
        default_off=True,
        refusal_free=True,
        withdrawable=True,
        by="",
        at=now,
    )


def _answers(world: World, digest: str) -> Sequence[Mapping[str, Any]]:
    """Every answer given with this code, oldest first."""
    found = []
    for serial in range(invitations.MOST_ANSWERS):
        named = hashlib.sha256(invitations.receipt(world, digest, serial).encode()).hexdigest()
        row = records.one(world.db, records.CONSENTS, code=named)
        if row is None:
            break
        found.append(row)
    return found


def _stands(world: World, digest: str) -> Json:
    given = _answers(world, digest)
    if not given:
        return {"state": "open", "at": None, "until": None, "receipt": ""}
    row = given[-1]
    said = consents.of(world, row)
    last = said.events[-1]
    return {
        "state": row["state"],
        "at": last.at,
        "until": said.until if row["state"] == Happened.GIVEN.value else None,
        "receipt": invitations.receipt(world, digest, len(given) - 1),
    }
