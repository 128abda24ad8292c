"""The bytes of one mail of a masked talk, as it leaves: from the writer's alias to the reader, and an answer goes to the alias."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sekisho.effects.mail import Recipient, Relay, compose
from sekisho.effects.masked import Side, masked
from sekisho.effects.order import Order, Rendered
from sekisho.wire.own_words import OwnWords, read_own_words


def made(raw: bytes, sides: tuple[Side, Side], order: Order, way: tuple[Relay, Rendered], at: datetime) -> bytes:
    """Linted as every mail of ours. `raw`: as it came from a stranger; `sides`: writer, reader; `way`: the relay, and the adopted text.

    Raises FormError where it cannot be read, Held where a person must look, Unsendable where aliases, relay or text make no safe mail.
    """
    return made_of(read_own_words(raw), sides, order, way, at)


def made_of(said: OwnWords, sides: tuple[Side, Side], order: Order, way: tuple[Relay, Rendered], at: datetime) -> bytes:
    """The same of words that somebody else read. Raises Held, Unsendable."""
    (writer, reader), (relay, under) = sides, way
    text = masked(said, writer, reader, under)
    return compose(order, Recipient(reader.mail), text, replace(relay, sender=writer.alias, sender_name="", reply_to=""), at)
