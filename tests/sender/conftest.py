"""What several tests of sekisho-sender share."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sekisho_sender.keeping import Keeper
from sekisho_sender.seal import KeyFile
from tests.conftest import need
from tests.sender.keys import NOON, SECRET, Officers, officers_of, write_keys
from tests.sender.town import Town, founded


@pytest.fixture(scope="session")
def officers() -> Officers:
    return officers_of(NOON)


@pytest.fixture
def keeper(tmp_path: Path, officers: Officers) -> Keeper:
    return Keeper(KeyFile(write_keys(tmp_path, officers)).keyring, SECRET, host="web-1")


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


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Every server behind every proxy, started once."""
    need("nginx", "haproxy")
    with founded(tmp_path_factory.mktemp("town")) as made:
        yield made
