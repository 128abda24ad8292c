"""Database mode in SQLAlchemy, on SQLite and on a real PostgreSQL: every post has its record, or is not there."""

from __future__ import annotations

import contextvars
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, Table, create_engine, event, func, insert, select, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from sekisho_sender.at_hand import Refused, Why
from sekisho_sender.capture import Captured
from sekisho_sender.keeping import Keeper
from sekisho_sender.record import Hop
from sekisho_sender.sqlalchemy import Keep, keep_senders, record_id, record_table, times_opened, watch_foreign_keys
from tests.sender.keys import NOON, Officers, request_at, sender_at, telling


@dataclass
class Chat:
    """A service with posts: its engine, models and table of records."""

    engine: Engine
    post: type[Any]
    login: type[Any]
    records: Table

    def session(self) -> Session:
        return Session(self.engine)

    def count(self, model: Any) -> int:
        with self.session() as session:
            return session.execute(select(func.count()).select_from(model)).scalar_one()

    def record(self, subject: str, kind: str = "post") -> Any:
        with self.session() as session:
            return session.execute(select(self.records).where(self.records.c.subject == subject, self.records.c.subject_kind == kind)).one()

    def add(self, body: str = "hello", **sender: Any) -> str:
        with telling(request_at(**sender)), self.session() as session:
            post = self.post(body=body, author="hanako")
            session.add(post)
            session.commit()
            return str(post.id)


