"""What people do with cases on the console: each action becomes a statement that is shown, signed, and handed to `keep`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response

from sekisho.faces.web import forms, incidents, pages, prepared
from sekisho.faces.web.actions import lay, today
from sekisho.faces.web.errors import Turned
from sekisho.faces.web.i18n import JST
from sekisho.faces.web.pages import identifier, one
from sekisho.faces.web.saved import saved
from sekisho.faces.web.visit import Visit, checked


async def opening(visit: Visit) -> Response:
    """The form that takes a case in; sent, the statement to sign."""
    procedure = one(await visit.desk.cases.procedures(), "id", identifier(visit))
    shown = {"button": procedure["opening"], "procedure": procedure, "case": None, "action": visit.path, "back": "/procedures"}
    told = await told_by(visit, procedure["opening"], shown)
    if isinstance(told, Response):
        return told
    return await lay(visit, "opening", {"procedure": procedure["id"], "facts": told}, "/procedures", move=procedure["opening"])


async def move(visit: Visit) -> Response:
    """The form of one move; sent, the statement to sign."""
    whole = await pages.case(visit)
    button = one(whole["moves"], "id", identifier(visit, "move"))
    if not set(button["roles"]) & set(visit.person["roles"]):
        raise Turned("not-your-role", who=button["roles"])
    back = f"/procedures/{whole['id']}"
    shown = {"button": button, "procedure": whole["table"], "case": whole, "action": visit.path, "back": back}
    shown["given"] = await incidents.given(visit, whole, button)
    shown["offered"] = await prepared.offered(visit, shown)
    if visit.request.method == "POST" and (fact := (await visit.form()).get("fill")):
        return visit.page("case_form.html", wrong={}, focus=fact, **shown, form=await prepared.picked(visit, shown, fact))
    told = await told_by(visit, button, shown)
    if isinstance(told, Response):
        return told
    permit = (await visit.form()).get("permit") if button["asks"] else ""
    asked = button["letters"] or button.get("room")
    letters = await visit.desk.cases.preview(whole["id"], button["id"], told) if asked else []
    if isinstance(letters, dict):
        if (error := letters.get("error", {})).get("code") != "move-lacks":
            checked(letters)
        return visit.page("case_form.html", 422, form=await visit.form(), wrong={}, lacks=error["lacks"], **shown)
    fields = {"matter": whole["id"], "move": button["id"], "after": whole["events"], "facts": told}
    plan = checked(await visit.desk.plan(button["plan"]["id"])) if button.get("plan") else None
    fields |= {"permit": permit if isinstance(permit, str) else "", "shown": plan["shown"] if plan else ""}
    return await lay(visit, "case-move", fields, back, move=button, case=whole, letters=letters, **({"plan": plan} if plan else {}))


async def told_by(visit: Visit, button: Mapping[str, Any], shown: Mapping[str, Any]) -> dict[str, Any] | Response:
    """The facts of a sent form; the page of the form while there are none, or while some are wrong. What the case knows already stands in
    it: nobody types a claim from the web again."""
    if visit.request.method != "POST":
        case = shown["case"]
        known = case["facts"] if case else []
        fresh = [f for f in button["facts"] if f["id"] not in {k["id"] for k in known}] if visit.console.settings.demo else []
        filled = forms.sampled(fresh, today(visit), visit.language) | forms.typed((f, f["value"]) for f in known) | shown.get("given", {})
        return visit.page("case_form.html", form=filled, wrong={}, **shown)
    form = await visit.form()
    told, wrong = forms.facts(button["facts"], form)
    return visit.page("case_form.html", 422, form=form, wrong=wrong, **shown) if wrong else told


async def take(visit: Visit) -> Response:
    """The statement by which a case becomes this person's."""
    await visit.form()
    whole = await pages.case(visit)
    return await lay(visit, "take-over", {"matter": whole["id"], "owner": whole["owner"]["id"]}, f"/procedures/{whole['id']}", case=whole)


