"""What capturing and sealing a sender costs a service, beside the same service without it, on the same requests in the same run.

Twelve headers as a browser and nginx send them. `read` is a GET, of which nothing is kept; `write` is a POST whose sender is captured;
`sealed` also makes the record, seals it to the key of the day and makes the blind index. A round's figure is its median request (on a
machine shared with others a mean is mostly theirs), by the clock and by the thread's own CPU time; what is added is the median over the
rounds, with and without taking turns.
The ratio is to a Starlette service that reads a JSON body and stores it in SQLite.
Nothing is timed before the right sender was captured, and its record sealed to the right key.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sekisho_sender.asgi import SenderASGI
from sekisho_sender.capture import captured, utc_us
from sekisho_sender.keeping import Keeper
from sekisho_sender.record import SubjectKind, address
from sekisho_sender.seal import KeyFile, day_of
from sekisho_sender.trust import Peer, Reading, Trust
from sekisho_sender.wsgi import SenderWSGI

TRUST = Trust((Peer("127.0.0.1", Reading.FORWARDED, request_id="X-Request-Id"),))
SOURCE = address("198.18.0.9", 51234)
TOLD = {
    "host": "posts.example", "forwarded": 'for="198.18.0.9:51234";by="192.0.2.33:443";proto=https',
    "x-request-id": "0123456789abcdef0123456789abcdef", "connection": "close", "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Gecko",
    "accept": "text/html,application/xhtml+xml", "accept-language": "ja,en;q=0.7", "accept-encoding": "gzip, deflate, br",
    "referer": "https://posts.example/", "cookie": "session=0123456789abcdef0123456789abcdef", "content-type": "application/json",
    "content-length": "41",
}  # fmt: skip
BODY = b'{"text": "a post of about forty letters"}'
AIM_READ_US = 15.0
AIM_SEALED_US = 150.0
DAY_US = 86_400_000_000

NUMBERS = itertools.count(1)

App = Callable[..., Any]


Took = tuple[float, float]
"""Microseconds of the median request, by the clock and of the thread's CPU time."""


@dataclass(frozen=True)
class Cost:
    """Microseconds a request: without and with the sender, medians of the rounds, what is added, and what is added in CPU time."""

    what: str
    bare: float
    with_sender: float
    added: float
    added_cpu: float

    @property
    def ratio(self) -> float:
        return self.with_sender / self.bare


def keeper(folder: Path) -> Keeper:
    """With a key for each of three days around now, so that midnight does not stop the bench."""
    keys = [
        {"kind": "post", "day": day, "public": X25519PrivateKey.generate().public_key().public_bytes_raw().hex(), "until": "2999-01-01"}
        for day in sorted({day_of(utc_us() + away) for away in (-DAY_US, 0, DAY_US)})
    ]
    path = folder / "sender-keys.json"
    path.write_text(json.dumps({"schema": "sekisho.sender-keys/1", "service": "bench", "keys": keys, "signature": ""}), "utf-8")
    return Keeper(KeyFile(path).keyring, host="bench")


def told(number: int) -> dict[str, str]:
    """The headers of one request. Each comes from another address and port, so that nothing has been read before."""
    if not number:
        return TOLD
    source = f"198.{18 + number % 2}.{number // 250 % 250}.{number % 250}:{1024 + number * 7 % 60000}"
    return {**TOLD, "forwarded": f'for="{source}";by="192.0.2.33:443";proto=https'}


def scope(method: str, number: int = 0) -> dict[str, Any]:
    headers = [(name.encode(), value.encode()) for name, value in told(number).items()]
    return {
        "type": "http", "asgi": {"version": "3.0"}, "method": method, "path": "/posts", "raw_path": b"/posts", "query_string": b"",
        "root_path": "", "scheme": "http", "http_version": "1.1", "headers": headers, "client": ("127.0.0.1", 40123),
        "server": ("127.0.0.5", 8000),
    }  # fmt: skip


async def receive() -> dict[str, Any]:
    return {"type": "http.request", "body": BODY, "more_body": False}


async def send(_message: Any) -> None:
    return None


async def nothing(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def sealing(app: App, kept: Keeper) -> App:
    """The application, and a sealed record with each request."""

    async def seals(*words: Any) -> None:
        kept.sealed_row(SubjectKind.POST, "post-1", captured())
        await app(*words)

    return seals


def nothing_wsgi(_environ: Any, start: Any) -> Iterable[bytes]:
    start("204 No Content", [])
    return []


def environ(method: str, number: int = 0) -> dict[str, Any]:
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in told(number).items()}
    peer = {"REMOTE_ADDR": "127.0.0.1", "REMOTE_PORT": "40123"}
    return {**headers, **peer, "REQUEST_METHOD": method, "PATH_INFO": "/posts", "SERVER_PROTOCOL": "HTTP/1.1"}


def service(folder: Path, kept: Keeper | None) -> App:
    """A small service that stores posts, with the sealed record of each in the same transaction, or without any."""
    store = sqlite3.connect(folder / ("kept.db" if kept else "bare.db"), isolation_level=None)
    store.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; CREATE TABLE post (text); CREATE TABLE record (id, body, ip)")

    async def write(request: Request) -> JSONResponse:
        post = await request.json()
        store.execute("BEGIN")
        store.execute("INSERT INTO post VALUES (?)", (post["text"],))
        if kept is not None:
            row = kept.sealed_row(SubjectKind.POST, "post-1", captured())
            store.execute("INSERT INTO record VALUES (?, ?, ?)", (row.id, row.sealed, row.ip_index))
        store.execute("COMMIT")
        return JSONResponse({"ok": True})

    async def list_posts(_request: Request) -> JSONResponse:
        return JSONResponse(store.execute("SELECT text FROM post LIMIT 20").fetchall())

    app = Starlette(routes=[Route("/posts", write, methods=["POST"]), Route("/posts", list_posts)])
    return SenderASGI(app, TRUST) if kept is not None else app


