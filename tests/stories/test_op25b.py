"""Port 25 on real packets: a router in a namespace, lines behind it, mail servers in front, and `hold` as the process it is.

Row D2.2: "real SMTP in a lab: 25 blocked, 587 open; a hit subscriber sees why and what to do".

Refused to lines with dynamic addresses, and to nobody else; gone with its permit, back after whatever befalls process, kernel or namespace.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
import uvicorn

from lab.network import ROUTER4, Network, network, sh
from lab.submission import certified, submission
from sekisho.desk.access import try_port
from sekisho.desk.access.try_port import IN_A_ROW, Tried, TryPort
from sekisho.desk.public import read_public
from sekisho.desk.signed_words import LineClosing, LineOpening
from sekisho.faces.processes import work
from sekisho.faces.processes.channel import frame, read_frame
from sekisho.faces.processes.confine import enter_network
from sekisho.faces.processes.show import KeepDesk
from sekisho.faces.processes.supervise import _hand_over
from sekisho.faces.web import Settings, create_app
from tests.conftest import BUSY, need
from tests.desk.test_op25b import MAIL, netflow
from tests.faces.web.conftest import TOKEN
from tests.faces.web.test_port25 import SHOWN
from tests.node import Desk, thread
from tests.stories.test_event_names_left_out import EARLIER

DYNAMIC, FIXED, DYNAMIC6 = "198.51.100.20", "198.51.100.9", "2001:db8:100:1::20"
OTHERS, OURS, OTHERS6 = "203.0.113.66", "203.0.113.25", "2001:db8:f00::66"
SECONDS = 2.0
"""What is promised: within so long the kernel is what the permits say."""


@dataclass
class Lab:
    """The namespaces, `keep`, and `hold` where it runs."""

    net: Network
    desk: Desk
    permit: str = ""
    hold: subprocess.Popen[bytes] | None = None
    took: dict[str, float] = field(default_factory=dict)
    pools: dict[str, ThreadPoolExecutor] = field(default_factory=dict)
    trusting: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    @classmethod
    @contextmanager
    def over(cls, net: Network, more: str = "") -> Iterator[Self]:
        """`keep` beside these namespaces; what was started ends with it. `more`: lines under [access]."""
        access = f'\n[access]\nkernel = true\nnamespace = "{net.router}"\n{more}'
        with thread(net.folder / "node", change=lambda text: text + access) as desk:
            lab = cls(net, desk)
            try:
                yield lab
            finally:
                if lab.hold is not None:
                    with suppress(ProcessLookupError):
                        lab.hold.kill()
                    lab.hold.wait()
                for pool in lab.pools.values():
                    pool.shutdown()

    def inside(self, namespace: str, call: Callable[[], Any]) -> Any:
        """A call in a thread that is in that namespace."""
        pool = self.pools.setdefault(namespace, ThreadPoolExecutor(1, initializer=enter_network, initargs=(namespace,)))
        return pool.submit(call).result()

    def start(self, between: Callable[[socket.socket], socket.socket] = lambda channel: channel, moved: timedelta = timedelta()) -> None:
        """As the supervisor starts it. `between` may put somebody between it and `keep`; its clock is `moved` ahead."""
        to_keep, its = socket.socketpair()
        mine = between(to_keep)
        with mine, its:
            _hand_over(self.desk.control, its, "hold", ())
            how = ["-c", EARLIER, str(moved.total_seconds())] if moved else ["-m"]
            argv = [sys.executable, *how, "sekisho.faces.processes.hold", str(self.desk.place.settings_path), str(mine.fileno())]
            with (self.net.folder / "hold.log").open("ab") as log:
                self.hold = subprocess.Popen(argv, pass_fds=[mine.fileno()], stderr=log, stdout=log)

    def kill(self) -> None:
        assert self.hold is not None
        self.hold.send_signal(signal.SIGKILL)
        self.hold.wait()

    def passes(self, line: int, server: str, port: int, source: str) -> bool:
        """Whether a connection from the line's address to the server comes about."""

        def connect() -> bool:
            family = socket.AF_INET6 if ":" in server else socket.AF_INET
            with socket.socket(family) as sock:
                sock.settimeout(3)
                sock.bind((source, 0))
                try:
                    sock.connect((server, port))
                except ConnectionError:  # refused, or cut off in the middle of a handshake
                    return False
            return True

        return bool(self.inside(self.net.line(line), connect))

    def refused(self) -> bool:
        return not self.passes(1, OTHERS, 25, DYNAMIC)

    def within(self, what: str, ready: Callable[[], bool], seconds: float = SECONDS) -> None:
        """Wait until it is so, and remember how long that took. Fails after what is promised, and what a busy machine adds."""
        began = time.monotonic()
        while not ready():
            log = (self.net.folder / "hold.log").read_text("utf-8")
            assert time.monotonic() - began < seconds + BUSY, f"{what}: not within {seconds} s; {log[-600:]}"
            time.sleep(0.02)
        self.took[what] = time.monotonic() - began

    def nft(self, words: str) -> str:
        return self.net.run(self.net.router, "nft", *words.split())

    def tried(self, failed: int = 0, port: int = 587) -> Tried:
        """The submission port, tried from the router as `act` tries it."""
        world = self.desk.outside("act")
        access = replace(world.settings.access, submission=f"{OURS}:{port}")
        world = replace(world, settings=replace(world.settings, access=access))
        return self.inside(self.net.router, lambda: try_port.carry_out(world, TryPort(failed), self.trusting))  # type: ignore[no-any-return] # as called

    def counted(self) -> None:
        """What the lines sent directly comes in as an exporter tells it, and is counted with their names sealed."""
        self.desk.people.stand("op25b-count")
        intake, now = self.desk.intake(accounting=False), self.desk.time.wall()
        intake.feed(("198.51.100.1", 2055), netflow(now, *MAIL), int(now.timestamp() * 1000))
        for _ in range(3):
            intake.turn()
        intake.close()
        for name in self.desk.due():
            work.look(self.desk.outside("work", [name]), name)

    def browse(self, call: Callable[[httpx.Client], httpx.Response]) -> httpx.Response:
        """What a browser on the line gets."""

        def ask() -> httpx.Response:
            with httpx.Client(base_url=f"http://{ROUTER4}:8470", headers={"accept-language": "en"}, trust_env=False) as client:
                return call(client)

        return self.inside(self.net.line(1), ask)  # type: ignore[no-any-return] # as called

    def press(self, to: str) -> str:
        """What the page of filters says after the permit's button was pressed on the first line."""

        def pressed(client: httpx.Client) -> httpx.Response:
            token = TOKEN.search(client.get("/filters").text)
            assert token
            return client.post("/filters", data={"csrf": token[1], "filter": self.permit, "to": to})

        return self.browse(pressed).text

    def signs(self, method: str, name: str, words: Any) -> Any:
        return self.desk.world.keep.call(method, **{name: words}, signature=self.desk.people.keys["desk"].sign(words))

    def permitted(self) -> None:
        self.permit = self.desk.people.stand("op25b")[0]

    def effects(self) -> dict[str, Any]:
        return dict(self.desk.world.keep.call("effects"))


