"""`make demo-event` as a newcomer runs it: a conference of two days, from the volunteer's answers to the end (D0.1 to D0.6)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faces.conftest import process, sekisho

CHAPTERS = 8
PATIENCE = 300
"""Seconds: it takes ten, and half a minute where six others are at work."""
pytestmark = pytest.mark.timeout(PATIENCE + 20)
YES, NO = "  ✓ ", "  ✗ "


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("two") / "days"


@pytest.fixture(scope="module")
def lines(home: Path) -> list[str]:
    """What it prints; the demo itself ends with 1 when one of its steps comes out otherwise."""
    said = process("--lang", "en", "demo", "--event", "--auto", "--folder", str(home), patience=PATIENCE)
    assert said.code == 0, said.out + said.err
    return said.out.splitlines()


def reasons(lines: list[str], step: str) -> str:
    """What stands below the refused step with these words, up to the next one."""
    (at,) = [n for n, line in enumerate(lines) if line.startswith(NO) and step in line]
    below = lines[at + 1 :]
    end = next(n for n, line in enumerate(below) if not line.startswith("      "))
    assert end > 0, "refused without a reason"
    return "\n".join(below[:end])


def done(lines: list[str], words: str) -> str:
    (line,) = (line for line in lines if line.startswith(YES) and words in line)
    return line


REFUSED = {
    "names that everybody's devices looked up": "consent of a party to the communication",
    "sub-domains cut off": "consent of a party to the communication",
    "a poster on the wall": "a poster or silence is no consent",
    "a panel before any permit": "no permit",
    "eight devices": "too few devices",
    "the device that said no": "100 look-ups left out",
    "every five minutes": "The window is not over yet",
    "once more today": "budget is spent",
    "what somebody objected to": "until a named person decides",
    "until it comes back": "until a named person decides",
    "yesterday's consent": "asked anew",
    "after the stop button": "stopped by the staff",
    "after the end": "keys were destroyed",
    "a backup that was forgotten": "files of keys still lie in the backup",
}


@pytest.mark.parametrize("step", REFUSED)
def test_what_nobody_may_do_is_refused_with_its_reason(lines: list[str], step: str) -> None:
    assert REFUSED[step] in reasons(lines, step)


def test_nothing_else_was_refused(lines: list[str]) -> None:
    assert len([line for line in lines if line.startswith(NO)]) == len(REFUSED)
    assert f"All {len(REFUSED)} were refused" in "\n".join(lines)


def test_the_three_boards_of_2023_are_tried_as_they_were(lines: list[str]) -> None:
    assert len([line for line in lines if line.startswith(f"{NO}As it happened: ")]) == 3


def test_it_goes_from_the_answers_to_the_report_in_two_days(lines: list[str]) -> None:
    assert [line.partition(".")[0] for line in lines if re.match(r"\d\. ", line)] == [str(n + 1) for n in range(CHAPTERS)]
    clock = [(int(found[1]), found[2]) for line in lines if (found := re.fullmatch(r"  ◷ day (\d), (\d\d:\d\d)", line))]
    assert clock == sorted(clock)
    assert {day for day, _ in clock} == {1, 2}


def test_a_consent_a_withdrawal_an_objection_and_the_end_are_done_the_lawful_way(lines: list[str]) -> None:
    assert "one press each" in done(lines, "one device says yes, one says no")
    assert "at once" in done(lines, "takes it back with one press")
    assert "the panel is back" in done(lines, "a named person decided, with reasons")
    assert "no panel stopped" in done(lines, "warned us")
    assert "the whole board is dark" in done(lines, "pressed stop")
    assert "none opens any more" in done(lines, "one signature")


def test_names_on_the_board_are_cut_have_a_price_and_are_nobodys_alone(lines: list[str]) -> None:
    told = done(lines, "on the board after a quarter of an hour")
    assert "pycon.jp" in told
    assert "alice" not in told
    assert "rare-site" not in told
    assert re.search(r"ε \d\.\d\d of \d\.\d\d", told)


def test_the_report_counts_what_was_collected_shown_and_deleted(lines: list[str]) -> None:
    counted = [line for line in lines if re.match(r" {8}\d{4}-\d{2}-\d{2}  .*: \d+$", line)]
    assert len(counted) > CHAPTERS
    assert any("taken back: 1" in line for line in counted)
    assert len({line.split()[0] for line in counted}) == 2, "two days, each counted apart"


def test_no_device_and_no_name_asked_for_without_consent_lies_in_any_file(lines: list[str], home: Path) -> None:
    assert lines
    files = [p for p in home.rglob("*") if p.is_file()]
    assert len(files) > 100
    for word in (b"secret-clinic", b"02:00:00:00:00:00", b"rare-site"):
        assert not [p for p in files if word in p.read_bytes()], word


def test_it_stands_on_days_that_lie_ahead(lines: list[str]) -> None:
    """The demo's clock is wound forward, never back: nothing it signs could be older than this installation."""
    days = {line.split()[0] for line in lines if re.match(r" {8}\d{4}-", line)}
    assert min(days) >= datetime.now(UTC).date().isoformat()


def test_one_story_at_a_time() -> None:
    said = sekisho("--lang", "en", "demo", "--event", "--people")
    assert said.code == 2
    assert "two stories" in said.err
    assert sekisho("demo", "--event", "--posts").code == 2
