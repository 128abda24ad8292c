"""The board of an event: numbers only under a living permit, of reviewed panels, about nobody; anybody stops a panel by objecting."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from sekisho.desk.counted import Counted, Reading, grown, rates
from sekisho.desk.event.panels import PANELS, Panel, allowed
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.permits import living
from sekisho.desk.signed_words import StopBoard
from sekisho.faces.processes.methods import METHODS
from tests.desk.caseload import Caseload
from tests.desk.office import THEN, Office
from tests.node import no

STEPS = {"count", "show-network", "show-resolver"}
ZONES = {"zone.hall-a": 212, "zone.lounge": 4}


def reading(second: int, **more: int) -> dict[str, int]:
    """A venue of some 400 devices: 100 Mbit/s in, 200 look-ups a second, 40 of them over IPv6."""
    return {
        "octets.in": 12_500_000 * second,
        "octets.out": 1_250_000 * second,
        "devices": 412,
        "queries": 200 * second,
        "queries.ipv6": 80 * second,
        "cache.hits": 150 * second,
        "cache.misses": 50 * second,
        "qtype.A": 120 * second,
        "qtype.AAAA": 60 * second,
        "qtype.HTTPS": 20 * second,
        "qtype.TXT": 1,
        **ZONES,
        **more,
    }


def counting(office: Office, permits: Mapping[str, str], seconds: int = 90, **more: int) -> None:
    """So many seconds of readings, as `collect` tells them."""
    for second in range(seconds):
        office.watch.wind(seconds=1)
        office.channel("collect").call("tell-counters", permit=permits["count"], values=reading(second, **more))


def board(office: Office) -> dict[str, Any]:
    found = office.channel("show").call("board")
    return {p["name"]: p for p in found["panels"]}


def states(office: Office) -> dict[str, str]:
    return {n: p["state"] for n, p in board(office).items()}


@pytest.fixture
def shown(founded: Office) -> tuple[Office, dict[str, str]]:
    permits = founded.stand("event-board")
    counting(founded, permits)
    return founded, permits


# What is shown


def test_before_any_permit_there_is_no_panel_and_each_says_so(founded: Office) -> None:
    assert set(states(founded).values()) == {"no-permit"}
    assert all(p["numbers"] is None for p in board(founded).values())


def test_every_panel_has_its_numbers_its_permit_and_its_ground(shown: tuple[Office, dict[str, str]]) -> None:
    office, permits = shown
    found = board(office)
    assert {p["state"] for p in found.values()} == {"live"}
    for name, panel in found.items():
        assert panel["permit"] == permits[PANELS[name].step]
        assert [g["case"] for g in panel["grounds"]] == ["jp/F-06/4"]
    assert found["traffic"]["numbers"]["last_in"] == 100_000_000
    assert found["queries"]["numbers"]["last"] == 200
    assert found["ipv6"]["numbers"] == {"percent": 40}
    assert found["cache"]["numbers"] == {"percent": 75}
    assert found["devices"]["numbers"]["last"] == 410


def test_small_numbers_are_not_told(shown: tuple[Office, dict[str, str]]) -> None:
    found = board(shown[0])
    assert found["zones"]["numbers"]["zones"] == [{"name": "hall-a", "devices": 210}, {"name": "lounge", "devices": None}]
    assert [t["type"] for t in found["types"]["numbers"]["types"]] == ["A", "AAAA", "HTTPS", "OTHER"]


def test_with_fewer_devices_than_the_least_nothing_is_told(founded: Office) -> None:
    """The traffic of three people is the traffic of each of them."""
    counting(founded, founded.stand("event-board"), 5, devices=9)
    assert set(states(founded).values()) == {"too-few"}


def test_the_board_names_the_body_and_its_window_and_no_reviewer(shown: tuple[Office, dict[str, str]]) -> None:
    office, _ = shown
    found = office.channel("show").call("board")
    assert (found["object"]["body"], found["object"]["window"]) == ("Example Networks", "Abuse desk")
    said = json.dumps(found)
    for who, key in office.keys.items():
        assert key.person not in said, who
    assert "signed_by" not in said


def test_a_gap_is_a_gap(shown: tuple[Office, dict[str, str]]) -> None:
    office, permits = shown
    office.watch.wind(seconds=20)
    assert set(states(office).values()) == {"no-data"}
    counting(office, permits, 3, **{"octets.in": 10**12})
    series = board(office)["traffic"]["numbers"]["series_in"]
    assert series[-10:-3] == [None] * 7


def test_what_is_counted_is_on_no_disk_and_gone_after_a_restart(shown: tuple[Office, dict[str, str]]) -> None:
    """A number of this size would be found in any file that held it."""
    office, permits = shown
    counting(office, permits, 3, **{"octets.in": 718_281_828_459_045})
    held = b"".join(p.read_bytes() for p in office.settings.folder.rglob("*") if p.is_file())
    assert permits["count"].encode() in held
    assert b"718281828459045" not in held
    office.reopen()
    assert set(states(office).values()) == {"no-data"}


# What ends it


def test_a_withdrawn_permit_takes_its_panels_off_at_once_and_says_stopped(shown: tuple[Office, dict[str, str]]) -> None:
    office, permits = shown
    office.withdraw(permits["show-network"])
    found = states(office)
    assert {n for n, s in found.items() if s == "stopped"} == {"traffic", "devices", "zones"}
    assert {n for n, s in found.items() if s == "live"} == {"queries", "ipv6", "types", "cache"}


def stop(office: Office, who: str) -> list[str]:
    key = office.keys[who]
    words = StopBoard(key.person, office.watch.at)
    found: list[str] = office.channel("show").call("stop-board", stop=words, signature=key.sign(words))["permits"]
    return found


@pytest.mark.parametrize("who", ["engineer", "desk", "reviewer-a", "officer"])
def test_one_signature_of_anybody_of_the_staff_takes_everything_off(shown: tuple[Office, dict[str, str]], who: str) -> None:
    office, permits = shown
    assert set(stop(office, who)) == {permits["show-network"], permits["show-resolver"]}
    assert set(states(office).values()) == {"stopped"}
    assert stop_again(office, who) == []
    told = {p["id"]: p["withdrawn"] for p in office.permits() if p["state"] == "withdrawn"}
    assert {t["reason"] for t in told.values()} == {"board-stopped"}, "who stopped it, when and why stands beside each permit"


def stop_again(office: Office, who: str) -> list[str]:
    """A board that shows nothing can be stopped all the same; the same words are not taken twice."""
    assert no(lambda: stop(office, who)) == "done-already"
    office.watch.wind(seconds=1)
    return stop(office, who)


def test_an_auditor_or_somebody_under_another_name_does_not_stop_it(shown: tuple[Office, dict[str, str]]) -> None:
    office, _ = shown
    with pytest.raises(KeepSaidNo):
        stop(office, "auditor")
    words = StopBoard(office.keys["officer"].person, office.watch.at)
    signed = office.keys["desk"].sign(words)
    assert no(lambda: office.terminal.call("stop-board", stop=words, signature=signed)) == "signed-by-another"
    assert set(states(office).values()) == {"live"}


def test_without_the_permit_to_count_nothing_is_taken_and_what_was_is_forgotten(shown: tuple[Office, dict[str, str]]) -> None:
    office, permits = shown
    office.withdraw(permits["count"])
    collect = office.channel("collect")
    assert no(lambda: collect.call("tell-counters", permit=permits["count"], values=reading(1))) == "withdrawn"
    assert set(states(office).values()) == {"no-data"}
    assert not office.world.counted.seconds
    assert not office.world.counted.minutes


def test_the_board_ends_with_the_event(shown: tuple[Office, dict[str, str]]) -> None:
    office, _ = shown
    office.watch.wind(days=4)
    assert set(states(office).values()) == {"no-permit"}


def test_a_panel_that_was_changed_is_another_panel(shown: tuple[Office, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounded less, it was never reviewed: its permit does not carry it."""
    office, _ = shown
    old = PANELS["devices"]
    finer = Panel(old.name, old.step, old.level, old.counters, old.window_seconds, 1, old.title)
    with office.turn() as world:
        permits = [p for p, _ in living(world, world.clock.now())]
    assert any(allowed(old, p) for p in permits)
    assert not any(allowed(finer, p) for p in permits)
    monkeypatch.setattr("sekisho.desk.event.board.PANELS", {**PANELS, "devices": finer})
    assert states(office)["devices"] == "changed"


