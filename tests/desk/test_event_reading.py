"""Counters read from a real resolver and a real interface, on loopback; a source that fails is named and hinders no other."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import dns.message
import dns.query
import pytest

from sekisho.desk.event.reading import CounterThread, files, read_all, sources
from sekisho.desk.settings import Event
from sekisho.wire.counters import known
from tests.conftest import need

NAME = "a-name-nobody-else-asks-for.test."
CONFIG = """\
server:
  directory: "{folder}"
  chroot: ""
  username: ""
  use-syslog: no
  pidfile: "{folder}/pid"
  interface: 127.0.0.1
  port: {port}
  num-threads: 1
  extended-statistics: yes
  statistics-cumulative: yes
  local-zone: "test." static
  local-data: "{name} A 192.0.2.1"
remote-control:
  control-enable: yes
  control-interface: {folder}/ctl
"""


@pytest.fixture(scope="module")
def resolver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Event, int]]:
    """A real unbound; its settings as an event would have them, and its port."""
    need("unbound")
    folder = tmp_path_factory.mktemp("unbound")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "unbound.conf").write_text(CONFIG.format(folder=folder, port=port, name=NAME), encoding="ascii")
    command = [shutil.which("unbound") or "/usr/sbin/unbound", "-d", "-c", str(folder / "unbound.conf")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        event = Event(resolver=f"unbound:{folder}/ctl")
        until = time.monotonic() + 60
        while not read_all(event, Counter()):
            assert time.monotonic() < until, "unbound did not start"
            time.sleep(0.1)
        yield event, port
        running.terminate()


def asked(port: int, kind: str, times: int) -> None:
    for _ in range(times):
        dns.query.udp(dns.message.make_query(NAME, kind), "127.0.0.1", port=port, timeout=30)


def test_a_real_unbound_tells_how_many_asked_and_for_which_types_and_never_for_what(resolver: tuple[Event, int]) -> None:
    event, port = resolver
    before = read_all(event, Counter())
    asked(port, "A", 5)
    asked(port, "AAAA", 3)
    after = read_all(event, Counter())
    assert after["queries"] - before["queries"] == 8
    assert after["qtype.A"] - before.get("qtype.A", 0) == 5
    assert after["qtype.AAAA"] - before.get("qtype.AAAA", 0) == 3
    assert all(map(known, after))
    assert "nobody-else" not in json.dumps(after)


def test_reading_leaves_the_resolvers_own_counters_as_they_are(resolver: tuple[Event, int]) -> None:
    """Who else reads them must not find zeros."""
    event, port = resolver
    asked(port, "A", 1)
    assert read_all(event, Counter())["queries"] == read_all(event, Counter())["queries"] > 0


def test_the_loopback_interface_tells_octets() -> None:
    found = read_all(Event(interface="lo"), Counter())
    assert set(found) == {"octets.in", "octets.out"}


def test_a_source_that_fails_is_named_and_hinders_no_other(tmp_path: Path) -> None:
    (tmp_path / "wifi.json").write_text('{"devices": 12, "clients": ["somebody"]}', encoding="ascii")
    troubles: Counter[str] = Counter()
    event = Event(interface="lo", resolver="unbound:/nowhere/ctl", leases=tmp_path / "none", wifi=tmp_path / "wifi.json")
    found = read_all(event, troubles)
    assert set(found) == {"octets.in", "octets.out"}
    assert troubles == {"counters.unbound.away": 1, "counters.kea.away": 1, "counters.wifi.form": 1}


def test_nothing_is_read_before_the_first_permit_nor_after_the_last(tmp_path: Path) -> None:
    wifi = tmp_path / "wifi.json"
    wifi.write_text('{"devices": 12}', encoding="ascii")
    thread = CounterThread(Event(wifi=wifi))
    assert thread.take() == {}
    thread.want(wanted=True)
    until = time.monotonic() + 60
    found: dict[str, int] = {}
    while not found and time.monotonic() < until:
        time.sleep(0.1)
        found = thread.take()
    thread.want(wanted=False)
    assert found == {"devices": 12}
    assert thread.take() == {}
    thread.end()


def test_a_process_must_be_able_to_open_no_more_than_its_sources(tmp_path: Path) -> None:
    assert files(Event()) == []
    assert sources(Event()) == {}
    assert files(Event(wifi=tmp_path / "wifi.json")) == [tmp_path]
