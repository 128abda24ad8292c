"""`sekisho campaign` before a running node: the example folder, from a look at its bytes to an approval. In order."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sekisho.desk.outside import KeepSaidNo
from sekisho.faces.processes.channel import Channel
from tests.conftest import ROOT
from tests.desk.contracting import TEXTS
from tests.faces.conftest import Node

NOTICE = ROOT / "examples" / "campaigns" / "race-notice"
LINE_UP = ROOT / "examples" / "contractors" / "line-up"
STORY: dict[str, str] = {}
ADMITTED: dict[str, str] = {}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example, for a test to spoil; its window is always open."""
    to = tmp_path / "notice"
    shutil.copytree(NOTICE, to)
    said = (to / "campaign.toml").read_text(encoding="utf-8")
    now = datetime.now(UTC)
    since, until = (f"{(now + timedelta(days=d)):%Y-%m-%dT%H:%M:%SZ}" for d in (5, 9))
    said = said.replace("2026-11-22T00:00:00Z", since).replace("2026-12-05T00:00:00Z", until)
    (to / "campaign.toml").write_text(said, encoding="utf-8")
    return to


def test_the_example_leaks_nothing(node: Node, folder: Path) -> None:
    said = node("--json", "campaign", "check", str(folder))
    assert said.code == 0, said.err
    assert json.loads(said.out)["faults"] == []


def test_a_leak_is_named_by_file_part_and_line(node: Node, folder: Path) -> None:
    text = folder / "ja.txt"
    text.write_text("taro@mail.example まで\n" + text.read_text(encoding="utf-8"), encoding="utf-8")
    said = node("campaign", "check", str(folder))
    assert said.code == 1
    assert "part 1 (text/plain) line 1" in said.out
    assert "taro@mail" not in said.out
    refused = node("campaign", "submit", str(folder), who="desk")
    assert refused.code == 1
    assert "part 1 (text/plain) line 1" in refused.out


def test_it_is_submitted_and_shown_word_for_word(node: Node, folder: Path) -> None:
    said = node("--json", "campaign", "submit", str(folder), who="desk")
    assert said.code == 0, said.err
    STORY.update({k: str(v) for k, v in json.loads(said.out).items()})
    shown = node("campaign", "show", STORY["campaign"])
    for line in (NOTICE / "ja.txt").read_text(encoding="utf-8").splitlines():
        assert line in shown.out
    assert STORY["digest"] in shown.out
    assert STORY["campaign"] in node("campaign", "list").out


def test_who_submitted_it_cannot_approve_it(node: Node) -> None:
    assert node("approve", STORY["plan"], who="desk").code == 1


def test_not_even_a_legal_officer_approves_what_they_submitted(node: Node, folder: Path) -> None:
    """Who may approve everybody else's."""
    made = json.loads(node("--json", "campaign", "submit", str(folder), who="officer").out)
    refused = node("approve", made["plan"], who="officer")
    assert refused.code == 1
    assert "proposer never approves" in refused.err or "承認できません" in refused.err


def test_one_person_is_left_out_and_nobody_is_added(node: Node) -> None:
    words = ("campaign", "leave-out", STORY["campaign"], "hanako@mail.example", "--why", "withdrawn")
    said = node("--json", *words, who="desk")
    assert json.loads(said.out)["waiting"] == 2
    again = node(*words, who="desk")
    assert again.code == 1
    assert "Their mail has left" in again.err or "もう送った" in again.err
    assert node.ask("campaign", "show", STORY["campaign"])["losses"] == {"withdrawn": 1}


def test_an_address_from_which_nothing_came_back_bears_no_mark_to_take_back(node: Node) -> None:
    refused = node("campaign", "reachable", "hanako@mail.example", "--reason", "she wrote to us", who="desk")
    assert refused.code == 1
    assert "no mail came back" in refused.err or "戻っていません" in refused.err


