"""Fuzz the reader of FreeRADIUS detail text: python tests/fuzz/fuzz_radius_detail.py -runs=20000

Invariant: no bytes raise; whole or cut in two anywhere, the same bytes give the same rows and counts; a good record before
the noise is always kept; what the rows say of intervals never raises either.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["sekisho.wire"]):
    from sekisho.wire.intervals import holder, intervals
    from sekisho.wire.radius_detail import DetailReader

GOOD = b"""Sat Feb 28 15:00:01 2026
\tAcct-Status-Type = Start
\tEvent-Timestamp = "Feb 28 2026 15:00:00 UTC"
\tNAS-IP-Address = 192.0.2.1
\tUser-Name = "user001"
\tFramed-IP-Address = 203.0.113.10

"""
WORDS = [line.lstrip(b"\t") for line in GOOD.splitlines()[1:-1]] + [
    b"Acct-Session-Time = 9",
    b"Delegated-IPv6-Prefix = 2001:db8::/56",
    b"Acct-Session-Id = 1",
]


def text(data: bytes) -> bytes:
    """Some of the fuzzer's bytes stand for whole attributes, so that it soon writes records."""
    return b"".join(b"\t" + WORDS[b - 128] + b"\n" if 128 <= b < 128 + len(WORDS) else bytes([b]) for b in data)


def one_input(data: bytes) -> None:
    """Read it in one piece and in two, and compare."""
    noise = GOOD + text(data[1:])
    whole, cut = DetailReader(), DetailReader()
    whole.feed(noise)
    at = data[0] * len(noise) // 256 if data else 0
    cut.feed(noise[:at])
    cut.feed(noise[at:])
    whole.close()
    cut.close()
    rows = whole.take()
    assert rows == cut.take(), "other rows from the same bytes"
    assert whole.counters == cut.counters, "other counts from the same bytes"
    assert rows[0].user == "user001", "a good record lost"
    for interval in intervals(rows):
        assert interval.proven_from <= interval.proven_until, "proven before it began"
        holder([interval], interval.address, interval.proven_from, interval.proven_until, 0)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
