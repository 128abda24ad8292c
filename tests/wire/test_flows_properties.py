"""What holds for every template and every datagram, well formed or not."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.wire.flows import NAMES, FlowDecoder, normalise
from tests.wire.encoder import VARIABLE, FieldSpec, message5, message9, message10, one_set, row, row5, template

EXPORTER = ("192.0.2.1", 2055)
NUMBERS = {1: 8, 2: 8, 4: 1, 5: 1, 6: 2, 7: 2, 10: 4, 11: 2, 14: 4, 16: 4, 21: 4, 22: 4, 61: 1, 89: 4, 148: 8}
ADDRESSES = {8: 4, 12: 4, 27: 16, 28: 16, 56: 6}


@st.composite
def fields(draw: st.DrawFn, version: int) -> list[FieldSpec]:
    """Known numbers at full or reduced size, addresses, numbers nobody knows, and for IPFIX enterprise and varying fields."""
    number = st.sampled_from(sorted(NUMBERS)).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, NUMBERS[n])))
    kinds = [number, st.sampled_from(sorted(ADDRESSES.items())), st.tuples(st.integers(5000, 9000), st.integers(0, 40))]
    if version == 10:
        kinds += [
            st.tuples(st.integers(1, 900), st.integers(1, 20), st.integers(1, 20_000)),
            st.tuples(st.just(82), st.just(VARIABLE)),
            st.tuples(st.integers(1, 900), st.just(VARIABLE), st.integers(1, 20_000)),
        ]
    chosen: list[FieldSpec] = draw(st.lists(st.one_of(kinds), min_size=1, max_size=12))
    return chosen if any(f[1] for f in chosen) else [*chosen, (4, 1)]


def values(draw: st.DrawFn, specs: list[FieldSpec]) -> list[bytes]:
    return [draw(st.binary(max_size=300)) if f[1] == VARIABLE else draw(st.binary(min_size=f[1], max_size=f[1])) for f in specs]


@st.composite
def exports(draw: st.DrawFn) -> tuple[int, list[FieldSpec], list[list[bytes]]]:
    version = draw(st.sampled_from([9, 10]))
    specs = draw(fields(version))
    return version, specs, [values(draw, specs) for _ in range(draw(st.integers(1, 6)))]


def message(version: int, *sets: bytes, sequence: int = 0) -> bytes:
    return message9(*sets, sequence=sequence) if version == 9 else message10(*sets, sequence=sequence)


def template_set(version: int, specs: list[FieldSpec], number: int = 300) -> bytes:
    return one_set(0 if version == 9 else 2, template(number, specs))


def data_set(specs: list[FieldSpec], rows: list[list[bytes]]) -> bytes:
    # unpadded: padding as long as a whole row would be another row
    return one_set(300, *(row(specs, r) for r in rows), pad=False)


def columns(decoder: FlowDecoder) -> list[list[Any]]:
    """Every row of every batch as the list of its fields' values, without the datagram's own columns."""
    return [list(r.values())[5:] for b in decoder.take() for r in b.table().to_pylist()]


def expected(spec: FieldSpec, value: bytes) -> Any:
    """What a field's bytes mean, worked out the slow way."""
    if len(spec) == 2 and spec[0] in NUMBERS and spec[1] != VARIABLE:
        return int.from_bytes(value)
    if spec == (82, VARIABLE):
        return value.rstrip(b"\0").decode("utf-8", "replace")
    return value if spec[1] else None


@given(exports())
@settings(max_examples=300)
def test_what_an_exporter_wrote_is_what_is_read(export: tuple[int, list[FieldSpec], list[list[bytes]]]) -> None:
    """Round trip over any template: names, order, reduced sizes, unknown, enterprise and varying fields."""
    version, specs, rows = export
    decoder = FlowDecoder()
    decoder.feed(EXPORTER, message(version, template_set(version, specs)), 0)
    decoder.feed(EXPORTER, message(version, data_set(specs, rows), sequence=1), 1)
    assert columns(decoder) == [[expected(s, v) for s, v in zip(specs, r, strict=True)] for r in rows]


@given(exports())
def test_the_short_way_and_the_long_way_read_the_same(export: tuple[int, list[FieldSpec], list[list[bytes]]]) -> None:
    """One set a datagram (read in one step) and several sets in one datagram give equal rows and counts of rows."""
    version, specs, rows = export
    short, long = FlowDecoder(), FlowDecoder()
    for decoder in (short, long):
        decoder.feed(EXPORTER, message(version, template_set(version, specs)), 0)
    for r in rows:
        short.feed(EXPORTER, message(version, data_set(specs, [r])), 0)
    long.feed(EXPORTER, message(version, *(data_set(specs, [r]) for r in rows), one_set(4000)), 0)
    assert columns(short) == columns(long)
    assert short.counters[EXPORTER]["records"] == long.counters[EXPORTER]["records"] == len(rows)


