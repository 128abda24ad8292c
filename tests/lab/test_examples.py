"""The recordings tell the truth that is written beside them: read by our own decoders, and by one that is not ours."""

from __future__ import annotations

import csv
import ipaddress
import json
import socket
import subprocess
import time
import tomllib
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from lab import datagrams
from sekisho.wire.flows import FlowDecoder, normalise
from sekisho.wire.intervals import Ambiguous, Interval, Named, holder, intervals
from sekisho.wire.orient import Watchlist, orient
from sekisho.wire.prefixes import Prefixes, octets_of
from sekisho.wire.radius_detail import DetailReader
from tests.conftest import ROOT, need

EXAMPLES = ROOT / "examples"
TRUTH = json.loads((EXAMPLES / "expected.json").read_text(encoding="utf-8"))
WHOLE = ("pmacctd-v9", "pmacctd-ipfix", "softflowd-ipfix")
RECORDINGS = (*WHOLE, "softflowd-v5")
SIDES = ("src", "dst", "src_port", "dst_port", "protocol")
COLUMNS = frozenset({*SIDES, "start", "end", "packets", "octets", "in_interface", "out_interface"})


def flows(kind: str) -> pa.Table:
    decoder = FlowDecoder()
    for datagram in datagrams.read(EXAMPLES / "flows" / f"{kind}.datagrams"):
        decoder.feed(("127.0.0.1", datagram.port), datagram.data, datagram.at)
    return pa.concat_tables(normalise(batch, COLUMNS) for batch in decoder.take())


def own() -> Prefixes:
    with (EXAMPLES / "prefixes.csv").open(encoding="utf-8", newline="") as file:
        return Prefixes([row["prefix"] for row in csv.DictReader(file)])


def hits(kind: str) -> list[dict[str, Any]]:
    """Oriented rows whose peer is on the list, as plain rows."""
    listed = tomllib.loads((EXAMPLES / "lists" / "cc.toml").read_text(encoding="utf-8"))["entry"]
    table = orient(flows(kind), own()).table
    wanted = Watchlist([(entry["address"], entry["port"]) for entry in listed])
    found = wanted.match(octets_of(table["peer"]), np.asarray(table["peer_port"].to_numpy(), np.uint16))
    return table.filter(pa.array(found)).to_pylist()


def text(address: bytes) -> str:
    ip = ipaddress.IPv6Address(address)
    return str(ip.ipv4_mapped or ip)


def assigned() -> list[Interval]:
    reader = DetailReader(UTC)
    reader.feed((EXAMPLES / "radius" / "detail").read_bytes())
    reader.close()
    return intervals(reader.take())


def line_of(user: str, at: datetime) -> str:
    """The line a RADIUS name belonged to on that day."""
    stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    with (EXAMPLES / "lines.csv").open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["radius_name"] == user]
    [line] = [r["line"] for r in rows if r["valid_from"] <= stamp and (not r["valid_until"] or stamp < r["valid_until"])]
    return line


@pytest.mark.parametrize("kind", WHOLE)
def test_three_lines_talk_to_the_listed_server_again_and_again(kind: str) -> None:
    contacts = Counter(text(address) for address, _ in {(hit["line"], hit["start"]) for hit in hits(kind)})
    assert {line for line, often in contacts.items() if often >= 3} == {i["address"] for i in TRUTH["infected"]}
    assert {line for line, often in contacts.items() if often < 3} == {a["address"] for a in TRUTH["ambiguous"]}


def test_version_5_shows_the_same_over_ipv4_alone() -> None:
    seen = {text(hit["line"]) for hit in hits("softflowd-v5")}
    everybody = [*TRUTH["infected"], *TRUTH["ambiguous"]]
    assert seen == {one["address"] for one in everybody if "." in one["address"]}


@pytest.mark.parametrize("kind", WHOLE)
def test_the_lines_that_only_look_alike_are_in_the_recording(kind: str) -> None:
    """The listed machine at another port, and the listed port at another machine: without them a hit would prove little."""
    pairs = {(text(r["src"]), text(r["dst"]), r["dst_port"]) for r in flows(kind).to_pylist() if r["src"] and r["dst"]}
    assert ("198.51.100.12", "203.0.113.66", 80) in pairs
    assert ("198.51.100.14", "203.0.113.67", 8443) in pairs


