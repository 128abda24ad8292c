"""A key, a place, and a log for each test that asks."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sekisho.ledger.log import Log

ORIGIN = "ledger.example/test"


@pytest.fixture(scope="session")
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture
def in_memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: tests that say themselves what is synced need no medium to wait for."""
    if not os.access("/dev/shm", os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


@pytest.fixture
def make(tmp_path: Path, key: Ed25519PrivateKey) -> Callable[..., Log]:
    """Makes a log of so many entries in `tmp_path / name`, a step each of at most `step`, and closes it."""

    def build(count: int, name: str = "log", step: int = 100) -> Log:
        log = Log.create(tmp_path / name, ORIGIN, key)
        with log:
            for start in range(0, count, step):
                log.append_many([b"entry %d" % i for i in range(start, min(count, start + step))])
        return log

    return build
