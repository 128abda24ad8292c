"""Pages for whoever got a mail of a campaign: here they stop all such mail, see whether something did that for them, and take it back.

A page that is loaded, or whose every button is pressed, changes nothing: what counts is typed from the mail's text. One thing alone counts
without it, since mail programs send it for their owners: `List-Unsubscribe=One-Click` to the link's own address (RFC 8058).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.responses import PlainTextResponse, Response

from sekisho.faces.web.strangers import front, line, sent, show
from sekisho.faces.web.visit import Visit, checked

ONE_PRESS = ("List-Unsubscribe", "One-Click")
MOST = 64
"""Characters of a code; ours are shorter."""


async def stop(visit: Visit) -> Response:
    """The form for both codes; sent, the same answer whether or not they are known. No cookie is needed for the one press."""
    found = await front(visit)
    code = visit.request.query_params.get("code", "")[:MOST]
    if visit.request.method != "POST":
        return shown(visit, found["operator"], code)
    if (await visit.posted(files=4)).get(ONE_PRESS[0]) == ONE_PRESS[1]:
        checked(await visit.desk.doors.one_press(code))
        return PlainTextResponse("OK\n")
    form = await sent(visit)
    code, typed = line(form, "code", MOST), line(form, "typed", MOST)
    if not code or not typed:
        return shown(visit, found["operator"], code, 422, typed=typed, refused="both-codes")
    done = line(form, "do")
    doors = visit.desk.doors
    if done == "stop":
        checked(await doors.stop_mail(code, typed))
    elif done == "again":
        checked(await doors.mail_again(code, typed))
    else:
        done = "see"
    stops = checked(await doors.mail_stands(code, typed))["stops"] if done == "see" else []
    return shown(visit, found["operator"], code, typed=typed, done=done, stops=stops)


def shown(visit: Visit, operator: Mapping[str, Any], code: str, status: int = 200, **values: Any) -> Response:
    kept = f"&code={quote(code, safe='')}" if code else ""
    return show(visit, "mail_stop.html", operator, status, **{"typed": "", "done": "", "stops": [], "code": code, "kept": kept, **values})
