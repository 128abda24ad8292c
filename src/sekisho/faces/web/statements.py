"""What was said in public about incidents, for anybody: dated statements, additions, corrections, and answers."""

from __future__ import annotations

from starlette.responses import Response

from sekisho.faces.web import strangers
from sekisho.faces.web.visit import Visit, checked


async def page(visit: Visit) -> Response:
    """Everything that is out, newest incident first."""
    found = await strangers.front(visit)
    said = checked(await visit.desk.doors.statements())
    shown = {"incidents": said["incidents"], "body": said["outside_body"], "contact": said["outside_contact"]}
    return strangers.show(visit, "statements.html", found["operator"], **shown)