@pytest.mark.parametrize("values", [{"www.example.com": 1}, {"client.192.0.2.1": 1}, {"queries": -1}, {f"zone.z{n}": 1 for n in range(65)}])
def test_nothing_but_the_closed_list_is_taken(founded: Office, values: dict[str, int]) -> None:
    permits = founded.stand("event-board")
    assert no(lambda: founded.channel("collect").call("tell-counters", permit=permits["count"], values=values)) == "not-a-counter"


def test_only_the_permit_to_count_counts(founded: Office) -> None:
    permits = founded.stand("event-board")
    collect = founded.channel("collect")
    assert no(lambda: collect.call("tell-counters", permit=permits["show-network"], values=reading(1))) == "another-measure"
    assert METHODS["tell-counters"].roles == {"collect"}


def test_the_collector_counts_only_while_its_permit_holds(founded: Office) -> None:
    intake = founded.intake()
    intake.renew()
    assert intake.may_count() == ""
    permits = founded.stand("event-board")
    intake.renew()
    assert intake.may_count() == permits["count"]
    founded.withdraw(permits["count"])
    intake.renew()
    assert intake.may_count() == ""
    assert not intake.kept, "no stream is sealed for it"


def test_the_word_of_keep_lapses_in_seconds(founded: Office) -> None:
    founded.stand("event-board")
    intake = founded.intake()
    intake.renew()
    founded.watch.wind(seconds=6)
    assert intake.may_count() == ""


