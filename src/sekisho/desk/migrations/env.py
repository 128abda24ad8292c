"""Run by Alembic: the connection comes from `open_records`, inside its transaction; there is no ini file and no URL."""

from __future__ import annotations

from alembic import context

from sekisho.desk.records import METADATA

if (connection := context.config.attributes.get("connection")) is None:
    raise RuntimeError("migrations run where the records are opened, and nowhere else")
context.configure(connection=connection, target_metadata=METADATA, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
