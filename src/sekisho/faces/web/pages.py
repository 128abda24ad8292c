"""The pages people read. Each has one function that asks the desk; its answer is the page and, under /api, the same as JSON."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sekisho.faces.web import book, incidents, shape
from sekisho.faces.web.desk import Json
from sekisho.faces.web.errors import Turned
from sekisho.faces.web.roles import Use
from sekisho.faces.web.visit import Visit, checked
from sekisho.faces.words.event import REPORT_KINDS
from sekisho.law.talk import State

ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._:+-]{0,127}\Z")
LEDGER_ROWS = 50
SHOWN = ("open", "closed", "all")
ORDER = ("nobody", "overdue", "ready", "soon", "waiting", "closed")


@dataclass(frozen=True)
class Page:
    """`path` with `/api` before it gives the JSON. `nav` pages stand in the menu."""

    path: str
    use: Use
    template: str
    read: Callable[[Visit], Awaitable[Json]]
    nav: str = ""


async def overview(visit: Visit) -> Json:
    return checked(await visit.desk.overview())


async def card(visit: Visit) -> Json:
    """One founding document's question, with its live answer."""
    answer = checked(await visit.desk.overview())
    return {"card": one(answer["cards"], "id", visit.request.path_params["id"])}


async def measures(visit: Visit) -> Json:
    return {"measures": [*await visit.desk.measures()]}


async def measure(visit: Visit) -> Json:
    """One measure, with what was counted by day before, while and after its permits lived."""
    found = one(await visit.desk.measures(), "name", visit.request.path_params["id"])
    return {"measure": found, "effect": checked(await visit.desk.measure_effect(found["name"]))}


async def plan(visit: Visit) -> Json:
    return checked(await visit.desk.plan(identifier(visit)))


async def approvals(visit: Visit) -> Json:
    """The plans that wait, with whether this person already signed each."""
    answer = checked(await visit.desk.overview())
    waiting = []
    for brief in answer["waiting"]:
        whole = checked(await visit.desk.plan(brief["id"]))
        mine = any(a["person"] == visit.person["id"] for a in whole["approvals"])
        row = {k: whole[k] for k in ("approvals", "signatures_needed", "confirmable", "shown")}
        waiting.append({**brief, **row, "mine": mine, "proposed_by_me": brief["proposer"]["id"] == visit.person["id"]})
    return {"waiting": waiting}


async def permits(visit: Visit) -> Json:
    return {"permits": [*await visit.desk.permits()], "now": now(visit)}


async def effects(visit: Visit) -> Json:
    """What the permits say beside what stands in the kernel, set by set."""
    found = checked(await visit.desk.effects())
    gateway = {**found["gateway"], "effects": [{**e, "rows": shape.kernel_rows(e)} for e in found["gateway"]["effects"]]}
    resolver = {**found["resolver"], "effects": [{**e, "rows": shape.kernel_rows(e)} for e in found["resolver"]["effects"]]}
    return {**found, "effects": [{**e, "rows": shape.kernel_rows(e)} for e in found["effects"]], "gateway": gateway, "resolver": resolver}


async def event(visit: Visit) -> Json:
    """The report of an event, with a row for each kind and a column for each day."""
    found = checked(await visit.desk.event())
    report = {part: _by_day(found["report"][part]) for part in ("collected", "shown", "deleted")}
    return {**found, "said": found["report"]["said"], "permits": found["report"]["permits"], "tables": report}


def _by_day(rows: Sequence[Json]) -> Json:
    days = sorted({r["day"] for r in rows})
    kinds = {r["kind"]: dict.fromkeys(days, 0) for r in rows}
    for row in rows:
        kinds[row["kind"]][row["day"]] = row["count"]
    words = {k: dict(zip(("ja", "en"), REPORT_KINDS.get(k, (k, k)), strict=True)) for k in kinds}
    return {"days": days, "rows": [{"kind": words[k], "counts": [*counts.values()]} for k, counts in kinds.items()]}


async def volumes(visit: Visit) -> Json:
    return checked(await visit.desk.volumes(visit.request.query_params.get("measure", "shaping")))


async def opened_lines(visit: Visit) -> Json:
    """Lines that may send to port 25 all the same, newest first."""
    return checked(await visit.desk.opened_lines())


async def mail_server(visit: Visit) -> Json:
    """What the mail server is answered, hour by hour, and which accounts are held by what: counts, no names."""
    stages, held = checked(await visit.desk.mail_stages()), checked(await visit.desk.held_senders())
    return {**stages, "senders": held["senders"], "held_of": held["of"]}


