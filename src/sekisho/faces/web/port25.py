"""Port 25 of a line: the page of whoever sits behind it, and what the help desk does with the code they read out.

Who is refused port 25 still reaches this page: nothing else is refused. It knows the line by the address the request came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from sekisho.faces.web import forms, pages, strangers
from sekisho.faces.web.actions import lay
from sekisho.faces.web.envelopes import words
from sekisho.faces.web.strangers import front, line, sent, show
from sekisho.faces.web.visit import Visit, checked

IMPLICIT = 465


async def mine(visit: Visit) -> Response:
    """Why port 25 does not pass and what to do; sent, a code for the help desk, or an exception that is given back."""
    found = await front(visit)
    address = visit.request.client.host if visit.request.client else ""
    done, answer, status, refused = "", dict[str, Any](), 200, ""
    if visit.request.method == "POST":
        form = await sent(visit)
        done = line(form, "do")
        doors = visit.desk.doors
        answer = await (doors.close_my_line(address) if done == "close" else doors.line_code(address))
        refused, status = strangers.refusal(answer)
    stands = checked(await visit.desk.doors.my_port(address))
    shown = {"stands": stands, "server": server(stands["submission"]), "given": answer, "done": done, "refused": refused}
    return show(visit, "port25.html", found["operator"], status, **shown)


def server(submission: str) -> Mapping[str, Any] | None:
    """Host and port of our submission server, and whether TLS is there from the first byte (RFC 8314); None where none is set."""
    host, _, port = submission.rpartition(":")
    return {"host": host.strip("[]"), "port": int(port), "implicit": int(port) == IMPLICIT} if host and port.isdigit() else None


async def opening(visit: Visit) -> Response:
    """The caller's code, a reason and so many days; sent, the statement to sign."""
    most = (await pages.opened_lines(visit))["most_days"]
    if visit.request.method != "POST":
        return visit.page("line_open.html", form={"f.days": "7"}, wrong={}, most=most)
    form = await visit.form()
    said, wrong = forms.read({"code": "str", "words": "str", "days": "int"}, form)
    if wrong:
        return visit.page("line_open.html", 422, form=form, wrong=wrong, most=most)
    return await lay(visit, "line-opening", {"code": said["code"], "reason": said["words"], "days": said["days"]}, "/port25/lines")


async def closing(visit: Visit) -> Response:
    """Close a line again before its time: a reason, then the statement to sign."""
    row = pages.one((await pages.opened_lines(visit))["lines"], "id", pages.identifier(visit))
    said = await words(visit, "line_close.html", line=row)
    if isinstance(said, Response):
        return said
    return await lay(visit, "line-closing", {"exception": row["id"], "reason": said}, "/port25/lines")
