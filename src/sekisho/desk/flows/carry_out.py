"""One order becomes one effect: check the permit in its numbered steps, open the recipient, act, say what became of it.

Runs in `act`. The permit is checked when the order is taken up, and `keep` is asked once more right before the hand-over:
what was withdrawn in between is not sent.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from sekisho.desk.flows.order import Waiting
from sekisho.desk.held_accounts import CODE, restoring
from sekisho.desk.outside import KeepSaidNo, Outside
from sekisho.desk.prove import in_ledger
from sekisho.desk.way_out import relay
from sekisho.effects.dkim import BadKey
from sekisho.effects.mail import Recipient, Relay, send
from sekisho.effects.order import Order, Outcome, Receipt, Stopped, Unsendable
from sekisho.effects.texts import LANGUAGES, TextError, Texts, load, render, set_in
from sekisho.gate.check import NoPermit, check
from sekisho.gate.permit import Lease, Permit
from sekisho.law.campaign import Recipient as Listed
from sekisho.law.reading import read
from sekisho.law.reply import Answer
from sekisho.law.words import Kind
from sekisho.store.errors import SealError
from sekisho.store.register import Contact, box_key, open_contact
from sekisho.store.seal import only, open_note

DEFERRED = Outcome.DEFERRED.value


@dataclass(frozen=True)
class CarryOut:
    """An order that waits."""

    waiting: Waiting


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
        way = relay(world, world.settings.mail.sender_name or world.settings.operator.name, waiting.reply_to)
    except (BadKey, OSError):
        return CarriedOut(DEFERRED)  # the key that signs our mails is gone or none: nothing leaves without it, and nothing is lost
    try:
        texts = load(world.settings.texts)
        permit = may(world, waiting, texts, read(Lease, world.keep.call("renew", permit=_permit_id(waiting))))
        receipt = await _send(world, waiting, permit, texts, way)
    except (NoPermit, Stopped, KeepSaidNo):
        return CarriedOut("stopped")
    except (SealError, TextError, Unsendable, ValueError, KeyError):
        return CarriedOut("unsendable")
    return CarriedOut(receipt.outcome.value, receipt.code or 0, receipt)


async def _send(world: Outside, waiting: Waiting, permit: Permit, texts: Texts, way: Relay) -> Receipt:
    """Open the contact, write the letter with a code nobody else knows, and hand it over."""
    contact, words = _contact(world, waiting)
    language = contact.language if contact.language in LANGUAGES else LANGUAGES[0]
    own, letter = _own(world, waiting, contact)
    rendered = render(texts.find(waiting.text, language), {**waiting.params, **own, **words})
    order = Order(
        id=waiting.id,
        permit=permit.id,
        effect="mail",
        recipient=waiting.box.encode(),
        text=waiting.text,
        text_digest=texts.digest(waiting.text),
        language=language,
        not_after=waiting.until,
    )

    async def still() -> None:
        """Asked between the envelope and the message. Raises Stopped when the permit no longer holds, or `keep` is silent."""
        try:
            may(world, waiting, texts, read(Lease, world.keep.call("begin", order=waiting.id, letter=letter)))
        except (NoPermit, KeepSaidNo) as no:
            raise Stopped(no.code) from no

    letter_to = Recipient(contact.mail or "", contact.name or "")
    return await send(order, letter_to, rendered, way, still, world.clock)


def _own(world: Outside, waiting: Waiting, contact: Contact) -> tuple[Mapping[str, str], str]:
    """What stands in this one letter alone, and the digest of the code that stands there."""
    if waiting.held:
        read_out = f"{secrets.randbelow(10**CODE):0{CODE}d}"
        return {"restore_code": f"{read_out[:5]} {read_out[5:]}"}, restoring(read_out)
    code = secrets.token_urlsafe(16)
    mine = {} if waiting.recipient else {"withdraw_url": f"{world.settings.console.url}/line?code={code}"}
    named = {} if "typed_code" in waiting.params else {"name": contact.name or "-"}  # who asks by address alone has no name here
    return {**named, **mine}, sha256(code.encode()).hexdigest()


def _contact(world: Outside, waiting: Waiting) -> tuple[Contact, Mapping[str, str]]:
    """Whom it goes to; and the words that lie in the same box, where an answer's do."""

    def release(key_id: str, wrapped: bytes) -> bytes:
        return bytes.fromhex(world.keep.call("release-contact", order=waiting.id, key_id=key_id, wrapped=wrapped)["key"])

    if not waiting.recipient:
        return open_contact(waiting.box, release), {}
    key = box_key(waiting.box)
    said = open_note(only({key}, release), key, bytes.fromhex(waiting.box.partition(" ")[2]))
    answer = read(Answer, json.loads(said)) if waiting.words else None
    person = answer.to if answer else read(Listed, json.loads(said))
    return Contact("", person.mail, person.name, person.language), {"fact_answer": set_in(answer.words)} if answer else {}


def may(world: Outside, waiting: Waiting, texts: Texts, lease: Lease) -> Permit:
    """`gate.check`, steps (1) to (7), for this very text as it lies here now. Raises NoPermit."""
    wanted = {"text": waiting.text, "text_digest": texts.digest(waiting.text)}
    prove, step = in_ledger(world.public.ledger), str(json.loads(waiting.permit.body)["step"]["name"])
    permit = check(waiting.permit, world.public.key, world.clock(), step=step, scope=wanted, lease=lease, prove=prove)
    if permit.step.kind is not Kind.SEND:
        raise NoPermit("other-step", 4, permit.step.name)
    return permit


def _permit_id(waiting: Waiting) -> str:
    return str(json.loads(waiting.permit.body)["id"])
