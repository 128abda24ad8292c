"""Captures, strangers' ones too: what a router's rules see of each packet, and one error for bytes that break the form."""

from __future__ import annotations

import gzip
import io
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.wire import capture
from sekisho.wire.capture import Packet, packets
from sekisho.wire.cursor import FormError
from tests.wire.captures import datagrams
from tests.wire.making import pcap, pcapng, tcp, udp, v4, v6

DATA = bytes(range(100, 130))
ETHERNET = bytes(12)
TAG = b"\x81\x00\x00\x07"
FRAGMENTED = (44, struct.pack("!BHI", 0, 8 << 3, 7))


def read(raw: bytes) -> list[Packet | None]:
    return list(packets(io.BytesIO(raw)))


def one(frame: bytes, link: int = 101, keep: int = 65535) -> Packet | None:
    (found,) = read(pcap([frame], link, keep=keep))
    return found


def code(raw: bytes) -> str:
    with pytest.raises(FormError) as bad:
        read(raw)
    return f"{bad.value.who}: {bad.value.code}"


@pytest.mark.parametrize(
    "made",
    [
        pcap,
        lambda f: pcap(f, order=">"),
        lambda f: pcap(f, magic=0xA1B23C4D),
        lambda f: pcap(f, order=">", magic=0xA1B23C4D),
        pcapng,
        lambda f: pcapng(f, order=">"),
        lambda f: pcapng(f, simple=True),
        lambda f: gzip.compress(pcap(f)),
        lambda f: gzip.compress(pcapng(f)),
        lambda f: pcapng(f) + pcapng([], order=">"),
    ],
)
def test_every_kind_of_file_holds_the_same_packets(made: Callable[[list[bytes]], bytes]) -> None:
    frames = [v4(udp(DATA, (9, 10))), v4(b"", 1), v6(tcp(DATA, (11, 12)), 6)]
    first, none, last = read(made(frames))
    assert first is not None
    assert last is not None
    assert (first.protocol, first.ports, first.length, first.first, first.carries) == ("udp", (9, 10), 58, DATA[:16], True)
    assert none is None
    assert (last.protocol, last.ports, last.length, last.first) == ("tcp", (11, 12), 90, DATA[:16])


@pytest.mark.parametrize(
    ("link", "head"),
    [
        (1, ETHERNET + b"\x08\x00"), (1, ETHERNET + TAG + b"\x08\x00"), (1, ETHERNET + b"\x88\xa8\x00\x01" + TAG + b"\x08\x00"),
        (101, b""), (12, b""), (113, bytes(16)), (276, bytes(20)), (0, bytes(4)),
    ],
)  # fmt: skip
def test_the_header_of_each_link_is_passed(link: int, head: bytes) -> None:
    found = one(head + v4(udp(DATA, (9, 10))), link)
    assert found is not None
    assert (found.ports, found.first) == ((9, 10), DATA[:16])


@pytest.mark.parametrize(
    ("packet", "ports"),
    [
        (v4(tcp(DATA, (5, 6), options=3), 6, options=2), (5, 6)),
        (v4(udp(DATA, (5, 6)), more=True), (5, 6)),
        (v4(DATA, offset=64), None),
        (v6(udp(DATA, (5, 6)), extensions=[(0, bytes(7)), (60, bytes([1]) + bytes(14))]), (5, 6)),
        (v6(udp(DATA, (5, 6)), extensions=[(51, bytes([4]) + bytes(22))]), (5, 6)),
        (v6(udp(DATA, (5, 6)), extensions=[(44, bytes(7))]), (5, 6)),
        (v6(DATA, extensions=[FRAGMENTED]), None),
    ],
)
def test_ports_are_found_past_options_and_extensions_and_never_in_a_later_fragment(packet: bytes, ports: tuple[int, int] | None) -> None:
    found = one(packet)
    assert found is not None
    assert found.ports == ports
    assert found.first == (DATA[:16] if ports else b"")


