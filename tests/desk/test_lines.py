"""The register comes in by CSV: good rows are kept, each bad one is named by its row, column and why."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.desk.flows.lines import COLUMNS, BadRow, Imported, ImportLines, NoRegisterPermit, NotACsv, _read, carry_out
from tests.desk.office import EXAMPLES, Office

GOOD = {
    "line": "L-1", "radius_name": "user@isp.example", "delegated_prefix": "2001:db8:1::/56", "valid_from": "2024-04-01T00:00:00Z",
    "valid_until": "", "mail": "a@mail.example", "name": "髙﨑 美咲", "language": "ja", "contract_from": "2024-04-01T00:00:00Z",
    "contract_until": "", "terms_version": "2024-04-01",
}  # fmt: skip
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def make(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS, encoding: str = "utf-8") -> Path:
        text = io.StringIO()
        out = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
        out.writeheader()
        out.writerows([GOOD | r for r in rows])
        path = tmp_path / "lines.csv"
        path.write_bytes(text.getvalue().encode(encoding))
        return path

    return make


def take(office: Office, path: Path) -> Imported:
    return carry_out(office.outside("terminal"), ImportLines(path))


def test_the_recorded_register_goes_in_whole(office: Office) -> None:
    found = take(office, EXAMPLES / "lines.csv")
    assert found.lines == 9
    assert found.refused == ()
    assert found.permit == next(p["id"] for p in office.permits() if p["step"] == "register")


def test_nothing_is_imported_without_a_living_permit(founded: Office, office: Office, write: Write) -> None:
    with pytest.raises(NoRegisterPermit):
        take(founded, write({}))
    office.withdraw(next(p["id"] for p in office.permits() if p["step"] == "register"))
    with pytest.raises(NoRegisterPermit):
        take(office, write({}))
    assert not list((founded.settings.folder / "streams").iterdir())


BAD = [
    ({"line": " "}, "line", "empty"),
    ({"language": "fr"}, "language", "not-ja-or-en"),
    ({"mail": "nobody"}, "mail", "not-an-address"),
    ({"mail": "a@b.example, c@d.example"}, "mail", "not-an-address"),
    ({"mail": "a@b.example\r\nBcc: c@d.example"}, "mail", "not-an-address"),
    ({"mail": "<a@b.example>"}, "mail", "not-an-address"),
    ({"valid_from": "2024-04-01"}, "valid_from", "not-a-time-with-zone"),
    ({"contract_until": "next year"}, "contract_until", "not-a-time-with-zone"),
    ({"valid_until": "2024-04-01T00:00:00"}, "valid_until", "not-a-time-with-zone"),
    ({"delegated_prefix": "2001:db8:1::1/56"}, "delegated_prefix", "not-a-prefix"),
    ({"delegated_prefix": "everything"}, "delegated_prefix", "not-a-prefix"),
    ({"name": "x" * 501}, "name", "absent-or-unreadable"),
    ({"name": "a\0b"}, "name", "absent-or-unreadable"),
]


@pytest.mark.parametrize(("changed", "column", "why"), BAD, ids=[f"{c}-{w}-{i}" for i, (_, c, w) in enumerate(BAD)])
def test_a_bad_row_is_named_and_its_neighbours_are_kept(write: Write, changed: dict[str, str], column: str, why: str) -> None:
    good, refused = _read(write({"line": "L-1"}, changed, {"line": "L-3"}))
    assert [r["line"] for r in good] == ["L-1", "L-3"]
    assert [(r.column, r.why) for r in refused] == [(column, why)]


def test_the_row_number_is_the_line_of_the_file(write: Write) -> None:
    """An editor finds it there."""
    _, refused = _read(write({}, {"language": "xx"}, {}, {"language": "yy"}))
    assert [r.row for r in refused] == [3, 5]


def test_a_byte_order_mark_is_no_part_of_the_first_column(write: Write) -> None:
    good, refused = _read(write({}, encoding="utf-8-sig"))
    assert len(good) == 1
    assert refused == []


def test_columns_that_are_absent_are_named_and_nothing_is_taken(write: Write) -> None:
    with pytest.raises(NotACsv) as no:
        _read(write({}, columns=tuple(c for c in COLUMNS if c not in ("mail", "language"))))
    assert no.value.absent == ("mail", "language")


def test_further_columns_and_another_order_do_no_harm(write: Write) -> None:
    good, _ = _read(write({}, columns=("note", *reversed(COLUMNS))))
    assert good[0] == GOOD


def test_an_empty_file_lacks_every_column(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_bytes(b"")
    with pytest.raises(NotACsv) as no:
        _read(path)
    assert no.value.absent == COLUMNS


def test_a_row_with_too_few_cells_is_named(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text(",".join(COLUMNS) + "\nL-1,user\n", encoding="utf-8")
    assert _read(path) == ([], [BadRow(2, "delegated_prefix", "absent-or-unreadable")])


def test_bytes_that_are_no_utf_8_spoil_their_row_only(write: Write) -> None:
    path = write({}, {"name": "MARK"}, {})
    path.write_bytes(path.read_bytes().replace(b"MARK", b"\xe9\xff"))
    good, refused = _read(path)
    assert len(good) == 2
    assert [(r.row, r.column, r.why) for r in refused] == [(3, "name", "absent-or-unreadable")]


def test_a_cell_without_end_is_named_and_nothing_falls_over(write: Write) -> None:
    """A quote that is never closed swallows the rest of the file: one long cell, and the csv reader's own limit."""
    path = write({}, {})
    path.write_bytes(path.read_bytes() + b'"' + b"x" * 200_000)
    good, refused = _read(path)
    assert len(good) == 2
    assert len(refused) == 1


def test_too_many_rows_stop_with_a_word(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sekisho.desk.flows.lines.MOST_ROWS", 2)
    good, refused = _read(write(*({"line": f"L-{n}"} for n in range(4))))
    assert len(good) == 2
    assert refused[-1].why == "too-many-rows"


def test_an_import_of_bad_rows_only_writes_nothing(office: Office, write: Write) -> None:
    assert take(office, write({"language": "xx"})).lines == 0
    assert not list((office.settings.folder / "streams").rglob("*.import"))


def test_contacts_and_keys_lie_sealed_and_unreadable(office: Office, write: Write) -> None:
    take(office, write({}))
    (file,) = (office.settings.folder / "streams").rglob("*.import")
    raw = file.read_bytes()
    assert not [w for w in ("a@mail.example", "user@isp.example", "2001:db8:1", "髙﨑") if w.encode() in raw]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_whatever_bytes_follow_a_good_header_each_row_is_good_or_named(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "lines.csv"
    path.write_bytes(",".join(COLUMNS).encode() + b"\n" + raw)
    good, refused = _read(path)
    assert all(set(g) == set(COLUMNS) for g in good)
    assert all(r.column in COLUMNS and r.why for r in refused)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([{}, *(b[0] for b in BAD)]), max_size=8))
def test_as_many_rows_are_good_or_named_as_there_were(write: Write, rows: list[dict[str, str]]) -> None:
    good, refused = _read(write(*rows))
    assert len(good) == sum(not r for r in rows)
    assert len(refused) == sum(bool(r) for r in rows)
