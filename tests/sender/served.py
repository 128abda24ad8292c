"""A service that answers a write with what it knows of its sender, and each server that can run it, bound to every address there is.

python -m tests.sender.served SERVER FOLDER PORT PORT6       # until it is ended; its Unix socket is FOLDER/SERVER.sock
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import threading
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sekisho_sender.asgi import SenderASGI
from sekisho_sender.capture import captured
from sekisho_sender.trust import Peer, Reading, Trust
from sekisho_sender.wsgi import SenderWSGI

EDGE_ID = "X-Request-Id"
FORWARDED_FROM, XFF_FROM, PAIR_FROM, PROXY_FROM = "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"
TRUST = Trust(
    (
        Peer(FORWARDED_FROM, Reading.FORWARDED, request_id=EDGE_ID),
        Peer(XFF_FROM, Reading.XFF_PORT, request_id=EDGE_ID),
        Peer(PAIR_FROM, Reading.PAIR, request_id=EDGE_ID),
        Peer(PROXY_FROM, Reading.PROXY_PROTOCOL),
        Peer("unix", Reading.FORWARDED, request_id=EDGE_ID),
    )
)
UNIX_SPEAKS_PROXY = Trust((Peer("unix", Reading.PROXY_PROTOCOL),))
"""Another service: its Unix socket's peer opens with the PROXY protocol, and its TCP ports have no trusted peer."""


NAMED: set[str] = set()
"""Every source this process has named, also to clients that did not wait for the answer."""


def told() -> bytes:
    try:
        found = captured()
    except LookupError:
        return b"null"
    if found.sender.source is not None:
        NAMED.add(found.sender.source.ip)
    return json.dumps({"named": sorted(NAMED), **asdict(found.sender), "request_id": found.request_id}).encode()


async def asgi_app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        await send({"type": "websocket.send", "text": told().decode()})
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": told()})


def wsgi_app(_environ: Any, start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "application/json")])
    return [told()]


asgi = SenderASGI(asgi_app, TRUST)
wsgi = SenderWSGI(wsgi_app, TRUST)


def sockets(folder: Path, name: str, port: int, port6: int) -> list[socket.socket]:
    four, six = socket.socket(socket.AF_INET), socket.socket(socket.AF_INET6)
    six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    unix = socket.socket(socket.AF_UNIX)
    for one, where in ((four, ("0.0.0.0", port)), (six, ("::", port6)), (unix, str(folder / f"{name}.sock"))):
        if one is not unix:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind(where)
        one.listen(64)
    return [four, six, unix]


def uvicorn(folder: Path, name: str, port: int, port6: int) -> None:
    from uvicorn import Config, Server

    from sekisho_sender.uvicorn_http import ProxyHttp

    own = name == "uvicorn-own"  # uvicorn as it comes: it reads X-Forwarded-For by itself
    trusted = UNIX_SPEAKS_PROXY if name == "uvicorn-unix" else TRUST

    class Http(ProxyHttp):
        trust = trusted
        wait = 0.5

    app = SenderASGI(asgi_app, trusted)
    config = Config(app, http="auto" if own else Http, proxy_headers=own, log_level="warning", access_log=False)
    Server(config).run(sockets(folder, name, port, port6))


def hypercorn(folder: Path, name: str, port: int, port6: int) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    config = Config()
    config.bind = [f"0.0.0.0:{port}", f"[::]:{port6}", f"unix:{folder / name}.sock"]
    config.accesslog = None
    asyncio.run(serve(asgi, config))  # type: ignore[arg-type] # an ASGI application


def gunicorn(folder: Path, name: str, port: int, port6: int) -> None:
    kind = name.removeprefix("gunicorn-")
    binds = (f"0.0.0.0:{port}", f"[::]:{port6}", f"unix:{folder / name}.sock")
    words = [
        "--worker-class",
        kind,
        "--proxy-protocol",
        "auto",
        "--proxy-allow-from",
        PROXY_FROM,
        "--log-level",
        "warning",
        "--no-control-socket",
    ]
    words += [word for bind in binds for word in ("--bind", bind)] + (["--threads", "2"] if kind == "gthread" else [])
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *words, f"tests.sender.served:{'asgi' if kind == 'asgi' else 'wsgi'}"])


def daphne(folder: Path, name: str, port: int, port6: int) -> None:
    ends = (f"tcp:{port}:interface=0.0.0.0", rf"tcp:{port6}:interface=\:\:", f"unix:{folder / name}.sock")
    words = [word for end in ends for word in ("-e", end)]
    os.execv(sys.executable, [sys.executable, "-m", "daphne", "-v", "0", *words, "tests.sender.served:asgi"])


def waitress(folder: Path, name: str, port: int, port6: int) -> None:
    from waitress import create_server

    own = {"trusted_proxy": FORWARDED_FROM, "trusted_proxy_headers": {"x-forwarded-for"}} if name == "waitress-own" else {}
    for one in sockets(folder, name, port, port6):
        server = create_server(wsgi, sockets=[one], map={}, threads=2, clear_untrusted_proxy_headers=bool(own), **own)
        threading.Thread(target=server.run, daemon=True).start()
    threading.Event().wait()


def granian(folder: Path, name: str, port: int, port6: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    kind = Interfaces.WSGI if name.endswith("wsgi") else Interfaces.ASGI
    which = {"address": "0.0.0.0", "port": port}, {"address": "::", "port": port6}, {"uds": folder / f"{name}.sock"}
    if os.fork() == 0:
        where: dict[str, Any] = which[1] if os.fork() == 0 else which[2]
    else:
        where = which[0]
    Granian(f"tests.sender.served:{kind.value}", interface=kind, log_enabled=False, **where).serve()


if __name__ == "__main__":
    {"uvicorn": uvicorn, "hypercorn": hypercorn, "gunicorn": gunicorn, "daphne": daphne, "waitress": waitress, "granian": granian}[
        sys.argv[1].partition("-")[0]
    ](Path(sys.argv[2]), sys.argv[1], int(sys.argv[3]), int(sys.argv[4]))
