"""A child saw a sender record. What it may tell is sealed to the case at once; the sealed record it was given is dropped."""

from __future__ import annotations

from dataclasses import dataclass

from sekisho.desk import looks, matters, permits, records, reveals
from sekisho.desk.reveals import READABLE, View
from sekisho.desk.world import No, World


@dataclass(frozen=True)
class RecordSeen:
    """Told by the `work` child of an opening."""

    look: str
    view: View


def carry_out(world: World, request: RecordSeen) -> None:
    """Raises No: another-view for more than was asked, and whatever a look may lack."""
    look, now = looks.must_run(world, request.look), world.clock.now()
    permit = permits.must_live(world, look.permit, now)
    row, view = reveals.of(world, look.id), request.view
    if row["state"] != reveals.READY or view.full != records.body(row)["full"] or _more(view, reveals.items(permit)):
        raise No("another-view", reveal=look.id)
    shown = matters.seal(world, row["matter"], view)
    reveals.change(world, look.id, state=reveals.SHOWN, shown=shown, shown_until=records.stamp(now + READABLE), fetched=None)


def _more(view: View, items: tuple[str, ...]) -> bool:
    """Whether the child tells an address or a time that nobody asked for."""
    told = view.source, view.destination, view.seen_us
    if not view.full:
        return any(v is not None for v in told)
    address = reveals.ADDRESS & set(items)
    time = reveals.TIME & set(items)
    return (not address and (view.source, view.destination) != (None, None)) or (not time and view.seen_us is not None)