@contextmanager
def servers(lab: Lab) -> Iterator[None]:
    """Something that takes connections on the ports of mail, outside and at home."""

    def listen(server: str, port: int) -> socket.socket:
        return socket.create_server((server, port), family=socket.AF_INET6 if ":" in server else socket.AF_INET)

    places = [(OTHERS, 25), (OTHERS, 587), (OURS, 25), (OTHERS6, 25), (OTHERS6, 587)]
    listening = [lab.inside(lab.net.internet, lambda s=s, p=p: listen(s, p)) for s, p in places]
    ended = threading.Event()

    def take() -> None:
        """Whoever connects is let go again."""
        while not ended.is_set():
            for sock in select.select(listening, [], [], 0.1)[0]:
                sock.accept()[0].close()

    taking = threading.Thread(target=take, daemon=True)
    taking.start()
    try:
        yield
    finally:
        ended.set()
        taking.join()
        for sock in listening:
            sock.close()


@contextmanager
def submitting(lab: Lab) -> Iterator[None]:
    """Our own submission server, on both ports, with a certificate."""
    held = certified(OURS, lab.net.folder)
    lab.trusting = held.client
    with ExitStack() as open_:
        for port in (587, 465):
            lab.inside(lab.net.internet, lambda p=port: open_.enter_context(submission(OURS, p, held.server)))
        yield


