"""The poster asks how often their sender record was opened, when, and what for. Who shows the record's own id is its poster.

Nothing of the record is told, and nobody's name. An opening that a law withholds is told from its day on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sekisho.desk import records, reveals
from sekisho.desk.world import No, World

SHORTEST = 16
"""Characters of a record's id: shorter ones could be guessed."""


@dataclass(frozen=True)
class Opened:
    """`record`: the id that the service showed to its poster."""

    service: str
    record: str


def carry_out(world: World, request: Opened) -> dict[str, Any]:
    """{service, count, openings: [{at, purpose, full, withheld}]}, oldest first. An id nobody opened, or knows, has none.

    `withheld`: {until, law} of one that was told late. Raises No: unknown-code for a service that is not ours or an id too short.
    """
    if world.settings.service_of(request.service) is None or len(request.record) < SHORTEST:
        raise No("unknown-code")
    now = world.clock.now()
    told = []
    for row in reveals.openings(world, reveals.about(world, request.service, request.record), now):
        said = records.body(row)
        told.append({"at": row["at"], "purpose": said.get("purpose"), "full": said.get("full"), "withheld": said.get("withheld")})
    return {"service": request.service, "count": len(told), "openings": told}
