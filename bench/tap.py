"""Reading dnstap beside the public decoders, on the same bytes in the same run: python -m bench.tap [--json]

Both take one resolver's stream from memory in pieces of 64 KiB and give client, name and type of each query. Beside ours: `fstrm` for the
frames, `dnstap-pb` (C underneath) for the message, and for the question once our own reader and once `dnspython`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator

import dns.message
import fstrm
import pyarrow as pa
from dnstap_pb import Dnstap

from sekisho.wire.dnstap import COLUMNS, CONTENT, START, TapReader, control, question

MESSAGES, ROUNDS, PIECE = 40_000, 5, 1 << 16


def stream() -> bytes:
    """START and MESSAGES queries of 5,000 clients for 4,000 names."""
    said, parts = Dnstap(), [control(START, CONTENT)]
    said.type, said.identity, said.version = 1, b"venue", b"dnsdist 1.7.3"
    for n in range(MESSAGES):
        m = said.message
        m.type, m.socket_family, m.socket_protocol, m.query_port = 5, 1, 1, 1024 + n % 60_000
        m.query_address, m.query_time_sec, m.query_time_nsec = (0x0A000000 + n % 5_000).to_bytes(4, "big"), 1_795_000_000 + n // 2_000, n
        m.query_message = dns.message.make_query(f"www{n % 4_000}.cdn.example.net.", "AAAA" if n % 3 else "A", use_edns=0).to_wire()
        frame = said.SerializeToString()
        parts.append(len(frame).to_bytes(4, "big") + frame)
    return b"".join(parts)


def pieces(data: bytes) -> Iterator[bytes]:
    return (data[at : at + PIECE] for at in range(0, len(data), PIECE))


def ours(data: bytes) -> pa.Table:
    reader, found = TapReader(), []
    for piece in pieces(data):
        reader.feed(piece)
        found.append(reader.take())
    return pa.concat_tables(found)


def public(read: Callable[[bytes], tuple[str, int]]) -> Callable[[bytes], pa.Table]:
    """The public decoders, with `read` for the question."""

    def run(data: bytes) -> pa.Table:
        codec, said, found = fstrm.FstrmCodec(), Dnstap(), []
        for piece in pieces(data):
            codec.append(piece)
            while codec.process():
                kind, _, payload = codec.decode()
                if kind == fstrm.FSTRM_DATA_FRAME:
                    said.ParseFromString(payload)
                    found.append((said.message.query_address, *read(said.message.query_message)))
        return pa.table([pa.array(c, f.type) for c, f in zip(zip(*found, strict=True), COLUMNS, strict=True)], schema=COLUMNS)

    return run


def by_dnspython(wire: bytes) -> tuple[str, int]:
    asked = dns.message.from_wire(wire).question[0]
    return asked.name.to_text(omit_final_dot=True).lower(), int(asked.rdtype)


def measure() -> dict[str, int]:
    """Messages a second by reader: the best of ROUNDS, and all of them read the same."""
    data, found = stream(), dict[str, int]()
    first = ours(data)
    for name, run in {"ours": ours, "public, our question": public(question), "public, dnspython": public(by_dnspython)}.items():
        if not run(data).equals(first):
            raise SystemExit(f"{name} read something else")
        best = min(_seconds(run, data) for _ in range(ROUNDS))
        found[name] = int(first.num_rows / best)
    return found


def _seconds(run: Callable[[bytes], pa.Table], data: bytes) -> float:
    began = time.process_time()
    run(data)
    return time.process_time() - began


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--json", action="store_true")
    as_json, found = asked.parse_args().json, measure()
    sys.stdout.write(json.dumps(found) + "\n" if as_json else "".join(f"{n:24}{v:>12,} messages/CPU s\n" for n, v in found.items()))


if __name__ == "__main__":
    main()
