"""`sekisho event init`, as a volunteer meets it."""

from __future__ import annotations

import json
import os
import pty
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.faces.conftest import sekisho

ANSWERS = str(ROOT / "examples" / "event.toml")


def test_one_command_makes_everything_for_an_event(tmp_path: Path) -> None:
    home = tmp_path / "event"
    said = sekisho("--json", "event", "init", str(home), "--answers", ANSWERS)
    assert said.code == 0, said.err
    found = json.loads(said.out)
    assert [(p["name"], p["role"]) for p in found["people"]] == [
        ("Takahashi", "legal-officer"),
        ("Tanaka", "reviewer"),
        ("Ito", "reviewer"),
        ("Sato", "engineer"),
    ]
    assert all((home / file).stat().st_size for file in found["files"])
    assert len(found["files"]) == 9
    again = sekisho("event", "init", str(home), "--answers", ANSWERS)
    assert again.code == 2, "a folder that holds something is left alone"


def test_papers_are_written_again_from_mended_answers(tmp_path: Path) -> None:
    home = tmp_path / "event"
    assert sekisho("event", "init", str(home), "--answers", ANSWERS).code == 0
    told = (home / "event.toml").read_text(encoding="utf-8")
    (home / "event.toml").write_text(told.replace("Example Hall", "Other Hall"), encoding="utf-8")
    assert sekisho("event", "papers", "--config", str(home / "sekisho.toml")).code == 0
    assert "Other Hall" in (home / "for-people" / "wifi.en.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("lang", "words"), [("ja", "審査する人は二人以上"), ("en", "name at least two reviewers")])
def test_a_wrong_answer_is_named_by_line_and_nothing_is_made(tmp_path: Path, lang: str, words: str) -> None:
    file = tmp_path / "answers.toml"
    told = (ROOT / "examples" / "event.toml").read_text(encoding="utf-8")
    file.write_text(told.replace('["Tanaka", "Ito"]', '["Tanaka"]'), encoding="utf-8")
    said = sekisho("--lang", lang, "event", "init", str(tmp_path / "event"), "--answers", str(file))
    assert said.code == 2
    assert f"{file}:11: reviewers: {words}" in said.err
    assert not (tmp_path / "event").exists()


def test_without_answers_and_without_a_terminal_nothing_is_made(tmp_path: Path) -> None:
    said = sekisho("event", "init", str(tmp_path / "event"))
    assert said.code == 2
    assert "--answers" in said.err


def test_at_a_terminal_plain_questions_are_asked_and_a_wrong_day_again(tmp_path: Path) -> None:
    typed = ["Small Meeting", "Room 1", "tomorrow", "2099-12-04", "2099-12-05", "Small Association", "Office", "desk@example.invalid"]
    typed += ["https://board.example.invalid", "Takahashi", "Tanaka, Ito", "Sato", "y", "", "n", "n", "n", "n", "n", "", ""]
    home = tmp_path / "event"
    code, seen = at_a_terminal(["--lang", "en", "event", "init", str(home)], typed)
    assert code == 0, seen
    assert "write a day, like 2026-11-21" in seen
    told = (home / "event.toml").read_text(encoding="utf-8")
    assert 'panels = ["traffic", "devices"]\n' in told
    assert 'reviewers = ["Tanaka", "Ito"]\n' in told


def at_a_terminal(words: list[str], typed: list[str]) -> tuple[int, str]:
    """Run at a terminal of its own; each line is typed once the last question stands there."""
    child, terminal = pty.fork()
    if not child:
        os.execv(sys.executable, [sys.executable, "-c", "from sekisho.faces.cli import main; main()", *words])
    seen = b""
    try:
        for line in typed:
            while not seen.endswith((b": ", b"> ", b"] ")):
                seen += os.read(terminal, 4096)
            os.write(terminal, line.encode() + b"\n")
            seen += os.read(terminal, 4096)
        while more := os.read(terminal, 4096):
            seen += more
    except OSError:
        pass  # the other end is closed: it is done
    finally:
        os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), seen.decode()


# The rehearsal


@pytest.mark.parametrize(("lang", "words"), [("ja", "雑音なしの数なら 100 回"), ("en", "right 100 times from exact counts")])
def test_a_rehearsal_says_what_is_shown_what_it_costs_and_what_could_be_inferred(lang: str, words: str) -> None:
    said = sekisho("--lang", lang, "event", "rehearse", "--days", "1", "--daily")
    assert said.code == 0, said.err
    assert ".example " in said.out
    assert "ε ≤ 2.51" in said.out
    assert words in " ".join(said.out.split())


def test_a_rehearsal_with_more_consent_than_people_is_refused() -> None:
    said = sekisho("event", "rehearse", "--devices", "10", "--consenting", "11")
    assert said.code == 2
    assert "More devices consent than are there" in said.err


def test_a_rehearsal_without_the_library_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from sekisho.store import release

    monkeypatch.setitem(sys.modules, "opendp.prelude", None)
    release._noise.cache_clear()
    said = sekisho("event", "rehearse", "--days", "1")
    assert said.code == 2
    assert "sekisho[names]" in said.err
