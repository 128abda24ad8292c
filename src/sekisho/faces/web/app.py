"""The console's doors: every path, who may open it, and what stands behind. Nothing is reachable that is not in these tables."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sekisho.faces.web import (
    actions,
    agree,
    answering,
    board,
    campaigns,
    cases,
    contact,
    entrustments,
    envelopes,
    filters,
    hand_in,
    i18n,
    mails,
    openapi,
    orders,
    port25,
    posters,
    register,
    replies,
    senders,
    senders_held,
    signin,
    statements,
    talks,
    transparency,
    watch,
)
from sekisho.faces.web.desk import Desk, DeskAway
from sekisho.faces.web.errors import TROUBLES, Turned
from sekisho.faces.web.guard import Guard
from sekisho.faces.web.pages import PAGES, Page
from sekisho.faces.web.render import environment
from sekisho.faces.web.roles import Use
from sekisho.faces.web.sessions import Desktop, Sessions, Turnstile
from sekisho.faces.web.settings import Settings
from sekisho.faces.web.visit import Console, Visit, arrive

STATIC = Path(__file__).parent / "static"
log = logging.getLogger(__name__)

Handler = Callable[[Visit], Awaitable[Response]]


async def described(_visit: Visit) -> Response:
    """What the console has for machines; no cookie is given for reading it."""
    return JSONResponse(openapi.described())


@dataclass(frozen=True)
class Door:
    """An action: its path, who may use it, its methods. POST always asks for the form's token."""

    path: str
    use: Use
    handler: Handler
    methods: tuple[str, ...] = ("GET", "POST")


