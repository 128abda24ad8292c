"""Flow decoding beside nfcapd, on the same datagrams in the same run: python -m bench.decode [--json]

Five measurements, all on loopback and bounded in time:
  memory   datagrams in memory to every field as a native Arrow column, checked against a slow reference decoder
  columns  UDP socket to the same columns (this process's child)
  sealed   UDP socket to sealed stream, by the collector that runs in production
  plain    the same with unsealed Parquet, to show what sealing costs
  nfcapd   UDP socket to its own file, as Debian ships it (LZ4)

Records per CPU second is what a core could do if nothing else ran; it is the number to compare, because sender and
collector share the machine. Loss is 1 - stored / sent.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from bench.sealed import plain_collector, sealed_collector
from sekisho.wire.batches import Batch
from sekisho.wire.flows import FlowDecoder, Limits

FIELDS = [(8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (6, 1), (5, 1), (10, 2), (14, 2), (16, 4), (17, 4), (2, 4), (1, 4), (22, 4), (21, 4)]
NAMES = [
    "sourceIPv4Address", "destinationIPv4Address", "sourceTransportPort", "destinationTransportPort", "protocolIdentifier",
    "tcpControlBits", "ipClassOfService", "ingressInterface", "egressInterface", "bgpSourceAsNumber", "bgpDestinationAsNumber",
    "packetDeltaCount", "octetDeltaCount", "flowStartSysUpTime", "flowEndSysUpTime",
]  # fmt: skip
ROW = struct.Struct("!" + "".join({1: "B", 2: "H", 4: "I"}[n] for _, n in FIELDS))
PER_DATAGRAM, POOL, TEMPLATE_EVERY = 30, 4096, 16_384
EXPORTER = ("127.0.0.1", 40_000)
SECONDS_MOST, RECEIVE_BUFFER = 60.0, 4_000_000


@dataclass(frozen=True)
class Measured:
    """One measurement. `stored` and `sent` count flow records; `loss` is a share."""

    what: str
    stored: int
    sent: int
    seconds: float
    cpu_seconds: float

    @property
    def loss(self) -> float:
        return 1 - self.stored / self.sent

    @property
    def per_cpu_second(self) -> float:
        return self.stored / self.cpu_seconds

    @property
    def per_million(self) -> float:
        """CPU seconds for a million stored records."""
        return self.cpu_seconds / self.stored * 1e6

    @property
    def rate(self) -> float:
        """Records a second that were sent, which may be fewer than asked for."""
        return self.sent / self.seconds


Collector: TypeAlias = Callable[[int, Any, Any], None]
"""Child process: binds the UDP port, says so on the event, then on the pipe (records, CPU seconds) once a b'end' datagram came."""


def flows(count: int, seed: int) -> bytes:
    """Rows in the shape of flow.md's sender: Zipf addresses, TCP 72 % UDP 26 % ICMP 2 %, heavy-tailed packets."""
    rng = np.random.default_rng(seed)
    rows = np.zeros(count, np.dtype({"names": NAMES, "formats": [f">u{n}" for _, n in FIELDS]}))
    packets = np.minimum(rng.pareto(1.2, count) * 3 + 1, 1e5).astype(np.int64)
    start = rng.integers(0, 10_000_000, count)
    columns = [
        0x0A000000 + np.minimum(rng.zipf(1.2, count), 65_535),
        0xC6000000 + np.minimum(rng.zipf(1.1, count), 131_071),
        rng.integers(1024, 65_536, count),
        rng.choice([443, 80, 53, 22, 8443, 0], count),
        rng.integers(0, 64, count),
        rng.choice([6, 17, 1], count, p=[0.72, 0.26, 0.02]),
        np.zeros(count), rng.integers(1, 64, count), rng.integers(1, 64, count), np.full(count, 64500), rng.integers(1, 65_000, count),
        packets, packets * rng.integers(40, 1500, count) % (1 << 32), start, start + rng.integers(0, 60_000, count),
    ]  # fmt: skip
    for name, column in zip(NAMES, columns, strict=True):
        rows[name] = column
    return rows.tobytes()


def template() -> bytes:
    body = struct.pack("!HH", 256, len(FIELDS)) + b"".join(struct.pack("!HH", *f) for f in FIELDS)
    return header(1, 0) + struct.pack("!HH", 0, len(body) + 4) + body


