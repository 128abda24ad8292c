"""The records' tables are made step by step; a database this version does not know is not touched; what is asked often has an index."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from sekisho.desk import records
from sekisho.desk.open_records import RecordsOfAnother, open_records
from sekisho.desk.records import METADATA
from tests.desk.office import Office


def test_the_steps_make_exactly_the_tables_the_code_knows(tmp_path: Path) -> None:
    """Whoever adds a column adds a step, or this fails."""
    with open_records(tmp_path / "keep.db").begin() as db:
        assert compare_metadata(MigrationContext.configure(db), METADATA) == []


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    open_records(tmp_path / "keep.db").dispose()
    before = sqlite3.connect(tmp_path / "keep.db").execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
    open_records(tmp_path / "keep.db").dispose()
    assert sqlite3.connect(tmp_path / "keep.db").execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall() == before


@pytest.mark.parametrize(
    "newer", ["UPDATE alembic_version SET version_num = '9999'", "DROP TABLE alembic_version"], ids=["newer", "nobody's"]
)
def test_a_database_this_version_does_not_know_is_refused_and_left_as_it_was(tmp_path: Path, newer: str) -> None:
    open_records(tmp_path / "keep.db").dispose()
    with sqlite3.connect(tmp_path / "keep.db") as db:
        db.execute(newer)
    before = sqlite3.connect(tmp_path / "keep.db").execute("SELECT * FROM sqlite_master").fetchall()
    with pytest.raises(RecordsOfAnother):
        open_records(tmp_path / "keep.db")
    assert sqlite3.connect(tmp_path / "keep.db").execute("SELECT * FROM sqlite_master").fetchall() == before


@pytest.mark.parametrize(
    "asked",
    [
        "SELECT * FROM looks WHERE permit = 'x' ORDER BY at DESC LIMIT 1",
        "SELECT * FROM looks WHERE state = 'running'",
        "SELECT * FROM orders WHERE letter = 'x'",
        "SELECT * FROM orders WHERE state = 'waiting'",
        "SELECT * FROM permits WHERE token = 'x' AND ended IS NULL",
        "SELECT * FROM permits WHERE ended IS NULL",
        "SELECT * FROM evidence WHERE plan = 'x'",
        "SELECT * FROM plans WHERE entry = 7",
    ],
)
def test_what_is_asked_again_and_again_never_reads_a_whole_table(founded: Office, asked: str) -> None:
    """The supervisor asks five times a second what is due; a subscriber's code is looked up among all letters ever sent."""
    with founded.world.engine.begin() as db:
        plan = " ".join(str(r[-1]) for r in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}"))
    assert "USING INDEX" in plan
    assert "SCAN" not in plan
    assert "TEMP B-TREE" not in plan


def test_what_is_due_is_told_in_no_time_after_a_month_of_looks(office: Office) -> None:
    """43 200 looks under one permit: the newest is found without reading the others."""
    from sqlalchemy import insert

    permit = next(p["id"] for p in office.permits() if p["step"] == "match")
    with office.turn() as world:
        at = records.stamp(world.clock.now())
        rows = [{"id": f"look-{i:016x}", "permit": permit, "state": "done", "body": b"{}", "at": at} for i in range(43_200)]
        world.db.execute(insert(records.LOOKS), rows)
    read: list[int] = []
    with office.world.engine.connect() as db:
        raw = db.connection.driver_connection
        assert raw is not None
        raw.set_progress_handler(lambda: read.append(1) and None, 1000)
    office.channel("supervisor").call("due-looks")
    assert len(read) < 100, "so many thousand steps of the database's machine"
