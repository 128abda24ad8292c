"""What every test may ask for."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BUSY = 4.0
"""Seconds a busy machine may add to a wait that is promised."""
LONGEST = (
    "tests/faces/web/test_real_node.py",
    "tests/redteam/test_killed.py",
    "tests/faces/test_book_commands.py",
    "tests/sender/test_services.py",
    "tests/stories/test_posts_from_door_to_report.py",
    "tests/stories/test_live_exporters.py",
    "tests/faces/test_supervise.py",
    "tests/desk/test_procedures.py",
    "tests/faces/web/test_passkeys.py",
    "tests/stories/test_flow_to_notice.py",
    "tests/stories/test_the_marathon_both_ways.py",
    "tests/faces/web/test_browser.py",
    "tests/faces/test_commands.py",
    "tests/desk/test_interview.py",
    "tests/gate/test_properties.py",
    "tests/gate/test_mutants.py",
    "tests/desk/test_load_book.py",
    "tests/desk/test_killed_cases.py",
    "tests/desk/test_every_procedure.py",
    "tests/desk/test_wishes.py",
    "tests/desk/test_identified.py",
    "tests/desk/test_release.py",
    "tests/desk/test_reveal.py",
    "tests/faces/web/test_answering.py",
    "tests/faces/web/test_openapi.py",
    "tests/faces/test_exchange_commands.py",
    "tests/faces/test_consent_commands.py",
    "tests/faces/test_register_command.py",
    "tests/faces/web/test_cases_browser.py",
)
"""The files that take longest, roughly in that order as measured: each goes whole to one worker, and the last one should be short."""


ROOM_NEEDED = 4 << 30
"""Bytes that must be free. Folders of tests that passed go at once; 79 MB were in use in the middle of a run of three folders of tests."""


def pytest_configure() -> None:
    """Temporary folders lie in memory where there is room: a node syncs its ledger at every step, and a disk takes its time for it."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= ROOM_NEEDED:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first; else, and within a file, as they stand."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(place)))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real captures beside the checkout; tests that need it say so where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real captures are not beside this checkout (../shared/data): their field-by-field comparison was not run")
    return folder


def need(*programs: str) -> None:
    """Skip, or under CI=true fail, when a real part is not installed."""
    absent = [p for p in programs if shutil.which(p) is None]
    if not absent:
        return
    words = f"not installed: {', '.join(absent)}; `make parts` installs them as root on Debian"
    if os.environ.get("CI") == "true":
        pytest.fail(words)
    pytest.skip(words)


def in_order(value: object) -> str:
    """The id of a test's value, the same in every process: a set has no order of its own."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {in_order(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, set | frozenset):
        return "{" + ", ".join(sorted(map(str, value))) + "}"
    return str(value)


def postgres_tool(name: str) -> str:
    """Debian keeps the server's tools by version, off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else (shutil.which(name) or name)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a real PostgreSQL server on loopback, gone afterwards; as SQLAlchemy writes it, without a driver."""
    need(postgres_tool("initdb"), postgres_tool("postgres"))
    base = Path(tempfile.mkdtemp(prefix="skpg-"))
    as_other = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
    if as_other:
        shutil.chown(base, "nobody", "nogroup")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    where, data = {"cwd": base}, str(base / "data")
    subprocess.run(
        [*as_other, postgres_tool("initdb"), "-D", data, "-U", "chat", "-A", "trust", "-N", "--locale=C.UTF-8"],
        check=True, capture_output=True, **where,
    )  # fmt: skip
    options = ["-c", "fsync=off", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-p", str(port)]
    with (base / "server.txt").open("w", encoding="utf-8") as said:
        server = subprocess.Popen([*as_other, postgres_tool("postgres"), "-D", data, *options], stderr=said, stdout=said, **where)
    try:
        wait_for(port, server, base)
        yield f"://chat@127.0.0.1:{port}/postgres"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)
        shutil.rmtree(base, ignore_errors=True)


def wait_for(port: int, server: subprocess.Popen[bytes], base: Path) -> None:
    import psycopg

    for _ in range(200):
        assert server.poll() is None, (base / "server.txt").read_text(encoding="utf-8")
        try:
            psycopg.connect(f"host=127.0.0.1 port={port} user=chat dbname=postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("PostgreSQL did not answer within 10 seconds")
