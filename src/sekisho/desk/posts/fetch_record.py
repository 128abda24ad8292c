"""Reads a service's sealed sender records where they lie: its own database, or a folder of sealed log lines. Nothing here can open one.

The one thing that is ever written there is how often a record was opened, and that only grows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    NullPool,
    Select,
    String,
    Table,
    create_engine,
    make_url,
    or_,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from sekisho.desk.outside import KeepSaidNo, Outside
from sekisho.desk.posts.reveal_fetch import Fetch
from sekisho.desk.reveals import Other, Sealed
from sekisho.desk.settings import Service
from sekisho.store.sks1 import HEAD, INDEX

RECORDS = Table(
    "sekisho_sender_record",
    MetaData(),
    Column("id", String, primary_key=True),
    Column("subject_kind", String),
    Column("subject", String),
    Column("seen_day", String),
    Column("key_id", String),
    Column("sealed", LargeBinary),
    Column("ip_index", String),
    Column("opened", Integer),
)
PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306}
MOST_LISTED = 500
Row = Mapping[str, Any]


class NotThere(Exception):
    """The service cannot be asked, or has no such record: `code` says which. Never what the database said, which may name a password."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Records:
    """Which records a service has. Nothing of them is opened. `post`: only those of one post, log-in or account; `day` as 2026-11-22."""

    service: str
    kind: str = ""
    post: str = ""
    day: str = ""


def carry_out(world: Outside, request: Fetch) -> None:
    """One thing `keep` asked for, done and told. What the service refuses is told as a refusal."""
    service = world.settings.service_of(request.service)
    try:
        if service is None:
            raise NotThere("unknown-service")
        if request.count is not None:
            _count(service, request.record, request.count)
            world.keep.call("record-counted", reveal=request.reveal, count=request.count)
        else:
            world.keep.call("record-fetched", reveal=request.reveal, row=_fetched(service, request))
    except NotThere as why:
        world.keep.call("record-not-fetched", reveal=request.reveal, code=why.code)


def listed(world: Outside, request: Records) -> list[dict[str, Any]]:
    """Newest day first, 500 at most: {id, kind, subject, day, key, indexed, opened}. Raises KeepSaidNo: unknown-service, and the like."""
    service = world.settings.service_of(request.service)
    if service is None:
        raise KeepSaidNo("unknown-service", {"service": request.service})
    wanted = {"subject_kind": request.kind, "subject": request.post, "seen_day": request.day}
    try:
        rows = _rows(service, {k: v for k, v in wanted.items() if v})
    except NotThere as why:
        raise KeepSaidNo(why.code, {"service": request.service}) from why
    return [
        {
            "id": r["id"],
            "kind": r["subject_kind"],
            "subject": r["subject"],
            "day": r["seen_day"],
            "key": r["key_id"],
            "indexed": INDEX.fullmatch(r["ip_index"] or "") is not None,
            "opened": r["opened"],
        }
        for r in rows
    ]


def _fetched(service: Service, request: Fetch) -> Sealed:
    """Raises NotThere: no-such-record, several-records, database-refused."""
    found = [r for r in _named(service, request.record) if r["subject_kind"] in request.kinds]
    if len(found) != 1:
        raise NotThere("several-records" if found else "no-such-record")
    (row,) = found
    there = {str(r["id"]): r for name in request.among for r in _named(service, name) if r["id"] != row["id"]}
    others = tuple(_other(there[identity]) for identity in sorted(there))
    return Sealed(str(row["id"]), str(row["subject_kind"]), str(row["subject"]), str(row["seen_day"]), _content(row), others)


def _other(row: Row) -> Other:
    """Of another record only what it takes to compare it."""
    index = str(row["ip_index"] or "")
    head = _content(row)[:HEAD] if INDEX.fullmatch(index) else b""
    return Other(str(row["id"]), str(row["subject_kind"]), str(row["subject"]), str(row["seen_day"]), head, index if head else "")


def _content(row: Row) -> bytes:
    """Raises NotThere("not-a-record") for a log line whose `sealed` is no hex."""
    sealed = row["sealed"]
    try:
        return bytes.fromhex(sealed) if isinstance(sealed, str) else bytes(sealed)
    except ValueError as why:
        raise NotThere("not-a-record") from why


