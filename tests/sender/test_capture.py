"""Inside a captured request there is one sender, in every thread and task it started; outside there is none, and that is an error."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import pytest

from sekisho_sender.asgi import SenderASGI
from sekisho_sender.capture import ALERTS_A_MINUTE, Captured, Desk, captured, current, opt_in
from sekisho_sender.record import Sender, SubjectKind, address, read
from sekisho_sender.record import canonical as spelled
from sekisho_sender.trust import Peer, Reading, Trust
from sekisho_sender.wsgi import SenderWSGI

TRUST = Trust((Peer("unix", Reading.FORWARDED, request_id="X-Request-Id"),))
FORWARDED = (b"forwarded", b'for="203.0.113.9:51234";by="192.0.2.33:443"')
SOURCE = address("203.0.113.9", 51234)
Kept = list[Captured | None]


def scope(method: str = "POST", path: str = "/posts", *headers: tuple[bytes, bytes], client: object = None) -> dict[str, Any]:
    server = ("192.0.2.33", 443) if client else None
    return {
        "type": "http",
        "method": method,
        "path": path,
        "http_version": "1.1",
        "headers": list(headers),
        "client": client,
        "server": server,
    }


async def nothing() -> dict[str, Any]:
    return {"type": "http.request"}


def run(told: dict[str, Any], app: Callable[..., Awaitable[None]], desk: Desk | None = None, **also: Any) -> list[Any]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def whole() -> None:
        await SenderASGI(app, TRUST, desk=desk, **also)(told, also.get("receive", nothing), send)
        with pytest.raises(LookupError):
            current()

    asyncio.run(whole())
    return sent


def keeping(kept: Kept) -> Callable[..., Awaitable[None]]:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        try:
            kept.append(captured())
        except LookupError:
            kept.append(None)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    return app


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_write_is_captured_at_its_start(method: str) -> None:
    kept: Kept = []
    run(scope(method, "/posts", FORWARDED), keeping(kept), Desk(TRUST, clock=lambda: 1_795_000_000_000_001))
    (found,) = kept
    assert found is not None
    assert (found.sender.source, found.sender.destination, found.sender.seen_us) == (
        SOURCE,
        address("192.0.2.33", 443),
        1_795_000_000_000_001,
    )


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "QUERY"])
def test_a_read_is_not_captured_unless_its_path_or_its_route_asks(method: str) -> None:
    desk = Desk(TRUST)
    kept: Kept = []
    run(scope(method, "/posts", FORWARDED), keeping(kept), desk)
    assert kept == [None]
    assert desk.counters["captured"] == 0
    run(scope(method, "/auth/callback", FORWARDED), keeping(kept), desk, also=("/login", "/auth/*"))
    assert kept[1] is not None

    async def route(_scope: Any, _receive: Any, _send: Any) -> None:
        kept.append(opt_in())
        assert opt_in() is kept[-1]
        assert current() == kept[-1].sender  # type: ignore[union-attr] # just kept

    run(scope(method, "/posts", FORWARDED), route, Desk(TRUST, clock=lambda: 7))
    assert kept[2] is not None
    assert (kept[2].sender.source, kept[2].sender.seen_us) == (SOURCE, 7)


def test_outside_of_a_request_nobody_is_named_and_nobody_can_opt_in() -> None:
    for ask in (current, captured, opt_in):
        with pytest.raises(LookupError, match="no sender"):
            ask()


def test_tasks_and_worker_threads_of_a_request_know_its_sender_and_a_thread_of_its_own_does_not() -> None:
    seen: dict[str, Any] = {}

    async def app(_scope: Any, _receive: Any, _send: Any) -> None:
        seen["task"] = await asyncio.create_task(asyncio.sleep(0, None)) or current()
        seen["to_thread"] = await asyncio.to_thread(current)

        def alone() -> None:
            try:
                seen["thread"] = current()
            except LookupError:
                seen["thread"] = None

        thread = threading.Thread(target=alone)
        thread.start()
        thread.join()

    run(scope("POST", "/", FORWARDED), app)
    assert seen["task"].source == seen["to_thread"].source == SOURCE
    assert seen["thread"] is None


def test_two_requests_at_once_each_have_their_own_sender() -> None:
    found: dict[int, str] = {}

    async def app(told: Any, _receive: Any, _send: Any) -> None:
        for _ in range(5):
            await asyncio.sleep(0)
            found[told["number"]] = str(current().source)

    async def both() -> None:
        shim = SenderASGI(app, TRUST)
        calls = (
            shim({**scope("POST", "/", (b"forwarded", b'for="203.0.113.9:%d"' % n)), "number": n}, nothing, nothing) for n in range(1, 9)
        )  # type: ignore[arg-type] # nothing is sent
        await asyncio.gather(*calls)

    asyncio.run(both())
    assert found == {n: f"203.0.113.9:{n}" for n in range(1, 9)}


def test_each_message_of_a_websocket_has_its_own_time_and_the_senders_address() -> None:
    clock = iter([10, 20, 30])
    messages = iter([{"type": "websocket.connect"}, {"type": "websocket.receive"}, {"type": "websocket.receive"}])
    seen: list[Sender] = []

    async def receive() -> Any:
        return next(messages)

    async def app(_scope: Any, receive: Any, _send: Any) -> None:
        for _ in range(3):
            await receive()
            seen.append(current())

    async def whole() -> None:
        shim = SenderASGI(app, TRUST, desk=Desk(TRUST, clock=lambda: next(clock)))
        await shim({**scope("GET", "/", FORWARDED), "type": "websocket"}, receive, nothing)  # type: ignore[arg-type] # nothing is sent

    asyncio.run(whole())
    assert [s.seen_us for s in seen] == [10, 20, 30]
    assert {s.source for s in seen} == {SOURCE}


def test_the_request_id_is_the_trusted_peers_and_otherwise_our_own() -> None:
    kept: Kept = []
    edge = (b"x-request-id", b"0123456789abcdef0123456789abcdef")
    (start,) = run(scope("POST", "/", FORWARDED, edge), keeping(kept))
    assert start["headers"] == [edge]
    strange: list[tuple[tuple[bytes, bytes], ...]] = [
        (),
        (edge, edge),
        ((b"x-request-id", b"a b c d e f g"),),
        ((b"x-request-id", b"x" * 65),),
    ]
    for headers in strange:
        run(scope("POST", "/", FORWARDED, *headers), keeping(kept))
    run(scope("POST", "/", edge, client=("203.0.113.9", 51234)), keeping(kept))
    ids = [found.request_id for found in kept if found]
    assert ids[0] == edge[1].decode()
    assert len(set(ids)) == 6
    assert all(len(one) == 32 for one in ids)
    assert all(hop.header != "x-request-id" for found in kept if found for hop in found.sender.chain)


def test_an_application_that_answers_with_an_id_of_its_own_keeps_it() -> None:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"X-Request-ID", b"mine")]})

    assert run(scope("POST", "/", FORWARDED), app)[0]["headers"] == [(b"X-Request-ID", b"mine")]


def test_a_record_is_made_of_the_captured_request() -> None:
    kept: Kept = []
    run(scope("POST", "/", (b"user-agent", b"Mozilla/5.0 \xe9"), client=("203.0.113.9", 51234)), keeping(kept))
    assert kept[0] is not None
    record = kept[0].record(SubjectKind.POST, "post-7", account="a-1", clock_offset_us=-12, host="web-1")
    assert (record.subject, record.account, record.http, record.transport, record.user_agent) == (
        "post-7",
        "a-1",
        "1.1",
        "tcp",
        "Mozilla/5.0 é",
    )
    assert record.sender.source == SOURCE
    assert read(spelled(record)) == record
    assert kept[0].record(SubjectKind.POST, "post-7").id != record.id


def test_a_tampered_header_is_told_once_with_a_code_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    """The log names no address: it is not kept as the records are. Ten lines a minute are enough for whoever has to look."""
    told: list[Sender] = []
    forged = scope("POST", "/", (b"forwarded", b'for="203.0.113.9:51234";host="x";for="6.6.6.6:1"'))
    run(forged, keeping([]), Desk(TRUST, alert=told.append))
    assert [sender.tampered for sender in told] == [True]
    desk = Desk(TRUST, clock=lambda: 60_000_000)
    for _ in range(ALERTS_A_MINUTE + 5):
        run(forged, keeping([]), desk)
    assert desk.counters == {"captured": 15, "empty": 15, "tampered": 15}
    assert len(caplog.records) == ALERTS_A_MINUTE
    assert "repeated" in caplog.text
    assert "6.6.6.6" not in caplog.text


def test_a_lifespan_passes_through_untouched() -> None:
    seen: list[Any] = []

    async def app(told: Any, receive: Any, send: Any) -> None:
        seen.append((told, receive, send))

    told = {"type": "lifespan"}
    run(told, app)
    assert seen[0][0] is told


def environ(method: str = "POST", **also: Any) -> dict[str, Any]:
    return {"REQUEST_METHOD": method, "PATH_INFO": "/posts", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "", **also}


TOLD = {"HTTP_FORWARDED": 'for="203.0.113.9:51234";by="192.0.2.33:443"', "HTTP_X_REQUEST_ID": "0123456789abcdef"}


def call(app: Callable[..., Iterable[bytes]], told: dict[str, Any], **also: Any) -> tuple[list[Any], list[bytes]]:
    started: list[Any] = []
    body = SenderWSGI(app, TRUST, **also)(told, lambda *words: started.append(words))
    parts = list(body)
    if hasattr(body, "close"):
        body.close()
    return started, parts


def test_a_wsgi_write_is_captured_until_its_answer_is_out() -> None:
    def app(_environ: Any, start: Any) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "text/plain")])
        yield str(current().source).encode()
        yield captured().request_id.encode()

    started, parts = call(app, environ(**TOLD))
    assert parts == [b"203.0.113.9:51234", b"0123456789abcdef"]
    assert started == [("200 OK", [("Content-Type", "text/plain"), ("X-Request-Id", "0123456789abcdef")])]
    with pytest.raises(LookupError):
        current()


def test_a_wsgi_read_is_captured_only_when_asked_and_no_thread_keeps_the_last_sender() -> None:
    def app(_environ: Any, start: Any) -> Iterable[bytes]:
        start("200 OK", [])
        with pytest.raises(LookupError):
            current()
        return [str(opt_in().sender.source).encode()]

    assert call(app, environ("GET", **TOLD))[1] == [b"203.0.113.9:51234"]
    with pytest.raises(LookupError):
        current()

    def failing(_environ: Any, _start: Any) -> Iterable[bytes]:
        raise RuntimeError("the application failed")

    with pytest.raises(RuntimeError):
        SenderWSGI(failing, TRUST)(environ(**TOLD), lambda *_: None)
    with pytest.raises(LookupError):
        current()


@pytest.mark.parametrize("value", ["for=6.6.6.6,for=203.0.113.9", "for=6.6.6.6, for=203.0.113.9"])
def test_a_repeated_header_that_a_wsgi_server_joined_is_tampered_with(value: str) -> None:
    """`X_Name` and `X-Name` are one key of the environ."""
    seen: list[Sender] = []

    def app(_environ: Any, _start: Any) -> Iterable[bytes]:
        seen.append(current())
        return []

    call(app, environ(HTTP_FORWARDED=value))
    assert (seen[0].source, seen[0].tampered) == (None, True)
