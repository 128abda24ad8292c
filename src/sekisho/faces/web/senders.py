"""What was seen of a sender record: shown on the console to who asked for it, by the ticket, and to nobody else.

Asking is not done here: it is signed with a key file, at the terminal (`sekisho posts reveal`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.responses import Response

from sekisho.faces.web import pages
from sekisho.faces.web.actions import attempt
from sekisho.faces.web.errors import Turned
from sekisho.faces.web.pages import identifier, one
from sekisho.faces.web.visit import Visit

START = datetime(1970, 1, 1, tzinfo=UTC)
ANSWERED = {"another-ticket": 403, "waited-too-long": 410}


async def seen(visit: Visit) -> Response:
    """The form for the ticket; sent, what was seen. No address ever holds a ticket."""
    whole = await pages.case(visit)
    opening = one(await pages.openings(visit, whole["id"]), "id", identifier(visit, "opening"))
    if opening["by"]["id"] != visit.person["id"]:
        raise Turned("unknown")
    shown: dict[str, Any] = {"case": whole, "opening": opening, "found": None, "at": None, "refused": ""}
    if visit.request.method != "POST":
        return visit.page("case_sender.html", **shown)
    attempt(visit)
    ticket = (await visit.form()).get("ticket")
    found = await visit.desk.cases.seen(opening["id"], ticket.strip()[:128] if isinstance(ticket, str) else "")
    if "error" in found:
        code = str(found["error"]["code"])
        return visit.page("case_sender.html", ANSWERED.get(code, 422), **{**shown, "refused": code})
    return visit.page("case_sender.html", **{**shown, "found": found, "at": moment(found["view"])})


def moment(view: dict[str, object] | None) -> str | None:
    """When the service saw it, to the microsecond, where the permit names the time."""
    micros = view["seen_us"] if view else None
    return (START + timedelta(microseconds=micros)).isoformat() if isinstance(micros, int) else None
