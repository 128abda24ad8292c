"""A pure WSGI class around any application: Flask, Django, Bottle. It stands outermost, where the server's words are still as they came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sekisho_sender.capture import Captured, Desk, Life, Now, Scope, swap
from sekisho_sender.connection import of_environ
from sekisho_sender.trust import Trust

Environ = dict[str, Any]
Start = Callable[..., Any]
App = Callable[[Environ, Start], Iterable[bytes]]


class SenderWSGI:
    """`app.wsgi_app = SenderWSGI(app.wsgi_app, TRUST)`. Inside a captured request `capture.current()` names the sender.

    A WSGI server hands over repeated headers as one text, and some of them `X_Name` as `X-Name`: both are more than one value then, and
    such a header is tampered with. also: paths captured whatever their method.
    """

    def __init__(self, app: App, trust: Trust, *, also: tuple[str, ...] = (), desk: Desk | None = None) -> None:
        self.app = app
        self.scope = Scope(also=also)
        self.desk = desk or Desk(trust)
        self._keys = {f"HTTP_{name.upper().replace('-', '_')}": name for name in self.desk.trust.names.values()}

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        seen = self.desk.clock()
        if not self.scope.holds(environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")):
            return inside(Now(Life(), None, lambda: self.capture(environ, seen)), self.app, environ, start_response)
        captured = self.capture(environ, seen)

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            if not any(name.lower() == "x-request-id" for name, _ in headers):
                headers = [*headers, ("X-Request-Id", captured.request_id)]
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        return inside(Now(Life(), captured), self.app, environ, start)

    def capture(self, environ: Environ, seen: int) -> Captured:
        headers = {name: [environ[key]] for key, name in self._keys.items() if key in environ}
        http = str(environ.get("SERVER_PROTOCOL", "")).removeprefix("HTTP/")
        return self.desk.capture(of_environ(environ), headers, seen, http, str(environ.get("HTTP_USER_AGENT", "")))


def inside(now: Now, app: App, environ: Environ, start: Start) -> Iterable[bytes]:
    """The answer of the application. Only while it, or a part of its answer, is being computed does the thread name anybody: whether or not
    the server reads an answer to its end, and however it takes turns with others."""
    before = swap(now)
    try:
        parts = app(environ, start)
    except BaseException:
        now.life.over = True
        raise
    finally:
        swap(before)
    if type(parts) in (list, tuple):
        now.life.over = True
        return parts
    return Body(parts, now)


class Body:
    """An answer that is computed as it is read. When the server is done with it the request is over."""

    def __init__(self, parts: Iterable[bytes], now: Now) -> None:
        self.parts, self.now = parts, now
        self.iterator: Iterator[bytes] | None = None

    def __iter__(self) -> Body:
        return self

    def __next__(self) -> bytes:
        before = swap(self.now)
        try:
            if self.iterator is None:
                self.iterator = iter(self.parts)
            return next(self.iterator)
        finally:
            swap(before)

    def close(self) -> None:
        before = swap(self.now)
        try:
            if hasattr(self.parts, "close"):
                self.parts.close()
        finally:
            self.now.life.over = True
            swap(before)
