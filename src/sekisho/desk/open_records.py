"""Opens what `keep` remembers, and brings its tables up to this version. `keep` alone does so: nobody else loads what migrates."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, inspect


class RecordsOfAnother(Exception):
    """The database is not one that this version may touch."""


def open_records(path: Path) -> Engine:
    """The engine on `path`. Raises OSError where the folder is absent: it must exist already."""
    if not path.parent.is_dir():
        raise FileNotFoundError(path.parent)
    engine = create_engine(f"sqlite:///{path}", hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _durable(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        # what a savepoint would put into a temporary file stays in memory: `keep` may write nowhere but in its own folder
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.begin() as db:
        _bring_up(db)
    return engine


def _bring_up(db: Connection) -> None:
    """Tables as this version knows them. Raises RecordsOfAnother for a database of a newer version, or of none."""
    known, head = _schemas()
    now = MigrationContext.configure(db).get_current_revision()
    if now is not None and now not in known:
        raise RecordsOfAnother(f"the records are of schema {now}, this version knows {max(known)}: run the newer version")
    if now is None and inspect(db).get_table_names():
        raise RecordsOfAnother("the records name no schema: they were made by no released version")
    if now != head:
        config = _config()
        config.attributes["connection"] = db
        command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


@cache
def _schemas() -> tuple[frozenset[str], str | None]:
    """Every schema this version can bring up to date, and its own: read from the migrations once."""
    script = ScriptDirectory.from_config(_config())
    return frozenset(s.revision for s in script.walk_revisions()), script.get_current_head()
