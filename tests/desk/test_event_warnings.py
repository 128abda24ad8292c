"""A warning about the board stops nothing and is answered by somebody named; an objection waits against a clock of minutes."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from typing import Any

import pytest

from house.source import ROOT
from sekisho.desk.event.named_panels import NAMED
from sekisho.desk.event.panels import PANELS
from tests.desk.caseload import Caseload
from tests.desk.office import Office

WORDS = "Room 7b holds the people who look after children."
PROCEDURES = ROOT / "casebook" / "jp" / "procedures"


@pytest.fixture
def shown(founded: Office) -> Office:
    permits = founded.stand("event-board")
    founded.watch.wind(seconds=1)
    values = {"octets.in": 1, "octets.out": 1, "devices": 400, "zone.hall": 212}
    founded.channel("collect").call("tell-counters", permit=permits["count"], values=values)
    return founded


def warn(office: Office, panel: str = "zones") -> dict[str, Any]:
    words = {"panel": panel, "what": WORDS}
    return dict(office.channel("show").call("knock", door="board-warning", facts=words, files=[], language="en"))


def object_to(office: Office) -> dict[str, Any]:
    words = {"panel": "zones", "why": "Only four people are in that room."}
    return dict(office.channel("show").call("knock", door="board-objection", facts=words, files=[], language="en"))


def zones(office: Office) -> Mapping[str, Any]:
    return next(p for p in office.channel("show").call("board")["panels"] if p["name"] == "zones")


def notices(office: Office) -> dict[str, list[str]]:
    found = office.channel("show").call("overview")["notices"]
    return {n["code"]: n["names"] for n in found if n["code"].startswith(("warning", "objection"))}


def answer(office: Office, words: str) -> None:
    cases = Caseload(office, texts=False)
    (matter,) = (c["id"] for c in cases.call("cases", shown="open")["cases"])
    cases.move(matter, "answer", {"answer": words})


@pytest.mark.parametrize("panel", ["zones", "every-panel"])
def test_a_warning_by_anybody_stops_nothing(shown: Office, panel: str) -> None:
    before = zones(shown)["state"]
    warn(shown, panel)
    assert zones(shown)["state"] == before == "live"


def test_it_stands_on_the_overview_until_somebody_answers_and_the_answer_is_on_its_receipt(shown: Office) -> None:
    told = warn(shown)
    assert notices(shown) == {"warning-open": [told["number"]]}
    answer(shown, "That room is now counted with the next one.")
    assert notices(shown) == {}
    case = shown.channel("show").call("my-case", number=told["number"], code=told["code"])
    assert "That room is now counted with the next one." in json.dumps(case)
    assert not any(key.person in json.dumps(case) for key in shown.keys.values()), "whoever answered is named inside alone"


def test_after_four_hours_it_stands_there_as_late(shown: Office) -> None:
    told = warn(shown)
    shown.watch.wind(minutes=239)
    assert set(notices(shown)) == {"warning-open"}
    shown.watch.wind(minutes=1)
    assert notices(shown) == {"warning-late": [told["number"]]}


def test_an_objection_counts_its_minutes_down_and_stands_out_when_they_are_over(shown: Office) -> None:
    told = object_to(shown)
    assert zones(shown)["objected"]["minutes"] == 30
    shown.watch.wind(minutes=29, seconds=1)
    assert zones(shown)["objected"]["minutes"] == 1
    assert notices(shown) == {"objection-open": [told["number"]]}
    shown.watch.wind(seconds=59)
    assert zones(shown)["objected"] | {"minutes": 0, "late": True} == zones(shown)["objected"]
    assert notices(shown) == {"objection-late": [told["number"]]}
    assert zones(shown)["state"] == "objected", "silence is no yes"


@pytest.mark.parametrize("procedure", ["board-warning", "board-objection"])
def test_whoever_knocks_can_name_every_panel_there_is(procedure: str) -> None:
    table = tomllib.loads((PROCEDURES / f"{procedure}.toml").read_text(encoding="utf-8"))
    (choices,) = (f["choices"] for f in table["fact"] if f["id"] == "panel")
    assert set(choices) == {*PANELS, *NAMED, "every-panel"}


def test_no_word_of_a_warning_is_in_the_ledger_or_in_plain_in_the_records(shown: Office) -> None:
    warn(shown)
    held = b"".join(p.read_bytes() for p in shown.settings.folder.rglob("*") if p.is_file())
    assert b"board-warning" in held
    assert WORDS.encode() not in held