def chat_on(engine: Engine, keeper: Keeper) -> Chat:
    class Base(DeclarativeBase):
        metadata = MetaData()

    class Post(Base):
        __tablename__ = "post"
        __table_args__ = ({"sqlite_autoincrement": True},)
        id: Mapped[int] = mapped_column(primary_key=True)
        body: Mapped[str]
        author: Mapped[str] = mapped_column(default="")

    class Login(Base):
        __tablename__ = "login"
        id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)

    records = record_table(Base.metadata)
    keep_senders(Keep(Post, account=lambda post: post.author), Keep(Login, "login"), keeper=keeper, records=records)
    watch_foreign_keys(engine)
    Base.metadata.drop_all(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS sekisho_sender_due"))
    Base.metadata.create_all(engine)
    return Chat(engine, Post, Login, records)


def without_source(*, tampered: bool = False) -> Captured:
    return replace(request_at(), sender=replace(sender_at(), source=None, why_empty="source:nobody told", tampered=tampered))


@pytest.fixture(params=["sqlite", "postgresql"])
def chat(request: pytest.FixtureRequest, tmp_path: Path, keeper: Keeper) -> Iterator[Chat]:
    if request.param == "sqlite":
        engine = create_engine(f"sqlite:///{tmp_path}/chat.db")
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    else:
        engine = create_engine("postgresql+psycopg" + request.getfixturevalue("postgres"))
    yield chat_on(engine, keeper)
    engine.dispose()


def test_a_post_and_its_record_are_written_together_and_open_for_the_officers(chat: Chat, officers: Officers) -> None:
    subject = chat.add()
    row = chat.record(subject)
    record = officers.open(row.sealed, "post", subject, row.id)
    assert record.sender == sender_at()
    assert (record.account, record.host, record.subject) == ("hanako", "web-1", subject)
    assert (record.transport, record.http, record.user_agent) == ("tcp", "1.1", "Example/1.0")
    assert (row.seen_day, row.opened, row.key_id) == ("2026-11-22", 0, row.sealed[4:20].hex())
    assert row.ip_index == officers.index(row.sealed, "203.0.113.9")


def test_a_transaction_that_is_rolled_back_leaves_neither_post_nor_record(chat: Chat) -> None:
    with telling(request_at()), chat.session() as session:
        session.add(chat.post(body="a"))
        session.flush()
        session.rollback()
    assert (chat.count(chat.post), chat.count(chat.records)) == (0, 0)


def test_each_of_many_posts_in_one_flush_has_its_own_record(chat: Chat, officers: Officers) -> None:
    with telling(request_at()), chat.session() as session:
        session.add_all([chat.post(body=str(n)) for n in range(50)])
        session.commit()
        posts = [str(i) for i in session.scalars(select(chat.post.id))]
    assert sorted(posts) == sorted(officers.open(r.sealed, "post", r.subject, r.id).subject for r in map(chat.record, posts))


@pytest.mark.parametrize(
    ("request_at_hand", "why"),
    [
        (None, Why.NO_REQUEST),
        (without_source(), Why.NO_SOURCE),
        (without_source(tampered=True), Why.TAMPERED),
        (request_at(NOON + 86_400_000_000), Why.NO_KEY),
    ],
)
def test_a_post_whose_sender_cannot_be_kept_is_refused(chat: Chat, request_at_hand: Any, why: Why) -> None:
    with telling(request_at_hand), chat.session() as session:
        session.add(chat.post(body="a"))
        with pytest.raises(Refused) as no:
            session.commit()
    assert no.value.why is why
    assert (chat.count(chat.post), chat.count(chat.records)) == (0, 0)


def test_a_service_may_keep_a_post_without_source_only_by_saying_that_this_is_unsafe(
    chat: Chat, keeper: Keeper, officers: Officers
) -> None:
    careless = replace(keeper, unsafe_keep_without_source=True)
    row = careless.sealed_row("post", "1", without_source())
    assert row.ip_index is None
    assert officers.open(row.sealed, "post", "1", row.id).sender.why_empty == "source:nobody told"


def test_a_bare_thread_is_refused_and_one_that_carries_the_context_is_not(chat: Chat) -> None:
    said: list[Any] = []

    def post() -> None:
        try:
            with chat.session() as session:
                session.add(chat.post(body="a"))
                session.commit()
            said.append("kept")
        except Refused as no:
            said.append(no.why)

    with telling(request_at()):
        carried = contextvars.copy_context()
        for target in (post, lambda: carried.run(post)):
            thread = threading.Thread(target=target)
            thread.start()
            thread.join()
    assert said == [Why.NO_REQUEST, "kept"]
    assert chat.count(chat.post) == chat.count(chat.records) == 1


def test_bulk_inserts_through_a_session_are_refused_before_they_run(chat: Chat) -> None:
    with telling(request_at()), chat.session() as session:
        for statement in (insert(chat.post), insert(chat.post).from_select(["body"], select(text("'a'")))):
            with pytest.raises(Refused, match="add the objects"):
                session.execute(statement, [{"body": "a"}] if "VALUES" in str(statement) else None)
    assert chat.count(chat.post) == 0


WAYS = {
    "bulk_save_objects": lambda chat, session: session.bulk_save_objects([chat.post(body="a", author="")]),
    "bulk_insert_mappings": lambda chat, session: session.bulk_insert_mappings(chat.post, [{"body": "a", "author": ""}]),
    "core": lambda chat, session: session.connection().execute(insert(chat.post.__table__), {"body": "a", "author": ""}),
    "text": lambda _, session: session.execute(text("INSERT INTO post (body, author) VALUES ('a', '')")),
    "another key": lambda _, session: session.execute(text("UPDATE post SET id = 99")),
}


@pytest.mark.parametrize("way", WAYS)
def test_whatever_goes_round_the_hooks_is_refused_by_the_database_at_the_commit(chat: Chat, way: str) -> None:
    chat.add("there before")
    with telling(request_at()), chat.session() as session, pytest.raises(DatabaseError):
        WAYS[way](chat, session)
        session.commit()
    assert chat.count(chat.post) == chat.count(chat.records) == 1
    chat.add("the next one on the same connection")
    assert chat.count(chat.post) == chat.count(chat.records) == 2


def test_a_connection_that_switched_the_guard_off_cannot_post_at_all(chat: Chat) -> None:
    if chat.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no such switch")
    event.listen(chat.engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys = OFF"))
    chat.engine.dispose()
    with telling(request_at()), chat.session() as session:
        session.add(chat.post(body="a"))
        with pytest.raises(DatabaseError, match="foreign_keys is off"):
            session.commit()


def test_an_edit_by_staff_leaves_the_posters_record_as_it_was(chat: Chat) -> None:
    subject = chat.add()
    before = chat.record(subject)
    with telling(request_at(ip="198.51.100.99")), chat.session() as session:
        session.get_one(chat.post, int(subject)).body = "edited"
        session.commit()
    assert chat.record(subject) == before
    assert chat.count(chat.records) == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE sekisho_sender_record SET sealed = id::bytea",
        "UPDATE sekisho_sender_record SET ip_index = NULL",
        "UPDATE sekisho_sender_record SET subject = '2'",
        "UPDATE sekisho_sender_record SET opened = 2",
        "DELETE FROM sekisho_sender_record",
        "TRUNCATE sekisho_sender_record",
        "INSERT INTO sekisho_sender_record SELECT 'x', subject_kind, subject, seen_day, key_id, sealed, NULL, 0 FROM sekisho_sender_record",
        "REPLACE INTO sekisho_sender_record SELECT id, subject_kind, subject, seen_day, key_id, sealed, 'x', 0 FROM sekisho_sender_record",
        "INSERT INTO sekisho_sender_record SELECT 'x', 'post', '9', seen_day, key_id, sealed, NULL, 1 FROM sekisho_sender_record",
    ],
)
def test_a_record_is_never_changed_deleted_or_written_twice(chat: Chat, change: str) -> None:
    if chat.engine.dialect.name == "sqlite":
        change = change.replace("id::bytea", "x'00'")
    subject = chat.add()
    with chat.engine.begin() as connection:
        connection.execute(update(chat.records).values(opened=3))
    before = chat.record(subject)
    with pytest.raises(DatabaseError), chat.engine.begin() as connection:
        connection.execute(text(change))
    assert chat.record(subject) == before