def _named(service: Service, name: str) -> list[Row]:
    """Rows of that id, or of the post of that id; rarely more than one."""
    if service.records is not None:
        return [r for r in _lines(service.records) if name in (r["id"], r["subject"])]
    with _connected(service) as db:
        return _all(db, select(RECORDS).where(or_(RECORDS.c.id == name, RECORDS.c.subject == name)).limit(MOST_LISTED))


def _rows(service: Service, where: Mapping[str, str]) -> list[Row]:
    if service.records is not None:
        came_with = _requests(service.records, where.get("subject", ""))
        rest = {k: v for k, v in where.items() if k != "subject"}
        fit = [r for r in _lines(service.records) if all(r[k] == v for k, v in rest.items())]
        fit = [r for r in fit if where.get("subject", r["subject"]) == r["subject"] or (r["subject_kind"], r["subject"]) in came_with]
        return sorted(fit, key=lambda r: str(r["seen_day"]), reverse=True)[:MOST_LISTED]
    with _connected(service) as db:
        query = select(RECORDS).where(*(RECORDS.c[k] == v for k, v in where.items()))
        return _all(db, query.order_by(RECORDS.c.seen_day.desc(), RECORDS.c.id).limit(MOST_LISTED))


def _count(service: Service, record: str, count: int) -> None:
    """One statement; the number never falls. Log lines have no place for it: there `keep` alone tells the poster."""
    if service.records is not None:
        return
    with _connected(service) as db:
        mine = (RECORDS.c.id == record, RECORDS.c.opened < count)
        db.execute(update(RECORDS).where(*mine).values(opened=count))


def _all(db: Connection, query: Select[Any]) -> list[Row]:
    return [dict(r) for r in db.execute(query).mappings()]


@contextmanager
def _connected(service: Service) -> Iterator[Connection]:
    """A connection for one question. A database that is not there is not made. Raises NotThere("database-refused")."""
    try:
        engine = create_engine(_url(service.database), poolclass=NullPool, hide_parameters=True)
        with engine.begin() as db:
            yield db
    except (SQLAlchemyError, ImportError, OSError, ValueError) as why:
        raise NotThere("database-refused") from why


def _url(database: str) -> URL:
    url = make_url(database)
    if url.get_backend_name() != "sqlite":
        return url
    return URL.create(url.drivername, database=f"file:{quote(url.database or '')}", query={"mode": "rw", "uri": "true"})


def _requests(folder: Path, subject: str) -> set[tuple[str, str]]:
    """Kinds and request ids that the application said came with this post, log-in or account (`sekisho-sender join`).

    Good enough to find a record by, not to open one: nobody sealed it. A permit names the record itself.
    """
    return {(str(t.get("kind")), str(t.get("request"))) for t in _told(folder, "subjects.jsonl") if t.get("subject") == subject}


def _lines(folder: Path) -> Iterator[Row]:
    """Every line that has the columns of the table, as texts; `sealed` is hex. Raises NotThere where the folder cannot be read."""
    return ({**row, "opened": row.get("opened")} for row in _told(folder, "*.jsonl") if _is_record(row))


def _is_record(row: Row) -> bool:
    texts = {c.name for c in RECORDS.columns} - {"opened", "ip_index"}
    return all(isinstance(row.get(name), str) for name in texts) and isinstance(row.get("ip_index", 0), str | None)


def _told(folder: Path, files: str) -> Iterator[Row]:
    """The JSON objects of these files, one on a line; half a line is none. Raises NotThere where the folder cannot be read."""
    try:
        for file in sorted(folder.glob(files)):
            with file.open(encoding="utf-8") as source:
                yield from (row for text in source if (row := _line(text)) is not None)
    except (OSError, UnicodeDecodeError) as why:
        raise NotThere("records-not-readable") from why


def _line(text: str) -> Row | None:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def places(services: Iterable[Service]) -> tuple[list[Path], list[Path], list[int]]:
    """What `act` may touch for its services: folders to read, folders to write (a file database's own), ports to connect to."""
    folders = [s.records for s in services if s.records]
    urls = [make_url(s.database) for s in services if s.database]
    files = [Path(u.database).parent for u in urls if u.get_backend_name() == "sqlite" and u.database]
    ports = [u.port or PORTS.get(u.get_backend_name(), 0) for u in urls if u.get_backend_name() != "sqlite"]
    return folders, files, [p for p in ports if p]