def test_a_reply_is_read_from_standard_input_and_never_answered_with_an_error(node: Node) -> None:
    """Of a machine, without the word, and with a code under which nothing is stopped."""
    told = {
        b"Auto-Submitted: auto-replied\r\n\r\nagain": "machine",
        b"Subject: Re: (AAAA-AAAA-AAAA-AAAA)\r\n\r\nthank you": "no-word",
        b"Subject: Re: (AAAA-AAAA-AAAA-AAAA)\r\n\r\nagain": "no-stop",
    }
    for raw, why in told.items():
        said = node("--json", "campaign", "replied", given=raw)
        assert said.code == 0, said.err
        assert json.loads(said.out) == {"undone": False, "why": why, "reply": ""}


@pytest.mark.parametrize(
    ("file", "line", "instead", "where"),
    [
        ("campaign.toml", "per_minute = 3000", 'per_minute = "fast"', "per_minute"),
        ("campaign.toml", 'plain = "en.txt"', 'plain = "lost.txt"', "lost.txt"),
        ("people.csv", "mail,name,language,number", "mail,name,language", "people.csv line 1"),
    ],
)
def test_a_wrong_file_is_named(node: Node, folder: Path, file: str, line: str, instead: str, where: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert line in text
    (folder / file).write_text(text.replace(line, instead), encoding="utf-8")
    said = node("campaign", "submit", str(folder), who="desk")
    assert said.code == 2
    assert where in said.err


@pytest.fixture
def line_up(tmp_path: Path) -> Path:
    """The example, for a test to spoil."""
    return Path(shutil.copytree(LINE_UP, tmp_path / "line-up"))


def written(folder: Path, line: str, instead: str) -> Path:
    path = folder / "admission.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(line, instead), encoding="utf-8")
    return folder


def test_without_a_row_in_force_nobody_is_admitted(node: Node, line_up: Path) -> None:
    said = node("campaign", "contractor", "admit", str(line_up), who="desk")
    assert (said.code, "entrustment" in said.err) == (1, True)


def test_a_person_is_admitted_and_the_token_shown_this_once(node: Node, line_up: Path, tmp_path: Path) -> None:
    row = node("--json", "entrust", "add", str(ROOT / "examples" / "entrustments" / "agency.toml"), who="desk").json["entrustment"]
    assert node("entrust", "approve", row, who="reviewer-a").code == 0
    aliases = tmp_path / "aliases.csv"
    written(line_up, "entrustment-0000000000000000", row)
    said = node("--json", "campaign", "contractor", "admit", str(line_up), "--aliases", str(aliases), who="desk")
    assert said.code == 0, said.err
    ADMITTED.update({k: str(v) for k, v in said.json.items()})
    with aliases.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert (set(rows[0]), len(rows)) == ({"alias", "language"}, said.json["persons"])
    assert "@" not in aliases.read_text(encoding="utf-8")
    listed = node("campaign", "contractor", "list").out
    assert ADMITTED["admission"] in listed
    assert ADMITTED["token"] not in listed


def test_what_was_handed_in_stands_in_the_list(node: Node) -> None:
    words = {"name": "Line-up", "texts": TEXTS}
    keep = Channel.at(next(node.home.rglob("keep.sock")))
    keep.call("hand-in", token=ADMITTED["token"], mailing=words, to=["everybody"])
    keep.close()
    assert "Line-up  campaign-" in node("campaign", "contractor", "list").out


def test_shut_it_opens_nothing(node: Node) -> None:
    shut = ("campaign", "contractor", "shut", ADMITTED["admission"], "--reason", "left the firm")
    assert node(*shut, who="reviewer-a").code == 0
    keep = Channel.at(next(node.home.rglob("keep.sock")))
    with pytest.raises(KeepSaidNo, match="admission-shut"):
        keep.call("my-mailings", token=ADMITTED["token"])
    keep.close()
    assert "[shut]" in node("campaign", "contractor", "list").out


@pytest.mark.parametrize(
    ("line", "instead"), [("per_minute = 3000", 'per_minute = "fast"'), ("[announcement]", "[announcement"), ("number", "x@")]
)
def test_a_folder_that_is_not_written_as_one_says_where(node: Node, line_up: Path, line: str, instead: str) -> None:
    said = node("campaign", "contractor", "admit", str(written(line_up, line, instead)), who="desk")
    assert (said.code, bool(said.err.strip())) == (2, True)