DOORS = (
    Door("/plans/{id}/approve", Use.APPROVE, actions.approve, ("GET",)),
    Door("/plans/{id}/comment", Use.COMMENT, actions.comment),
    Door("/plans/{id}/confirm", Use.CONFIRM, actions.confirm),
    Door("/plans/{id}/evidence/{kind}", Use.LAY_EVIDENCE, actions.evidence),
    Door("/permits/{id}/withdraw", Use.WITHDRAW, actions.withdraw),
    Door("/permits/{id}/look", Use.LOOK, actions.look_again, ("POST",)),
    Door("/envelopes/{id}/approve", Use.REVIEW_USE, envelopes.approve, ("GET",)),
    Door("/envelopes/{id}/revoke", Use.WITHDRAW, envelopes.revoke),
    Door("/envelopes/{id}/uses/{use}/review", Use.REVIEW_USE, envelopes.review),
    Door("/entrustments/{id}/approve", Use.APPROVE_ENTRUSTMENT, entrustments.approve, ("GET",)),
    Door("/entrustments/{id}/stop", Use.STOP_ENTRUSTMENT, entrustments.stop),
    Door("/campaigns/reachable", Use.LEAVE_OUT, campaigns.reachable),
    Door("/campaigns/replies/{id}/read", Use.REPLIES, replies.read, ("GET",)),
    Door("/campaigns/replies/{id}/answer", Use.REPLIES, replies.answer),
    Door("/campaigns/replies/{id}/settle", Use.REPLIES, replies.settle),
    Door("/campaigns/contractors/{id}/shut", Use.SHUT_ADMISSION, replies.shut),
    Door("/talks/held/{id}/read", Use.HELD_MAILS, talks.read, ("GET",)),
    Door("/talks/held/{id}/settle", Use.HELD_MAILS, talks.settle),
    Door("/campaigns/{id}/leave-out", Use.LEAVE_OUT, campaigns.leave_out),
    Door("/procedures/open/{id}", Use.CASE_WORK, cases.opening),
    Door("/procedures/{id}/moves/{move}", Use.CASE_MOVE, cases.move),
    Door("/procedures/{id}/take", Use.CASE_MOVE, cases.take, ("POST",)),
    Door("/procedures/{id}/attach", Use.CASE_WORK, cases.attach, ("POST",)),
    Door("/procedures/{id}/attachments/{attachment}", Use.PROCEDURES, cases.attachment),
    Door("/procedures/{id}/letters/{letter}", Use.PROCEDURES, cases.letter, ("GET",)),
    Door("/procedures/{id}/reasons", Use.PROCEDURES, cases.reasons, ("GET",)),
    Door("/procedures/{id}/open", Use.SEE_SENDER, senders.ask),
    Door("/procedures/{id}/openings/{opening}", Use.SEE_SENDER, senders.seen),
    Door("/procedures/{id}/hold", Use.HOLD, cases.hold),
    Door("/procedures/{id}/holds/{hold}/lift", Use.OFFICER_ORDER, cases.lift),
    Door("/texts/{id}/adopt", Use.OFFICER_ORDER, cases.adopt, ("GET",)),
    Door("/sign/{id}", Use.SIGN, actions.sign, ("POST",)),
    Door("/ledger/verify", Use.LEDGER, actions.verify, ("POST",)),
    Door("/ledger/{index:int}/receipt", Use.ENTRY, actions.receipt, ("GET",)),
    Door("/line", Use.ANYBODY, actions.line),
    Door("/consent", Use.ANYBODY, actions.consent),
    Door("/consent/withdraw", Use.ANYBODY, actions.withdraw_consent, ("POST",)),
    Door("/notices", Use.ANYBODY, actions.notices, ("GET",)),
    Door("/line/withdraw", Use.ANYBODY, actions.withdraw_mine, ("POST",)),
    Door("/sign-in", Use.ANYBODY, signin.sign_in),
    Door("/sign-out", Use.ANYBODY, signin.sign_out, ("POST",)),
    Door("/act-as", Use.ANYBODY, signin.act_as, ("POST",)),
    Door("/language", Use.ANYBODY, signin.language, ("POST",)),
    Door("/openapi.json", Use.ANYBODY, described, ("GET",)),
    Door("/register", Use.ANYBODY, register.page, ("GET",)),
    Door("/register.json", Use.ANYBODY, register.data, ("GET",)),
    Door("/board", Use.ANYBODY, board.page, ("GET",)),
    Door("/board.json", Use.ANYBODY, board.data, ("GET",)),
    Door("/board/stream", Use.ANYBODY, board.stream, ("GET",)),
    Door("/board/stop", Use.STOP_BOARD, board.stop, ("GET",)),
    Door("/event/end", Use.END_EVENT, board.end, ("GET",)),
    Door("/contact", Use.ANYBODY, contact.contact, ("GET",)),
    Door("/contact.json", Use.ANYBODY, contact.data, ("GET",)),
    Door("/contact/{id}", Use.ANYBODY, contact.door),
    Door("/contact/{id}/form.pdf", Use.ANYBODY, contact.paper, ("GET",)),
    Door("/case", Use.ANYBODY, contact.follow),
    Door("/case/add", Use.ANYBODY, contact.add, ("POST",)),
    Door("/statements", Use.ANYBODY, statements.page, ("GET",)),
    Door("/transparency", Use.ANYBODY, transparency.index, ("GET",)),
    Door("/transparency/{year}.csv", Use.ANYBODY, transparency.table, ("GET",)),
    Door("/transparency/{year}.json", Use.ANYBODY, transparency.data, ("GET",)),
    Door("/transparency/{year}/statements.json", Use.ANYBODY, transparency.feed, ("GET",)),
    Door("/transparency/{year}", Use.ANYBODY, transparency.page, ("GET",)),
    Door("/answer", Use.ANYBODY, answering.answer),
    Door("/answer/act", Use.ANYBODY, answering.act, ("POST",)),
    Door("/touched", Use.ANYBODY, statements.touched),
    Door("/order", Use.ANYBODY, orders.order),
    Door("/order/answer", Use.ANYBODY, orders.answer, ("POST",)),
    Door("/opened", Use.ANYBODY, posters.opened),
    Door("/mail/check", Use.ANYBODY, mails.check),
    Door("/mail/stop", Use.ANYBODY, mails.stop),
    Door("/hand-in", Use.ANYBODY, hand_in.door),
    Door("/agree", Use.ANYBODY, agree.index, ("GET",)),
    Door("/agree/{id}", Use.ANYBODY, agree.agree),
    Door("/filters", Use.ANYBODY, filters.mine),
    Door("/port25", Use.ANYBODY, port25.mine),
    Door("/port25/open", Use.OPEN_LINE, port25.opening),
    Door("/port25/lines/{id}/close", Use.OPEN_LINE, port25.closing),
    Door("/mailserver/restore", Use.OPEN_LINE, senders_held.restoring),
    Door("/watch/{id}", Use.ANYBODY, watch.watch),
    Door("/watch/{id}/key", Use.ANYBODY, watch.key, ("GET",)),
    Door("/watch/{id}/files/{number:int}", Use.ANYBODY, watch.file, ("GET",)),
    Door("/watch/{id}/{name}", Use.ANYBODY, watch.piece, ("GET",)),
    Door("/enrol/{code}", Use.ANYBODY, signin.enrol),
)


