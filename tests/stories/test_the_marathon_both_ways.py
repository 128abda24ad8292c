"""`make demo-people` as a newcomer runs it: the marathon of 2024, refused at each step, then the lawful way (D1.1 to D1.9)."""

from __future__ import annotations

import re

import pytest

from tests.faces.conftest import process

CHAPTERS = 6
PATIENCE = 300
"""Seconds: it takes twenty, and a minute where six others are at work."""
pytestmark = pytest.mark.timeout(PATIENCE + 20)


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What it prints; the demo itself ends with 1 when one of its steps comes out otherwise."""
    folder = tmp_path_factory.mktemp("both") / "ways"
    said = process("--lang", "en", "demo", "--people", "--auto", "--folder", str(folder), patience=PATIENCE)
    assert said.code == 0, said.out + said.err
    return said.out.splitlines()


def reasons(lines: list[str], step: str) -> str:
    """What stands below the step that begins like this, up to the next one."""
    (at,) = [n for n, line in enumerate(lines) if line.startswith("  ✗ As it happened: ") and step in line]
    below = lines[at + 1 :]
    end = next(n for n, line in enumerate(below) if not line.startswith("      "))
    assert end > 0, "refused without a reason"
    return "\n".join(below[:end])


REFUSED = {
    "the list went to a firm nobody had entered": "has a row for this very party",
    "made accounts in people's names": "create-account",
    "handed the work on without asking": "Nobody consented to the re-entrustment",
    "nobody knew that replies go to everybody": "list-mail",
    "it was used all the same": "The facts allow no go",
    "the list was handed over": "the drill with made-up people passed",
    "all of the list went": "only fields in the row",
    "everybody in To and Cc": "copies to others (Cc, Bcc)",
    "announced nowhere": "announcement",
    "whoever wrote it sent it": "A proposer never approves",
    "another text went out": "changed since it was shown",
    "opening a link counted": "consents recorded: 0",
    "reports were late": "Leak of personal data: preliminary report",
    "somebody's mistake": "a person is no root",
    "amends were coupons": "profits by it",
    "named one of the staff": "one of our people",
    "three questions got one answer": "has no answer",
}


@pytest.mark.parametrize("step", REFUSED)
def test_each_step_as_it_happened_is_refused_with_its_reason(lines: list[str], step: str) -> None:
    assert REFUSED[step] in reasons(lines, step)


def test_the_drill_says_who_saw_whose_address(lines: list[str]) -> None:
    """2024: "we did not know of that function"."""
    assert "made-up person b saw the address of a (header from)" in reasons(lines, "nobody knew that replies go to everybody")


def test_the_lawful_way_is_a_line_and_a_command_for_each_step(lines: list[str]) -> None:
    done = [line for line in lines if line.startswith("  ✓ ")]
    commands = [line for line in lines if line.startswith("      $ sekisho ")]
    assert len(done) >= len(commands) / 2 > CHAPTERS
    assert len([line for line in lines if re.match(r"[1-9]\. ", line)]) == CHAPTERS
    assert any("40 mails, one recipient each" in line for line in done)
    assert any("It leaked from Sakura Agency" in line for line in done)
    assert any("the incident closes" in line for line in done)


def test_both_authorities_clocks_run_from_the_day_it_was_known(lines: list[str]) -> None:
    clocks = [line.split("  ", 4)[-1] for line in lines if re.match(r" {6}\d{4}-\d{2}-\d{2}  ", line)]
    assert len(clocks) == 6
    assert any("ministry" in c for c in clocks)
    assert any("Personal Information Protection Commission" in c for c in clocks)