# Objections


def object_to(office: Office, panel: str = "zones") -> dict[str, Any]:
    words = {"panel": panel, "why": "Only four people are in that room."}
    found: dict[str, Any] = office.channel("show").call("knock", door="board-objection", facts=words, files=[], language="en")
    return found


def decide(office: Office, move: str) -> None:
    cases = Caseload(office, texts=False)
    (matter,) = (c["id"] for c in cases.call("cases", shown="open")["cases"])
    cases.move(matter, move, {"answer": "We looked at it together."})


def test_one_objection_by_anybody_takes_the_panel_off_at_once(shown: tuple[Office, dict[str, str]]) -> None:
    office, _ = shown
    object_to(office)
    found = board(office)["zones"]
    assert (found["state"], found["numbers"], found["objected"]["late"]) == ("objected", None, False)
    assert states(office)["traffic"] == "live"


def test_an_objection_to_the_whole_board_stops_every_panel(shown: tuple[Office, dict[str, str]]) -> None:
    object_to(shown[0], "every-panel")
    assert set(states(shown[0]).values()) == {"objected"}


def test_a_named_person_brings_a_panel_back_and_says_why(shown: tuple[Office, dict[str, str]]) -> None:
    office, _ = shown
    told = object_to(office)
    decide(office, "show-again")
    assert states(office)["zones"] == "live"
    case = office.channel("show").call("my-case", number=told["number"], code=told["code"])
    assert "We looked at it together." in json.dumps(case)


def test_a_panel_kept_off_stays_off_until_it_has_a_new_permit(shown: tuple[Office, dict[str, str]]) -> None:
    office, _ = shown
    object_to(office)
    office.watch.wind(seconds=1)
    decide(office, "keep-off")
    found = board(office)["zones"]
    assert (found["state"], found["objected"]["decided"]) == ("objected", True)
    office.watch.wind(minutes=5)
    counting(office, office.stand("event-board"), 5)
    assert states(office)["zones"] == "live"


def test_after_half_an_hour_the_board_says_that_nobody_decided(shown: tuple[Office, dict[str, str]]) -> None:
    office, permits = shown
    object_to(office)
    office.watch.wind(minutes=31)
    counting(office, permits, 3)
    found = board(office)["zones"]
    assert (found["state"], found["objected"]["late"]) == ("objected", True), "being late does not bring it back"


def test_the_ledger_has_the_objection_and_none_of_its_words(shown: tuple[Office, dict[str, str]]) -> None:
    office, _ = shown
    before = office.world.log.size
    object_to(office)
    assert office.world.log.size >= before + 2
    tiles = b"".join(p.read_bytes() for p in (office.settings.folder / "ledger").rglob("*") if p.is_file())
    assert b"four people" not in tiles


# Arithmetic


def test_a_counter_that_began_again_gives_no_rate() -> None:
    at = [Reading(THEN + timedelta(seconds=n), {"queries": v}) for n, v in enumerate((100, 130, 5, 15))]
    assert [r for _, r in rates(at, "queries", timedelta(seconds=3))] == [30.0, None, 10.0]
    assert grown(at, ["queries"], timedelta(seconds=60)) == {"queries": 40}


def test_a_day_is_kept_by_the_minute_and_ten_minutes_by_the_second() -> None:
    counted = Counted()
    for second in range(0, 86_400, 30):
        counted.take("p", Reading(THEN + timedelta(seconds=second), {"queries": second}))
    assert len(counted.minutes) == 1440
    assert len(counted.seconds) == 600
    counted.take("another", Reading(THEN + timedelta(days=2), {"queries": 1}))
    assert (len(counted.minutes), len(counted.seconds)) == (1, 1)


def test_who_asks_for_a_board_without_being_show_is_refused(founded: Office) -> None:
    with pytest.raises(KeepSaidNo, match="not-for-this-role"):
        founded.channel("act").call("board")
