"""The ledger is written first and alone may be ahead: whatever it says is over is over, in whatever copy of the records this is."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk import records
from sekisho.desk.catch_up import RecordsAhead
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.permitting import retire
from sekisho.ledger.entry import Entry, EntryType
from sekisho.store.errors import KeyGone
from tests.desk.office import Office

KEEP = ("keep.db", "keep.db-wal", "keep.db-shm")


def permit_of(office: Office, step: str) -> str:
    return str(next(p["id"] for p in office.permits() if p["step"] == step))


def state(office: Office, permit: str) -> str:
    return str(next(p["state"] for p in office.permits() if p["id"] == permit))


def vouched(office: Office, permit: str) -> bool:
    """Whether `collect` is told that the permit holds."""
    found = office.channel("collect").call("standing")
    return any(json.loads(bytes.fromhex(s["permit"]["body"]))["id"] == permit for s in found)


def kinds(office: Office, start: int = 0) -> list[EntryType]:
    return [Entry.decode(e).type for e in office.world.log.entries(start)]


def backup(office: Office, to: Path) -> None:
    """The records as they stand, closed and copied: an ordinary backup of one file."""
    office.close()
    shutil.copy(office.home / "state" / "keep" / "keep.db", to)
    office.open()


def restore(office: Office, backed_up: Path) -> None:
    office.close()
    for name in KEEP:
        (office.home / "state" / "keep" / name).unlink(missing_ok=True)
    shutil.copy(backed_up, office.home / "state" / "keep" / "keep.db")
    office.open()


def cut(office: Office, monkeypatch: pytest.MonkeyPatch, method: str, *args: Any) -> None:
    """The power fails after the ledger's write and before the records' commit."""

    def gone(*_: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as broken:
        broken.setattr(records, "set_meta", gone)
        with pytest.raises(RuntimeError, match="power cut"):
            getattr(office, method)(*args)


def test_a_withdrawal_outlives_records_put_back_from_before_it(office: Office, tmp_path: Path) -> None:
    permit = permit_of(office, "match")
    backup(office, tmp_path / "old.db")
    office.withdraw(permit)
    restore(office, tmp_path / "old.db")
    assert state(office, permit) == "withdrawn"
    assert not vouched(office, permit)


@pytest.mark.parametrize("restart", [True, False], ids=["found at the next start", "found in the next turn"])
def test_a_withdrawal_outlives_a_power_cut_between_ledger_and_records(
    office: Office, monkeypatch: pytest.MonkeyPatch, restart: bool
) -> None:
    permit = permit_of(office, "record")
    cut(office, monkeypatch, "withdraw", permit)
    if restart:
        office.reopen()
    assert not vouched(office, permit)
    assert state(office, permit) == "withdrawn"
    with pytest.raises(KeepSaidNo, match="withdrawn"):
        office.channel("collect").call("half", key_id=f"{permit}/party/2026-11-21")


def test_an_expiry_outlives_records_put_back(office: Office, tmp_path: Path) -> None:
    permit = permit_of(office, "match")
    backup(office, tmp_path / "old.db")
    office.watch.wind(days=400)
    with office.turn() as world:
        retire.carry_out(world, retire.Retire())
    office.watch.wind(days=-400)
    restore(office, tmp_path / "old.db")
    assert state(office, permit) == "ended"


def test_a_destroyed_key_stays_destroyed_when_vault_and_records_are_both_put_back(office: Office, tmp_path: Path) -> None:
    """An old copy of everything `keep` has but the ledger: the ledger alone destroys the key again, before anything is served."""
    key = f"{permit_of(office, 'record')}/party/2026-11-21"
    office.channel("collect").call("half", key_id=key)
    office.close()
    kept = office.home / "state" / "keep"
    shutil.copytree(kept, tmp_path / "old")
    office.open()
    office.watch.wind(days=60)
    with office.turn() as world:
        assert retire.carry_out(world, retire.Retire())["destroyed"] == 1
    office.close()
    guard = (kept / "checkpoint").read_bytes()
    shutil.rmtree(kept)
    shutil.copytree(tmp_path / "old", kept)
    (kept / "checkpoint").write_bytes(guard)
    office.watch.wind(days=-60)
    office.open()
    assert office.world.vault.key_ids() == ()
    with pytest.raises(KeyGone):
        office.world.vault.public_half(key, office.watch.at + timedelta(days=1))


def test_a_permit_that_only_the_ledger_knows_is_not_live(founded: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its row was never committed, nobody was told of it: it is as if the last approval had not come."""
    plan = founded.propose()
    founded.supply(plan)
    founded.confirm(plan)
    founded.approve(plan, "reviewer-a")
    cut(founded, monkeypatch, "approve", plan, "reviewer-b")
    founded.reopen()
    assert EntryType.PERMIT in kinds(founded)
    assert founded.permits() == []
    assert founded.channel("collect").call("standing") == []
    assert founded.approve(plan, "reviewer-b"), "and it can come again"


