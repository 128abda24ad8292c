"""The page of whoever posted: how often their sender record was opened, when, and what for. The record's own id is the only key."""

from __future__ import annotations

from starlette.responses import Response

from sekisho.faces.web import strangers
from sekisho.faces.web.strangers import front, line, sent, show
from sekisho.faces.web.visit import Visit


async def opened(visit: Visit) -> Response:
    """The form for service and record; sent, every opening that may be told. No address ever holds a record's id."""
    found = await front(visit)
    if visit.request.method != "POST":
        service = visit.request.query_params.get("service", "")[:64]
        return show(visit, "opened.html", found["operator"], told=None, service=service, record="")
    form = await sent(visit)
    service, record = line(form, "service", 64), line(form, "record")
    told = await visit.desk.doors.opened(service, record)
    refused, status = strangers.refusal(told)
    shown = {"told": None if refused else told, "service": service, "record": record, "refused": refused}
    return show(visit, "opened.html", found["operator"], status, **shown)
