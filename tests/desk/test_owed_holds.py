"""What the law forbids to erase is not erased: a hold with the facts of the duty behind it outlives its own day, and shows nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from sekisho.desk import records
from sekisho.desk.flows import forget
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.permitting import retire
from tests.desk.caseload import CLAIM, Caseload
from tests.desk.office import Office

BAN = """
[[event]]
kind = "erasure-ban"
received = 2026-11-21
case_ended = "not-yet"
lifted = "not-yet"
"""
REQUESTED = """
[[event]]
kind = "preservation-request"
requested = {requested}
written = true
logs_named = true
days = 30
extension_days = 0
withdrawn = "not-yet"
"""


@pytest.fixture
def kept(office: Office) -> tuple[Caseload, str, list[str], str]:
    """Traffic was matched, and its keys are due the day after tomorrow; a case, the permit, its keys, and all days as a selector."""
    office.collect()
    office.look()
    permit = next(p["id"] for p in office.permits() if p["step"] == "match")
    keys = [k for k in office.world.vault.key_ids() if k.startswith(permit)]
    office.watch.at = max(office.world.vault._by_term()[k] for k in keys) - timedelta(days=2)
    office.reopen()
    return Caseload(office, texts=False), permit, keys, f"{permit}/*/2026-01-01..2027-12-31"


def refused(call: Any) -> str:
    with pytest.raises(KeepSaidNo) as why:
        call()
    return why.value.code


def turned(load: Caseload) -> None:
    """What `keep` does by itself, once each."""
    load.remind()
    with load.office.turn() as world:
        retire.carry_out(world, retire.Retire())
    with load.office.turn() as world:
        forget.carry_out(world, forget.Forget())


def there(load: Caseload, keys: list[str]) -> bool:
    """Whether every one of these keys lies in the vault; all of them, or none."""
    found = set(keys) & set(load.office.world.vault.key_ids())
    assert not found or found == set(keys)
    return bool(found)


def looks(load: Caseload, permit: str) -> int:
    with load.office.turn() as world:
        return len(world.db.execute(select(records.LOOKS).where(records.LOOKS.c.permit == permit)).all())


def test_a_duty_to_keep_outlives_the_day_of_its_hold_and_deletion_goes_on_after_it(kept: tuple[Caseload, str, list[str], str]) -> None:
    """Ten days were written, thirty are owed: keys and rows stay through the thirtieth, over restarts, and go with the next day."""
    load, permit, keys, data = kept
    matter = load.open("deletion-inquiry", CLAIM)
    load.hold(matter, data, days=10, owed=REQUESTED.format(requested=load.today()))
    assert looks(load, permit)
    for _ in range(3):
        load.office.watch.wind(days=10)
        turned(load)
        load.office.reopen()
        assert there(load, keys)
        assert looks(load, permit)
        assert load.case(matter)["holds"][0]["state"] == "living"
    load.office.watch.wind(days=1)
    turned(load)
    assert not there(load, keys)
    assert not looks(load, permit)
    assert load.case(matter)["holds"][0]["state"] == "over"
    assert load.office.terminal.call("compare")["found"] == 0


def test_a_hold_without_a_duty_ends_with_its_day(kept: tuple[Caseload, str, list[str], str]) -> None:
    load, _, keys, data = kept
    load.hold(load.open("deletion-inquiry", CLAIM), data, days=10)
    load.office.watch.wind(days=9)
    turned(load)
    assert there(load, keys)
    load.office.watch.wind(days=1)
    turned(load)
    assert not there(load, keys)


def test_a_ban_on_erasure_lasts_until_an_officer_lifts_it_and_opens_nothing(kept: tuple[Caseload, str, list[str], str]) -> None:
    """Nobody can say when the proceedings end. What only the hold keeps is released to no look, and no entry tells what it names."""
    load, permit, keys, data = kept
    matter = load.open("deletion-inquiry", CLAIM)
    hold = load.hold(matter, data, days=3, owed=BAN)
    load.office.watch.wind(days=300)
    turned(load)
    assert there(load, keys)
    assert not [p for p in load.office.permits() if p["id"] == permit and p["state"] == "in-force"]
    assert load.office.channel("supervisor").call("due-looks")["start"] == []
    written = b"".join(load.office.world.log.entries())
    assert b"erasure-ban" not in written
    assert "erasure-ban" not in str(load.call("cases"))
    load.lift(hold)
    turned(load)
    assert not there(load, keys)


def test_facts_nobody_can_read_any_more_are_held_against_deletion(
    kept: tuple[Caseload, str, list[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another edition of the book that does not know the event: kept, until somebody looks."""
    load, _, keys, data = kept
    load.hold(load.open("deletion-inquiry", CLAIM), data, days=3, owed=REQUESTED.format(requested=load.today()))
    load.office.watch.wind(days=60)
    with monkeypatch.context() as other:
        other.setattr("sekisho.desk.holds.tomllib.loads", lambda _: {"event": [{"kind": "unheard-of"}]})
        turned(load)
        assert there(load, keys)
    turned(load)
    assert not there(load, keys)


@pytest.mark.parametrize(
    ("owed", "code"),
    [
        ("x", "not-facts"),
        ("[[event]]\nkind = 'no-such'\n", "not-facts"),
        (" " * 70_000, "not-facts"),
        (BAN.replace('lifted = "not-yet"', "lifted = 2026-11-21"), "nothing-to-keep"),
    ],
)
def test_facts_that_keep_nothing_or_are_none_place_no_hold(office: Office, owed: str, code: str) -> None:
    load = Caseload(office, texts=False)
    office.watch.wind(days=2)
    matter = load.open("deletion-inquiry", CLAIM)
    assert refused(lambda: load.hold(matter, f"{load.permit}/*/2026-11-21", owed=owed)) == code
    assert load.case(matter)["holds"] == []
