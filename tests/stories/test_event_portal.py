"""D0.3: attendees are asked at an event's own portal, on real packets: a gateway in a namespace, devices behind it, a real browser.

Whoever has not answered is led to the page by the kernel; a yes and a no open the network alike; another address is another device.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from lab.network import sh
from sekisho.faces.processes.confine import enter_network
from sekisho.faces.processes.supervise import _hand_over
from tests.conftest import BUSY, need
from tests.node import Desk, Time, thread

GATE4, GATE6 = "198.51.100.1", "2001:db8:100::1"
OUTSIDE4 = "203.0.113.80"
PORTAL = f"http://{GATE4}:8088/"
SITE = "http://www.example.test/"
SECONDS = 2.0
"""What is promised: within so long the kernel is what an answer says."""
LABS = count(1)
SITE_CODE = """
import http.server, sys
class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"the site itself")
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Site).serve_forever()
"""


@dataclass
class Venue:
    """A gateway with a bridge that attendees are on, two devices, and one site outside."""

    tag: str
    folder: Path
    desk: Desk
    open_: ExitStack
    permit: str = ""
    pools: dict[str, ThreadPoolExecutor] = field(default_factory=dict)

    def name(self, which: str) -> str:
        return f"{self.tag}-{which}"

    def inside(self, which: str, call: Callable[[], Any]) -> Any:
        """A call in a thread that is in that namespace."""
        pool = self.pools.setdefault(which, ThreadPoolExecutor(1, initializer=enter_network, initargs=(self.name(which),)))
        return pool.submit(call).result()

    def start(self, role: str, begin: tuple[str, ...] = ("-m",)) -> subprocess.Popen[bytes]:
        """As the supervisor starts it. `begin`: what Python is to do with the module."""
        mine, its = socket.socketpair()
        with mine, its:
            _hand_over(self.desk.control, its, role, ())
            argv = [sys.executable, *begin, f"sekisho.faces.processes.{role}", str(self.desk.place.settings_path), str(mine.fileno())]
            with (self.folder / f"{role}.log").open("ab") as log:
                process = subprocess.Popen(argv, pass_fds=[mine.fileno()], stderr=log, stdout=log)
        self.open_.callback(ended, process)
        return process

    def site(self, port: int) -> None:
        """Serve it outside."""
        argv = ["ip", "netns", "exec", self.name("o"), sys.executable, "-c", SITE_CODE, OUTSIDE4, str(port)]
        self.open_.callback(ended, subprocess.Popen(argv))

    def get(self, device: str, url: str = f"http://{OUTSIDE4}/") -> httpx.Response:
        """What a device gets, without following."""

        def ask() -> httpx.Response:
            with httpx.Client(trust_env=False, timeout=5) as client:
                return client.get(url, headers={"accept-language": "en"})

        return self.inside(device, ask)  # type: ignore[no-any-return] # as called

    def led(self, device: str) -> bool:
        found = self.get(device)
        return found.status_code == 302 and found.headers["location"] == PORTAL

    def reaches(self, device: str) -> bool:
        return self.get(device).text == "the site itself"

    def api(self, device: str) -> dict[str, Any]:
        found = self.get(device, f"{PORTAL}captive-portal/api")
        assert found.headers["content-type"] == "application/captive+json"
        return dict(found.json())

    def within(self, what: str, ready: Callable[[], bool], seconds: float = SECONDS) -> None:
        began = time.monotonic()
        while not ready():
            logs = "".join(p.read_text("utf-8")[-400:] for p in self.folder.glob("*.log"))
            assert time.monotonic() - began < seconds + BUSY, f"{what}: not within {seconds} s; {logs}"
            time.sleep(0.03)

    def form(self, device: str, do: str, *purposes: str) -> httpx.Response:
        """A device presses a button of the page, as a browser without a script would."""
        page = self.get(device, PORTAL).text
        fields = {n: v for n, v in hidden(page) if n == "token" or n.startswith("shown-")}
        fields |= {"do": do, **{f"agree-{p}": "yes" for p in purposes}}

        def press() -> httpx.Response:
            with httpx.Client(trust_env=False, timeout=5) as client:
                return client.post(f"{PORTAL}{'withdraw' if do == 'withdraw' else 'answer'}?lang=en", data=fields)

        return self.inside(device, press)  # type: ignore[no-any-return] # as called

    def records(self) -> list[dict[str, Any]]:
        return list(self.desk.world.keep.call("consents"))


def hidden(page: str) -> list[tuple[str, str]]:
    """Names and values of a form's hidden fields."""
    return re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)


