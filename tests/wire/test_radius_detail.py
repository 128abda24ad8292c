"""FreeRADIUS detail text: real files, every cut of them, and lines written to deceive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.store.schema import ASSIGNMENTS
from sekisho.wire.assignments import from_table, to_table
from sekisho.wire.intervals import Assignment
from sekisho.wire.radius_detail import DetailLimits, DetailReader

JST = timezone(timedelta(hours=9))
RECORD = """Sat Feb 28 15:00:01 2026
\tAcct-Status-Type = Start
\tEvent-Timestamp = "Feb 28 2026 15:00:00 UTC"
\tNAS-IP-Address = 192.0.2.1
\tUser-Name = "user001@example.ne.jp"
\tAcct-Session-Id = "A1"
\tFramed-IP-Address = 203.0.113.10

"""


def read(text: str | bytes, reader: DetailReader | None = None) -> tuple[list[Assignment], dict[str, int]]:
    reader = reader or DetailReader()
    reader.feed(text.encode() if isinstance(text, str) else text)
    reader.close()
    return reader.take(), dict(reader.counters)


def changed(old: str, new: str) -> str:
    assert old in RECORD
    return RECORD.replace(old, new)


def hardcases(shared: Path) -> bytes:
    return (shared / "abuse" / "radius-accounting" / "freeradius-3.2.1-hardcases.detail").read_bytes()


def test_a_real_servers_log_gives_every_record(shared_data: Path) -> None:
    """21 records written by FreeRADIUS 3.2.1: every event, and one row for each address it names."""
    rows, counts = read(hardcases(shared_data))
    assert counts == {"records": 21, "rows": len(rows)}
    assert len({(r.session, r.status, r.at_ms, r.user) for r in rows}) == 20  # one Start is there twice
    first = [r for r in rows if r.session == "A0000001" and r.status == "start" and r.user == "user001@example.ne.jp"]
    assert [(str(ip_address(r.address or b"")), r.prefix_length) for r in first] == [("::ffff:cb00:710a", 128), ("2001:db8:1000::", 56)]
    assert {r.at_ms for r in first} == {int(datetime(2026, 2, 28, 15, tzinfo=UTC).timestamp() * 1000)}
    assert [r for r in rows if r.status == "on"] == [Assignment(None, None, None, "bng1.example.ne.jp", None, "on", 1772301600000)]


def test_arrival_is_the_last_resort_and_needs_the_servers_zone(shared_data: Path) -> None:
    """No Event-Timestamp: the Timestamp attribute less Acct-Delay-Time; without that the header, in the declared zone only."""
    one = (shared_data / "abuse" / "radius-accounting" / "freeradius-tests-detail-one.txt").read_bytes() + b"\n\n"
    assert [r.at_ms for r in read(one)[0]] == [1554226681000]
    bare = changed('\tEvent-Timestamp = "Feb 28 2026 15:00:00 UTC"\n', "\tAcct-Delay-Time = 60\n")
    assert read(bare) == ([], {"records": 1, "unknown-zone": 1})
    rows, _ = read(bare, DetailReader(server_zone=JST))
    assert [r.at_ms for r in rows] == [int(datetime(2026, 2, 28, 14, 59, 1, tzinfo=JST).timestamp() * 1000)]


@given(st.data())
def test_the_same_bytes_give_the_same_rows_however_they_are_cut(data: st.DataObject) -> None:
    """Good and broken records, whole and byte by byte and in any pieces."""
    parts = [
        RECORD,
        changed("Start", "Stop"),
        changed('"A1"', '"A'),
        changed("\tUser", "User"),
        RECORD.rstrip("\n"),
        "\n\n",
        "x" * 90 + "\n",
        "\tstray = 1\n",
    ]
    text = "".join(data.draw(st.lists(st.sampled_from(parts), max_size=6))).encode()
    whole, pieces = DetailReader(limits=DetailLimits(line_bytes=64)), DetailReader(limits=DetailLimits(line_bytes=64))
    whole.feed(text)
    rest = text
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        pieces.feed(rest[:size])
        rest = rest[size:]
    whole.close()
    pieces.close()
    assert whole.take() == pieces.take()
    assert whole.counters == pieces.counters


def test_a_real_log_read_byte_by_byte_is_the_same(shared_data: Path) -> None:
    """The file of the real server, one byte at a time."""
    reader = DetailReader()
    for byte in hardcases(shared_data):
        reader.feed(bytes([byte]))
    assert reader.take() == read(hardcases(shared_data))[0]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"Feb 28 2026 15:00:00 UTC"', 0),
        ('"Mar  1 2026 00:00:00 JST"', 0),
        ("1772290800", 0),
        ('"2026-02-28T15:00:00Z"', 0),
        ('"2026-03-01T00:00:00+09:00"', 0),
        ('"Mar 1 2026 00:00:00 +0900"', 0),
        ('"Feb 28 2026 15:00:00 GMT"', 0),
        ('"Mar  1 2026 02:00:00 AEST"', 0),
    ],
)
def test_event_times_are_read_in_every_form_that_has_a_zone(written: str, meant: int) -> None:
    """C-locale text, seconds, ISO 8601; zone names beyond UTC, GMT and JST are the operator's to declare."""
    rows, _ = read(changed('"Feb 28 2026 15:00:00 UTC"', written), DetailReader(zones={"AEST": timedelta(hours=11)}))
    assert [r.at_ms - 1772290800000 for r in rows] == [meant]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("UTC", "CST", "unknown-zone"),
        (" UTC", "", "bad-time"),
        ("Feb 28", "Feb 30", "bad-time"),
        ('"Feb 28 2026 15:00:00 UTC"', "0", "bad-time"),
        ('"Feb 28 2026 15:00:00 UTC"', '"2026-02-28T15:00:00"', "bad-time"),
        ("2026 15:00:00 UTC", "2026 15:00:00 +9999", "bad-time"),
        ("= Start", "= Failed", "other-status"),
        ("\tNAS-IP-Address = 192.0.2.1\n", "", "no-nas"),
        ('example.ne.jp"', "example.ne.jp", "bad-quoting"),
        ("203.0.113.10", "203.0.113.300", "bad-address"),
        ("Framed-IP-Address = 203.0.113.10", "Delegated-IPv6-Prefix = 203.0.113.0/24", "bad-address"),
        ("\tFramed", "\tFramed-IP-Address = 203.0.113.11\n\tFramed", "contradicting-attribute"),
        ("\tFramed", '\tUser-Name = "other"\n\tFramed', "contradicting-attribute"),
        ("\tFramed", "\tAcct-Session-Time = -1\n\tFramed", "bad-number"),
        ("\tFramed", "\t=\n\tFramed", "bad-line"),
        ("\tFramed", "Framed", "unfinished"),
        ("\tFramed", "\t" + "a" * 5000 + "\n\tFramed", "line-too-long"),
        ("\tFramed", "\tClass = 0x00\n" * 600 + "\tFramed", "record-too-long"),
        ("203.0.113.10\n\n", "203.0.113.10\n", "unfinished"),
        ("203.0.113.10\n\n", "203.0.113.1", "unfinished"),
    ],
)
def test_a_wrong_record_is_refused_whole_with_its_reason(old: str, new: str, reason: str) -> None:
    """Nothing of it becomes a row; the records around it are kept."""
    rows, counts = read(RECORD + changed(old, new) + ("" if reason == "unfinished" else RECORD))
    assert counts[reason] == 1
    assert len(rows) == (1 if reason == "unfinished" else 2)
    assert all(r.user == "user001@example.ne.jp" for r in rows)


