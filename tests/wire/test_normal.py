"""One set of names over all exporters: which field each column comes from, and what is left unknown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from struct import pack
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.store.schema import FLOWS
from sekisho.wire.batches import Batch
from sekisho.wire.elements import NUMBERS, describe
from sekisho.wire.flows import NAMES, FlowDecoder, normalise
from tests.wire.encoder import FieldSpec, message5, message9, message10, one_set, row5, template

EXPORTER = ("2001:db8::99", 2055)
EXPORTED = datetime.fromtimestamp(1_700_000_000, UTC)


def batch(version: int = 10, **fields: bytes) -> Batch:
    """One record with these elements by name; a trailing underscore number tells fields of one name apart."""
    specs: list[FieldSpec] = [(NUMBERS[name.split("__")[0]], len(value)) for name, value in fields.items()]
    message, kind = (message9, 0) if version == 9 else (message10, 2)
    decoder = FlowDecoder()
    decoder.feed(EXPORTER, message(one_set(kind, template(300, specs)), one_set(300, *fields.values(), pad=False)), 5)
    (made,) = decoder.take()
    return made


def one(made: Batch, *names: str) -> Any:
    (row,) = normalise(made, frozenset(names)).to_pylist()
    return row[names[0]] if len(names) == 1 else tuple(row[n] for n in names)


def ntp(when: datetime, fraction: float = 0.0) -> bytes:
    return pack("!II", int(when.timestamp()) + 2_208_988_800, int(fraction * (1 << 32)))


MOMENT = datetime(2026, 2, 28, 15, 0, 0, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"flowStartSeconds": pack("!I", int(MOMENT.timestamp()))}, MOMENT.replace(microsecond=0)),
        ({"flowStartMilliseconds": pack("!Q", int(MOMENT.timestamp() * 1000))}, MOMENT),
        ({"flowStartMicroseconds": ntp(MOMENT, 0.25)}, MOMENT),
        ({"flowStartNanoseconds": ntp(MOMENT, 0.25)}, MOMENT),
        ({"flowStartDeltaMicroseconds": pack("!I", 1_500_000)}, EXPORTED - timedelta(seconds=1.5)),
        (
            {"flowStartSysUpTime": pack("!I", 5000), "systemInitTimeMilliseconds": pack("!Q", 1_699_999_000_000)},
            EXPORTED - timedelta(seconds=995),
        ),
        ({"observationTimeMilliseconds": pack("!Q", int(MOMENT.timestamp() * 1000))}, MOMENT),
        ({"flowStartMilliseconds": bytes(8)}, None),
        ({"flowStartMilliseconds": b"\xff" * 8}, None),
        ({"flowStartMicroseconds": bytes(8)}, None),
        ({"flowStartSysUpTime": pack("!I", 5000)}, None),
        ({"protocolIdentifier": b"\6"}, None),
    ],
    ids=lambda v: "-".join(v) if isinstance(v, dict) else None,
)
def test_the_start_is_read_from_every_field_that_tells_it(fields: dict[str, bytes], expected: datetime | None) -> None:
    """Seconds to nanoseconds, before export, since the exporter's start; zero and impossible times are unknown."""
    assert one(batch(**fields), "start") == expected


