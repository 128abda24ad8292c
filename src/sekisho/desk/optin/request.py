"""Somebody types an address on the page of a question: a mail with its code goes there, under a permit, or not at all.

The answer is the same whoever the address belongs to, known here or not, stopped or not, had its mails already or not. Nothing is agreed.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert

from sekisho.desk import asked, campaigns, invitations, records
from sekisho.desk.world import No, World, fresh_id
from sekisho.effects.order import MAILBOX
from sekisho.effects.texts import jst
from sekisho.gate.permit import Permit
from sekisho.law.campaign import Recipient
from sekisho.law.canonical import canonical
from sekisho.law.consent import Sender
from sekisho.ledger.entry import EntryType
from sekisho.store.schema import CONTACT
from sekisho.store.seal import seal_note
from sekisho.store.spec import key_id, period_of

LONGEST_ADDRESS = 254
BROWSER = 32
"""Characters at least of what only the asking browser has."""


@dataclass(frozen=True)
class AskCode:
    """`question`: an invitation's id; `mail`: as typed; `browser`: the secret of its cookie, or empty; `sender`: from where."""

    question: str
    mail: str
    language: str
    browser: str
    sender: Sender

    def __repr__(self) -> str:
        """Never shows whom: values end up in tracebacks."""
        return "AskCode(...)"


def carry_out(world: World, request: AskCode) -> Mapping[str, datetime]:
    """{"until"}: so long a code is good, if one went out. Raises No: unknown-question, invitation-over, not-open, no-address,
    no-text-in-language, asked-too-often (a network, never an address)."""
    now = world.clock.now()
    one, asks = invitations.asking(world, request.question, now)
    permit = asked.living(world, asks.purpose, now)
    if permit is None or one.said.training:
        raise No("not-open")
    mail = request.mail.strip()
    if not MAILBOX.fullmatch(mail) or len(mail) > LONGEST_ADDRESS:
        raise No("no-address")
    if request.language not in asks.agreed:
        raise No("no-text-in-language", language=request.language[:8])
    near = asked.network(world, request.sender.address)
    if asked.too_many(world, near, now):
        raise No("asked-too-often")
    until, who = min(now + asked.KEPT, permit.until, invitations.over(one)), campaigns.pseudonym(world, mail)
    quiet = asked.enough(world, who, now) or who in campaigns.stopped(world) or who in campaigns.bounced(world, now)
    named = _written(world, request, who, near, now, until)
    if not quiet:
        _order(world, permit, request, named, mail, now, until)
    return {"until": until}


def _written(world: World, request: AskCode, who: str, near: str, now: datetime, until: datetime) -> str:
    named, browser = fresh_id("asked"), request.browser if len(request.browser) >= BROWSER else secrets.token_hex(BROWSER)
    row = {
        "id": named,
        "question": request.question,
        "pseudonym": who,
        "network": near,
        "digest": invitations.digest_of(world, request.question, asked.code(world, request.question, named)),
        "own": asked.keyed(world, "own", asked.own_code(world, named)),
        "browser": asked.keyed(world, "browser", browser),
        "at": records.stamp(now),
        "until": records.stamp(until),
    }
    world.db.execute(insert(records.ASKED_CODES).values(**row))
    return named


def _order(world: World, permit: Permit, request: AskCode, named: str, mail: str, now: datetime, until: datetime) -> None:
    """One mail, by an order like any other; its box is sealed to a key that ends with the request."""
    order, key = fresh_id("order"), key_id(named, CONTACT, period_of(now))
    person = Recipient(mail, "", request.language, secrets.token_hex(32))
    box = f"{key} {seal_note(world.vault.public_half(key, until), key, canonical(person)).hex()}"
    about = {"asked": named, "campaign": request.question}
    said = {"text": permit.scope["text"], "params": _params(world, request, now, until), "box": box, "until": until, **about}
    body = canonical(said)
    records.add(world.db, records.ORDERS, body, now, id=order, permit=permit.id, state="waiting", code="", letter="")
    world.write(EntryType.ORDER, body, ids={"order": order, "permit": permit.id}, at=now, table=records.ORDERS, key={"id": order})


def _params(world: World, request: AskCode, now: datetime, until: datetime) -> Mapping[str, str]:
    operator = world.settings.operator
    return {
        "operator": operator.name,
        "asked_at": jst(now),
        "good_until": jst(until),
        "page_url": asked.page(world, request.question),
        "window_name": operator.window,
        "window_phone": operator.window_phone,
        "window_hours": operator.window_hours,
    }
