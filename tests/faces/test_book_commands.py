"""The case book as a file at the terminal: made, looked at, put in force, and refused in words where it is wrong."""

from __future__ import annotations

import json
import re
import shutil
import stat
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.faces.conftest import Node, Said, sekisho

JP = ROOT / "casebook" / "jp"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publisher's folder: a key, the shipped edition and the next one."""
    folder = tmp_path_factory.mktemp("shop")
    assert sekisho("casebook", "publisher-key", str(folder / "p.key")).code == 0
    assert sekisho("casebook", "pack", str(JP), "--key", str(folder / "p.key"), "-o", str(folder / "one.book")).code == 0
    shutil.copytree(JP, folder / "jp")
    book = folder / "jp" / "book.toml"
    book.write_text(re.sub(r'version = ".*"', 'version = "2099.1.1"', book.read_text("utf-8"), count=1), "utf-8")
    words = ("--key", str(folder / "p.key"), "--previous", str(folder / "one.book"), "-o", str(folder / "two.book"))
    assert sekisho("casebook", "pack", str(folder / "jp"), *words).code == 0
    return folder


def public(shop: Path) -> str:
    return str(json.loads((shop / "p.key").read_text("utf-8"))["publisher"])


def test_a_publishers_key_is_its_owners_alone_and_never_printed(shop: Path, tmp_path: Path) -> None:
    said = sekisho("casebook", "publisher-key", str(tmp_path / "q.key"))
    secret = json.loads((tmp_path / "q.key").read_text("utf-8"))
    assert stat.S_IMODE((tmp_path / "q.key").stat().st_mode) == 0o600
    assert secret["publisher"] in said.out
    assert secret["private"] not in said.out + said.err
    assert sekisho("casebook", "publisher-key", str(tmp_path / "q.key")).code == 2, "never over an old one"


def test_an_edition_names_those_before_it(shop: Path) -> None:
    said = sekisho("--json", "casebook", "verify", str(shop / "two.book"), "--publisher", public(shop))
    assert said.code == 0, said.err
    one = sekisho("--json", "casebook", "verify", str(shop / "one.book"), "--publisher", public(shop)).json
    assert said.json["before"] == [{"version": one["version"], "book": one["book"]}]
    assert said.json["trusted"] is True
    assert said.json["version"] == "2099.1.1"


@pytest.mark.parametrize(("lang", "words"), [("en", "exactly what was signed"), ("ja", "署名されたとおり")])
def test_a_book_of_a_publisher_one_does_not_trust_ends_with_1_and_says_whose_it_is(shop: Path, lang: str, words: str) -> None:
    said = sekisho("casebook", "verify", str(shop / "two.book"), lang=lang)
    assert said.code == 1
    assert words in said.out
    assert public(shop) in said.out


def in_words(said: Said) -> None:
    assert said.code == 2
    assert "Traceback" not in said.err
    assert said.err.strip()


def test_what_is_no_book_is_refused_in_words(shop: Path, tmp_path: Path) -> None:
    raw = (shop / "two.book").read_bytes()
    (tmp_path / "changed.book").write_bytes(raw.replace(b"2099.1.1", b"2099.1.2", 1))
    (tmp_path / "cut.book").write_bytes(raw[:-1])
    (tmp_path / "empty.book").write_bytes(b"")
    (tmp_path / "bytes.book").write_bytes(b"\xff" * 10)
    for name in ("changed", "cut", "empty", "bytes", "absent"):
        in_words(sekisho("casebook", "verify", str(tmp_path / f"{name}.book")))
    in_words(sekisho("casebook", "verify", str(tmp_path)))
    with (tmp_path / "large.book").open("wb") as file:
        file.truncate(1 << 40)
    in_words(sekisho("casebook", "verify", str(tmp_path / "large.book")))


def test_a_pack_is_refused_in_words(shop: Path, tmp_path: Path) -> None:
    key = ("--key", str(shop / "p.key"))
    in_words(sekisho("casebook", "pack", str(tmp_path), *key, "-o", str(tmp_path / "a.book")))
    in_words(sekisho("casebook", "pack", str(JP), "--key", str(shop / "one.book"), "-o", str(tmp_path / "a.book")))
    in_words(sekisho("casebook", "pack", str(JP), *key, "-o", str(shop / "one.book")))
    in_words(sekisho("casebook", "pack", str(JP), *key, "--previous", str(shop / "two.book"), "-o", str(tmp_path / "a.book")))
    wrong = tmp_path / "wrong"
    shutil.copytree(JP, wrong)
    page = wrong / "traffic-picture.toml"
    page.write_text(page.read_text("utf-8").replace('expect = "referred"', 'expect = "permitted"', 1), "utf-8")
    said = sekisho("casebook", "pack", str(wrong), *key, "-o", str(tmp_path / "a.book"))
    in_words(said)
    assert "traffic-picture" in said.err
    assert not (tmp_path / "a.book").exists()


@pytest.mark.timeout(300)  # a node starts three times
def test_the_officer_loads_an_edition_and_the_node_goes_by_it(node: Node, shop: Path) -> None:
    """Refused while the settings name no such publisher; in force with the next question once they do; still there after a restart."""
    said = node("casebook", "load", str(shop / "two.book"), who="officer")
    assert said.code == 1
    assert "publisher" in said.err
    assert node.stop() == 0
    text = node.config.read_text("utf-8")
    node.config.write_text(text.replace("lists = ", f'publishers = ["{public(shop)}"]\nlists = ', 1), "utf-8")
    node.start()
    assert node("casebook", "load", str(shop / "two.book"), who="engineer").code == 1
    assert node("casebook", "load", str(shop / "one.book"), who="officer").code == 1, "it is in force already"
    found = node.ask("casebook", "load", str(shop / "two.book"), who="officer")
    assert found["version"] == "2099.1.1"
    time.sleep(1.5)
    assert node.stop() == 0
    node.start()
    again = node("casebook", "load", str(shop / "two.book"), who="officer")
    assert again.code == 1
    assert "already" in again.err
    assert node("casebook", "load", str(shop / "one.book"), who="officer").code == 1
    older = node("casebook", "load", str(shop / "one.book"), "--unsafe-older", who="officer")
    assert older.code == 0, older.err
    node.config.write_text(text, "utf-8")
