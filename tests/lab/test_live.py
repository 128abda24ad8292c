"""The lab itself: namespaces that come and go, exporters that really export, a FreeRADIUS that really writes."""

from __future__ import annotations

import os
import struct
import subprocess
from pathlib import Path

import pytest

from lab import datagrams, scenario
from lab.live import Live, live
from lab.network import LabError, network
from tests.conftest import need

PORTS = {9: 2055, 10: 4739}


@pytest.fixture(autouse=True)
def rooted() -> None:
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root: run the tests as root to have the live lab")
    need("ip", "ping", "pmacctd", "tcpdump", "freeradius", "radclient")


def namespaces() -> set[str]:
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    return {line.split()[0] for line in listed.splitlines() if line.startswith(f"sk{os.getpid()}-")}


def listen(lab: Live) -> None:
    """One recorder for each export, where the exporters send to."""
    for version, port in lab.ports.items():
        lab.net.python(lab.net.router, "lab.datagrams", str(lab.net.folder / f"v{version}"), str(port), log=f"v{version}.log")
        lab.net.printed(f"v{version}.log", "listening")


def sets(data: bytes) -> list[tuple[int, bytes]]:
    """(set id, body) of a v9 or IPFIX datagram, read by hand."""
    at, found = 20 if data[:2] == b"\0\x09" else 16, []
    while at + 4 <= len(data):
        number, length = struct.unpack_from("!HH", data, at)
        found.append((number, data[at + 4 : at + length]))
        at += max(length, 4)
    return found


def test_pmacctd_really_exports_v9_and_ipfix_with_templates_before_data(tmp_path: Path) -> None:
    with live(tmp_path, PORTS) as lab:
        listen(lab)
        lab.export()
        lab.send_out(8)
        lab.wait()
        for version, template in ((9, 0), (10, 2)):
            got = [d.data for d in datagrams.read(tmp_path / f"v{version}")]
            assert got
            assert {int.from_bytes(data[:2]) for data in got} == {version}
            numbers = [number for data in got for number, _ in sets(data)]
            assert numbers[0] == template
            assert any(number >= 256 for number in numbers)
            command = bytes(map(int, scenario.COMMAND4.split(".")))
            assert any(command in body for data in got for number, body in sets(data) if number >= 256)


def test_freeradius_really_writes_the_sessions_it_was_told(tmp_path: Path) -> None:
    with live(tmp_path, PORTS) as lab:
        detail = lab.account().read_text(encoding="utf-8")
    assert detail.count("Acct-Status-Type = Start") == 7
    for line in scenario.LINES[:7]:
        assert f'User-Name = "{line.user}"' in detail
        assert f"Framed-IP-Address = {line.address4}\n" in detail
        assert f"Delegated-IPv6-Prefix = {line.delegated6}\n" in detail
    assert detail.count(' UTC"') == 7


def test_an_address_can_change_hands(tmp_path: Path) -> None:
    with live(tmp_path, PORTS) as lab:
        for holder in (7, 8):
            assert " 0% packet loss" in lab.net.run(lab.net.line(holder), "ping", "-c1", "-W2", "-I", scenario.REUSED, scenario.WEB4)
            if holder == 7:
                lab.net.move_address(scenario.REUSED, 7, 8)


def test_nothing_is_left_of_a_lab_whatever_happened_in_it(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="on purpose"), network(2, tmp_path) as net:
        sleeper = net.start(net.router, "sleep", "600", log="sleep.log")
        assert namespaces() == set(net.names())
        raise RuntimeError("on purpose")
    assert sleeper.poll() is not None
    assert namespaces() == set()


def test_a_part_that_does_not_start_is_named_with_its_last_words(tmp_path: Path) -> None:
    with network(1, tmp_path) as net, pytest.raises(LabError, match=r"bad\.log did not say 'ready'; it said: .*no such file"):
        net.start(net.router, "sh", "-c", "echo no such file", log="bad.log")
        net.printed("bad.log", "ready")
