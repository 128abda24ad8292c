"""What the decoder remembers: templates that come late, change or go, sampling, sequence numbers; and what it refuses to remember."""

from __future__ import annotations

import gc
import random
import tracemalloc
from collections.abc import Iterator
from ipaddress import ip_address
from struct import pack

import pytest

from sekisho.wire.exporters import OTHERS
from sekisho.wire.flows import FlowDecoder, Limits, normalise
from tests.wire.encoder import FieldSpec, message5, message9, message10, one_set, options9, options10, row5, specifier, template

EXPORTER = ("192.0.2.1", 2055)
PORTS: list[FieldSpec] = [(7, 2), (11, 2)]
SWAPPED: list[FieldSpec] = [(11, 2), (7, 2)]


def ports(decoder: FlowDecoder) -> list[tuple[int, int]]:
    rows = [r for b in decoder.take() for r in normalise(b, frozenset({"src_port", "dst_port"})).to_pylist()]
    return [(r["src_port"], r["dst_port"]) for r in rows]


def test_rows_already_received_keep_the_template_they_came_under() -> None:
    """The exporter changes template 300 between two data sets before anybody takes the rows."""
    decoder = FlowDecoder()
    data = one_set(300, pack("!HH", 80, 443))
    for sets in ((one_set(0, template(300, PORTS)), data), (one_set(0, template(300, SWAPPED)), data)):
        decoder.feed(EXPORTER, message9(*sets), 0)
    assert sorted(ports(decoder)) == [(80, 443), (443, 80)]
    assert decoder.counters[EXPORTER]["template-changed"] == 1


def test_a_template_belongs_to_its_exporter_and_domain() -> None:
    """Template 300 of one domain or exporter says nothing about another's."""
    decoder = FlowDecoder()
    decoder.feed(EXPORTER, message9(one_set(0, template(300, PORTS)), domain=1), 0)
    decoder.feed(EXPORTER, message9(one_set(300, pack("!HH", 80, 443)), domain=2), 0)
    decoder.feed(("192.0.2.2", 2055), message9(one_set(300, pack("!HH", 80, 443)), domain=1), 0)
    assert ports(decoder) == []
    assert decoder.counters[EXPORTER]["no-template"] == decoder.counters[("192.0.2.2", 2055)]["no-template"] == 1


@pytest.mark.parametrize("withdrawal", [one_set(2, pack("!HH", 300, 0)), one_set(2, pack("!HH", 2, 0))], ids=["one", "all"])
def test_a_withdrawn_template_decodes_nothing_more(withdrawal: bytes) -> None:
    """IPFIX withdrawal of one template, or of all; rows received before stay."""
    decoder = FlowDecoder()
    data = one_set(300, pack("!HH", 80, 443))
    decoder.feed(EXPORTER, message10(one_set(2, template(300, PORTS)), data), 0)
    decoder.feed(EXPORTER, message10(withdrawal, data), 0)
    assert ports(decoder) == [(80, 443)]
    assert decoder.counters[EXPORTER]["template-withdrawn"] == decoder.counters[EXPORTER]["no-template"] == 1


def test_withdrawing_all_options_leaves_the_templates_of_flows() -> None:
    """Id 3 withdraws option templates only."""
    decoder = FlowDecoder()
    options = one_set(3, options10(301, [(149, 4)], [(34, 4)]))
    decoder.feed(EXPORTER, message10(one_set(2, template(300, PORTS)), options), 0)
    decoder.feed(EXPORTER, message10(one_set(3, pack("!HHH", 3, 0, 0)[:4]), one_set(300, pack("!HH", 80, 443))), 0)
    assert ports(decoder) == [(80, 443)]


def test_late_sets_are_given_up_after_their_time() -> None:
    """What waited longer than the limit is dropped, counted, and not decoded when its template comes at last."""
    decoder = FlowDecoder(Limits(late_ms=1000))
    decoder.feed(EXPORTER, message9(one_set(300, pack("!HH", 80, 443))), 0)
    decoder.feed(EXPORTER, message9(one_set(0, template(300, PORTS))), 1001)
    assert ports(decoder) == []
    assert decoder.counters[EXPORTER]["late-dropped"] == 1


