"""The keys of an event: one a day for devices, one a day for answers, another for each event and network; gone in time by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk import consents, event_keys
from sekisho.desk.event import belongs
from sekisho.desk.event.copies import CHUNK, Found, Sought, search
from sekisho.desk.permitting import retire
from sekisho.desk.settings import Event, Portal
from sekisho.desk.world import No, World
from sekisho.measures.registry import EVERY
from tests.desk.office import Office

KINDS = tuple(event_keys.STAYS)


@pytest.fixture
def world(founded: Office) -> Iterator[World]:
    with founded.turn() as inside:
        yield inside


def today(world: World, what: str) -> tuple[str, bytes]:
    return event_keys.todays(world, what, world.clock.now())


@pytest.mark.parametrize("what", KINDS)
def test_the_same_event_on_the_same_day_has_one_key(world: World, what: str) -> None:
    name, key = today(world, what)
    assert today(world, what) == (name, key)
    assert event_keys.known(world, name) == key
    assert len(key) == 32


def test_devices_and_answers_have_keys_of_their_own(world: World) -> None:
    names, keys = zip(*(today(world, what) for what in KINDS), strict=True)
    assert len({*names}) == len({*keys}) == len(KINDS)
    assert [belongs.kind(n) for n in names] == [*KINDS]
    assert {*belongs.keys(world)} == {*names}


@pytest.mark.parametrize(
    "change",
    [
        lambda s: replace(s, event=Event(name="Another")),
        lambda s: replace(s, portal=Portal(ssid="Another")),
    ],
)
def test_another_event_or_network_is_under_another_key(world: World, change: Callable[[object], object]) -> None:
    name, key = today(world, event_keys.DEVICES)
    world.settings = change(world.settings)  # type: ignore[assignment] # settings, changed
    assert today(world, event_keys.DEVICES)[0] != name
    assert today(world, event_keys.DEVICES)[1] != key


@pytest.mark.parametrize("what", KINDS)
def test_nobody_ended_the_event_and_the_key_goes_all_the_same(founded: Office, what: str) -> None:
    """The day it is of is over at midnight in the country of the book; then it stays for what the table says."""
    with founded.turn() as world:
        name, _ = today(world, what)
        over = world.book.begins(world.book.day(world.clock.now()) + timedelta(days=1)) + event_keys.STAYS[what]
    founded.watch.wind(seconds=(over - founded.watch.at).total_seconds() - 1)
    with founded.turn() as world:
        retire.carry_out(world, retire.Retire())
        assert event_keys.known(world, name)
    founded.watch.wind(seconds=1)
    with founded.turn() as world:
        retire.carry_out(world, retire.Retire())
    with founded.turn() as world:
        assert name not in world.vault.key_ids()
        with pytest.raises(No, match="event-over"):
            event_keys.known(world, name)


def test_what_is_sealed_to_a_key_of_an_event_opens_under_no_other(world: World) -> None:
    name, key = today(world, event_keys.ANSWERS)
    sealed = consents.seal(world, "consent-1", {"record": "x"}, key)
    assert sealed != consents.seal(world, "consent-1", {"record": "x"})
    row = {"id": "consent-1", "body": f'{{"sealed": "{sealed}", "key": "{name}"}}'.encode()}
    world.vault.destroy(name)
    with pytest.raises(No, match="event-over"):
        consents.of(world, row)


def test_an_event_ends_its_own_measures_and_no_other(world: World) -> None:
    found = belongs.measures()
    assert {"event-board", "event-portal", "name-board"} <= found
    assert not found & {"infected-notice", "op25b", "shaping", "campaign", "closed-viewing", "entrustment"}
    assert found <= set(EVERY)
    assert not belongs.mine("permit-0000000000000001/party/2026-11-21", set())
    assert belongs.mine("permit-0000000000000001/party/2026-11-21", {"permit-0000000000000001"})
    assert not belongs.mine("token/infected-notice/2026-11-21", set())
    assert belongs.called(world) == "Example Networks"


def test_a_key_of_no_event_stays_when_an_event_ends(world: World) -> None:
    now = world.clock.now()
    world.vault.token_key("infected-notice", "2026-11-22", now + timedelta(days=2))
    world.vault.public_half("permit-0000000000000001/party/2026-11-22", now + timedelta(days=2))
    assert belongs.keys(world) == []


@given(st.text(alphabet="abcdefgh.-", min_size=4, max_size=40), st.integers(-60, 60), st.binary(max_size=20))
def test_a_word_across_the_edge_of_two_pieces_is_found(tmp_path_factory: pytest.TempPathFactory, word: str, off: int, tail: bytes) -> None:
    folder = tmp_path_factory.mktemp("edge")
    (folder / "log").write_bytes(b"\x00" * (CHUNK + off) + word.encode() + tail)
    found = search(folder, Sought((), (), (), [word]))
    assert (found.hits, found.files, found.octets) == (1, 1, CHUNK + off + len(word) + len(tail))
    assert not found.clean


@given(st.lists(st.tuples(*[st.integers(0, 9)] * 7), max_size=5))
def test_folders_add_up_and_are_clean_where_each_is(many: list[tuple[int, ...]]) -> None:
    found = [Found(*one) for one in many]
    whole = sum(found, Found())
    assert whole.clean == all(f.clean for f in found)
    assert whole.files == sum(f.files for f in found)


def test_a_link_out_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "secret").write_bytes(b"shop.example")
    (tmp_path / "inside" / "link").symlink_to(tmp_path / "secret")
    assert search(tmp_path / "inside", Sought((), (), (), ["shop.example"])) == Found()