async def envelopes(visit: Visit) -> Json:
    """All envelopes, and the uses that wait for a review, what is due first standing first."""
    found = [*await visit.desk.envelopes()]
    waiting = [
        {**use, "envelope": e["id"], "over": e["state"] in ("lapsed", "revoked")}
        for e in found
        for use in e["uses"]
        if use["review"] is None
    ]
    return {"envelopes": found, "waiting": sorted(waiting, key=lambda use: str(use["due"]))}


async def entrustments(visit: Visit) -> Json:
    """The register as a tree, with what waits."""
    found = checked(await visit.desk.entrustments())
    rows = found["entrustments"]
    return {**found, "drafts": sum(e["status"] == "draft" for e in rows)}


async def hand_overs(visit: Visit) -> Json:
    """What went to whom, with what is late and what nobody can tell."""
    found = checked(await visit.desk.hand_overs())
    rows = found["hand_overs"]
    return {**found, "late": sum(h["late"] for h in rows), "unknown": sum(h["state"] == "unknown" for h in rows)}


async def campaigns(visit: Visit) -> Json:
    return {"campaigns": [*await visit.desk.campaigns()]}


async def campaign(visit: Visit) -> Json:
    return {"campaign": checked(await visit.desk.campaign(identifier(visit)))}


async def replies(visit: Visit) -> Json:
    """What people wrote back, those that wait for somebody first."""
    found = [*await visit.desk.replies()]
    return {"replies": sorted(found, key=lambda r: r["state"] == "closed"), "new": sum(r["state"] == "new" for r in found)}


async def admissions(visit: Visit) -> Json:
    """Contractors' people, with what they handed in that waits for the desk."""
    found = [*await visit.desk.admissions()]
    return {"admissions": found, "held": sum(not h["campaign"] for a in found for h in a["handed_in"])}


async def talks(visit: Visit) -> Json:
    """Masked talks, and their mails that a person must look at."""
    held = [*await visit.desk.held_mails()]
    return {"talks": [*await visit.desk.talks()], "held": held, "waiting": sum(m["state"] == State.HELD for m in held)}


async def tools(visit: Visit) -> Json:
    """Contractors' tools, with how many did what nobody had declared."""
    found = checked(await visit.desk.tools())
    titles = {q["id"]: q["words"] for q in found["questions"]}
    return {**found, "titles": titles, "caught": sum(t["clear"] == "undeclared-function" for t in found["tools"])}


async def traffic(visit: Visit) -> Json:
    return checked(await visit.desk.traffic())


async def ledger(visit: Visit) -> Json:
    """One page of entries, the newest by default. `next` and `before` are starts of the neighbouring pages."""
    head = checked(await visit.desk.ledger(0, 0))
    size = int(head["size"])
    start = number(visit.request.query_params.get("start"), max(size - LEDGER_ROWS, 0))
    start = min(start, max(size - 1, 0))
    answer = checked(await visit.desk.ledger(start, LEDGER_ROWS))
    later, before = start + LEDGER_ROWS, max(start - LEDGER_ROWS, 0)
    return {**answer, "start": start, "later": later if later < size else None, "before": before if start > 0 else None}


async def entry(visit: Visit) -> Json:
    """One ledger entry and the decision behind it, replayed with the book of that day."""
    index = visit.request.path_params["index"]
    listed = await visit.entry(index)
    answer = await visit.desk.explain(index)
    gone = answer.get("error")
    return {"entry": listed["entries"][0], "decisions": [] if gone else answer.get("decisions", []), "gone": gone, "size": listed["size"]}


async def people(visit: Visit) -> Json:
    return {"people": [*await visit.desk.people()]}


async def mailbox(visit: Visit) -> Json:
    if not visit.console.settings.demo:
        raise Turned("not-demo")
    return {"mails": [*await visit.desk.mailbox()]}


async def cases(visit: Visit) -> Json:
    """The list in four groups, and the procedures a case can be opened in."""
    wanted = visit.request.query_params.get("shown", "open")
    answer = checked(await visit.desk.cases.listed(wanted if wanted in SHOWN else "open"))
    groups = [(when, [c for c in answer["cases"] if c["when"] == when]) for when in ORDER]
    tables = [*await visit.desk.cases.procedures()]
    words = visit.request.query_params.get("q", "").strip()[:200]
    found = checked(await visit.desk.cases.find(words, visit.person["roles"]))["cases"] if words else []
    shown = {"words": words, "found": found, "procedures": tables}
    return {**answer, **shown, "groups": [{"when": w, "cases": rows} for w, rows in groups if rows]}