def create_app(desk: Desk, settings: Settings | None = None) -> Starlette:
    """The console before this desk. Raises nothing: a desk that is away is an error page."""
    chosen = settings or Settings()
    environments = {language: environment(language) for language in i18n.LANGUAGES}
    readers = Turnstile(chosen, attempts=chosen.readings)
    shown, live = register.Shown(), board.Live()
    console = Console(desk, chosen, Sessions(chosen), Desktop(chosen), Turnstile(chosen), environments, readers, shown, live)

    def route(path: str, use: Use, handler: Handler, methods: tuple[str, ...]) -> Route:
        async def answer(request: Request) -> Response:
            return await guarded(request, console, use, handler)

        return Route(path, answer, methods=list(methods))

    routes: list[Route | Mount] = [route(d.path, d.use, d.handler, d.methods) for d in DOORS]
    for page in PAGES:
        routes.append(route(page.path, page.use, html_of(page), ("GET",)))
        routes.append(route(api_path(page), page.use, json_of(page), ("GET",)))
    routes.append(Mount("/static", StaticFiles(directory=STATIC)))

    async def lost(request: Request, error: Exception) -> Response:
        code = "method" if isinstance(error, HTTPException) and error.status_code == 405 else "unknown-page"
        return await troubled(request, console, Turned(request.scope.get("sekisho.refused") or code))

    handlers = {404: lost, 405: lost, HTTPException: lost}
    return Starlette(routes=routes, middleware=[Middleware(Guard, settings=chosen)], exception_handlers=handlers)


def api_path(page: Page) -> str:
    return "/api" + ("/overview" if page.path == "/" else page.path)


def html_of(page: Page) -> Handler:
    async def answer(visit: Visit) -> Response:
        return visit.page(page.template, **await page.read(visit))

    return answer


def json_of(page: Page) -> Handler:
    async def answer(visit: Visit) -> Response:
        return visit.seal(JSONResponse(await page.read(visit)))

    return answer


async def guarded(request: Request, console: Console, use: Use, handler: Handler) -> Response:
    """One request, from the door to its page or the page of its trouble."""
    try:
        if request.scope["sekisho.refused"]:
            raise Turned(request.scope["sekisho.refused"])
        visit = await arrive(request, console)
        visit.require(use)
        return await handler(visit)
    except Turned as turned:
        return await troubled(request, console, turned)
    except DeskAway:
        return await troubled(request, console, Turned("away"))
    except Exception:  # one page's mistake must not be shown as a traceback, nor without the headers every answer carries
        log.exception("a page failed")
        return await troubled(request, console, Turned("broken"))


async def troubled(request: Request, console: Console, turned: Turned) -> Response:
    """The page, or the JSON, of what went wrong. It asks the desk only for the visitor's name, and does without when it must."""
    trouble, code = turned.trouble, turned.code
    if request.url.path.startswith("/api/"):
        body = {"error": {"code": code, "title": trouble.title, "next": trouble.next, **turned.detail}}
        return JSONResponse(body, trouble.status)
    try:
        if request.scope["sekisho.refused"]:
            raise DeskAway
        visit = await arrive(request, console)
    except DeskAway:
        language = i18n.choose(None, request.headers.get("accept-language", ""))
        visit = Visit(request, console, language, console.sessions.find(None))
    return visit.page("error.html", trouble.status, trouble=trouble, code=code, unnamed=code not in TROUBLES, detail=turned.detail)