def test_the_end_may_be_told_by_the_duration() -> None:
    """Start and flowDurationMilliseconds."""
    made = batch(flowStartMilliseconds=pack("!Q", int(MOMENT.timestamp() * 1000)), flowDurationMilliseconds=pack("!I", 750))
    assert one(made, "end") == MOMENT + timedelta(milliseconds=750)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"octetDeltaCount": b"\7", "packetDeltaCount": b"\2"}, (7, 2)),
        ({"octetTotalCount": pack("!Q", 1 << 63), "packetTotalCount": pack("!I", 9)}, (1 << 63, 9)),
        ({"octetDeltaCount": b"\1", "octetTotalCount": b"\2"}, (1, None)),
        ({"postOctetDeltaCount": b"\0\0\3"}, (3, None)),
        ({"initiatorOctets": b"\4", "initiatorPackets": b"\1"}, (4, 1)),
    ],
)
def test_counts_are_delta_or_total_as_sent(fields: dict[str, bytes], expected: tuple[int | None, int | None]) -> None:
    """At any reduced size, never multiplied."""
    assert one(batch(**fields), "octets", "packets") == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"sourceIPv4Address": b"\n\0\0\1"}, "::ffff:10.0.0.1"),
        ({"sourceIPv6Address": ip_address("2001:db8::1").packed}, "2001:db8::1"),
        ({"sourceIPv4Address": b"\n\0\0\1", "sourceIPv6Address": bytes(16)}, "::ffff:10.0.0.1"),
        ({"sourceIPv4Address": bytes(4), "sourceIPv6Address": ip_address("2001:db8::1").packed}, "2001:db8::1"),
        ({"sourceIPv4Address": bytes(4), "sourceIPv6Address": bytes(16), "ipVersion": b"\6"}, "::"),
        ({"sourceIPv4Address": b"\n\0\0\1", "sourceIPv6Address": b"\1" * 16, "ipVersion": b"\4"}, "::ffff:10.0.0.1"),
        ({"sourceIPv4Address": b"\n\0\0"}, None),
        ({"destinationIPv4Address": b"\n\0\0\1"}, None),
    ],
)
def test_addresses_are_16_bytes_of_the_family_in_use(fields: dict[str, bytes], expected: str | None) -> None:
    """IPv4 mapped; where a template has both families, version or the one that is not zero decides; cut addresses are unknown."""
    assert one(batch(**fields), "src") == (None if expected is None else ip_address(expected).packed)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"protocolIdentifier": b"\1", "destinationTransportPort": pack("!H", 3 << 8 | 4)}, (3, 4, 3 << 8 | 4)),
        ({"protocolIdentifier": b"\1", "icmpTypeCodeIPv4": b"\3\3"}, (3, 3, 3 << 8 | 3)),
        (
            {"protocolIdentifier": b"\1", "icmpTypeIPv4": b"\3", "icmpCodeIPv4": b"\1", "destinationTransportPort": b"\0\0"},
            (3, 1, 3 << 8 | 1),
        ),
        ({"protocolIdentifier": b"\x3a", "icmpTypeCodeIPv4": b"\0\0", "icmpTypeCodeIPv6": b"\x80\0"}, (128, 0, 128 << 8)),
        ({"protocolIdentifier": b"\6", "icmpTypeCodeIPv4": b"\3\3", "destinationTransportPort": b"\1\xbb"}, (None, None, 443)),
    ],
)
def test_icmp_has_type_and_code_wherever_the_exporter_put_them(fields: dict[str, bytes], expected: tuple[int | None, ...]) -> None:
    """In the destination port (v5, v9) or in fields of their own; other protocols have none."""
    assert one(batch(**fields), "icmp_type", "icmp_code", "dst_port") == expected


def test_flags_interfaces_and_exporter() -> None:
    """Twelve-bit flags give the eight of RFC 9293; physical interfaces stand in for logical ones."""
    made = batch(9, tcpControlBits=b"\1\x12", ingressPhysicalInterface=b"\0\7", egressInterface=b"\1\0\0\0")
    assert one(made, "tcp_flags", "in_interface", "out_interface") == (0x12, 7, 1 << 24)
    assert one(made, "exporter") == ip_address("2001:db8::99").packed


