"""Campaigns on the console: somebody is left out, an address is good after all.

They are written and submitted at the terminal: no list of people passes this process.
"""

from __future__ import annotations

from starlette.responses import Response

from sekisho.faces.web.actions import lay
from sekisho.faces.web.errors import Turned
from sekisho.faces.web.pages import identifier
from sekisho.faces.web.strangers import line
from sekisho.faces.web.visit import Visit, checked
from sekisho.law.campaign import LONGEST_REASON, Lost

REASONS = tuple(why.value for why in Lost)
MOST_ADDRESS = 254


async def leave_out(visit: Visit) -> Response:
    """The form for one address; sent, the statement to sign. It says nothing of who is on the list: `keep` does, to who signed."""
    one = checked(await visit.desk.campaign(identifier(visit)))
    if not one["counts"].get("waiting"):
        raise Turned("nobody-waits", campaign=one["id"])
    if visit.request.method != "POST":
        return visit.page("campaign_leave_out.html", campaign=one, reasons=REASONS, form={}, wrong={})
    form = await visit.form()
    mail, why = line(form, "mail", MOST_ADDRESS), line(form, "why")
    wrong = {name: "empty" for name, good in (("mail", "@" in mail), ("why", why in REASONS)) if not good}
    if wrong:
        return visit.page("campaign_leave_out.html", 422, campaign=one, reasons=REASONS, form=form, wrong=wrong)
    who = checked(await visit.desk.who_is(mail))["recipient"]
    back = f"/campaigns/{one['id']}"
    return await lay(visit, "recipient-lost", {"campaign": one["id"], "recipient": who, "why": why}, back, campaign=one, mail=mail)


async def reachable(visit: Visit) -> Response:
    """The form for one address whose mail came back; sent, the statement to sign. Whether it bears the mark, `keep` says to who signed."""
    if visit.request.method != "POST":
        return visit.page("campaign_reachable.html", form={}, wrong={})
    form = await visit.form()
    mail, reason = line(form, "mail", MOST_ADDRESS), line(form, "reason", LONGEST_REASON)
    wrong = {name: "empty" for name, good in (("mail", "@" in mail), ("reason", reason)) if not good}
    if wrong:
        return visit.page("campaign_reachable.html", 422, form=form, wrong=wrong)
    who = checked(await visit.desk.who_is(mail))["recipient"]
    return await lay(visit, "return-ended", {"recipient": who, "reason": reason}, "/campaigns", mail=mail)
