"""A protected reporter's name reaches the outside body alone: sealed to its key, with an entry each time, and read by nobody of ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyrage
import pytest

from sekisho.desk.case_words import HandingReporter
from sekisho.faces.processes.methods import METHODS
from tests.desk.caseload import Caseload
from tests.desk.office import Office, refused
from tests.desk.rooming import Rooming
from tests.desk.test_replies import entries

BODY = pyrage.x25519.Identity.generate()
NAME = "証人 久代"


@pytest.fixture
def room(_adopted: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Rooming]:
    """An incident with a protected reporter; the outside body has a key, or what the test says."""
    office = Office(_adopted).copied_closed(tmp_path / "office")
    with (office.home / "sekisho.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'[incident]\noutside_body = "Mihon Law Office"\noutside_key = "{getattr(request, "param", BODY.to_public())}"\n')
    office.open().watch.wind(minutes=1)
    room = Rooming(Caseload(office, texts=False)).known()
    room.do("protect-reporter", protected_name=NAME, protected_as="reporter A")
    yield room
    office.close()


def handed(room: Rooming, who: str = "officer", number: int = 1, reason: str = "to hear the complaint") -> dict[str, Any]:
    room.load.office.watch.wind(seconds=1)
    words = HandingReporter(room.matter, number, reason, room.load.person(who), room.load.now())
    return dict(room.load.call("hand-reporter", handing=words, signature=room.load.signed(who, words)))


def test_the_outside_body_opens_it_and_nothing_else_holds_the_name(room: Rooming) -> None:
    found = handed(room)
    sealed = bytes.fromhex(found.pop("sealed"))
    assert NAME not in str(found)
    assert NAME.encode() not in sealed
    assert f"reporter A: {NAME}" in pyrage.decrypt(sealed, [BODY]).decode()
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed, [pyrage.x25519.Identity.generate()])


def test_each_time_is_an_entry_that_names_nobody(room: Rooming) -> None:
    office = room.load.office
    before = entries(office).count("reporter-handed")
    handed(room)
    handed(room)
    assert entries(office).count("reporter-handed") == before + 2
    for path in (office.home / "ledger").rglob("*"):
        assert not path.is_file() or NAME.encode() not in path.read_bytes()


@pytest.mark.parametrize("who", ["desk", "engineer", "reviewer-a", "auditor"])
def test_only_the_window_and_the_legal_officer_hand_it_over(room: Rooming, who: str) -> None:
    with refused("wrong-role"):
        handed(room, who)
    assert "reporter-handed" not in entries(room.load.office)


def test_without_a_reason_or_for_a_number_nobody_has_nothing_leaves(room: Rooming) -> None:
    with refused("no-reasons"):
        handed(room, reason="  ")
    with refused("unknown-reporter"):
        handed(room, number=2)
    assert "reporter-handed" not in entries(room.load.office)


@pytest.mark.parametrize("room", ["", "age1nokey"], indirect=True)
def test_without_a_key_of_the_outside_body_nobody_is_given_any_name(room: Rooming) -> None:
    with refused("no-outside-key"):
        handed(room)
    assert "reporter-handed" not in entries(room.load.office)


def test_no_page_and_no_process_but_the_terminal_may_ask() -> None:
    assert METHODS["hand-reporter"].roles == {"terminal"}
