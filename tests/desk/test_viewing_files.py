"""Files for invited people: sealed where they lie, of kinds that nothing runs, under the code, the terms and the last day of a film."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.viewing.files import BEGINS, PICTURES, file_name, open_file, read_files, seal_files
from sekisho.desk.viewing.film import FilmError
from sekisho.law.viewing import MOST_PAPERS, Viewing, faults, work
from tests.desk import filming
from tests.desk.filming import FILES, written_files
from tests.desk.office import Office

KEY = bytes(range(16))
AT = datetime(2026, 11, 22, tzinfo=UTC)
SAID = Viewing({"ja": "資料", "en": "Papers"}, ("a" * 64, "b" * 64), "0" * 16, AT, AT + timedelta(days=3), 1, "p", AT, ("1.png", "2.pdf"))


@pytest.fixture
def office(_founded: Path, tmp_path: Path) -> Iterator[Office]:
    office = Office(_founded).copied_closed(tmp_path / "office").open()
    yield office
    office.close()


def test_each_file_is_sealed_where_it_lies_and_opens_as_it_was(tmp_path: Path) -> None:
    files = read_files(written_files(tmp_path / "files"))
    digests = seal_files(files, tmp_path / "to", KEY)
    assert files.names == tuple(sorted(FILES))
    assert len(set(digests)) == len(FILES)
    for number, name in enumerate(files.names):
        assert FILES[name] not in (tmp_path / "to" / file_name(number)).read_bytes()
        assert open_file(tmp_path / "to", number, KEY) == FILES[name]


def test_another_key_a_changed_byte_or_one_file_in_place_of_another_opens_nothing(tmp_path: Path) -> None:
    to = tmp_path / "to"
    seal_files(read_files(written_files(tmp_path / "files")), to, KEY)
    assert open_file(to, 0, bytes(16)) is None
    assert open_file(to, 99, KEY) is None
    (to / file_name(1)).write_bytes((to / file_name(0)).read_bytes())
    assert open_file(to, 1, KEY) is None
    raw = bytearray((to / file_name(2)).read_bytes())
    raw[-1] ^= 1
    (to / file_name(2)).write_bytes(bytes(raw))
    assert open_file(to, 2, KEY) is None
    (to / file_name(3)).write_bytes(b"short")
    assert open_file(to, 3, KEY) is None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<html>"),
        ("page.svg", b"<svg onload='alert(1)'/>"),
        ("run.exe", b"MZ"),
        ("picture.png", b"<svg onload='alert(1)'/>"),
        ("paper.pdf", b"<html>"),
        ("paper.docx", b"%PDF-1.7"),
        ("no-kind", b"x"),
        ("a\nb.txt", b"x"),
    ],
)
def test_what_is_of_no_kind_that_may_be_shown_or_not_what_its_name_says_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    folder = written_files(tmp_path / "files")
    (folder / name).write_bytes(content)
    with pytest.raises(FilmError) as no:
        read_files(folder)
    assert no.value.where == name


def test_no_link_no_folder_and_no_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(FilmError, match="0 files"):
        read_files(tmp_path / "empty")
    folder = written_files(tmp_path / "files")
    (folder / "4.png").symlink_to("/etc/hostname")
    with pytest.raises(FilmError, match=r"4\.png"):
        read_files(folder)


def test_no_kind_is_shown_that_a_browser_runs() -> None:
    assert set(PICTURES) <= set(BEGINS)
    assert set(PICTURES.values()) == {"image/png", "image/jpeg"}
    assert not {".html", ".htm", ".svg", ".xml", ".js", ".xhtml"} & set(BEGINS)


def test_the_rights_holders_terms_are_about_these_files_under_these_names() -> None:
    other = replace(SAID, names=("2.pdf", "1.png"))
    film = replace(SAID, names=())
    assert len({work(SAID), work(other), work(film), work(replace(SAID, files=("a" * 64, "c" * 64)))}) == 4
    assert not faults(SAID)
    assert not faults(film)


@given(st.lists(st.sampled_from(["1.png", "2.pdf", "../x", "", "a/b", ".x", "x\n", "ok (1).txt"]), min_size=1, max_size=4))
def test_names_are_one_for_each_file_without_a_way_out_of_their_folder(names: list[str]) -> None:
    good = len(names) == 2 and len(set(names)) == 2 and set(names) <= {"1.png", "2.pdf", "ok (1).txt"}
    assert ("names" not in faults(replace(SAID, names=tuple(names)))) is good


def test_there_are_at_most_so_many() -> None:
    many = tuple(f"{n}.txt" for n in range(MOST_PAPERS + 1))
    assert "names" in faults(replace(SAID, names=many, files=tuple(f"{n:064x}" for n in range(len(many)))))


def test_the_code_opens_them_and_the_last_day_ends_them(office: Office, tmp_path: Path) -> None:
    viewing, _, key = filming.shown(office, written_files(tmp_path / "files"))
    codes, show = filming.invited(office, viewing), office.channel("show")
    assert show.call("viewing", viewing=viewing)["film"] is False
    session = show.call("open-viewing", viewing=viewing, code=codes[0])["session"]
    told: dict[str, Any] = show.call("watch", viewing=viewing, session=session, key=True)
    assert (tuple(told["names"]), told["key"]) == (tuple(sorted(FILES)), key.hex())
    office.watch.wind(days=30, hours=1)
    with pytest.raises(KeepSaidNo) as no:
        show.call("watch", viewing=viewing, session=session, key=True)
    assert no.value.code == "viewing-over"
