"""Fuzz the reader of dnstap: python tests/fuzz/fuzz_dnstap.py -runs=20000

Invariant: nothing but FormError is raised; cut in two anywhere, the same bytes give the same rows, answers, counts and end; a good
message before the noise is always read; each message is a row or counted under one error; a row is a client, a name and a type.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["sekisho.wire"]):
    from sekisho.wire.cursor import FormError
    from sekisho.wire.dnstap import ACCEPT, CONTENT, READY, START, STOP, TapReader, control

QUESTION = bytes.fromhex("0001 0100 0001 0000 0000 0000") + b"\x03www\x07example\x00\x00\x01\x00\x01"
GOOD = b"\x72" + bytes([10 + len(QUESTION)]) + b"\x08\x05\x22\x04\xc0\x00\x02\x07\x52" + bytes([len(QUESTION)]) + QUESTION + b"\x78\x01"
FRAME = len(GOOD).to_bytes(4, "big") + GOOD
BEGINS = control(READY, CONTENT) + control(START, CONTENT) + FRAME
CUT = b"\x00\x00\x00\x01\xff"
WORDS = [
    FRAME,
    CUT,
    GOOD,
    QUESTION,
    control(STOP),
    control(READY, CONTENT),
    b"\x08\x05",
    b"\x22\x04\xc0\x00\x02\x07",
    b"\x78\x01",
    bytes(4),
]


def heard(parts: list[bytes]) -> tuple[list[dict[str, object]], bytes, dict[str, int], str]:
    """Rows, answers, counts, and how it ended."""
    reader, end = TapReader(), ""
    for part in parts:
        try:
            reader.feed(part)
        except FormError as why:
            end = why.code
    return reader.take().to_pylist(), reader.answers(), dict(reader.counters), end


def framed(data: bytes) -> bytes:
    """Some of the fuzzer's bytes stand for whole words; half of the time what follows is one message, whose length is right."""
    noise = b"".join(WORDS[b - 128] if 128 <= b < 128 + len(WORDS) else bytes([b]) for b in data[2:])
    whole = len(data) > 1 and data[1] & 1 and noise
    return BEGINS + (len(noise).to_bytes(4, "big") + noise if whole else noise)


def one_input(data: bytes) -> None:
    """Read it in one piece and in two, and compare."""
    stream = framed(data)
    at = data[0] * len(stream) // 256 if data else 0
    whole, cut = heard([stream]), heard([stream[:at], stream[at:]])
    assert whole == cut, "something else from the same bytes"
    rows, answers, counts, _ = whole
    assert rows[0] == {"client": b"\xc0\x00\x02\x07", "name": "www.example", "type": 1}, "a good message lost"
    assert answers.startswith(control(ACCEPT, CONTENT)), "no answer to READY"
    assert counts.pop("messages") == len(rows) + sum(counts.values()), "a message that is neither read nor counted"
    for row in rows:
        assert len(row["client"]) in (4, 16), "no address"
        assert row["name"].isascii(), "no name"


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