@contextmanager
def console(lab: Lab, elsewhere: str = "", at: str = ROUTER4) -> Iterator[None]:
    """The console's public pages on the router, where every line reaches them."""
    family = socket.AF_INET6 if ":" in at else socket.AF_INET
    listener = lab.inside(lab.net.router, lambda: socket.create_server((at, 8470), family=family))
    desk = KeepDesk(lab.desk.place.settings, read_public(lab.desk.state), lab.desk.channel("show"))
    app = create_app(desk, Settings(hosts=(f"[{at}]" if ":" in at else at,), elsewhere=elsewhere))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", ws="none"))
    serving = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    serving.start()
    try:
        yield
    finally:
        server.should_exit = True
        serving.join(10)


def addresses(net: Network) -> None:
    net.give_address(DYNAMIC, 1)
    net.give_address(FIXED, 2)
    net.give_prefix("2001:db8:100:1::/64", DYNAMIC6, 1)
    for server in (OTHERS, OURS, OTHERS6):
        net.give_server(server)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root: run the tests as root to have the live lab")
    need("ip", "nft")
    folder = tmp_path_factory.mktemp("op25b")
    with network(2, folder) as net:
        addresses(net)
        with Lab.over(net) as lab, servers(lab), submitting(lab), console(lab):
            lab.start()
            yield lab


@dataclass
class Between:
    """Passes on what `hold` and `keep` say to each other, but for the ranges of permits."""

    forged: int = 0
    open_: ExitStack = field(default_factory=ExitStack)

    def __call__(self, to_keep: socket.socket) -> socket.socket:
        mine, its = socket.socketpair()
        keep = self.open_.enter_context(to_keep.dup())
        self.open_.enter_context(its)
        threading.Thread(target=self._pass_on, args=(its, keep), daemon=True).start()
        return mine

    def _pass_on(self, its: socket.socket, keep: socket.socket) -> None:
        with suppress(OSError, EOFError):
            while True:
                keep.sendall(frame(read_frame(its)))
                answer = read_frame(keep)
                for rented in (answer.get("result") or {}).get("rented") or ():
                    body = bytes.fromhex(rented["permit"]["body"]).replace(b"198.51.100.0/24", b"198.51.100.0/22")
                    rented["permit"]["body"] = body.hex()
                    self.forged += 1
                its.sendall(frame(answer))


@contextmanager
def forger() -> Iterator[Between]:
    between = Between()
    with between.open_:
        yield between


def test_without_a_permit_nothing_is_refused(lab: Lab) -> None:
    assert lab.passes(1, OTHERS, 25, DYNAMIC)
    assert "sekisho" not in lab.nft("list tables")


def test_the_port_that_takes_its_place_is_tried_as_a_mail_program_would_on_both_of_its_numbers(lab: Lab) -> None:
    for port in (465, 587):
        done = lab.tried(port=port)
        assert (done.works, done.authenticated, done.told) == (True, True, True), port


def test_with_the_permit_port_25_is_refused_and_587_passes(lab: Lab) -> None:
    lab.counted()
    lab.permitted()
    lab.within("permit", lab.refused)
    assert lab.passes(1, OTHERS, 587, DYNAMIC)
    assert not lab.passes(1, OTHERS6, 25, DYNAMIC6)
    assert lab.passes(1, OTHERS6, 587, DYNAMIC6)


def test_our_own_mail_server_and_fixed_addresses_are_let_through(lab: Lab) -> None:
    assert lab.passes(1, OURS, 25, DYNAMIC)
    assert lab.passes(2, OTHERS, 25, FIXED)


def test_both_sides_are_shown_and_the_refused_are_counted(lab: Lab) -> None:
    lab.within("shown", lambda: lab.effects()["state"] == "same" and lab.effects()["effects"][0]["packets"] >= 2, 4)
    (effect,) = lab.effects()["effects"]
    assert effect["permit"] == lab.permit
    assert effect["wanted"] == effect["there"]


def test_who_is_refused_reaches_the_page_that_says_why_and_the_help_desk_opens_their_line_by_its_code(lab: Lab) -> None:
    """Open within two seconds, and closed again within two."""
    page = lab.browse(lambda client: client.get("/port25"))
    assert lab.permit in page.text
    assert DYNAMIC in page.text

    def pressed(client: httpx.Client) -> httpx.Response:
        token = TOKEN.search(client.get("/port25").text)
        assert token
        return client.post("/port25", data={"csrf": token[1], "do": "code"})

    (code,) = SHOWN.findall(lab.browse(pressed).text)
    assert lab.refused()
    person, clock = lab.desk.people.keys["desk"].person, lab.desk.world.clock
    made = lab.signs("open-line", "opening", LineOpening(code, "a mail appliance", 7, person, clock()))
    lab.within("line opened", lambda: not lab.refused())
    assert not lab.passes(1, OTHERS6, 25, DYNAMIC6)
    lab.signs("close-line", "closing", LineClosing(made["exception"], "updated", person, clock()))
    lab.within("line closed", lab.refused)


