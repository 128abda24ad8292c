"""Fuzz what proxies and strangers write before a request: python tests/fuzz/fuzz_sender_headers.py -runs=20000

Invariant: `Forwarded` and X-Forwarded-For are read completely or not at all, and what was read reads the same again. The PROXY protocol
gives the same answer however its bytes arrive, and never takes more than its own. No headers make `resolve` raise, and what it says is a
valid record.
"""

from __future__ import annotations

import sys
from contextlib import suppress

import atheris

with atheris.instrument_imports(include=["sekisho_sender"]):
    from sekisho_sender.connection import Connection
    from sekisho_sender.forwarded import MOST, parse, parse_list
    from sekisho_sender.nodes import Unreadable
    from sekisho_sender.proxy_protocol import SIGNATURE, Proxied
    from sekisho_sender.proxy_protocol import parse as parse_proxy
    from sekisho_sender.record import Record, SubjectKind, address, canonical, read
    from sekisho_sender.trust import Peer, Reading, Trust
    from sekisho_sender.walk import resolve

WORDS = [
    "for=", "by=", '"192.0.2.7:80"', '"[2001:db8::7]:443"', "192.0.2.9", "10.0.0.1", "unknown", "_hidden", ";", ", ",
    "proto=https", '"', "\\", ":",
    "host=x", "2001:db8::1", "PROXY TCP4 ", "192.0.2.1 192.0.2.2 1 2\r\n", "PROXY UNKNOWN", " ",
]  # fmt: skip
LINE = b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"
PIECES = [SIGNATURE, b"\x21\x11\x00\x0c", b"\x21\x21\x00\x24", b"\x20\x00\x00\x00", LINE, b"\x00\x0c", bytes(12)]
TRUSTS = [
    Trust((Peer("10.0.0.1", reading, appends=appends), Peer("10.0.0.2", reading)))
    for reading in Reading
    for appends in (False, True)
    if not appends or reading in (Reading.FORWARDED, Reading.XFF, Reading.XFF_PORT)
]


def text(data: bytes) -> str:
    """Some of the fuzzer's bytes stand for whole words, so that it soon writes headers."""
    return "".join(WORDS[b - 128] if 128 <= b < 128 + len(WORDS) else chr(b) for b in data)


def forwarded(said: str) -> None:
    with suppress(Unreadable):
        found = parse(said)
        assert len(found) <= MOST, "more elements than may be"
        assert [e.pairs for e in parse(", ".join(e.raw for e in found))] == [e.pairs for e in found], "read otherwise again"
        for element in found:
            element.end("for")
            element.end("by")
    for with_port in (False, True):
        with suppress(Unreadable):
            for end, _ in parse_list(said, with_port=with_port):
                assert end.ip is None or str(address(end.ip, end.port)), "not an address"


def proxy(data: bytes) -> None:
    whole = outcome(data)
    if isinstance(whole, Proxied):
        assert whole.length <= len(data), "took more than there was"
        assert outcome(data[: whole.length]) == whole, "what follows the header changed it"
    for at in range(min(len(data), 64)):
        part = outcome(data[:at])
        assert part in (None, whole), "a piece said something else than the whole"


def outcome(data: bytes) -> Proxied | str | None:
    try:
        return parse_proxy(data)
    except Unreadable as wrong:
        return str(wrong)


def whole_walk(trust: Trust, data: bytes) -> None:
    names = sorted(trust.names.values())
    headers: dict[str, list[str]] = {}
    for line in data.split(b"\n")[:8]:
        headers.setdefault(names[line[0] % len(names)] if line else names[0], []).append(text(line[1:]))
    connection = Connection(address("10.0.0.1", 4000), sure=True, local=address("192.0.2.5", 443))
    sender = resolve(connection, headers, trust, 1)
    assert (sender.source is None) <= ("source:" in sender.why_empty), "empty without a reason"
    record = Record("r", SubjectKind.POST, "1", sender)
    assert read(canonical(record)) == record, "not a valid record"


def one_input(data: bytes) -> None:
    if not data:
        return
    if data[0] % 3 == 0:
        forwarded(text(data[1:]))
    elif data[0] % 3 == 1:
        proxy(b"".join(PIECES[b - 128] if 128 <= b < 128 + len(PIECES) else bytes([b]) for b in data[1:]))
    else:
        whole_walk(TRUSTS[data[0] // 3 % len(TRUSTS)], data[1:])


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
