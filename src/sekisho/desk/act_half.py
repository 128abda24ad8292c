"""`act` starts and says which public half recipients are to be sealed to. Made in `act`, kept there; `keep` passes it on."""

from __future__ import annotations

from dataclasses import dataclass

from sekisho.desk import order, records
from sekisho.desk.world import No, World


@dataclass(frozen=True)
class ActHalf:
    """32 bytes of X25519."""

    half: bytes


def carry_out(world: World, request: ActHalf) -> None:
    if len(request.half) != 32:
        raise No("not-a-key")
    records.set_meta(world.db, "act-half", request.half.hex())
    order.close_begun(world)
