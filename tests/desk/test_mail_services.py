"""The list of mail services without a submission port: what is left is never hidden by a row that cannot be read."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from sekisho.desk.access.mail_services import COLUMNS, STATES, MailServices, NotAList, WorkedOff, carry_out
from sekisho.faces.cli import app
from tests.conftest import ROOT

EXAMPLE = ROOT / "examples" / "papers" / "op25b-services.csv"
GOOD = "Example Mail,postmaster@mail.example,offers,2026-05-12,"
HEAD = ",".join(COLUMNS)


def read(path: Path, *rows: str, head: str = HEAD) -> WorkedOff:
    path.write_bytes("\n".join([head, *rows, ""]).encode("utf-8", "surrogateescape"))
    return carry_out(MailServices(path))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "services.csv"


def test_what_is_left_stands_oldest_first_with_whom_to_ask() -> None:
    found = carry_out(MailServices(EXAMPLE))
    assert [(s.service, s.contact, s.day) for s in found.left] == [
        ("Small Shop Hosting", "support@shop.example", date(2026, 9, 1)),
        ("Club Mail", "board@club.example", date(2026, 10, 28)),
    ]
    assert (found.listed, found.done, found.digest) == (4, False, sha256(EXAMPLE.read_bytes()).hexdigest())


@pytest.mark.parametrize(("state", "done"), STATES.items())
def test_a_service_is_done_when_nobody_is_cut_off_any_more(state: str, done: bool, path: Path) -> None:
    found = read(path, f"Club Mail,board@club.example,{state},2026-10-28,")
    assert (found.done, len(found.left), found.states) == (done, int(not done), {state: 1})


@pytest.mark.parametrize(
    ("row", "column", "why"),
    [
        ("Club Mail,,asked,2026-10-28,", "contact", "empty"),
        (",board@club.example,asked,2026-10-28,", "service", "empty"),
        ("Club Mail,board@club.example,done,2026-10-28,", "state", "unknown-state"),
        ("Club Mail,board@club.example,,2026-10-28,", "state", "unknown-state"),
        ("Club Mail,board@club.example,closed,yesterday,", "day", "not-a-day"),
        ("Club Mail,board@club.example,closed", "day", "absent-or-unreadable"),
        ("EXAMPLE mail,other@mail.example,closed,2026-10-28,", "service", "twice"),
        ("Club \udcff Mail,board@club.example,closed,2026-10-28,", "service", "absent-or-unreadable"),
        (f"Club Mail,board@club.example,closed,2026-10-28,{'x' * 501}", "note", "absent-or-unreadable"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_is_never_done(row: str, column: str, why: str, path: Path) -> None:
    found = read(path, GOOD, row)
    assert [(r.row, r.column, r.why) for r in found.refused] == [(3, column, why)]
    assert (found.listed, found.left, found.done) == (1, (), False)


def test_columns_that_are_absent_are_named(path: Path) -> None:
    with pytest.raises(NotAList) as no:
        read(path, head="service,contact")
    assert no.value.absent == ("state", "day", "note")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["x@y.example", ""]), st.sampled_from([*STATES, "?"])), max_size=6))
def test_every_row_is_done_left_or_refused(rows: list[tuple[str, str, str]], path: Path) -> None:
    found = read(path, *(f"{s},{c},{state},2026-10-28," for s, c, state in rows))
    done = sum(n for state, n in found.states.items() if STATES[state])
    assert done + len(found.left) + len(found.refused) == len(rows)
    assert found.done == (bool(rows) and done == len(rows))


def test_the_command_says_what_is_left_and_ends_with_1_until_nothing_is(path: Path) -> None:
    runner = CliRunner()
    told = runner.invoke(app, ["--lang", "en", "port25", "services", str(EXAMPLE)])
    assert told.exit_code == 1
    assert "services listed: 4  left: 2" in told.output
    assert "! 2026-10-28  Club Mail  board@club.example  asked  second letter" in told.output
    read(path, GOOD)
    assert runner.invoke(app, ["port25", "services", str(path), "--json"]).exit_code == 0
    assert runner.invoke(app, ["port25", "services", str(path.with_name("none.csv"))]).exit_code == 2
