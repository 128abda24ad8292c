"""Shaping before it begins: volumes are counted and only a distribution leaves; no data, no shaping; data gone, shaping gone."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk import probes, records, volumes
from sekisho.desk.access.hold_kernel import HoldKernel
from sekisho.desk.flows import forget
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.permitting import remeasure
from sekisho.effects.htb import Classes
from sekisho.faces.processes import work
from sekisho.law.canonical import canonical
from sekisho.measures.ladder import LEAST, WHOLE_DAY
from tests.desk.office import EXAMPLES, Office
from tests.effects.test_nft import Model
from tests.effects.test_shaping import Router

HEAVY, LIGHT = 12, 40
EVENING = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
"""20 o'clock in Japan, of the day the office is opened on."""
GIGA = 1_000_000_000


def ipfix(at: datetime, *flows: tuple[str, str, int, datetime]) -> bytes:
    """An IPFIX message (RFC 7011) of (from, to, octets, start), with its template in front: octets of 64 bits, starts in seconds."""
    fields = [(8, 4), (12, 4), (1, 8), (150, 4), (151, 4)]
    template = struct.pack("!HH", 256, len(fields)) + b"".join(struct.pack("!HH", *f) for f in fields)
    parts = [
        ip_address(src).packed + ip_address(dst).packed + struct.pack("!QII", octets, int(start.timestamp()), int(start.timestamp()) + 60)
        for src, dst, octets, start in flows
    ]
    sets = struct.pack("!HH", 2, 4 + len(template)) + template + struct.pack("!HH", 256, 4 + sum(map(len, parts))) + b"".join(parts)
    return struct.pack("!HHIII", 10, 16 + len(sets), int(at.timestamp()), 0, 7) + sets


def evening(heavy: int = HEAVY, light: int = LIGHT, hours: int = 4) -> Iterator[tuple[str, str, int, datetime]]:
    """Each hour from 20 to 24 o'clock: heavy lines fetch 1.5 GB, light ones 20 MB and send as much."""
    for hour in range(hours):
        at = EVENING + timedelta(hours=hour)
        for n in range(heavy):
            yield "203.0.113.80", f"198.51.100.{n + 1}", 3 * GIGA // 2, at
        for n in range(light):
            yield "203.0.113.81", f"198.51.100.{n + 101}", 20_000_000, at
            yield f"198.51.100.{n + 101}", "203.0.113.81", 20_000_000, at


def export(office: Office, *flows: tuple[str, str, int, datetime]) -> None:
    intake = office.intake()
    intake.renew()
    for at in range(0, len(flows), 40):
        intake.feed(("192.0.2.1", 4739), ipfix(office.watch.at, *flows[at : at + 40]), int(office.watch.at.timestamp() * 1000))
    intake.turn()
    intake.turn()
    intake.close()


def look(office: Office) -> None:
    office.watch.wind(seconds=61)
    for name in office.channel("supervisor").call("due-looks")["start"]:
        work.look(office.outside("work", name), name)


def looked_again(office: Office) -> None:
    """The permit to count goes on, so the figures are new."""
    export(office)
    look(office)
    office.watch.wind(seconds=61)


def figures(office: Office, measure: str = "shaping") -> list[dict[str, Any]]:
    with office.turn() as world:
        row = records.one(world.db, records.FIGURES, measure=measure)
        return list(records.body(row)["rows"]) if row else []


def counted(office: Office) -> Office:
    export(office, *evening())
    look(office)
    return office


