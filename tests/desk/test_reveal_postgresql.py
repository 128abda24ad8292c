"""The same opening where a service keeps its records in PostgreSQL: read where they lie; the count is all that grows there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, MetaData, create_engine, delete, insert, select, update
from sqlalchemy.exc import DatabaseError

from sekisho.desk.posts.fetch_record import Records, listed
from sekisho_sender.sqlalchemy import record_table
from tests.desk.posting import POSTER, RECORD, Posting

TABLE = record_table(MetaData())


@pytest.fixture
def moved(posting: Posting, postgres: str) -> Iterator[Engine]:
    """The service's records stand in its PostgreSQL, in the table and with the guards that sekisho-sender makes."""
    url = f"postgresql+psycopg{postgres}"
    engine = create_engine(url)
    TABLE.metadata.drop_all(engine)
    TABLE.metadata.create_all(engine)
    names = [column.name for column in TABLE.columns]
    (row,) = posting.sql(f"SELECT {', '.join(names)} FROM sekisho_sender_record")
    with engine.begin() as db:
        db.execute(insert(TABLE).values(dict(zip(names, row, strict=True))))
    path = posting.office.home / "sekisho.toml"
    path.write_text(path.read_text("utf-8").replace("sqlite:///chat.db", url), encoding="utf-8")
    (posting.office.home / "chat.db").unlink()
    posting.office.reopen()
    yield engine
    TABLE.metadata.drop_all(engine)
    engine.dispose()


def test_a_record_in_postgresql_is_opened_and_its_count_grows_there(posting: Posting, permit: str, moved: Engine) -> None:
    view = posting.both(permit)
    assert view["source"] == {"ip": POSTER[0], "port": POSTER[1]}
    (row,) = listed(posting.office.outside("terminal"), Records("chat", post="post-0001"))
    assert (row["id"], row["opened"], row["indexed"]) == (RECORD, 2, True)
    with moved.connect() as db:
        assert db.execute(select(TABLE.c.opened)).scalar_one() == 2


CHANGES = {"less": update(TABLE).values(opened=0), "other": update(TABLE).values(sealed=b"x"), "gone": delete(TABLE)}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_in_postgresql_too_nothing_of_a_record_changes_but_its_count(posting: Posting, permit: str, moved: Engine, change: object) -> None:
    posting.reveal(permit)
    with pytest.raises(DatabaseError), moved.begin() as db:
        db.execute(change)  # type: ignore[call-overload] # each of three kinds of statement
