"""A look to be broken: reads one stream folder after the other and tells the rows, or the error, of each. Keys come over a pipe."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path

import duckdb
import pyarrow as pa

from sekisho.store.errors import StoreError
from sekisho.store.view import open_view
from tests.store.conftest import DAY, HITS, hits_scope, permit_for


def look_at(pipe: Connection, folders: list[Path]) -> None:
    """For each folder sends ("rows", repr of the sorted rows) or ("error", words)."""

    def release(key_id: str, wrapped: bytes) -> bytes:
        pipe.send(("release", key_id, wrapped))
        answer = pipe.recv()
        if isinstance(answer, bytes):
            return answer
        raise PermissionError(answer)

    for folder in folders:
        try:
            with open_view(folder, permit_for(hits_scope(line="open")), "hits", HITS, [DAY], release) as view:
                rows = view.relation.to_pyarrow().to_pylist()
        except (StoreError, OSError, pa.ArrowException, duckdb.Error) as error:
            pipe.send(("error", str(error)))
        else:
            pipe.send(("rows", sorted(map(repr, rows))))
