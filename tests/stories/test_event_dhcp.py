"""The lines that `sekisho event network` prints, read by a real Kea: whoever asks for an address is told where the portal's API is."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from lab.network import sh
from sekisho.desk.portal import told_network
from sekisho.desk.settings import Portal
from sekisho.faces.processes.confine import enter_network
from tests.conftest import BUSY, need
from tests.stories.test_event_portal import LABS, ended

API = "https://wifi.example.test/captive-portal/api"
HARDWARE = bytes.fromhex("020000000010")
DISCOVER, OFFER = 1, 2
MAGIC = b"\x63\x82\x53\x63"
MESSAGE, WANTED, END, PAD = 53, 55, 255, 0
SERVED = "Dhcp4"


def config(folder: Path, interface: str) -> Path:
    """As an event's Kea may have it, with our lines for every subnet."""
    told = told_network.carry_out(Portal(listen="[::]:8088", url="https://wifi.example.test/"))
    words: dict[str, Any] = {
        "interfaces-config": {"interfaces": [interface], "dhcp-socket-type": "raw"},
        "lease-database": {"type": "memfile", "persist": False},
        "subnet4": [{"id": 1, "subnet": "198.51.100.0/24", "pools": [{"pool": "198.51.100.50 - 198.51.100.60"}]}],
        **told["kea4"],
    }
    path = folder / "kea.json"
    path.write_text(json.dumps({SERVED: words}), encoding="ascii")
    return path


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "KEA_PIDFILE_DIR": str(folder), "KEA_LOCKFILE_DIR": str(folder)}


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The namespace of a device without an address, in a network where Kea serves."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root: run the tests as root to have the live DHCP server")
    need("ip", "kea-dhcp4")
    folder, tag = tmp_path_factory.mktemp("dhcp"), f"dh{os.getpid()}-{next(LABS)}"
    with ExitStack() as open_:
        for which in ("g", "a"):
            open_.callback(subprocess.run, ["ip", "netns", "del", f"{tag}-{which}"], check=False, capture_output=True)
            sh("ip", "netns", "add", f"{tag}-{which}")
            sh("ip", "-n", f"{tag}-{which}", "link", "set", "lo", "up")
        sh("ip", "link", "add", "wifi0", "netns", f"{tag}-g", "type", "veth", "peer", "name", "wan", "netns", f"{tag}-a")
        sh("ip", "-n", f"{tag}-a", "link", "set", "wan", "address", HARDWARE.hex(":"), "up")
        sh("ip", "-n", f"{tag}-a", "route", "add", "default", "dev", "wan")
        sh("ip", "-n", f"{tag}-g", "link", "set", "wifi0", "up")
        sh("ip", "-n", f"{tag}-g", "addr", "add", "198.51.100.1/24", "dev", "wifi0")
        argv = ["ip", "netns", "exec", f"{tag}-g", "kea-dhcp4", "-c", str(config(folder, "wifi0"))]
        with (folder / "kea.log").open("wb") as log:
            kea = subprocess.Popen(argv, env=environment(folder), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        open_.callback(ended, kea)
        yield f"{tag}-a"


def discover() -> bytes:
    """DHCPDISCOVER of a device that has no address and wants to know of a portal (RFC 2131, RFC 8910)."""
    head = struct.pack(">BBBBIHH16x6s202x", 1, 1, 6, 0, 0x5E115, 0, 0x8000, HARDWARE)
    options = bytes([MESSAGE, 1, DISCOVER, WANTED, 3, 1, 3, told_network.OPTION4, END])
    return head + MAGIC + options


def options(message: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    rest = message[message.index(MAGIC) + len(MAGIC) :]
    while rest and rest[0] != END:
        if rest[0] == PAD:
            rest = rest[1:]
            continue
        found[rest[0]] = rest[2 : 2 + rest[1]]
        rest = rest[2 + rest[1] :]
    return found


def offered(namespace: str, seconds: float) -> dict[int, bytes]:
    """The options of the first offer; asked again until there is one."""
    enter_network(namespace)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asks:
        asks.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        asks.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"wan")
        asks.bind(("", 68))
        asks.settimeout(0.3)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            asks.sendto(discover(), ("255.255.255.255", 67))
            try:
                return options(asks.recv(4096))
            except TimeoutError:
                continue
    return {}


def test_kea_takes_the_lines_as_they_are_printed(tmp_path: Path) -> None:
    need("kea-dhcp4")
    argv = ["kea-dhcp4", "-t", str(config(tmp_path, "lo"))]
    done = subprocess.run(argv, env=environment(tmp_path), capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_device_that_asks_for_an_address_is_told_of_the_portal(device: str) -> None:
    with ThreadPoolExecutor(1) as apart:
        told = apart.submit(offered, device, 10 + BUSY).result()
    assert told.get(MESSAGE) == bytes([OFFER])
    assert told[told_network.OPTION4].decode("ascii") == API
