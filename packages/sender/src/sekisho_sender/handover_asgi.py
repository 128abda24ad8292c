"""Both sides of the signed header as ASGI classes.

    front end:  app = SenderASGI(FrontASGI(forwarder, SECRET), TRUST)     the forwarder passes the request on, with our header
    back end:   app = BackASGI(app, (SECRET,))                            nothing without the header reaches the application

A front end that makes requests of its own takes `outgoing(method, path, body, SECRET)` along instead.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

from sekisho_sender.at_hand import Refused, Why, at_hand
from sekisho_sender.capture import Life, Now, swap, utc_us
from sekisho_sender.handover import HEADER, MemoryReplays, NotHandedOver, Replays, sign, verify

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
MOST_BODY = 10 * 1024 * 1024
NAME = HEADER.encode()


class BodyTooLong(Exception):
    """A body that is signed is held in memory first."""


def outgoing(method: str, path: str, body: bytes, secret: bytes) -> dict[str, str]:
    """The header for a request that the front end makes for the request at hand. Raises Refused outside of one."""
    request = at_hand()
    if request is None:
        raise Refused(Why.NO_REQUEST, f"{method} {path}: no request is at hand, so there is no sender to hand over")
    return {HEADER: sign(request, method, path, body, secret, utc_us())}


class FrontASGI:
    """Adds our header to a request that the inner application passes on as it is; what a client put there is gone.
    Requests that are not captured (reads) pass without one. most_body: bytes; more is answered 413."""

    def __init__(self, app: App, secret: bytes, *, most_body: int = MOST_BODY) -> None:
        self.app, self.secret, self.most_body = app, secret, most_body

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = [(name, value) for name, value in scope["headers"] if name.lower() != NAME]
        request = at_hand()
        if request is not None:
            try:
                body, receive = await whole_body(receive, self.most_body)
            except BodyTooLong:
                await answer(send, 413, b"413 too long to sign\n")
                return
            told = sign(request, scope["method"], path_of(scope), body, self.secret, utc_us())
            headers.append((NAME, told.encode("ascii")))
        await self.app({**scope, "headers": headers}, receive, send)


class BackASGI:
    """Lets through what the front end signed, and makes its sender the one at hand; everything else is answered 403 with the number of the
    check that failed. secrets: the living one, then those being retired. replays: `FileReplays` when several workers answer.
    reads_pass: methods that need no header. WebSockets are refused: their messages carry no signature."""

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

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        life = Life()
        swap(None)
        try:
            if scope["method"] not in self.reads_pass:
                receive = await self._take(scope, receive, life)
            await self.app(scope, receive, send)
        except NotHandedOver as no:
            await answer(send, 403, f"403 {no}\n".encode())
        except BodyTooLong:
            await answer(send, 413, b"413 too long to verify\n")
        finally:
            life.over = True
            swap(None)

    async def _take(self, scope: Message, receive: Receive, life: Life) -> Receive:
        body, again = await whole_body(receive, self.most_body)
        told = [value.decode("latin-1") for name, value in scope["headers"] if name.lower() == NAME]
        swap(Now(life, verify(told, scope["method"], path_of(scope), body, self.secrets, self.replays, self.clock())))
        return again


def path_of(scope: Message) -> str:
    """The path as it stood on the request line, with its query."""
    raw = scope.get("raw_path") or scope["path"].encode()
    query = scope.get("query_string", b"")
    return str((raw.partition(b"?")[0] + (b"?" + query if query else b"")).decode("latin-1"))


async def whole_body(receive: Receive, most: int) -> tuple[bytes, Receive]:
    """The body, and a `receive` that gives it once more. Raises BodyTooLong."""
    parts: list[bytes] = []
    more, size = True, 0
    while more:
        message = await receive()
        if message["type"] != "http.request":
            break
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
        if size > most:
            raise BodyTooLong
    body = b"".join(parts)
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return body, again


async def answer(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
