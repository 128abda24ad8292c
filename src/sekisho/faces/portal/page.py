"""The page attendees are asked on, and the captive-portal API (RFC 8908). No script, no cookie, no other host, nothing kept of a visit.

Who looks is known by the neighbour table alone. A request that was led here from elsewhere is sent on without a look at where it was going.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from jinja2 import Environment, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sekisho.desk.outside import KeepIsGone, KeepSaidNo
from sekisho.faces.portal.words import words
from sekisho.faces.web import i18n

STATIC = Path(__file__).parent / "static"
MOST_BYTES, MOST_FIELDS = 4096, 16
MOST_A_MINUTE = 60
"""Requests that one address has answered in a minute; the others are told to wait."""
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "cache-control": "private, no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
CAPTIVE = "application/captive+json"
AGAIN = {"text-overtaken": "again", "device-answered-too-often": "often", "no-device": "unknown"}
Json = dict[str, Any]


class Asks(Protocol):
    """A channel to `keep`. Raises KeepSaidNo, KeepIsGone."""

    def call(self, method: str, **params: object) -> Any: ...


@dataclass
class Portal:
    """What all requests share. `hardware`: from an address to the hardware address behind it; `url`: how a device comes to the page."""

    keep: Asks
    hardware: Callable[[str], str]
    url: str
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    counters: Counter[str] = field(default_factory=Counter)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _asked: Counter[str] = field(default_factory=Counter)
    _minute: int = 0

    def token(self, device: str) -> str:
        """What a form of this device's page carries: another site in its browser cannot know it."""
        return hmac.new(self.secret, device.encode(), hashlib.sha256).hexdigest()

    def too_many(self, address: str) -> bool:
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            self._minute, self._asked = minute, Counter()
        self._asked[address] += 1
        return self._asked[address] > MOST_A_MINUTE

    def hosts(self) -> frozenset[str]:
        return frozenset({(urlsplit(self.url).hostname or "").lower()})


Handler = Callable[["Site", Request, str], Awaitable[Response]]


