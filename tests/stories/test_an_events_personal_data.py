"""An event's own lists run on the register (D0.7, D1.1, D1.2): a sponsor gets nothing without a row in force, and aliases alone with it.

Read from top to bottom; each test goes on where the one above it stopped. The days pass on the office's clock.
"""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from sekisho.desk.entrusting.entrust_export import csv_of, json_ld
from sekisho.law.entrustment import Status, What
from tests.desk.office import EXAMPLES, Office
from tests.desk.test_entrust import ask, enter, entrusted, listed, missing, move, permit, row
from tests.desk.test_entrust import state as state_of
from tests.desk.tooling import cleared

SPONSOR = "event-badge-scans"
FOUR = ("event-attendees", SPONSOR, "event-photographs", "event-volunteers")
ASKED: Mapping[str, Any] = {"fields": ["mail"], "persons": 120, "rung": "aliases", "actions": ["answer"]}
WHY = "an answer needs an address that works"
PLAN: Mapping[str, Any] = {
    "to": "Sample Sponsor K.K.",
    "for": ("booth-answers",),
    "fields": ("mail",),
    "actions": ("answer",),
    "places": ("JP",),
    "persons": 120,
    "rung": "aliases",
    "why_not_lower": WHY,
}


@dataclass
class Event:
    """What the tests hand down."""

    office: Office
    rows: dict[str, str] = field(default_factory=dict)

    def lacks(self, **said: Any) -> set[str]:
        """What the register lacks for the sponsor's list."""
        return missing(ask(self.office, self.rows.get(SPONSOR, "entrustment-0000000000000000"), **{**ASKED, **said}))


@pytest.fixture(scope="module")
def event(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Event]:
    office = Office(tmp_path_factory.mktemp("event") / "office").found()
    yield Event(office)
    office.close()


@pytest.mark.parametrize("name", FOUR)
def test_each_row_asks_plain_questions_in_both_languages(name: str) -> None:
    """A comment beside or above; nothing is asked of who is asked of nothing."""
    text = (EXAMPLES / "entrustments" / f"{name}.toml").read_text("utf-8")
    assert tomllib.loads(text)["again"] == "forbidden"
    first = text.splitlines()[0]
    assert " / " in first
    assert any("\u3040" <= letter <= "\u30ff" for letter in first)


def test_a_sponsor_who_stands_in_no_row_gets_nothing(event: Event) -> None:
    assert {"registered", "in-force", "fields-in-row"} <= event.lacks(to="Sample Sponsor K.K.", purpose="booth-answers", places=["JP"])


def test_nor_while_its_row_waits_for_an_approval(event: Event) -> None:
    event.rows[SPONSOR] = enter(event.office, row(event.office, SPONSOR))
    assert event.lacks(why_not_lower=WHY) == {"in-force", "tool-clear"}
    with pytest.raises(AssertionError):  # no permit, though everybody signed
        permit(event.office, event.rows[SPONSOR], **PLAN)
    assert event.office.permits() == []


def test_in_force_it_gets_aliases_for_those_who_asked_at_its_booth_and_no_address(event: Event) -> None:
    move(event.office, event.rows[SPONSOR], What.APPROVED, "reviewer-a")
    cleared(event.office, event.rows[SPONSOR])
    assert event.lacks(why_not_lower=WHY) == set()
    assert event.lacks(why_not_lower=WHY, rung="contact") == {"least-data"}
    assert "actions-in-row" in event.lacks(why_not_lower=WHY, actions=["send-mail"])
    assert "fields-in-row" in event.lacks(why_not_lower=WHY, fields=["mail", "name"])


def test_the_other_three_stand_beside_it_and_health_data_only_with_the_text_people_agreed_to(event: Event) -> None:
    for name in FOUR:
        if name not in event.rows:
            event.rows[name] = entrusted(event.office, name)
    found = listed(event.office)
    assert {e["status"] for e in found.values()} == {Status.IN_FORCE}
    assert [n for n, i in event.rows.items() if found[i]["special"]] == ["event-volunteers"]
    assert found[event.rows["event-volunteers"]]["entrustment"]["consent"] != ""


def test_who_holds_what_can_be_exported_for_whoever_asks(event: Event) -> None:
    register = json.loads(json.dumps(event.office.terminal.call("entrustments"), default=str))
    parties = {"Sample Registration Inc.", "Sample Sponsor K.K.", "Sample Photo Studio", "Sample Rota LLC"}
    assert {line["party"] for line in csv.DictReader(io.StringIO(csv_of(register)))} == parties
    assert parties <= set(_names(json_ld(register)))


def test_after_its_last_day_a_permit_and_the_row_end_by_themselves_and_the_sponsor_is_named_as_owing(event: Event) -> None:
    office, mine = event.office, event.rows[SPONSOR]
    given = permit(office, mine, **PLAN)
    assert state_of(office, given) == "in-force"
    office.watch.wind(days=22)
    assert event.lacks(why_not_lower=WHY) == {"in-force"}
    assert state_of(office, given) != "in-force"
    late = [d["party"] for d in office.terminal.call("entrustments")["due"] if d["call"] == "back-late"]
    assert "Sample Sponsor K.K." in late


def _names(value: Any) -> Iterator[str]:
    """Every text in it."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)
    elif isinstance(value, str):
        yield value
