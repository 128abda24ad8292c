"""NetFlow v5, v9 and IPFIX datagrams in, batches of columns out. No sockets, no clock.

`FlowDecoder.feed` never raises for received bytes: what is wrong is counted by reason at its exporter, what was good
before the fault in the same datagram is kept.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from struct import Struct
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sekisho.wire import ipfix, netflow5, netflow9
from sekisho.wire.batches import Batch
from sekisho.wire.cursor import Cursor, FormError
from sekisho.wire.exporters import Domain, Exporter, ExporterKey, Exporters, Late, Limits, Origin, Sampling, hear_options
from sekisho.wire.netflow9 import Header
from sekisho.wire.normal import NAMES, normalise
from sekisho.wire.templates import Layout, Rows, Template, split

__all__ = ["NAMES", "Batch", "ExporterKey", "FlowDecoder", "Limits", "Run", "normalise"]

_VERSION = Struct("!H")
_WRAP = 1 << 32
DEFAULT = Limits()
USUAL = frozenset({"datagrams", "records", "option-records", "templates", "template-changed", "template-withdrawn", "late"})
"""Counters that tell what went as it should; every other one is a reason why something did not."""


@dataclass(frozen=True, slots=True)
class Run:
    """`count` datagrams of one exporter, each of `size` bytes, back to back in `octets`, taken at `received_ms`."""

    exporter: ExporterKey
    size: int
    count: int
    octets: bytes
    received_ms: int


class _Pile:
    """Rows of one layout that wait for `take`."""

    __slots__ = ("counts", "fixed", "origins", "varying")

    def __init__(self, varying: int) -> None:
        self.fixed: list[bytes] = []
        self.varying: tuple[list[bytes], ...] = tuple([] for _ in range(varying))
        self.origins: list[Origin] = []
        self.counts: list[int] = []


class _Waiting:
    """Sets that came before their template, oldest first, within bytes and time."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._queue: OrderedDict[int, Late] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._queue)

    def hold(self, late: Late) -> None:
        late.exporter.counts["no-template"] += 1
        cost = late.cost
        if late.exporter.late_bytes + cost > self._limits.late_bytes or self._bytes + cost > self._limits.late_bytes_in_all:
            late.exporter.counts["late-dropped"] += 1
            return
        late.exporter.late_bytes += cost
        self._bytes += cost
        self._queue[id(late)] = late
        late.domain.late.setdefault(late.origin.template, deque()).append(late)

    def release(self, domain: Domain, template: int) -> Iterator[Late]:
        """The sets that waited for this template, oldest first; they wait no more."""
        for late in domain.late.pop(template, ()):
            self._drop(late)
            late.exporter.counts["late"] += 1
            yield late

    def expire(self, now_ms: int) -> None:
        """Give up what has waited too long."""
        while self._queue:
            late = next(iter(self._queue.values()))
            if now_ms - late.origin.received_ms <= self._limits.late_ms:
                return
            same = late.domain.late[late.origin.template]
            same.popleft()
            if not same:
                del late.domain.late[late.origin.template]
            self._drop(late)
            late.exporter.counts["late-dropped"] += 1

    def _drop(self, late: Late) -> None:
        del self._queue[id(late)]
        late.exporter.late_bytes -= late.cost
        self._bytes -= late.cost


