"""A filter with a switch on real packets: a router in a namespace, lines behind it, servers in front, `hold` as the process it is.

Row D2.3: "switching off takes effect in seconds on the wire".

Refused are packets of the classes that customers were told of, to lines that have not switched the filter off; to nobody else, and
only while the permit lives.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lab.network import network
from sekisho.faces.processes.channel import KeepSaidNo
from sekisho.faces.unsafe import demo as unsafe_demo
from tests.conftest import need
from tests.node import EXAMPLES
from tests.stories.test_op25b import Lab, console

LINE, OTHER, SERVER = "198.51.100.20", "198.51.100.21", "203.0.113.66"
BITTORRENT = b"\x13BitTorrent protocol" + bytes(48)
WEB = b"GET / HTTP/1.1\r\nHost: example.net\r\n\r\n"
STREAM, SEARCH = 51413, 4672


class Filtered(Lab):
    """What passes between a line and a server outside, and the plan of the examples with another start."""

    tariffs: Path

    def laid_before(self, starts: timedelta) -> str:
        """The plan that starts so long from now, with its papers."""
        example = (EXAMPLES / "plans" / "default-on-filter.toml").read_text("utf-8")
        said = (datetime.now(UTC) + starts).isoformat(timespec="seconds")
        text = re.sub(r'starts = "[^"]*"', f'starts = "{said}"', example).replace("../papers", str(EXAMPLES / "papers"))
        path = self.net.folder / f"plan-{starts.days}.toml"
        path.write_text(text, "utf-8")
        people = self.desk.people
        return unsafe_demo.lay_before(people.world, people.keys, people.place.book, path)

    def approved(self, plan: str) -> None:
        assert self.desk.people.approve("reviewer-a", plan) == []
        (self.permit,) = self.desk.people.approve("reviewer-b", plan)

    def says(self, line: int, source: str, words: bytes) -> bool:
        """Whether a server answers what the line says on a connection, to a port that means nothing."""

        def ask() -> bool:
            with socket.create_connection((SERVER, STREAM), 3, (source, 0)) as sock:
                sock.settimeout(1)
                with suppress(OSError):
                    sock.sendall(words)
                    return sock.recv(len(words)) != b""
            return False

        return bool(self.inside(self.net.line(line), ask))

    def searches(self, line: int, source: str, octets: int = 40) -> bool:
        """Whether a datagram of so many octets to a port of eDonkey is answered."""

        def ask() -> bool:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                sock.bind((source, 0))
                sock.settimeout(1)
                sock.connect((SERVER, SEARCH))
                with suppress(OSError):
                    sock.send(bytes(octets))
                    return sock.recv(octets) != b""
            return False

        return bool(self.inside(self.net.line(line), ask))

    def shares(self, line: int = 1, source: str = LINE) -> bool:
        return self.says(line, source, BITTORRENT)


@contextmanager
def servers(lab: Lab) -> Iterator[None]:
    """A server that says back what it is told: connections on one port, datagrams on the other."""
    listening = lab.inside(lab.net.internet, lambda: socket.create_server((SERVER, STREAM)))
    datagrams = lab.inside(lab.net.internet, lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    lab.inside(lab.net.internet, lambda: datagrams.bind((SERVER, SEARCH)))

    def one(sock: socket.socket) -> None:
        with sock, suppress(OSError):
            sock.settimeout(1)
            sock.sendall(sock.recv(200))

    def connections() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=one, args=(listening.accept()[0],), daemon=True).start()

    def answers() -> None:
        with suppress(OSError):
            while True:
                said, who = datagrams.recvfrom(2000)
                datagrams.sendto(said, who)

    for serve in (connections, answers):
        threading.Thread(target=serve, daemon=True).start()
    try:
        yield
    finally:
        for sock in (listening, datagrams):
            sock.shutdown(socket.SHUT_RDWR) if sock is listening else None
            sock.close()


def lacks(lab: Lab, plan: str) -> set[str]:
    """Which conditions this plan lacks."""
    (said,) = lab.desk.world.keep.call("plan", plan=plan)["decisions"]
    return {m["condition"] for m in said["missing"]}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filtered]:
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root: run the tests as root to have the live lab")
    need("ip", "nft")
    folder = tmp_path_factory.mktemp("filters")
    with network(2, folder) as net:
        net.give_address(LINE, 1)
        net.give_address(OTHER, 2)
        net.give_server(SERVER)
        tariffs = shutil.copytree(EXAMPLES / "tariffs", folder / "tariffs")
        with Filtered.over(net, f'tariffs = "{tariffs}"\n') as lab, servers(lab), console(lab):
            lab.tariffs = tariffs
            yield lab


def test_until_the_software_tried_the_switch_itself_there_is_no_permit(lab: Filtered) -> None:
    """Everything else is laid in and signed. Then `hold` throws a switch in the kernel, compares on and off, and the plan is permitted."""
    plan = lab.laid_before(timedelta(days=30))
    assert lacks(lab, plan) == {"switch", "parity-live", "parity-path"}
    lab.start()
    lab.within("switch tried, on and off compared", lambda: not lacks(lab, plan), 20)
    lab.approved(plan)
    assert "sekisho_switch_test" not in lab.nft("list tables")


def test_a_month_before_the_start_nothing_is_refused_and_a_line_can_choose(lab: Filtered) -> None:
    page = lab.browse(lambda client: client.get("/filters"))
    for said in ("Not started yet", "You can choose now", lab.permit, LINE, "jp/C-01/1", "BitTorrent"):
        assert said in page.text
    assert "off for your line" in lab.press("off")
    assert lab.shares(2, OTHER)
    lab.desk.people.withdraw(lab.permit)


def test_from_the_start_on_the_told_classes_are_refused_and_nothing_else(lab: Filtered) -> None:
    """And not to the line that chose before."""
    lab.approved(lab.laid_before(timedelta(days=-1)))
    lab.within("started", lambda: not lab.shares(2, OTHER))
    assert lab.shares()
    lab.press("on")
    lab.within("switched on", lambda: not lab.shares())
    assert lab.says(1, LINE, WEB)
    assert not lab.searches(1, LINE)
    assert lab.searches(1, LINE, 400), "longer than the class says"


def test_switched_off_flows_pass_within_two_seconds_and_only_of_that_line(lab: Filtered) -> None:
    lab.press("off")
    lab.within("switched off", lab.shares)
    assert lab.searches(1, LINE)
    assert not lab.shares(2, OTHER)
    lab.press("on")
    lab.within("switched on again", lambda: not lab.shares())
    lab.press("off")
    lab.within("switched off again", lab.shares)


def test_both_sides_are_shown(lab: Filtered) -> None:
    lab.within("shown", lambda: lab.effects()["state"] == "same" and lab.effects()["effects"][0]["packets"] >= 2, 4)
    (effect,) = lab.effects()["effects"]
    assert effect["wanted"]["off4_32"] == effect["there"]["off4_32"] == 1


def test_after_a_killed_process_and_an_emptied_kernel_the_switch_still_counts(lab: Filtered) -> None:
    lab.kill()
    lab.nft("flush ruleset")
    assert lab.shares(2, OTHER)
    lab.start()
    lab.within("next process", lambda: not lab.shares(2, OTHER))
    assert lab.shares()


def test_the_page_shows_the_survey_and_what_was_tried_and_compared(lab: Filtered) -> None:
    page = lab.browse(lambda client: client.get("/filters")).text
    for said in ("1,774", "1,601", "1,455", "82", "The question, word for word", "it works", "Price with it on", "Answers and speed"):
        assert said in page
    assert "not the same" not in page


def test_another_price_for_who_switches_off_ends_the_filter_within_two_seconds_and_the_page_says_why(lab: Filtered) -> None:
    """The text that the operator published for "off" is changed while the filter stands; put right, a new permit is needed."""
    text = lab.tariffs / "default-on-filter.off.md"
    before = text.read_text("utf-8")
    assert not lab.shares(2, OTHER)
    text.write_text(before.replace("5,478", "5,808"), "utf-8")
    lab.within("another price", lambda: lab.shares(2, OTHER))
    page = lab.browse(lambda client: client.get("/filters")).text
    assert "price and terms stay the same with the switch on and off" in page
    assert lab.permit in page
    text.write_text(before, "utf-8")
    plan = lab.laid_before(timedelta(days=-1))
    lab.within("the same price again", lambda: not lacks(lab, plan), 8)
    lab.approved(plan)
    lab.within("permitted anew", lambda: not lab.shares(2, OTHER))


def test_withdrawn_everything_passes_within_seconds(lab: Filtered) -> None:
    lab.desk.people.withdraw(lab.permit)
    lab.within("withdrawn", lambda: lab.shares(2, OTHER))
    assert "sekisho" not in lab.nft("list tables")
    with pytest.raises(KeepSaidNo):
        lab.desk.channel("show").call("throw-my-switch", address=LINE, permit=lab.permit, to="on")
    sys.stdout.write(f"{ {what: f'{seconds:.2f} s' for what, seconds in lab.took.items()} }\n")
