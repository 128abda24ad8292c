"""Replies to mailings at the desk: read one, answer whoever wrote, settle it; and a contractor's person who may hand in no more.

What is read is shown once, to who signed for it, and lies nowhere in this process afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from sekisho.desk.messages.reply_answer import unfit
from sekisho.faces.web.actions import ENDINGS, lay
from sekisho.faces.web.errors import Turned
from sekisho.faces.web.pages import identifier, one
from sekisho.faces.web.strangers import line, words
from sekisho.faces.web.visit import Visit
from sekisho.law.campaign import LONGEST_REASON

BACK = "/campaigns/replies"


async def read(visit: Visit) -> Response:
    """The statement to sign; signed, the page with the words."""
    found = one(await visit.desk.replies(), "id", identifier(visit))
    if found["state"] == "closed":
        raise Turned("reply-gone", reply=found["id"])
    return await lay(visit, "reply-reading", {"reply": found["id"]}, BACK, reply=found)


async def _read_before(visit: Visit) -> Mapping[str, Any]:
    found = one(await visit.desk.replies(), "id", identifier(visit))
    if found["state"] != "read":
        raise Turned("reply-not-read" if found["state"] == "new" else "reply-gone", reply=found["id"])
    return found


async def answer(visit: Visit) -> Response:
    """The form for the words; sent, the statement to sign."""
    found = await _read_before(visit)
    if visit.request.method != "POST":
        return visit.page("reply_answer.html", reply=found, form={}, wrong={})
    form = await visit.form()
    said = words(form, "words").strip("\n")
    if why := unfit(said):
        return visit.page("reply_answer.html", 422, reply=found, form=form, wrong={"words": why})
    return await lay(visit, "reply-answer", {"reply": found["id"], "words": said}, BACK, reply=found)


async def settle(visit: Visit) -> Response:
    """What became of it; sent, the statement to sign."""
    found = await _read_before(visit)
    if visit.request.method != "POST":
        return visit.page("reply_settle.html", reply=found, endings=ENDINGS, wrong={})
    ending = line(await visit.form(), "ending")
    if ending not in ENDINGS:
        return visit.page("reply_settle.html", 422, reply=found, endings=ENDINGS, wrong={"ending": "empty"})
    return await lay(visit, "reply-settling", {"reply": found["id"], "ending": ending}, BACK, reply=found)


async def shut(visit: Visit) -> Response:
    """Why nothing more may be handed in; sent, the statement to sign."""
    found = one(await visit.desk.admissions(), "id", identifier(visit))
    if visit.request.method != "POST":
        return visit.page("admission_shut.html", admission=found, form={}, wrong={})
    form = await visit.form()
    reason = line(form, "reason", LONGEST_REASON)
    if not reason:
        return visit.page("admission_shut.html", 422, admission=found, form=form, wrong={"reason": "empty"})
    return await lay(visit, "admission-shut", {"admission": found["id"], "reason": reason}, "/campaigns/contractors")