def test_late_sets_are_kept_only_up_to_the_bytes_allowed() -> None:
    """The oldest stay, the rest is counted as dropped; after the template, room is free again."""
    decoder = FlowDecoder(Limits(late_bytes=2000))
    for n in range(10):
        decoder.feed(EXPORTER, message9(one_set(300, pack("!HH", n, 443))), 0)
    counts = decoder.counters[EXPORTER]
    assert counts["late-dropped"] == 10 - 2000 // (4 + 512)
    decoder.feed(EXPORTER, message9(one_set(0, template(300, PORTS))), 0)
    assert len(ports(decoder)) == counts["late"] == 10 - counts["late-dropped"]
    decoder.feed(EXPORTER, message9(one_set(301, pack("!HH", 1, 443))), 0)
    assert counts["late-dropped"] == 10 - counts["late"]


def test_good_sets_before_a_lying_one_are_kept() -> None:
    """The second set says it is longer than the datagram: the first one's rows stay, the fault is counted."""
    decoder = FlowDecoder()
    good = one_set(300, pack("!HH", 80, 443))
    decoder.feed(EXPORTER, message9(one_set(0, template(300, PORTS)), good, pack("!HH", 300, 999) + pack("!HH", 1, 2)), 0)
    assert ports(decoder) == [(80, 443)]
    assert decoder.counters[EXPORTER]["lying-length"] == 1


@pytest.mark.parametrize(
    ("sets", "reason"),
    [
        ((one_set(0, template(255, PORTS)),), "reserved-id"),
        ((one_set(0, template(300, [(7, 0)])),), "empty-template"),
        ((one_set(0, template(300, [(7, 1)] * 600)),), "template-bomb"),
        ((one_set(7),), "reserved-set"),
        ((pack("!HH", 300, 3),), "lying-length"),
        ((one_set(1, pack("!HHH", 300, 3, 4)),), "lying-length"),
        ((b"\0" * 12,), "zero-filled"),
        ((b"\1",), "trailing-bytes"),
    ],
)
def test_each_wrong_thing_has_its_own_count(sets: tuple[bytes, ...], reason: str) -> None:
    """Wrong bytes are counted under a reason a person can act on."""
    decoder = FlowDecoder()
    decoder.feed(EXPORTER, message9(*sets), 0)
    assert decoder.counters[EXPORTER][reason] == 1
    assert decoder.take() == []


@pytest.mark.parametrize(
    ("datagram", "reason"), [(b"\0\1\2\3", "wrong-version"), (b"\0", "truncated"), (b"\0\5\0\x1f" + b"\0" * 1500, "count-mismatch")]
)
def test_what_is_no_flow_export_is_counted(datagram: bytes, reason: str) -> None:
    """Other protocols, cut headers, and counts that no version 5 packet can have."""
    decoder = FlowDecoder()
    decoder.feed(EXPORTER, datagram, 0)
    assert decoder.counters[EXPORTER][reason] == 1


def test_lost_and_reordered_datagrams_show_in_the_sequence() -> None:
    """Version 9 counts datagrams, version 5 flows, IPFIX records of data."""
    decoder = FlowDecoder()
    for sequence in (1, 2, 5, 3, 6):
        decoder.feed(EXPORTER, message9(sequence=sequence), 0)
    assert (decoder.counters[EXPORTER]["sequence-gap"], decoder.counters[EXPORTER]["out-of-order"]) == (2, 1)
    five, ten = ("192.0.2.5", 1), ("192.0.2.10", 1)
    rows = [row5(b"\n\0\0\1", b"\n\0\0\2", 1, 2, 6, 0, 0)] * 3
    for sequence in (0xFFFFFFFE, 1, 4, 8):
        decoder.feed(five, message5(rows, sequence=sequence), 0)
    assert decoder.counters[five]["sequence-gap"] == 1
    for sequence, datagram in (
        (0, one_set(2, template(300, PORTS))),
        (0, one_set(300, b"\0" * 8)),
        (2, one_set(300, b"\0" * 8)),
        (9, one_set(300, b"\0" * 8)),
    ):
        decoder.feed(ten, message10(datagram, sequence=sequence), 0)
    assert decoder.counters[ten]["sequence-gap"] == 1


