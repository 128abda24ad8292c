"""Port 25 on real packets: a router in a namespace, lines behind it, mail servers in front, and `hold` as the process it is.

Refused to lines with dynamic addresses, and to nobody else; gone with its permit, back after whatever befalls process, kernel or namespace.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lab.network import Network, network, sh
from sekisho.faces.confine import enter_network
from sekisho.faces.supervise import _hand_over
from tests.conftest import need
from tests.desk.holding import _measured
from tests.node import Desk, thread

__all__ = ["_measured"]

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

    def inside(self, namespace: str, call: Callable[[], Any]) -> Any:
        """A call in a thread that is in that namespace."""
        pool = self.pools.setdefault(namespace, ThreadPoolExecutor(1, initializer=enter_network, initargs=(namespace,)))
        return pool.submit(call).result()

    def start(self) -> None:
        """As the supervisor starts it."""
        mine, its = socket.socketpair()
        with mine, its:
            _hand_over(self.desk.control, its, "hold", ())
            argv = [sys.executable, "-m", "sekisho.faces.hold", str(self.desk.place.settings_path), str(mine.fileno())]
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
                except ConnectionRefusedError:
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
            assert time.monotonic() - began < seconds + 6, f"{what}: not within {seconds} s; {log[-600:]}"
            time.sleep(0.02)
        self.took[what] = time.monotonic() - began

    def nft(self, words: str) -> str:
        return self.net.run(self.net.router, "nft", *words.split())

    def permitted(self) -> None:
        self.permit = self.desk.people.stand("op25b")[0]

    def effects(self) -> dict[str, Any]:
        return dict(self.desk.world.keep.call("effects"))


@contextmanager
def servers(lab: Lab) -> Iterator[None]:
    """Something that takes connections on the ports of mail, outside and at home."""

    def listen(server: str, port: int) -> socket.socket:
        return socket.create_server((server, port), family=socket.AF_INET6 if ":" in server else socket.AF_INET)

    listening = [lab.inside(lab.net.internet, lambda s=s, p=p: listen(s, p)) for s in (OTHERS, OURS, OTHERS6) for p in (25, 587)]
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


def addresses(net: Network) -> None:
    net.give_address(DYNAMIC, 1)
    net.give_address(FIXED, 2)
    net.give_prefix("2001:db8:100:1::/64", DYNAMIC6, 1)
    for server in (OTHERS, OURS, OTHERS6):
        net.give_server(server)


@pytest.fixture(scope="module")
def lab(_measured: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root: run the tests as root to have the live lab")
    need("ip", "nft")
    folder = tmp_path_factory.mktemp("op25b")
    with network(2, folder) as net:
        addresses(net)
        access = f'\n[access]\nkernel = true\nnamespace = "{net.router}"\n'
        with thread(folder / "node", change=lambda text: text + access) as desk:
            lab = Lab(net, desk)
            try:
                with servers(lab):
                    lab.start()
                    yield lab
            finally:
                if lab.hold is not None:
                    with suppress(ProcessLookupError):
                        lab.hold.kill()
                    lab.hold.wait()
                for pool in lab.pools.values():
                    pool.shutdown()


def test_without_a_permit_nothing_is_refused(lab: Lab) -> None:
    assert lab.passes(1, OTHERS, 25, DYNAMIC)
    assert "sekisho" not in lab.nft("list tables")


def test_with_the_permit_port_25_is_refused_and_587_passes(lab: Lab) -> None:
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
    lab.desk.time.pass_(seconds=1)
    lab.permitted()
    lab.within("permit again", lab.refused)
    lab.desk.people.withdraw(lab.permit)
    lab.within("withdrawn", lambda: not lab.refused())


def test_a_namespace_made_anew_is_found(lab: Lab) -> None:
    """The router is rebuilt under the same name: the process leaves the old one, and its successor holds the new one."""
    lab.desk.time.pass_(seconds=1)
    lab.permitted()
    lab.within("permit once more", lab.refused)
    assert lab.hold is not None
    sh("ip", "netns", "del", lab.net.router)
    sh("ip", "netns", "add", lab.net.router)
    lab.hold.wait(5)
    lab.start()
    lab.within("rebuilt", lambda: "reject with tcp reset" in lab.nft("list ruleset"))
    sys.stdout.write(f"{ {what: f'{seconds:.2f} s' for what, seconds in lab.took.items()} }\n")


def test_the_process_has_one_right_and_no_other(lab: Lab) -> None:
    assert lab.hold is not None
    status = Path(f"/proc/{lab.hold.pid}/status").read_text(encoding="ascii")
    rights = {line.split(":")[0]: int(line.split()[1], 16) for line in status.splitlines() if line.startswith("Cap")}
    assert rights["CapEff"] == rights["CapPrm"] == rights["CapBnd"] == 1 << 12
    assert "NoNewPrivs:\t1" in status
