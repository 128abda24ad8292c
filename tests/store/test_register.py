"""The register: line keys and contacts lie in two classes; reading the one opens nothing of the other."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from sekisho.store.errors import SealError, ShapeError
from sekisho.store.register import Contact, open_contact, read_line_keys, write_register
from sekisho.store.schema import CONTACTS, LINE_KEYS
from tests.store.conftest import DAY, Node, bytes_of, days_later, files_of

SINCE = datetime(2025, 4, 1, tzinfo=UTC)


def keys(*rows: tuple[str, str | None, str | None]) -> pa.Table:
    return pa.Table.from_pylist(
        [{"line": n, "kind": k, "value": v, "valid_from": SINCE, "valid_until": None} for n, k, v in rows], schema=LINE_KEYS
    )


def contacts(*rows: tuple[str, str]) -> pa.Table:
    return pa.Table.from_pylist([{"line": n, "mail": m, "name": "山田 花子", "language": "ja"} for n, m in rows], schema=CONTACTS)


def write(node: Node, day: str, line_keys: pa.Table, people: pa.Table) -> None:
    write_register(node.streams, "p1", day, line_keys, people, node.half)


def known(node: Node, *days: str) -> set[tuple[str, str]]:
    rows = read_line_keys(node.streams, "p1", days, node.release).to_pylist()
    return {(row["line"], row["value"]) for row in rows if row["kind"] != "contact"}


def box(node: Node, line: str, *days: str) -> str | None:
    rows = read_line_keys(node.streams, "p1", days, node.release).to_pylist()
    return next((row["value"] for row in rows if row["line"] == line and row["kind"] == "contact"), None)


def test_what_is_imported_comes_back(node: Node) -> None:
    """Line keys with their validity, the contact of one line, nothing for a line nobody knows."""
    table = keys(("L1", "radius-name", "user1@isp.example"), ("L1", "circuit", "c-1"), ("L2", "circuit", "c-2"))
    write(node, DAY, table, contacts(("L1", "one@example.net"), ("L2", "two@example.net")))
    found = read_line_keys(node.streams, "p1", [DAY], node.release)
    assert found.slice(0, 3).equals(table)
    assert open_contact(box(node, "L2", DAY) or "", node.release) == Contact("L2", "two@example.net", "山田 花子", "ja")
    assert box(node, "L3", DAY) is None


def test_line_keys_and_contacts_need_different_keys(node: Node) -> None:
    """Reading line keys asks for no contact key, and works where `keep` refuses it; and the other way round."""
    write(node, DAY, keys(("L1", "circuit", "c-1")), contacts(("L1", "one@example.net")))
    assert known(node, DAY) == {("L1", "c-1")}
    assert set(node.asked) == {f"p1/party/{DAY}"}
    read_line_keys(node.streams, "p1", [DAY], node.refusing("contact"))
    shut = box(node, "L1", DAY) or ""
    assert "one@example.net" not in shut
    assert open_contact(shut, node.refusing("party")).mail == "one@example.net"
    with pytest.raises(PermissionError):
        open_contact(shut, node.refusing("contact"))
    with pytest.raises(PermissionError):
        read_line_keys(node.streams, "p1", [DAY], node.refusing("party"))


def test_the_last_import_wins_line_by_line(node: Node) -> None:
    """A newer import replaces all keys and the contact of the lines it names, and leaves the others; over days too."""
    tomorrow = days_later(DAY, 1)
    write(
        node,
        DAY,
        keys(("L1", "circuit", "old"), ("L1", "radius-name", "old@isp"), ("L2", "circuit", "stays")),
        contacts(("L1", "old@x"), ("L2", "stays@x")),
    )
    write(node, DAY, keys(("L1", "circuit", "newer")), contacts(("L1", "newer@x")))
    assert known(node, DAY) == {("L1", "newer"), ("L2", "stays")}
    write(node, tomorrow, keys(("L1", "circuit", "newest"), ("L2", None, None)), contacts())
    assert known(node, DAY, tomorrow) == {("L1", "newest")}
    assert box(node, "L1", DAY, tomorrow) is None
    assert open_contact(box(node, "L1", DAY) or "", node.release).mail == "newer@x"


def test_a_box_that_is_none_is_refused(node: Node) -> None:
    """Empty, foreign or cut boxes: SealError, and nobody's contact."""
    write(node, DAY, keys(("L1", "circuit", "c-1")), contacts(("L1", "one@example.net")))
    shut = box(node, "L1", DAY) or ""
    for wrong in ("", "p1/party/2026-01-01 00", shut[:-2], shut.replace("contact", "party"), "x" * 9000):
        with pytest.raises((SealError, PermissionError)):
            open_contact(wrong, node.release)
    assert "one@example.net" not in repr(open_contact(shut, node.release))


def test_an_old_import_laid_over_a_newer_one_is_refused(node: Node) -> None:
    """A file copied to a later number does not open: nobody brings an old address back."""
    write(node, DAY, keys(("L1", "circuit", "old")), contacts(("L1", "old@x")))
    (old,) = files_of(node.streams)
    write(node, DAY, keys(("L1", "circuit", "new")), contacts(("L1", "new@x")))
    old.with_name("0000000009.import").write_bytes(old.read_bytes())
    with pytest.raises(SealError):
        known(node, DAY)


def test_the_register_lies_sealed(node: Node) -> None:
    """No line, name, mail or user name in any byte on the disk; a cut file is an error."""
    write(node, DAY, keys(("LINE-ONE", "radius-name", "user1@isp.example")), contacts(("LINE-ONE", "one@example.net")))
    raw = bytes_of(node.streams)
    assert not any(word in raw for word in (b"LINE-ONE", b"user1", b"example", "山田".encode()))
    (file,) = files_of(node.streams)
    whole = file.read_bytes()
    for size in (0, 3, 9, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:size])
        with pytest.raises(SealError):
            read_line_keys(node.streams, "p1", [DAY], node.release)


def test_rows_that_are_no_register_are_refused(node: Node) -> None:
    """Other columns or a row without a line: ShapeError, and no file."""
    for wrong in (
        contacts(("L1", "x@x")),
        keys(("L1", "circuit", "c")).set_column(0, LINE_KEYS.field("line"), pa.array([None], pa.string())),
    ):
        with pytest.raises(ShapeError):
            write(node, DAY, wrong, contacts())
    assert not files_of(node.streams)