@pytest.fixture(scope="module")
def _counting(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = Office(_founded).copied_closed(tmp_path_factory.mktemp("shaping") / "home").open()
    office.stand("shaping-count")
    office.close()
    return office.home


@pytest.fixture(scope="module")
def _counted(_counting: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = counted(Office(_counting).copied(tmp_path_factory.mktemp("counted") / "home"))
    office.close()
    return office.home


@pytest.fixture
def counting(_counting: Path, tmp_path: Path) -> Iterator[Office]:
    office = Office(_counting).copied(tmp_path / "counting")
    yield office
    office.close()


@pytest.fixture
def office(_counted: Path, tmp_path: Path) -> Iterator[Office]:
    office = Office(_counted).copied(tmp_path / "counted")
    office.watch.wind(seconds=62)
    yield office
    office.close()


def test_a_distribution_leaves_and_no_line_does(office: Office) -> None:
    rows = figures(office)
    day = {r["over_mb"]: (r["lines"], r["octets"]) for r in rows if r["hour"] == WHOLE_DAY}
    assert day[0] == (HEAVY + LIGHT, 4 * (HEAVY * 3 * GIGA // 2 + LIGHT * 40_000_000))
    assert day[5000] == (HEAVY, 4 * HEAVY * 3 * GIGA // 2)
    assert {r["hour"] for r in rows} == {WHOLE_DAY, 20, 21, 22, 23}
    assert {k for r in rows for k in r} == {"day", "hour", "above_mb", "over_mb", "lines", "octets"}
    with office.turn() as world:
        assert not records.rows(world.db, records.FINDINGS), "nobody is followed up"


def test_fewer_than_ten_lines_over_a_step_are_not_told(counting: Office) -> None:
    export(counting, *evening(heavy=LEAST - 1))
    look(counting)
    assert {r["over_mb"] for r in figures(counting)} == {0, 100}, "100 MB is where the others stand"


def test_only_line_hour_and_sum_were_ever_written_down(counting: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection is gone at intake: neither the other side nor its minute is kept."""
    intake = counting.intake()
    intake.renew()
    (kept,) = intake.kept.values()
    assert kept.spec.columns == ("line", "start", "octets")
    taken: list[Any] = []
    monkeypatch.setattr(intake, "_take", lambda _kept, rows: taken.append(rows))  # what would be sealed
    minutes = [("203.0.113.80", "198.51.100.1", 7, EVENING + timedelta(minutes=m)) for m in range(5)]
    elsewhere = [("203.0.113.80", "198.51.101.1", 7, EVENING), ("198.51.100.9", "203.0.113.1", 5, EVENING)]
    intake.feed(("192.0.2.1", 4739), ipfix(counting.watch.at, *minutes, *elsewhere), int(counting.watch.at.timestamp() * 1000))
    intake.turn()
    rows = sorted((r["line"][-4:], r["start"], r["octets"]) for r in taken[0].to_pylist())
    assert rows == [(ip_address("198.51.100.1").packed, EVENING, 35), (ip_address("198.51.100.9").packed, EVENING, 5)]
    intake.close()


def probed(office: Office, **scope: Any) -> dict[str, Mapping[str, Any]]:
    plan = office.draft("shaping").plan
    plan = type(plan)(**{**{f: getattr(plan, f) for f in plan.__dataclass_fields__}, "scope": {**plan.scope, **scope}})
    with office.turn() as world:
        return {e.kind: dict(e.value) for e in probes.measured(world, plan, office.watch.at)}


def test_what_was_counted_says_how_many_lines_take_how_much_of_the_full_hours(office: Office) -> None:
    told = probed(office)
    share = told["traffic-share"]
    assert (share["of"], share["users_permille"], share["share_permille"]) == ("heavy-users", 1000 * HEAVY // (HEAVY + LIGHT), 918)
    assert share["hampers_others"] is True
    assert (share["measured_from"], share["measured_to"]) == ("2026-11-21", "2026-11-21")
    profile = told["shaper-profile"]
    assert profile == {"hours": "20-24", "floor_kbit": 29_000 // HEAVY, "only_when_congested": True, "degree_from_data": True}


@pytest.mark.parametrize(
    ("changed", "kind", "field"),
    [
        ({"capacity_kbit": 100_000}, "traffic-share", "hampers_others"),  # the band is never full
        ({"heavy_permille": 950}, "traffic-share", "hampers_others"),
        ({"hours": "19-24"}, "shaper-profile", "only_when_congested"),
        ({"kbit": 28_000}, "shaper-profile", "degree_from_data"),  # 32 Mbit/s are full, the others take 3.6
    ],
)
def test_each_word_of_the_plan_is_held_against_the_data(office: Office, changed: Mapping[str, Any], kind: str, field: str) -> None:
    assert probed(office)[kind][field] is True
    assert probed(office, **changed)[kind][field] is False


@pytest.mark.parametrize("changed", [{"heavy_mb": 3000}, {"window_hours": 168}, {"capacity_kbit": 0}, {"full_permille": "most"}])
def test_a_test_that_the_distribution_does_not_tell_has_no_data(office: Office, changed: Mapping[str, Any]) -> None:
    """A step of fewer than ten lines, one that is none of the ladder, a window nobody counted, a band nobody declared."""
    assert "traffic-share" not in probed(office, **changed)


def shaped(office: Office) -> list[str]:
    plan = office.propose("shaping")
    office.supply(plan, "shaping")
    return office.approve(plan, "reviewer-a") + office.approve(plan, "reviewer-b")


def test_no_data_no_shaping(counting: Office) -> None:
    assert shaped(counting) == []


def test_with_data_heavy_users_are_shaped_and_with_the_data_gone_they_are_not(office: Office) -> None:
    (permit,) = shaped(office)
    (count,) = [p["id"] for p in office.permits() if p["step"] == "count-volumes"]
    with office.turn() as world:
        assert remeasure.carry_out(world, remeasure.Remeasure())["ended"] == 0
    office.withdraw(count)
    with office.turn() as world:
        assert remeasure.carry_out(world, remeasure.Remeasure())["ended"] == 1
    assert {p["id"]: p["state"] for p in office.permits()}[permit] == "ended"


def test_data_that_nobody_renews_are_stale_within_a_day(office: Office) -> None:
    (permit,) = shaped(office)
    office.watch.wind(hours=25)
    with office.turn() as world:
        remeasure.carry_out(world, remeasure.Remeasure())
    assert {p["id"]: p["state"] for p in office.permits()}[permit] == "ended"


def test_figures_that_no_longer_carry_it_end_it(office: Office) -> None:
    """The next evening the heavy lines were quiet: what is counted then says so."""
    (permit,) = shaped(office)
    with office.turn() as world:
        row = volumes.counted(world, "shaping")
        assert row is not None
        body = records.body(row)
        quiet = [r for r in body["rows"] if r["over_mb"] == 0]
        world.db.execute(records.FIGURES.update().values(body=canonical({**body, "rows": quiet})))
        assert remeasure.carry_out(world, remeasure.Remeasure())["ended"] == 1
    assert {p["id"]: p["state"] for p in office.permits()}[permit] == "ended"


# What stands in the router


@dataclass
class Routed:
    """An office with shaping in force, the process that holds its kernel, and a model of that kernel and of its links."""

    office: Office
    permit: str
    links: Router
    holder: HoldKernel

    def effects(self) -> Mapping[str, Any]:
        self.holder.hear()
        self.holder.turn()
        return dict(self.office.terminal.call("effects"))


@pytest.fixture
def routed(office: Office) -> Routed:
    (permit,) = shaped(office)
    links = Router(Classes(known=frozenset({"lines", "internet"})))
    return Routed(office, permit, links, HoldKernel(office.outside("hold"), Model(None), links))


def test_both_sides_are_the_same_and_the_classes_are_shown(routed: Routed) -> None:
    (effect,) = routed.effects()["effects"]
    assert effect["same"]
    assert {n: v for n, v in effect["there"].items() if n.startswith("class")} == {"class internet": 29_000, "class lines": 29_000}
    turns = len(routed.links.turns)
    assert routed.effects()["state"] == "same"
    assert len(routed.links.turns) == turns


def test_hours_that_begin_are_nobodys_doing_and_a_class_somebody_changed_is(routed: Routed) -> None:
    assert routed.effects()["effects"][0]["there"]["hours"] == 0, "05:51 in Japan"
    routed.office.watch.wind(hours=14, minutes=30)
    looked_again(routed.office)
    found = routed.effects()
    assert (found["effects"][0]["there"]["hours"], found["mends"]) == (2, 0)
    number = next(iter(routed.links.there.links["lines"]))
    routed.links.there = replace(routed.links.there, links={**routed.links.there.links, "lines": {number: 1}})
    assert routed.effects()["mends"] == 1


def gone(routed: Routed) -> dict[str, int]:
    """Lines that left, as they are wanted in the kernel and stand there, by family."""
    (effect,) = routed.effects()["effects"]
    assert effect["wanted"] == effect["there"]
    return {n: v for n, v in effect["there"].items() if n.startswith("left")}


def throw(routed: Routed, address: str, to: str) -> None:
    routed.office.channel("show").call("throw-my-switch", address=address, permit=routed.permit, to=to)


def test_a_line_leaves_and_comes_back_with_the_next_round_and_that_is_nobody_meddling(routed: Routed) -> None:
    assert gone(routed) == {"left4_32": 0, "left6_64": 0}
    for address in ("198.51.100.20", "2001:db8:100:1::20"):
        throw(routed, address, "off")
    assert gone(routed) == {"left4_32": 1, "left6_64": 1}
    throw(routed, "198.51.100.20", "on")
    assert gone(routed) == {"left4_32": 0, "left6_64": 1}
    assert routed.effects()["mends"] == 0


def test_a_line_reads_the_test_and_its_own_place_and_nobodys_volume(routed: Routed) -> None:
    throw(routed, "198.51.100.20", "off")
    (mine,) = routed.office.channel("show").call("my-filters", address="198.51.100.20")["filters"]
    (other,) = routed.office.channel("show").call("my-filters", address="198.51.100.21")["filters"]
    assert (mine["off"], other["off"], mine["started"]) == (True, False, True)
    assert mine["shape"] == {"heavy_mb": 5000, "window_hours": 24, "hours": [20, 24], "kbit": 29_000, "application": []}
    assert "jp/C-04/4" in [c["id"] for c in mine["cases"]]
    with pytest.raises(KeepSaidNo, match="not-filtered-here"):
        throw(routed, "192.0.2.7", "off")


def test_where_the_plan_lets_nobody_leave_there_is_no_switch(office: Office, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    text = (EXAMPLES / "plans" / "shaping.toml").read_text("utf-8").replace("may_leave = true\n", "")
    plan.write_text(text.replace("../papers", str(EXAMPLES / "papers")), "utf-8")
    (permit,) = office.stand(str(plan.with_suffix(""))).values()
    assert office.channel("show").call("my-filters", address="198.51.100.20")["filters"] == []
    with pytest.raises(KeepSaidNo, match="not-filtered-here"):
        office.channel("show").call("throw-my-switch", address="198.51.100.20", permit=permit, to="off")


def test_who_left_is_forgotten_days_after_the_last_permit_to_shape_though_counting_goes_on(routed: Routed) -> None:
    throw(routed, "198.51.100.20", "off")
    with routed.office.turn() as world:
        forget.carry_out(world, forget.Forget())
    routed.office.withdraw(routed.permit)
    assert [p["step"] for p in routed.office.permits() if p["state"] == "in-force"] == ["count-volumes"]
    routed.office.watch.wind(days=8)
    with routed.office.turn() as world:
        assert forget.carry_out(world, forget.Forget())["switches"] == 1
        assert records.rows(world.db, records.SWITCHES) == []


def test_a_link_that_somebody_else_shapes_is_left_alone_and_said(routed: Routed) -> None:
    routed.links.there = Classes(taken=frozenset({"lines"}), known=frozenset({"lines"}))
    found = routed.effects()
    assert found["state"] == "differs"
    assert set(found["left"]) == {"tc another-root lines", "tc no-link internet"}
    assert found["effects"][0]["there"]["class lines"] == 0


def test_without_the_permit_no_class_is_left(routed: Routed) -> None:
    routed.effects()
    routed.office.withdraw(routed.permit)
    assert routed.effects()["effects"] == []
    assert routed.links.there.links == {}


def test_people_are_shown_shares_and_hours_and_with_a_permit_what_it_holds_them_against(office: Office) -> None:
    found = office.terminal.call("volumes")
    assert [(s["over_mb"], s["lines"], s["octets_permille"]) for s in found["steps"]] == [(0, 52, 1000), (100, 52, 1000), (5000, 12, 918)]
    assert [h["hour"] for h in found["hours"]] == [20, 21, 22, 23]
    assert (found["shaped"], found["hours"][0]["heavy_kbit"]) == (None, found["hours"][0]["kbit"])
    (permit,) = shaped(office)
    found = office.terminal.call("volumes")
    assert (found["shaped"]["permit"], found["shaped"]["full_kbit"], found["hours"][0]["heavy_kbit"]) == (permit, 32_000, 40_000)


def test_with_the_counting_withdrawn_there_is_nothing_to_show(office: Office) -> None:
    (count,) = [p["id"] for p in office.permits() if p["step"] == "count-volumes"]
    office.withdraw(count)
    found = office.terminal.call("volumes")
    assert (found["days"], found["steps"], found["hours"], found["permit"]) == ([], [], [], None)
