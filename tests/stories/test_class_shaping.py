"""D2.1 of an application, on real packets: its ports go by the class, alike for all, and nothing else of any line does.

The router is a namespace with `hold` as the process it is and real HTB classes; iperf3 answers at a port of the application and at another.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest

from sekisho.faces.processes import work
from sekisho.faces.unsafe import demo as unsafe_demo
from tests.desk.test_class_shaping import P2P, TCP, UDP, WEB, ipfix
from tests.stories.test_op25b import Lab
from tests.stories.test_shaping import HEAVY, KBIT, OTHER, best, classes, in_class, moved, plan, same, shaped, two_lines

ITS = ("-p", str(P2P))
"""By a port of the application; without these words iperf3 takes its own port, which is none of them."""
CLASS = KBIT / 1000


def asked(lab: Lab, **changed: str) -> list[str]:
    """The plan, through proposal, papers and both reviews, to its permits."""
    people = lab.desk.people
    return unsafe_demo.stand(people.world, people.keys, people.place.book, plan(lab, "class-shaping", **changed))


def counted(lab: Lab) -> None:
    """What an exporter tells of this hour and the next: twelve lines moved a gigabyte by the ports, all forty-eight a little besides."""
    lab.desk.people.stand("class-shaping-count")
    intake, now = lab.desk.intake(accounting=False), lab.desk.time.wall()
    for hours in (0, 1):
        at = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours)
        fetched = [(f"198.51.100.{n + 20}", (TCP, UDP)[n % 2], P2P, 10**9, at) for n in range(12)]
        besides = [(f"198.51.100.{n + 20}", TCP, WEB, 10**6, at) for n in range(48)]
        for flows in (fetched, besides[:24], besides[24:]):
            intake.feed(("198.51.100.1", 4739), ipfix(now, *flows), int(now.timestamp() * 1000))
    for _ in range(3):
        intake.turn()
    intake.close()
    for name in lab.desk.due():
        work.look(lab.desk.outside("work", [name]), name)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with two_lines(tmp_path_factory.mktemp("class-shaping"), (), ITS) as lab:
        yield lab


def test_no_data_of_the_application_no_shaping(lab: Lab) -> None:
    """Example 26: nothing was counted, so both reviewers sign and still there is no permit, no rule and no class."""
    assert asked(lab) == []
    assert "htb" not in lab.net.run(lab.net.router, "tc", "qdisc", "show")


def test_an_application_that_would_have_to_be_read_for_is_shaped_by_nobody(lab: Lab) -> None:
    """C-04(3), (5): what a packet says is no header fact. The data are there by now; with them the ports alone are permitted."""
    counted(lab)
    lab.within("shaped", lambda: shaped(lab), 12)
    (lab.permit,) = (p["id"] for p in lab.desk.people.permits("shape"))
    assert asked(lab, udp='["6881-6889"]\npattern = ["13426974546f7272656e74"]') == []
    lab.within("both sides the same", lambda: same(lab), 4)
    assert "payload" not in lab.nft("list table inet sekisho")
    assert "@ih" not in lab.nft("list table inet sekisho")


def test_the_application_moves_what_its_class_lets_and_the_rest_of_the_same_line_whatever_it_likes(lab: Lab) -> None:
    """Example 24: within a tenth of the class by iperf3, down and up; by another port the same line is not slowed down by a packet."""
    assert moved(lab, 2, OTHER, "-R", "-n", "4M", *ITS) > 3 * CLASS, "below the test"
    moved(lab, 1, HEAVY, "-R", "-n", "12M", *ITS)
    down, up = best(lab, "-R", *ITS), best(lab, *ITS)
    sent = in_class(lab)
    rest = moved(lab, 1, HEAVY, "-R", "-n", "12M")
    sys.stdout.write(f"class {CLASS} Mbit/s: down {down:.1f}, up {up:.1f}; the same line by another port {rest:.0f}\n")
    assert down == pytest.approx(CLASS, rel=0.1)
    assert up == pytest.approx(CLASS, rel=0.1)
    assert rest > 3 * CLASS
    assert in_class(lab) == sent, "not one packet of the rest went by the class"


def by_the_class(lab: Lab) -> bool:
    """Whether what the first line fetches by the application's port goes through the class."""
    before = in_class(lab)
    moved(lab, 1, HEAVY, "-R", "-n", "256K", *ITS)
    return in_class(lab) - before > 200_000


def test_a_line_reads_which_ports_and_leaves_within_two_seconds(lab: Lab) -> None:
    page = lab.browse(lambda client: client.get("/filters")).text
    for said in (f"Bandwidth control for {HEAVY}", "10 MB by TCP 6881-6889, UDP 6881-6889", "jp/C-04/6", lab.permit):
        assert said in page
    assert by_the_class(lab)
    assert "Your line has left bandwidth control" in lab.press("off")
    lab.within("left", lambda: not by_the_class(lab))
    assert moved(lab, 1, HEAVY, "-R", "-n", "12M", *ITS) > 3 * CLASS
    assert "takes part in bandwidth control again" in lab.press("on")
    lab.within("back", lambda: by_the_class(lab))


def test_data_gone_shaping_gone(lab: Lab) -> None:
    """The counting is withdrawn; nobody touches the permit to shape, and it ends at the next measurement, the kernel with it."""
    lab.desk.people.withdraw(lab.desk.people.permits("count-class")[0]["id"])
    lab.within("no data", lambda: not any(classes(lab).values()), 12)
    assert not lab.desk.people.permits("shape")
    assert moved(lab, 1, HEAVY, "-R", "-n", "12M", *ITS) > 3 * CLASS
    assert "sekisho" not in lab.nft("list tables")
    sys.stdout.write(f"{ {what: f'{seconds:.2f} s' for what, seconds in lab.took.items()} }\n")
