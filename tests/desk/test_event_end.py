"""After the event: one signature, and nothing of it can be opened any more, in no copy; what is left is a report in numbers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk import event_keys, records
from sekisho.desk.event import belongs
from sekisho.desk.event.copies import Found, Sought, search
from sekisho.desk.permitting import retire
from sekisho.desk.portal.offers import BY_PURPOSE, OFFERS
from sekisho.desk.signed_words import CopiesSearched, EndEvent
from sekisho.faces.processes.methods import METHODS
from sekisho.ledger.entry import Entry, EntryType
from tests.desk.office import Office
from tests.desk.test_portal import PORTAL
from tests.node import no

ONE, TWO = "02:00:00:00:00:01", "02:00:00:00:00:02"
NAMES, TYPES = (o.purpose for o in OFFERS)


@pytest.fixture(scope="module")
def _held(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An event that ran for two days: two devices answered, one took it back; somebody objected, somebody warned."""
    office = Office(_founded).copied_closed(tmp_path_factory.mktemp("held") / "home")
    path = office.home / "sekisho.toml"
    path.write_text(path.read_text("utf-8") + PORTAL + '\n[event]\nname = "Demo Days"\n', encoding="utf-8")
    office.open()
    office.stand("event-board")
    office.stand("event-portal")
    answered(office, ONE, NAMES, TYPES)
    answered(office, TWO)
    office.watch.wind(days=1)
    answered(office, ONE, NAMES)
    office.channel("portal").call("withdraw-at-portal", hardware=ONE, purpose="")
    answered(office, TWO, NAMES)
    for door, words in (("board-objection", {"panel": "zones", "why": "x"}), ("board-warning", {"panel": "zones", "what": "x"})):
        office.channel("show").call("knock", door=door, facts=words, files=[], language="en")
    office.close()
    return office.home


@pytest.fixture
def running(_held: Path, tmp_path: Path) -> Iterator[Office]:
    """The same on its second day."""
    office = Office(_held).copied(tmp_path / "running")
    office.watch.wind(days=1, minutes=5)
    yield office
    office.close()


@pytest.fixture
def held(_held: Path, tmp_path: Path) -> Iterator[Office]:
    office = Office(_held).copied(tmp_path / "held")
    office.watch.wind(days=2, minutes=5)
    with office.turn() as world:
        retire.carry_out(world, retire.Retire())
    yield office
    office.close()


def answered(office: Office, hardware: str, *agreed: str) -> None:
    portal = office.channel("portal")
    shown = {o["purpose"]: o["digest"]["en"] for o in portal.call("portal-page", hardware=hardware)["offers"]}
    portal.call("answer-portal", hardware=hardware, agreed=list(agreed), shown=shown, language="en")


def end(office: Office, who: str = "officer", event: str = "Demo Days") -> dict[str, Any]:
    key = office.keys[who]
    words = EndEvent(event, key.person, office.watch.at)
    return dict(office.channel("show").call("end-event", ending=words, signature=key.sign(words)))


def report(office: Office) -> dict[str, Any]:
    return dict(office.channel("show").call("event-report"))


def counts(rows: list[dict[str, Any]]) -> dict[tuple[str, str], int]:
    return {(r["day"], r["kind"]): r["count"] for r in rows}


def sought(office: Office, *words: str) -> Sought:
    gone = report(office)["gone"]
    return Sought(gone["files"], gone["names"], BY_PURPOSE, words)


def types(office: Office) -> list[EntryType]:
    return [Entry.decode(raw).type for raw in office.world.log.entries(0, office.world.log.size)]


# One signature


def test_one_signature_ends_permits_consents_and_keys(held: Office) -> None:
    before = report(held)
    assert (before["ended"], before["gone"]["opened"]) == (None, 8)
    done = end(held)
    assert len(done["permits"]) == len([p for p in held.permits() if p["state"] == "withdrawn"]) > 1
    assert not [p for p in held.permits() if p["state"] == "in-force"]
    assert (done["consents"], done["held"]) == (3, 0)
    found = report(held)["gone"]
    assert (found["answers"], found["opened"], found["alive"], found["left"]) == (8, 0, 0, 0)
    assert found["keys"] == done["keys"] == 3, "of answers two days; of devices the last: the first had gone by itself"


