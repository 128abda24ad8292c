"""From datagrams to sealed rows: each standing permit compiled to rows, columns and term. What no permit names is never decoded.

Where a case says "only hits", the match happens here and the rest is gone before anything is sealed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa

from sekisho.desk.event.panels import lets_count
from sekisho.desk.flows.accounting import AccountingLog
from sekisho.desk.flows.direct import DIRECT_MAIL, DirectMail
from sekisho.desk.flows.standing import StandingPermit
from sekisho.desk.flows.volumes import CLASS_VOLUMES, VOLUMES, ClassVolumes, Volumes
from sekisho.desk.outside import KeepIsGone, KeepSaidNo, Outside
from sekisho.desk.prove import in_ledger
from sekisho.desk.watchlist import ListError, read_list
from sekisho.effects.prefix_sets import BadScope
from sekisho.gate.check import NoPermit, check, read
from sekisho.gate.permit import Lease, Permit, SignedPermit
from sekisho.law.reading import read as read_words
from sekisho.measures.registry import EVERY
from sekisho.store.errors import KeyRefused, StoreError
from sekisho.store.schema import SHAPES
from sekisho.store.spec import StreamSpec, compile_stream
from sekisho.store.stream import StreamWriter
from sekisho.wire.assignments import to_table
from sekisho.wire.batches import Batch
from sekisho.wire.flows import USUAL, FlowDecoder, Run
from sekisho.wire.intervals import Assignment
from sekisho.wire.normal import normalise
from sekisho.wire.orient import Oriented, Watchlist, match_list, orient, sums
from sekisho.wire.prefixes import Prefixes

__all__ = ["Intake", "Kept", "Run", "refusals"]

ENDS, PORTS = ("src", "dst"), ("src_port", "dst_port")
TURNED = {"line": ENDS, "peer": ENDS, "line_port": PORTS, "peer_port": PORTS, "direction": (), "of_class": ()}
SUMMED = frozenset({"end", "exporter", "in_interface", "out_interface", "protocol", "packets", "octets"})
SIDES = frozenset({"src", "dst"})
PICKS: Mapping[str, type[DirectMail | Volumes]] = {DIRECT_MAIL: DirectMail, VOLUMES: Volumes, CLASS_VOLUMES: ClassVolumes}
AT_ONCE = 1 << 15
"""Rows decoded, turned and matched in one go: so many stay in the processor's cache."""
OTHERS = "*"
MOST_EXPORTERS = 64
"""Exporters that are counted one by one; the rest together, under `*`."""


@dataclass
class Kept:
    """One stream under a permit that holds: what feeds it, its compiled form, its writer, and until when `keep` vouches for it."""

    source: str
    permit: Permit
    spec: StreamSpec
    writer: StreamWriter
    listed: Watchlist | None
    picked: DirectMail | Volumes | None
    vouched: datetime

    @property
    def needs(self) -> frozenset[str]:
        """The normalised columns this stream is made from, and no others."""
        if self.spec.rows == "sums":
            return SIDES | SUMMED
        listed = frozenset(PORTS) if self.listed is not None else frozenset()
        picked = self.picked.needs if self.picked is not None else frozenset()
        return SIDES | listed | picked | {n for c in self.spec.columns for n in TURNED.get(c, (c,))}


