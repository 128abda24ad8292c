"""The command line before a real installation, from `init` to a withdrawn permit. Tests of one story stand in its order."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.faces.conftest import EXAMPLES, PLAN, ROOT, Node, made, process, sekisho

STORY: dict[str, Any] = {}
SITE = "canary.shop.example"


# Making one


def test_init_makes_what_a_person_needs_to_go_on(tmp_path: Path) -> None:
    """The settings, a custodian's key for its owner only, a link for each person; and no password anywhere."""
    said = process("init", str(tmp_path / "a"), "--officer", "T", "--reviewer", "R")
    assert said.code == 0
    assert said.out.count("/enrol/") == 2
    assert f"sekisho run --config {tmp_path / 'a' / 'sekisho.toml'}" in said.out
    assert (tmp_path / "a" / "custodian.key").stat().st_mode & 0o077 == 0
    assert (tmp_path / "a" / "sekisho.toml").is_file()


def test_init_refuses_a_folder_that_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious", encoding="utf-8")
    said = process("init", str(tmp_path), "--officer", "T", "--reviewer", "R")
    assert said.code == 2
    assert list(tmp_path.iterdir()) == [tmp_path / "mine.txt"]


def test_init_names_its_custodians_and_then_makes_no_key_of_its_own(tmp_path: Path) -> None:
    from sekisho.desk.root import new_custodian, unlock

    identity, recipient = new_custodian()
    said = sekisho("init", str(tmp_path / "a"), "--officer", "T", "--reviewer", "R", "--custodian", recipient)
    assert said.code == 0
    assert not (tmp_path / "a" / "custodian.key").exists()
    assert len(unlock(tmp_path / "a", identity)) == 32


@pytest.mark.parametrize("custodian", ["nobody", "", "AGE-SECRET-KEY-1"])
def test_init_with_no_custodians_key_leaves_nothing_behind(tmp_path: Path, custodian: str) -> None:
    """A typing mistake costs nothing: the same command can be typed again."""
    said = sekisho("init", str(tmp_path / "a"), "--officer", "T", "--reviewer", "R", "--custodian", custodian)
    assert said.code == 2
    assert "Traceback" not in said.err
    assert not (tmp_path / "a").exists() or not list((tmp_path / "a").iterdir())


def test_run_refuses_a_demos_settings(tmp_path: Path) -> None:
    """The demo's keys are public; they never protect anybody's data."""
    installed = made(tmp_path / "a")
    installed.config.write_text("demo = true\n" + installed.config.read_text(encoding="utf-8"), encoding="utf-8")
    said = installed("run")
    assert said.code == 2
    assert "demo" in said.err


def test_run_without_the_right_custodian_starts_nothing(tmp_path: Path) -> None:
    installed = made(tmp_path / "a")
    (tmp_path / "other.key").write_text("AGE-SECRET-KEY-1\n", encoding="utf-8")
    assert installed("run", "--identity", str(tmp_path / "other.key")).code == 2
    assert installed("run", "--identity", str(tmp_path / "none.key")).code == 2


@pytest.mark.parametrize("words", [("permits",), ("explain", "1"), ("ledger", "compare"), ("people", "list"), ("look", "p")])
def test_a_command_without_a_running_keep_says_so_with_code_3(tmp_path: Path, words: tuple[str, ...]) -> None:
    installed = made(tmp_path / "a")
    said = installed(*words)
    assert said.code == 3
    assert "sekisho run" in said.err


def test_settings_that_are_wrong_are_named_with_code_2(tmp_path: Path) -> None:
    (tmp_path / "sekisho.toml").write_text("fodler = 1\n", encoding="utf-8")
    for lang, word in (("en", "fodler"), ("ja", "fodler")):
        said = sekisho("permits", "--config", str(tmp_path / "sekisho.toml"), lang=lang)
        assert said.code == 2
        assert word in said.err
    assert sekisho("permits", "--config", str(tmp_path / "none.toml")).code == 2


# Asking without an installation


@pytest.fixture
def quiet(tmp_path: Path) -> Node:
    return made(tmp_path / "a")


def test_decide_prints_the_tree_and_the_list_and_ends_with_1_for_a_no(quiet: Node) -> None:
    said = quiet("decide", str(PLAN))
    assert said.code == 1
    assert "jp/B-13/1" in said.out
    assert "What is missing" in said.out
    assert "who can supply it" in said.out


