"""Both sides of the signed header as WSGI classes; they mean what those in `handover_asgi` mean.

A back end compares the path with `RAW_URI` or `REQUEST_URI` where the server gives the request line (gunicorn, waitress through
`REQUEST_URI`, Werkzeug), else with the path it decoded, quoted again as browsers do.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from sekisho_sender.at_hand import at_hand
from sekisho_sender.capture import Captured, Life, Now, utc_us
from sekisho_sender.handover import HEADER, MemoryReplays, NotHandedOver, Replays, sign, verify
from sekisho_sender.handover_asgi import MOST_BODY, BodyTooLong
from sekisho_sender.wsgi import inside

Environ = dict[str, Any]
Start = Callable[..., Any]
App = Callable[[Environ, Start], Iterable[bytes]]
KEY = f"HTTP_{HEADER.upper().replace('-', '_')}"


class FrontWSGI:
    """Adds our header to a request that the inner application passes on as it is; what a client put there is gone."""

    def __init__(self, app: App, secret: bytes, *, most_body: int = MOST_BODY) -> None:
        self.app, self.secret, self.most_body = app, secret, most_body

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        environ.pop(KEY, None)
        request = at_hand()
        if request is not None:
            try:
                body = whole_body(environ, self.most_body)
            except BodyTooLong:
                return answer(start_response, "413 Content Too Large", b"413 too long to sign\n")
            environ[KEY] = sign(request, environ["REQUEST_METHOD"], path_of(environ), body, self.secret, utc_us())
        return self.app(environ, start_response)


class BackWSGI:
    """Lets through what the front end signed, and makes its sender the one at hand; everything else is answered 403."""

    def __init__(
        self,
        app: App,
        secrets: Sequence[bytes],
        *,
        replays: Replays | None = None,
        reads_pass: frozenset[str] = frozenset(),
        most_body: int = MOST_BODY,
        clock: Callable[[], int] = utc_us,
    ) -> None:
        self.app, self.secrets, self.replays = app, tuple(secrets), replays or MemoryReplays()
        self.reads_pass, self.most_body, self.clock = reads_pass, most_body, clock

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        found: Captured | None = None
        method = environ["REQUEST_METHOD"]
        if method not in self.reads_pass:
            try:
                body = whole_body(environ, self.most_body)
                told = [environ[KEY]] if KEY in environ else []  # a repeated header arrives as one text, which no secret signed
                found = verify(told, method, path_of(environ), body, self.secrets, self.replays, self.clock())
            except NotHandedOver as no:
                return answer(start_response, "403 Forbidden", f"403 {no}\n".encode())
            except BodyTooLong:
                return answer(start_response, "413 Content Too Large", b"413 too long to verify\n")
        return inside(Now(Life(), found), self.app, environ, start_response)


def path_of(environ: Environ) -> str:
    """The path as it stood on the request line, with its query."""
    said = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if said:
        parts = urlsplit(str(said))
        return parts.path + (f"?{parts.query}" if parts.query else "")
    path = str(environ.get("SCRIPT_NAME", "")) + str(environ.get("PATH_INFO", ""))
    query = str(environ.get("QUERY_STRING", ""))
    return quote(path.encode("latin-1"), safe="/:@!$&'()*+,;=~-._") + (f"?{query}" if query else "")


def whole_body(environ: Environ, most: int) -> bytes:
    """The body, left to be read once more. Raises BodyTooLong, also for a body whose length nobody said."""
    length = str(environ.get("CONTENT_LENGTH") or "0")
    if not (length.isascii() and length.isdigit()) or int(length) > most or "HTTP_TRANSFER_ENCODING" in environ:
        raise BodyTooLong
    body: bytes = environ["wsgi.input"].read(int(length)) if int(length) else b""
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def answer(start_response: Start, status: str, body: bytes) -> list[bytes]:
    start_response(status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))])
    return [body]