def header(records: int, sequence: int) -> bytes:
    return struct.pack("!HHIIII", 9, records, 20_000_000, 1_700_000_000, sequence, 0)


def pool() -> list[bytes]:
    """4,096 datagrams of 30 records: 122,880 distinct flows."""
    rows = flows(PER_DATAGRAM * POOL, 1)
    size = PER_DATAGRAM * ROW.size
    body = [rows[i : i + size] for i in range(0, len(rows), size)]
    padding = b"\0" * (-size % 4)
    return [header(PER_DATAGRAM, n + 1) + struct.pack("!HH", 256, size + len(padding) + 4) + b + padding for n, b in enumerate(body)]


def reference(datagrams: list[bytes]) -> list[int]:
    """The sum of every field, read with struct alone, one record after the other."""
    totals = [0] * len(FIELDS)
    for datagram in datagrams:
        for n in range(PER_DATAGRAM):
            for index, value in enumerate(ROW.unpack_from(datagram, 24 + n * ROW.size)):
                totals[index] += value
    return totals


def sums(batch: Batch) -> list[int]:
    """The same from our columns; an address counts as the number it is."""
    table = batch.table()
    found = []
    for name in NAMES:
        column = table[name].combine_chunks()
        if name.endswith("Address"):
            found.append(int(np.frombuffer(column.buffers()[1], ">u4").astype(np.uint64).sum()))
        else:
            found.append(int(column.to_numpy().astype(np.uint64).sum()))
    return found


def memory(datagrams: list[bytes], rounds: int, at_once: int) -> Measured:
    """Decode the pool `rounds` times, `at_once` datagrams a batch, to tables of every field."""
    decoder = FlowDecoder(Limits(ready_rows=10_000_000))
    decoder.feed(EXPORTER, template(), 0)
    records, wall, cpu = 0, time.perf_counter(), time.process_time()
    for _ in range(rounds):
        for first in range(0, len(datagrams), at_once):
            for datagram in datagrams[first : first + at_once]:
                decoder.feed(EXPORTER, datagram, 0)
            records += sum(batch.table().num_rows for batch in decoder.take())
    cpu = time.process_time() - cpu
    return Measured("memory", records, rounds * len(datagrams) * PER_DATAGRAM, time.perf_counter() - wall, cpu)


def check(datagrams: list[bytes]) -> str:
    """Every field's sum by both decoders. Raises SystemExit where they differ."""
    decoder = FlowDecoder()
    decoder.feed(EXPORTER, template(), 0)
    for datagram in datagrams:
        decoder.feed(EXPORTER, datagram, 0)
    (batch,) = decoder.take()
    ours, theirs = sums(batch), reference(datagrams)
    if ours != theirs:
        raise SystemExit(f"checksums differ: {dict(zip(NAMES, zip(ours, theirs, strict=True), strict=True))}")
    return f"{sum(theirs):x}"


def columns_collector(port: int, bound: Any, result: Any) -> None:
    """UDP socket to every field as Arrow columns, a table at least every tenth of a second."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    sock.bind(("127.0.0.1", port))
    decoder = FlowDecoder(Limits(ready_rows=10_000_000))
    began = time.process_time()  # what importing numpy costs is not what receiving costs
    bound.set()
    records, buffer, running = 0, bytearray(2048), True
    view = memoryview(buffer)
    while running:
        until = time.monotonic() + 0.1
        for count in range(4000):
            size = sock.recv_into(buffer)
            if size == 3:
                running = False
                break
            decoder.feed(EXPORTER, view[:size], 0)
            if count % 64 == 0 and time.monotonic() > until:
                break
        records += sum(batch.table().num_rows for batch in decoder.take())
    result.send((records, time.process_time() - began))


COLLECTORS: dict[str, Collector] = {"columns": columns_collector, "sealed": sealed_collector, "plain": plain_collector}
"""By name."""


def send(port: int, datagrams: list[bytes], seconds: float, rate: float) -> tuple[int, float]:
    """Send the pool over and over at `rate` records a second. Returns records sent and the seconds it took."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.connect(("127.0.0.1", port))
    sock.send(template())
    began = time.monotonic()
    sent = 0
    while True:
        for start in range(0, len(datagrams), 64):
            for datagram in datagrams[start : start + 64]:
                sock.send(datagram)
            sent += 64
            if sent % TEMPLATE_EVERY == 0:
                sock.send(template())
            passed = time.monotonic() - began
            if passed >= seconds:
                return sent * PER_DATAGRAM, passed
            early = sent * PER_DATAGRAM / rate - passed
            if early > 0.001:
                time.sleep(early)


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_collector(name: str, datagrams: list[bytes], seconds: float, rate: float) -> Measured:
    """One of COLLECTORS in a fresh process."""
    fresh = get_context("spawn")
    port, bound = free_port(), fresh.Event()
    here, there = fresh.Pipe(duplex=False)
    child = fresh.Process(target=COLLECTORS[name], args=(port, bound, there))
    child.start()
    try:
        bound.wait(30)
        sent, passed = send(port, datagrams, seconds, rate)
        time.sleep(0.5)
        stored, cpu = _ended(port, here, name)
    finally:
        child.join(5)
        if child.is_alive():
            child.kill()
    return Measured(name, stored, sent, passed, cpu)


