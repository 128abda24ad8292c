"""What stands before every page: host names, methods, sizes, and the headers each answer carries."""

from __future__ import annotations

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sekisho.faces.web.settings import Settings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; media-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
SANDBOX = "sandbox; default-src 'none'"
"""What a door says of a file of somebody's: it is nobody's page, and runs nothing."""
METHODS = frozenset({"GET", "HEAD", "POST"})
TARGET_BYTES = 16384
WITH_A_FILE = re.compile(r"/procedures/[A-Za-z0-9-]{1,64}/attach")
"""The door of the desk that takes more than a form: a file of at most `file_bytes`."""
WITH_FILES = re.compile(r"/contact/[A-Za-z0-9-]{1,64}|/case/add|/answer/act|/hand-in")
"""Doors of strangers that take files, or mailings with theirs: at most `files_bytes` together."""


class Guard:
    """Marks what no page should see: `scope["sekisho.refused"]` holds the code, and every door looks at it before anything else."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["sekisho.refused"] = self._refused(scope)

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._dress(MutableHeaders(scope=message), scope["path"])
            await send(message)

        if scope["sekisho.refused"] == "host" and self.settings.elsewhere:
            await RedirectResponse(self.settings.elsewhere, 302)(scope, receive, dressed)
            return
        if scope["sekisho.refused"] and scope["path"].startswith("/static/"):
            await PlainTextResponse(scope["sekisho.refused"], 400)(scope, receive, dressed)
            return
        await self.app(scope, self._bounded(scope, receive), dressed)

    def _refused(self, scope: Scope) -> str:
        """The code of the first thing wrong with this request; empty when nothing is."""
        headers = Headers(scope=scope)
        if host_name(headers.get("host", "")) not in self.settings.hosts:
            return "host"
        if scope["method"] not in METHODS:
            return "method"
        if len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"") > TARGET_BYTES:
            return "too-long"
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > self._most(scope):
            return "too-large"
        return ""

    def _most(self, scope: Scope) -> int:
        """How many octets this door takes."""
        if WITH_FILES.fullmatch(scope["path"]):
            return self.settings.files_bytes
        return self.settings.file_bytes if WITH_A_FILE.fullmatch(scope["path"]) else self.settings.form_bytes

    def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        """A body longer than allowed, whatever its header said, ends at the limit and is refused."""
        total = 0

        async def counted() -> Message:
            nonlocal total
            message = await receive()
            if message["type"] == "http.request":
                total += len(message.get("body", b""))
                if total > self._most(scope):
                    scope["sekisho.refused"] = "too-large"
                    return {"type": "http.request", "body": b"", "more_body": False}
            return message

        return counted

    def _dress(self, headers: MutableHeaders, path: str) -> None:
        for name, value in HEADERS.items():
            headers[name] = SANDBOX if headers.get(name) == SANDBOX else value
        headers["cache-control"] = "public, max-age=300" if path.startswith("/static/") else "no-store"


def host_name(host: str) -> str:
    """The name in a Host header, without the port."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.rpartition(":")[0] if ":" in host else host