def test_what_stands_after_the_packet_in_its_frame_is_no_part_of_it() -> None:
    """Ethernet fills short frames up."""
    found = one(ETHERNET + b"\x08\x00" + v4(tcp(b"", (1, 2)), 6) + bytes(6), 1)
    assert found is not None
    assert (found.length, found.first, found.carries, found.cut) == (40, b"", False, False)


@pytest.mark.parametrize(("keep", "cut"), [(28, True), (43, True), (44, False), (1000, False)])
def test_a_capture_that_keeps_little_of_each_packet_says_so(keep: int, cut: bool) -> None:
    found = one(v4(udp(DATA)), keep=keep)
    assert found is not None
    assert (found.length, found.cut, found.carries) == (58, cut, True)


@pytest.mark.parametrize(
    "packet",
    [b"", v4(udp())[:19], v4(udp())[:24], b"\x41" + bytes(40), v6(udp())[:39], v6(b"", extensions=[(0, b"")]), v4(b"", 47), bytes(60)],
)
def test_what_is_no_whole_header_is_no_packet(packet: bytes) -> None:
    assert one(packet) is None


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "truncated"),
        (b"no capture at all", "not-a-capture"),
        (pcapng([])[:8] + bytes(20), "not-a-capture"),
        (pcap([v4(udp())])[:-1], "truncated"),
        (pcap([v4(udp())])[:30], "truncated"),
        (pcapng([v4(udp())])[:-2], "truncated"),
        (pcap([]) + struct.pack("<IIII", 0, 0, 1 << 30, 1 << 30), "bad-length"),
        (pcapng([]) + struct.pack("<II", 6, 8), "bad-length"),
        (pcapng([]) + struct.pack("<IIIII", 6, 44, 9, 0, 0) + bytes(24), "bad-block"),
        (pcapng([]) + struct.pack("<IIII", 6, 16, 0, 16), "truncated"),
        (pcapng([]) + struct.pack("<II", 2, 12) + bytes(4), "old-block"),
        (pcap([v4(udp())], link=147), "unknown-link"),
        (gzip.compress(pcap([v4(udp())]), mtime=0)[:40], "not-gzip"),
        (b"\x1f\x8b" + bytes(30), "not-gzip"),
    ],
)
def test_bytes_that_break_the_form_are_one_error_with_its_name(raw: bytes, said: str) -> None:
    assert code(raw) == f"capture: {said}"


def test_a_file_that_unpacks_to_too_much_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "MOST_OCTETS", 10_000)
    assert code(gzip.compress(pcap([bytes(200_000)]))) == "capture: too-large"


GOOD = [pcap([v4(udp(DATA))]), pcapng([v6(tcp(DATA), 6)]), gzip.compress(pcap([]), mtime=0)]


@given(st.binary(max_size=300), st.sampled_from(GOOD), st.integers(0, 99))
def test_no_bytes_do_harm(noise: bytes, good: bytes, at: int) -> None:
    """Noise alone, noise after a good beginning, noise as a packet of every link."""
    for raw in (noise, good[:at] + noise, good + noise, *(pcap([noise], link) for link in capture.LINK_HEADS)):
        try:
            found = read(raw)
        except FormError as bad:
            assert bad.who == "capture"  # noqa: PT017 - it may also be none
        else:
            assert all(p is None or len(p.first) <= capture.FIRST for p in found)


def test_another_reader_finds_the_same_datagrams_in_real_captures(shared_data: Path) -> None:
    for name in ("ndpi/netflow-fritz.pcap", "ndpi/bittorrent.pcap", "derived-softflowd/p2p.bittorrent.v10.pcap"):
        path = shared_data / "flow" / name
        with path.open("rb") as stream:
            found = [(p.ports[1], p.first) for p in packets(stream) if p is not None and p.protocol == "udp" and p.ports]
        assert found == [(d.port, d.payload[:16]) for d in datagrams(path)]
