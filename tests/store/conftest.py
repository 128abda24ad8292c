"""A vault, a permit and a stream to write: what the store's tests start from."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from sekisho.gate.permit import Permit
from sekisho.law.words import Act, Element, Kind, Step, Value
from sekisho.store.schema import ADDRESS, INSTANT
from sekisho.store.spec import StreamSpec, compile_stream, term_end
from sekisho.store.stream import StreamWriter
from sekisho.store.vault import Vault

DAY = "2026-11-21"
LIST = "a" * 64
HITS = ("line", "line_port", "peer", "peer_port", "protocol", "start", "end")
ROOT_KEY = bytes(range(32))


def permit_for(
    scope: dict[str, Value], elements: frozenset[Element] = frozenset(Element), name: str = "p1", purpose: str = "infected-notice"
) -> Permit:
    """A permit as the store sees one: only its id, its step's elements and its scope matter here."""
    step = Step("match", Kind.MATCH, frozenset({Act.LEARN}), elements, purpose)
    now = datetime(2026, 11, 21, tzinfo=UTC)
    return Permit(
        name, "plan", "infected-notice", step, scope, ("jp/B-13/1",), "b" * 64, now, now + timedelta(days=30), (), (), False, False
    )


def hits_scope(**changes: Value) -> dict[str, Value]:
    stream: dict[str, Value] = {"shape": "flows", "rows": "hits", "columns": HITS, "list": LIST, "term_days": 30}
    return {"streams": {"hits": {k: v for k, v in {**stream, **changes}.items() if v is not None}}}


def some_rows(schema: pa.Schema, count: int, seed: int = 0, nulls: bool = False) -> pa.RecordBatch:
    """Rows of any shape; addresses start with a mark that must never be found on a disk."""
    rng = random.Random(seed)

    def value(kind: pa.DataType) -> object:
        if nulls and rng.random() < 0.2:
            return None
        if kind == ADDRESS:
            return b"PLAINADR" + rng.randbytes(8)
        if kind == INSTANT:
            return datetime(2026, 11, 21, tzinfo=UTC) + timedelta(milliseconds=rng.randrange(86_400_000))
        if pa.types.is_string(kind):
            return f"plain-name-{rng.randrange(1000)}"
        return rng.randrange(1 << kind.bit_width)

    return pa.RecordBatch.from_arrays([pa.array([value(f.type) for _ in range(count)], f.type) for f in schema], schema=schema)


@dataclass
class Clock:
    """A clock the test moves."""

    now: datetime = datetime(2026, 11, 21, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Node:
    """What `keep` and the disk hold in a test. `asked` counts releases by key id."""

    home: Path
    vault: Vault
    clock: Clock
    asked: Counter[str] = field(default_factory=Counter)
    permit: Permit = field(default_factory=lambda: permit_for(hits_scope()))

    @property
    def streams(self) -> Path:
        return self.home / "streams"

    @property
    def spec(self) -> StreamSpec:
        return compile_stream(self.permit, "hits")

    def half(self, key_id: str) -> bytes:
        return self.vault.public_half(key_id, term_end(key_id.rsplit("/", 1)[1], timedelta(days=30)))

    def release(self, key_id: str, wrapped: bytes) -> bytes:
        self.asked[key_id] += 1
        return self.vault.unwrap(key_id, wrapped)

    def token_key(self, period: str) -> bytes:
        return self.vault.token_key(self.permit.step.purpose, period, term_end(period, timedelta(days=30)))

    def writer(self, **knobs: int | timedelta) -> StreamWriter:
        return StreamWriter(self.streams, self.permit.id, self.spec, self.half, self.clock, **knobs)  # type: ignore[arg-type]  # test knobs

    def rows(self, count: int, seed: int = 0) -> pa.RecordBatch:
        return some_rows(self.spec.schema, count, seed)

    def refusing(self, *classes: str) -> Callable[[str, bytes], bytes]:
        """A `keep` that releases no key of these classes."""

        def release(key_id: str, wrapped: bytes) -> bytes:
            if key_id.split("/")[1] in classes:
                raise PermissionError(f"no permit for {key_id}")
            return self.release(key_id, wrapped)

        return release

    def looking(self, **view: Value) -> Permit:
        """A permit of another step that looks at this stream."""
        entry: dict[str, Value] = {
            "shape": "flows",
            "of": self.permit.id,
            "columns": ("line", "line_port", "start"),
            "line": "open",
            **view,
        }
        return replace(permit_for({"views": {"hits": entry}}, name="p2"))


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    clock = Clock()
    with Vault.create(tmp_path / "vault", ROOT_KEY, clock) as vault:
        yield Node(tmp_path, vault, clock)


def days_later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def files_of(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file()]


def bytes_of(folder: Path) -> bytes:
    """Every byte under a folder, names included."""
    return b"\n".join(os.fsencode(p) + b"\n" + (p.read_bytes() if p.is_file() else b"") for p in sorted(folder.rglob("*")))
