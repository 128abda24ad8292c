"""Database mode for SQLAlchemy 2: each new object of a kept model gets its sealed record in the same transaction, or is refused with it.

    records = record_table(Base.metadata)
    keep_senders(Keep(Post, account=lambda post: post.author), keeper=keeper, records=records)
    Base.metadata.create_all(engine)

Three guards stand behind each other. The unit of work writes the record after each insert and raises `Refused` when it cannot, or when the
object was added in another request than the one that writes it: a session that nobody rolled back hands on what it holds. Bulk inserts
through a session fire no such event and are refused before they run. And the database's own triggers (`schema.required`, made with the
tables) refuse at the commit whatever came another way: `bulk_save_objects`, Core, text, another program.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint, event, insert, inspect, select
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Mapper, ORMExecuteState, Session
from sqlalchemy.orm.attributes import instance_state

from sekisho_sender import schema
from sekisho_sender.at_hand import Refused, Why, at_hand
from sekisho_sender.keeping import Keeper
from sekisho_sender.record import SubjectKind

ADDED = "sekisho_sender_added"


def nobody(_object: Any) -> str:
    return ""


@dataclass(frozen=True)
class Keep:
    """A model whose objects people send. `kind`: a word of SubjectKind. `account`: the sender's account from the object, "" for none.
    The subject is the object's primary key, which must be one column whose values are never used again."""

    model: type[Any]
    kind: str = SubjectKind.POST
    account: Callable[[Any], str] = nobody


def record_table(metadata: MetaData) -> Table:
    """`sekisho_sender_record` in this metadata; its triggers are made with it. `create_all` brings the guards of an earlier version up to
    date (`schema.behind`); who makes tables another way runs what `sekisho-sender schema` prints."""
    if schema.TABLE in metadata.tables:
        return metadata.tables[schema.TABLE]
    table = Table(
        schema.TABLE,
        metadata,
        Column("id", Text, primary_key=True),
        Column("subject_kind", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("seen_day", Text, nullable=False),
        Column("key_id", Text, nullable=False),
        Column("sealed", LargeBinary, nullable=False),
        Column("ip_index", Text, index=True),
        Column("opened", Integer, nullable=False, server_default="0"),
        UniqueConstraint("subject_kind", "subject"),
    )

    def guard(_table: Table, connection: Connection, **_: Any) -> None:
        for statement in schema.append_only(connection.dialect.name):
            connection.exec_driver_sql(statement)

    def renew(_metadata: MetaData, connection: Connection, **_: Any) -> None:
        if not inspect(connection).has_table(schema.TABLE):
            return
        for statement in schema.alone(connection.dialect.name):
            connection.exec_driver_sql(statement)
        if connection.exec_driver_sql(schema.behind(connection.dialect.name)).first() is not None:
            guard(table, connection)

    event.listen(table, "after_create", guard)
    event.listen(metadata, "after_create", renew)
    return table


def keep_senders(*kept: Keep, keeper: Keeper, records: Table) -> None:
    """From now on every new object of these models has its record. Call it once, when the program starts. Raises ValueError for a model
    without a single key column."""
    for keep in kept:
        posts, key = table_and_key(keep.model)
        event.listen(keep.model, "after_insert", writer(keep, keeper, records))
        event.listen(posts, "after_create", requirer(posts.name, key, keep.kind))
    models = tuple(keep.model for keep in kept)
    tables = {table_and_key(model)[0] for model in models}

    def refuse_bulk(state: ORMExecuteState) -> None:
        target = getattr(state.statement, "table", None)
        if state.is_insert and target in tables:
            raise Refused(Why.BULK, f"a bulk insert into {target} would write posts without their senders; add the objects")

    def remember(_session: Session, instance: Any) -> None:
        if isinstance(instance, models):
            instance_state(instance).info[ADDED] = request_id()

    event.listen(Session, "do_orm_execute", refuse_bulk)
    event.listen(Session, "transient_to_pending", remember)


def table_and_key(model: type[Any]) -> tuple[Table, str]:
    table = model.__table__
    if not isinstance(table, Table) or len(table.primary_key.columns) != 1:
        raise ValueError(f"{model.__name__}: a kept model is one table with one key column")
    return table, next(iter(table.primary_key.columns)).name


def writer(keep: Keep, keeper: Keeper, records: Table) -> Callable[[Mapper[Any], Connection, Any], None]:
    statement = insert(records)

    def write(mapper: Mapper[Any], connection: Connection, target: Any) -> None:
        must_be_of_its_request(keep, target)
        subject = as_stored(mapper.primary_key[0], mapper.primary_key_from_instance(target)[0], connection)
        row = keeper.sealed_row(keep.kind, subject, at_hand(), account=keep.account(target))
        connection.execute(statement, asdict(row))

    return write


def request_id() -> str | None:
    request = at_hand()
    return request.request_id if request else None


def must_be_of_its_request(keep: Keep, target: Any) -> None:
    """Raises Refused for an object that this request did not add."""
    now, added = request_id(), instance_state(target).info.get(ADDED)
    if now is not None and added != now:
        where = "in another request" if added else "outside of any request"
        raise Refused(Why.ANOTHER_REQUEST, f"{keep.kind}: added {where} and written in this one; end each request with session.rollback()")


def as_stored(column: ColumnElement[Any], value: Any, connection: Connection) -> str:
    """The key as the database spells it, since its guard compares (SQLite keeps a UUID without hyphens)."""
    process = column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    return str(process(value) if process else value)


def requirer(posts: str, key: str, kind: str) -> Callable[..., None]:
    def require(_table: Table, connection: Connection, **_: Any) -> None:
        for statement in schema.required(connection.dialect.name, posts, key, kind):
            connection.exec_driver_sql(statement)

    return require


def watch_foreign_keys(engine: Engine) -> None:
    """Switch on what the guard of SQLite rests on, for every connection of this engine. Without it the triggers refuse every post."""
    if engine.dialect.name == "sqlite":

        def end(connection: Any, _record: Any, _state: Any) -> None:
            connection.rollback()  # a commit that a deferred key refused leaves SQLite's transaction open, and the pool would hand it on

        def switch_on(connection: Any, _record: Any) -> None:
            cursor = connection.cursor()
            cursor.execute("PRAGMA foreign_keys = ON")
            cursor.close()

        event.listen(engine, "connect", switch_on)
        event.listen(engine, "reset", end)


def record_id(session: Session, records: Table, subject: str, kind: str = SubjectKind.POST) -> str:
    """The number of this post's record, for its poster alone: whoever knows it sees on the node's page /opened what it was opened for.
    "" where there is none; after `session.flush()` a new post has one."""
    wanted = select(records.c.id).where(records.c.subject_kind == kind, records.c.subject == subject)
    return str(session.execute(wanted).scalar() or "")


def times_opened(session: Session, records: Table, subject: str, kind: str = SubjectKind.POST) -> int:
    """How often somebody opened the sender data of this post: what its poster may see."""
    found = session.execute(select(records.c.opened).where(records.c.subject_kind == kind, records.c.subject == subject)).scalar()
    return int(found or 0)
