"""What people do on a page. Nothing takes effect here: each action becomes a statement that is shown, signed, and handed to `keep`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, Response

from sekisho.desk.messages.reply_read import shown
from sekisho.desk.talking import own_said
from sekisho.faces.web import forms, pages
from sekisho.faces.web.desk import REASONS, Json
from sekisho.faces.web.errors import Turned
from sekisho.faces.web.i18n import JST
from sekisho.faces.web.visit import Visit, checked, with_done
from sekisho.law.canonical import canonical, digest
from sekisho.law.reply import Ending
from sekisho.law.talk import Fate

ENDINGS = tuple(ending.value for ending in Ending)
FATES = tuple(fate.value for fate in Fate)


async def lay(visit: Visit, kind: str, fields: Mapping[str, Any], back: str, **shown: Any) -> Response:
    """Show a statement exactly as it will be signed. The console signs nothing whose digest it cannot make itself."""
    answer = checked(await visit.desk.statement(kind, {**fields, "person": visit.person["id"]}))
    if digest(answer["statement"]) != answer["digest"]:
        raise Turned("digest-mismatch", digest=answer["digest"])
    which = visit.console.desktop.lay(visit.session, kind, answer, back)
    bytes_shown = canonical(answer["statement"]).decode()
    return visit.page("sign.html", which=which, kind=kind, answer=answer, exact=bytes_shown, back=back, shown=shown)


async def approve(visit: Visit) -> Response:
    """The plan as it stands now, a campaign's word for word, and the approval of exactly that. Whoever proposed it is turned away."""
    plan = checked(await visit.desk.plan(pages.identifier(visit)))
    if plan["proposer"]["id"] == visit.person["id"]:
        raise Turned("proposer-never-approves")
    named = plan["plan"].get("scope", {}).get("campaign")
    more = {"campaign": checked(await visit.desk.campaign(named))} if isinstance(named, str) and named else {}
    return await lay(visit, "approval", {"plan": plan["id"], "shown": plan["shown"]}, f"/plans/{plan['id']}", plan=plan, **more)


async def sign(visit: Visit) -> Response:
    """Hand the signed statement to `keep`: with the demo key when there is one, else with the passkey's assertion."""
    form = await visit.form()
    waiting = visit.console.desktop.take(visit.session, pages.identifier(visit))
    if waiting is None or waiting.kind == "sign-in":
        raise Turned("waited-too-long")
    if visit.person["unsafe_demo"] and visit.console.settings.demo:
        signature = checked(await visit.desk.demo_sign(visit.person["id"], waiting.digest))
    else:
        signature = assertion(visit.person["id"], form)
    answer = checked(await visit.desk.submit(waiting.kind, waiting.statement, signature))
    if waiting.kind == "reveal-order":
        return visit.page("case_ticket.html", matter=waiting.statement["matter"], opening=answer["reveal"], ticket=answer["ticket"])
    if waiting.kind == "reply-reading":
        return visit.page("reply.html", reply=answer, mail=shown(bytes.fromhex(answer["raw"])), form={}, wrong={}, endings=ENDINGS)
    if waiting.kind == "held-mail-reading":
        text, files = own_said.shown(bytes.fromhex(answer["raw"]))
        return visit.page(
            "talk_mail.html", mail=answer, lines=text.split("\n") if text else [], files=files, form={}, wrong={}, fates=FATES
        )
    back = f"/procedures/{answer['matter']}" if waiting.kind == "opening" and "matter" in answer else waiting.back
    return visit.go(with_done(back, waiting.kind))


def assertion(person: str, form: Mapping[str, Any]) -> Json:
    """A passkey's answer as the page sent it: hex, bounded. `keep` checks it."""
    parts: Json = {"person": person}
    for name in ("signature", "client_data", "authenticator_data"):
        raw = form.get(name)
        if not isinstance(raw, str) or not 0 < len(raw) <= 8192 or raw.strip("0123456789abcdef"):
            raise Turned("bad-signature")
        parts[name] = raw
    return parts


