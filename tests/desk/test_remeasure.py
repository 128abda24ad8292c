"""A permit rests on what our probes measured: it stays while they say the same, and ends within seconds when they do not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert

from sekisho.desk import records
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.permitting import remeasure
from sekisho.law.words import Role
from tests.desk.office import Office


def measured(office: Office) -> dict[str, int]:
    with office.turn() as world:
        return dict(remeasure.carry_out(world, remeasure.Remeasure()))


def states(office: Office) -> dict[str, str]:
    """Step to state."""
    return {p["step"]: p["state"] for p in office.permits()}


def entries(office: Office, kind: str) -> int:
    return sum(json.loads(e)["type"] == kind for e in office.world.log.entries())


@pytest.fixture(scope="session")
def _pictured(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = Office(_founded).copied_closed(tmp_path_factory.mktemp("pictured") / "home").open()
    office.stand("traffic-picture")
    office.close()
    return office.home


@pytest.fixture
def pictured(_pictured: Path, tmp_path: Path) -> Iterator[Office]:
    """Sums per prefix are permitted; our prefix table was measured for it."""
    office = Office(_pictured).copied_closed(tmp_path / "pictured").open()
    yield office
    office.close()


def narrow(office: Office, *more: str) -> None:
    """Our prefix table as another settings file would have it."""
    settings = office.world.settings
    office.world.settings = replace(settings, network=replace(settings.network, prefixes=(*settings.network.prefixes, *more)))


# Nothing changed


def test_permits_stay_while_nothing_changes(office: Office) -> None:
    size = office.world.log.size
    for _ in range(3):
        assert measured(office) == {"measured": 1, "ended": 0, "minted": 0}
        office.watch.wind(seconds=10)
    assert set(states(office).values()) == {"in-force"}
    assert office.world.log.size == size, "what stays as it is, is not written down again and again"


def test_sums_stay_permitted_while_the_prefix_table_is_as_it_was(pictured: Office) -> None:
    assert measured(pictured) == {"measured": 1, "ended": 0, "minted": 0}
    assert states(pictured) == {"count": "in-force"}


def test_the_same_minute_is_measured_the_same(office: Office) -> None:
    """Fresh from a restart or from memory, the answer is one answer."""
    first = measured(office)
    remembered = dict(office.world.measured)
    assert measured(office) == first
    assert {k: v.told for k, v in office.world.measured.items()} == {k: v.told for k, v in remembered.items()}
    office.world.measured.clear()
    assert measured(office) == first
    assert {k: (v.told, v.holds, v.until) for k, v in office.world.measured.items()} == {
        k: (v.told, v.holds, v.until) for k, v in remembered.items()
    }


def test_a_restart_forgets_what_was_measured_and_measures_the_same(office: Office) -> None:
    before = measured(office)
    told = {k: v.told for k, v in office.world.measured.items()}
    office.reopen()
    assert office.world.measured == {}
    assert measured(office) == before
    assert {k: v.told for k, v in office.world.measured.items()} == told


def test_measuring_leaves_no_trace_in_the_switch_it_throws(office: Office) -> None:
    measured(office)
    with office.turn() as world:
        assert records.count(world.db, records.OPT_OUTS) == 0


def test_nothing_is_measured_where_nothing_is_permitted(founded: Office) -> None:
    assert measured(founded) == {"measured": 0, "ended": 0, "minted": 0}


# A probe says something else


def test_a_finer_prefix_table_ends_the_permit_to_add_up(pictured: Office) -> None:
    """Somebody put a single customer's address among our prefixes: sums of it would be sums of one line."""
    measured(pictured)
    narrow(pictured, "198.51.100.11/32")
    assert measured(pictured)["ended"] == 1
    assert states(pictured) == {"count": "ended"}


def test_a_prefix_no_finer_than_before_ends_nothing(pictured: Office) -> None:
    narrow(pictured, "203.0.112.0/20")
    assert measured(pictured)["ended"] == 0


def test_prefixes_are_no_matter_of_the_notice(office: Office) -> None:
    """What a measure's cases do not ask about ends none of its permits."""
    narrow(office, "198.51.100.11/32")
    assert measured(office) == {"measured": 1, "ended": 0, "minted": 0}


def test_a_switch_that_sticks_ends_what_rests_on_it(noticing: Office) -> None:
    """A line that opted out must be found by the switch; a fault there is found by trying it."""
    measured(noticing)
    with noticing.turn() as world:
        world.db.exec_driver_sql("CREATE TRIGGER stuck AFTER INSERT ON opt_outs BEGIN DELETE FROM opt_outs; END")
    assert measured(noticing)["ended"] > 0


def test_an_ended_permit_is_written_and_ends_once(pictured: Office) -> None:
    narrow(pictured, "198.51.100.11/32")
    before = entries(pictured, "expiry")
    assert measured(pictured)["ended"] == 1
    assert measured(pictured) == {"measured": 0, "ended": 0, "minted": 0}
    assert entries(pictured, "expiry") == before + 1


def test_an_ended_permit_does_not_come_back_when_the_table_does(pictured: Office) -> None:
    """It is asked for anew, by people."""
    settings = pictured.world.settings
    narrow(pictured, "198.51.100.11/32")
    measured(pictured)
    pictured.world.settings = settings
    measured(pictured)
    assert states(pictured) == {"count": "ended"}


def test_what_ended_is_refused_at_the_next_question(pictured: Office) -> None:
    (permit,) = pictured.permits()
    narrow(pictured, "198.51.100.11/32")
    measured(pictured)
    with pytest.raises(KeepSaidNo) as no:
        pictured.terminal.call("look-again", permit=permit["id"])
    assert no.value.code == "ended"
    assert pictured.channel("collect").call("standing") == []


def test_a_person_more_who_may_see_is_measured_and_the_permit_stays(office: Office) -> None:
    """The role table is another one; it is still one that the cases allow."""
    measured(office)
    told = {k: v.told for k, v in office.world.measured.items()}
    with office.turn() as world:
        row = next(r for r in records.rows(world.db, records.PEOPLE) if Role.DESK.value in records.body(r)["roles"])
        again = json.dumps({**records.body(row), "id": "person-0000000000000000"}).encode()
        world.db.execute(insert(records.PEOPLE).values(id="person-0000000000000000", body=again, at=row["at"]))
    assert measured(office)["ended"] == 0
    assert {k: v.told for k, v in office.world.measured.items()} != told


def test_a_clock_that_jumped_ends_nothing_and_measures_nothing(pictured: Office) -> None:
    """Every paper would look stale; a wrong clock is no reason to end what holds."""
    narrow(pictured, "198.51.100.11/32")
    pictured.watch.jump(days=30)
    assert measured(pictured) == {"measured": 0, "ended": 0, "minted": 0}


def test_a_plan_whose_words_are_gone_holds_nothing(noticing: Office) -> None:
    """The findings a notice rests on were lost: nobody can say any more what it is about."""
    with noticing.turn() as world:
        world.db.exec_driver_sql("DELETE FROM findings")
    assert measured(noticing)["ended"] == 6
    assert {s: states(noticing)[s] for s in ("identify", "notify")} == {"identify": "ended", "notify": "ended"}
    assert {s: states(noticing)[s] for s in ("register", "record", "match")} == dict.fromkeys(("register", "record", "match"), "in-force")
