"""UDP socket to sealed stream, by the very collector that runs in production; and the same into plain Parquet, to show what sealing costs.

`keep` is stood in for by this process: one permit that names every column, signed and entered in a ledger made for the run.
"""

from __future__ import annotations

import json
import resource
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sekisho.desk.flows import intake
from sekisho.desk.flows.standing import StandingPermit
from sekisho.desk.opening import begin, open_world
from sekisho.desk.prove import proof_text
from sekisho.desk.settings import Intake, Network, Operator, Settings
from sekisho.desk.world import World
from sekisho.faces.processes.collect import Collector
from sekisho.gate.check import sign_lease
from sekisho.gate.permit import PERMIT_CONTEXT, Permit, SignedPermit
from sekisho.law.canonical import canonical, plain
from sekisho.law.words import Element, Step
from sekisho.ledger.entry import Entry, EntryType, commit
from sekisho.measures.measure import step
from sekisho.measures.registry import EVERY
from sekisho.store.schema import FLOWS
from sekisho.store.spec import term_end

ROOT = Path(__file__).resolve().parents[1]
COLUMNS = tuple(FLOWS.names)


class Keep:
    """Answers a collector's questions in process; signatures, ledger and keys are real."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.signed = self._permit()

    def call(self, method: str, **params: Any) -> Any:
        now = datetime.now(UTC)
        if method == "standing":
            lease = sign_lease(self.signed_id, now + timedelta(seconds=30), self.world.signer)
            return [json.loads(json.dumps(plain(StandingPermit(self.signed, lease))))]
        if method == "half":
            period = str(params["key_id"]).rpartition("/")[2]
            return self.world.vault.public_half(params["key_id"], term_end(period, timedelta(days=1))).hex()
        return None

    def _permit(self) -> SignedPermit:
        declared = step(EVERY["infected-notice"], "match")
        wide = Step(declared.name, declared.kind, declared.acts, frozenset(Element), declared.purpose, declared.audience)
        now = datetime.now(UTC)
        streams = {"hits": {"shape": "flows", "rows": "all", "columns": COLUMNS, "term_days": 1}}
        permit = Permit(
            "permit-0123456789abcdef", "bench", "infected-notice", wide, {"streams": streams}, (), "", now - timedelta(seconds=1),
            now + timedelta(hours=1), (), (), False, False,
        )  # fmt: skip
        self.signed_id = permit.id
        body = canonical(permit)
        commitment, salt = commit(body)
        entry = Entry(EntryType.PERMIT, now, {"permit": permit.id}, commitments={"body": commitment}).encode()
        (index,) = self.world.log.append_many([entry])
        signature = self.world.signer.sign(PERMIT_CONTEXT + body)
        return SignedPermit(body, signature, proof_text(self.world.log.receipt(index), entry, salt))


def settings(folder: Path, port: int) -> Settings:
    return Settings(
        folder=folder / "state",
        operator=Operator("bench", "bench"),
        book=ROOT / "casebook" / "jp",
        texts=ROOT / "texts",
        intake=Intake(flows=f"127.0.0.1:{port}", receive_buffer=4_000_000),
        network=Network(prefixes=("10.0.0.0/8",)),
    )


def sealed_collector(port: int, bound: Any, result: Any) -> None:
    """The production collector until three bytes come; reports rows sealed and its CPU seconds."""
    _collect(port, bound, result)


def plain_collector(port: int, bound: Any, result: Any) -> None:
    """The same collector with a writer that puts the same rows into unsealed Parquet, same compression."""
    intake.StreamWriter = PlainWriter  # type: ignore[misc, assignment] # the one part that is exchanged
    _collect(port, bound, result)


def _collect(port: int, bound: Any, result: Any) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-sealed-") as name:
        collector = made(Path(name), port)
        collector.bound = bound
        collector.run()
        result.send((collector.intake.counters["sealed"], _used() - collector.began))


def _used() -> float:
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


def made(folder: Path, port: int) -> Watched:
    """A fresh installation in `folder` and its collector, which keeps every column of every flow."""
    chosen = settings(folder, port)
    begin(chosen, bytes(32), [])
    keep = Keep(open_world(chosen, bytes(32)))
    return Watched(chosen, keep, 0)  # type: ignore[arg-type] # a channel is whatever answers


class Watched(Collector):
    """Says when it listens, and ends when a datagram of three bytes came: they are counted as a wrong version."""

    bound: Any = None
    began = 0.0

    def _turn(self) -> None:
        if self.receiver is not None and not self.bound.is_set():
            self.began = _used()  # starting is not receiving
            self.bound.set()
        super()._turn()
        if any(counts["wrong-version"] for counts in self.intake.decoder.counters.values()):
            self.going = False


class PlainWriter:
    """A stream writer without sealing."""

    def __init__(self, folder: Path, _permit: str, spec: Any, *_rest: Any, **_options: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = pq.ParquetWriter(folder / "plain.parquet", spec.schema, compression="lz4")
        self._rows: list[pa.RecordBatch] = []

    def append(self, batch: pa.RecordBatch) -> None:
        self._rows.append(batch)

    def flush(self) -> int:
        rows = sum(b.num_rows for b in self._rows)
        if rows:
            self._file.write_table(pa.Table.from_batches(self._rows))
        self._rows = []
        return rows

    def close(self) -> None:
        self.flush()
        self._file.close()
