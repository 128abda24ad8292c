"""A table of the first version, with its guards and its index by a secret of the service, becomes one of today when a program starts.

`first_version/*.sql` is what `sekisho-sender schema` printed then.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, create_engine, text
from sqlalchemy.exc import DatabaseError

from sekisho_sender import schema
from sekisho_sender.sqlalchemy import record_table

THEN = Path(__file__).parent / "first_version"
ROW = "INSERT INTO sekisho_sender_record VALUES ('{0}', 'post', '{0}', '2026-11-22', 'aa', {1}, {2}, 0)"
GONE = "DROP TABLE IF EXISTS post; DROP TABLE IF EXISTS sekisho_sender_due; DROP TABLE IF EXISTS sekisho_sender_record;"
OLD, NEW = "'" + "ab" * 16 + "'", "'sks1:" + "cd" * 16 + "'"


def script(engine: Engine, words: str) -> None:
    """A whole script, as an operator would feed it to the database's own shell."""
    raw: Any = engine.raw_connection()
    try:
        raw.executescript(words) if engine.dialect.name == "sqlite" else raw.cursor().execute(words)
        raw.commit()
    finally:
        raw.close()


def row(engine: Engine, name: str, index: str) -> None:
    blob = "x'0102'" if engine.dialect.name == "sqlite" else "'\\x0102'"
    script(engine, ROW.format(name, blob, index))


def rows(engine: Engine) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        told = connection.execute(text("SELECT id, sealed, ip_index, opened FROM sekisho_sender_record ORDER BY id"))
        return [(i, bytes(sealed), index, opened) for i, sealed, index, opened in told]


def started(engine: Engine) -> None:
    """What every program does when it starts."""
    metadata = MetaData()
    record_table(metadata)
    metadata.create_all(engine)


def behind(engine: Engine) -> bool:
    with engine.connect() as connection:
        return connection.exec_driver_sql(schema.behind(engine.dialect.name)).first() is not None


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database with two records of the first version: one with an address, one without, the first opened three times."""
    url = f"sqlite:///{tmp_path}/chat.db"
    if request.param == "postgresql":
        url = "postgresql+psycopg" + request.getfixturevalue("postgres")
    made = create_engine(url)
    script(made, GONE + (THEN / f"{request.param}.sql").read_text(encoding="utf-8"))
    row(made, "1", OLD)
    row(made, "2", "NULL")
    script(made, "UPDATE sekisho_sender_record SET opened = 3 WHERE id = '1'")
    yield made
    script(made, GONE)
    made.dispose()


EMPTY = [("1", b"\1\2", None, 3), ("2", b"\1\2", None, 0)]


def test_when_a_program_starts_the_old_index_is_emptied_and_nothing_else_of_a_record_changes(engine: Engine) -> None:
    assert behind(engine)
    started(engine)
    assert rows(engine) == EMPTY
    assert not behind(engine)
    row(engine, "3", NEW)
    started(engine)
    assert rows(engine) == [*EMPTY, ("3", b"\1\2", NEW.strip("'"), 0)]


def test_the_printed_sql_does_the_same_for_who_makes_tables_another_way_and_may_be_run_again(engine: Engine) -> None:
    for _ in range(2):
        script(engine, ";\n".join([*schema.table(engine.dialect.name), *schema.append_only(engine.dialect.name)]) + ";")
        assert rows(engine) == EMPTY
        assert not behind(engine)


def test_stopped_after_any_step_it_is_done_at_the_next_start(engine: Engine) -> None:
    """Each step in a transaction of its own, as a shell does it: whatever stands then, a start brings it to its end."""
    dialect = engine.dialect.name
    for steps in range(len(schema.append_only(dialect))):
        for statement in schema.append_only(dialect)[:steps]:
            script(engine, statement)
        started(engine)
        assert rows(engine) == EMPTY
        assert not behind(engine)
        with pytest.raises(DatabaseError), engine.begin() as connection:
            connection.execute(text("UPDATE sekisho_sender_record SET subject = '9'"))
        if dialect == "sqlite":
            script(engine, "DROP TRIGGER sekisho_sender_record_unchanged")
        script(engine, (THEN / f"{dialect}.sql").read_text(encoding="utf-8"))
        assert behind(engine)


def test_what_a_process_of_the_first_version_still_writes_is_emptied_at_the_next_start(engine: Engine) -> None:
    """While a service is being brought up to date both versions run: no post is refused for it."""
    started(engine)
    row(engine, "3", OLD)
    started(engine)
    assert rows(engine) == [*EMPTY, ("3", b"\1\2", None, 0)]


@pytest.mark.parametrize("change", [f"ip_index = {OLD}", "ip_index = NULL", f"ip_index = {NEW}", "ip_index = '', opened = 4"])
def test_an_index_of_today_is_neither_emptied_nor_changed(engine: Engine, change: str) -> None:
    started(engine)
    row(engine, "3", NEW.replace("cd", "ef"))
    with pytest.raises(DatabaseError), engine.begin() as connection:
        connection.execute(text(f"UPDATE sekisho_sender_record SET {change} WHERE id = '3'"))
    if change != "ip_index = NULL":
        with pytest.raises(DatabaseError), engine.begin() as connection:
            connection.execute(text(f"UPDATE sekisho_sender_record SET {change} WHERE id = '2'"))
    assert rows(engine)[2] == ("3", b"\1\2", NEW.replace("cd", "ef").strip("'"), 0)


def test_a_program_that_keeps_no_records_yet_starts_as_well(tmp_path: Path) -> None:
    fresh = create_engine(f"sqlite:///{tmp_path}/fresh.db")
    metadata = MetaData()
    record_table(metadata)
    metadata.create_all(fresh, tables=[])
    started(fresh)
    assert rows(fresh) == []
    fresh.dispose()


def test_workers_that_start_at_once_bring_the_table_up_to_date_together(engine: Engine) -> None:
    ready = threading.Barrier(6)

    def worker(_: int) -> None:
        own = create_engine(engine.url)
        try:
            ready.wait(20)
            started(own)
        finally:
            own.dispose()

    with ThreadPoolExecutor(6) as workers:
        list(workers.map(worker, range(6)))
    assert rows(engine) == EMPTY
    assert not behind(engine)
