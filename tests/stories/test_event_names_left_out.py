"""D0.1: whoever did not agree is never told of by the resolver. A real browser agrees, a real dnsdist and unbound answer, addresses change.

Two devices ask for names all along; one agreed to that, one did not. In the end every byte that anybody wrote is searched. Then our own
reader takes the place of the listening test, a hundred devices more ask, and what the board shows of them is a number.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from signal import SIGCONT, SIGSTOP, SIGUSR1
from typing import Any

import pytest

from lab.network import sh
from sekisho.desk.portal import told_resolver
from sekisho.effects.client_set import HEART, TABLE
from tests.conftest import need
from tests.node import Time
from tests.resolver import Tap, asked, frame, in_wire, resolving, send
from tests.stories.test_event_portal import GATE4, GATE6, OUTSIDE4, PORTAL, SITE, Venue, answers, open_venue

A4, A6, B4, B6 = "198.51.100.10", "2001:db8:100::10", "198.51.100.11", "2001:db8:100::11"
NEW4, PRIVACY6, PRIVACY6_B = "198.51.100.30", "2001:db8:100::f00d:1", "2001:db8:100::f00d:2"
AGREED, SILENT = "a", "b"
PERMIT = "attendee-names"
CROWD, BYSTANDERS = 110, 10
SHOWN, RARE, UNSAID = "said-site.net", "said-once.net", "whisper-site.net"
WINDOW, DELAY = timedelta(hours=9, seconds=2), timedelta(minutes=15)
EARLIER = """
import runpy, signal, sys
from datetime import timedelta
from sekisho.faces.processes import parent
real, moved = parent.now, [timedelta(seconds=float(sys.argv.pop(1)))]
parent.now = lambda: real() + sum(moved, timedelta())
signal.signal(signal.SIGUSR1, lambda *_: moved.append(timedelta(hours=9, seconds=2)))
runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
"""
"""Starts one of our processes on the story's clock: it is three in the morning, so that a window of nine hours ends on its day."""


@dataclass
class Names:
    """A venue, its resolver, and every name that was asked for: by whom agreed, and by whom not."""

    venue: Venue
    tap: Tap
    permits: list[str] = field(default_factory=list)
    secret: list[str] = field(default_factory=list)
    open_: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)
    gateway: subprocess.Popen[bytes] = field(init=False)
    reader: subprocess.Popen[bytes] = field(init=False)

    def start(self, role: str) -> subprocess.Popen[bytes]:
        return self.venue.start(role, ("-c", EARLIER, str(self.venue.desk.time.moved.total_seconds())))

    def ask(self, device: str, source: str, kept: list[str]) -> str:
        """A name nobody asked for before; it has to be answered, whoever asks."""
        name = f"n{next(self.numbers)}.{'whisper' if kept is self.secret else 'said'}.test"
        kept.append(name)
        to = GATE6 if ":" in source else GATE4
        answered = (self.venue.inside(device, lambda: asked(to, name, source)) for _ in range(3))  # as every device asks again
        assert any(answered), (device, source)
        return name

    def told(self, source: str) -> None:
        """Within what is promised, and the second that dnsdist gathers, a question of the device that agreed is told of."""
        mine: set[str] = set()

        def heard() -> bool:
            mine.add(self.ask(AGREED, source, self.open_))
            time.sleep(0.2)
            return bool(mine & set(self.tap.names))

        self.venue.within(f"{source} is told of", heard, 4)

    def members(self) -> int:
        """Addresses in the kernel's set."""
        listed = sh("ip", "netns", "exec", self.venue.name("g"), "nft", "list", "table", "inet", TABLE)
        return listed.count(" expires ")


def morning() -> timedelta:
    """From now to the next three o'clock in Japan."""
    now = datetime.now(UTC)
    return (now.replace(hour=18, minute=0, second=0) - now) % timedelta(days=1)


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Names]:
    need("ip", "nft", "dnsdist", "unbound", "chromium")
    folder = tmp_path_factory.mktemp("names")
    with open_venue(folder, f'dnstap = "{folder}/tap"', Time(morning())) as venue:
        lines = told_resolver.carry_out(venue.desk.place.settings)["text"]
        tap = venue.open_.enter_context(resolving(venue.name("g"), folder / "resolver", lines, folder / "tap"))
        venue.site(80)
        found = Names(venue, tap)
        found.gateway = found.start("gateway")
        found.start("portal")
        venue.within("the page", lambda: answers(venue, PORTAL), 10)
        venue.desk.people.stand("event-portal")
        venue.within("the resolver", lambda: bool(venue.inside(SILENT, lambda: asked(GATE4, "up.test", B4, wait=0.3))), 10)
        yield found


def agree_in_a_browser(venue: Venue) -> None:
    """From any site to the page, one tick, one press; without a script."""
    from playwright.sync_api import sync_playwright

    wrapper = venue.folder / "browser"
    wrapper.write_text(f'#!/bin/sh\nexec ip netns exec {venue.name(AGREED)} /usr/bin/chromium "$@"\n', encoding="utf-8")
    wrapper.chmod(0o755)
    rules = f"--host-resolver-rules=MAP www.example.test {OUTSIDE4}"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(wrapper), args=["--no-sandbox", rules])
        page = chromium.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False, locale="en-GB").new_page()
        page.goto(SITE)
        assert page.url == PORTAL
        page.locator("input[type=checkbox]").first.check()
        page.get_by_role("button", name="Share what I ticked").click()
        assert "answer" in page.locator("main").inner_text()
        chromium.close()


