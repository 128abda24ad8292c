"""The front end of the split chat: people reach it, it knows who they are, and it passes their requests on with the signed header."""

from __future__ import annotations

import asyncio
import http.client
import os
from pathlib import Path

from examples.services.demo_home import Home
from sekisho_sender.asgi import App, Message, Receive, Send, SenderASGI
from sekisho_sender.handover_asgi import FrontASGI, path_of, whole_body
from sekisho_sender.trust import Trust

HANDED_ON = (b"content-type", b"cookie", b"sekisho-sender")
HANDED_BACK = ("content-type", "location", "set-cookie")
MOST = 1024 * 1024


class Forwarder:
    """Passes each request to the back end, and its answer back. It hands on few headers, and none that speaks of a sender."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body, _ = await whole_body(receive, MOST)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"] if name.lower() in HANDED_ON}
        status, given, text = await asyncio.to_thread(self.ask, scope["method"], path_of(scope), body, headers)
        await send({"type": "http.response.start", "status": status, "headers": given})
        await send({"type": "http.response.body", "body": text})

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            kept = [(n.lower().encode(), v.encode("latin-1")) for n, v in answer.getheaders() if n.lower() in HANDED_BACK]
            return answer.status, kept, answer.read()
        finally:
            connection.close()


def front(secret: bytes, port: int, trust: Trust | None = None) -> App:
    """port: where the back end listens on this machine."""
    return SenderASGI(FrontASGI(Forwarder("127.0.0.1", port), secret), trust or Trust())


def served() -> App:
    """For `uvicorn --factory`."""
    return front(Home(Path(os.environ["CHAT_HOME"])).secret("handover.secret"), int(os.environ["CHAT_BACK_PORT"]))
