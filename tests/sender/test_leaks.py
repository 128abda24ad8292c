"""Nobody's request is taken for somebody else's: not by a task that outlives it, not on a thread that answers others, not half-answered.

A record that names the wrong person is worse than none. Where the request is over, the post is refused, and who needs it later says so.
"""

from __future__ import annotations

import asyncio
import contextvars
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request, stream_with_context
from sqlalchemy import MetaData, Table, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from waitress import create_server

from sekisho_sender.asgi import SenderASGI
from sekisho_sender.at_hand import Refused, Why, at_hand
from sekisho_sender.capture import Captured, captured, carried, opt_in
from sekisho_sender.handover_asgi import outgoing
from sekisho_sender.handover_wsgi import BackWSGI
from sekisho_sender.keeping import Keeper
from sekisho_sender.sqlalchemy import Keep, keep_senders, record_table, watch_foreign_keys
from sekisho_sender.trust import Trust
from sekisho_sender.wsgi import SenderWSGI
from tests.sender.keys import SECRET, request_at, telling


def port() -> int | None:
    """By the port a test tells its people apart."""
    found = at_hand()
    return None if found is None or found.sender.source is None else found.sender.source.port


# ASGI


def ask(app: Any, person: int, method: str = "POST") -> Any:
    """One request of this person, to its end."""
    scope = {"type": "http", "method": method, "path": "/", "http_version": "1.1", "headers": [], "client": ("203.0.113.9", person)}
    scope |= {"server": ("198.51.100.7", 443), "query_string": b"", "root_path": "", "scheme": "http"}
    body = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Any:
        return body.pop() if body else await asyncio.Event().wait()

    async def send(_message: Any) -> None:
        return None

    return SenderASGI(app, Trust())(scope, receive, send)


def test_a_worker_that_was_started_in_somebodys_request_does_not_write_in_their_name_for_ever() -> None:
    """The queue's consumer is started by the first visitor; it inherits their context, and stores what all the others send."""
    seen: list[int | None] = []

    async def whole() -> None:
        queue: asyncio.Queue[str] = asyncio.Queue()
        workers: list[asyncio.Task[None]] = []

        async def consume() -> None:
            while True:
                await queue.get()
                seen.append(port())

        async def app(_scope: Any, _receive: Any, _send: Any) -> None:
            if not workers:
                workers.append(asyncio.create_task(consume()))
            queue.put_nowait("a post")
            await asyncio.sleep(0)

        for person in (1001, 1002, 1003):
            await ask(app, person)
            await asyncio.sleep(0)
        workers[0].cancel()

    asyncio.run(whole())
    assert seen == [1001, None, None]


def test_a_job_after_the_request_stores_in_the_name_of_whom_it_was_given_and_of_nobody_else() -> None:
    seen: list[int | None] = []

    async def whole() -> None:
        jobs: list[asyncio.Task[None]] = []

        async def job(whose: Captured) -> None:
            await asyncio.sleep(0.01)
            seen.append(port())
            with carried(whose):
                seen.append(port())
                await asyncio.sleep(0.01)
                seen.append(port())
            seen.append(port())

        async def app(_scope: Any, _receive: Any, _send: Any) -> None:
            jobs.append(asyncio.create_task(job(captured())))

        await asyncio.gather(ask(app, 1001), ask(app, 1002))
        await asyncio.gather(*jobs)

    asyncio.run(whole())
    assert sorted(seen, key=str) == sorted([None, None, 1001, 1001, None, None, 1002, 1002], key=str)


def test_a_context_that_was_copied_in_a_request_knows_its_sender_until_the_request_is_over() -> None:
    with telling(request_at()):
        copy = contextvars.copy_context()
        assert copy.run(port) == 51234
    assert copy.run(port) is None
    with pytest.raises(LookupError, match="over"):
        copy.run(captured)
    with pytest.raises(LookupError):
        copy.run(opt_in)


def test_background_tasks_streams_and_the_thread_pool_of_a_request_know_its_sender_and_the_pool_keeps_nobody() -> None:
    seen: dict[str, Any] = {}

    def sync(_request: Request) -> Response:
        seen["pool"] = port()
        seen["thread"] = threading.get_ident()
        return PlainTextResponse("a", background=BackgroundTask(lambda: seen.update(background=port())))

    async def stream(_request: Request) -> Response:
        def parts() -> Iterator[bytes]:
            for _ in range(3):
                yield str(port()).encode() + b" "

        return StreamingResponse(parts())

    def read(_request: Request) -> Response:
        seen["read"] = (port(), threading.get_ident() == seen["thread"])
        return PlainTextResponse("a")

    app = Starlette(routes=[Route("/", sync, methods=["POST"]), Route("/s", stream, methods=["POST"]), Route("/r", read)])
    with TestClient(SenderASGI(app, Trust()), client=("203.0.113.9", 1001)) as client:
        client.post("/")
        assert client.post("/s").text == "1001 1001 1001 "
        client.get("/r")
    assert (seen["pool"], seen["background"], seen["read"][0]) == (1001, 1001, None)


