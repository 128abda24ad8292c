"""The invariant of every flow decoder, and how a fuzzer's bytes become datagrams.

Invariant: `feed` never raises. What came out is what was counted. A datagram never gives more rows than it has bytes.
Every batch becomes a table, and every normalised column has one value a row.
"""

from __future__ import annotations

import struct

import atheris

with atheris.instrument_imports(include=["sekisho.wire"]):
    from sekisho.wire.flows import NAMES, FlowDecoder, normalise

EXPORTER = ("192.0.2.1", 2055)


def template_set(version: int) -> bytes:
    """A template with every kind of field, so that the fuzzer's data sets meet one from the start."""
    fields = [(8, 4), (28, 16), (7, 2), (2, 3), (22, 4), (152, 8), (154, 8), (82, 9), (56, 6), (9999, 5), (210, 0)]
    if version == 10:
        fields += [(83, 65535), (276, 1), (320, 8)]
    body = struct.pack("!HH", 256, len(fields)) + b"".join(struct.pack("!HH", *f) for f in fields)
    return struct.pack("!HH", 0 if version == 9 else 2, len(body) + 4) + body


def header(version: int, body: bytes) -> bytes:
    """A header that lets the body through, so that the fuzzer does not spend itself on sixteen bytes."""
    if version == 9:
        return struct.pack("!HHIIII", 9, 1, 0, 0, 0, 0) + body
    return struct.pack("!HHIII", 10, len(body) + 16, 0, 0, 0) + body


def datagrams(version: int, data: bytes) -> list[bytes]:
    """Up to four datagrams: a byte of choice (with a good header, or with only the version right), a length, bytes."""
    found = [] if version == 5 else [header(version, template_set(version))]
    while len(data) > 3 and len(found) < 4:
        choice, size = data[0], int.from_bytes(data[1:3]) % 1500
        body, data = data[3 : 3 + size], data[3 + size :]
        found.append(header(version, body) if choice & 1 and version != 5 else version.to_bytes(2) + body)
    return found


def one_input(version: int, data: bytes) -> None:
    """Feed the datagrams and check the invariant."""
    decoder = FlowDecoder()
    parts = datagrams(version, data)
    for moment, part in enumerate(parts):
        decoder.feed(EXPORTER, part, moment)
    batches = decoder.take()
    counts = decoder.counters[EXPORTER] if parts else {}
    rows = sum(map(len, batches))
    assert rows == counts.get("records", 0) + counts.get("option-records", 0), "rows that nobody counted"
    assert rows <= sum(map(len, parts)), "more rows than bytes"
    for batch in batches:
        assert batch.table().num_rows == len(batch), "a column of another length"
        assert normalise(batch, frozenset(NAMES)).num_rows == (0 if batch.options else len(batch)), "a row lost in normalising"
