"""A sender record is opened for a case: asked for with a signature, and shown by the ticket to who asked and to nobody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.responses import Response

from sekisho.faces.web import pages
from sekisho.faces.web.actions import attempt, lay
from sekisho.faces.web.desk import Json
from sekisho.faces.web.errors import Turned
from sekisho.faces.web.pages import identifier, one
from sekisho.faces.web.visit import Visit, checked

START = datetime(1970, 1, 1, tzinfo=UTC)
ANSWERED = {"another-ticket": 403, "waited-too-long": 410}
LONGEST_URL = 2000
MAY_OPEN = {"legal-officer", "responsible-window"}


async def ask(visit: Visit) -> Response:
    """Which record, under which permit of this case, and how much of it; sent, the order to sign."""
    whole = await pages.case(visit)
    offers = await offered(visit, whole)
    shown: dict[str, Any] = {"case": whole, "offers": offers, "may_open": bool(MAY_OPEN & set(visit.person["roles"]))}
    if visit.request.method != "POST":
        return visit.page("case_reveal.html", wrong={}, **shown)
    form = await visit.form()
    offer = next((o for o in offers if form.get("offer") == f"{o['permit']}/{o['record']}"), None)
    if offer is None:
        return visit.page("case_reveal.html", 422, wrong={"offer": "empty"}, **shown)
    fields = {k: offer[k] for k in ("service", "record", "purpose", "permit")}
    order = {**fields, "matter": whole["id"], "full": form.get("full") == "yes"}
    return await lay(visit, "reveal-order", order, f"/procedures/{whole['id']}", offer={**offer, "full": order["full"]})


async def offered(visit: Visit, whole: Json) -> list[Json]:
    """Every record that a living permit of this case names, with what that permit shows of it. A measure's purpose is called as it is."""
    found = []
    for permit in await visit.desk.permits():
        scope = permit["scope"]
        if permit["state"] == "in-force" and scope.get("case") in (whole["id"], whole["number"]):
            items = [*scope.get("items", []), *scope.get("login_items", [])]
            told = {"permit": permit["id"], "purpose": permit["measure"], "service": scope.get("service"), "items": items}
            found += [{**told, "record": record} for record in scope.get("records", [])]
    return found


async def seen(visit: Visit) -> Response:
    """The form for the ticket; sent, what was seen, and the log certificate once the form under it named a URL. No address ever holds a
    ticket."""
    whole = await pages.case(visit)
    opening = one(await pages.openings(visit, whole["id"]), "id", identifier(visit, "opening"))
    if opening["by"]["id"] != visit.person["id"]:
        raise Turned("unknown")
    shown: dict[str, Any] = {"case": whole, "opening": opening, "found": None, "at": None, "refused": "", "ticket": "", "copies": {}}
    if visit.request.method != "POST":
        return visit.page("case_sender.html", **shown)
    form = await visit.form()
    ticket = line(form.get("ticket"), 128)
    found = await visit.desk.cases.seen(opening["id"], ticket)
    if "error" in found:
        attempt(visit)  # who has the ticket may ask as often as they like whether the record has come
        code = str(found["error"]["code"])
        return visit.page("case_sender.html", ANSWERED.get(code, 422), **{**shown, "refused": code})
    view = found["view"]
    told = {"found": found, "at": moment(view), "ticket": ticket, "copies": copies(view)}
    if not view or "url" not in form:
        return visit.page("case_sender.html", **{**shown, **told}, certifying=certifying(view), url=posted_at(whole), wrong="", made=None)
    url = line(form.get("url"), LONGEST_URL)
    made = await visit.desk.cases.certificate(opening["id"], ticket, url)
    wrong = "not-a-url" if made.get("error", {}).get("code") == "not-a-url" else ""
    said = {"certifying": True, "url": url, "wrong": wrong, "made": None if wrong else checked(made)}
    return visit.page("case_sender.html", 422 if wrong else 200, **{**shown, **told}, **said)


def line(raw: object, longest: int) -> str:
    """What stands in one input of a form; empty for a file, and where it is missing."""
    return raw.strip()[:longest] if isinstance(raw, str) else ""


def certifying(view: dict[str, Any] | None) -> bool:
    """Whether a log certificate can be made of what was seen: it takes an address and a time."""
    return bool(view and view["full"] and view["source"] and view["seen_us"] is not None)


def posted_at(whole: Json) -> str:
    """Where the post stands, if the case knows it as a web address."""
    told = [f["value"] for f in whole["facts"] if f["id"] == "where_posted"]
    return next((v for v in told if isinstance(v, str) and v.startswith(("https://", "http://"))), "")


def moment(view: dict[str, object] | None) -> str | None:
    """When the service saw it, to the microsecond, where the permit names the time."""
    micros = view["seen_us"] if view else None
    return (START + timedelta(microseconds=micros)).isoformat() if isinstance(micros, int) else None


def copies(view: dict[str, Any] | None) -> dict[str, str]:
    """What the form of the release takes, spelled as it wants it; nothing for what was not shown."""
    found: dict[str, str] = {}
    if view and view["source"] and view["source"]["port"] is not None:
        ip, port = view["source"]["ip"], view["source"]["port"]
        found["address"] = f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"
    if view and isinstance(view["seen_us"], int):
        at = START + timedelta(milliseconds=view["seen_us"] // 1000)
        found["time"] = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
    return found
