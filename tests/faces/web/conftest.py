"""A console before the recorded desk: in the same thread for most tests, behind a real socket for those with a browser."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import uvicorn
from starlette.testclient import TestClient

from sekisho.faces.web import Settings, create_app
from tests.conftest import need
from tests.faces.web.recorded_desk import RecordedDesk

NOW = datetime(2026, 11, 21, 3, 0, 12, tzinfo=UTC)
TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


@pytest.fixture
def desk() -> RecordedDesk:
    return RecordedDesk()


@pytest.fixture
def settings() -> Settings:
    return Settings(demo=True, clock=lambda: NOW)


@pytest.fixture
def client(desk: RecordedDesk, settings: Settings) -> TestClient:
    return TestClient(create_app(desk, settings), base_url="http://localhost:8080", headers={"accept-language": "en"})


@pytest.fixture
def post(client: TestClient) -> Callable[..., Any]:
    """Send a form as a page would: with the token of this session."""

    def send(path: str, data: dict[str, str] | None = None, **more: Any) -> Any:
        found = TOKEN.search(client.get("/line").text)
        assert found
        return client.post(path, data={"csrf": found.group(1), **(data or {})}, **more)

    return send


@pytest.fixture
def become(desk: RecordedDesk, post: Callable[..., Any]) -> Callable[[str], None]:
    """Act as the n-th person of the demo with this role."""

    def act(role: str, place: int = 0) -> None:
        person = [p for p in desk.answers["people"] if role in p["roles"]][place]
        assert post("/act-as", {"person": person["id"]}, follow_redirects=False).status_code == 303

    return act


@contextmanager
def serving(desk: RecordedDesk, settings: Settings, listener: socket.socket) -> Iterator[str]:
    """The console on a loopback port, in a thread of ours that ends with the test."""
    config = uvicorn.Config(create_app(desk, settings), log_level="warning", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield settings.origin
    finally:
        server.should_exit = True
        thread.join(10)


def loopback() -> tuple[socket.socket, str]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    return listener, f"http://localhost:{listener.getsockname()[1]}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium, once per file: while it is there its event loop runs in this thread, and no other test could start one."""
    need("chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        # A browser asks `localhost` by IPv6 first, where a stranger may have the same port.
        chosen = ["--no-sandbox", "--host-resolver-rules=MAP localhost 127.0.0.1"]
        chromium = play.chromium.launch(executable_path="/usr/bin/chromium", args=chosen)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def demo_origin() -> Iterator[str]:
    listener, origin = loopback()
    with serving(RecordedDesk(origin=origin), Settings(demo=True, origin=origin, clock=lambda: NOW), listener) as where:
        yield where