def somebody_else_agrees(venue: Venue) -> None:
    """A third device, which is elsewhere: so the permit has somebody's consent to stand on all along."""
    channel, third = venue.desk.channel("portal"), "02:00:00:00:00:33"
    shown = {o["purpose"]: o["digest"]["en"] for o in channel.call("portal-page", hardware=third)["offers"]}
    channel.call("answer-portal", hardware=third, agreed=[PERMIT], shown=shown, language="en")
    channel.close()


def somebody(number: int) -> tuple[str, str]:
    """Hardware address and address of one more device."""
    return f"02:00:00:00:01:{number:02x}", f"198.51.100.{number}"


def arrive(names: Names) -> None:
    """A crowd that agrees to names, and bystanders who say nothing; the gateway's neighbour table has them all."""
    channel = names.venue.desk.channel("portal")
    shown = {o["purpose"]: o["digest"]["en"] for o in channel.call("portal-page")["offers"]}
    for number in range(40, 40 + CROWD + BYSTANDERS):
        hardware, address = somebody(number)
        sh("ip", "-n", names.venue.name("g"), "neigh", "replace", address, "lladdr", hardware, "dev", "wifi0", "nud", "reachable")
        if number < 40 + CROWD:
            channel.call("answer-portal", hardware=hardware, agreed=[PERMIT], shown=shown, language="en")
    channel.close()


def crowd_asks(names: Names) -> None:
    """Every device of the crowd for one site, one of them for another, every bystander for a third."""
    gate = sh("ip", "netns", "exec", names.venue.name("g"), "cat", "/sys/class/net/wifi0/address").strip()
    asks = [(n, f"n{n}.{SHOWN}") for n in range(40, 40 + CROWD)] + [(40, RARE)]
    asks += [(n, f"n{n}.{UNSAID}") for n in range(40 + CROWD, 40 + CROWD + BYSTANDERS)]
    frames = [frame(*somebody(number), gate, GATE4, name) for number, name in asks]
    names.venue.inside(AGREED, lambda: send(frames, "wan"))


def panel(names: Names) -> dict[str, Any]:
    return next(p for p in names.venue.desk.channel("show").call("board")["panels"] if p["name"] == "names")


def heard(names: Names) -> dict[str, int]:
    """What our reader says of itself."""
    every = names.venue.desk.world.keep.call("overview")["health"]
    return next((h["counters"] for h in every if h["process"] == "tap"), {})


def test_before_anybody_agreed_nobody_is_told_of_and_everybody_is_answered(names: Names) -> None:
    for device, source in ((AGREED, A4), (SILENT, B4), (SILENT, B6)):
        names.ask(device, source, names.secret)
    assert names.members() == 0


def test_who_agreed_in_a_browser_is_told_of_once_there_is_a_permit_and_the_other_is_not(names: Names) -> None:
    agree_in_a_browser(names.venue)
    assert names.venue.form(SILENT, "refuse").status_code == 303
    somebody_else_agrees(names.venue)
    names.ask(AGREED, A4, names.secret)
    assert names.members() == 0, "an answer alone is no permit"
    names.permits = names.venue.desk.people.stand(PERMIT)
    names.told(A4)
    names.told(A6)
    for source in (B4, B6):
        names.ask(SILENT, source, names.secret)


def test_addresses_change_hands_and_what_is_told_of_stays_with_the_device_that_agreed(names: Names) -> None:
    """The device that agreed moves on, and has a privacy address more; the other one takes the address that it left, and one more too."""
    agreed, silent = names.venue.name(AGREED), names.venue.name(SILENT)
    sh("ip", "-n", agreed, "addr", "add", PRIVACY6 + "/64", "dev", "wan", "nodad")
    sh("ip", "-n", silent, "addr", "add", PRIVACY6_B + "/64", "dev", "wan", "nodad")
    sh("ip", "-n", agreed, "addr", "del", A4 + "/24", "dev", "wan")
    sh("ip", "-n", agreed, "addr", "add", NEW4 + "/24", "dev", "wan")
    sh("ip", "-n", silent, "addr", "add", A4 + "/24", "dev", "wan")
    sh("ip", "-n", silent, "neigh", "flush", "dev", "wan")
    for source in (A4, PRIVACY6_B, A4, B6):
        names.ask(SILENT, source, names.secret)
    names.told(NEW4)
    names.told(PRIVACY6)
    for source in (A4, PRIVACY6_B):
        names.ask(SILENT, source, names.secret)


def test_the_terminal_shows_how_many_addresses_are_in_the_set_and_none_of_them(names: Names) -> None:
    def shown() -> bool:
        (one,) = (e for e in names.venue.desk.world.keep.call("effects")["gateway"]["effects"] if e["measure"] == PERMIT)
        return bool(one["same"] and one["there"]["clients"] == names.members() and one["packets"] > 0)

    names.venue.within("shown", shown, 4)


