"""The public doors: a list of them, a form each, the receipt, and the page on which a case is followed by number and code."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, Response

from sekisho.faces.web import forms, strangers
from sekisho.faces.web.actions import today
from sekisho.faces.web.desk import Json
from sekisho.faces.web.pages import identifier, one
from sekisho.faces.web.strangers import front, line, sent, show, words
from sekisho.faces.web.visit import Visit, checked


async def contact(visit: Visit) -> Response:
    found = await front(visit)
    return show(visit, "contact.html", found["operator"], doors=found["doors"])


async def data(visit: Visit) -> Response:
    """The same for machines."""
    return JSONResponse(await front(visit))


async def door(visit: Visit) -> Response:
    """A door's form; sent, the receipt. Nothing is kept of a form that is refused."""
    found = await front(visit)
    door_ = one(found["doors"], "id", identifier(visit))
    shown = {"door": door_, "others": found["doors"], "once": secrets.token_urlsafe(16)}
    if visit.request.method != "POST":
        asked = [f for f in door_["fields"] if not f["pledge"]]
        filled = forms.sampled(asked, today(visit), visit.language) if visit.console.settings.demo else {}
        return show(visit, "contact_form.html", found["operator"], form=filled, **shown)
    form = await sent(visit)
    once = f"{visit.session.id}/{line(form, 'once')}"
    receipt = visit.console.receipts.given.get(once)
    if receipt is None:
        told, wrong = facts(door_["fields"], form)
        if wrong:
            return show(visit, "contact_form.html", found["operator"], 422, form=form, wrong=wrong, **shown)
        receipt = await visit.desk.doors.knock(door_["id"], told, await strangers.files(form), visit.language)
        refused, status = strangers.refusal(receipt)
        if refused:
            lacks = strangers.lacking(receipt)
            return show(visit, "contact_form.html", found["operator"], status, form=form, wrong=lacks, refused=refused, **shown)
        visit.console.receipts.keep(once, receipt)
    return show(visit, "contact_receipt.html", found["operator"], door=door_, receipt=receipt)


def facts(fields: list[Json], form: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """What the form told, and what is wrong with which field; a pledge is a box that must be ticked."""
    told, wrong = forms.facts([f for f in fields if not f["pledge"]], form)
    for pledge in (f["id"] for f in fields if f["pledge"]):
        if form.get(f"f.{pledge}") == "yes":
            told[pledge] = True
        else:
            wrong[pledge] = "empty"
    long = {f["id"] for f in fields if f["longest"] and len(str(told.get(f["id"], ""))) > f["longest"]}
    return told, {**wrong, **dict.fromkeys(long, "long")}


async def paper(visit: Visit) -> Response:
    """The door's form as PDF, to be filled in by hand."""
    found = await front(visit)
    door_ = one(found["doors"], "id", identifier(visit))
    made = checked(await visit.desk.doors.printed(door_, found["operator"], today(visit), visit.language))
    headers = {"content-disposition": f'inline; filename="{door_["id"]}-{visit.language}.pdf"'}
    return visit.seal(Response(made["pdf"], media_type="application/pdf", headers=headers))


async def follow(visit: Visit) -> Response:
    """A case by its receipt: asked for by a form, so that no address holds a code."""
    found = await front(visit)
    if visit.request.method != "POST":
        number = visit.request.query_params.get("number", "")[:32]
        return show(visit, "case_follow.html", found["operator"], case=None, number=number, code="")
    form = await sent(visit)
    return await followed(visit, found["operator"], line(form, "number", 32), line(form, "code", 64))


async def followed(visit: Visit, operator: Json, number: str, code: str, said: str = "") -> Response:
    case = await visit.desk.doors.my_case(number, code)
    refused, status = strangers.refusal(case)
    shown = {"case": None if refused else case, "number": number, "code": code, "refused": said or refused}
    return show(visit, "case_follow.html", operator, status if refused or not said else 422, **shown)


async def add(visit: Visit) -> Response:
    """More words and files for a case, by its receipt."""
    found = await front(visit)
    form = await sent(visit)
    number, code = line(form, "number", 32), line(form, "code", 64)
    answer = await visit.desk.doors.add(number, code, words(form, "words"), await strangers.files(form))
    refused, _ = strangers.refusal(answer)
    return await followed(visit, found["operator"], number, code, refused)
