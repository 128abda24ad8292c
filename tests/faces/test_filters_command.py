"""`sekisho filter`: signatures tried on captures at the terminal, and the words for customers; no node runs."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from sekisho.faces.words.signature import SIGNATURES
from tests.desk.test_try_signatures import EXAMPLE, HANDSHAKE, WEB, file
from tests.faces.conftest import Said
from tests.faces.conftest import typed as typed_at
from tests.wire.making import tcp, udp, v4


def typed(*words: object, lang: str = "en") -> Said:
    return typed_at(EXAMPLE.parent, *map(str, words), lang=lang)


@pytest.fixture
def captures(tmp_path: Path) -> tuple[Path, Path]:
    other = file(tmp_path, "other.pcap", *[v4(tcp(WEB, (n, 80)), 6) for n in range(1, 41)], v4(udp(bytes(12), (4665, 53))))
    return other, file(tmp_path, "own.pcap", v4(tcp(HANDSHAKE, (1, 2)), 6), v4(tcp(HANDSHAKE, (2, 1)), 6))


def test_it_prints_counts_and_bounds_and_the_lines_for_the_plan(captures: tuple[Path, Path]) -> None:
    other, own = captures
    said = typed("filter", "try", EXAMPLE, other, "--own", f"bittorrent={own}")
    assert said.code == 0
    for words in ("frames read: 43  (files: 2)", "packets taken wrongly: 0 / 40  (0–8.7622 %)", "openings found: 2 / 2  (34.2",
                  "others = 40\n  wrong = 0", "others = 1\n  wrong = 1", "told = "):  # fmt: skip
        assert words in said.out
    assert "誤って当てはまったパケット: 0 / 40" in typed("filter", "try", EXAMPLE, other, lang="ja").out


def test_a_machine_gets_the_same_and_the_digest_of_each_capture(captures: tuple[Path, Path]) -> None:
    said = typed("--json", "filter", "try", EXAMPLE, captures[0]).json
    (mine,) = [c for c in said["classes"] if c["name"] == "edonkey"]
    assert mine["wrong"] == {"tried": 1, "found": 1, "low": 206549, "high": 1000000}
    assert [(len(digest), frames) for digest, frames in said["captures"]] == [(64, 41)]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_is_no_capture_no_class_and_no_plan_is_named(captures: tuple[Path, Path], tmp_path: Path, language: str) -> None:
    broken = tmp_path / "broken.pcap"
    broken.write_bytes(captures[0].read_bytes()[:-1])
    words = SIGNATURES["capture-truncated"][language == "en"]
    for more, name in (((EXAMPLE, broken), words), ((EXAMPLE, captures[0], "--own", "x=y"), "x"), ((broken, broken), "broken")):
        said = typed("filter", "try", *more, lang=language)
        assert said.code == 2
        assert name in said.err


def test_the_words_for_customers_come_in_both_languages_with_the_digest_of_the_rules(tmp_path: Path) -> None:
    said = typed("filter", "words", EXAMPLE)
    assert said.code == 0
    for words in ("次の条件に合うパケットだけを断ります", "Only packets that meet these", "2 of 8,679", "the same as the plan's"):
        assert words in said.out
    other = tmp_path / "plan.toml"
    other.write_text(EXAMPLE.read_text("utf-8").replace("29-240", "29-241"), "utf-8")
    told = typed("filter", "words", other)
    assert told.code == 1
    assert "not the rules that customers were told of" in told.out
    assert typed("--json", "filter", "words", EXAMPLE).json["as_told"]


def test_the_measurement_is_evidence_and_the_example_lays_in_one_that_was_made(captures: tuple[Path, Path]) -> None:
    told = typed("--json", "filter", "words", EXAMPLE).json["told"]
    paper = json.loads((EXAMPLE.parent.parent / "papers" / "filter-signatures.json").read_text("utf-8"))
    plan = tomllib.loads(EXAMPLE.read_text("utf-8"))
    (laid,) = [e["value"] for e in plan["evidence"] if e["kind"] == "false-matches"]
    assert laid["rules"] == paper["told"] == told
    assert (laid["captures"], laid["frames"]) == (len(paper["captures"]), sum(frames for _, frames in paper["captures"]))
    for one in paper["classes"]:
        said = plan["scope"]["classes"][one["name"]]
        assert (said["others"], said["wrong"]) == (one["wrong"]["tried"], one["wrong"]["found"])
    _, head, rest = typed("filter", "try", EXAMPLE, captures[0]).out.partition("[[evidence]]")
    (printed,) = tomllib.loads(head + rest)["evidence"]
    assert printed["value"]["frames"] == 41


NAMES = str(EXAMPLE.parent / "name-filter.toml")


def test_what_customers_are_told_of_a_filter_of_names_is_made_from_its_plan(tmp_path: Path) -> None:
    said = typed("filter", "words", NAMES)
    assert said.code == 0
    assert "1. 不正プログラムを配る名前：2 件" in said.out
    assert "2. Names of phishing: 3 names. Tried before: 1 of 5,000 names that we chose were among them." in said.out
    assert typed("--json", "filter", "words", NAMES).json["as_told"]
    other = tmp_path / "other.toml"
    other.write_text(Path(NAMES).read_text("utf-8").replace("wrong = 1", "wrong = 2"), "utf-8")
    told = typed("--json", "filter", "words", str(other))
    assert (told.code, told.json["as_told"]) == (1, False)
    other.write_text(other.read_text("utf-8").replace(typed("--json", "filter", "words", NAMES).json["told"], told.json["told"]), "utf-8")
    assert typed("filter", "words", str(other)).code == 0, "the digest it printed is the one the plan needs"


@pytest.mark.parametrize("changed", ["names = 0", "names = 'three'", "colour = 1"])
def test_a_filter_of_names_that_makes_no_rules_is_told_where(changed: str, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(Path(NAMES).read_text("utf-8").replace("names = 3", changed), "utf-8")
    told = typed("filter", "words", str(other))
    assert told.code == 2
    assert "phishing" in told.err
    assert "cannot be made into rules" in told.err