def test_decide_says_it_to_machines_in_json(quiet: Node) -> None:
    said = quiet("--json", "decide", str(PLAN))
    found = said.json
    assert [d["step"]["name"] for d in found["decisions"]] == ["register", "record", "match"]
    assert said.code == 1
    assert said.err == ""


def test_a_decision_is_the_same_bytes_however_it_is_asked_for(quiet: Node) -> None:
    """Sorted, without spaces, no floats: what is hashed."""
    from sekisho.law.canonical import canonical

    said = quiet("decide", str(PLAN), "--canonical", "--on", "2026-11-21")
    decisions = json.loads(said.out)
    assert said.out.encode() == canonical(decisions)
    assert [d["step"]["name"] for d in decisions] == ["register", "record", "match"]
    assert said.code == 1


def test_decide_speaks_japanese_when_asked(quiet: Node) -> None:
    assert "足りないもの" in quiet("decide", str(PLAN), lang="ja").out


def test_decide_asks_the_law_of_another_day(quiet: Node) -> None:
    """jp/B-13/1 is of 2018."""
    assert "jp/B-13/1" in quiet("decide", str(PLAN), "--on", "2020-06-01").out
    assert "jp/B-13/1" not in quiet("decide", str(PLAN), "--on", "2014-06-01").out


@pytest.mark.parametrize("words", [("nowhere.toml",), (str(PLAN), "--on", "yesterday"), (str(EXAMPLES / "cards.toml"),)])
def test_decide_names_what_is_wrong_with_the_question(quiet: Node, words: tuple[str, ...]) -> None:
    said = quiet("--json", "decide", *words)
    assert said.code == 2
    assert said.json["error"]["code"] == ("not-a-day" if "--on" in words else "wrong-plan")


def test_the_case_book_is_listed_shown_and_checked() -> None:
    assert "jp/B-12/1" in sekisho("casebook", "list").out
    one = sekisho("casebook", "show", "jp/B-13/1")
    assert one.code == 0
    assert "[only-hits]" in one.out
    assert sekisho("casebook", "show", "jp/X-99/9").code == 2
    assert {c["id"] for c in sekisho("--json", "casebook", "list").json} >= {"jp/B-12/1", "jp/B-13/1"}
    assert sekisho("--json", "casebook", "check").json["wrong"] == []


def test_a_case_book_that_is_wrong_is_named_and_ends_with_1(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "casebook" / "jp", tmp_path / "jp")
    page = tmp_path / "jp" / "fairness.toml"
    page.write_text(page.read_text(encoding="utf-8") + "\nsurplus = 1\n", encoding="utf-8")
    said = sekisho("casebook", "check", str(tmp_path / "jp"))
    assert said.code == 1
    assert "fairness" in said.out
    assert sekisho("casebook", "check", str(tmp_path / "nowhere")).code == 1
    for words in (("list", "--book", str(tmp_path / "jp")), ("show", "jp/B-12/1", "--book", str(tmp_path / "nowhere"))):
        said = sekisho("casebook", *words)
        assert said.code == 2
        assert "Traceback" not in said.err


# One story, in order


def test_everybody_enrolled_with_a_key_file_is_listed(node: Node) -> None:
    assert {p["name"] for p in node.ask("people", "list")} == {"Takahashi", "Tanaka", "Ito", "Sato", "Suzuki"}
    assert all(k.stat().st_mode & 0o077 == 0 for k in node.keys.values())


def test_a_code_is_good_once_and_a_key_file_is_not_overwritten(node: Node, tmp_path: Path) -> None:
    again = node("--json", "people", "enrol", node.codes["desk"], str(tmp_path / "again.key"))
    assert (again.code, again.json["error"]["code"]) == (1, "unknown-or-used-code")
    assert not (tmp_path / "again.key").exists()
    assert node("people", "enrol", "x", str(node.keys["desk"])).code == 2


def test_the_officer_invites_one_more_and_nobody_else_can(node: Node, tmp_path: Path) -> None:
    found = node.ask("people", "invite", "Mori", "--role", "auditor", who="officer")
    assert found["link"].endswith(found["code"])
    assert node("people", "enrol", found["code"], str(tmp_path / "mori.key")).code == 0
    refused = node("--json", "people", "invite", "Eve", "--role", "legal-officer", who="engineer")
    assert (refused.code, refused.json["error"]["code"]) == (1, "wrong-role")


def test_without_a_permit_there_is_nothing_to_import_into(node: Node) -> None:
    said = node("--json", "lines", "import", str(EXAMPLES / "lines.csv"))
    assert (said.code, said.json["error"]["code"]) == (1, "no-register-permit")
    assert node("permits").code == 0


