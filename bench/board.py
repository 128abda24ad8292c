"""The board of an event under the load of one: 5,000 devices, 2,000 look-ups a second at a real unbound, and a thousand people looking.

The node is the one people run, all its processes on this machine; so are the resolver, those who ask it and those who look. First the
thousand ask again every five seconds, as a browser without JavaScript does; then each holds one connection and is told every second.
The look-ups reach the panel or the bench stops: a board that is quick because it counts nothing is no figure.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from sekisho.faces.processes.supervise import Supervisor
from sekisho.faces.unsafe import demo as unsafe_demo
from sekisho.faces.unsafe.demo import free_port, wait_for

DEVICES, ZONES, ASKED, VIEWERS = 5000, 40, 2000, 1000
REFRESH = 5.0
SECONDS = 20.0
AIM_MS = 1000.0
"""A second: so old may the numbers be, and so long may nobody wait."""
TYPES = (b"\x00\x01", b"\x00\x1c", b"\x00\x41", b"\x00\x10")
UNBOUND = """\
server:
  directory: "{at}"
  chroot: ""
  username: ""
  use-syslog: no
  pidfile: "{at}/pid"
  interface: 127.0.0.1
  port: {port}
  num-threads: 1
  extended-statistics: yes
  statistics-cumulative: yes
  local-zone: "test." static
  local-data: "name.test. A 192.0.2.1"
remote-control:
  control-enable: yes
  control-interface: {at}/ctl
"""


@dataclass(frozen=True)
class Round:
    """Milliseconds: until a page had come, and after the first viewer the others had heard of a second. `seconds`: how many were told."""

    page_ms: list[float]
    told_ms: list[float]
    seconds: float
    queries: int


def query(number: int) -> bytes:
    """One look-up as it goes over the wire, of one of four types."""
    return number.to_bytes(2) + b"\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04name\x04test\x00" + TYPES[number % len(TYPES)] + b"\x00\x01"


def ask(port: int) -> None:
    """Look-ups, in bursts of ten milliseconds, until the process is ended; what comes back is thrown away."""
    burst = ASKED // 100
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", port))
        sock.setblocking(False)
        due = time.monotonic()
        while True:
            for number in range(burst):
                sock.send(query(number))
            with suppress(BlockingIOError):
                while sock.recv(512):
                    pass
            due += 0.01
            time.sleep(max(0.0, due - time.monotonic()))


def report_devices(path: Path, ended: threading.Event) -> None:
    """What a script of the venue writes each second: all devices, and how many in each part."""
    chance = random.Random(1)
    while not ended.wait(1.0):
        zones = {f"zone-{n}": DEVICES // ZONES + chance.randrange(-9, 10) for n in range(ZONES)}
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps({"devices": sum(zones.values()), "zones": zones}), encoding="utf-8")
        fresh.rename(path)


@contextmanager
def event(folder: Path) -> Iterator[int]:
    """A node that shows a board of a busy event; the port of its console."""
    resolver, port, wifi, ended = free_port(socket.SOCK_DGRAM), free_port(), folder / "wifi.json", threading.Event()
    at = folder / "unbound"
    at.mkdir()
    (at / "unbound.conf").write_text(UNBOUND.format(at=at, port=resolver), encoding="utf-8")
    told = f'\n[event]\nname = "bench"\ninterface = "lo"\nresolver = "unbound:{at}/ctl"\nwifi = "{wifi}"\n'
    place = unsafe_demo.Demo(folder / "node", port, more=lambda: told)
    root = place.prepare(free_port())
    command = [shutil.which("unbound") or "/usr/sbin/unbound", "-d", "-c", str(at / "unbound.conf")]
    unbound = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    asking = multiprocessing.get_context("spawn").Process(target=ask, args=(resolver,), daemon=True)
    reporting = threading.Thread(target=report_devices, args=(wifi, ended))
    supervisor = Supervisor.start(place.settings_path, root)
    try:
        reporting.start()
        asking.start()
        world = place.outside()
        keys = place.enrol(world)
        unsafe_demo.stand(world, keys, place.book, unsafe_demo.EXAMPLES / "plans" / "event-board.toml")
        wait_for("the look-ups on the board", lambda: looked_up(port) > ASKED // 2, 60)
        yield port
    finally:
        ended.set()
        supervisor.close()
        asking.kill()
        unbound.terminate()
        unbound.wait()


def board(port: int) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/board.json", timeout=10) as said:
        return {p["name"]: p for p in json.load(said)["panels"]}


def looked_up(port: int) -> int:
    """Look-ups a second, as the board says them; 0 while it does not."""
    with suppress(OSError, ValueError):
        return int((board(port)["queries"]["numbers"] or {}).get("last") or 0)
    return 0


async def refreshed(port: int, viewers: int, seconds: float) -> list[float]:
    """Milliseconds until a page had come, its connection included: so many viewers, each asking again every REFRESH seconds."""
    waited: list[float] = []

    async def one(number: int) -> None:
        await asyncio.sleep(REFRESH * number / viewers)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            began = time.perf_counter()
            await _page(port)
            took = time.perf_counter() - began
            waited.append(took * 1000)
            await asyncio.sleep(max(0.0, REFRESH - took))

    await asyncio.gather(*(one(n) for n in range(viewers)))
    return waited


async def _page(port: int) -> None:
    """Raises RuntimeError for a page that is none."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /board HTTP/1.1\r\nhost: localhost\r\naccept-language: ja\r\nconnection: close\r\n\r\n")
    page = await reader.read(-1)
    writer.close()
    if not page.startswith(b"HTTP/1.1 200 ") or not page.rstrip().endswith(b"</html>"):
        raise RuntimeError(f"the board answered {page[:80]!r}")