@pytest.mark.parametrize("words", ["flush ruleset", "insert rule inet sekisho forward accept"])
def test_what_is_changed_by_hand_is_put_right(lab: Lab, words: str) -> None:
    mends = lab.effects()["mends"]
    lab.nft(words)
    lab.within(f"after {words}", lambda: lab.effects()["mends"] > mends)
    assert lab.refused()


def test_a_killed_process_leaves_the_rules_and_the_next_one_takes_them_up(lab: Lab) -> None:
    lab.kill()
    assert lab.refused()
    lab.nft("flush ruleset")
    assert not lab.refused()
    lab.start()
    lab.within("next process", lab.refused)


def test_what_was_withdrawn_while_nobody_held_the_kernel_is_gone_with_the_next_process_or_alone(lab: Lab) -> None:
    """Both ways: the kernel ends it within its ten seconds; who starts before that takes it out."""
    assert lab.refused()
    lab.kill()
    lab.desk.people.withdraw(lab.permit)
    lab.within("heart", lambda: not lab.refused(), 10)
    lab.start()
    lab.within("table taken out", lambda: "sekisho" not in lab.nft("list tables"))


def test_withdrawing_opens_the_port_within_seconds(lab: Lab) -> None:
    lab.permitted()
    lab.within("permit again", lab.refused)
    lab.desk.people.withdraw(lab.permit)
    lab.within("withdrawn", lambda: not lab.refused())


def test_a_port_that_is_gone_ends_the_block(lab: Lab) -> None:
    """The third try in a row that fails is told, and what rested on the port ends: nobody is left without a way to send mail."""
    lab.permitted()
    lab.within("permit a third time", lab.refused)
    failed = 0
    for _ in range(IN_A_ROW):
        failed = lab.tried(failed, port=2).failed
    lab.within("evidence stale", lambda: not lab.refused())
    assert lab.tried().works


def test_a_permit_that_somebody_forged_on_the_way_makes_no_rule(lab: Lab) -> None:
    """Whoever sits between the process and `keep` widens the permit's ranges: not a packet is refused."""
    assert lab.hold is not None
    lab.kill()
    lab.permitted()
    with forger() as between:
        lab.start(between)
        lab.within("told of the forgery", lambda: between.forged > 0, 8)
        assert not lab.refused()
        lab.kill()
    lab.start()
    lab.within("without the forger", lab.refused, 4)
    lab.desk.people.withdraw(lab.permit)
    lab.within("withdrawn again", lambda: not lab.refused())


def test_a_namespace_made_anew_is_found(lab: Lab) -> None:
    """The router is rebuilt under the same name: the process leaves the old one, and its successor holds the new one."""
    lab.permitted()
    lab.within("permit once more", lab.refused)
    assert lab.hold is not None
    sh("ip", "netns", "del", lab.net.router)
    sh("ip", "netns", "add", lab.net.router)
    lab.hold.wait(5)
    lab.start()
    lab.within("rebuilt", lambda: "reject with tcp reset" in lab.nft("list ruleset"))


def test_a_permit_that_is_over_is_gone_from_the_kernel(lab: Lab) -> None:
    """Nobody says so: a year and a day pass for `keep`."""
    assert "sekisho" in lab.nft("list tables")
    lab.desk.time.pass_(days=366)
    lab.within("over", lambda: "sekisho" not in lab.nft("list tables"))
    sys.stdout.write(f"{ {what: f'{seconds:.2f} s' for what, seconds in lab.took.items()} }\n")


def test_the_process_has_one_right_and_no_other(lab: Lab) -> None:
    assert lab.hold is not None
    status = Path(f"/proc/{lab.hold.pid}/status").read_text(encoding="ascii")
    rights = {line.split(":")[0]: int(line.split()[1], 16) for line in status.splitlines() if line.startswith("Cap")}
    assert rights["CapEff"] == rights["CapPrm"] == rights["CapBnd"] == 1 << 12
    assert "NoNewPrivs:\t1" in status
