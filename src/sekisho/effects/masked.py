"""One mail of a masked talk: two people write to each other through us, and neither learns the other's address.

What leaves is built anew from the words alone, as any mail of ours is; its sender is the alias under which the reader knows the writer.
What gives somebody away is not mended but held for a person of the desk: a filter that rewrites what people say to each other would be
wrong more often, and nobody would see it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sekisho.effects.order import Rendered, Unsendable
from sekisho.law.talk import Reason
from sekisho.wire.giveaways import giveaways
from sekisho.wire.own_words import OwnWords


@dataclass(frozen=True)
class Side:
    """One of the two. `alias`: the whole address under which the other one knows them; `hidden`: what else the other may not learn."""

    mail: str
    alias: str
    hidden: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Never shows whom: values end up in tracebacks."""
        return "Side(...)"


class Held(Exception):
    """A mail that waits for a person of the desk. Repeats nothing of it."""

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        super().__init__(", ".join(f"{one.code} ({one.where})" for one in reasons))
        self.reasons = reasons


def reasons(said: OwnWords, writer: Side, reader: Side) -> tuple[Reason, ...]:
    """All that keeps it from being passed on; empty if it may go."""
    secret = [v for side in (writer, reader) for v in (side.mail, *side.hidden)]
    found = []
    if said.machine:
        found.append(Reason("machine", "headers"))
    if said.writers != (writer.mail.casefold(),):
        found.append(Reason("another-writer", "header from"))
    if not said.text.strip():
        found.append(Reason("nothing-left", "text"))
    for number, name in enumerate(said.files, 1):
        found.append(Reason("files", f"file {number}"))
        found += [Reason(one.kind.value, f"name of file {number}") for one in giveaways(name, secret)]
    found += [Reason(one.kind.value, f"line {one.line}" if one.line else "over lines") for one in giveaways(said.text, secret)]
    return tuple(dict.fromkeys(found))


def masked(said: OwnWords, writer: Side, reader: Side, under: Rendered) -> Rendered:
    """What the reader will read: the words, and the adopted text under them, whose subject is the mail's. Raises Held, and Unsendable
    where the writer's alias would give somebody away.
    """
    if found := reasons(said, writer, reader):
        raise Held(found)
    if writer.alias.casefold() in (writer.mail.casefold(), reader.mail.casefold(), reader.alias.casefold()):
        raise Unsendable("alias")
    return Rendered(under.subject, f"{said.text}\n\n{under.body}", under.language)