def test_after_one_press_nothing_more_is_told_of(names: Names) -> None:
    assert names.venue.form(AGREED, "withdraw").status_code == 303
    names.venue.within("out of the set", lambda: names.members() == 0)
    for source in (NEW4, A6, PRIVACY6):
        names.ask(AGREED, source, names.secret)


def test_with_a_killed_gateway_the_set_empties_by_itself_and_nobody_gets_in(names: Names) -> None:
    assert names.venue.form(AGREED, "agree", PERMIT).status_code == 303
    names.told(NEW4)
    names.gateway.kill()
    names.gateway.wait()
    assert names.members() > 0
    names.venue.within("empty by itself", lambda: names.members() == 0, HEART + 1)
    for device, source in ((AGREED, NEW4), (SILENT, A4), (AGREED, PRIVACY6)):
        names.ask(device, source, names.secret)


def test_what_the_other_asked_for_is_found_nowhere_in_any_byte_that_anybody_wrote(names: Names) -> None:
    """The resolver's stream, its logs, ours, journal, ledger and database. A new gateway first: by then dnsdist told what it had."""
    names.start("gateway")
    names.told(NEW4)
    marks = [m for n in names.secret for m in (n.encode(), in_wire(n))]
    assert len(names.secret) >= 15
    assert "whisper" not in " ".join(names.tap.names)
    files = {p: p.read_bytes() for p in names.venue.folder.rglob("*") if p.is_file() and p.name != "browser"}
    assert len(files) > 20
    assert {"unbound.log", "dnsdist.out.log", "gateway.log", "portal.log"} <= {p.name for p in files}
    files[names.tap.path] = bytes(names.tap.raw)
    assert not [(p, m) for p, body in files.items() for m in [*marks, b"\x07whisper", b"whisper.test"] if m in body]
    said = {p for p, body in files.items() if b"\x04said" in body or b"said.test" in body}
    assert said == {names.tap.path}, "and what was agreed to is in the stream alone"


def connected(names: Names) -> bool:
    """Whether somebody holds a conversation with our reader's socket: dnsdist looks each second whether anybody listens."""
    rows = [row.split() for row in Path(f"/proc/{names.reader.pid}/net/unix").read_text("ascii").splitlines()]
    return any(row[5] == "03" for row in rows if row[-1] == str(names.tap.path))


def test_our_reader_takes_over_and_counts_who_agreed_and_nobody_else(names: Names) -> None:
    names.tap.close()
    names.reader = names.start("tap")
    before = names.members()
    arrive(names)
    names.venue.within("our socket", names.tap.path.exists, 10)
    names.venue.within("all who agreed are in the set", lambda: names.members() >= before + CROWD, 10)
    names.venue.within("dnsdist found who listens", lambda: connected(names), 30)
    time.sleep(1)
    crowd_asks(names)
    names.ask(SILENT, B6, names.secret)
    names.venue.within("counted", lambda: heard(names).get("counted", 0) >= CROWD + 1, 15)
    assert heard(names)["counted"] == CROWD + 1
    assert not heard(names).get("left-out"), "what was not agreed to did not even reach our reader"


def after_its_delay(names: Names) -> Any:
    """What is told when the delay has passed once more: the loss is spent a moment before the numbers come, and only they begin to wait."""
    names.venue.desk.time.pass_(seconds=DELAY.total_seconds())
    return panel(names)["numbers"]["told"]


def test_the_window_over_the_board_shows_after_its_delay_a_number_of_devices_and_no_device(names: Names) -> None:
    names.reader.send_signal(SIGSTOP)  # both clocks move before it looks at either: a lease of another hour is none, and all is forgotten
    names.venue.desk.time.pass_(seconds=WINDOW.total_seconds())
    names.reader.send_signal(SIGUSR1)
    names.reader.send_signal(SIGCONT)
    names.venue.within("released", lambda: panel(names)["numbers"]["spent"]["rho"] > 0, 5)
    assert panel(names)["numbers"]["told"] is None, "it waits, and may be stopped meanwhile"
    names.venue.within("told", lambda: after_its_delay(names) is not None, 5)
    told = panel(names)["numbers"]["told"]
    assert [row["name"] for row in told["rows"]] == [SHOWN], "one device alone stands nowhere"
    assert told["threshold"] < told["rows"][0]["devices"] < 2 * CROWD


def test_our_reader_killed_leaves_nothing_in_any_byte(names: Names) -> None:
    crowd_asks(names)
    names.reader.kill()
    names.reader.wait()
    marks = [m for n in (SHOWN, RARE, UNSAID) for m in (n.encode(), in_wire(n))]
    marks += [somebody(n)[0].encode() for n in (40, 40 + CROWD)]
    files = {p: p.read_bytes() for p in names.venue.folder.rglob("*") if p.is_file() and p.name != "browser"}
    assert "tap.log" in {p.name for p in files}
    assert not [(p, m) for p, body in files.items() for m in marks if m in body]
