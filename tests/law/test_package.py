"""A signed case book is exactly what its publisher signed, or it is refused with the place that is wrong."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.law import package as packages
from sekisho.law.canonical import canonical
from sekisho.law.casebook import CasebookError, load
from sekisho.law.package import Edition, Package, PackageError, opened, pack, unpack
from tests.conftest import ROOT

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
JP = ROOT / "casebook" / "jp"
BEFORE = (Edition("2026.6.1", "a" * 64), Edition("2025.12.1", "b" * 64))
WHOLE = pack(JP, KEY, BEFORE)
DATA = WHOLE.encode()
LITTLE = pack(ROOT / "casebook" / "br", KEY, BEFORE).encode()


def signed(package: Package, key: Ed25519PrivateKey = KEY) -> bytes:
    """A package with anything in it, properly signed: what only its publisher could do wrong."""
    return package.signed_with(key).encode()


def small() -> Package:
    """A package whose files are no book: enough for everything that is asked before the law."""
    return replace(WHOLE, files={"book.toml": "x = 1\n"})


# There and back


def test_a_package_comes_back_as_it_was_packed_and_is_the_very_book() -> None:
    again = unpack(DATA)
    assert again == WHOLE
    assert again.encode() == DATA
    assert opened(again).digest == load(JP).digest == again.book
    assert again.name == f"sekisho-casebook-jp-{load(JP).version}.book"


def test_the_same_folder_and_key_make_the_same_bytes(tmp_path: Path) -> None:
    """Whatever the order in which a disk lists files, and whenever it is packed."""
    copied = tmp_path / "jp"
    copied.mkdir()
    for path in sorted(JP.rglob("*.toml"), reverse=True):
        place = copied / path.relative_to(JP)
        place.parent.mkdir(exist_ok=True)
        shutil.copyfile(path, place)
    assert pack(copied, KEY, BEFORE).encode() == DATA


def test_files_in_folders_below_travel_too(tmp_path: Path) -> None:
    copied = tmp_path / "jp"
    shutil.copytree(JP, copied)
    (copied / "further").mkdir()
    (copied / "further" / "more.toml").write_text("# more\n", encoding="utf-8")
    (copied / "notes.md").write_text("not law\n", encoding="utf-8")
    packed = pack(copied, KEY)
    assert "further/more.toml" in packed.files
    assert "notes.md" not in packed.files
    laid = tmp_path / "laid"
    laid.mkdir()
    packages.write(unpack(packed.encode()).files, laid)
    assert (laid / "further" / "more.toml").read_text("utf-8") == "# more\n"


def test_what_came_before_is_known_by_digest() -> None:
    assert WHOLE.descends_from("a" * 64)
    assert WHOLE.descends_from("b" * 64)
    assert not WHOLE.descends_from("c" * 64)
    assert not WHOLE.descends_from(WHOLE.book)
    assert packages.lineage(WHOLE)[0] == Edition(WHOLE.version, WHOLE.book)


# Changed by somebody


@pytest.mark.parametrize(("data", "many"), [(DATA, 20), (LITTLE, 2000)], ids=["jp", "br"])
def test_one_changed_byte_anywhere_is_refused_and_named(data: bytes, many: int) -> None:
    """Every part of the file in turn, and many places inside the texts: most of them in the smaller book, which is read in no time."""
    dice = random.Random(7)
    places = {0, 1, len(data) - 1, len(data) - 2, *dice.sample(range(len(data)), many)}
    for field in (b'"signature":"', b'"publisher":"', b'"book":"', b'"version":"', b'"before":[', b'"country":"', b'"form":"'):
        places.add(data.index(field) + len(field))
    for place in sorted(places):
        changed = bytearray(data)
        changed[place] ^= 1 << dice.randrange(7)
        with pytest.raises(PackageError) as no:
            unpack(bytes(changed))
        assert no.value.where, place
        assert no.value.what, place


@pytest.mark.parametrize("cut", [0, 1, 100, len(DATA) // 2, len(DATA) - 1])
def test_a_cut_file_is_refused(cut: int) -> None:
    with pytest.raises(PackageError, match="file"):
        unpack(DATA[:cut])


@pytest.mark.parametrize("more", [b" ", b"\n", b"\0", b"{}", DATA])
def test_nothing_may_stand_before_or_behind(more: bytes) -> None:
    for data in (DATA + more, more + DATA):
        with pytest.raises(PackageError, match="file"):
            unpack(data)


def test_another_spelling_of_the_same_words_is_refused() -> None:
    """Spaces, order, escapes and doubled keys: one book, one spelling, one digest."""
    plain = json.loads(DATA)
    spellings = [json.dumps(plain), json.dumps(plain, sort_keys=True, separators=(",", ":"))]
    spellings.append(json.dumps(plain, indent=1, ensure_ascii=False))
    doubled = DATA.replace(b'"country":"jp"', b'"country":"br","country":"jp"', 1)
    for data in [*(s.encode() for s in spellings), doubled]:
        assert data != DATA
        with pytest.raises(PackageError, match="file: is not spelled"):
            unpack(data)


@pytest.mark.parametrize("field", ["country", "version", "book", "before", "files", "publisher"])
def test_a_signature_covers_every_field(field: str) -> None:
    other: dict[str, Any] = {
        "country": "br",
        "version": "2027.1.1",
        "book": "c" * 64,
        "before": BEFORE[:1],
        "files": {**WHOLE.files, "book.toml": WHOLE.files["book.toml"] + "\n"},
        "publisher": OTHER.public_key().public_bytes_raw(),
    }
    with pytest.raises(PackageError, match="signature"):
        unpack(replace(WHOLE, **{field: other[field]}).encode())


def test_a_signature_for_something_else_is_none_for_a_book() -> None:
    """The publisher's key without our context, and another's key."""
    words = WHOLE._signed()
    for signature in (KEY.sign(words), OTHER.sign(packages.CONTEXT + words), bytes(64)):
        with pytest.raises(PackageError, match="signature"):
            unpack(replace(WHOLE, signature=signature).encode())


# Wrong from birth, though signed


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"form": "sekisho case book 2"}, "form"),
        ({"country": "JP"}, "country"),
        ({"country": "../.."}, "country"),
        ({"version": "latest"}, "version"),
        ({"version": "2026.11.21-rc1"}, "version"),
        ({"version": ""}, "version"),
        ({"before": (Edition("2026.11.21", "a" * 64),)}, "before"),
        ({"before": (Edition("2027.1.1", "a" * 64),)}, "before"),
        ({"before": (*BEFORE, Edition("2025.12.1", "c" * 64))}, "before"),
        ({"before": (BEFORE[0], Edition("2025.1.1", "a" * 64))}, "before"),
        ({"before": (Edition("2026.1.1", "not-a-digest"),)}, "before"),
        ({"before": (Edition("2026.1.1", WHOLE.book),)}, "before"),
        ({"before": tuple(Edition(str(9999 - i), f"{i:064x}") for i in range(1001))}, "before"),
        ({"files": {}}, "files"),
        ({"files": {f"f{i}.toml": "" for i in range(401)}}, "files"),
        ({"files": {"book.toml": "x" * ((1 << 20) + 1)}}, "book.toml"),
        ({"files": {f"f{i}.toml": "x" * (1 << 20) for i in range(4)}}, "file"),
    ],
)
def test_what_no_package_may_say_is_refused_even_when_signed(change: dict[str, Any], where: str) -> None:
    with pytest.raises(PackageError) as no:
        unpack(signed(replace(small(), **change)))
    assert no.value.where == where


@pytest.mark.parametrize(
    "name",
    [
        "../evil.toml", "/etc/evil.toml", "a/../../evil.toml", "a/b/c.toml", ".hidden.toml", "a\\b.toml", "book.toml\0.toml", "book.TOML",
        "book.py", "", "a//b.toml", "a/.toml", "CON.toml", "b\u202eook.toml", "x" * 80 + ".toml", "./book.toml", "a/", "book.toml ",
    ],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_is_refused_before_anything_is_written(name: str, tmp_path: Path) -> None:
    with pytest.raises(PackageError, match="files"):
        unpack(signed(replace(small(), files={"book.toml": "", name: ""})))
    inside = tmp_path / "inside"
    inside.mkdir()
    with pytest.raises(PackageError, match="files"):
        packages.write({"book.toml": "", name: ""}, inside)
    assert [p for p in tmp_path.rglob("*") if p != inside] == []


def test_what_would_swell_is_no_package() -> None:
    """Nothing in a package is compressed: a small file never becomes a large one."""
    bombs: list[bytes] = [zlib.compress(b"\0" * (64 << 20)), b"PK\x03\x04" + bytes(100), b"\x1f\x8b" + bytes(100)]
    bombs += [b"[" * 100_000, b'{"files":' * 50_000, b"9" * 100_000, b'{"form":1e999999}', b'{"form":"\\ud800"}']
    bombs += [b"\xff\xfe", b"null", b"[]"]
    for bomb in bombs:
        with pytest.raises(PackageError, match=r"file|form|is not what"):
            unpack(bomb)


def test_a_file_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(PackageError, match="is larger than"):
        unpack(b" " * (packages.LARGEST + 1))


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda i: st.lists(i, max_size=3) | st.dictionaries(
    st.sampled_from(["form", "country", "version", "book", "before", "files", "publisher", "signature", "x"]), i, max_size=9
)))  # fmt: skip
def test_any_json_at_all_is_a_package_or_the_one_error(plain: object) -> None:
    with pytest.raises(PackageError):
        unpack(canonical(plain))


# The law in it


def changed(change: Callable[[dict[str, str]], None]) -> Package:
    """The real book with some files changed, signed by its publisher as if all were well."""
    files = dict(WHOLE.files)
    change(files)
    return unpack(signed(replace(WHOLE, files=files)))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda f: f.pop("axes.toml"), r"axes\.toml"),
        (lambda f: f.__setitem__("contract.toml", "= no toml"), r"contract\.toml"),
        (lambda f: f.__setitem__("contract.toml", "x = " + "[" * 5000), r"files|contract\.toml"),
        (lambda f: f.__setitem__("new.toml", 'measure = "another"\n'), r"new\.toml"),
        (lambda f: f.__setitem__("contract.toml", re.sub(r'check = "[^"]*"', 'check = "nobody"', f["contract.toml"], count=1)), "nobody"),
    ],
)
def test_files_that_are_no_sound_book_are_named(change: Callable[[dict[str, str]], None], says: str) -> None:
    with pytest.raises((PackageError, CasebookError), match=says):
        opened(changed(change))


@pytest.mark.parametrize(("field", "value"), [("country", "br"), ("version", "2030.1.1"), ("book", "c" * 64)])
def test_a_package_says_what_its_files_say(field: str, value: str) -> None:
    """A publisher cannot call a book by another name, version or digest than it has."""
    with pytest.raises(PackageError) as no:
        opened(unpack(signed(replace(WHOLE, **{field: value}))))
    assert no.value.where == field


def test_a_folder_that_is_no_book_is_not_packed(tmp_path: Path) -> None:
    with pytest.raises(CasebookError):
        pack(tmp_path, KEY)
    copied = tmp_path / "jp"
    shutil.copytree(JP, copied)
    (copied / "Bad Name.toml").write_text("", encoding="utf-8")
    with pytest.raises((PackageError, CasebookError), match="Bad Name"):
        pack(copied, KEY)


def test_a_link_in_a_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x", encoding="utf-8")
    folder = tmp_path / "jp"
    folder.mkdir()
    (folder / "linked.toml").symlink_to(tmp_path / "secret")
    with pytest.raises(PackageError, match="linked"):
        packages.files_of(folder)


def test_a_pack_follows_only_older_editions() -> None:
    with pytest.raises(PackageError, match="before"):
        pack(JP, KEY, [Edition(load(JP).version, "a" * 64)])


def test_versions_are_compared_as_numbers() -> None:
    assert packages.rank("2026.11.21") < packages.rank("2026.12.1") < packages.rank("2027") < packages.rank("2027.1")
    assert packages.rank("9.9") < packages.rank("10.0")


# The disk


def test_a_disk_that_fails_in_the_middle_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are only called written once every one of them is on the medium."""
    synced = []
    real = os.fsync

    def full(handle: int) -> None:
        synced.append(handle)
        if len(synced) == 3:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        packages.write(WHOLE.files, tmp_path)
    assert len(list(tmp_path.rglob("*.toml"))) < len(WHOLE.files)


def test_files_are_never_written_over(tmp_path: Path) -> None:
    packages.write({"book.toml": "one"}, tmp_path)
    with pytest.raises(FileExistsError):
        packages.write({"book.toml": "two"}, tmp_path)
    assert (tmp_path / "book.toml").read_text("utf-8") == "one"
