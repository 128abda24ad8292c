"""Rounds of the lease reconciler on a real kernel: ten thousand lines with a switch each (OP25B, and a filter of packet classes), and
as many whose volumes the kernel counts.

In a network namespace of its own, as root. Time is the CPU time of this thread and of the kernel for it; the best and the median of the
rounds. There is no peer: nothing else holds nftables to signed permits.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from statistics import median

from sekisho.desk.kernel_rules import Effect, table
from sekisho.effects.class_filter import Filter, PacketClass
from sekisho.effects.kernel import Kernel
from sekisho.effects.port_block import Block, Opened
from sekisho.effects.reconcile import reconcile
from sekisho.effects.shaping import Shape
from sekisho.faces.processes.confine import without_network

LINES = 10_000
AIM = 1.0
UNTIL = datetime.now(UTC) + timedelta(days=90)
RANGE = ip_network("198.18.0.0/15")
SWITCHED = tuple(Opened(f"exception-{n:016x}", f"198.18.{n >> 8}.{n & 255}/32", UNTIL) for n in range(LINES))
FILTERED = tuple(f"198.18.{n >> 8}.{n & 255}/32" for n in range(LINES))
CLASSES = tuple(
    PacketClass(name, {"ja": name, "en": name}, protocol, ports, lengths, pattern, 1, 0)
    for name, protocol, ports, lengths, pattern in (
        ("bittorrent", "tcp", None, None, b"\x13BitTorrent prot".hex()),
        ("edonkey", "udp", (4665, 4672), (29, 240), ""),
        ("gnutella", "tcp", None, None, b"GNUTELLA CONNECT".hex()),
    )
)
"""Those of the example."""
SHAPED = Shape("permit-" + "5" * 16, UNTIL, (RANGE,), 64, 5000, 24, (0, 24), ("uplink",), 20_000)


def blocked(opened: Iterable[Opened]) -> Block:
    return Block("permit-" + "1" * 16, UNTIL, (RANGE,), (), (), tuple(opened))


def filtered(off: Iterable[str]) -> Filter:
    began = datetime.now(UTC) - timedelta(days=1)
    return Filter("permit-" + "7" * 16, UNTIL, (RANGE,), 64, began, CLASSES, tuple(map(ip_network, off)))


def measure(rounds: int) -> dict[str, object]:
    """Seconds by kind of round, in a child: it leaves this network for good."""
    done = subprocess.run([sys.executable, "-m", "bench.kernel", str(rounds)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"bench kernel: {done.stderr.strip()[-400:]}")
    took: dict[str, list[float]] = json.loads(done.stdout)
    rows = [{"what": what, "best": min(each), "median": median(each)} for what, each in took.items()]
    worst = max(float(str(r["best"])) for r in rows)
    aim = f"{'reached' if worst < AIM else 'not reached'}: {worst:.2f} s at most for {LINES:,} lines (aim: under {AIM:.0f} s)"
    return {"bench": "kernel", "load": round(os.getloadavg()[0], 1), "rows": rows, "aims": [aim]}


def table_of(result: dict[str, object]) -> str:
    rows, aims = result["rows"], result["aims"]
    assert isinstance(rows, list)
    assert isinstance(aims, list)
    lines = [f"one round of the reconciler over {LINES:,} lines, load {result['load']}", "", f"{'':44}{'best s':>9}{'median s':>10}"]
    lines += [f"{r['what']:44}{r['best']:>9.3f}{r['median']:>10.3f}" for r in rows]
    return "\n".join([*lines, "", *aims])


def _in_its_own_network(rounds: int) -> dict[str, list[float]]:
    if not without_network():
        raise SystemExit("no network namespace could be made here: run as root")
    _roads()
    kernel = Kernel()
    switches: dict[str, Effect] = {
        "every switch written": blocked(SWITCHED),
        "none changed": blocked(SWITCHED),
        "a hundred thrown": blocked(SWITCHED[100:]),
        "a thousand on again": blocked(SWITCHED[:1100]),
    }
    filters: dict[str, Effect] = {
        "a filter, every line off": filtered(FILTERED),
        "a filter, nothing new": filtered(FILTERED),
        "a filter, one line on again": filtered(FILTERED[1:]),
        "a filter, 100 lines on again": filtered(FILTERED[100:]),
    }
    took: dict[str, list[float]] = {}
    for _ in range(rounds):
        for nobody, some in ((blocked(()), switches), (filtered(()), filters)):
            reconcile(kernel, table([nobody], datetime.now(UTC)))
            for what, effect in some.items():
                took.setdefault(what, []).append(_seconds(kernel, effect))
        reconcile(kernel, table([SHAPED], datetime.now(UTC)))
        _count()
        assert _counted() == LINES
        took.setdefault("shaping, volumes of ten thousand counted", []).append(_seconds(kernel, SHAPED))
    return took


def _seconds(kernel: Kernel, effect: Effect) -> float:
    began = time.thread_time()
    done = reconcile(kernel, table([effect], datetime.now(UTC)))
    assert not done.left
    return time.thread_time() - began


def _counted() -> int:
    name = f"{SHAPED.permit.replace('-', '_')}_volumes4"
    told = subprocess.run(["nft", "list", "set", "inet", "sekisho", name], capture_output=True, text=True, check=True).stdout
    return told.count("quota")


def _roads() -> None:
    """Two links to forward between: packets put on the far end of one come in and leave by the other."""
    for words in (
        "link set lo up", "link add in address 02:00:00:00:00:01 type veth peer name far", "link add out type veth peer name gone",
        *(f"link set {link} up" for link in ("in", "far", "out", "gone")), "addr add 192.0.2.1/24 dev out",
        "neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev out", "route add 198.18.0.0/15 dev in",
    ):  # fmt: skip
        subprocess.run(["ip", *words.split()], check=True)
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1", "ascii")


def _count() -> None:
    """A packet of each line, so that the kernel counts as many volumes."""
    to = bytes.fromhex("020000000001")
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as far:
        far.bind(("far", 0))
        for n in range(LINES):
            head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28, n, 0, 9, 17, 0, bytes((198, 18, n >> 8, n & 255)), bytes((192, 0, 2, 2)))
            words = sum(struct.unpack("!10H", head))
            words = (words & 0xFFFF) + (words >> 16)
            check = ~((words & 0xFFFF) + (words >> 16)) & 0xFFFF
            far.send(to + bytes(6) + b"\x08\x00" + head[:10] + check.to_bytes(2) + head[12:] + struct.pack("!HHHH", 9, 9, 8, 0))


if __name__ == "__main__":
    json.dump(_in_its_own_network(int(sys.argv[1])), sys.stdout)
