"""One request: who asks, in which language, what they may do, and how a page is made for them."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from jinja2 import Environment
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartParser
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sekisho.faces.web import i18n
from sekisho.faces.web.desk import Desk, Json
from sekisho.faces.web.errors import Turned
from sekisho.faces.web.roles import Use, allowed, of_plan, openers, within_plan
from sekisho.faces.web.sessions import COOKIE, Desktop, Receipts, Session, Sessions, Turnstile
from sekisho.faces.web.settings import Settings

LANGUAGE = "sekisho-language"
MultiPartParser.spool_max_size = 4 << 20  # a sent file stays in memory: this process writes nothing to any disk
NAMELESS: Json = {"id": "", "name": "", "roles": [], "key_kind": "", "unsafe_demo": False}


class PublicBoard(Protocol):
    """The board as everybody sees it: asked for and drawn once a second."""

    answer: Json
    told: int
    streams: int

    async def fresh(self, desk: Desk, now: datetime) -> Json: ...

    def rendered(self, language: str, view: str) -> bytes: ...


class PublicAnswer(Protocol):
    """What strangers are shown, asked of the desk now and then."""

    async def of(self, visit: Visit) -> Json: ...


@dataclass(frozen=True)
class Console:
    """What all requests share."""

    desk: Desk
    settings: Settings
    sessions: Sessions
    desktop: Desktop
    turnstile: Turnstile
    pages: Mapping[str, Environment]
    readers: Turnstile
    shown: PublicAnswer
    board: PublicBoard
    receipts: Receipts = field(default_factory=Receipts)


@dataclass
class Visit:
    """One request and who makes it. `person` is NAMELESS for a stranger."""

    request: Request
    console: Console
    language: str
    session: Session
    person: Json = field(default_factory=lambda: dict(NAMELESS))
    actors: list[Json] = field(default_factory=list)

    @property
    def desk(self) -> Desk:
        return self.console.desk

    @property
    def path(self) -> str:
        return self.request.url.path

    @property
    def wants_json(self) -> bool:
        return self.path.startswith("/api/")

    def may(self, use: Use | str) -> bool:
        return allowed(Use(use), self.person["roles"])

    def require(self, use: Use) -> None:
        """Turn back whoever may not: strangers to the sign-in, the others to the roles that may."""
        bound = within_plan(use, str(self.person.get("only_plan") or ""), str(self.request.path_params.get("id", "")))
        if use is Use.ANYBODY or (self.may(use) and bound):
            return
        if not self.person["id"]:
            raise Turned("signed-out")
        raise Turned("not-your-role", who=openers(use))

    async def entry(self, index: int) -> Json:
        """That entry of the ledger as a page of one; somebody bound to one plan sees no other's. Raises Turned."""
        listed = checked(await self.desk.ledger(index, 1))
        if not listed["entries"] or listed["entries"][0]["index"] != index:
            raise Turned("unknown")
        if plan := str(self.person.get("only_plan") or ""):
            permits = [p["id"] for p in checked(await self.desk.plan(plan))["permits"]]
            if not of_plan(listed["entries"][0]["ids"], plan, permits):
                raise Turned("not-your-role", who=openers(Use.LEDGER))
        return listed

    async def posted(self, files: int = 0) -> FormData:
        """What was sent, by anybody from anywhere. Raises Turned for what is no form, or holds more files or octets than it may."""
        try:
            form = await self.request.form(max_files=files, max_fields=100)
        except HTTPException as why:  # more fields or files than any form of ours has, or no form at all
            raise Turned(self.request.scope.get("sekisho.refused") or "form") from why
        if self.request.scope.get("sekisho.refused"):
            raise Turned(self.request.scope["sekisho.refused"])
        return form

    async def form(self, files: int = 0) -> FormData:
        """The form, once its token is checked. Raises Turned as `posted` does, and for a form that is not this session's."""
        form = await self.posted(files)
        token = form.get("csrf")
        if not isinstance(token, str) or not hmac.compare_digest(token.encode(), self.session.csrf.encode()):
            raise Turned("csrf")
        if self.request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise Turned("csrf")
        return form

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """Render a page for this visitor."""
        text = self.console.pages[self.language].get_template(template).render(visit=self, settings=self.console.settings, **values)
        return self.seal(HTMLResponse(text, status, headers={"content-language": self.language, "vary": "Accept-Language, Cookie"}))

    def go(self, where: str) -> Response:
        """See another page; only ever one of ours."""
        return self.seal(RedirectResponse(local(where), 303))

    def seal(self, response: Response) -> Response:
        """Give a new visitor their cookie."""
        if self.session.fresh:
            response.set_cookie(COOKIE, self.session.id, path="/", httponly=True, samesite="strict", secure=self.console.settings.secure)
        return response


async def arrive(request: Request, console: Console) -> Visit:
    """Find out who asks. A person the desk no longer lists is a stranger, at once."""
    language = i18n.choose(request.cookies.get(LANGUAGE), request.headers.get("accept-language", ""))
    by_hand = request.method != "GET" or "hx-request" not in request.headers
    visit = Visit(request, console, language, console.sessions.find(request.cookies.get(COOKIE), by_hand))
    if not console.settings.demo and visit.session.person is None:
        return visit
    people = [*await console.desk.people()]
    if console.settings.demo:
        visit.actors = [p for p in people if p.get("unsafe_demo")]
    known = {p["id"]: p for p in people}
    first = next((p["id"] for p in visit.actors if "engineer" in p["roles"]), None)
    person = known.get(visit.session.person or first or "")
    if person is not None:
        visit.person = person
    return visit


def checked(answer: Json) -> Json:
    """The desk's answer; raises Turned when it is an error."""
    error = answer.get("error")
    if isinstance(error, dict):
        raise Turned(str(error.get("code", "refused")), **{k: v for k, v in error.items() if k != "code" and isinstance(k, str)})
    return answer


def local(where: str) -> str:
    """A path of this console; the overview for anything else."""
    parts = urlsplit(where)
    if parts.scheme or parts.netloc or not where.startswith("/") or where.startswith("//") or any(c in where for c in "\\\r\n\t"):
        return "/"
    return where


def with_done(where: str, code: str) -> str:
    """The page to return to, told what was done."""
    path = local(where).partition("?")[0]
    return f"{path}?done={quote(code)}"


def spelled(value: Any) -> str:
    """JSON for people: indented, in its own script."""
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
