"""One order becomes one effect: check the permit in its numbered steps, open the recipient, act, say what became of it.

Runs in `act`. The permit is checked when the order is taken up, and `keep` is asked once more right before the hand-over:
what was withdrawn in between is not sent.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from sekisho.desk.address import RECIPIENT
from sekisho.desk.order import Waiting
from sekisho.desk.outside import KeepSaidNo, Outside
from sekisho.desk.prove import in_ledger
from sekisho.effects.mail import Recipient, Relay, Tls, send
from sekisho.effects.order import Order, Outcome, Receipt, Stopped, Unsendable
from sekisho.effects.texts import TextError, load, render
from sekisho.gate.check import NoPermit, check
from sekisho.gate.permit import Lease, Permit
from sekisho.law.reading import read
from sekisho.store.errors import SealError
from sekisho.store.seal import open_note


@dataclass(frozen=True)
class CarryOut:
    """An order that waits, and the private half its recipient is sealed to."""

    waiting: Waiting
    private: bytes


@dataclass(frozen=True)
class CarriedOut:
    """The outcome for the ledger, the server's reply code, and the receipt where a conversation took place."""

    outcome: str
    reply: int = 0
    receipt: Receipt | None = None


async def carry_out(world: Outside, request: CarryOut) -> CarriedOut:
    """Never raises for what an order, a text or a server may hold; silence of `keep` stops the order."""
    waiting = request.waiting
    try:
        permit = may(world, waiting, read(Lease, world.keep.call("renew", permit=_permit_id(waiting))))
        private = json.loads(open_note(request.private, RECIPIENT, waiting.recipient))
        texts = load(world.settings.texts)
        if texts.digest(waiting.text) != waiting.text_digest:
            return CarriedOut("stopped")
        params = {**waiting.params, "name": private["name"], "withdraw_url": f"{world.settings.console.url}/line?code={private['code']}"}
        rendered = render(texts.find(waiting.text, waiting.language), params)
        order = Order(
            id=waiting.id,
            permit=permit.id,
            effect="mail",
            recipient=waiting.recipient,
            text=waiting.text,
            text_digest=waiting.text_digest,
            language=waiting.language,
            not_after=waiting.until,
        )
        receipt = await send(
            order, Recipient(private["mail"], private["name"]), rendered, relay(world), lambda: still(world, waiting), world.clock
        )
    except (NoPermit, Stopped, KeepSaidNo):
        return CarriedOut("stopped")
    except (SealError, TextError, Unsendable, ValueError, KeyError):
        return CarriedOut("unsendable")
    return CarriedOut(receipt.outcome.value, receipt.code or 0, receipt)


def may(world: Outside, waiting: Waiting, lease: Lease) -> Permit:
    """`gate.check`, steps (1) to (7), with a lease fetched this moment. Raises NoPermit."""
    wanted = {"text": waiting.text}
    return check(
        waiting.permit, world.public.key, world.clock(), step="notify", scope=wanted, lease=lease, prove=in_ledger(world.public.ledger)
    )


async def still(world: Outside, waiting: Waiting) -> None:
    """Asked between the envelope and the message. Raises Stopped when the permit no longer holds, or `keep` is silent."""
    try:
        may(world, waiting, read(Lease, world.keep.call("begin", order=waiting.id)))
    except (NoPermit, KeepSaidNo) as no:
        raise Stopped(no.code) from no


def relay(world: Outside) -> Relay:
    mail = world.settings.mail
    return Relay(mail.host, mail.port, mail.sender, mail.sender_name or world.settings.operator.name, mail.helo, tls=Tls(mail.tls))


def _permit_id(waiting: Waiting) -> str:
    return str(json.loads(waiting.permit.body)["id"])


DEFERRED = Outcome.DEFERRED.value