def ended(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    process.wait()


def wired(tag: str) -> None:
    """Two devices on the gateway's bridge `wifi0`, and the outside."""
    quiet = (
        "net.ipv6.conf.all.accept_dad=0",
        "net.ipv6.conf.default.accept_dad=0",
        "net.ipv4.ip_forward=1",
        "net.ipv6.conf.all.forwarding=1",
    )
    for which in ("g", "a", "b", "o"):
        sh("ip", "netns", "add", f"{tag}-{which}")
        sh("ip", "-n", f"{tag}-{which}", "link", "set", "lo", "up")
        sh("ip", "netns", "exec", f"{tag}-{which}", "sysctl", "-qw", *quiet[: 4 if which == "g" else 2])
    gate = f"{tag}-g"
    sh("ip", "-n", gate, "link", "add", "wifi0", "type", "bridge")
    for number, which in enumerate(("a", "b"), 10):
        sh("ip", "link", "add", f"p{which}", "netns", gate, "type", "veth", "peer", "name", "wan", "netns", f"{tag}-{which}")
        sh("ip", "-n", gate, "link", "set", f"p{which}", "master", "wifi0", "up")
        sh("ip", "-n", f"{tag}-{which}", "link", "set", "wan", "address", f"02:00:00:00:00:{number}", "up")
        sh("ip", "-n", f"{tag}-{which}", "addr", "add", f"198.51.100.{number}/24", "dev", "wan")
        sh("ip", "-n", f"{tag}-{which}", "addr", "add", f"2001:db8:100::{number}/64", "dev", "wan", "nodad")
        sh("ip", "-n", f"{tag}-{which}", "route", "add", "default", "via", GATE4)
    sh("ip", "-n", gate, "link", "set", "wifi0", "up")
    sh("ip", "-n", gate, "addr", "add", f"{GATE4}/24", "dev", "wifi0")
    sh("ip", "-n", gate, "addr", "add", f"{GATE6}/64", "dev", "wifi0", "nodad")
    sh("ip", "link", "add", "up0", "netns", gate, "type", "veth", "peer", "name", "in0", "netns", f"{tag}-o")
    for space, link, address in ((gate, "up0", "203.0.113.1/24"), (f"{tag}-o", "in0", f"{OUTSIDE4}/24")):
        sh("ip", "-n", space, "link", "set", link, "up")
        sh("ip", "-n", space, "addr", "add", address, "dev", link)
    sh("ip", "-n", f"{tag}-o", "route", "add", "default", "via", "203.0.113.1")


@contextmanager
def open_venue(folder: Path, event: str = "", when: Time | None = None) -> Iterator[Venue]:
    """With `keep`, and nothing else of ours. `event`: more lines under [event]."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root: run the tests as root to have the live venue")
    tag = f"ev{os.getpid()}-{next(LABS)}"
    more = f"""
[event]
name = "A conference"
{event}
[portal]
listen = "[::]:8088"
url = "{PORTAL}"
namespace = "{tag}-g"
interface = "wifi0"
ssid = "Conference"
"""
    with ExitStack() as open_:
        for which in ("g", "a", "b", "o"):
            open_.callback(subprocess.run, ["ip", "netns", "del", f"{tag}-{which}"], check=False, capture_output=True)
        wired(tag)
        desk = open_.enter_context(thread(folder / "node", change=lambda text: text + more, when=when))
        found = Venue(tag, folder, desk, open_)
        open_.callback(lambda: [p.shutdown() for p in found.pools.values()])
        yield found


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Venue]:
    need("ip", "nft")
    with open_venue(tmp_path_factory.mktemp("venue")) as found:
        for port in (80, 8081):
            found.site(port)
        found.start("gateway")
        found.start("portal")
        found.within("the page", lambda: answers(found, PORTAL), 10)
        for port in (80, 8081):
            found.within("the site", lambda p=port: answers(found, f"http://{OUTSIDE4}:{p}/"), 10)
        yield found


def answers(venue: Venue, url: str) -> bool:
    try:
        return venue.get("b", url).status_code == 200
    except httpx.TransportError:
        return False


def test_without_a_permit_nobody_is_led_anywhere_and_no_device_is_captive(venue: Venue) -> None:
    assert venue.reaches("a")
    assert venue.api("a")["captive"] is False


def test_with_the_permit_a_first_plain_request_leads_to_the_page_and_nothing_else_waits(venue: Venue) -> None:
    (venue.permit,) = venue.desk.people.stand("event-portal")
    venue.within("led", lambda: venue.led("a"))
    assert venue.led("b")
    assert venue.get("a", f"http://{OUTSIDE4}:8081/").text == "the site itself", "only port 80 waits"
    assert venue.api("a") == {"captive": True, "user-portal-url": PORTAL, "venue-info-url": PORTAL, "can-extend-session": False}


def test_a_real_browser_without_scripts_is_led_there_reads_the_words_that_are_recorded_and_agrees(venue: Venue) -> None:
    from playwright.sync_api import sync_playwright

    need("chromium")
    wrapper = venue.folder / "browser"
    wrapper.write_text(f'#!/bin/sh\nexec ip netns exec {venue.name("a")} /usr/bin/chromium "$@"\n', encoding="utf-8")
    wrapper.chmod(0o755)
    rules = f"--host-resolver-rules=MAP www.example.test {OUTSIDE4}"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(wrapper), args=["--no-sandbox", rules])
        context = chromium.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False, locale="ja-JP")
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(SITE)
        assert page.url == PORTAL
        boxes = page.locator("input[type=checkbox]")
        assert [b.is_checked() for b in boxes.all()] == [False, False], "nothing is agreed to beforehand"
        shown = [page.locator("fieldset").nth(n).inner_text() for n in range(2)]
        boxes.first.check()
        page.get_by_role("button", name="印を付けたものを提供する").click()
        assert "使えます" in page.locator("h1").inner_text()
        with page.expect_download() as receipt:
            page.get_by_role("link", name="控え（JSON-LD と証明）").first.click()
        said = json.loads(Path(str(receipt.value.path())).read_text("utf-8"))
        chromium.close()
    assert all(url.startswith((SITE, PORTAL)) for url in asked), "no other host is asked"
    node = said["receipt"]["@graph"][0]
    words = node["dpv:hasNotice"]["sekisho:shown"]
    assert lines(shown[0])[:-1] == lines(words), "what stood on the page is what is kept"
    assert node["dpv:hasConsentStatus"] == {"@id": "dpv:ConsentGiven"}
    assert said["proofs"][0].startswith("c2sp.org/tlog-proof@v1")
    assert {(c["purpose"], c["state"]) for c in venue.records()} == {("attendee-names", "given"), ("attendee-categories", "refused")}


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def test_a_no_opens_the_network_with_one_press_and_as_fast_as_a_yes(venue: Venue) -> None:
    """Both are counted in rounds of the gateway, not in hopes: within what is promised the site itself answers."""
    venue.within("open after a yes", lambda: venue.reaches("a"))
    assert venue.led("b")
    assert venue.form("b", "refuse", "attendee-names").status_code == 303, "a tick beside a no is a no"
    venue.within("open after a no", lambda: venue.reaches("b"))
    assert [c["state"] for c in venue.records()[:2]] == ["refused", "refused"]
    assert venue.api("b")["captive"] is False


def test_a_device_is_known_by_each_of_its_addresses_privacy_addresses_of_ipv6_too(venue: Venue) -> None:
    sh("ip", "-n", venue.name("a"), "addr", "add", "2001:db8:100::f00d:1/64", "dev", "wan", "nodad")

    def page(source: str) -> str:
        transport = httpx.HTTPTransport(local_address=source)
        with httpx.Client(transport=transport, trust_env=False, timeout=5) as client:
            return client.get(f"http://[{GATE6}]:8088/", headers={"accept-language": "en", "host": GATE4}).text

    for source in ("2001:db8:100::10", "2001:db8:100::f00d:1"):
        assert "The answer of this device" in venue.inside("a", lambda s=source: page(s)), source


def test_one_press_takes_it_back_and_the_network_stays_open(venue: Venue) -> None:
    assert venue.form("a", "withdraw").status_code == 303
    names = [c["state"] for c in venue.records() if c["purpose"] == "attendee-names"]
    assert "given" not in names
    assert "withdrawn" in names
    assert venue.reaches("a")
    assert "Stop sharing" not in venue.get("a", PORTAL).text


def test_another_hardware_address_is_another_device_and_is_asked_anew(venue: Venue) -> None:
    sh("ip", "-n", venue.name("a"), "link", "set", "wan", "down")
    sh("ip", "-n", venue.name("a"), "link", "set", "wan", "address", "02:00:00:00:00:77", "up")
    sh("ip", "-n", venue.name("a"), "route", "replace", "default", "via", GATE4)
    venue.within("led anew", lambda: venue.led("a"))
    assert "The answer of this device" not in venue.get("a", PORTAL).text


def test_no_hardware_address_and_no_site_stands_in_anything_that_was_kept(venue: Venue) -> None:
    """Records, ledger, logs: nothing of where a device wanted to go, nothing of which device it was."""
    marks = [b"www.example.test", b"02:00:00:00:00:1", b"020000000010"]
    files = [p for p in venue.folder.rglob("*") if p.is_file() and p.name != "browser" and not p.name.endswith(".toml")]
    assert len(files) > 20
    for path in files:
        body = path.read_bytes()
        assert not [m for m in marks if m in body], path


def test_what_the_kernel_holds_ends_by_itself_and_with_the_permit_the_network_is_open(venue: Venue) -> None:
    listed = json.loads(sh("ip", "netns", "exec", venue.name("g"), "nft", "-j", "list", "table", "inet", "sekisho_portal"))
    living = [s["set"] for s in listed["nftables"] if "set" in s and s["set"]["name"].endswith("_live")]
    assert [e["elem"]["timeout"] <= 10 for s in living for e in s["elem"]] == [True], "a gateway that dies leaves an open network"
    assert venue.desk.world.keep.call("portal-stands")["leading"] == [venue.permit]
    venue.desk.people.withdraw(venue.permit)
    venue.within("open without a permit", lambda: venue.reaches("a"))
    assert venue.api("a")["captive"] is False