def test_the_poster_sees_how_often_the_record_was_opened(chat: Chat) -> None:
    subject = chat.add()
    with chat.engine.begin() as connection:
        connection.execute(update(chat.records).values(opened=chat.records.c.opened + 1))
    with chat.session() as session:
        assert times_opened(session, chat.records, subject) == 1
        assert times_opened(session, chat.records, "404") == 0
        assert record_id(session, chat.records, subject) == chat.record(subject).id
        assert record_id(session, chat.records, "404") == ""


def test_a_login_has_a_record_of_its_own_kind_under_its_uuid_as_the_database_spells_it(chat: Chat, officers: Officers) -> None:
    with telling(request_at()), chat.session() as session:
        login = chat.login()
        session.add(login)
        session.commit()
        subject = login.id.hex if chat.engine.dialect.name == "sqlite" else str(login.id)
    row = chat.record(subject, "login")
    assert officers.open(row.sealed, "login", subject, row.id).subject_kind == "login"


def test_a_model_with_two_key_columns_is_refused_when_the_program_starts(keeper: Keeper) -> None:
    class Base(DeclarativeBase):
        metadata = MetaData()

    class Pair(Base):
        __tablename__ = "pair"
        one: Mapped[int] = mapped_column(primary_key=True)
        two: Mapped[int] = mapped_column(primary_key=True)

    with pytest.raises(ValueError, match="one key column"):
        keep_senders(Keep(Pair), keeper=keeper, records=record_table(Base.metadata))
    assert record_table(Base.metadata) is record_table(Base.metadata)


def test_what_strangers_claim_at_length_does_not_fill_the_database(keeper: Keeper, officers: Officers) -> None:
    claims = (Hop("127.0.0.1", "x-real-ip", "6" * 1024, trusted=False),) * 500
    row = keeper.sealed_row("post", "1", replace(request_at(), sender=replace(sender_at(), chain=claims)))
    assert len(row.sealed) < 8192
    assert 0 < len(officers.open(row.sealed, "post", "1", row.id).sender.chain) < 5
