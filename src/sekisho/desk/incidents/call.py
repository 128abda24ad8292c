"""A rung of an incident's ladder is mailed to the operator's own people. Runs in `act`.

The one mail that leaves without a permit: from the operator to itself, at an address of the settings. It says a number, a role, minutes
and a page; nothing in it is anybody's data, so there is no step to decide. `keep` is asked once more right before it is handed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sekisho.desk.incidents.rungs import Call
from sekisho.desk.outside import Outside
from sekisho.desk.way_out import relay
from sekisho.effects.dkim import BadKey
from sekisho.effects.mail import Recipient, send
from sekisho.effects.order import Order, Outcome, Stopped, Unsendable
from sekisho.effects.texts import LANGUAGES, TextError, jst, load, render
from sekisho.law.reading import read

TEXT = "incident-call@1"
PATIENCE = timedelta(minutes=5)


@dataclass(frozen=True)
class MailCall:
    """A call that waits, and what each role is called in the language of the mail."""

    call: Call
    roles: Mapping[str, str]


@dataclass(frozen=True)
class Mailed:
    """An outcome as orders have them, or unsendable; and the server's reply code."""

    outcome: str
    reply: int = 0


async def carry_out(world: Outside, request: MailCall) -> Mailed:
    """Never raises for what an address, a text or a server may hold."""
    call = request.call
    try:
        way = relay(world, world.settings.mail.sender_name or world.settings.operator.name)
    except (BadKey, OSError):
        return Mailed(Outcome.DEFERRED.value)
    try:
        texts = load(world.settings.texts)
        text = texts.find(TEXT, call.language if call.language in LANGUAGES else LANGUAGES[0])
        room = f"{world.settings.console.url}/procedures"
        places = {"number": call.number, "role": request.roles[call.role], "call_until": jst(call.due), "room_url": room}
        rendered = render(text, {**places, "operator": world.settings.operator.name})
        order = Order(call.id, "", "mail", b"", TEXT, texts.digest(TEXT), text.language, world.clock() + PATIENCE)
        receipt = await send(order, Recipient(call.to), rendered, way, lambda: _still(world, call), world.clock)
    except (TextError, Unsendable, ValueError, KeyError):
        return Mailed("unsendable")
    return Mailed(receipt.outcome.value, receipt.code or 0)


async def _still(world: Outside, call: Call) -> None:
    """Raises Stopped where somebody said meanwhile that they have it."""
    if call.id not in {read(Call, c).id for c in world.keep.call("ladder-calls")}:
        raise Stopped("acknowledged")