@dataclass
class Site:
    """The portal as a web site. `mine`: names and addresses under which the page is shown; everything else is sent on to the URL."""

    portal: Portal
    mine: frozenset[str]
    sheet: bytes
    render: Callable[..., str]

    def guarded(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            address = request.client.host if request.client else ""
            if _host(request) not in self.mine:
                self.portal.counters["led"] += 1
                return _sealed(RedirectResponse(self.portal.url, 302))
            if self.portal.too_many(address):
                return _sealed(Response("too many requests\n", 429, {"retry-after": "60"}, "text/plain"))
            return _sealed(await handler(self, request, await asyncio.to_thread(self.portal.hardware, address)))

        return answer

    async def page(self, request: Request, device: str) -> Response:
        return await _page(self.portal, self.render, request, device)

    async def answer(self, request: Request, device: str) -> Response:
        form = await _form(request)
        if not _ours(self.portal, form, device):
            return await _page(self.portal, self.render, request, device, "again", 422)
        agreed = [k.removeprefix("agree-") for k, v in form.items() if k.startswith("agree-") and v == "yes"]
        shown = {k.removeprefix("shown-"): v for k, v in form.items() if k.startswith("shown-")}
        said = {"agreed": agreed if form.get("do") == "agree" else [], "shown": shown, "language": _language(request)}
        return await _done(self.portal, self.render, request, device, "answer-portal", **said)

    async def withdraw(self, request: Request, device: str) -> Response:
        if not _ours(self.portal, await _form(request), device):
            return await _page(self.portal, self.render, request, device, "again", 422)
        return await _done(self.portal, self.render, request, device, "withdraw-at-portal")

    async def receipt(self, request: Request, device: str) -> Response:
        purpose = request.path_params["purpose"]
        try:
            found = await asyncio.to_thread(self.portal.keep.call, "portal-receipt", hardware=device, purpose=purpose)
        except KeepSaidNo as no:
            return JSONResponse({"error": no.code}, 404)
        except KeepIsGone:
            return JSONResponse({"error": "away"}, 503)
        body = json.dumps(found, ensure_ascii=False, indent=1)
        return Response(body, media_type="application/ld+json", headers={"content-disposition": 'attachment; filename="receipt.json"'})

    async def api(self, _request: Request, device: str) -> Response:
        return await _api(self.portal, device)

    async def style(self, _request: Request, _device: str) -> Response:
        return Response(self.sheet, media_type="text/css")


DOORS: tuple[tuple[str, Handler, str], ...] = (
    ("/", Site.page, "GET"),
    ("/answer", Site.answer, "POST"),
    ("/withdraw", Site.withdraw, "POST"),
    ("/receipt/{purpose}.json", Site.receipt, "GET"),
    ("/captive-portal/api", Site.api, "GET"),
    ("/portal.css", Site.style, "GET"),
    ("/{rest:path}", Site.page, "GET"),
)


def create_app(portal: Portal, own: frozenset[str] = frozenset()) -> Starlette:
    """`own`: further names and addresses of this machine under which the page is shown."""
    template = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(
        (STATIC / "page.html").read_text(encoding="utf-8")
    )
    site = Site(portal, portal.hosts() | own, (STATIC / "portal.css").read_bytes(), template.render)
    return Starlette(routes=[Route(path, site.guarded(handler), methods=[method]) for path, handler, method in DOORS])


def _host(request: Request) -> str:
    """The name asked for, without its port; compared, and kept nowhere."""
    said = request.headers.get("host", "")
    return (said[: said.find("]") + 1] if said.startswith("[") else said.partition(":")[0]).strip("[]").lower()


def _sealed(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response


def _language(request: Request) -> str:
    chosen = request.query_params.get("lang", "")
    return chosen if chosen in i18n.LANGUAGES else i18n.choose(None, request.headers.get("accept-language", ""))


async def _form(request: Request) -> Mapping[str, str]:
    """The fields of a form; none where it is longer than any form of ours."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            return {}
    try:
        return {k: v[-1] for k, v in parse_qs(body.decode("ascii"), max_num_fields=MOST_FIELDS).items()}
    except ValueError:
        return {}


def _ours(portal: Portal, form: Mapping[str, str], device: str) -> bool:
    return bool(device) and hmac.compare_digest(form.get("token", "").encode(), portal.token(device).encode())


async def _done(portal: Portal, render: Callable[..., str], request: Request, device: str, method: str, **said: object) -> Response:
    """Ask `keep`, and show the page anew by its own address, so that loading it again answers nothing."""
    try:
        await asyncio.to_thread(portal.keep.call, method, hardware=device, **said)
    except KeepSaidNo as no:
        portal.counters[f"keep-{no.code}"] += 1
        return await _page(portal, render, request, device, AGAIN.get(no.code, "away"), 422)
    except KeepIsGone:
        return _away(request)
    portal.counters[method] += 1
    return RedirectResponse(f"/?lang={_language(request)}", 303)


async def _page(
    portal: Portal, render: Callable[..., str], request: Request, device: str, trouble: str = "", status: int = 200
) -> Response:
    try:
        found: Json = await asyncio.to_thread(portal.keep.call, "portal-page", hardware=device)
    except (KeepSaidNo, KeepIsGone):
        return _away(request)
    language = _language(request)
    text = render(
        page=found,
        language=language,
        w=words(language),
        token=portal.token(device),
        trouble="" if trouble == "unknown" else trouble,
        title={o["purpose"]: o["title"][language] for o in found["offers"]},
        agrees=any(a["agrees"] for a in found["device"]["answers"]),
    )
    return HTMLResponse(text, status, {"content-language": language, "vary": "Accept-Language"})


def _away(request: Request) -> Response:
    """`keep` is silent: said plainly, and nothing is promised."""
    return Response(words(_language(request))["away"] + "\n", 503, {"retry-after": "30"}, "text/plain; charset=utf-8")


async def _api(portal: Portal, device: str) -> Response:
    """RFC 8908. Captive is who would be led to the page: not yet answered, while a permit leads. Silence of `keep` frees everybody."""
    answer: Json = {"captive": False, "user-portal-url": portal.url, "venue-info-url": portal.url, "can-extend-session": False}
    try:
        found = await asyncio.to_thread(portal.keep.call, "portal-page", hardware=device)
        answer["captive"] = bool(found["leading"] and found["device"]["known"] and not found["device"]["answered"])
        if found["leading"] and found["device"]["answered"]:
            left = datetime.fromisoformat(found["until"]) - portal.clock()
            answer["seconds-remaining"] = max(0, int(left.total_seconds()))
    except (KeepSaidNo, KeepIsGone):
        portal.counters["keep-is-gone"] += 1
    return Response(json.dumps(answer), media_type=CAPTIVE)
