"""An application before it is slowed down: its ports are counted, only a distribution leaves; no data of that very class, no shaping."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest

from sekisho.desk import records, volumes
from sekisho.desk.access import switches
from sekisho.desk.access.hold_kernel import HoldKernel
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.permitting import remeasure
from sekisho.effects.htb import Classes
from sekisho.law.canonical import canonical
from sekisho.measures.ladder import LEAST, WHOLE_DAY
from tests.desk.office import EXAMPLES, Office
from tests.desk.test_op25b import missing
from tests.desk.test_shaping import EVENING, GIGA, counting, figures, look, office
from tests.effects.test_nft import Model
from tests.effects.test_shaping import Router

__all__ = ["counting", "office"]

USERS, OTHERS = 12, 40
TCP, UDP, P2P, WEB = 6, 17, 6885, 443
Flow = tuple[str, int, int, int, datetime]
"""A line, the protocol, the other side's port, octets, and when it began."""


def ipfix(at: datetime, *flows: Flow) -> bytes:
    """An IPFIX message (RFC 7011) of what lines fetched, its template in front."""
    fields = [(8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (1, 8), (150, 4), (151, 4)]
    template = struct.pack("!HH", 256, len(fields)) + b"".join(struct.pack("!HH", *f) for f in fields)
    other = ip_address("203.0.113.80").packed
    parts = [
        other + ip_address(line).packed + struct.pack("!HHBQII", port, 40000, protocol, octets, int(t.timestamp()), int(t.timestamp()) + 60)
        for line, protocol, port, octets, t in flows
    ]
    sets = struct.pack("!HH", 2, 4 + len(template)) + template + struct.pack("!HH", 256, 4 + sum(map(len, parts))) + b"".join(parts)
    return struct.pack("!HHIII", 10, 16 + len(sets), int(at.timestamp()), 0, 7) + sets


def evening(users: int = USERS, others: int = OTHERS, share: int = GIGA) -> Iterator[Flow]:
    """Each hour from 20 to 24 o'clock some lines fetch a gigabyte by the ports and half as much besides; all use the web a little."""
    for hour in range(4):
        at = EVENING + timedelta(hours=hour)
        for n in range(users):
            yield f"198.51.100.{n + 1}", (TCP, UDP)[n % 2], P2P, share, at
            yield f"198.51.100.{n + 1}", TCP, WEB, GIGA // 2, at
        for n in range(others):
            yield f"198.51.100.{n + 101}", TCP, WEB, 20_000_000, at


def export(office: Office, *flows: Flow) -> None:
    intake = office.intake()
    intake.renew()
    for at in range(0, len(flows), 30):
        intake.feed(("192.0.2.1", 4739), ipfix(office.watch.at, *flows[at : at + 30]), int(office.watch.at.timestamp() * 1000))
    intake.turn()
    intake.turn()
    intake.close()


def plan(folder: Path, **changed: str) -> str:
    """The example, some of its lines said otherwise."""
    text = (EXAMPLES / "plans" / "class-shaping.toml").read_text("utf-8").replace("../papers", str(EXAMPLES / "papers"))
    lines = [
        f"{line.split(' =')[0]} = {changed[line.split(' =')[0]]}" if line.split(" =")[0] in changed else line for line in text.splitlines()
    ]
    (folder / "changed.toml").write_text("\n".join(lines), "utf-8")
    return str(folder / "changed")


@pytest.fixture(scope="module")
def _counting(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = Office(_founded).copied_closed(tmp_path_factory.mktemp("class") / "home").open()
    office.stand("class-shaping-count")
    office.close()
    return office.home


@pytest.fixture(scope="module")
def _counted(_counting: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = Office(_counting).copied(tmp_path_factory.mktemp("class-counted") / "home")
    export(office, *evening())
    look(office)
    office.close()
    return office.home


def shaped(office: Office, name: str = "class-shaping") -> list[str]:
    return list(office.stand(name).values())


def test_a_distribution_of_the_application_leaves_beside_all_that_lines_moved(office: Office) -> None:
    rows = figures(office, "class-shaping")
    day = {r["over_mb"]: (r["lines"], r["octets"]) for r in rows if r["hour"] == WHOLE_DAY}
    assert day == {0: (USERS + OTHERS, 4 * (USERS * 3 * GIGA // 2 + OTHERS * 20_000_000)), 2000: (USERS, 4 * USERS * GIGA)}
    assert {k for r in rows for k in r} == {"day", "hour", "above_mb", "over_mb", "lines", "octets"}


def test_with_data_few_lines_application_is_shaped_and_with_the_data_gone_it_is_not(office: Office) -> None:
    (permit,) = shaped(office)
    (count,) = [p["id"] for p in office.permits() if p["step"] == "count-class"]
    with office.turn() as world:
        assert remeasure.carry_out(world, remeasure.Remeasure())["ended"] == 0
    office.withdraw(count)
    with office.turn() as world:
        assert remeasure.carry_out(world, remeasure.Remeasure())["ended"] == 1
    assert {p["id"]: p["state"] for p in office.permits()}[permit] == "ended"


def lacks(office: Office, name: str) -> set[str]:
    """Conditions of C-04 that the gate found unmet, for a plan with all its papers."""
    identity = office.propose(name)
    office.supply(identity, name)
    return missing(office, identity)


DATA = {"heavy-users-hamper", "situation-calls-for-it", "objective-data"}


def test_without_data_it_is_refused_and_says_which_data(counting: Office) -> None:
    """Example 26: to count is permitted, and nothing was counted yet."""
    assert lacks(counting, "class-shaping") == {*DATA, "only-as-needed", "degree-from-data"}
    assert [p["step"] for p in counting.permits()] == ["count-class"]


@pytest.mark.parametrize(
    ("changed", "unmet"),
    [
        ({"few_permille": "100"}, {"heavy-users-hamper"}),
        ({"few_permille": '"few"'}, {"heavy-users-hamper"}),
        ({"heavy_permille": "700"}, {"heavy-users-hamper"}),
        ({"udp": '["6881"]'}, {"situation-calls-for-it"}),
        ({"kbit": "16000"}, {"degree-from-data"}),
        ({"hours": '"18-24"'}, {"only-as-needed"}),
        ({"heavy_mb": "5000"}, DATA),
        ({"udp": '["6881-6889"]\npattern = ["13426974546f7272656e74"]'}, {*DATA, "no-content", "only-as-needed", "degree-from-data"}),
        ({"lines": '"some-lines"'}, {"alike", "applied-alike"}),
    ],
    ids=["most lines use it", "how many are few is not said", "it is not that much", "counted of other ports", "narrower than needed",
         "while the band is free too", "nobody moves so much of it", "it would have to be read for", "not alike for all"],
)  # fmt: skip
def test_what_the_data_do_not_carry_is_refused_with_just_that_reason(
    office: Office, tmp_path: Path, changed: dict[str, str], unmet: set[str]
) -> None:
    assert lacks(office, plan(tmp_path, **changed)) == unmet


def test_counting_by_what_packets_say_is_refused(counting: Office, tmp_path: Path) -> None:
    text = (EXAMPLES / "plans" / "class-shaping-count.toml").read_text("utf-8").replace("../papers", str(EXAMPLES / "papers"))
    (tmp_path / "read.toml").write_text(text.replace('udp = ["6881-6889"]', 'pattern = ["13426974546f7272656e74"]'), "utf-8")
    assert "volumes-only" in lacks(counting, str(tmp_path / "read"))


def test_fewer_than_ten_lines_that_use_it_are_not_told(counting: Office) -> None:
    export(counting, *evening(users=LEAST - 1))
    look(counting)
    assert {r["over_mb"] for r in figures(counting, "class-shaping")} == {0}
    assert lacks(counting, "class-shaping") >= DATA


def test_the_figures_of_heavy_users_carry_no_application(office: Office) -> None:
    """Evidence serves the one purpose it was counted for."""
    with office.turn() as world:
        row = records.one(world.db, records.FIGURES, measure="class-shaping")
        assert row is not None
        world.db.execute(records.FIGURES.update().values(measure="shaping"))
        assert volumes.counted(world, "class-shaping") is None
    assert lacks(office, "class-shaping") >= DATA


def test_success_ends_it_too(office: Office) -> None:
    """The next evening hardly anybody used it: what is counted then says so."""
    (permit,) = shaped(office)
    with office.turn() as world:
        row = volumes.counted(world, "class-shaping")
        assert row is not None
        body = records.body(dict(row))
        quiet = [r for r in body["rows"] if r["over_mb"] == 0]
        world.db.execute(records.FIGURES.update().values(body=canonical({**body, "rows": quiet})))
        assert remeasure.carry_out(world, remeasure.Remeasure())["ended"] == 1
    assert {p["id"]: p["state"] for p in office.permits()}[permit] == "ended"


def test_a_line_reads_which_ports_are_meant_and_its_switch_counts_for_this_alone(office: Office) -> None:
    (permit,) = shaped(office)
    links = Router(Classes(known=frozenset({"lines", "internet"})))
    holder = HoldKernel(office.outside("hold"), Model(None), links)
    show = office.channel("show")
    (mine,) = show.call("my-filters", address="198.51.100.20")["filters"]
    assert mine["shape"]["application"] == [["tcp", [6881, 6889]], ["udp", [6881, 6889]]]
    assert "jp/C-04/6" in [c["id"] for c in mine["cases"]]
    show.call("throw-my-switch", address="198.51.100.20", permit=permit, to="off")
    holder.hear()
    holder.turn()
    (effect,) = office.terminal.call("effects")["effects"]
    assert effect["same"]
    assert (effect["measure"], effect["there"]["left4_32"], effect["there"]["class lines"]) == ("class-shaping", 1, 17_000)
    with office.turn() as world:
        assert set(switches.off(world, "class-shaping")) == {"198.51.100.20/32"}
        assert not switches.off(world, "shaping")


def test_people_are_shown_the_application_beside_all_traffic_and_of_no_other_measure(office: Office) -> None:
    found = office.terminal.call("volumes", measure="class-shaping")
    assert (found["target"], found["application"]) == ("peer-to-peer", {"tcp": ["6881-6889"], "udp": ["6881-6889"]})
    assert [(s["over_mb"], s["lines"], s["octets_permille"]) for s in found["steps"]] == [(0, 52, 1000), (2000, 12, 638)]
    assert office.terminal.call("volumes")["days"] == [], "nobody counted what heavy users move"
    shaped(office)
    (first, *_) = office.terminal.call("volumes", measure="class-shaping")["hours"]
    assert (first["hour"], first["heavy_kbit"]) == (20, 26_667)
    with pytest.raises(KeepSaidNo, match="no-such-distribution"):
        office.terminal.call("volumes", measure="op25b")
