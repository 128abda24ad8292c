"""Whole captures against a second decoder's JSON, a third one's lines, and known record counts."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from sekisho.wire.flows import NAMES, FlowDecoder, normalise
from tests.wire.captures import datagrams

FLOW = Path(__file__).resolve().parents[3] / "shared" / "data" / "flow"
PAIRS = sorted((FLOW / "netgauze").rglob("*-flow.json"))
WORDS = {
    "TCP": 6, "UDP": 17, "ICMP": 1, "IPv6ICMP": 58, "OSPFIGP": 89, "PIM": 103, "IPv6NoNxt": 59, "HOPOPT": 0, "ingress": 0, "egress": 1,
    "LDP": 5, "Unknown": 0, "TE-MIDPT": 1, "Pseudowire": 2, "VPN": 3, "BGP": 4,
}  # fmt: skip
FLAGS = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"]


def records(message: dict[str, Any]) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    """The other decoder's records of one message, by the names of their fields."""
    found: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for part in next(iter(message.values()))["sets"]:
        data = part.get("Data")
        for record in data["records"] if data else []:
            names, row = [], {}
            for field in record["fields"]:
                ((name, value),) = field.items() if isinstance(field, dict) else ((str(field), None),)
                names.append(name)
                row[f"{name}_{names.count(name)}" if names.count(name) > 1 else name] = value
            found[tuple(names)].append(row | {"(scope)": len(record["scope_fields"])})
    return found


def same(ours: Any, theirs: Any) -> bool | None:
    """Whether two values agree; None where they wrote a word for a number that we do not translate."""
    if isinstance(ours, datetime):
        told = datetime.fromisoformat(theirs).astimezone(UTC)
        return abs((ours - told).total_seconds()) < 0.001
    if isinstance(theirs, dict) and set(theirs) == set(FLAGS):
        return bool(ours & 255 == sum(1 << i for i, f in enumerate(FLAGS) if theirs[f]))
    if isinstance(ours, bytes):
        if isinstance(theirs, list):
            return ours == bytes(theirs)
        if len(ours) == 6:
            return ours.hex(":") == theirs
        return ours == ip_address(theirs).packed if isinstance(theirs, str) else None
    if isinstance(theirs, str) and isinstance(ours, int):
        return ours == WORDS[theirs] if theirs in WORDS else None
    return ours == theirs if not isinstance(theirs, dict | list) else None


def decode(decoder: FlowDecoder, source: tuple[str, int], payload: bytes, at_ms: int) -> list[dict[str, Any]]:
    decoder.feed(source, payload, at_ms)
    return [row for batch in decoder.take() for row in batch.table().to_pylist()]


@pytest.mark.parametrize("expected", PAIRS, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_a_whole_capture_agrees_with_a_second_decoder(expected: Path, shared_data: Path) -> None:
    """Every record of every message has the values that a second, independent decoder reads."""
    decoder = FlowDecoder()
    messages = [json.loads(line) for line in expected.read_text("utf-8").splitlines()]
    capture = list(datagrams(expected.with_name(expected.name.replace("-flow.json", ".pcap"))))
    assert len(capture) == len(messages)
    agreed = unsaid = total = 0
    for datagram, message in zip(capture, messages, strict=True):
        rows = decode(decoder, datagram.source, datagram.payload, datagram.at_ms)
        theirs = records(message)
        assert len(rows) == sum(map(len, theirs.values()))
        for names, group in theirs.items():
            mine = [r for r in rows if set(names) <= {re.sub(r"_\d+$", "", k) for k in r} and _size(r) == len(names) + group[0]["(scope)"]]
            assert len(mine) == len(group)
            for ours, other in zip(mine, group, strict=True):
                verdicts = {k: same(ours[k], v) for k, v in other.items() if k in ours and k != "(scope)"}
                assert [(k, ours[k], other[k]) for k, good in verdicts.items() if good is False] == []
                agreed += sum(v is True for v in verdicts.values())
                unsaid += sum(v is None for v in verdicts.values())
        total += len(rows)
    assert total > 0
    assert agreed > 9 * unsaid


def _size(row: dict[str, Any]) -> int:
    return len(row) - 5  # without exporter, domain, template, received, exported


LINE = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|[^,\s]+)')


@pytest.mark.parametrize("case", ["netflow_v5_example", "netflow_v9_example", "ipfix_example"])
def test_addresses_ports_and_counts_agree_with_a_third_decoder(case: str, shared_data: Path) -> None:
    """The same flows, as (source, port, destination, port, octets, packets), as its expected lines tell."""
    folder = shared_data / "flow" / "telegraf" / case
    decoder = FlowDecoder()
    for part in sorted(folder.glob("*.bin")):
        decoder.feed(("127.0.0.1", 2055), part.read_bytes(), 0)
    wanted = frozenset({"src", "dst", "src_port", "dst_port", "octets", "packets"})
    rows = [row for batch in decoder.take() for row in normalise(batch, wanted).to_pylist()]
    ours = [(text(r["src"]), r["src_port"], text(r["dst"]), r["dst_port"], r["octets"], r["packets"]) for r in rows]
    theirs = []
    for line in (folder / "expected.out").read_text("utf-8").splitlines():
        told = {k: v.strip('"').rstrip("ui") if not v.startswith('"') else v.strip('"') for k, v in LINE.findall(line)}
        if "src" in told:
            told = {k.replace("_total", ""): v for k, v in told.items()}
            numbers = [int(told[k]) if k in told else None for k in ("src_port", "dst_port", "in_bytes", "in_packets")]
            theirs.append((told["src"], numbers[0], told["dst"], numbers[1], numbers[2], numbers[3]))
    assert sorted(map(str, ours)) == sorted(map(str, theirs))
    assert len(ours) > 1