def test_an_order_that_was_closed_is_not_handed_out_again(noticing: Office) -> None:
    """Mail that went before the power cut does not go twice after it."""
    permit = permit_of(noticing, "notify")
    with noticing.turn() as world:
        records.add(world.db, records.ORDERS, b"{}", world.clock.now(), id="order-0123456789abcdef", permit=permit, state="begun")
    entry = Entry(type=EntryType.DONE, at=noticing.watch.at, ids={"order": "order-0123456789abcdef"})
    noticing.world.log.append_many([entry.encode()])
    with noticing.turn() as world:
        assert (records.one(world.db, records.ORDERS, id="order-0123456789abcdef") or {})["state"] == "unknown"


def test_records_that_know_more_than_the_ledger_open_nothing(office: Office) -> None:
    """The ledger was cut off or an old one put back: nobody may act on what it no longer holds."""
    with office.turn() as world:
        records.set_meta(world.db, records.APPLIED, str(world.log.size + 1))
    with pytest.raises(RecordsAhead, match="put the right ledger back"):
        office.reopen()


def test_a_row_past_the_end_of_the_ledger_opens_nothing(office: Office) -> None:
    with office.turn() as world:
        permit = records.rows(world.db, records.PERMITS)[0]["id"]
        records.set_entry(world.db, records.PERMITS, {"id": permit}, world.log.size + 5, b"x" * 32)
    with pytest.raises(RecordsAhead, match="permits"):
        office.reopen()


def test_a_world_that_does_not_open_lets_go_of_what_it_held(office: Office) -> None:
    with office.turn() as world:
        records.set_meta(world.db, records.APPLIED, str(world.log.size + 1))
    size = office.world.log.size
    for _ in range(2):
        with pytest.raises(RecordsAhead):
            office.reopen()
    import sqlite3

    db = sqlite3.connect(office.home / "state" / "keep" / "keep.db")
    db.execute("UPDATE meta SET value = ? WHERE key = 'ledger'", (str(size),))
    db.commit()
    db.close()
    office.open()


def test_what_a_power_cut_took_is_told_from_what_somebody_took(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gap itself is an entry; rows missing anywhere else are still named."""
    cut(office, monkeypatch, "withdraw", permit_of(office, "match"))
    office.reopen()
    said = office.terminal.call("compare")
    assert said["differences"] == []
    assert said["lost"] == 1
    assert EntryType.RECOVERED in kinds(office)
    with office.world.engine.begin() as db:
        db.exec_driver_sql("DELETE FROM evidence WHERE entry = (SELECT min(entry) FROM evidence)")
    assert [d["what"] for d in office.terminal.call("compare")["differences"]] == ["entry-without-row"]


def test_a_recovery_nobody_wrote_in_the_ledger_excuses_nothing(office: Office) -> None:
    """Who has the disk can write a row; they cannot write the entry that it must open."""
    with office.turn() as world:
        body = json.dumps({"from": 0, "to": world.log.size}).encode()
        records.add(world.db, records.RECOVERIES, body, world.clock.now(), run="run-0123456789abcdef", entry=1, salt=b"x" * 32)
    with office.world.engine.begin() as db:
        db.exec_driver_sql("DELETE FROM confirmations WHERE entry = (SELECT min(entry) FROM confirmations)")
    assert "entry-without-row" in [d["what"] for d in office.terminal.call("compare")["differences"]]


def test_nothing_missed_reads_nothing_of_the_ledger(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object) -> None:
        raise AssertionError("the ledger was read")

    with office.turn():
        pass
    monkeypatch.setattr(type(office.world.log), "entries", read)
    with office.turn():
        pass


def test_a_disk_that_will_not_destroy_is_asked_again_with_no_second_entry(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger does not fill with one promise, and nobody else's answer is lost over it."""
    key = f"{permit_of(office, 'record')}/party/2026-11-21"
    office.channel("collect").call("half", key_id=key)
    office.watch.wind(days=60)

    def refuse(*_: object) -> None:
        raise OSError(28, "no space left")

    start = office.world.log.size
    with monkeypatch.context() as broken:
        broken.setattr(office.world.vault, "destroy", refuse)
        for _ in range(3):
            try:
                with office.turn() as world, world.request():
                    retire.carry_out(world, retire.Retire())
            except OSError:
                continue
    assert kinds(office, start).count(EntryType.DESTROYED) == 1
    with office.turn() as world:
        retire.carry_out(world, retire.Retire())
    assert office.world.vault.key_ids() == ()
    assert kinds(office, start).count(EntryType.DESTROYED) == 1