@pytest.mark.parametrize("margin", [0, 2, 30, 60])
def test_every_repeated_contact_has_one_holder_with_a_minute_to_spare(margin: int) -> None:
    known, right = assigned(), {i["address"]: i["line"] for i in TRUTH["infected"]}
    for hit in hits("pmacctd-ipfix"):
        if text(hit["line"]) not in right:
            continue
        first, last = (int(hit[edge].timestamp() * 1000) for edge in ("start", "end"))
        found = holder(known, hit["line"], first, last, margin * 1000)
        assert isinstance(found, Named), (text(hit["line"]), found)
        assert line_of(found.user, hit["start"]) == right[text(hit["line"])]


@pytest.mark.parametrize("margin", [5, 30, 60])
def test_the_reused_address_names_nobody(margin: int) -> None:
    [one] = TRUTH["ambiguous"]
    [hit] = {(h["line"], h["start"], h["end"]) for h in hits("pmacctd-ipfix") if text(h["line"]) == one["address"] and h["direction"] == 0}
    found = holder(assigned(), hit[0], int(hit[1].timestamp() * 1000), int(hit[2].timestamp() * 1000), margin * 1000)
    assert isinstance(found, Ambiguous)
    assert {line_of(c.user, hit[1]) for c in found.candidates if c.user} == set(one["lines"])


def test_live_exporters_tell_the_uplink_by_direction() -> None:
    """Towards us the uplink is the interface in, from us the interface out."""
    table = orient(flows("pmacctd-v9"), own()).table
    sides = {(r["direction"], r["in_interface"] or 0, r["out_interface"] or 0) for r in table.to_pylist()}
    assert sides == {(0, 0, 100), (1, 100, 0)}


def test_both_live_exports_tell_of_the_same_flows() -> None:
    def key(kind: str) -> Counter[tuple[Any, ...]]:
        return Counter(tuple(r[n] for n in (*SIDES, "packets", "octets")) for r in flows(kind).to_pylist() if r["protocol"] in (6, 17))

    assert key("pmacctd-v9") == key("pmacctd-ipfix")


@pytest.mark.parametrize("kind", RECORDINGS)
def test_a_decoder_that_is_not_ours_counts_the_same(kind: str, tmp_path: Path) -> None:
    """The peer is nfcapd, over the same datagrams: flows, packets and octets."""
    need("nfcapd", "nfdump")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.bind(("127.0.0.1", 0))
        port = out.getsockname()[1]
        out.close()
    argv = ["nfcapd", "-w", str(tmp_path), "-p", str(port), "-b", "127.0.0.1", "-t", "600"]
    peer = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _until_bound(port)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            for datagram in datagrams.read(EXAMPLES / "flows" / f"{kind}.datagrams"):
                out.sendto(datagram.data, ("127.0.0.1", port))
                time.sleep(0.001)
        time.sleep(0.3)
    finally:
        peer.terminate()
        peer.wait(10)
    said = subprocess.run(["nfdump", "-q", "-N", "-R", str(tmp_path), "-o", "fmt:%pkt %byt"], capture_output=True, text=True, check=True)
    theirs = [tuple(map(int, line.split())) for line in said.stdout.splitlines() if line.strip()]
    ours = [(r["packets"], r["octets"]) for r in flows(kind).to_pylist()]
    assert sorted(ours) == sorted(theirs)


def _until_bound(port: int) -> None:
    for _ in range(200):
        if f"{port:04X} 00000000:0000" in Path("/proc/net/udp").read_text(encoding="ascii"):
            return
        time.sleep(0.02)
    pytest.fail(f"nfcapd did not listen on {port}")


def test_the_recording_is_small_and_its_times_hang_together() -> None:
    assert sum(f.stat().st_size for f in (EXAMPLES / "flows").iterdir()) < 250_000
    recorded = datetime.fromisoformat(TRUTH["recorded"])
    for kind in RECORDINGS:
        starts = flows(kind)["start"].to_pylist()
        assert recorded - timedelta(seconds=5) <= min(starts) <= max(starts) <= recorded + timedelta(minutes=10), kind


def test_a_torn_recording_says_where(tmp_path: Path) -> None:
    whole = (EXAMPLES / "flows" / "pmacctd-v9.datagrams").read_bytes()
    for cut in (len(whole) - 1, len(datagrams.MAGIC) + 3):
        (tmp_path / "torn").write_bytes(whole[:cut])
        with pytest.raises(ValueError, match=f"at byte {cut}"):
            list(datagrams.read(tmp_path / "torn"))
    (tmp_path / "other").write_bytes(b"\xd4\xc3\xb2\xa1" + whole)
    with pytest.raises(ValueError, match="no recording"):
        list(datagrams.read(tmp_path / "other"))