def text(address: bytes | None) -> str | None:
    if address is None:
        return None
    parsed = ip_address(address)
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


COUNTS = {
    "amp.isakmp.v9.pcap": 3978, "cc.slips-test-cc-1.v9.pcap": 594, "mixed.dns-rrsig-frag.v10.pcap": 414, "p2p.bittorrent.v10.pcap": 42,
    "synflood.spoofed.v9.pcap": 37669, "synflood.spoofed.v10.pcap": 37669,
}  # fmt: skip


@pytest.mark.parametrize("name", COUNTS)
def test_a_real_exporters_capture_gives_all_its_records(name: str, shared_data: Path) -> None:
    """Softflowd says how many flows it exported; that many come out, and nothing is refused."""
    decoder = FlowDecoder()
    rows = 0
    for datagram in datagrams(shared_data / "flow" / "derived-softflowd" / name):
        decoder.feed(datagram.source, datagram.payload, datagram.at_ms)
        rows += sum(len(b) for b in decoder.take() if not b.options)
    (counts,) = decoder.counters.values()
    assert rows == counts["records"] == COUNTS[name]
    assert set(counts) <= {"datagrams", "templates", "records", "option-records", "sequence-gap", "out-of-order"}


def akvorado(shared: Path, *names: str) -> tuple[FlowDecoder, list[dict[str, Any]]]:
    decoder = FlowDecoder()
    for name in names:
        for datagram in datagrams(shared / "flow" / "akvorado" / "netflow" / f"{name}.pcap"):
            decoder.feed(datagram.source, datagram.payload, datagram.at_ms)
    return decoder, [row for batch in decoder.take() for row in normalise(batch, frozenset(NAMES)).to_pylist()]


def test_each_flow_has_the_sampling_of_its_own_sampler(shared_data: Path) -> None:
    """Two samplers of one exporter, told by option data: every row keeps its raw counts and says its own interval."""
    parts = ("options-template", "options-data", "template", "data")
    _, rows = akvorado(shared_data, *(f"multiplesamplingrates-{p}" for p in parts))
    assert len(rows) == 12
    assert {r["sampling"] for r in rows} == {2000, 4000}
    assert (text(rows[0]["src"]), rows[0]["sampling"], rows[0]["octets"]) == ("ffff::68", 4000, 1348)


def test_sampling_in_the_flow_record_itself_is_told(shared_data: Path) -> None:
    """An exporter that repeats the interval in every record."""
    _, rows = akvorado(shared_data, "samplingrate-template", "samplingrate-data")
    assert [r["sampling"] for r in rows] == [2048] * 6


def test_icmp_type_and_code_are_found_where_each_family_has_them(shared_data: Path) -> None:
    """ICMP echo of both families."""
    _, rows = akvorado(shared_data, "icmp-template", "icmp-data")
    assert [(r["protocol"], r["icmp_type"], r["icmp_code"]) for r in rows] == [(58, 128, 0), (58, 129, 0), (1, 8, 0), (1, 0, 0)]
    assert [r["dst_port"] for r in rows] == [128 << 8, 129 << 8, 8 << 8, 0]


def test_data_before_its_template_in_one_datagram_is_decoded(shared_data: Path) -> None:
    """The data set comes first, its template behind it."""
    decoder, rows = akvorado(shared_data, "data+templates")
    (counts,) = decoder.counters.values()
    assert len(rows) == counts["records"] == 21
    assert counts["no-template"] == counts["late"] == 1


def test_data_whose_template_never_comes_is_counted_and_kept_back(shared_data: Path) -> None:
    """Without its template nothing is guessed."""
    decoder, rows = akvorado(shared_data, "multiplesamplingrates-data")
    (counts,) = decoder.counters.values()
    assert rows == []
    assert counts["no-template"] == 1


def test_version_5_of_a_real_router_is_whole(shared_data: Path) -> None:
    """29 records with their times, all before the header's."""
    _, rows = akvorado(shared_data, "nfv5")
    assert len(rows) == 29
    assert all(r["start"] <= r["end"] for r in rows)


def test_nat_events_have_their_addresses_and_one_time(shared_data: Path) -> None:
    """Event records tell one observation time: it is start and end."""
    _, rows = akvorado(shared_data, "nat")
    assert len(rows) == 9
    assert all(r["start"] == r["end"] is not None for r in rows)
