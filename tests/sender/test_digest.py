"""The daily digest: what was signed stays as it was signed, and whoever was handed one can tell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sekisho_sender.digest import DIGESTS, NoKey, check, digest, signing_key
from sekisho_sender.grown import append
from tests.sender.keys import NOON

KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes_raw()


def rows(first: int, count: int = 3) -> list[dict[str, Any]]:
    return [{"n": n} for n in range(first, first + count)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two days, signed on each."""
    append(tmp_path / "2026-11-21.jsonl", rows(0))
    digest(tmp_path, KEY, NOON)
    append(tmp_path / "2026-11-22.jsonl", rows(10))
    append(tmp_path / "subjects.jsonl", rows(20))
    digest(tmp_path, KEY, NOON + 86_400_000_000)
    return tmp_path


def test_a_folder_that_only_grew_fits_all_its_digests(folder: Path) -> None:
    assert check(folder, PUBLIC) == []
    append(folder / "2026-11-22.jsonl", rows(13))
    append(folder / "2026-11-23.jsonl", rows(30))
    assert check(folder, PUBLIC) == []


def rewrite(file: Path, old: bytes, new: bytes) -> None:
    text = file.read_bytes()
    assert old in text
    file.write_bytes(text.replace(old, new))


@pytest.mark.parametrize(
    ("name", "old", "new", "faults"),
    [
        ("2026-11-21.jsonl", b'{"n":1}', b'{"n":7}', ["changed 1 2026-11-21.jsonl", "changed 2 2026-11-21.jsonl"]),
        ("2026-11-22.jsonl", b'{"n":12}\n', b"", ["shorter 2 2026-11-22.jsonl"]),
        ("subjects.jsonl", b'{"n":20}\n{"n":21}', b'{"n":21}\n{"n":20}', ["changed 2 subjects.jsonl"]),
        (DIGESTS, str(NOON).encode(), str(NOON + 1).encode(), ["signature 1", "chain 2"]),
    ],
)
def test_whatever_was_changed_after_it_was_signed_is_named(folder: Path, name: str, old: bytes, new: bytes, faults: list[str]) -> None:
    rewrite(folder / name, old, new)
    assert check(folder, PUBLIC) == faults


def test_a_file_that_is_gone_is_named(folder: Path) -> None:
    (folder / "2026-11-21.jsonl").unlink()
    assert check(folder, PUBLIC) == ["gone 1 2026-11-21.jsonl", "gone 2 2026-11-21.jsonl"]


def test_whoever_signs_everything_anew_with_the_same_key_does_not_have_the_line_that_was_handed_out(folder: Path) -> None:
    given = json.loads((folder / DIGESTS).read_bytes().splitlines()[0])
    (folder / DIGESTS).unlink()
    rewrite(folder / "2026-11-21.jsonl", b'{"n":1}', b'{"n":7}')
    digest(folder, KEY, NOON)
    assert check(folder, PUBLIC) == []
    assert check(folder, PUBLIC, given) == ["not-ours"]


def test_another_key_signed_nothing_here(folder: Path) -> None:
    assert check(folder, Ed25519PrivateKey.generate().public_key().public_bytes_raw()) == ["signature 1", "signature 2"]


def test_a_digest_taken_out_of_the_middle_breaks_the_chain(folder: Path) -> None:
    digest(folder, KEY, NOON + 2)
    lines = (folder / DIGESTS).read_bytes().splitlines(keepends=True)
    (folder / DIGESTS).write_bytes(lines[0] + lines[2])
    assert check(folder, PUBLIC) == ["chain 2"]


def test_half_a_line_that_is_still_being_written_is_not_signed(folder: Path) -> None:
    with (folder / "2026-11-22.jsonl").open("ab") as out:
        out.write(b'{"n":1')
    digest(folder, KEY, NOON + 3)
    append(folder / "2026-11-22.jsonl", rows(13))
    assert check(folder, PUBLIC) == []


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "digest.key"
    assert signing_key(file).private_bytes_raw() == signing_key(file).private_bytes_raw()
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_bytes(b"short")
    with pytest.raises(NoKey, match=r"digest\.key"):
        signing_key(file)