def test_the_board_is_dark_and_the_portal_leads_nobody(held: Office) -> None:
    end(held)
    assert {p["state"] for p in held.channel("show").call("board")["panels"]} <= {"stopped", "no-permit", "objected"}
    page = held.channel("portal").call("portal-page", hardware=ONE)
    assert (page["leading"], page["device"]["known"]) == (False, True), "another day: nobody said anything yet"
    assert not held.world.counted.seconds


def test_on_its_last_day_nobody_is_known_any_more_and_no_new_answer_is_taken(running: Office) -> None:
    end(running)
    page = running.channel("portal").call("portal-page", hardware=TWO)
    assert page["device"] == {"known": False, "answered": False, "answers": []}
    assert no(lambda: answered(running, TWO, NAMES)) == "event-over"


@pytest.mark.parametrize("who", ["engineer", "desk", "reviewer-a", "auditor"])
def test_only_the_window_and_the_legal_officer_end_it(held: Office, who: str) -> None:
    assert no(lambda: end(held, who)) == "wrong-role"
    assert report(held)["gone"]["opened"] == 8


def test_whoever_ends_it_names_it(held: Office) -> None:
    assert no(lambda: end(held, event="Another Days")) == "another-event"
    assert METHODS["end-event"].roles == METHODS["stop-board"].roles


def test_a_receipt_that_somebody_asks_for_afterwards_says_why_there_is_none(held: Office) -> None:
    with held.turn() as world:
        (given, *_) = records.rows(world.db, records.CONSENTS, purpose=NAMES)
    assert held.channel("show").call("consent-receipt", consent=given["id"])["receipt"]
    end(held)
    assert no(lambda: held.channel("show").call("consent-receipt", consent=given["id"])) == "event-over"
    assert held.channel("show").call("consent-export", purpose=NAMES)["next"] is None


# What came in between