def test_sampling_is_told_beside_raw_counts_from_when_it_is_known() -> None:
    """Rows before the option data have no interval, rows after it do; a sampler's own interval comes before the exporter's."""
    decoder = FlowDecoder()
    fields: list[FieldSpec] = [(2, 4), (48, 1)]
    decoder.feed(EXPORTER, message9(one_set(0, template(300, fields)), one_set(300, pack("!IB", 7, 1))), 0)
    for scope, told, values in (([(1, 4)], [(34, 4)], pack("!II", 0, 10)), ([(1, 4)], [(48, 1), (50, 4)], pack("!IBI", 0, 1, 500))):
        decoder.feed(EXPORTER, message9(one_set(1, options9(400 + len(told), scope, told)), one_set(400 + len(told), values)), 0)
    decoder.feed(EXPORTER, message9(one_set(300, pack("!IB", 8, 1) + pack("!IB", 9, 2))), 0)
    rows = [r for b in decoder.take() for r in normalise(b, frozenset({"packets", "sampling"})).to_pylist()]
    assert [(r["packets"], r["sampling"]) for r in rows] == [(7, None), (8, 500), (9, 10)]


def test_version_5_tells_its_sampling_in_the_header() -> None:
    """The upper two bits are the mode, not the interval."""
    decoder = FlowDecoder()
    decoder.feed(EXPORTER, message5([row5(b"\n\0\0\1", b"\n\0\0\2", 1, 2, 6, 0, 0)], sampling=1 << 14 | 100), 0)
    (batch,) = decoder.take()
    assert normalise(batch, frozenset({"sampling"}))["sampling"].to_pylist() == [100]


def test_uptime_of_ipfix_needs_the_exporters_start_time() -> None:
    """Without systemInitTimeMilliseconds the times are unknown; once option data told it, they are right."""
    decoder = FlowDecoder()
    data = one_set(300, pack("!II", 5_000, 4_000))
    decoder.feed(EXPORTER, message10(one_set(2, template(300, [(21, 4), (22, 4)])), data), 0)
    init = one_set(3, options10(301, [(149, 4)], [(160, 8)])), one_set(301, pack("!IQ", 0, 1_699_999_000_000))
    decoder.feed(EXPORTER, message10(*init), 0)
    decoder.feed(EXPORTER, message10(data), 0)
    flows = [b for b in decoder.take() if not b.options]
    rows = [r for b in flows for r in normalise(b, frozenset({"start", "end"})).to_pylist()]
    assert rows[0] == {"start": None, "end": None}
    assert [rows[1][k].timestamp() for k in ("start", "end")] == [1_699_999_004, 1_699_999_005]


def test_only_the_operators_exporters_are_heard() -> None:
    """With a list of exporters, others leave one count and no memory."""
    decoder = FlowDecoder(known=frozenset({"192.0.2.1", "2001:db8::1"}))
    for address in ("192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1%eth0", "192.0.2.9", "no address"):
        decoder.feed((address, 1), message9(), 0)
    assert decoder.counters[OTHERS]["unknown-exporter"] == 2
    assert len(decoder.counters) == 4


def test_a_new_exporter_takes_the_place_of_a_silent_one_only() -> None:
    """When all places are taken: a silent exporter is forgotten, its counts kept together; a talking one is not."""
    decoder = FlowDecoder(Limits(exporters=2, silent_ms=1000))
    for n, at in ((1, 0), (2, 500), (3, 900), (4, 1200)):
        decoder.feed((f"192.0.2.{n}", 1), message9(), at)
    assert set(decoder.counters) == {OTHERS, ("192.0.2.2", 1), ("192.0.2.4", 1)}
    assert decoder.counters[OTHERS] == {"exporter-limit": 1, "datagrams": 1}


