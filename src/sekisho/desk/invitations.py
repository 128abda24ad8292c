"""The codes of invitations: twelve digits in the text of one mail and in no link, known here only by a keyed digest.

Whoever has the code is whom the mail reached. Until it is typed nothing is known of anybody but that a mail was sent to them.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from sekisho.desk import campaigns, consents, records
from sekisho.desk.campaigns import R, Standing
from sekisho.desk.world import No, World
from sekisho.law.question import Question
from sekisho.measures.masked_talk import PURPOSE

DIGITS = 12
PAGE = "/agree"
MOST_ANSWERS = 6
"""So often one code changes its answer: whoever has it cannot fill the ledger with it. To take a consent back is never refused."""


def code(world: World, name: str, leaf: bytes) -> str:
    """What the invited person types: twelve digits, four by four."""
    raw = hmac.new(world.pseudonyms, b"invitation\x00" + name.encode() + leaf, hashlib.sha256).digest()
    digits = str(int.from_bytes(raw[:16]) % 10**DIGITS).zfill(DIGITS)
    return " ".join(digits[i : i + 4] for i in range(0, DIGITS, 4))


def typed(text: str) -> str:
    """A code as `code` spells it, from one typed by hand: full-width, with or without spaces and hyphens. Empty for what can be none."""
    digits = "".join(c for c in unicodedata.normalize("NFKC", text[:64]) if not c.isspace() and c != "-")
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        return ""
    return " ".join(digits[i : i + 4] for i in range(0, DIGITS, 4))


def digest_of(world: World, name: str, code: str) -> str:
    """How a code is looked up, and what a record keeps of it. Twelve digits could be tried out: without the key nobody can."""
    return hmac.new(world.pseudonyms, b"invitation code\x00" + name.encode() + b"\x00" + code.encode(), hashlib.sha256).hexdigest()


def giver(world: World, name: str, asks: Question, pseudonym: str) -> str:
    """Under which pseudonym an answer is kept: the same for every question of one purpose, but for a masked talk one of its own."""
    own = f" {name}" if asks.purpose == PURPOSE else ""
    return consents.principal(consents.purpose_key(world, asks.purpose), f"mail {pseudonym}{own}")


def digests(world: World, name: str, leaves: Iterable[bytes]) -> list[str]:
    """One for each recipient, in order."""
    return [digest_of(world, name, code(world, name, leaf)) for leaf in leaves]


def receipt(world: World, digest: str, serial: int) -> str:
    """The code of the receipt for the answer with this number: the same however often it is asked for."""
    return hmac.new(world.pseudonyms, f"receipt/{digest}/{serial}".encode(), hashlib.sha256).hexdigest()[:32]


def over(one: Standing) -> datetime:
    """When its codes are good for nothing any more."""
    return one.said.until + timedelta(days=one.said.asks.code_days if one.said.asks else 0)


def asking(world: World, name: str, now: datetime) -> tuple[Standing, Question]:
    """An invitation that was approved, and has not been withdrawn. Raises No: unknown-question, invitation-over."""
    try:
        one = campaigns.get(world, name)
    except No:
        raise No("unknown-question", question=name[:100]) from None
    if one.said.asks is None or now < one.said.since or not approved(world, one):
        raise No("unknown-question", question=name[:100])
    if now >= over(one):
        raise No("invitation-over", until=over(one).isoformat())
    return one, one.said.asks


def approved(world: World, one: Standing) -> bool:
    """A permit carries it, or did until its window closed. One that was withdrawn asks nobody any more."""
    return any(r["ended"] in (None, "ended") for r in records.rows(world.db, records.PERMITS, plan=one.plan))


def every(world: World, now: datetime) -> Sequence[tuple[Standing, Question]]:
    """Those that ask now, newest first."""
    found = []
    for one in campaigns.every(world):
        try:
            found.append(asking(world, one.id, now))
        except No:
            continue
    return found


def invited(world: World, name: str, text: str) -> Mapping[str, Any]:
    """Whose code this is: {"digest", "pseudonym", "level"}. Raises No("wrong-code"), which says nothing about anybody."""
    digest = digest_of(world, name, typed(text))
    found = world.db.execute(select(R.c.pseudonym).where(R.c.campaign == name, R.c.invited_by == digest)).first()
    if found is None:
        raise No("wrong-code")
    return {"digest": digest, "pseudonym": str(found[0]), "level": 2}


def shown(world: World, asks: Question, language: str) -> str:
    """The very text of the page, which the record keeps: what is agreed, by whom it is asked, how to stop. A line each."""
    return "\n".join((asks.agreed[language], world.settings.operator.name, asks.stop[language]))