async def case(visit: Visit) -> Json:
    return checked(await visit.desk.cases.one(identifier(visit)))


async def case_page(visit: Visit) -> Json:
    """The case, and which sender records were opened for it."""
    whole = await case(visit)
    return {**whole, "openings": await openings(visit, whole["id"])}


async def openings(visit: Visit, matter: str) -> list[Json]:
    found = await visit.desk.cases.openings(matter)
    return [checked(found)] if isinstance(found, dict) else list(found)


async def room(visit: Visit) -> Json:
    return await incidents.room(visit, identifier(visit))


async def texts(visit: Visit) -> Json:
    return {"texts": [*await visit.desk.cases.texts()]}


PAGES = (
    Page("/", Use.OVERVIEW, "overview.html", overview, "overview"),
    Page("/measures", Use.MEASURES, "measures.html", measures, "measures"),
    Page("/book", Use.BOOK, "book.html", book.book, "book"),
    Page("/approvals", Use.APPROVALS, "approvals.html", approvals, "approvals"),
    Page("/permits", Use.PERMITS, "permits.html", permits, "permits"),
    Page("/effects", Use.PERMITS, "effects.html", effects, "effects"),
    Page("/event", Use.EVENT, "event.html", event, "event"),
    Page("/volumes", Use.TRAFFIC, "volumes.html", volumes, "volumes"),
    Page("/port25/lines", Use.PERMITS, "lines.html", opened_lines, "lines"),
    Page("/mailserver", Use.PERMITS, "mailserver.html", mail_server),
    Page("/envelopes", Use.ENVELOPES, "envelopes.html", envelopes, "envelopes"),
    Page("/entrustments", Use.ENTRUSTMENTS, "entrustments.html", entrustments, "entrustments"),
    Page("/entrustments/hand-overs", Use.ENTRUSTMENTS, "hand_overs.html", hand_overs),
    Page("/campaigns", Use.CAMPAIGNS, "campaigns.html", campaigns, "campaigns"),
    Page("/campaigns/replies", Use.CAMPAIGNS, "replies.html", replies),
    Page("/campaigns/contractors", Use.CAMPAIGNS, "admissions.html", admissions),
    Page("/campaigns/{id}", Use.CAMPAIGNS, "campaign.html", campaign),
    Page("/talks", Use.TALKS, "talks.html", talks),
    Page("/entrustments/tools", Use.ENTRUSTMENTS, "tools.html", tools),
    Page("/traffic", Use.TRAFFIC, "traffic.html", traffic, "traffic"),
    Page("/ledger", Use.LEDGER, "ledger.html", ledger, "ledger"),
    Page("/procedures", Use.PROCEDURES, "procedures.html", cases, "procedures"),
    Page("/people", Use.PEOPLE, "people.html", people, "people"),
    Page("/mailbox", Use.MAILBOX, "mailbox.html", mailbox, "mailbox"),
    Page("/cards/{id}", Use.DECISION, "card.html", card),
    Page("/measures/{id}", Use.MEASURES, "measure.html", measure),
    Page("/book/cases/{id:path}", Use.BOOK, "book_case.html", book.book_case),
    Page("/book/measures/{id}", Use.BOOK, "book_measure.html", book.book_measure),
    Page("/what-if/{measure}/{step}", Use.BOOK, "what_if.html", book.what_if),
    Page("/procedures/{id}/room", Use.PROCEDURES, "incident.html", room),
    Page("/procedures/{id}", Use.PROCEDURES, "procedure.html", case_page),
    Page("/texts", Use.PROCEDURES, "texts.html", texts),
    Page("/plans/{id}", Use.DECISION, "plan.html", plan),
    Page("/ledger/{index:int}", Use.ENTRY, "entry.html", entry),
)


def identifier(visit: Visit, name: str = "id") -> str:
    """An id from the path. Raises Turned for what can be none."""
    text = str(visit.request.path_params[name])
    if not ID.match(text):
        raise Turned("unknown")
    return text


def one(rows: Any, key: str, wanted: str) -> Mapping[str, Any]:
    """The row with this id. Raises Turned when there is none."""
    found = next((r for r in rows if r[key] == wanted), None)
    if found is None:
        raise Turned("unknown")
    return dict(found)


def number(text: str | None, otherwise: int) -> int:
    """A small whole number from an address."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 15 else otherwise


def now(visit: Visit) -> str:
    return visit.console.settings.clock().strftime("%Y-%m-%dT%H:%M:%SZ")