def check(kept: Keeper) -> None:
    """Stop unless the very thing that is timed does its work."""

    async def seals(*_words: Any) -> None:
        found = captured()
        row = kept.sealed_row(SubjectKind.POST, "post-1", found)
        assert found.sender.source == SOURCE
        assert found.sender.why_empty == ""
        assert row.key_id == kept.keys().of(SubjectKind.POST, found.sender.seen_us).id.hex()
        done.append(row.sealed)

    done: list[bytes] = []
    asyncio.run(SenderASGI(seals, TRUST)(scope("POST"), receive, send))
    if len(done) != 1 or SOURCE.ip.encode() in done[0]:
        raise SystemExit("the bench did not capture and seal what it would have timed")


class Watch:
    """Takes both times of request after request."""

    def __init__(self) -> None:
        self.took: list[tuple[int, int]] = []

    def __enter__(self) -> None:
        self.cpu, self.clock = time.thread_time_ns(), time.perf_counter_ns()

    def __exit__(self, *_: object) -> None:
        clock, cpu = time.perf_counter_ns(), time.thread_time_ns()
        self.took.append((clock - self.clock, cpu - self.cpu))

    def median(self) -> Took:
        clock, cpu = zip(*self.took, strict=True)
        return median(clock) / 1000, median(cpu) / 1000


def timed_asgi(app: Callable[..., Awaitable[None]], method: str, requests: int) -> Took:
    watch = Watch()

    async def run() -> None:
        for _ in range(requests):
            one = scope(method, next(NUMBERS))
            with watch:
                await app(one, receive, send)

    asyncio.run(run())
    return watch.median()


def timed_wsgi(app: App, method: str, requests: int) -> Took:
    watch = Watch()
    for _ in range(requests):
        one = environ(method, next(NUMBERS))
        with watch:
            body = app(one, lambda *_words: None)
            if hasattr(body, "close"):
                body.close()
    return watch.median()


def x25519(times: int) -> float:
    """Microseconds of what no sealing can do without: one new key pair and one exchange."""
    public = X25519PrivateKey.generate().public_key()
    took = []
    for _ in range(times):
        began = time.perf_counter_ns()
        X25519PrivateKey.generate().exchange(public)
        took.append(time.perf_counter_ns() - began)
    return median(took) / 1000


def compare(what: str, bare: App, other: App, timed: Callable[[App, str, int], Took], rounds: int) -> Cost:
    method = "GET" if what.startswith("read") else "POST"
    pairs = [(timed(bare, method, 1000), timed(other, method, 1000)) for _ in range(rounds + 1)][1:]
    added, added_cpu = (median(b[at] - a[at] for a, b in pairs) for at in (0, 1))
    return Cost(what, median(a[0] for a, _ in pairs), median(b[0] for _, b in pairs), added, added_cpu)


def measure(rounds: int) -> dict[str, object]:
    """Every comparison; see the table."""
    with tempfile.TemporaryDirectory(prefix="bench-sender-") as name:
        kept = keeper(Path(name))
        check(kept)
        wsgi = SenderWSGI(nothing_wsgi, TRUST)
        bare, whole = service(Path(name), None), service(Path(name), kept)
        costs = [
            compare("read", nothing, SenderASGI(nothing, TRUST), timed_asgi, rounds),
            compare("read, WSGI", nothing_wsgi, wsgi, timed_wsgi, rounds),
            compare("write", nothing, SenderASGI(nothing, TRUST), timed_asgi, rounds),
            compare("write, WSGI", nothing_wsgi, wsgi, timed_wsgi, rounds),
            compare("sealed write", nothing, SenderASGI(sealing(nothing, kept), TRUST), timed_asgi, rounds),
        ]
        floor = median(x25519(300) for _ in range(rounds))
        services = [compare(f"{what} of a service", bare, whole, timed_asgi, rounds) for what in ("read", "sealed write")]
    told = [[{**asdict(c), "ratio": round(c.ratio, 2)} for c in group] for group in (costs, services)]
    return {"bench": "sender", "rounds": rounds, "added": told[0], "services": told[1], "x25519_us": round(floor, 1), "aims": aims(costs)}


def aims(costs: list[Cost]) -> list[str]:
    found = []
    for what, most in (("read", AIM_READ_US), ("read, WSGI", AIM_READ_US), ("sealed write", AIM_SEALED_US)):
        added = next(c.added for c in costs if c.what == what)
        found.append(f"{'reached' if added <= most else 'not reached'}: {what} takes {added:.1f} us more (aim: at most {most:.0f})")
    return found


def table(result: dict[str, Any]) -> str:
    lines = [f"{'us a request':26}{'bare':>8}{'with':>8}{'added':>8}{'added CPU':>11}{'ratio':>8}"]
    for c in (*result["added"], *result["services"]):
        ratio = f"{c['ratio']:>8.2f}" if c in result["services"] else ""
        lines.append(f"{c['what']:26}{c['bare']:>8.1f}{c['with_sender']:>8.1f}{c['added']:>8.1f}{c['added_cpu']:>11.1f}{ratio}")
    lines.append(f"{'of it a key pair and an exchange (X25519)':42}{result['x25519_us']:>8.1f}")
    return "\n".join([*lines, "", *result["aims"]])