class FlowDecoder:
    """Decodes what any number of exporters send, within `limits`. `known`: the only addresses heard, or None for all.

    `counters[exporter]` counts datagrams, records, and every refusal by its code; what cannot be put to an exporter in
    memory is under `exporters.OTHERS`. `no-template` counts sets held; `late` those decoded after all, `late-dropped` those given up.
    """

    def __init__(self, limits: Limits = DEFAULT, known: frozenset[str] | None = None) -> None:
        self._limits = limits
        self._exporters = Exporters(limits, known)
        self._piles: dict[Layout, _Pile] = {}
        self._waiting = _Waiting(limits)
        self._ready_rows = 0
        self._ready_bytes = 0

    @property
    def ready(self) -> int:
        """Rows that wait for `take`."""
        return self._ready_rows

    @property
    def counters(self) -> Mapping[ExporterKey, Counter[str]]:
        return MappingProxyType(self._exporters.counters)

    def feed(self, exporter: ExporterKey, datagram: bytes | memoryview, received_ms: int) -> None:
        """Take one datagram. `received_ms`: UTC milliseconds. The datagram's buffer may be reused afterwards."""
        if self._waiting:
            self._waiting.expire(received_ms)
        try:
            state = self._exporters.find(exporter, received_ms)
        except (FormError, ValueError) as error:
            self._exporters.others[error.code if isinstance(error, FormError) else "unknown-exporter"] += 1
            return
        state.counts["datagrams"] += 1
        if self._steady(state, datagram, received_ms):
            return
        cursor = Cursor(datagram)
        try:
            (version,) = cursor.peek(_VERSION)
            if version == 9:
                self._netflow9(state, cursor, received_ms)
            elif version == 10:
                self._ipfix(state, cursor, received_ms)
            elif version == 5:
                self._netflow5(state, cursor, received_ms)
            else:
                state.counts["wrong-version"] += 1
        except FormError as error:
            state.counts[error.code] += 1

    def feed_run(self, run: Run) -> None:
        """Take many datagrams of one exporter: the same as feeding one after the other, sooner where they are alike."""
        if run.count < _ALIKE or not self._alike(run):
            for at in range(0, run.size * run.count, run.size) if run.size else [0] * run.count:
                self.feed(run.exporter, run.octets[at : at + run.size], run.received_ms)

    def take(self) -> list[Batch]:
        """All rows since the last call, one batch per layout, in order of receipt."""
        piles, self._piles = self._piles, {}
        self._ready_rows = self._ready_bytes = 0
        return [Batch(k, b"".join(p.fixed), p.varying, tuple(p.origins), np.array(p.counts, np.int64)) for k, p in piles.items()]

    def _steady(self, exporter: Exporter, datagram: bytes | memoryview, received_ms: int) -> bool:
        """One set of flows of a known fixed-width template, as most datagrams are: the same result as the long way, sooner."""
        version = 9 if datagram[1:2] == b"\x09" else 10
        only = netflow9.only_set(datagram) if version == 9 else ipfix.only_set(datagram)
        if only is None:
            return False
        head, number, at = only
        domain = exporter.domains.get((version, head.domain))
        known = domain.templates.get(number) if domain is not None else None
        if domain is None or known is None or known[1].varying or known[1].options:
            return False
        layout = known[1]
        total = (len(datagram) - at) // layout.size
        _sequence(exporter, domain, head.sequence, 1 if version == 9 else total)
        origin = Origin(
            exporter.address, head.domain, number, received_ms, head.exported_ms, head.uptime_ms, domain.init_ms, domain.sampling
        )
        self._keep(exporter, origin, layout, Rows(total, bytes(datagram[at : at + total * layout.size])))
        return True

    def _alike(self, run: Run) -> bool:
        """Datagrams of one set of one known fixed-width template, with sequence numbers in order, all at once. False: nothing was done."""
        form = _HEADS.get(run.octets[1]) if run.size >= _SMALLEST else None
        if form is None:
            return False
        heads = np.ndarray((run.count,), form.dtype, run.octets, 0, (run.size,))
        first = heads[0]
        whole = int(first["version"]) == form.version and int(first["length"]) == run.size - form.before
        if not whole or not all(bool((heads[n] == first[n]).all()) for n in form.same):
            return False
        if form.version == 10 and int(first["whole"]) != run.size:
            return False
        exporter = self._exporters.known(run.exporter)
        domain = exporter.domains.get((form.version, int(first["domain"]))) if exporter is not None else None
        known = domain.templates.get(int(first["set"])) if domain is not None else None
        if exporter is None or domain is None or known is None or known[1].varying or known[1].options:
            return False
        return self._keep_run(run, exporter, domain, known[1], heads, form)

    def _keep_run(self, run: Run, exporter: Exporter, domain: Domain, layout: Layout, heads: NDArray[Any], form: _Heads) -> bool:
        at = form.dtype.itemsize
        total = (run.size - at) // layout.size
        step = 1 if form.version == 9 else total
        if not total or bool((np.diff(heads["sequence"].astype(np.int64)) != step).any()):
            return False
        cost = len(run.octets) + 512 * run.count
        if self._ready_rows + total * run.count > self._limits.ready_rows or self._ready_bytes + cost > self._limits.ready_bytes:
            return False  # one by one, so that what still fits is kept
        if self._waiting:
            self._waiting.expire(run.received_ms)
        self._exporters.find(run.exporter, run.received_ms)
        _sequence(exporter, domain, int(heads["sequence"][0]), step)
        domain.next_sequence = (int(heads["sequence"][-1]) + step) % _WRAP
        exporter.counts["datagrams"] += run.count
        body = np.frombuffer(run.octets, np.uint8).reshape(run.count, run.size)[:, at : at + total * layout.size].tobytes()
        stamps = heads[[*form.stamps]]
        edges = [0, *(np.flatnonzero(stamps[1:] != stamps[:-1]) + 1).tolist(), run.count]
        size = total * layout.size
        for first, end in pairwise(edges):
            head = heads[first]
            told = (run.received_ms, int(head["seconds"]) * 1000, int(head["uptime"]) if form.version == 9 else None)
            origin = Origin(exporter.address, int(head["domain"]), int(head["set"]), *told, domain.init_ms, domain.sampling)
            self._keep(exporter, origin, layout, Rows(total * (end - first), body[first * size : end * size]))
        return True

    def _netflow5(self, exporter: Exporter, cursor: Cursor, received_ms: int) -> None:
        head = netflow5.header(cursor)
        domain = self._exporters.domain(exporter, 5, head.domain)
        _sequence(exporter, domain, head.sequence, head.records)
        body, fault = netflow5.records(cursor, head.records)
        sampling = Sampling(head.sampling or None)
        origin = Origin(exporter.address, head.domain, 0, received_ms, head.exported_ms, head.uptime_ms, None, sampling)
        self._keep(exporter, origin, netflow5.LAYOUT, Rows(len(body) // netflow5.LAYOUT.size, body))
        if fault:
            exporter.counts[fault] += 1

    def _netflow9(self, exporter: Exporter, cursor: Cursor, received_ms: int) -> None:
        head = netflow9.header(cursor)
        domain = self._exporters.domain(exporter, 9, head.domain)
        _sequence(exporter, domain, head.sequence, 1)
        self._sets(exporter, domain, head, cursor, received_ms, 9)

    def _ipfix(self, exporter: Exporter, cursor: Cursor, received_ms: int) -> None:
        head, body, fault = ipfix.header(cursor)
        domain = self._exporters.domain(exporter, 10, head.domain)
        if fault:
            exporter.counts[fault] += 1
        records = None
        try:
            records = self._sets(exporter, domain, head, body, received_ms, 10)
        finally:
            _sequence(exporter, domain, head.sequence, None if fault else records)

    def _sets(self, exporter: Exporter, domain: Domain, head: Header, cursor: Cursor, received_ms: int, version: int) -> int | None:
        """Work through the sets. Returns the number of data records, None where a set's template is not known."""
        records: int | None = 0
        told = (received_ms, head.exported_ms, head.uptime_ms)
        for number, body in netflow9.sets(cursor):
            if number < 256:
                self._templates(exporter, domain, number, Cursor(body), version)
                continue
            known = domain.templates.get(number)
            origin = Origin(exporter.address, head.domain, number, *told, domain.init_ms, domain.sampling)
            if known is None:
                self._waiting.hold(Late(exporter, domain, origin, body))
                records = None
                continue
            count = self._data(exporter, domain, origin, known[1], body)
            records = None if records is None else records + count
        return records

    def _data(self, exporter: Exporter, domain: Domain, origin: Origin, layout: Layout, body: bytes) -> int:
        rows = split(layout, body)
        if rows.fault:
            exporter.counts[rows.fault] += 1
        if layout.options:
            hear_options(domain, layout, rows, self._limits.samplers)
        self._keep(exporter, origin, layout, rows)
        return rows.total

    def _keep(self, exporter: Exporter, origin: Origin, layout: Layout, rows: Rows) -> None:
        if not rows.total:
            return
        pile = self._piles.get(layout)
        size = len(rows.fixed) + 256
        if rows.varying:
            size += sum(len(v) + 64 for column in rows.varying for v in column)
        if pile is None:
            size += 1024 + 512 * len(layout.columns)  # the layout itself lives as long as its rows wait
        if pile is None or pile.origins[-1].sampling is not origin.sampling:
            size += 128 * len(origin.sampling.by_sampler)  # what a snapshot of its own keeps alive
        if self._ready_rows + rows.total > self._limits.ready_rows or self._ready_bytes + size > self._limits.ready_bytes:
            exporter.counts["overrun"] += rows.total
            return
        self._ready_rows += rows.total
        self._ready_bytes += size
        if pile is None:
            pile = self._piles[layout] = _Pile(layout.varying)
        pile.fixed.append(rows.fixed)
        if rows.varying:
            for column, more in zip(pile.varying, rows.varying, strict=True):
                column.extend(more)
        pile.origins.append(origin)
        pile.counts.append(rows.total)
        exporter.counts["option-records" if layout.options else "records"] += rows.total

    def _templates(self, exporter: Exporter, domain: Domain, number: int, body: Cursor, version: int) -> None:
        try:
            for template in _read_templates(number, body, version):
                self._learn(exporter, domain, template, version)
        except FormError as error:
            exporter.counts[error.code] += 1

    def _learn(self, exporter: Exporter, domain: Domain, template: Template, version: int) -> None:
        if version == 10 and not template.fields:
            self._exporters.withdraw(exporter, domain, template)
            return
        try:
            layout = self._exporters.learn(exporter, domain, version, template)
        except FormError as error:
            exporter.counts[error.code] += 1
            return
        exporter.counts["templates"] += 1
        if exporter.late_bytes:
            for late in self._waiting.release(domain, template.id):
                self._data(exporter, domain, late.origin, layout, late.body)


class _Heads(NamedTuple):
    """The head of a datagram that is exactly one set. `same`: what all of a run share; `stamps`: what makes an origin.

    `before`: bytes that the set's own length does not count.
    """

    version: int
    dtype: np.dtype[Any]
    same: tuple[str, ...]
    stamps: tuple[str, ...]
    before: int


_ALIKE = 4
"""Datagrams from which on a run is worth looking at as a whole."""
_HEADS = {
    9: _Heads(
        9,
        np.dtype([("version", ">u2"), ("count", ">u2"), ("uptime", ">u4"), ("seconds", ">u4"), ("sequence", ">u4"), ("domain", ">u4"),
                  ("set", ">u2"), ("length", ">u2")]),
        ("version", "domain", "set", "length"), ("uptime", "seconds"), 20,
    ),
    10: _Heads(
        10,
        np.dtype([("version", ">u2"), ("whole", ">u2"), ("seconds", ">u4"), ("sequence", ">u4"), ("domain", ">u4"), ("set", ">u2"),
                  ("length", ">u2")]),
        ("version", "whole", "domain", "set", "length"), ("seconds",), 16,
    ),
}  # fmt: skip
_SMALLEST = 24


def _read_templates(number: int, body: Cursor, version: int) -> Iterator[Template]:
    read = _TEMPLATE_SETS.get((version, number))
    if read is None:
        raise FormError("exporter", "reserved-set", f"set id {number}")
    return read(body)


_TEMPLATE_SETS: dict[tuple[int, int], Callable[[Cursor], Iterator[Template]]] = {
    (9, netflow9.TEMPLATES): netflow9.templates,
    (9, netflow9.OPTION_TEMPLATES): netflow9.option_templates,
    (10, ipfix.TEMPLATES): ipfix.templates,
    (10, ipfix.OPTION_TEMPLATES): ipfix.option_templates,
}


def _sequence(exporter: Exporter, domain: Domain, sequence: int, records: int | None) -> None:
    """Count what the sequence numbers say was lost. `records`: how far this message moves the number, None if that is not known."""
    expected = domain.next_sequence
    if expected is not None and sequence != expected:
        ahead = (sequence - expected) % _WRAP
        exporter.counts["sequence-gap" if ahead < _WRAP // 2 else "out-of-order"] += 1
    domain.next_sequence = None if records is None else (sequence + records) % _WRAP
