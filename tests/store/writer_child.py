"""A collector to be killed: appends numbered rows for ever, flushes, rotates, and says after each flush how many rows are safe."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from sekisho.store.spec import compile_stream
from sekisho.store.stream import StreamWriter
from tests.store.conftest import hits_scope, permit_for


def main() -> None:
    folder, halves = Path(sys.argv[1]), {k: bytes.fromhex(v) for k, v in json.loads(sys.argv[2]).items()}
    spec = compile_stream(permit_for(hits_scope(columns=("line", "start"))), "hits")
    writer = StreamWriter(folder, "p1", spec, halves.__getitem__, lambda: datetime(2026, 11, 21, 10, tzinfo=UTC), rotate_rows=1500)
    number = 0
    while True:
        for _ in range(4):
            rows = list(range(number, number + 50))
            lines = pa.array([n.to_bytes(16, "big") for n in rows], pa.binary(16))
            writer.append(pa.RecordBatch.from_arrays([lines, pa.array(rows, spec.schema.field("start").type)], schema=spec.schema))
            number += 50
        writer.flush()
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
