"""A pure WSGI class around any application: Flask, Django, Bottle. It stands outermost, where the server's words are still as they came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sekisho_sender.capture import Captured, Desk, Pending, Scope, set_now
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
            set_now(Pending(lambda: self.capture(environ, seen)))
            return self._run(environ, start_response)
        captured = self.capture(environ, seen)
        set_now(captured)

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            if not any(name.lower() == "x-request-id" for name, _ in headers):
                headers = [*headers, ("X-Request-Id", captured.request_id)]
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        return self._run(environ, start)

    def _run(self, environ: Environ, start: Start) -> Iterable[bytes]:
        try:
            return Body(self.app(environ, start))
        except BaseException:
            set_now(None)
            raise

    def capture(self, environ: Environ, seen: int) -> Captured:
        headers = {name: [environ[key]] for key, name in self._keys.items() if key in environ}
        http = str(environ.get("SERVER_PROTOCOL", "")).removeprefix("HTTP/")
        return self.desk.capture(of_environ(environ), headers, seen, http, str(environ.get("HTTP_USER_AGENT", "")))


class Body:
    """The application's answer. When the server is done with it, this thread names nobody any more: it will answer others."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self.parts = parts

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.parts)

    def close(self) -> None:
        try:
            if hasattr(self.parts, "close"):
                self.parts.close()
        finally:
            set_now(None)
