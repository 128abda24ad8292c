"""Every act leaves an entry: what was asked and refused, found, closed, invited, opened, and who wants no more letters."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sekisho.desk import records
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.signed_words import Invite
from sekisho.law.words import Role
from sekisho.ledger.entry import Entry, EntryType
from tests.desk.office import Office


def since(office: Office, start: int) -> list[EntryType]:
    return [Entry.decode(e).type for e in office.world.log.entries(start)]


def running(office: Office) -> tuple[str, str]:
    """A look under way, and its permit."""
    (look,) = office.channel("supervisor").call("due-looks")["start"]
    opened = office.channel("work", look).call("open-look", look=look)
    return look, opened["look"]["permit"]


def test_a_plan_that_is_refused_or_referred_is_written_once_while_the_answer_stays(founded: Office) -> None:
    start = founded.world.log.size
    plan = founded.propose()
    assert since(founded, start).count(EntryType.REFUSED) == 1
    founded.approve(plan, "reviewer-a")
    assert since(founded, start).count(EntryType.REFUSED) == 1
    founded.supply(plan)
    assert since(founded, start)[-1] is EntryType.REFERRED
    founded.confirm(plan)
    assert since(founded, start).count(EntryType.REFERRED) == 1


def test_a_look_is_opened_and_closed_in_the_ledger(office: Office) -> None:
    look, _ = running(office)
    start = office.world.log.size
    office.channel("work", look).call("close-look", look=look, state="done")
    assert since(office, start) == [EntryType.LOOK_OVER]


def test_a_look_whose_child_died_is_closed_too(office: Office) -> None:
    look, _ = running(office)
    start = office.world.log.size
    office.channel("supervisor").call("child-ended", looks=[look])
    assert since(office, start) == [EntryType.LOOK_OVER]


def test_a_token_key_is_released_as_any_other_with_an_entry_once(office: Office) -> None:
    look, _ = running(office)
    start = office.world.log.size
    for _ in range(2):
        office.channel("work", look).call("token-key", look=look, period="2026-11-21")
    assert since(office, start) == [EntryType.KEY_RELEASE]
    assert office.terminal.call("compare")["differences"] == []


def test_what_a_look_found_is_an_entry_without_saying_about_whom(office: Office) -> None:
    look, permit = running(office)
    start = office.world.log.size
    office.channel("work", look).call("found", look=look, findings=[])
    (entry,) = [Entry.decode(e) for e in office.world.log.entries(start)]
    assert entry.type is EntryType.FOUND
    assert dict(entry.ids) == {"look": look, "permit": permit}


def test_an_invitation_is_an_entry(founded: Office) -> None:
    key, start = founded.keys["officer"], founded.world.log.size
    words = Invite("Ito", frozenset({Role.REVIEWER}), key.person, founded.watch.at)
    founded.terminal.call("invite", invite=words, signature=key.sign(words))
    assert since(founded, start) == [EntryType.INVITED]


def test_who_wants_no_more_letters_is_written_and_survives_records_put_back(noticing: Office) -> None:
    """The opt-out is in the ledger under `keep`'s own keyed name: an old copy of the records learns it again."""
    from hashlib import sha256

    from sekisho.law.canonical import canonical

    permit = next(p for p in noticing.permits() if p["step"] == "notify")
    token, pseudonym = permit["scope"]["tokens"][0], "ab" * 32
    with noticing.turn() as world:
        body = canonical({"token": token, "pseudonym": pseudonym, "text": "x"})
        letter = sha256(b"code").hexdigest()
        now = world.clock.now()
        key = "order-0123456789abcdef"
        records.add(world.db, records.ORDERS, body, now, id=key, permit=permit["id"], state="accepted", code="", letter=letter)
    start = noticing.world.log.size
    noticing.terminal.call("withdraw-mine", code="code")
    assert since(noticing, start)[-1] is EntryType.OPT_OUT
    with noticing.world.engine.begin() as db:
        db.exec_driver_sql("DELETE FROM opt_outs")
        records.set_meta(db, records.APPLIED, str(start))
    noticing.reopen()
    with noticing.turn() as world:
        assert records.one(world.db, records.OPT_OUTS, pseudonym=pseudonym) is not None


@pytest.mark.parametrize("days", [-400, -2, 2, 365, 4_000_000])
def test_halves_are_given_out_for_today_and_its_neighbours_only(office: Office, days: int) -> None:
    """A collector seals what it receives now: neither yesterday's archive nor the year 9990 has a key."""
    permit = next(p["id"] for p in office.permits() if p["step"] == "record")
    period = (office.watch.at + timedelta(days=days)).date().isoformat() if days < 10_000 else "9990-12-31"
    with pytest.raises(KeepSaidNo, match=r"not-todays-period|key-refused"):
        office.channel("collect").call("half", key_id=f"{permit}/party/{period}")
    assert not [k for k in office.world.vault.key_ids() if k.endswith(period)]


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_day_either_way_is_no_trouble_around_midnight(office: Office, days: int) -> None:
    permit = next(p["id"] for p in office.permits() if p["step"] == "record")
    period = (office.watch.at + timedelta(days=days)).date().isoformat()
    assert office.channel("collect").call("half", key_id=f"{permit}/party/{period}")


def test_every_type_is_written_by_somebody_or_said_to_be_reserved() -> None:
    """A word nobody writes promises what is not there."""
    from tests.conftest import ROOT

    source = "".join(p.read_text("utf-8") for p in (ROOT / "src" / "sekisho" / "desk").rglob("*.py"))
    silent = {t.value for t in EntryType if f"EntryType.{t.name}" not in source}
    said = (ROOT / "docs" / "ledger.md").read_text("utf-8")
    assert silent == {"checkpoint-seen"}
    assert all(f"`{t}`" in said for t in silent)
    assert "reserved" in said