def test_text_that_is_no_utf_8_is_refused() -> None:
    """A name in another encoding is nobody's name."""
    rows, counts = read(RECORD.encode().replace(b"user001", b"\xe9ser"))
    assert (rows, counts) == ([], {"records": 1, "bad-text": 1})


def test_a_name_cannot_write_another_attribute() -> None:
    """Quotes, line ends and tabs inside a value stay inside it, as FreeRADIUS escapes them."""
    rows, _ = read(changed("user001@", r"a\"\n\tFramed-IP-Address = 203.0.113.99\n\\@"))
    assert [(r.user, str(ip_address(r.address or b""))) for r in rows] == [
        ('a"\n\tFramed-IP-Address = 203.0.113.99\n\\@example.ne.jp', "::ffff:cb00:710a")
    ]


def test_addresses_left_to_choose_are_no_addresses() -> None:
    """255.255.255.254 asks the NAS to choose (RFC 2865): an event without an address."""
    rows, _ = read(changed("203.0.113.10", "255.255.255.254"))
    assert [r.address for r in rows] == [None]


def test_attributes_nobody_asked_for_are_not_read() -> None:
    """Calling-Station-Id is passed over, whatever it holds."""
    rows, counts = read(changed("\tFramed", '\tCalling-Station-Id = "\xff broken\n\tFramed'))
    assert len(rows) == counts["rows"] == 1
    assert "broken" not in repr(rows)


@given(st.binary(max_size=400))
def test_no_bytes_raise(noise: bytes) -> None:
    """Noise after a good record is counted or ignored; the good record stays."""
    rows, _ = read(RECORD.encode() + noise)
    assert rows[:1] == read(RECORD)[0]


def test_rows_and_columns_are_the_same_thing(shared_data: Path) -> None:
    """To the assignments shape and back."""
    rows, _ = read(hardcases(shared_data))
    table = to_table(rows)
    assert table.schema.names == ASSIGNMENTS.names
    assert [f.type for f in table.schema] == [f.type for f in ASSIGNMENTS]
    assert from_table(table) == rows
    assert from_table(to_table([])) == []
