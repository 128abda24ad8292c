"""Everybody concerned is told: by mail where it arrives, by one letter each where it does not, and only by a firm that may post them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from sekisho.desk import campaigns, records
from sekisho.desk.case_words import TakingLetters
from sekisho.desk.incidents import letter_batches, people_letters
from sekisho.desk.outside import KeepSaidNo, Outside
from sekisho.faces.commands import incident as commands
from sekisho.faces.words.say import refuse
from sekisho.law.entrustment import Action, FieldClass, What
from sekisho.ledger.entry import Entry
from tests.conftest import ROOT
from tests.desk.caseload import Caseload
from tests.desk.handing import Party, csv, permitted, prepared
from tests.desk.mailing import approved
from tests.desk.office import Office, refused
from tests.desk.rooming import Rooming
from tests.desk.test_entrust import move
from tests.desk.test_orders import CODE
from tests.faces.conftest import typed

POSTING = frozenset({Action.PRINT, Action.SEND_POST})
FIELDS = {"name": FieldClass.ORDINARY, "address": FieldClass.CONTACT}
HEADINGS = ("name", "mail", "address", "language")
PEOPLE = [
    ("森 花", "", "〒100-0001 東京都千代田区見本1-2-3", "ja"),
    ("John Smith", "runner1@mail.example", "1-2-4 Mihon Chiyoda-ku Tokyo", "en"),
    ("林 一郎", "runner0@mail.example", "〒100-0001 東京都千代田区見本1-2-5", "ja"),
    ("原 三枝", "", "", "ja"),
    ("森 花", "", "〒100-0001 東京都千代田区見本1-2-3", "ja"),
]
LIST = csv(PEOPLE, HEADINGS)


@pytest.fixture(scope="module")
def _ready(_adopted: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, Party, str]:
    """A printing house in force that told its key, and a permit to hand it this list."""
    office = Office(_adopted).copied_closed(tmp_path_factory.mktemp("letters") / "home").open()
    row, party = prepared(office, party="Letter House", actions=POSTING, fields=FIELDS, consent="")
    permit = permitted(office, row, LIST, fields=("name", "address"), who="address")
    office.close()
    return office.home, row, party, permit


@pytest.fixture
def ready(_ready: tuple[Path, str, Party, str], tmp_path: Path) -> Iterator[tuple[Rooming, str, Party, str]]:
    home, row, party, permit = _ready
    office = Office(home).copied_closed(tmp_path / "office").open()
    office.watch.wind(minutes=5)
    yield Rooming(Caseload(office, texts=False)).known(), row, party, permit
    office.close()


Ready = tuple[Rooming, str, Party, str]


def listed(room: Rooming, content: bytes = LIST) -> str:
    return room.load.attach(room.matter, "people", content, "people.csv")


def posted(ready: Ready, content: bytes = LIST) -> str:
    room, row, _, permit = ready
    named = listed(room, content)
    room.do("post-people", "officer", people_list=named, printer=row, post_permit=permit)
    return named


def take(room: Rooming, named: str, first: int = 1, who: str = "desk") -> dict[str, Any]:
    words = TakingLetters(room.matter, named, first, room.load.person(who), room.load.now())
    return dict(room.load.call("take-letters", taking=words, signature=room.load.signed(who, words)))


def lacks(ready: Ready, **changed: str) -> list[str]:
    room, row, _, permit = ready
    told = {"people_list": listed(room), "printer": row, "post_permit": permit, **changed}
    with pytest.raises(KeepSaidNo) as why:
        room.do("post-people", "officer", **told)
    return [x["code"] for x in why.value.detail["lacks"]]


def test_everybody_without_mail_gets_a_letter_of_their_own_in_their_language_with_a_code_of_their_own(ready: Ready) -> None:
    room, *_ = ready
    named = posted(ready)
    found = take(room, named)["letters"]
    said = [(x["line"], x["language"], x["recipient"][-1]) for x in found]
    assert said == [(1, "ja", "森 花"), (2, "en", "John Smith"), (3, "ja", "林 一郎")]
    codes = [CODE.findall(x["body"])[0] for x in found]
    assert len(set(codes)) == 3
    assert all(sum(name in x["body"] for name, *_ in PEOPLE[:3]) == 1 for x in found), "nobody stands in another's letter"
    seen = room.load.call("what-touched-me", number=room.room()["number"], code=codes[1])
    assert seen["way"] == "letter"
    (said,) = room.room()["people"]
    assert (said["persons"], said["ways"], said["taken"]) == (5, {"post": 3, "nobody": 2}, 3)
    assert said["why"] == {"nothing-mailed": 3, "no-address": 1, "twice": 1}, "each loss with its reason"


def test_whom_the_mail_reached_gets_no_letter_and_whose_mail_was_lost_does(ready: Ready) -> None:
    room, *_ = ready
    office = room.load.office
    named, campaign = listed(room), approved(office)["campaign"]
    room.do("mail-people", mail_campaign=campaign)
    table = records.CAMPAIGN_RECIPIENTS
    states = {"森 花": "no-mail", "John Smith": "refused", "林 一郎": "accepted"}
    with office.turn() as world:
        for (name, mail, *_), number in zip(PEOPLE[1:3], (0, 1), strict=True):
            mine = (table.c.campaign == campaign, table.c.number == number)
            world.db.execute(update(table).where(*mine).values(state=states[name], pseudonym=campaigns.pseudonym(world, mail)))
    (said,) = room.room()["people"]
    assert said["ways"] == {"post": 2, "mail": 1, "nobody": 2}
    assert said["why"] == {"no-mail": 1, "refused": 1, "no-address": 1, "twice": 1}
    assert room.room()["mailed"][0]["campaign"] == campaign
    assert named == said["list"]


def test_letters_are_sealed_to_the_printing_house_and_a_run_that_was_broken_off_makes_the_same_again(
    ready: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, _, party, _ = ready
    monkeypatch.setattr(people_letters, "BATCH", 2)
    named = posted(ready)
    first = take(room, named)
    assert (len(first["letters"]), first["next"], first["key"]) == (2, 3, party.key)
    assert take(room, named)["letters"] == first["letters"], "the same words and codes"
    second = take(room, named, first["next"])
    assert (len(second["letters"]), second["next"]) == (1, None)
    batch = letter_batches.Batch(tmp_path / "out", named, second["letters"], second["key"], ROOT / "texts")
    name = letter_batches.carry_out(batch)
    sealed = (tmp_path / "out" / name).read_bytes()
    assert letter_batches.carry_out(batch) == name
    assert (tmp_path / "out" / name).read_bytes() == sealed, "a batch that lies there is left as it is"
    assert [p.name for p in (tmp_path / "out").iterdir()] == [name]
    with zipfile.ZipFile(io.BytesIO(party.plain(sealed))) as archive:
        assert archive.namelist() == ["00003.pdf"]
        assert archive.read("00003.pdf").startswith(b"%PDF-")
    assert room.room()["people"][0]["taken"] == 3


def test_each_batch_stands_in_the_ledger_without_a_name(ready: Ready) -> None:
    room, *_ = ready
    named, log = posted(ready), room.load.office.world.log
    size = log.size
    take(room, named)
    (entry,) = [Entry.decode(e) for e in log.entries(size, log.size)]
    assert entry.type.value == "letters-taken"
    assert entry.ids["attachment"] == named


def test_without_a_row_in_force_or_a_permit_for_this_very_list_nothing_is_posted(ready: Ready) -> None:
    room, row, _, _ = ready
    assert lacks(ready, post_permit="permit-0000000000000000") == ["no-permit-to-post"]
    assert lacks(ready, people_list=listed(room, csv(PEOPLE[:2], HEADINGS))) == ["no-permit-to-post"], "another list than the permitted one"
    assert lacks(ready, people_list="attachment-0000000000000000") == ["no-people-list"]
    move(room.load.office, row, What.SUSPENDED, "reviewer-a", reason="lost a box")
    assert "printer-not-in-force" in lacks(ready)


def test_a_row_that_is_stopped_stops_the_batches_that_were_not_taken_yet(ready: Ready) -> None:
    room, row, _, _ = ready
    named = posted(ready)
    move(room.load.office, row, What.SUSPENDED, "reviewer-a", reason="lost a box")
    with pytest.raises(KeepSaidNo):
        take(room, named)
    assert room.room()["people"][0]["taken"] == 0


def test_whoever_may_not_take_letters_and_a_list_that_was_not_posted_get_none(ready: Ready) -> None:
    room, *_ = ready
    named = listed(room)
    with refused("not-posted"):
        take(room, named)
    with refused("wrong-role"):
        take(room, posted(ready), who="engineer")


def test_letters_that_came_back_are_counted_by_reason(ready: Ready) -> None:
    room, *_ = ready
    named = posted(ready)
    room.do("post-returned", people_list=named, returned_lines="1, 3", returned_why="moved")
    assert room.room()["people"][0]["returned"] == {"moved": 2}


def test_a_file_that_is_no_list_is_said_to_be_none_and_stops_nothing_else(ready: Ready) -> None:
    room, *_ = ready
    listed(room, b"just words")
    assert room.room()["people"][0]["why"] == {"not-a-people-list": 1}


def test_the_terminal_makes_the_letters_and_writes_nothing_that_is_not_sealed(
    ready: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, row, party, _ = ready
    office = room.load.office

    @contextmanager
    def outside(_config: Path) -> Iterator[Outside]:
        try:
            yield office.outside("terminal")
        except KeepSaidNo as why:
            raise refuse(why.code, why.detail) from why

    monkeypatch.setattr(commands, "outside", outside)
    monkeypatch.setattr(commands, "texts_folder", lambda _config: ROOT / "texts")
    named, key = posted(ready), office.home / "people" / "desk.key"
    told = ("incident", "letters", room.room()["number"], named, "--out", str(tmp_path / "out"), "--key", str(key))
    done = typed(tmp_path, "--lang", "en", *told, lang="en")
    assert done.code == 0, done.err
    assert "Letters: 3" in done.out
    (made,) = (tmp_path / "out").iterdir()
    with zipfile.ZipFile(io.BytesIO(party.plain(made.read_bytes()))) as archive:
        assert archive.namelist() == ["00001.pdf", "00002.pdf", "00003.pdf"]
    assert "花".encode() not in made.read_bytes()
    move(office, row, What.SUSPENDED, "reviewer-a", reason="lost a box")
    assert typed(tmp_path, "--lang", "en", *told, lang="en").code != 0
