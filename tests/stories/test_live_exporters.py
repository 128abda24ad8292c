"""Live: a real pmacctd exports v9 and IPFIX of real packets, a real FreeRADIUS writes sessions, and the real collector seals the hits."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.live import Live, live
from sekisho.faces.processes import work
from sekisho.faces.processes.supervise import _hand_over
from tests.conftest import need
from tests.node import Desk, asked, thread, until

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

PORT = 2055
SECONDS = 42.0
"""Long enough for three contacts of the slowest infected terminal."""


@pytest.fixture(autouse=True)
def rooted() -> None:
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root: run the tests as root to have the live exporters")
    need("ip", "pmacctd", "freeradius", "radclient")


@contextmanager
def collector(desk: Desk, lab: Live, log: Path) -> Iterator[None]:
    """The real process, in the router's namespace; its channel to `keep` was handed to it before."""
    mine, its = socket.socketpair()
    with mine, its, log.open("wb") as out:
        _hand_over(desk.control, its, "collect", ())
        python = [sys.executable, "-m", "sekisho.faces.processes.collect", str(desk.place.settings_path), str(mine.fileno()), "0"]
        argv = ["ip", "netns", "exec", lab.net.router, *python]
        process = subprocess.Popen(argv, pass_fds=[mine.fileno()], stdout=out, stderr=out)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def counters(desk: Desk) -> dict[str, int]:
    return next((h["counters"] for h in desk.world.keep.call("overview")["health"] if h["process"] == "collect-0"), {})


def test_what_real_exporters_send_live_is_sealed_and_found(tmp_path: Path) -> None:
    (tmp_path / "lab").mkdir()
    with live(tmp_path / "lab", {9: PORT, 10: PORT}) as lab:
        detail = lab.account()

        def here(settings: str) -> str:
            lines = [line for line in settings.splitlines() if not line.startswith(("flows =", "accounting ="))]
            at = lines.index("[intake]") + 1
            return "\n".join([*lines[:at], f'flows = "127.0.0.1:{PORT}"', f'accounting = "{detail}"', *lines[at:]]) + "\n"

        with thread(tmp_path / "node", change=here) as desk:
            desk.people.stand()
            desk.people.register()
            with collector(desk, lab, tmp_path / "collector.log"):
                until("the collector to listen", lambda: counters(desk).get("listening"))
                lab.export()
                lab.send_out(SECONDS)
                lab.wait()
                until("hits to be sealed", lambda: counters(desk).get("hits", 0) >= 9)
                until("the sessions to be read", lambda: counters(desk).get("accounting", 0) >= 7)
                time.sleep(3)
                said = counters(desk)
            (look,) = desk.due()
            work.look(desk.outside("work", [look]), look)
            (plan,) = asked(desk.world)
            tokens = desk.world.keep.call("plan", plan=plan)["plan"]["scope"]["tokens"]
    assert len(tokens) == 3
    assert said["non-hits-gone"] > said["hits"]
