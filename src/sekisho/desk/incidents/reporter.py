"""The name of a protected reporter for the outside body that hears complaints about our own people: sealed to its key, each time an entry.

Nobody of ours reads it: `keep` opens it, seals it again, and what leaves is a file that only the outside body opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.desk import incident_room, matters
from sekisho.desk.case_words import HandingReporter
from sekisho.desk.incidents.room_show import opened
from sekisho.desk.signing import signed_now
from sekisho.desk.world import No, World
from sekisho.effects.sealed_file import CannotSeal, seal
from sekisho.gate.people import Signature
from sekisho.law.canonical import canonical
from sekisho.law.incident import Kind
from sekisho.law.words import Role
from sekisho.ledger.entry import EntryType

MAY = (Role.WINDOW, Role.OFFICER)


@dataclass(frozen=True)
class HandReporter:
    """The statement, and who signed it."""

    handing: HandingReporter
    signature: Signature


def carry_out(world: World, request: HandReporter) -> Mapping[str, Any]:
    """{"number", "as", "body": the outside body, "sealed": age, of the name, what they are called here, and the case}.

    Raises No: no-reasons, no-outside-key, unknown-reporter, unknown-matter, no-incident-case, case-file-gone.
    """
    said, now, settings = request.handing, world.clock.now(), world.settings.incident
    signed_now(world, request.signature, said, *MAY)
    if not said.reason.strip():
        raise No("no-reasons")
    if not settings.outside_body or not settings.outside_key:
        raise No("no-outside-key")
    matter = opened(world, said.matter)
    one = next((p for p in incident_room.here(matter)[Kind.PROTECTED] if p.number == said.number), None)
    if one is None:
        raise No("unknown-reporter", matter=matter.number, number=said.number)
    words = f"{matter.number}\n{one.text('protected_as')}: {one.text('protected_name')}\n"
    try:
        sealed = seal(words.encode(), settings.outside_key)
    except CannotSeal as why:
        raise No("no-outside-key") from why
    asked = matters.seal(world, matter.id, {"handing": said, "signature": request.signature})
    body = canonical({"matter": matter.id, "number": said.number, "body": settings.outside_body, "by": said.by, "sealed": asked})
    world.write(EntryType.REPORTER_HANDED, body, ids={"matter": matter.id}, at=now)
    return {"number": said.number, "as": one.text("protected_as"), "body": settings.outside_body, "sealed": sealed}
