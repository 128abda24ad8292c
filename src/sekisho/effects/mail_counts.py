"""What accounts sent lately, on disk: by permit, token and part of a window. Nobody's name is here, and nothing older than the window.

Written before the mail server is answered, many answers in one transaction (SQLite, WAL). A process that is killed loses nothing it
answered; a machine that loses its power may lose the last moments (`synchronous = NORMAL`), and then somebody may send a few more.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

MAKE = """CREATE TABLE IF NOT EXISTS sent (
  permit TEXT NOT NULL, token BLOB NOT NULL, part INTEGER NOT NULL, messages INTEGER NOT NULL, recipients INTEGER NOT NULL,
  PRIMARY KEY (permit, token, part)
) WITHOUT ROWID
"""
PUT = "INSERT INTO sent VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET messages = excluded.messages, recipients = excluded.recipients"
FORM = 1
"""Of the file: another one is not read, and begun anew; it holds an hour."""

Account = dict[int, list[int]]


class MailCounts:
    """One writer, this process; a copy in memory answers. Raises sqlite3.Error when the disk refuses."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")
        if self._db.execute("pragma user_version").fetchone() != (FORM,):
            self._db.execute("DROP TABLE IF EXISTS sent")
            self._db.execute(f"pragma user_version = {FORM}")
        self._db.execute(MAKE)
        self._sent: defaultdict[str, dict[bytes, Account]] = defaultdict(dict)
        self._fresh: set[tuple[str, bytes, int]] = set()
        for permit, token, part, messages, recipients in self._db.execute("SELECT * FROM sent"):
            self._sent[permit].setdefault(token, {})[part] = [messages, recipients]

    def sent(self, permit: str, token: bytes, since: int) -> tuple[int, int]:
        """Messages and recipients in parts from `since` on."""
        parts = self._sent[permit].get(token)
        if not parts:
            return 0, 0
        messages = recipients = 0
        for part, (more, named) in parts.items():
            if part >= since:
                messages += more
                recipients += named
        return messages, recipients

    def add(self, permit: str, token: bytes, part: int, recipients: int) -> None:
        """One message more; on disk with the next `commit`."""
        there = self._sent[permit].setdefault(token, {}).setdefault(part, [0, 0])
        there[0] += 1
        there[1] += recipients
        self._fresh.add((permit, token, part))

    def commit(self) -> None:
        """Everything added since the last time, in one transaction; what could not be written is tried again with the next."""
        if not self._fresh:
            return
        rows = [(p, t, part, *self._sent[p][t][part]) for p, t, part in self._fresh if part in self._sent[p].get(t, {})]
        self._db.execute("begin immediate")
        try:
            self._db.executemany(PUT, rows)
            self._db.execute("commit")
        except sqlite3.Error:
            if self._db.in_transaction:
                self._db.execute("rollback")
            raise
        self._fresh.clear()

    def totals(self, permit: str, since: int) -> tuple[int, int, int]:
        """Accounts that sent in parts from `since` on, their messages, and the most that one of them sent."""
        each = [n for token in self._sent[permit] if (n := self.sent(permit, token, since)[0])]
        return len(each), sum(each), max(each, default=0)

    def over(self, permit: str, since: int, many: int) -> int:
        """How many accounts sent at least so many."""
        return sum(self.sent(permit, token, since)[0] >= many for token in self._sent[permit])

    def clear(self, permit: str, token: bytes) -> None:
        """One account begins at nothing."""
        self._sent[permit].pop(token, None)
        self._db.execute("DELETE FROM sent WHERE permit = ? AND token = ?", (permit, token))

    def forget(self, kept: Mapping[str, int]) -> None:
        """Away with every permit that is not named, and with parts before the one that is."""
        self._drop(kept)
        for permit in [*self._sent]:
            if permit not in kept:
                del self._sent[permit]
                continue
            for token, parts in [*self._sent[permit].items()]:
                for part in [p for p in parts if p < kept[permit]]:
                    del parts[part]
                if not parts:
                    del self._sent[permit][token]

    def _drop(self, kept: Mapping[str, int]) -> None:
        known: Iterable[str] = (row[0] for row in self._db.execute("SELECT DISTINCT permit FROM sent").fetchall())
        for permit in known:
            if permit in kept:
                self._db.execute("DELETE FROM sent WHERE permit = ? AND part < ?", (permit, kept[permit]))
            else:
                self._db.execute("DELETE FROM sent WHERE permit = ?", (permit,))

    def close(self) -> None:
        self._db.close()