def test_what_is_not_asked_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns outside the permit are never turned into values: only the asked fields of the rows are touched."""
    touched: list[str] = []
    plain = Batch.octets

    def watched(self: Batch, column: Any) -> Any:
        touched.append(column.name)
        return plain(self, column)

    monkeypatch.setattr(Batch, "octets", watched)
    decoder = FlowDecoder()
    decoder.feed(EXPORTER, message5([row5(b"\n\0\0\1", b"\n\0\0\2", 1, 2, 6, 0, 0)]), 0)
    (made,) = decoder.take()
    assert normalise(made, frozenset({"packets", "src"})).column_names == ["src", "packets"]
    assert touched == ["sourceIPv4Address"]


def test_a_name_nobody_knows_is_refused_with_the_names_there_are() -> None:
    """A misspelt permit column stops the collector instead of sealing nothing."""
    with pytest.raises(ValueError, match=r"no such flow column: sorce; there are: src"):
        normalise(batch(protocolIdentifier=b"\6"), frozenset({"sorce"}))


def test_types_are_those_of_the_flows_shape() -> None:
    """Whatever a template has or lacks, each column has its one type."""
    whole = normalise(batch(protocolIdentifier=b"\6"), frozenset(NAMES)).schema
    turned = {"src": "line", "dst": "peer", "src_port": "line_port", "dst_port": "peer_port"}
    shared = [n for n in NAMES if turned.get(n, n) in FLOWS.names]
    assert len(shared) == 13
    assert [whole.field(n).type for n in shared] == [FLOWS.field(turned.get(n, n)).type for n in shared]


def test_native_columns_have_the_registrys_width_and_unknown_fields_their_bytes() -> None:
    """Every field by IANA name; kinds beyond numbers and addresses as Arrow's own types."""
    made = batch(
        octetDeltaCount=b"\0\0\1",
        flowStartSeconds=pack("!I", 1),
        flowStartNanoseconds=ntp(MOMENT, 0.5),
        samplingProbability=pack("!d", 0.5),
        dataRecordsReliability=b"\1",
        mibObjectValueInteger=b"\xff\xfe",
        interfaceName=b"eth0\0\0",
        sourceMacAddress=b"\0\1\2\3\4\5",
        octetDeltaCount__2=b"\7",
        flowEndMilliseconds=b"\xff" * 8,
    )
    table = made.table()
    (row,) = table.to_pylist()
    assert table.schema.field("octetDeltaCount").type == pa.uint64()
    assert (row["octetDeltaCount"], row["octetDeltaCount_2"]) == (1, 7)
    assert table.schema.field("flowStartSeconds").type == pa.timestamp("s", "UTC")
    assert table.schema.field("flowStartNanoseconds").type == pa.timestamp("ns", "UTC")
    assert row["flowStartNanoseconds"].timestamp() == int(MOMENT.timestamp()) + 0.5
    assert (row["samplingProbability"], row["dataRecordsReliability"], row["mibObjectValueInteger"]) == (0.5, True, -2)
    assert row["flowEndMilliseconds"] is None
    assert (row["interfaceName"], row["sourceMacAddress"]) == ("eth0", b"\0\1\2\3\4\5")
    assert (row["exporter"], row["template"], row["exported"]) == (ip_address("2001:db8::99").packed, 300, EXPORTED)


def test_names_of_what_nobody_registered() -> None:
    """Unknown numbers and enterprises keep their numbers; RFC 5103's reverse elements have names."""
    assert describe(64_000).name == "field_64000"
    assert describe(5, 15_397).name == "enterprise_15397_5"
    assert describe(1, 29_305).name == "reverseOctetDeltaCount"
    assert (NUMBERS["sourceIPv4Address"], NUMBERS["portRangeEnd"]) == (8, 362)


@given(st.lists(st.integers(0, (1 << 64) - 1), min_size=1, max_size=40), st.integers(1, 8))
def test_numbers_of_any_width_are_exact(values: list[int], width: int) -> None:
    """Reduced-size encoding of every length from one to eight bytes."""
    cut = [v % (1 << 8 * width) for v in values]
    decoder = FlowDecoder()
    specs: list[FieldSpec] = [(1, width)]
    decoder.feed(EXPORTER, message10(one_set(2, template(300, specs)), one_set(300, *(v.to_bytes(width) for v in cut), pad=False)), 0)
    (made,) = decoder.take()
    assert normalise(made, frozenset({"octets"}))["octets"].to_pylist() == made.table()["octetDeltaCount"].to_pylist() == cut