async def evidence(visit: Visit) -> Response:
    """The form of one kind of evidence; sent, the statement to sign."""
    plan = checked(await visit.desk.plan(pages.identifier(visit)))
    name = pages.identifier(visit, "kind")
    kind = plan["kinds"].get(name)
    if kind is None or list(kind["vouchers"]) == ["probe"]:
        raise Turned("unknown")
    if not set(kind["roles"]) & set(visit.person["roles"]):
        raise Turned("not-your-role", who=kind["roles"])
    shown = {"plan": plan, "name": name, "kind": kind, "inputs": forms.inputs(kind["fields"])}
    if visit.request.method != "POST":
        filled = forms.filled(kind) if visit.console.settings.demo else {}
        return visit.page("evidence.html", form=filled, wrong={}, **shown)
    form = await visit.form()
    value, wrong = forms.read(kind["fields"], form)
    until = term_or_wrong(form.get("until"), visit, wrong, required=False)
    document = document_or_wrong(form.get("document"), kind, wrong)
    if wrong:
        return visit.page("evidence.html", 422, form=form, wrong=wrong, **shown)
    fields = {"plan": plan["id"], "kind": name, "value": value, "until": until, "document": document}
    return await lay(visit, "evidence", fields, f"/plans/{plan['id']}", evidence=kind)


async def comment(visit: Visit) -> Response:
    """Something said about a plan, or an interest declared; sent, the statement to sign."""
    plan = checked(await visit.desk.plan(pages.identifier(visit)))
    if visit.request.method != "POST":
        return visit.page("comment.html", plan=plan, form={}, wrong={})
    form = await visit.form()
    said, wrong = forms.read({"text": "str"}, form)
    if wrong:
        return visit.page("comment.html", 422, plan=plan, form=form, wrong=wrong)
    fields = {"plan": plan["id"], "text": said["text"], "conflict": form.get("conflict") == "yes"}
    return await lay(visit, "comment", fields, f"/plans/{plan['id']}")


async def confirm(visit: Visit) -> Response:
    """The legal officer makes a referred case usable: reasons, and a term of at most a year."""
    plan = checked(await visit.desk.plan(pages.identifier(visit)))
    case = visit.request.query_params.get("case", "")
    if case not in plan["confirmable"]:
        raise Turned("unknown")
    tried = next(t for d in plan["decisions"] for a in d["axes"] for t in a["tried"] if t["case"] == case)
    if visit.request.method != "POST":
        return visit.page("confirm.html", plan=plan, case=tried, form={}, wrong={})
    form = await visit.form()
    reasons, wrong = forms.read({"reasons": "str"}, form)
    until = term_or_wrong(form.get("until"), visit, wrong, required=True)
    if wrong:
        return visit.page("confirm.html", 422, plan=plan, case=tried, form=form, wrong=wrong)
    fields = {"case": case, "measure": plan["measure"], "plan": plan["id"], "reasons": reasons["reasons"], "until": until}
    return await lay(visit, "confirmation", fields, f"/plans/{plan['id']}", case=tried)


def term_or_wrong(raw: Any, visit: Visit, wrong: dict[str, str], required: bool) -> str | None:
    """The day until which something holds; what is wrong with it goes into `wrong`."""
    try:
        return forms.term(raw, today(visit), required)
    except forms.Wrong as reason:
        wrong["until"] = str(reason.args[0])
        return None


def document_or_wrong(raw: Any, kind: Mapping[str, Any], wrong: dict[str, str]) -> str:
    """The digest of the document laid in; empty where a signed statement will do."""
    if "document" not in kind["vouchers"] or ("statement" in kind["vouchers"] and not raw):
        return ""
    try:
        return forms.hexadecimal(raw if isinstance(raw, str) else "")
    except forms.Wrong as reason:
        wrong["document"] = str(reason.args[0])
        return ""


def today(visit: Visit) -> date:
    return visit.console.settings.clock().astimezone(JST).date()


