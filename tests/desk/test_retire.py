"""What ends by itself: permits at their time, keys at their term. The entry comes first, and what is destroyed stays destroyed."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from sekisho.desk import records
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.permitting import retire
from tests.desk.office import Office, Watch


def retired(office: Office) -> dict[str, int]:
    with office.turn() as world:
        return dict(retire.carry_out(world, retire.Retire()))


def types(office: Office) -> list[str]:
    return [json.loads(e)["type"] for e in office.world.log.entries()]


def of(office: Office, step: str) -> str:
    return next(p["id"] for p in office.permits() if p["step"] == step)


def keys(office: Office) -> set[str]:
    return {p.name for p in (office.settings.folder / "keep" / "vault" / "keys").iterdir()}


def test_nothing_ends_before_its_time(office: Office) -> None:
    office.collect()
    size = office.world.log.size
    assert retired(office) == {"expired": 0, "destroyed": 0}
    assert office.world.log.size == size


def test_a_permit_past_its_time_is_ended_once_with_an_entry(office: Office) -> None:
    until = min(datetime.fromisoformat(p["until"]) for p in office.permits())
    office.watch.wind(seconds=(until - office.watch.at).total_seconds())
    ended = retired(office)["expired"]
    assert ended >= 1
    assert types(office)[-ended:] == ["expiry"] * ended
    assert retired(office)["expired"] == 0


def test_an_ended_permit_opens_nothing_even_before_it_is_retired(office: Office) -> None:
    """The moment is read at each request; retiring only writes it down."""
    permit = of(office, "match")
    office.watch.wind(days=100)
    with pytest.raises(KeepSaidNo, match="ended"):
        office.terminal.call("look-again", permit=permit)
    with pytest.raises(KeepSaidNo, match="ended"):
        office.channel("collect").call("half", key_id=f"{permit}/party/2026-11-21")
    assert office.channel("collect").call("standing") == []


def test_keys_are_destroyed_at_the_end_of_their_term_after_the_entry(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.collect()
    seen: list[int] = []
    real = office.world.vault.destroy
    monkeypatch.setattr(office.world.vault, "destroy", lambda key: (seen.append(types(office).count("destroyed")), real(key)))
    held = len(keys(office))
    assert held > 5
    office.watch.wind(days=40)
    assert retired(office)["destroyed"] == held
    assert keys(office) == set()
    assert seen == [held] * held, "every entry stood before the first key was touched"


def test_nothing_of_the_day_can_be_read_or_sealed_any_more(office: Office) -> None:
    office.collect()
    office.watch.wind(days=40)
    retired(office)
    with pytest.raises(Exception, match="destroyed"):
        office.world.vault.public_half(f"{of(office, 'match')}/party/2026-11-21", office.watch.at)


def test_the_files_that_nobody_can_open_are_cleared_away(office: Office) -> None:
    office.collect()
    streams = office.settings.folder / "streams"
    assert [p for p in streams.rglob("*") if p.is_file()]
    office.watch.wind(days=40)
    retired(office)
    assert [p for p in streams.rglob("2026-11-21/*") if p.is_file()] == []


def test_restoring_yesterdays_backup_brings_no_key_back(office: Office, tmp_path: Path) -> None:
    """The vault's folder from before, with the records and ledger of today: the destroyed is destroyed again first."""
    import shutil

    office.collect()
    backup = tmp_path / "backup"
    shutil.copytree(office.settings.folder / "keep" / "vault", backup)
    office.watch.wind(days=40)
    retired(office)
    office.close()
    shutil.rmtree(office.settings.folder / "keep" / "vault")
    shutil.copytree(backup, office.settings.folder / "keep" / "vault")
    assert len(list((backup / "keys").iterdir())) > 5
    office.open()
    assert keys(office) == set()


def test_a_copy_of_the_whole_folder_from_before_still_ends_its_keys(office: Office, tmp_path: Path) -> None:
    """A copy that knows nothing of the end comes to the same end by its own clock."""
    office.collect()
    copy = office.copied(tmp_path / "copy")
    copy.world.clock._wall, copy.world.clock._ticks = (Watch(office.watch.at, 0)).wall, (Watch(office.watch.at, 0)).ticks
    copy.close()
    copy.watch.wind(days=40)
    copy.open()
    retired(copy)
    assert keys(copy) == set()
    copy.close()


def test_each_destruction_is_in_the_ledger_by_digest_only(office: Office) -> None:
    """Which key it was stands in our records; the ledger says that one ended."""
    office.collect()
    office.watch.wind(days=40)
    retired(office)
    entries = [json.loads(e) for e in office.world.log.entries()]
    gone = [e["ids"]["key"] for e in entries if e["type"] == "destroyed"]
    assert len(set(gone)) == len(gone) > 5
    assert all(len(k) == 64 for k in gone)
    with office.turn() as world:
        assert len(records.rows(world.db, records.DESTROYED)) == len(gone)
    assert office.terminal.call("compare")["differences"] == []


def test_the_clock_is_written_down_so_that_a_later_start_notices_a_jump_back(office: Office) -> None:
    """A machine that comes up in the past mints nothing."""
    retired(office)
    with office.turn() as world:
        assert records.meta(world.db, "clock")
