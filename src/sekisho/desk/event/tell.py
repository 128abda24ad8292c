"""`collect` tells what the equipment counted. Only a closed list of totals is taken, and only while the permit to count holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sekisho.desk import permits
from sekisho.desk.counted import Reading
from sekisho.desk.event.panels import lets_count
from sekisho.desk.world import No, World
from sekisho.wire.counters import MOST, known

MOST_NAMES = 64


@dataclass(frozen=True)
class TellCounters:
    """One reading under a permit, by the names in `wire.counters`; cumulative counters as they stand, not what they grew by."""

    permit: str
    values: Mapping[str, int]


def carry_out(world: World, request: TellCounters) -> None:
    """Raises No: not-a-counter, another-measure, and what a permit that does not hold raises."""
    now = world.clock.now()
    permit = permits.must_live(world, request.permit, now)
    if not lets_count(permit):
        raise No("another-measure", measure=permit.measure)
    if len(request.values) > MOST_NAMES or not all(known(n) and 0 <= v <= MOST for n, v in request.values.items()):
        raise No("not-a-counter")
    world.counted.take(permit.id, Reading(now, dict(request.values)))