async def withdraw(visit: Visit) -> Response:
    """End a permit now: a reason, then the statement to sign."""
    which = pages.identifier(visit)
    permit = pages.one(await visit.desk.permits(), "id", which)
    if visit.request.method != "POST":
        return visit.page("withdraw.html", permit=permit, reasons=REASONS, wrong={})
    reason = (await visit.form()).get("reason")
    if reason not in REASONS:
        return visit.page("withdraw.html", 422, permit=permit, reasons=REASONS, wrong={"reason": "empty"})
    return await lay(visit, "withdrawal", {"permit": which, "reason": reason}, "/permits", permit=permit)


async def look_again(visit: Visit) -> Response:
    """Ask for another look under a permit; `keep` refuses when it no longer holds."""
    await visit.form()
    checked(await visit.desk.look_again(pages.identifier(visit)))
    return visit.go(with_done("/permits", "look"))


async def line(visit: Visit) -> Response:
    """What the holder of a letter may see of their own line.

    A link in the letter may fill in the code; opening it shows and changes nothing.
    """
    if visit.request.method != "POST":
        return visit.page("line.html", code=visit.request.query_params.get("code", "")[:128], found=None)
    attempt(visit)
    code = letter_code(await visit.form())
    return visit.page("line.html", code=code, found=checked(await visit.desk.line(code)))


async def notices(visit: Visit) -> Response:
    """For whoever got a notice and wonders whether it is genuine. Says what a genuine one never does; knows nobody."""
    return visit.page("notices.html")


async def withdraw_mine(visit: Visit) -> Response:
    """The holder of a letter ends what concerns their line, at once and without an account."""
    attempt(visit)
    checked(await visit.desk.withdraw_mine(letter_code(await visit.form())))
    return visit.go(with_done("/line", "withdraw-mine"))


async def consent(visit: Visit) -> Response:
    """One consent, for its giver: what they agreed to, what happened to it, the receipt to take away, and the way out."""
    if visit.request.method != "POST":
        return visit.page("consent.html", code=visit.request.query_params.get("code", "")[:128], found=None)
    attempt(visit)
    form = await visit.form()
    code = letter_code(form)
    found = checked(await visit.desk.consent(code))
    if form.get("as") == "receipt":
        headers = {"content-disposition": f'attachment; filename="{found["consent"]["id"]}.jsonld"'}
        return visit.seal(JSONResponse(found["receipt"], headers=headers, media_type="application/ld+json"))
    return visit.page("consent.html", code=code, found=found)


async def withdraw_consent(visit: Visit) -> Response:
    """Its giver takes a consent back, at once and without an account."""
    attempt(visit)
    checked(await visit.desk.withdraw_consent(letter_code(await visit.form())))
    return visit.go(with_done("/consent", "withdraw-consent"))


def letter_code(form: Mapping[str, Any]) -> str:
    """The code as typed: spaces around it do not count. Raises Turned for what no letter has."""
    code = form.get("code")
    if not isinstance(code, str) or not 0 < len(code.strip()) <= 128:
        raise Turned("unknown-code")
    return code.strip()


def attempt(visit: Visit) -> None:
    """Count one attempt with a secret. Raises Turned after too many."""
    client = visit.request.client
    if not visit.console.turnstile.turn(client.host if client else ""):
        raise Turned("too-many")


async def verify(visit: Visit) -> Response:
    """Read the whole ledger again and say what was found; only the result when the page asks for that part."""
    await visit.form()
    result = checked(await visit.desk.verify())
    if visit.request.headers.get("hx-request") == "true":
        return visit.page("_verified.html", result=result)
    return visit.page("verified.html", result=result)


async def receipt(visit: Visit) -> Response:
    """An entry's tlog-proof, as a file."""
    index = visit.request.path_params["index"]
    await visit.entry(index)
    proof = await visit.desk.receipt(index)
    if not proof:
        raise Turned("unknown")
    return visit.seal(PlainTextResponse(proof, headers={"content-disposition": f'attachment; filename="sekisho-{index}.tlog-proof"'}))