def test_a_disk_that_will_not_let_go_of_a_key_is_asked_again(held: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    vault, asked = held.world.vault, []
    real = vault.destroy

    def destroy(key: str) -> None:
        asked.append(key)
        if len(asked) == 2:
            raise OSError("the disk would not")
        real(key)

    monkeypatch.setattr(vault, "destroy", destroy)
    end(held)
    assert report(held)["gone"]["left"] == 1
    held.watch.wind(seconds=1)
    again = end(held)
    assert (again["permits"], again["keys"]) == ([], 1)
    assert report(held)["gone"]["left"] == 0
    assert sum(r["count"] for r in report(held)["report"]["deleted"]) == 3, "told once"


def test_records_and_vault_from_before_bring_nothing_back(held: Office, tmp_path: Path) -> None:
    """The whole of `keep`'s folder is put back after the end, as a restored backup would be; only the ledger knows better."""
    held.close()
    keep = held.settings.folder / "keep"
    shutil.copytree(keep, tmp_path / "before")
    held.open()
    names = list(belongs_keys(held))
    end(held)
    held.close()
    shutil.rmtree(keep)
    shutil.copytree(tmp_path / "before", keep)
    shutil.copy2(tmp_path / "before" / "checkpoint", keep / "checkpoint")
    held.open()
    with held.turn() as world:
        assert belongs.keys(world) == []
        assert all(not (keep / "vault" / "keys" / world.vault.file_of(n)).exists() for n in names)
        assert not [r for r in belongs.answers(world) if r["state"] == "given"]
    assert report(held)["gone"]["opened"] == 0


def belongs_keys(office: Office) -> list[str]:
    with office.turn() as world:
        return belongs.keys(world)


def test_what_a_legal_hold_names_stays_until_the_hold_is_over(held: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = next(k for k in belongs_keys(held) if event_keys.of_an_event(k, event_keys.ANSWERS))
    holds = iter([frozenset({kept}), frozenset()])
    monkeypatch.setattr("sekisho.desk.event.end.holds.keys", lambda *_: next(holds))
    assert (first := end(held))["held"] == 1
    assert first["keys"] == 2
    assert report(held)["gone"]["left"] == 1
    held.watch.wind(seconds=1)
    assert end(held)["keys"] == 1
    assert report(held)["gone"] | {"left": 0, "opened": 0, "keys": 3} == report(held)["gone"]


# The report


def test_the_report_counts_by_kind_and_day(held: Office) -> None:
    end(held)
    found = report(held)
    first, second, third = "2026-11-22", "2026-11-23", "2026-11-24"
    assert counts(found["report"]["collected"]) == {
        (first, "agreed"): 2,
        (first, "refused"): 2,
        (second, "agreed"): 2,
        (second, "refused"): 2,
        (second, "withdrawn"): 1,
        **{(day, "counters"): 1 for day in (first, second, third)},
    }
    assert counts(found["report"]["shown"])[first, "panel-zones"] == 1
    assert counts(found["report"]["deleted"]) == {
        (first, "event-answers"): 1,
        (second, "event-answers"): 1,
        (second, "event-devices"): 1,
    }
    assert found["report"]["said"] == {"objections": 1, "objections_open": 1, "kept_off": 0, "warnings": 1, "warnings_open": 1}


def test_it_is_in_the_ledger_and_whoever_changes_it_is_found_out(held: Office) -> None:
    done = end(held)
    found = report(held)
    entry = Entry.decode(next(iter(held.world.log.entries(found["ended"]["entry"], found["ended"]["entry"] + 1))))
    assert (entry.type, entry.ids["event"]) == (EntryType.EVENT_ENDED, done["id"])
    assert held.channel("show").call("compare")["differences"] == []
    with held.turn() as world:
        world.db.exec_driver_sql("UPDATE event_ends SET body = replace(CAST(body AS TEXT), 'agreed', 'refused')")
    assert held.channel("show").call("compare")["found"] == 1


def test_no_name_of_anybody_and_no_device_is_in_the_report(held: Office) -> None:
    end(held)
    said = json.dumps({k: v for k, v in report(held).items() if k != "searched"})
    assert not any(key.person in said for key in held.keys.values())
    assert ONE not in said
    assert "principal" not in said


# Every copy


def test_every_copy_is_searched_and_a_forgotten_key_file_is_found(held: Office, tmp_path: Path) -> None:
    """A backup of the whole folder taken before the end holds the keys' files: it is found out, and clean once they are gone."""
    held.close()
    backup = Path(shutil.copytree(held.settings.folder, tmp_path / "backup"))
    held.open()
    end(held)
    wanted = sought(held, ONE)
    here, there = search(held.settings.folder, wanted), search(backup, wanted)
    assert here == Found(files=here.files, octets=here.octets, answers=8)
    assert here.clean
    assert here.files > 10
    assert (there.keys, there.answers, there.open, there.clean) == (3, 8, 0, False)
    for file in (backup / "keep" / "vault" / "keys").iterdir():
        if file.name in wanted.files:
            file.unlink()
    assert search(backup, wanted).clean


def test_a_copy_with_answers_under_another_key_is_not_clean(held: Office) -> None:
    assert search(held.settings.folder, sought(held)).open == 8, "nothing was ended yet"


CANARY = "canary.shop.example"
WIRE = b"\x06canary\x04Shop\x07example\x00"


@pytest.mark.parametrize("held_as", [CANARY.encode(), b"x" * 70 + CANARY.upper().encode(), CANARY.encode("utf-16-le"), b"\x01" + WIRE])
def test_a_word_is_found_however_it_is_written(tmp_path: Path, held_as: bytes) -> None:
    for place in (0, (1 << 20) - 5):
        (tmp_path / "log").write_bytes(b"." * place + held_as)
        assert search(tmp_path, Sought((), (), (), [CANARY])).hits == 1
    (tmp_path / "log").write_bytes(b"canary.shop.exampl canary shop example")
    assert search(tmp_path, Sought((), (), (), [CANARY])).hits == 0


def test_what_cannot_be_looked_into_is_never_called_clean(tmp_path: Path) -> None:
    nothing = Sought((), (), ())
    assert search(tmp_path, nothing).clean
    assert not search(tmp_path / "away", nothing).clean
    (tmp_path / "monday.tar.gz").write_bytes(b"?")
    assert search(tmp_path, nothing).unread == 1
    (tmp_path / "monday.tar.gz").unlink()
    (tmp_path / "keep.db").write_bytes(b"no database")
    assert search(tmp_path, nothing).unread == 1


def test_what_the_search_found_is_signed_and_entered(held: Office) -> None:
    done = end(held)
    key = held.keys["officer"]

    def said(ended: str) -> Mapping[str, Any]:
        words = CopiesSearched(ended, 1, 20, 4096, 0, 8, 0, 1, 0, 0, key.person, held.watch.at)
        return {"search": words, "signature": key.sign(words)}

    assert no(lambda: held.channel("show").call("event-searched", **said("event-0000000000000000"))) == "unknown-event"
    held.channel("show").call("event-searched", **said(done["id"]))
    assert report(held)["searched"]["files"] == 20
    assert types(held)[report(held)["searched"]["entry"]] is EntryType.EVENT_ENDED
