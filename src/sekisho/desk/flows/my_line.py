"""What the holder of a letter may know: what was seen of their line, who looked and why. The code in the letter is the only key."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sekisho.desk import records, show
from sekisho.desk.world import No, World
from sekisho.measures.registry import EVERY


@dataclass(frozen=True)
class MyLine:
    """The code from a letter."""

    code: str


def carry_out(world: World, request: MyLine) -> dict[str, Any]:
    """{"reference", "seen", "looks", "notices", "permits"}; raises No("unknown-code"). Says nothing about any other line."""
    code = sha256(request.code.encode()).hexdigest()
    order = records.one(world.db, records.ORDERS, letter=code)
    if order is None:
        raise No("unknown-code")
    said = records.body(order)
    mine = show.permits_of(world, token=said["token"]) if "token" in said else []
    by_id = {p["id"]: p for p in mine}
    found = records.rows(world.db, records.FINDINGS, token=said["token"]) if mine else []
    looks = [r for permit in by_id for r in records.rows(world.db, records.LOOKS, permit=permit) if r["entry"] is not None]
    return {
        "reference": order["permit"].removeprefix("permit-")[:8],
        "seen": [
            {"at": records.body(r)["finding"]["last"], "measure": r["measure"], "permit": records.body(r)["permit"], "what": "contacts"}
            for r in found
        ],
        "looks": [_look(r, by_id[r["permit"]]) for r in looks],
        "notices": [
            {"at": order["at"], "measure": p["measure"], "title": EVERY[p["measure"]].title, "text": said["text"], "state": order["state"]}
            for p in mine
            if p["id"] == order["permit"]
        ],
        "permits": mine,
    }


def _look(row: dict[str, Any], permit: dict[str, Any]) -> dict[str, Any]:
    return {
        "at": row["at"],
        "measure": permit["measure"],
        "step": permit["step"],
        "permit": permit["id"],
        "by": permit["signed_by"],
        "cases": permit["cases"],
        "entry": row["entry"],
    }
