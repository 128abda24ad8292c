"""The register of entrustments on the console: approving and stopping, each shown and signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from sekisho.faces.web import envelopes, pages
from sekisho.faces.web.actions import lay
from sekisho.faces.web.errors import Turned
from sekisho.faces.web.visit import Visit, checked

STOPPABLE = ("in-force", "not-yet")


async def one(visit: Visit) -> Mapping[str, Any]:
    """The row of the path. Raises Turned."""
    found = checked(await visit.desk.entrustments())
    return pages.one(found["entrustments"], "id", pages.identifier(visit))


async def approve(visit: Visit) -> Response:
    """The row as it stands, and the approval of it by somebody else than who entered it."""
    row = await one(visit)
    if row["entrustment"]["by"] == visit.person["id"]:
        raise Turned("proposer-never-approves")
    return await _lay(visit, row, "approved", "", ("draft",))


async def stop(visit: Visit) -> Response:
    """Stop a row now, and with it every permit that rests on it."""
    row = await one(visit)
    said = await envelopes.words(visit, "entrustment_stop.html", e=row)
    return said if isinstance(said, Response) else await _lay(visit, row, "suspended", said, STOPPABLE)


async def _lay(visit: Visit, row: Mapping[str, Any], what: str, reason: str, statuses: tuple[str, ...]) -> Response:
    if row["status"] not in statuses:
        raise Turned("not-in-this-status", status=row["status"])
    fields = {"entrustment": row["id"], "what": what, "reason": reason}
    return await lay(visit, f"entrustment-{what}", fields, "/entrustments", entrustment=row)
