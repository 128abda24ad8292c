"""A pure ASGI class around any application: Starlette, FastAPI, Litestar, Django. It stands outermost, before anything that waits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from sekisho_sender.capture import Captured, Desk, Life, Now, Scope, swap
from sekisho_sender.connection import of_scope
from sekisho_sender.trust import Trust

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
ANSWER = b"x-request-id"


class SenderASGI:
    """`app = SenderASGI(app, TRUST)`. Inside a captured request `capture.current()` names the sender.

    also: paths captured whatever their method. alert: told every tampered sender. The answer of a captured request carries X-Request-Id.
    """

    def __init__(self, app: App, trust: Trust, *, also: tuple[str, ...] = (), desk: Desk | None = None) -> None:
        self.app = app
        self.scope = Scope(also=also)
        self.desk = desk or Desk(trust)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        life = Life()
        try:
            await self._around(scope, receive, send, life)
        finally:
            life.over = True
            swap(None)  # some servers answer a connection's next request, and their own work, in the same task

    async def _around(self, scope: Message, receive: Receive, send: Send, life: Life) -> None:
        seen, kind = self.desk.clock(), scope["type"]
        if kind == "http" and not self.scope.holds(scope["method"], scope["path"]):
            swap(Now(life, None, lambda: self.capture(scope, receive, seen)))
            await self.app(scope, receive, send)
            return
        captured = self.capture(scope, receive, seen)
        swap(Now(life, captured))
        if kind == "http":
            await self.app(scope, receive, answering(captured, send))
        else:
            await self.app(scope, self._timed(captured, receive, life), send)

    def capture(self, scope: Message, receive: Receive, seen: int) -> Captured:
        names = self.desk.trust.names
        headers: dict[str, list[str]] = {}
        agent = ""
        for raw, value in scope["headers"]:
            name = raw.lower()
            if name in names:
                headers.setdefault(names[name], []).append(value.decode("latin-1"))
            elif name == b"user-agent":
                agent = value.decode("latin-1")
        return self.desk.capture(of_scope(scope, receive), headers, seen, scope.get("http_version", ""), agent)

    def _timed(self, captured: Captured, receive: Receive, life: Life) -> Receive:
        """A WebSocket lives long: each message it brings has its own time, by the same sender."""

        async def timed() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive":
                swap(Now(life, captured.at(self.desk.clock())))
            return message

        return timed


def answering(captured: Captured, send: Send) -> Send:
    """The answer says the request's id, unless the application has said one."""

    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            if not any(name.lower() == ANSWER for name, _ in headers):
                message = {**message, "headers": [*headers, (ANSWER, captured.request_id.encode("ascii"))]}
        await send(message)

    return answer
