"""The room of an incident on the console."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sekisho.faces.web.desk import Json
from sekisho.faces.web.visit import Visit, checked


async def room(visit: Visit, matter: str) -> Json:
    """The room, beside the case whose moves it is made of."""
    case = checked(await visit.desk.cases.one(matter))
    return {"room": checked(await visit.desk.cases.room(case["id"])), "case": case}


async def given(visit: Visit, case: Mapping[str, Any], button: Mapping[str, Any]) -> dict[str, str]:
    """What a form of the room is filled in with: an order goes to every row of the register that may still hold something."""
    if button["id"] != "order" or not button.get("room"):
        return {}
    holding = checked(await visit.desk.cases.room(case["id"]))["holding"]
    return {"f.order_to": "\n".join(h["row"] for h in holding)}