@given(exports())
def test_rows_that_came_before_their_template_read_the_same(export: tuple[int, list[FieldSpec], list[list[bytes]]]) -> None:
    """Data first, template after: the same rows, and counted as late."""
    version, specs, rows = export
    early, late = FlowDecoder(), FlowDecoder()
    parts = [message(version, template_set(version, specs)), message(version, data_set(specs, rows))]
    for part in parts:
        early.feed(EXPORTER, part, 0)
    for part in reversed(parts):
        late.feed(EXPORTER, part, 0)
    assert columns(early) == columns(late)
    assert late.counters[EXPORTER]["late"] == late.counters[EXPORTER]["no-template"] == 1


@given(exports(), st.data())
@settings(max_examples=300)
def test_a_cut_datagram_gives_a_value_or_a_counted_reason(
    export: tuple[int, list[FieldSpec], list[list[bytes]]], data: st.DataObject
) -> None:
    """Wherever it is cut: nothing is raised, the sets before the cut are kept, and a reason is counted."""
    version, specs, rows = export
    first, second = data_set(specs, rows[:1]), data_set(specs, rows)
    whole = message(version, template_set(version, specs), first, second)
    cut = data.draw(st.integers(0, len(whole) - 1))
    decoder = FlowDecoder()
    decoder.feed(EXPORTER, whole[:cut], 0)
    got = columns(decoder)
    counts = decoder.counters[EXPORTER]
    reasons = {"truncated", "lying-length", "trailing-bytes"}
    before_second = len(whole) - len(second)
    assert len(got) == (1 if cut >= before_second else 0)
    if cut not in (before_second, before_second - len(first)) or version == 10:
        assert set(counts) & reasons or cut == 20 or cut == len(whole[:20]) + len(template_set(version, specs))


@given(exports(), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=6))
@settings(max_examples=300)
def test_any_changed_bytes_never_raise(export: tuple[int, list[FieldSpec], list[list[bytes]]], changes: list[tuple[int, int]]) -> None:
    """Templates and data with bytes changed at random decode to something or are counted; columns can always be made."""
    version, specs, rows = export
    datagram = bytearray(message(version, template_set(version, specs), data_set(specs, rows)))
    for at, value in changes:
        datagram[at % len(datagram)] = value
    decoder = FlowDecoder()
    for _ in range(2):
        decoder.feed(EXPORTER, memoryview(datagram), 0)
    for batch in decoder.take():
        assert batch.table().num_rows == len(batch)
        assert normalise(batch, frozenset(NAMES)).num_rows == (0 if batch.options else len(batch))


@given(st.binary(max_size=200))
def test_any_bytes_at_all_never_raise(datagram: bytes) -> None:
    """Noise is counted, once as a datagram."""
    decoder = FlowDecoder()
    decoder.feed(EXPORTER, datagram, 0)
    assert decoder.counters[EXPORTER]["datagrams"] == 1
    assert sum(len(b) for b in decoder.take()) == decoder.counters[EXPORTER]["records"] + decoder.counters[EXPORTER]["option-records"]


@given(st.integers(1, 30), st.integers(0, 48 * 30 + 10))
def test_version_5_keeps_the_whole_records_and_names_the_fault(count: int, there: int) -> None:
    """A packet shorter or longer than its count says: the whole records are kept, the rest is counted."""
    rows = [row5(b"\n\0\0\1", b"\n\0\0\2", n, 443, 6, 0, 0) for n in range(31)]
    packet = message5(rows[:count])[:24] + b"".join(rows)[:there]
    decoder = FlowDecoder()
    decoder.feed(EXPORTER, packet, 0)
    got = [r["sourceTransportPort"] for b in decoder.take() for r in b.table().to_pylist()]
    assert got == list(range(min(count, there // 48)))
    counts = decoder.counters[EXPORTER]
    assert (counts["truncated"], counts["count-mismatch"]) == (int(there < count * 48), int(there > count * 48))


@given(st.integers(0, (1 << 32) - 1), st.integers(0, 20_000_000), st.integers(0, 20_000_000))
def test_times_are_right_across_the_wrap_of_uptime(uptime: int, ago: int, lasted: int) -> None:
    """A flow that ended `ago` milliseconds before export, by an uptime counter that wraps every 49.7 days."""
    last = (uptime - ago) % (1 << 32)
    first = (last - lasted) % (1 << 32)
    decoder = FlowDecoder()
    decoder.feed(EXPORTER, message5([row5(b"\n\0\0\1", b"\n\0\0\2", 1, 2, 6, first, last)], uptime=uptime), 0)
    (batch,) = decoder.take()
    (got,) = normalise(batch, frozenset({"start", "end"})).to_pylist()
    assert got["end"].timestamp() * 1000 == 1_700_000_000_000 - ago
    assert got["start"].timestamp() * 1000 == 1_700_000_000_000 - ago - lasted