async def attach(visit: Visit) -> Response:
    """A file, and which paper it is; then the statement to sign. The file waits here, in memory, until that is done."""
    whole = await pages.case(visit)
    form = await visit.form(files=1)
    file, paper = form.get("file"), form.get("paper", "")
    if not isinstance(file, UploadFile) or not isinstance(paper, str) or (paper and paper not in whole["papers"]):
        raise Turned("form")
    content = await file.read()
    if not content:
        raise Turned("attachment-empty")
    digest = visit.desk.cases.stage(content)
    fields = {"matter": whole["id"], "paper": paper, "name": (file.filename or "")[:255], "digest": digest, "size": len(content)}
    return await lay(visit, "attaching", fields, f"/procedures/{whole['id']}")


async def attachment(visit: Visit) -> Response:
    """An attached file, always as something to save and never as something this console shows or runs.

    If the scanner found something in it, a page says so first; only who then asks again gets it, under a name that says so too.
    """
    identity = identifier(visit, "attachment")
    sure = visit.request.method == "POST" and (await visit.form()).get("sure") == "yes"
    answer = await visit.desk.cases.file(identity, sure)
    error = answer.get("error", {})
    if error.get("code") == "attachment-dangerous":
        return visit.page("attachment_danger.html", 409, case=await pages.case(visit), id=identity, found=error)
    found = checked(answer)
    return visit.seal(saved(found["name"], bytes.fromhex(found["content"])))


async def letter(visit: Visit) -> Response:
    """A letter as PDF, to be saved and printed; with ?masked=yes the copy with what may be kept back blacked out."""
    found = checked(await visit.desk.cases.letter(identifier(visit, "letter"), visit.request.query_params.get("masked") == "yes"))
    return visit.seal(saved(found["name"], bytes.fromhex(found["content"]), "application/pdf"))


async def reasons(visit: Visit) -> Response:
    """The statement of reasons of a decided case, for machines."""
    return visit.seal(JSONResponse(checked(await visit.desk.cases.reasons(identifier(visit)))))


async def hold(visit: Visit) -> Response:
    """Keep data from deletion beside what the procedure does itself."""
    whole = await pages.case(visit)
    if visit.request.method != "POST":
        return visit.page("case_hold.html", case=whole, form={}, wrong={})
    form = await visit.form()
    told, wrong = forms.facts(HOLD_FIELDS, form)
    until = until_or_wrong(form.get("until"), visit, wrong)
    if wrong or until is None:
        return visit.page("case_hold.html", 422, case=whole, form=form, wrong=wrong)
    fields = {"matter": whole["id"], "data": told["data"], "reason": told["reason"], "until": until.isoformat()}
    fields |= {"owed": told["owed"]} if "owed" in told else {}
    return await lay(visit, "hold", fields, f"/procedures/{whole['id']}")


async def lift(visit: Visit) -> Response:
    """End a hold: after it data past their term are destroyed."""
    whole = await pages.case(visit)
    held = one(whole["holds"], "id", identifier(visit, "hold"))
    if visit.request.method != "POST":
        return visit.page("case_lift.html", case=whole, hold=held, form={}, wrong={})
    form = await visit.form()
    told, wrong = forms.facts(LIFT_FIELDS, form)
    if wrong:
        return visit.page("case_lift.html", 422, case=whole, hold=held, form=form, wrong=wrong)
    return await lay(visit, "lift", {"hold": held["id"], "reason": told["reason"]}, f"/procedures/{whole['id']}")


async def adopt(visit: Visit) -> Response:
    """The text in both languages, and the adoption of exactly that."""
    text = one(await visit.desk.cases.texts(), "digest", identifier(visit))
    if text["adopted"]:
        raise Turned("already-adopted", text=text["name"])
    return await lay(visit, "adoption", {"text": text["name"], "digest": text["digest"]}, "/texts", text=text)


LIFT_FIELDS = ({"id": "reason", "type": "text", "must": True},)
HOLD_FIELDS = (*LIFT_FIELDS, {"id": "data", "type": "data", "must": True}, {"id": "owed", "type": "text", "must": False})


def until_or_wrong(raw: Any, visit: Visit, wrong: dict[str, str]) -> datetime | None:
    """The first instant after the last day of a hold, in Japan; what is wrong goes into `wrong`."""
    try:
        day = forms.term(raw, today(visit), required=True)
    except forms.Wrong as reason:
        wrong["until"] = str(reason.args[0])
        return None
    return datetime.combine(date.fromisoformat(str(day)) + timedelta(days=1), time.min, JST)
