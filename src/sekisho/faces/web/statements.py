"""What was said in public about incidents, for anybody; and what touched whoever has a code of ours, for that person alone."""

from __future__ import annotations

from starlette.responses import Response

from sekisho.faces.web import strangers
from sekisho.faces.web.strangers import line
from sekisho.faces.web.visit import Visit, checked


async def page(visit: Visit) -> Response:
    """Everything that is out, newest incident first."""
    found = await strangers.front(visit)
    said = checked(await visit.desk.doors.statements())
    shown = {"incidents": said["incidents"], "body": said["outside_body"], "contact": said["outside_contact"]}
    return strangers.show(visit, "statements.html", found["operator"], **shown)


async def touched(visit: Visit) -> Response:
    """The form for number and code; sent, what touched that person. Before, and for a wrong code, there is no hint of anything."""
    found = await strangers.front(visit)
    if visit.request.method != "POST":
        number = visit.request.query_params.get("number", "")[:32]
        return strangers.show(visit, "touched.html", found["operator"], told=None, number=number, code="")
    form = await strangers.sent(visit)
    number, code = line(form, "number", 32), line(form, "code", 64)
    told = await visit.desk.doors.touched(number, code)
    refused, status = strangers.refusal(told)
    said = checked(await visit.desk.doors.statements())
    shown = {"told": None if refused else told, "number": number, "code": code, "refused": refused, "body": said["outside_body"]}
    return strangers.show(visit, "touched.html", found["operator"], status, **shown)