def test_an_engineer_proposes_and_learns_the_plans_number(node: Node) -> None:
    found = node.ask("propose", str(PLAN), who="engineer")
    STORY["plan"] = found["plan"]
    assert found["permits"] == []
    assert node("propose", str(PLAN), who="engineer").code in (0, 1)


def test_explain_says_what_is_missing_and_who_has_it(node: Node) -> None:
    said = node("explain", STORY["plan"])
    assert said.code == 0
    assert "abuse desk" in said.out or "desk" in said.out
    assert "who can supply it" in said.out


def test_each_role_supplies_its_own_papers(node: Node) -> None:
    for who in ("desk", "officer"):
        assert node("supply", STORY["plan"], str(PLAN), who=who).code == 0
    none = node("--json", "supply", STORY["plan"], str(PLAN), who="reviewer-a")
    assert (none.code, none.json["error"]["code"]) == (1, "nothing-for-your-role")


def test_the_officer_confirms_what_is_referred(node: Node) -> None:
    for case in node.ask("explain", STORY["plan"])["confirmable"]:
        said = node("confirm", case, "--measure", "infected-notice", "--reasons", "read the source", who="officer")
        assert said.code == 0, said.err
        assert "what is signed (SHA-256)" in said.out
    refused = node("--json", "confirm", "jp/B-13/1", "--measure", "infected-notice", "--reasons", "", who="officer")
    assert refused.json["error"]["code"] == "no-reasons"


def test_two_reviewers_approve_and_permits_are_there(node: Node) -> None:
    assert node.ask("approve", STORY["plan"], who="reviewer-a")["permits"] == []
    permits = node.ask("approve", STORY["plan"], who="reviewer-b")["permits"]
    assert len(permits) == 3
    shown = node("permits").out
    assert all(p in shown for p in permits)
    assert shown.count("in-force") == 3