async def told(port: int, viewers: int, seconds: float) -> tuple[list[float], float]:
    """After how many milliseconds each viewer heard what the first one heard; and how many seconds of the board there were in a second."""
    heard: defaultdict[bytes, list[float]] = defaultdict(list)

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        writer.write(b"GET /board/stream HTTP/1.1\r\nhost: localhost\r\naccept-language: ja\r\n\r\n")
        while line := await reader.readline():
            if line.startswith(b"id: "):
                heard[line].append(time.perf_counter())

    viewing = [asyncio.create_task(one()) for _ in range(viewers)]
    await asyncio.sleep(seconds)
    for task in viewing:
        task.cancel()
    await asyncio.gather(*viewing, return_exceptions=True)
    whole = sorted(times for times in (sorted(t) for t in heard.values()) if len(times) >= viewers * 0.99)
    if len(whole) < 2:
        raise RuntimeError(f"no second reached all of {viewers} viewers")
    late = [(at - times[0]) * 1000 for times in whole for at in times]
    return late, (len(whole) - 1) / (whole[-1][0] - whole[0][0])


def measure(rounds: int, viewers: int = VIEWERS, seconds: float = SECONDS) -> dict[str, object]:
    """Medians over the rounds of the middle, the 95th and the 99th of a hundred."""
    if not shutil.which("unbound"):
        print("unbound is not installed (Debian package unbound)", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="sekisho-bench-") as folder, event(Path(folder)) as port:
        found = [one_round(port, viewers, seconds) for _ in range(rounds)]
    return summary(found, viewers)


def one_round(port: int, viewers: int, seconds: float) -> Round:
    pages = asyncio.run(refreshed(port, viewers, seconds))
    late, each = asyncio.run(told(port, viewers, seconds))
    queries = looked_up(port)
    if queries < ASKED // 2:
        raise RuntimeError(f"the board counts {queries} look-ups a second, and {ASKED} are made")
    return Round(pages, late, each, queries)


def summary(found: list[Round], viewers: int) -> dict[str, object]:
    def of(values: Callable[[Round], list[float]], percent: int) -> float:
        return round(median(quantiles(values(r), n=100)[percent - 1] for r in found), 1)

    rows = [
        {"what": what, **{f"p{p}_ms": of(values, p) for p in (50, 95, 99)}}
        for what, values in (("page", lambda r: r.page_ms), ("told", lambda r: r.told_ms))
    ]
    slow = max(float(str(r["p95_ms"])) for r in rows)
    how = "reached" if slow <= AIM_MS else "not reached"
    return {
        "bench": "board",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "load": round(os.getloadavg()[0], 1),
        "viewers": viewers,
        "queries_per_second": round(median(r.queries for r in found)),
        "told_per_second": round(median(r.seconds for r in found), 2),
        "rows": rows,
        "aims": [f"{how}: the 95th of a hundred viewers waits {slow:.0f} ms (aim: at most {AIM_MS:.0f} ms)"],
    }


def table(result: dict[str, Any]) -> str:
    counted = f"{DEVICES:,} devices, {result['queries_per_second']:,} look-ups a second counted, {result['viewers']:,} viewers"
    lines = [
        f"an event's board: {counted}, told {result['told_per_second']} times a second, load {result['load']}",
        "",
        f"{'':8}{'50 % ms':>10}{'95 % ms':>10}{'99 % ms':>10}",
        *(f"{r['what']:8}{r['p50_ms']:>10.1f}{r['p95_ms']:>10.1f}{r['p99_ms']:>10.1f}" for r in result["rows"]),
        "",
        *result["aims"],
    ]
    return "\n".join(lines)
