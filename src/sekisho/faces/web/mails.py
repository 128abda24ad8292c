"""Pages for whoever got a mail of a campaign: is it genuine; and here they stop all such mail, see what did that for them, take it back.

A page that is loaded, or whose every button is pressed, changes nothing: what counts is typed from the mail's text. One thing alone counts
without it, since mail programs send it for their owners: `List-Unsubscribe=One-Click` to the link's own address (RFC 8058).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.responses import PlainTextResponse, Response

from sekisho.faces.web.forms import Wrong, calendar
from sekisho.faces.web.strangers import front, line, sent, show
from sekisho.faces.web.visit import Visit, checked

ONE_PRESS = ("List-Unsubscribe", "One-Click")
MOST = 64
"""Characters of a code; ours are shorter."""
LINK, MOST_ADDRESS = 500, 254


async def check(visit: Visit) -> Response:
    """The form, with what is announced; sent, whether the mail is ours. Nothing is said, or told apart, about who got one."""
    found = await front(visit)
    doors = visit.desk.doors
    if visit.request.method != "POST":
        return _checked(visit, found["operator"], announced=checked(await doors.announced_mails())["mailings"])
    form = await sent(visit)
    typed = {name: line(form, name, most) for name, most in (("code", LINK), ("subject", LINK), ("sender", MOST_ADDRESS), ("day", 10))}
    try:
        day = calendar(typed["day"]) if typed["day"] else ""
    except Wrong:
        return _checked(visit, found["operator"], 422, typed=typed, refused="day")
    if not typed["code"] and not typed["subject"]:
        return _checked(visit, found["operator"], 422, typed=typed, refused="nothing-typed")
    said = checked(await doors.check_mail(typed["code"], typed["subject"], typed["sender"], day))
    return _checked(visit, found["operator"], typed=typed, asked=True, **said)


def _checked(visit: Visit, operator: Mapping[str, Any], status: int = 200, **values: Any) -> Response:
    typed = dict.fromkeys(("code", "subject", "sender", "day"), "")
    nothing: dict[str, Any] = {"asked": False, "mail": None, "like": [], "announced": [], "typed": typed}
    return show(visit, "mail_check.html", operator, status, **{**nothing, **values})


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
