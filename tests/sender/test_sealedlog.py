"""Access-log mode: what a front end wrote is sealed as it is read, once, and posts find their records exactly."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho_sender.frontlog import Line, Wrong, read_line, read_logs
from sekisho_sender.grown import append, read_whole
from sekisho_sender.keeping import Keeper
from sekisho_sender.record import SubjectKind
from sekisho_sender.seal import KeyFile
from sekisho_sender.sealedlog import Claim, Paths, bring_in, join, read_claims
from tests.sender.keys import NOON, Officers, officers_of, write_keys
from tests.sender.lines import line, printed

ENDED = "1795316400.250"
ROOT = Path(__file__).resolve().parents[2]


def lines(*numbers: int, **change: Any) -> Iterator[Line | Wrong]:
    return (read_line(line(n, ended=ENDED, **change)) for n in numbers)


def rows(folder: Path) -> list[dict[str, Any]]:
    return [row for file in sorted(folder.glob("2026-*.jsonl")) for row in read_whole(file)]


def claims(*numbers: int) -> Iterable[Claim]:
    return [Claim(SubjectKind.POST, str(n), f"{n:032x}") for n in numbers]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "sealed"


def test_a_line_becomes_a_sealed_record_that_the_officers_open_under_the_requests_id(
    folder: Path, keeper: Keeper, officers: Officers
) -> None:
    assert bring_in(lines(1), folder, keeper).sealed == 1
    (row,) = rows(folder)
    record = officers.open(bytes.fromhex(row["sealed"]), "post", f"{1:032x}", row["id"])
    assert (str(record.sender.source), str(record.sender.destination), record.host) == ("203.0.113.9:51234", "198.51.100.7:443", "front-1")
    index = officers.index(bytes.fromhex(row["sealed"]), "203.0.113.9")
    assert (row["subject"], row["seen_day"], row["ip_index"]) == (f"{1:032x}", "2026-11-22", index)
    assert (record.transport, record.http, record.user_agent) == ("tcp", "1.1", "Example/1.0")
    assert set(row) == {"id", "subject_kind", "subject", "seen_day", "key_id", "sealed", "ip_index"}


def test_nothing_in_the_folder_is_readable(folder: Path, keeper: Keeper) -> None:
    bring_in(lines(*range(20)), folder, keeper)
    kept = b"".join(file.read_bytes() for file in folder.iterdir())
    assert not [word for word in (b"203.0.113.9", b"51234", b"Example/1.0", b"/posts") if word in kept]
    assert all(file.stat().st_mode & 0o077 == 0 for file in (folder, *folder.iterdir()))


def test_the_same_lines_read_again_are_known_and_not_written_twice(folder: Path, keeper: Keeper) -> None:
    bring_in(lines(1, 2), folder, keeper)
    again = bring_in(lines(2, 3, 3), folder, keeper)
    assert (again.sealed, again.known) == (1, 2)
    assert [row["subject"] for row in rows(folder)] == [f"{n:032x}" for n in (1, 2, 3)]


def test_the_kind_follows_the_longest_path_that_fits() -> None:
    paths = Paths((("/login", SubjectKind.LOGIN), ("/login/new", SubjectKind.SIGNUP)))
    assert [paths.kind(p) for p in ("/posts", "/login", "/login/new", "/log")] == ["post", "login", "signup", "post"]


def test_a_request_that_was_the_clients_mistake_is_not_kept_at_all(folder: Path, keeper: Keeper) -> None:
    done = bring_in(lines(1, status="403"), folder, keeper)
    assert (done.sealed, done.no_post, rows(folder)) == (0, 1, [])


def test_a_line_without_a_key_of_its_day_or_without_a_source_is_named_and_can_be_read_later(
    folder: Path, tmp_path: Path, officers: Officers
) -> None:
    keeper = Keeper(KeyFile(write_keys(tmp_path, Officers())).keyring)
    done = bring_in([*lines(1), *lines(2, source="", source_port="")], folder, keeper)
    assert done.sealed == 0
    assert ["no key for post" in str(done.wrong[0]), "the sender is not known" in str(done.wrong[1])] == [True, True]
    write_keys(tmp_path, officers)
    assert bring_in(lines(1), folder, keeper).sealed == 1


def test_posts_are_joined_by_request_id_and_nothing_is_opened_for_it(folder: Path, keeper: Keeper) -> None:
    bring_in(lines(1, 2, 3), folder, keeper)
    done = join(claims(1, 3, 9), folder)
    assert (done.joined, [c.subject for c in done.missing]) == (2, ["9"])
    assert list(read_whole(folder / "subjects.jsonl")) == [
        {"kind": "post", "subject": "1", "request": f"{1:032x}"},
        {"kind": "post", "subject": "3", "request": f"{3:032x}"},
    ]
    again = join(claims(1, 2), folder)
    assert (again.joined, again.known) == (1, 1)


def test_a_post_is_never_moved_to_somebody_elses_request(folder: Path, keeper: Keeper) -> None:
    bring_in(lines(1, 2), folder, keeper)
    join(claims(1), folder)
    done = join([Claim(SubjectKind.POST, "1", f"{2:032x}")], folder)
    assert done.joined == 0
    assert "belongs to request" in str(done.wrong[0])


def test_a_post_is_not_joined_to_a_login(folder: Path, keeper: Keeper) -> None:
    bring_in(lines(1, path="/login"), folder, keeper, Paths((("/login", SubjectKind.LOGIN),)))
    assert join(claims(1), folder).missing == claims(1)
    assert join([Claim(SubjectKind.LOGIN, "s1", f"{1:032x}")], folder).joined == 1


def test_one_request_may_carry_several_posts(folder: Path, keeper: Keeper) -> None:
    bring_in(lines(1), folder, keeper)
    assert join([replace(c, subject=s) for c in claims(1) for s in "ab"], folder).joined == 2


def test_an_applications_list_names_its_own_wrong_lines(tmp_path: Path) -> None:
    file = tmp_path / "posts.jsonl"
    told = [
        '{"subject": 17, "request": "r"}', "", '{"subject": "s", "request": "r", "kind": "login"}', "{}", "[]", "x",
        '{"subject": "1", "request": 1}', '{"subject": "1", "request": "r", "kind": "read"}',
    ]  # fmt: skip
    file.write_text("\n".join(told), encoding="utf-8")
    found = list(read_claims(file))
    assert found[:2] == [Claim(SubjectKind.POST, "17", "r"), Claim(SubjectKind.LOGIN, "s", "r")]
    assert [one.line for one in found if isinstance(one, Wrong)] == [4, 5, 6, 7, 8]


@given(st.integers(0, 400))
@settings(max_examples=30)
def test_half_a_line_that_a_kill_left_is_cut_off_and_written_whole_the_next_time(cut: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as where:
        file = Path(where) / "a.jsonl"
        append(file, [{"n": n, "pad": "x" * 200} for n in range(3)])
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) - cut])
        there = [row["n"] for row in read_whole(file)]
        append(file, [{"n": n, "pad": "x" * 200} for n in range(len(there), 3)])
        assert [row["n"] for row in read_whole(file)] == [0, 1, 2]
        assert file.read_bytes() == whole


IMPORT = """
import sys; from pathlib import Path
from sekisho_sender import sealedlog; from sekisho_sender.frontlog import read_logs
from sekisho_sender.keeping import Keeper; from sekisho_sender.seal import KeyFile
sealedlog.BATCH = 50
home = Path(sys.argv[1])
keeper = Keeper(KeyFile(home / "sender-keys.json").keyring)
done = sealedlog.bring_in(read_logs([home / "access.jsonl"]), home / "sealed", keeper)
print(done.sealed + done.known)
"""


def test_an_import_killed_in_the_middle_and_run_again_has_every_line_once(tmp_path: Path) -> None:
    write_keys(tmp_path, officers_of(NOON))
    (tmp_path / "access.jsonl").write_text("".join(line(n, ended=ENDED) for n in range(3000)), encoding="utf-8")
    command = [sys.executable, "-c", IMPORT, str(tmp_path)]
    first = subprocess.Popen(command, stdout=subprocess.PIPE)
    sealed = tmp_path / "sealed" / "2026-11-22.jsonl"
    for _ in range(1000):
        if sealed.exists() and sealed.stat().st_size > 50_000:
            break
        time.sleep(0.01)
    first.kill()
    first.wait()
    between = len(list(read_whole(sealed)))
    again = subprocess.run(command, capture_output=True, text=True, check=True)
    assert 0 < between < 3000
    assert again.stdout == "3000\n"
    assert sorted(row["subject"] for row in rows(tmp_path / "sealed")) == [f"{n:032x}" for n in range(3000)]


def test_two_imports_at_once_write_every_line_once(tmp_path: Path) -> None:
    write_keys(tmp_path, officers_of(NOON))
    (tmp_path / "access.jsonl").write_text("".join(line(n, ended=ENDED) for n in range(400)), encoding="utf-8")
    both = [subprocess.Popen([sys.executable, "-c", IMPORT, str(tmp_path)], stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [one.wait(60) for one in both] == [0, 0]
    assert len(rows(tmp_path / "sealed")) == 400


def test_a_folder_that_cannot_be_written_is_an_error_and_nothing_counts_as_sealed(tmp_path: Path, keeper: Keeper) -> None:
    (tmp_path / "sealed").write_text("a file", encoding="utf-8")
    with pytest.raises(OSError, match="sealed"):
        bring_in(lines(1), tmp_path / "sealed", keeper)


def test_five_good_lines_and_one_impossible_address_import_five_and_name_the_sixth(folder: Path, tmp_path: Path, keeper: Keeper) -> None:
    file = tmp_path / "access.jsonl"
    file.write_text("".join(line(n, ended=ENDED) for n in range(5)) + line(5, source="300.1.2.3"), encoding="utf-8")
    done = bring_in(read_logs([file]), folder, keeper)
    assert (done.sealed, [(w.file, w.line) for w in done.wrong]) == (5, [(str(file), 6)])
    assert "300.1.2.3" in done.wrong[0].why


def test_the_recipe_writes_exactly_the_fields_that_are_read() -> None:
    recipe = (ROOT / "packages/sender/recipes/nginx-access-log.conf").read_text(encoding="utf-8")
    written = "".join(part for part in recipe.partition("escape=json")[2].split("'") if part.strip(" \n;"))
    assert set(json.loads(written)) == set(json.loads(printed()))