def test_a_read_that_opts_in_from_the_thread_pool_has_opted_in_for_the_whole_request() -> None:
    seen: list[int | None] = []

    async def app(_scope: Any, _receive: Any, _send: Any) -> None:
        seen.append(port())
        await asyncio.to_thread(opt_in)
        seen.append(port())

    asyncio.run(ask(app, 1001, "GET"))
    assert seen == [None, 1001]


def test_messages_of_one_websocket_that_are_handled_at_once_keep_their_own_times() -> None:
    clock, seen = iter([10, 20, 30]), []
    messages = iter([{"type": "websocket.receive"}, {"type": "websocket.receive"}])

    async def receive() -> Any:
        return next(messages)

    async def app(_scope: Any, receive: Any, _send: Any) -> None:
        async def handle() -> None:
            await asyncio.sleep(0.01)
            seen.append(captured().sender.seen_us)

        tasks = []
        for _ in range(2):
            await receive()
            tasks.append(asyncio.create_task(handle()))
        await asyncio.gather(*tasks)

    async def send(_message: Any) -> None:
        return None

    scope: dict[str, Any] = {"type": "websocket", "path": "/", "headers": [], "client": ("203.0.113.9", 1001), "server": None}
    shim = SenderASGI(app, Trust())
    shim.desk.clock = lambda: next(clock)
    asyncio.run(shim(scope, receive, send))
    assert seen == [20, 30]


# WSGI


def environ(person: int, method: str = "POST", **more: str) -> dict[str, Any]:
    told = {"REQUEST_METHOD": method, "PATH_INFO": "/posts", "SERVER_PROTOCOL": "HTTP/1.1", "CONTENT_LENGTH": "0"}
    return {**told, "REMOTE_ADDR": "203.0.113.9", "REMOTE_PORT": str(person), **more}


def streaming(_environ: Any, start: Any) -> Iterable[bytes]:
    start("200 OK", [])
    for _ in range(3):
        yield str(port()).encode()


def listing(_environ: Any, start: Any) -> Iterable[bytes]:
    start("200 OK", [])
    return [str(port()).encode()]


def handed_over(person: int) -> dict[str, Any]:
    with telling(request_at(port=person)):
        (header,) = outgoing("POST", "/posts", b"", SECRET).values()
    return environ(1, HTTP_SEKISHO_SENDER=header)


WSGI: dict[str, tuple[Callable[[Any], Any], Callable[[int], dict[str, Any]]]] = {
    "socket": (lambda app: SenderWSGI(app, Trust()), environ),
    "back": (lambda app: BackWSGI(app, (SECRET,), clock=lambda: request_at().sender.seen_us), handed_over),
}


@pytest.mark.parametrize("way", WSGI)
def test_two_answers_that_a_server_writes_in_turns_on_one_thread_each_have_their_own_sender(way: str, monkeypatch: Any) -> None:
    monkeypatch.setattr("sekisho_sender.handover_asgi.utc_us", lambda: request_at().sender.seen_us)
    make, told = WSGI[way]
    app = make(streaming)
    one, two = (app(told(person), lambda *_: None) for person in (1001, 1002))
    parts = [next(answer) for answers in zip([iter(one)] * 3, [iter(two)] * 3, strict=True) for answer in answers]
    assert parts == [b"1001", b"1002"] * 3
    assert port() is None
    one.close()
    assert [next(iter(two), None), port()] == [None, None]
    two.close()


@pytest.mark.parametrize("app", [streaming, listing])
def test_an_answer_that_the_server_never_finishes_leaves_nobody_on_its_thread(app: Any) -> None:
    answer = SenderWSGI(app, Trust())(environ(1001), lambda *_: None)
    assert next(iter(answer)) == b"1001"
    assert port() is None


def test_flask_streams_under_the_class_as_it_does_without_it_also_in_a_test_that_keeps_its_context() -> None:
    """What else a framework carries in the context stays where it put it."""
    app = Flask(__name__)

    @app.post("/stream")
    def stream() -> Any:
        return app.response_class(stream_with_context(part for part in (request.path, " ", str(port()))))

    app.wsgi_app = SenderWSGI(app.wsgi_app, Trust())  # type: ignore[method-assign] - as Flask's manual writes it
    with app.test_client() as client:
        answer = client.post("/stream", environ_base={"REMOTE_ADDR": "203.0.113.9", "REMOTE_PORT": "1001"})
        assert answer.text == "/stream 1001"
        assert request.path == "/stream"
        answer.close()
    assert port() is None


