"""The portal's process: the page plain and over TLS from one loop, an end when told to, and no right left to it."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from lab.submission import certified
from sekisho.desk.settings import Portal as Place
from sekisho.faces.portal.page import CAPTIVE, Portal
from sekisho.faces.processes import portal
from tests.node import until

HERE = "127.0.0.1"


class Says:
    """What `keep` says of a device that was never seen, and the reports it heard."""

    def __init__(self) -> None:
        self.reports: list[dict[str, object]] = []

    def call(self, method: str, **params: object) -> Any:
        if method == "report":
            self.reports.append(params)
            return None
        return {"leading": True, "device": {"known": True, "answered": False, "answers": []}}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, str], ssl.SSLContext, Says]]:
    """Both sockets, in a loop of a thread of ours."""
    folder = tmp_path_factory.mktemp("tls")
    held = certified(HERE, folder)
    place = Place(listen=f"{HERE}:0", secure=f"{HERE}:0", certificate=folder / "submission.pem", key=folder / "submission.pem")
    bound = portal.sockets(place)
    origins = {name: f"{name}://{HERE}:{sock.getsockname()[1]}" for name, (sock, _) in zip(("http", "https"), bound, strict=True)}
    says, told = Says(), threading.Event()

    async def run() -> None:
        asyncio.get_running_loop().add_signal_handler = lambda _number, end: setattr(told, "end", end)  # type: ignore[method-assign] # no main thread
        await portal.serve(Portal(says, lambda _: "02:00:00:00:00:01", "https://wifi.example/"), bound, frozenset({HERE}))

    thread = threading.Thread(target=asyncio.run, args=(run(),), daemon=True)
    thread.start()
    until("the page", lambda: answers(origins["http"]))
    yield origins, held.client, says
    told.end()  # type: ignore[attr-defined] # set in the loop
    thread.join(10)
    assert not thread.is_alive(), "told to end, it ends"


def answers(origin: str) -> bool:
    try:
        return httpx.get(f"{origin}/portal.css", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_api_answers_plain_and_over_tls(served: tuple[dict[str, str], ssl.SSLContext, Says], scheme: str) -> None:
    origins, trusting, _ = served
    with httpx.Client(verify=trusting, trust_env=False) as client:
        said = client.get(f"{origins[scheme]}/captive-portal/api")
    assert said.headers["content-type"] == CAPTIVE
    assert said.json()["captive"] is True
    assert "server" not in said.headers


def test_a_plain_request_at_the_port_of_tls_is_no_answer(served: tuple[dict[str, str], ssl.SSLContext, Says]) -> None:
    origins, _, _ = served
    with pytest.raises(httpx.TransportError):
        httpx.get(origins["https"].replace("https", "http"), trust_env=False)


@pytest.mark.parametrize(("said", "family"), [("127.0.0.1:0", socket.AF_INET), ("[::1]:0", socket.AF_INET6), ("[::]:0", socket.AF_INET6)])
def test_it_listens_where_it_is_told(said: str, family: socket.AddressFamily) -> None:
    with portal.listening(said) as sock:
        assert sock.family is family


def test_every_address_of_the_machine_hears_ipv4_too() -> None:
    with portal.listening("[::]:0") as sock, socket.create_connection((HERE, sock.getsockname()[1]), timeout=5):
        pass


def test_several_threads_ask_the_table_one_at_a_time() -> None:
    class Slow:
        inside = 0

        def of(self, address: str) -> str:
            Slow.inside += 1
            assert Slow.inside == 1
            Slow.inside -= 1
            return address

    ask = portal.locked(Slow())  # type: ignore[arg-type] # as much of it as is asked
    threads = [threading.Thread(target=ask, args=("a",)) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert ask("198.51.100.7") == "198.51.100.7"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")
@pytest.mark.parametrize(("more", "left"), [("", 1 << 12), (", no_right=True", 0)])
def test_the_page_keeps_no_right_of_root_and_the_gateway_one(more: str, left: int) -> None:
    """Read back from the kernel: what the process may still do."""
    code = (
        "import pathlib, sekisho.faces.processes.confine as c\n"
        f"assert c.only_the_network(''{more})\n"
        "print([l.split()[1] for l in pathlib.Path('/proc/self/status').read_text().splitlines() if l.startswith(('CapEff', 'CapPrm'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == str([f"{left:016x}"] * 2)
