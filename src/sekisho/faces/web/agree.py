"""Pages for whoever was invited to agree to something: what is asked stands there in one sentence, and the code of the mail answers.

A page that is loaded, or whose every button is pressed, says nothing for anybody: the code stands in the mail's text and in no link. Where
a question is open, whoever types an address gets such a mail; its link spares the code in the one browser that asked, and in no other.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from starlette.responses import Response

from sekisho.faces.web import strangers
from sekisho.faces.web.desk import Json
from sekisho.faces.web.pages import identifier
from sekisho.faces.web.strangers import front, line, sent, show
from sekisho.faces.web.visit import Visit, checked

MOST = 64
"""Characters of a typed code; ours has fourteen with its spaces, and that of a link sixty-four."""
MOST_ADDRESS = 255
DO = ("agree", "refuse", "withdraw", "see")
COOKIE = "sekisho-asked"
SECRET = secrets.token_bytes(32)
"""Signs the cookies of browsers that asked. A restart forgets them; then the typed code is left."""
DAY = int(timedelta(days=1).total_seconds())
OWN = re.compile(r"[0-9a-f]{64}")


async def index(visit: Visit) -> Response:
    """What may be agreed to now, for whoever types the address instead of following the link."""
    found = await front(visit)
    return show(visit, "agree_index.html", found["operator"], questions=await visit.desk.doors.questions())


async def agree(visit: Visit) -> Response:
    """The question and the field for the code; sent, what became of it."""
    found = await front(visit)
    form = await sent(visit) if visit.request.method == "POST" else None
    asked = checked(await visit.desk.doors.question(identifier(visit)))
    language = visit.language if visit.language in asked["agreed"] else min(asked["agreed"])
    shown: dict[str, Any] = {"asked": asked, "spoken": language}
    if form is None:
        own = visit.request.query_params.get("own", "")
        return page(visit, found["operator"], own=own if OWN.fullmatch(own) and browser(visit) else "", **shown)
    code, do = line(form, "code", MOST), line(form, "do", 16)
    if do == "ask":
        return await ask(visit, found["operator"], line(form, "mail", MOST_ADDRESS), shown)
    if not code or do not in DO:
        return page(visit, found["operator"], 422, refused="wrong-code", **shown)
    answer = await visit.desk.doors.answer_question(asked["id"], code, do, language, sender(visit), browser(visit))
    refused, status = strangers.refusal(answer)
    if refused:
        return page(visit, found["operator"], status, refused=refused, **shown)
    return page(visit, found["operator"], code=code, stands=answer, **shown)


async def ask(visit: Visit, operator: Mapping[str, Any], mail: str, shown: Mapping[str, Any]) -> Response:
    """An address was typed: the same answer for each, and a cookie by which this browser is known again for a day."""
    name, mine = shown["asked"]["id"], browser(visit) or secrets.token_urlsafe(32)
    answer = await visit.desk.doors.ask_code(name, mail, shown["spoken"], mine, sender(visit))
    refused, status = strangers.refusal(answer)
    if refused:
        return page(visit, operator, status, refused=refused, **shown)
    made = page(visit, operator, asked_until=answer["until"], **shown)
    secure = visit.console.settings.secure
    made.set_cookie(COOKIE, f"{mine}.{_mark(name, mine)}", DAY, path=f"/agree/{name}", httponly=True, samesite="lax", secure=secure)
    return made


def browser(visit: Visit) -> str:
    """The secret of this browser, from a cookie that we signed for this question; empty for none."""
    mine, _, mark = visit.request.cookies.get(COOKIE, "").partition(".")
    good = mark.isascii() and hmac.compare_digest(mark, _mark(identifier(visit), mine))
    return mine if good else ""


def _mark(*said: str) -> str:
    return hmac.new(SECRET, "\x00".join(said).encode(), hashlib.sha256).hexdigest()


def sender(visit: Visit) -> Json:
    client = visit.request.client
    return {"address": client.host if client else "", "port": client.port if client else 0}


def page(visit: Visit, operator: Mapping[str, Any], status: int = 200, **values: Any) -> Response:
    return show(visit, "agree.html", operator, status, **{"code": "", "stands": None, "own": "", "asked_until": None, **values})