def _ended(port: int, here: Any, name: str) -> tuple[int, float]:
    """Say that it is over until the collector heard: one that is far behind may lose even that."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
        for _ in range(120):
            last.sendto(b"end", ("127.0.0.1", port))
            if here.poll(0.5):
                stored, cpu = here.recv()
                return stored, cpu
    raise SystemExit(f"collector {name} gave no answer")


def run_nfcapd(datagrams: list[bytes], seconds: float, rate: float) -> Measured:
    """Debian's nfcapd with LZ4, its CPU from the kernel up to its end, its records from nfdump."""
    with tempfile.TemporaryDirectory(prefix="bench-nfcapd-") as folder:
        port = free_port()
        command = ["nfcapd", "-w", folder, "-t", "3600", "-b", "127.0.0.1", "-p", str(port), "-B", str(RECEIVE_BUFFER), "-y"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(1)
            sent, passed = send(port, datagrams, seconds, rate)
            time.sleep(0.5)
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(30)
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        stored = 0
        for file in Path(folder).glob("nfcapd.*"):
            told = subprocess.run(["nfdump", "-r", str(file), "-I"], capture_output=True, text=True, check=True).stdout
            stored += int(re.search(r"^Flows:\s*(\d+)", told, re.MULTILINE)[1])  # type: ignore[index]  # nfdump always prints it
    cpu = spent.ru_utime + spent.ru_stime - before.ru_utime - before.ru_stime
    return Measured("nfcapd", stored, sent, passed, cpu)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    parser.add_argument("--seconds", type=float, default=5, help="how long each socket measurement sends (at most 60)")
    parser.add_argument("--rate", type=float, default=1e6, help="records a second offered on the socket")
    asked = parser.parse_args()
    seconds = min(asked.seconds, SECONDS_MOST)
    datagrams = pool()
    checksum = check(datagrams)
    done = [memory(datagrams, 12, 1000)]
    done += [run_collector(name, datagrams, seconds, asked.rate) for name in COLLECTORS]
    if shutil.which("nfcapd") and shutil.which("nfdump"):
        done.append(run_nfcapd(datagrams, seconds, asked.rate))
    else:
        print("nfcapd is not installed (Debian package nfdump): no ratio", file=sys.stderr)
    report(done, checksum, asked.json)


def report(done: list[Measured], checksum: str, as_json: bool) -> None:
    peer = next((m for m in done if m.what == "nfcapd"), None)
    ratios = {m.what: m.per_cpu_second / peer.per_cpu_second for m in done if peer is not None}
    if as_json:
        rows = [asdict(m) | {"loss": m.loss, "per_cpu_second": m.per_cpu_second, "ratio": ratios.get(m.what)} for m in done]
        print(json.dumps({"bench": "decode", "checksum": checksum, "measured": rows}))
        return
    print(f"checksum over every field equal to the reference decoder's: {checksum}")
    print(f"{'':10}{'records':>12}{'records/s':>12}{'loss %':>8}{'CPU s':>8}{'per CPU s':>12}{'/ nfcapd':>10}")
    for m in done:
        ratio = f"{ratios[m.what]:.2f}" if m.what in ratios else "-"
        rate, loss, cpu = f"{m.stored / m.seconds:,.0f}", f"{m.loss * 100:.2f}", f"{m.cpu_seconds:.2f}"
        print(f"{m.what:10}{m.stored:>12,}{rate:>12}{loss:>8}{cpu:>8}{m.per_cpu_second:>12,.0f}{ratio:>10}")


if __name__ == "__main__":
    main()