def test_the_register_goes_in_and_bad_rows_are_named(node: Node, tmp_path: Path) -> None:
    assert node.ask("lines", "import", str(EXAMPLES / "lines.csv"))["lines"] == 9
    text = (EXAMPLES / "lines.csv").read_text(encoding="utf-8").replace("@mail.example,髙﨑 美咲,ja", "@mail.example,髙﨑 美咲,xx")
    (tmp_path / "bad.csv").write_text(text, encoding="utf-8")
    said = node("lines", "import", str(tmp_path / "bad.csv"))
    assert said.code == 1
    assert "language" in said.out
    assert ":3:" in said.out
    (tmp_path / "none.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert node("--json", "lines", "import", str(tmp_path / "none.csv")).json["error"]["code"] == "absent-columns"
    assert node("lines", "import", str(tmp_path / "nowhere.csv")).code == 2


def test_a_permit_and_its_entry_are_explained_alike(node: Node) -> None:
    permit = next(p for p in node.ask("permits") if p["step"] == "match")
    by_name = node.ask("explain", permit["id"])
    by_entry = node.ask("explain", str(permit["ledger_index"]))
    assert by_name == by_entry
    assert by_entry["opens"] is True
    assert "our record opens" in node("explain", str(permit["ledger_index"])).out
    for wrong in ("permit-0000000000000000", "999999", "0123456789abcdef"):
        assert node("explain", wrong).code == 1


def test_a_person_looks_again_while_the_permit_lives_and_not_after(node: Node) -> None:
    """Withdrawn means withdrawn: the next look says so."""
    permit = next(p["id"] for p in node.ask("permits") if p["step"] == "match")
    assert node("look", permit).code == 0
    said = node("withdraw", permit, "--reason", "objection", who="officer")
    assert said.code == 0
    assert permit in said.out
    after = node("--json", "look", permit)
    assert (after.code, after.json["error"]["code"]) == (1, "withdrawn")
    assert "withdrawn" in node("permits").out
    assert node("--json", "withdraw", permit, "--reason", "whim", who="officer").json["error"]["code"] == "unknown-reason"


def test_what_is_no_key_file_is_said_to_be_none(node: Node, tmp_path: Path) -> None:
    (tmp_path / "not.key").write_text("{}", encoding="utf-8")
    for key in (tmp_path / "not.key", tmp_path / "absent.key", tmp_path):
        said = node("--json", "approve", STORY["plan"], "--key", str(key))
        assert (said.code, said.json["error"]["code"]) == (2, "not-a-key-file")


def test_the_ledger_verifies_here_and_on_a_copy_with_the_public_key_line(node: Node, tmp_path: Path) -> None:
    assert "exactly what was signed" in node("ledger", "verify").out
    copy = tmp_path / "copy"
    shutil.copytree(node.home / "state" / "ledger", copy)
    vkey = json.loads((node.home / "state" / "public.json").read_text(encoding="utf-8"))["ledger"]
    assert sekisho("ledger", "verify", "--folder", str(copy), "--vkey", vkey).code == 0
    earlier = tmp_path / "earlier"
    shutil.copy(copy / "checkpoint", earlier)
    assert node("ledger", "verify", "--since", str(earlier)).code == 0


def test_one_flipped_bit_is_named_with_its_file(node: Node, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(node.home / "state" / "ledger", copy)
    vkey = json.loads((node.home / "state" / "public.json").read_text(encoding="utf-8"))["ledger"]
    size = int((copy / "checkpoint").read_text(encoding="utf-8").splitlines()[1])
    (bundle,) = [p for p in (copy / "tile" / "entries").rglob("*") if p.is_file() and p.name == str(size)]
    raw = bytearray(bundle.read_bytes())
    raw[100] ^= 1
    bundle.write_bytes(raw)
    said = sekisho("ledger", "verify", "--folder", str(copy), "--vkey", vkey)
    assert said.code == 1
    assert "entries" in said.out
    assert "the first that does not fit" in said.out


def test_a_copy_does_not_vouch_for_its_own_key(node: Node) -> None:
    said = node("--json", "ledger", "verify", "--folder", str(node.home / "state" / "ledger"))
    assert (said.code, said.json["error"]["code"]) == (2, "no-vkey")


def test_the_records_fit_the_ledger(node: Node) -> None:
    found = node.ask("ledger", "compare")
    assert found["ok"] is True
    assert found["differences"] == []
    assert "exactly what the ledger says" in node("ledger", "compare").out


def test_entries_are_listed_and_receipts_hold(node: Node) -> None:
    from sekisho.ledger.proof import verify_receipt

    found = node.ask("ledger", "show", "--start", "2", "--count", "3")
    assert [e["index"] for e in found["entries"]] == [2, 3, 4]
    assert "person" in node("ledger", "show").out
    receipt = node("ledger", "receipt", "2").out
    lines = [e for e in (node.home / "state" / "ledger" / "tile" / "entries").rglob("*") if e.is_file()]
    assert receipt.startswith("c2sp.org/tlog-proof")
    assert lines
    assert callable(verify_receipt)
    assert node("ledger", "receipt", "99999").code == 1


def test_every_command_has_help_in_both_languages(node: Node) -> None:
    """Each says what it does in one line, Japanese and English."""
    import re

    said = sekisho("--help").out
    rows = re.findall(r"^\W*([a-z]+)\s{2,}(.*?)\W*$", said, re.MULTILINE)
    commands = {name: words for name, words in rows if name in said and "/" in words}
    for name in ("demo", "init", "run", "decide", "propose", "supply", "approve", "confirm", "withdraw", "look", "permits", "explain"):
        assert name in commands, name
        ja, _, en = commands[name].partition(" / ")
        assert not ja.isascii()
        assert en.isascii() or "…" in en


# The end of an event


def test_the_command_ends_searches_and_reports(node: Node, tmp_path: Path) -> None:
    assert "not ended yet" in node("event", "report").out
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "query.log").write_text(f"asked for {SITE}\n", encoding="utf-8")
    said = node("--json", "event", "end", "--copy", str(tmp_path / "copy"), "--word", SITE, who="officer")
    found = json.loads(said.out)
    assert said.code == 1, "the word lies in a copy"
    assert [c["hits"] for c in found["copies"].values()] == [0, 1]
    assert (found["searched"]["folders"], found["searched"]["hits"]) == (2, 1)
    (tmp_path / "copy" / "query.log").unlink()
    again = node("event", "end", "--copy", str(tmp_path / "copy"), "--word", SITE, who="officer")
    assert again.code == 0, again.out + again.err
    assert "nothing can be opened" in again.out
    assert "ledger entry" in node("event", "report").out
    assert "台帳" in node("event", "report", lang="ja").out


def test_whoever_is_neither_window_nor_legal_officer_ends_nothing(node: Node) -> None:
    assert node("event", "end", who="engineer").code == 1


def test_a_copy_that_is_not_there_was_not_searched(node: Node, tmp_path: Path) -> None:
    said = node("event", "end", "--copy", str(tmp_path / "away"), who="officer")
    assert said.code == 1
    assert "1 not looked into" in said.out