def test_what_an_application_does_when_its_answer_is_closed_is_still_of_its_request() -> None:
    seen: list[int | None] = []

    class Answer:
        def __iter__(self) -> Iterator[bytes]:
            seen.append(port())
            return iter([b"a"])

        def close(self) -> None:
            seen.append(port())

    answer: Any = SenderWSGI(lambda _environ, _start: Answer(), Trust())(environ(1001), lambda *_: None)
    assert list(answer) == [b"a"]
    answer.close()
    answer.close()
    assert seen[:2] == [1001, 1001]
    assert port() is None


def test_an_answer_in_one_piece_reaches_the_server_as_it_is() -> None:
    """A server then knows its length, and says it."""
    assert SenderWSGI(listing, Trust())(environ(1001), lambda *_: None) == [b"1001"]


@contextmanager
def waitress_of_one_thread(app: Any) -> Iterator[tuple[str, int]]:
    server: Any = create_server(app, host="127.0.0.1", port=0, threads=1, outbuf_high_watermark=100_000)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            server.asyncore.loop(timeout=0.05, map=server._map, count=1)

    runs = threading.Thread(target=serve)
    runs.start()
    try:
        yield "127.0.0.1", server.effective_port
    finally:
        server.task_dispatcher.shutdown()
        over.set()
        runs.join()
        server.close()


def test_a_thread_of_a_real_server_whose_client_went_away_in_the_middle_of_the_answer_names_nobody() -> None:
    """One thread of waitress: the answer is never read to its end, then something beside our class runs on the same thread."""
    seen: list[Any] = []

    def endless(_environ: Any, start: Any) -> Iterable[bytes]:
        start("200 OK", [])
        seen.append((port() is not None, threading.get_ident()))
        while True:
            yield b"x" * 65536

    kept = SenderWSGI(endless, Trust())

    def app(environ: Any, start: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/posts":
            return kept(environ, start)
        seen.append((port() is not None, threading.get_ident()))
        return listing(environ, start)

    with waitress_of_one_thread(app) as at:
        with socket.create_connection(at, timeout=20) as link:
            link.sendall(b"POST /posts HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
            link.recv(10)
        with socket.create_connection(at, timeout=20) as link:
            link.sendall(b"GET /beside HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            assert b"".join(iter(lambda: link.recv(65536), b"")).endswith(b"None")
    assert [told for told, _ in seen] == [True, False]
    assert len({thread for _, thread in seen}) == 1


# A unit of work that outlives its request


@pytest.fixture
def shared(tmp_path: Path, keeper: Keeper) -> Iterator[tuple[Session, type[Any], Table]]:
    """A session that nobody removes at the end of a request, as a thread's own often is."""

    class Base(DeclarativeBase):
        metadata = MetaData()

    class Post(Base):
        __tablename__ = "post"
        __table_args__ = ({"sqlite_autoincrement": True},)
        id: Mapped[int] = mapped_column(primary_key=True)
        body: Mapped[str]

    records = record_table(Base.metadata)
    keep_senders(Keep(Post), keeper=keeper, records=records)
    engine = create_engine(f"sqlite:///{tmp_path}/chat.db")
    watch_foreign_keys(engine)
    Base.metadata.create_all(engine)
    with Session(engine, autoflush=False) as session:
        yield session, Post, records
    engine.dispose()


def test_what_one_request_left_in_a_session_is_not_written_in_the_name_of_the_next(shared: tuple[Session, type[Any], Table]) -> None:
    """The first request fails after `add`, and forgets to roll back; the second commits."""
    session, post, records = shared
    with telling(replace(request_at(port=1001), request_id="first-00")):
        session.add(post(body="of the first"))
    with telling(replace(request_at(port=1002), request_id="second-0")):
        session.add(post(body="of the second"))
        with pytest.raises(Refused) as no:
            session.commit()
        session.rollback()
        assert no.value.why is Why.ANOTHER_REQUEST
        session.add(post(body="of the second"))
        session.commit()
    assert list(session.scalars(select(post.body))) == ["of the second"]
    assert len(session.execute(select(records)).all()) == 1


def test_what_was_added_outside_of_any_request_is_not_written_in_the_name_of_the_first_that_commits(
    shared: tuple[Session, type[Any], Table],
) -> None:
    session, post, _ = shared
    session.add(post(body="seeded at the start"))
    with telling(request_at()), pytest.raises(Refused, match="added outside"):
        session.commit()


def test_added_in_a_request_and_committed_in_its_job_is_still_of_that_request(shared: tuple[Session, type[Any], Table]) -> None:
    session, post, records = shared
    with telling(request_at()):
        session.add(post(body="a"))
        whose = captured()
    with carried(whose):
        session.commit()
    assert len(session.execute(select(records)).all()) == 1
