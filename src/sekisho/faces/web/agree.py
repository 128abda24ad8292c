"""Pages for whoever was invited to agree to something: what is asked stands there in one sentence, and the code of the mail answers.

A page that is loaded, or whose every button is pressed, says nothing for anybody: the code stands in the mail's text and in no link.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from sekisho.faces.web import strangers
from sekisho.faces.web.pages import identifier
from sekisho.faces.web.strangers import front, line, sent, show
from sekisho.faces.web.visit import Visit, checked

MOST = 64
"""Characters of a typed code; ours has fourteen with its spaces."""
DO = ("agree", "refuse", "withdraw", "see")


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
        return page(visit, found["operator"], **shown)
    code, do = line(form, "code", MOST), line(form, "do", 16)
    if not code or do not in DO:
        return page(visit, found["operator"], 422, refused="wrong-code", **shown)
    client = visit.request.client
    sender = {"address": client.host if client else "", "port": client.port if client else 0}
    answer = await visit.desk.doors.answer_question(asked["id"], code, do, language, sender)
    refused, status = strangers.refusal(answer)
    if refused:
        return page(visit, found["operator"], status, refused=refused, **shown)
    return page(visit, found["operator"], code=code, stands=answer, **shown)


def page(visit: Visit, operator: Mapping[str, Any], status: int = 200, **values: Any) -> Response:
    return show(visit, "agree.html", operator, status, **{"code": "", "stands": None, **values})