class Intake:
    """Everything one collector keeps. It holds public halves only and cannot read what it wrote."""

    def __init__(self, world: Outside, accounting: AccountingLog | None) -> None:
        self.world, self.accounting = world, accounting
        self.own = Prefixes(world.settings.network.prefixes)
        self.prove = in_ledger(world.public.ledger)
        self.decoder = FlowDecoder(known=frozenset(world.settings.intake.exporters) or None)
        self.counters: Counter[str] = Counter()
        self.kept: dict[tuple[str, str], Kept] = {}
        self._halves: dict[str, bytes] = {}
        self.counting: dict[str, datetime] = {}
        self.feed = self.decoder.feed

    def renew(self) -> None:
        """Start, go on or stop, as `keep` says; when it says nothing, what it vouched for ends with its word."""
        try:
            self._as_said([read_words(StandingPermit, s) for s in self.world.keep.call("standing")])
        except KeepSaidNo:
            self._as_said([])
        except KeepIsGone:
            self._lapse()

    def receive(self, runs: Iterable[Run]) -> None:
        """Take datagrams as the socket gave them. They are on disk after `turn`."""
        for run in runs:
            self.decoder.feed_run(run)
            if self.decoder.ready >= AT_ONCE:
                self._flows(self.decoder.take())

    def turn(self) -> None:
        """Everything received since the last turn, decoded, matched, sealed and on disk."""
        batches = self.decoder.take()
        if batches:
            self._flows(batches)
        if self.accounting is not None and self.wants("accounting"):
            self._accounting(self.accounting.take())
        if self.flush() and self.accounting is not None:
            self.accounting.mark()

    def totals(self) -> dict[str, int]:
        """Every counter there is, the decoder's by reason: `flows.{reason}` in all, `exporter.{address}.{reason}` for each."""
        totals = dict(self.counters) | self.by_exporter()
        for counts in self.decoder.counters.values():
            for name, count in counts.items():
                totals[f"flows.{name}"] = totals.get(f"flows.{name}", 0) + count
        if self.accounting is not None:
            totals |= {f"accounting.{k}": v for k, v in self.accounting.reader.counters.items()}
        return totals

    def by_exporter(self) -> dict[str, int]:
        """`exporter.{address}.{reason}` for the MOST_EXPORTERS that told most, `exporter.*.{reason}` for the others together."""
        addresses: dict[str, Counter[str]] = {}
        for (address, _), counts in self.decoder.counters.items():
            addresses.setdefault(address or OTHERS, Counter()).update(counts)
        ranked = sorted(addresses, key=lambda a: (a == OTHERS, -addresses[a]["records"], -addresses[a]["datagrams"], a))
        found: Counter[str] = Counter()
        for rank, address in enumerate(ranked):
            shown = address if rank < MOST_EXPORTERS else OTHERS
            found.update({f"exporter.{shown}.{reason}": count for reason, count in addresses[address].items()})
        return dict(found)

    def _as_said(self, standing: Sequence[StandingPermit]) -> None:
        """A stream whose permit is not named any more is closed at once."""
        named = set()
        self.counting = {}
        for one in standing:
            permit = self._checked(one.permit, one.lease)
            if permit is None:
                continue
            if lets_count(permit):
                self.counting[permit.id] = one.lease.until
            streams = permit.scope.get("streams")
            for name in streams if isinstance(streams, Mapping) else ():
                key = (permit.id, name)
                named.add(key)
                if key in self.kept or self._start(permit, name):
                    self.kept[key].vouched = one.lease.until
        for key in set(self.kept) - named:
            self._stop(key)

    def may_count(self) -> str:
        """The permit under which an event's counters may be read now; empty when there is none."""
        now = self.world.clock()
        return next((p for p, vouched in self.counting.items() if vouched > now), "")

    def _lapse(self) -> None:
        now = self.world.clock()
        for key in [k for k, kept in self.kept.items() if kept.vouched <= now or kept.permit.until <= now]:
            self._stop(key)

    def _half(self, key_id: str) -> bytes:
        if key_id not in self._halves:
            try:
                self._halves[key_id] = bytes.fromhex(self.world.keep.call("half", key_id=key_id))
            except KeepSaidNo as no:
                raise KeyRefused(no.code, key_id) from no
        return self._halves[key_id]

    def wants(self, source: str) -> bool:
        """Whether any stream in force is fed from `source`. No stream, no socket."""
        return any(k.source == source for k in self.kept.values())

    def _flows(self, batches: Sequence[Batch]) -> None:
        """Decode the columns the permits name, orient, and keep what each stream keeps."""
        takers = [k for k in self.kept.values() if k.source == "flows"]
        if not takers:
            self.counters["no-permit"] += sum(len(b) for b in batches)
            return
        names = frozenset().union(*(k.needs for k in takers))
        tables = [normalise(b, names) for b in batches]
        if not tables:
            return
        flows = pa.concat_tables(tables)
        self.counters["records"] += flows.num_rows
        turned = orient(flows, self.own)
        self.counters["transit"] += turned.transit
        self.counters["without-address"] += turned.unknown
        for taker in takers:
            self._take(taker, self._rows(taker, turned))

    def _accounting(self, rows: Sequence[Assignment]) -> None:
        """Accounting rows as they came; intervals are made inside the look."""
        takers = [k for k in self.kept.values() if k.source == "accounting"]
        if not takers:
            self.counters["no-permit"] += len(rows)
            return
        if rows:
            self.counters["accounting"] += len(rows)
            for taker in takers:
                self._take(taker, to_table(rows))

    def flush(self) -> bool:
        """Put everything on disk; whether all of it is. A full disk is counted and what was flushed stays good."""
        whole = True
        for kept in self.kept.values():
            try:
                self.counters["sealed"] += kept.writer.flush()
            except (StoreError, ConnectionError) as why:
                whole = False
                self.counters[getattr(why, "code", "keep-is-gone")] += 1
        return whole

    def close(self) -> None:
        for key in list(self.kept):
            self._stop(key)

    def _checked(self, signed: SignedPermit, lease: Lease) -> Permit | None:
        """A permit that holds, in the collector's own eyes: it trusts no socket, only `keep`'s signature."""
        try:
            return check(signed, self.world.public.key, self.world.clock(), step=_step(signed), scope=_keeps, lease=lease, prove=self.prove)
        except NoPermit as no:
            self.counters[f"permit-{no.code}"] += 1
            return None

    def _start(self, permit: Permit, name: str) -> bool:
        source = next((s.source for s in EVERY[permit.measure].streams if s.name == name and s.step == permit.step.name), None)
        if source is None or source == "register":
            return False
        try:
            spec = compile_stream(permit, name)
            listed = read_list(self.world.settings.lists, spec.list_digest) if spec.list_digest else None
            picked = PICKS[spec.rows](permit) if spec.rows in PICKS else None
        except (StoreError, ListError, BadScope) as why:
            self.counters[f"stream-{why.code}"] += 1
            return False
        settings = self.world.settings
        after = timedelta(seconds=settings.intake.rotate_seconds)
        writer = StreamWriter(settings.folder / "streams", permit.id, spec, self._half, self.world.clock, rotate_after=after)
        entries = Watchlist(listed.entries) if listed else None
        self.kept[permit.id, name] = Kept(source, permit, spec, writer, entries, picked, self.world.clock())
        return True

    def _stop(self, key: tuple[str, str]) -> None:
        kept = self.kept.pop(key)
        try:
            kept.writer.close()
        except (StoreError, ConnectionError):
            self.counters["closed-unclean"] += 1

    def _rows(self, taker: Kept, turned: Oriented) -> pa.Table:
        if taker.spec.rows == "sums":
            return sums(turned, self.own)
        if taker.spec.rows == "all":
            return turned.table
        if taker.picked is not None:
            return taker.picked.rows(turned.table)
        if taker.listed is None:
            return turned.table.slice(0, 0)
        hits = match_list(turned.table, taker.listed)
        self.counters["hits"] += int(hits.sum())
        self.counters["non-hits-gone"] += int(len(hits) - hits.sum())
        return turned.table.filter(pa.array(hits))

    def _take(self, taker: Kept, rows: pa.Table) -> None:
        if not rows.num_rows:
            return
        schema = SHAPES[taker.spec.shape].schema
        exact = rows.select(list(taker.spec.columns)).cast(pa.schema([schema.field(c) for c in taker.spec.columns]))
        for batch in exact.combine_chunks().to_batches():
            try:
                taker.writer.append(batch)
            except (StoreError, ConnectionError) as why:
                self.counters[getattr(why, "code", "keep-is-gone")] += batch.num_rows


def refusals(totals: Mapping[str, int]) -> dict[str, int]:
    """`{address}.{reason}` of everything that was not as it should be, from the counters of an intake."""
    told = {n.removeprefix("exporter."): c for n, c in totals.items() if n.startswith("exporter.")}
    return {name: count for name, count in told.items() if name.rpartition(".")[2] not in USUAL}


def _step(signed: SignedPermit) -> str:
    """The step the permit itself names; the signature over it is checked with the rest."""
    return read(signed).step.name


def _keeps(permit: Permit) -> bool:
    return isinstance(permit.scope.get("streams"), Mapping) or lets_count(permit)
