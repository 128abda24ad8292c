"""Offices: one founded, one with standing permits, one where three lines were found. Each test works in a copy of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk.caseload import Caseload
from tests.desk.office import Office
from tests.desk.posting import Posting, posted


@pytest.fixture(scope="session")
def _founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = Office(tmp_path_factory.mktemp("founded") / "home").found()
    office.close()
    return office.home


@pytest.fixture(scope="session")
def _stood(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = Office(_founded).copied_closed(tmp_path_factory.mktemp("stood") / "home").open()
    office.stand()
    office.close()
    return office.home


@pytest.fixture
def founded(_founded: Path, tmp_path: Path) -> Iterator[Office]:
    """People are enrolled; nobody asked for anything yet."""
    office = Office(_founded).copied_closed(tmp_path / "founded").open()
    yield office
    office.close()


@pytest.fixture
def office(_stood: Path, tmp_path: Path) -> Iterator[Office]:
    """The standing permits of `infected-notice` are in force: register, record, match."""
    office = Office(_stood).copied_closed(tmp_path / "office").open()
    yield office
    office.close()


@pytest.fixture(scope="session")
def _adopted(_stood: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The officer adopted every letter: once, as each is an entry of its own."""
    office = Office(_stood).copied_closed(tmp_path_factory.mktemp("adopted") / "home").open()
    Caseload(office)
    office.close()
    return office.home


@pytest.fixture
def adopting(_adopted: Path, tmp_path: Path) -> Iterator[Office]:
    """An office as `office` makes it, with every letter adopted a second ago."""
    office = Office(_adopted).copied_closed(tmp_path / "office").open()
    office.watch.wind(seconds=1)
    yield office
    office.close()


@pytest.fixture(scope="session")
def _found(_stood: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = Office(_stood).copied_closed(tmp_path_factory.mktemp("found") / "home").open()
    office.permit_notice()
    office.close()
    return office.home


@pytest.fixture
def noticing(_found: Path, tmp_path: Path) -> Iterator[Office]:
    """Three lines were found in recorded traffic; identify and notify are permitted for each."""
    office = Office(_found).copied_closed(tmp_path / "noticing").open()
    yield office
    office.close()


@pytest.fixture(scope="session")
def _posted(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = Office(_founded).copied_closed(tmp_path_factory.mktemp("posted") / "home")
    posting = posted(office)
    (office.home / "permit").write_text(posting.permit(), encoding="ascii")
    (office.home / "matter").write_text(posting.matter, encoding="ascii")
    office.close()
    return office.home


@pytest.fixture
def posting(_posted: Path, tmp_path: Path) -> Iterator[Posting]:
    """The service `chat` keeps sealed sender records; one post is there, a case about it, and a permit to disclose who sent it."""
    office = Office(_posted).copied_closed(tmp_path / "posting").open()
    office.watch.wind(seconds=1)
    yield Posting(office, (office.home / "matter").read_text(encoding="ascii"))
    office.close()


@pytest.fixture
def permit(posting: Posting) -> str:
    """The permit to disclose the post's address and time."""
    return (posting.office.home / "permit").read_text(encoding="ascii")
