"""What is remembered about each exporter: templates, sampling, uptime origin, sequence, rows that wait for a template. All bounded."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, ip_address
from typing import NamedTuple, TypeAlias

from sekisho.wire.cursor import FormError
from sekisho.wire.elements import NUMBERS
from sekisho.wire.templates import Layout, Rows, Template, check, layout_of

ExporterKey: TypeAlias = tuple[str, int]
"""Address in text and UDP source port."""

OTHERS: ExporterKey = ("", 0)
"""Where counts go for exporters that are refused or were forgotten."""


@dataclass(frozen=True)
class Limits:
    """What one decoder may hold, whatever is sent to it. Times are milliseconds of the collector's clock."""

    exporters: int = 4096
    silent_ms: int = 600_000  # an exporter silent for so long may be forgotten for a new one
    domains: int = 256  # per exporter
    domains_in_all: int = 16_384
    templates: int = 1024  # per exporter
    fields: int = 512  # per template
    fields_in_all: int = 500_000
    late_bytes: int = 1 << 20  # per exporter: sets that wait for their template
    late_bytes_in_all: int = 64 << 20
    late_ms: int = 600_000
    ready_rows: int = 4_000_000
    ready_bytes: int = 512 << 20
    samplers: int = 64  # per domain


@dataclass(frozen=True, slots=True)
class Sampling:
    """Known sampling: one packet of `default` is seen, or one of `by_sampler[id]` where rows name their sampler. None: not told."""

    default: int | None = None
    by_sampler: Mapping[int, int] = field(default_factory=dict)


class Origin(NamedTuple):
    """Where and when a run of rows came from; times are UTC milliseconds.

    `uptime_ms` is the exporter's at export (v5, v9); `init_ms` its start, where it told us (IPFIX option data).
    """

    address: bytes
    domain: int
    template: int
    received_ms: int
    exported_ms: int
    uptime_ms: int | None
    init_ms: int | None
    sampling: Sampling


class Late:
    """A set that came before its template."""

    __slots__ = ("body", "domain", "exporter", "origin")

    def __init__(self, exporter: Exporter, domain: Domain, origin: Origin, body: bytes) -> None:
        self.exporter, self.domain, self.origin, self.body = exporter, domain, origin, body

    @property
    def cost(self) -> int:
        """Bytes of memory it takes, about, with the snapshot of sampling that it keeps alive."""
        return len(self.body) + 512 + 128 * len(self.origin.sampling.by_sampler)


@dataclass(slots=True)
class Domain:
    """One observation domain (source id, engine) of one exporter."""

    templates: dict[int, tuple[Template, Layout]] = field(default_factory=dict)
    next_sequence: int | None = None
    sampling: Sampling = Sampling()
    init_ms: int | None = None
    late: dict[int, deque[Late]] = field(default_factory=dict)


@dataclass(slots=True)
class Exporter:
    """One exporter and its counts."""

    address: bytes
    counts: Counter[str]
    last_ms: int
    domains: dict[tuple[int, int], Domain] = field(default_factory=dict)
    templates: int = 0
    late_bytes: int = 0


def address_bytes(text: str) -> bytes:
    """16 bytes; IPv4 as ::ffff:a.b.c.d; a zone index is dropped. Raises ValueError for what is no address."""
    address = ip_address(text.partition("%")[0])
    return b"\0" * 10 + b"\xff\xff" + address.packed if isinstance(address, IPv4Address) else address.packed