def test_rows_nobody_takes_stop_at_the_limit() -> None:
    """A stuck reader costs counted rows, never memory without end."""
    decoder = FlowDecoder(Limits(ready_rows=5))
    rows = [row5(b"\n\0\0\1", b"\n\0\0\2", 1, 2, 6, 0, 0)] * 2
    for _ in range(4):
        decoder.feed(EXPORTER, message5(rows), 0)
    assert (sum(map(len, decoder.take())), decoder.counters[EXPORTER]["overrun"]) == (4, 4)
    decoder.feed(EXPORTER, message5(rows), 0)
    assert sum(map(len, decoder.take())) == 2


def test_layouts_that_wait_with_their_rows_count_as_memory() -> None:
    """A new template of 500 fields for every single row: what waits is charged for them, not only for its one row."""
    decoder = FlowDecoder(Limits(ready_bytes=2_000_000))
    for n in range(20):
        fields: list[FieldSpec] = [(n + 1, 1)] * 500
        decoder.feed(EXPORTER, message9(one_set(0, template(300, fields)), one_set(300, b"\1" * 500)), 0)
    assert decoder.counters[EXPORTER]["overrun"] == 20 - decoder.counters[EXPORTER]["records"] > 10


def bombs(kind: str) -> Iterator[tuple[tuple[str, int], bytes]]:
    """Datagrams without end that try to make a decoder remember something."""
    rng = random.Random(kind)
    while True:
        exporter, domain = EXPORTER, 0
        fields = [(rng.randrange(1, 30_000), rng.randrange(1, 40)) for _ in range(60)]
        sets = one_set(0, template(rng.randrange(256, 65_536), fields))
        if kind == "exporters":
            exporter = (str(ip_address(rng.getrandbits(32))), rng.randrange(1, 65_536))
        elif kind == "domains":
            domain = rng.getrandbits(32)
        elif kind == "late":
            sets = one_set(rng.randrange(256, 65_536), b"\1" * 1300)
        elif kind == "late-and-released":
            number = rng.randrange(256, 65_536)
            sets = one_set(number, b"\1" * 8) + one_set(0, template(number, PORTS))
        elif kind == "samplers":
            told = [(48, 4), (34, 4)]
            body = b"".join(pack("!III", 0, rng.getrandbits(32), rng.getrandbits(31)) for _ in range(30))
            sets = one_set(1, options9(300, [(1, 4)], told)) + one_set(300, body)
        elif kind == "names":
            sets = one_set(0, pack("!HH", 300, 60) + b"".join(specifier((rng.randrange(0, 65_536), 1)) for _ in range(60))) + one_set(
                300, b"\1" * 60
            )
        yield exporter, message9(sets, domain=domain)


@pytest.mark.parametrize("kind", ["templates", "exporters", "domains", "late", "late-and-released", "samplers", "names"])
def test_memory_does_not_grow_under_bombs(kind: str) -> None:
    """Four hundred hostile datagrams fill what the limits allow; six hundred more add next to nothing."""
    limits = Limits(
        exporters=50,
        domains=20,
        domains_in_all=100,
        templates=40,
        fields_in_all=2_000,
        late_bytes=100_000,
        late_bytes_in_all=300_000,
        samplers=16,
    )
    decoder = FlowDecoder(limits)
    source = bombs(kind)

    def feed(count: int, start: int) -> int:
        for n in range(count):
            exporter, datagram = next(source)
            decoder.feed(exporter, datagram, start + n)
            if n % 100 == 0:
                decoder.take()
        decoder.take()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before, after = feed(400, 0), feed(600, 400)
    finally:
        tracemalloc.stop()
    assert after < before + 150_000
    assert after < 8_000_000
    assert sum(sum(c.values()) for c in decoder.counters.values()) >= 1000
