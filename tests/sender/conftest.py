"""What several tests of sekisho-sender share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sekisho_sender.capture import opt_in
from sekisho_sender.keeping import Keeper
from sekisho_sender.seal import KeyFile
from tests.conftest import need
from tests.sender.keys import NOON, Officers, officers_of, write_keys
from tests.sender.town import Town, founded


@pytest.fixture(autouse=True)
def _nobody_is_left_at_hand() -> Iterator[None]:
    """A request that a test does not end would name its sender in whatever test comes next."""
    yield
    with pytest.raises(LookupError):
        opt_in()


@pytest.fixture(scope="session")
def officers() -> Officers:
    return officers_of(NOON)


@pytest.fixture
def keeper(tmp_path: Path, officers: Officers) -> Keeper:
    return Keeper(KeyFile(write_keys(tmp_path, officers)).keyring, host="web-1")


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Every server behind every proxy, started once."""
    need("nginx", "haproxy")
    with founded(tmp_path_factory.mktemp("town")) as made:
        yield made