class Exporters:
    """All exporters of one decoder, oldest silence first."""

    def __init__(self, limits: Limits, known: frozenset[str] | None) -> None:
        self._limits = limits
        self._known = None if known is None else frozenset(address_bytes(a) for a in known)
        self._all: OrderedDict[ExporterKey, Exporter] = OrderedDict()
        self._fields = 0
        self._domains = 0
        self.counters: dict[ExporterKey, Counter[str]] = {}

    def find(self, key: ExporterKey, received_ms: int) -> Exporter:
        """The exporter's state, made if there is room. Raises FormError `unknown-exporter` or `exporter-limit`."""
        exporter = self._all.get(key)
        if exporter is None:
            exporter = self._admit(key, received_ms)
        self._all.move_to_end(key)
        exporter.last_ms = received_ms
        return exporter

    def known(self, key: ExporterKey) -> Exporter | None:
        """The exporter's state where there is one; it is not heard by this."""
        return self._all.get(key)

    def _admit(self, key: ExporterKey, received_ms: int) -> Exporter:
        address = address_bytes(key[0])
        if self._known is not None and address not in self._known:
            raise FormError("exporter", "unknown-exporter", "not in the operator's list of exporters")
        if len(self._all) >= self._limits.exporters:
            oldest = next(iter(self._all.values()))
            if received_ms - oldest.last_ms < self._limits.silent_ms:
                raise FormError("exporter", "exporter-limit", f"{self._limits.exporters} exporters are being heard already")
            self._forget()
        counts = self.counters[key] = Counter()
        exporter = self._all[key] = Exporter(address, counts, received_ms)
        return exporter

    def _forget(self) -> None:
        key, exporter = self._all.popitem(last=False)
        self.others.update(self.counters.pop(key))
        self._domains -= len(exporter.domains)
        self._fields -= sum(len(t.fields) for d in exporter.domains.values() for t, _ in d.templates.values())

    @property
    def others(self) -> Counter[str]:
        """The counts kept under OTHERS."""
        return self.counters.setdefault(OTHERS, Counter())

    def domain(self, exporter: Exporter, version: int, number: int) -> Domain:
        """A domain's state, made if there is room. Raises FormError `domain-limit`."""
        domain = exporter.domains.get((version, number))
        if domain is None:
            if len(exporter.domains) >= self._limits.domains or self._domains >= self._limits.domains_in_all:
                raise FormError("exporter", "domain-limit", f"{len(exporter.domains)} observation domains are in use already")
            self._domains += 1
            domain = exporter.domains[(version, number)] = Domain()
        return domain

    def learn(self, exporter: Exporter, domain: Domain, version: int, template: Template) -> Layout:
        """Keep a template; the old one of that id is gone. Raises FormError where it is refused (`templates.check`, `template-bomb`)."""
        old = domain.templates.get(template.id)
        if old is not None and old[0] == template:
            return old[1]
        check(template, self._limits.fields)
        more = len(template.fields) - (len(old[0].fields) if old else 0)
        if exporter.templates + (old is None) > self._limits.templates or self._fields + more > self._limits.fields_in_all:
            raise FormError("exporter", "template-bomb", "more templates than are kept")
        layout = layout_of(version, template)
        exporter.templates += old is None
        self._fields += more
        domain.templates[template.id] = (template, layout)
        if old is not None:
            exporter.counts["template-changed"] += 1
        return layout

    def withdraw(self, exporter: Exporter, domain: Domain, template: Template) -> None:
        """Forget one template, or with id 2 or 3 all of that kind (RFC 7011 §8.1)."""
        every = template.id < 256
        gone = [n for n, (t, _) in domain.templates.items() if n == template.id or (every and (t.scope != 0) == (template.id == 3))]
        for number in gone:
            self._fields -= len(domain.templates.pop(number)[0].fields)
            exporter.templates -= 1
        exporter.counts["template-withdrawn"] += len(gone)


_INTERVAL, _RANDOM, _PACKETS, _SPACE = (
    NUMBERS[n] for n in ("samplingInterval", "samplerRandomInterval", "samplingPacketInterval", "samplingPacketSpace")
)
_SAMPLER, _SELECTOR, _INIT = NUMBERS["samplerId"], NUMBERS["selectorId"], NUMBERS["systemInitTimeMilliseconds"]
_TOLD = frozenset({_INTERVAL, _RANDOM, _PACKETS, _SPACE, _INIT})


def hear_options(domain: Domain, layout: Layout, rows: Rows, most_samplers: int) -> None:
    """Take sampling intervals and the exporter's start time from option data."""
    columns = [c for c in layout.columns if c.field.pen == 0 and 0 < c.field.length <= 8]
    places = [(c.field.element, c.place, c.field.length) for c in columns]
    if not _TOLD & {element for element, _, _ in places}:
        return
    for row in range(rows.total):
        at = row * layout.size
        _hear(domain, {e: int.from_bytes(rows.fixed[at + p : at + p + n]) for e, p, n in places}, most_samplers)


def _hear(domain: Domain, told: dict[int, int], most_samplers: int) -> None:
    if told.get(_INIT):
        domain.init_ms = told[_INIT]
    interval = told.get(_RANDOM) or told.get(_INTERVAL)
    if told.get(_PACKETS):
        interval = (told[_PACKETS] + told.get(_SPACE, 0)) // told[_PACKETS]
    if not interval or interval >= 1 << 32:
        return
    sampler = told.get(_SAMPLER, told.get(_SELECTOR))
    old = domain.sampling
    if sampler is None:
        domain.sampling = Sampling(interval, old.by_sampler)
    elif old.by_sampler.get(sampler) != interval and (sampler in old.by_sampler or len(old.by_sampler) < most_samplers):
        domain.sampling = Sampling(old.default, {**old.by_sampler, sampler: interval})
