"""Somebody's answer is written down with the very text they were shown: given or refused, once for each purpose."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from sekisho.desk import consents
from sekisho.desk.consent_writing import made, must_be_of_today, write
from sekisho.desk.mail_stages import OF_RECIPIENTS, mailbox
from sekisho.desk.signed_words import Answered
from sekisho.desk.signing import signed_now
from sekisho.desk.world import No, World
from sekisho.gate.people import OUTSIDE, Signature
from sekisho.law.words import Role

MAY_RECORD = (Role.DESK, Role.HELP_DESK, Role.ENGINEER, Role.OFFICER)
LONGEST_DAYS = 3660
LONGEST_TEXT = 64 * 1024


@dataclass(frozen=True)
class RecordConsent:
    """The answer, the text as it was shown, and the signature of who took the answer."""

    answer: Answered
    shown: str
    signature: Signature


@dataclass(frozen=True)
class Recorded:
    """The consent's id; and the code for the person's receipt, which is told once and lets them see and withdraw it."""

    consent: str
    code: str


def carry_out(world: World, request: RecordConsent) -> Recorded:
    """An earlier answer of the same line for the same purpose makes room for this one."""
    said, now = request.answer, world.clock.now()
    signed_now(world, request.signature, said, *MAY_RECORD)
    _complete(said, request.shown)
    must_be_of_today(world, said)
    line = mailbox(said.line) if said.purpose in OF_RECIPIENTS else said.line
    who = consents.principal(consents.purpose_key(world, said.purpose), line)
    if said.at < consents.last_word(world, said.purpose, who):
        raise No("waited-too-long", at=said.at.isoformat())
    record = made(said, who, now)
    code = secrets.token_hex(16)
    write(world, record, request.shown, code, request.signature)
    return Recorded(record.id, code)


def _complete(said: Answered, shown: str) -> None:
    """Raises No: what was shown is not the text named, or the answer leaves something out."""
    if len(shown) > LONGEST_TEXT or hashlib.sha256(shown.encode()).hexdigest() != said.notice.digest:
        raise No("another-text", notice=said.notice.id)
    if said.party not in OUTSIDE:
        raise No("no-party", party=said.party.value)
    if not 0 < said.days <= LONGEST_DAYS:
        raise No("no-term")
    named = (said.line, said.purpose, said.notice.id, said.notice.version, said.notice.language)
    if not all(n.strip() for n in named) or not all((said.sides, said.acts, said.elements, said.audience)):
        raise No("answer-incomplete")
