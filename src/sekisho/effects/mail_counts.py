"""What accounts sent lately, on disk: by permit, token and part of a window; and which reached their limit within a day.

Nobody's name is here but in boxes that only `keep` lets open, and nothing older than the window.

Written before the mail server is answered, many answers in one transaction (SQLite, WAL). A process that is killed loses nothing it
answered; a machine that loses its power may lose the last moments (`synchronous = NORMAL`, and `settle` every few seconds), and then
somebody may send a few more.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

MAKE = """CREATE TABLE IF NOT EXISTS sent (
  permit TEXT NOT NULL, token BLOB NOT NULL, part INTEGER NOT NULL, messages INTEGER NOT NULL, recipients INTEGER NOT NULL,
  PRIMARY KEY (permit, token, part)
) WITHOUT ROWID
"""
HOLDS = """CREATE TABLE IF NOT EXISTS held (
  permit TEXT NOT NULL, token BLOB NOT NULL, at INTEGER NOT NULL, box TEXT NOT NULL, told INTEGER NOT NULL, PRIMARY KEY (permit, token)
) WITHOUT ROWID
"""
LIFTED = """CREATE TABLE IF NOT EXISTS lifted (
  permit TEXT NOT NULL, token BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (permit, token)
) WITHOUT ROWID
"""
SEEN = """CREATE TABLE IF NOT EXISTS seen (
  permit TEXT NOT NULL, token BLOB NOT NULL, first INTEGER NOT NULL, passed INTEGER NOT NULL, last INTEGER NOT NULL,
  PRIMARY KEY (permit, token)
) WITHOUT ROWID
"""
PUT = "INSERT INTO sent VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET messages = excluded.messages, recipients = excluded.recipients"
LAST = """INSERT INTO seen VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET first = excluded.first, passed = excluded.passed, last = excluded.last
"""
TABLES = ("sent", "held", "lifted", "seen")
FORM = 2
"""Of the file: another one is not read, and begun anew; it holds an hour."""
DAY = 86400
"""Seconds in which an account that stays at its limit is told once."""

PAGE, LONGEST = 1024, 32 << 20
"""Octets of a page of a new file: one count written is one page written again. And of what may lie beside the file before an answer waits
until it is in it."""

Account = dict[int, list[int]]


@dataclass(frozen=True)
class Hold:
    """An account at its limit: since when (seconds since 1970), whom to tell, sealed, and whether `keep` heard it."""

    at: int
    box: str
    told: bool = False


class MailCounts:
    """One writer, this process; a copy in memory answers. Raises sqlite3.Error when the disk refuses."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute(f"pragma page_size = {PAGE}")
        self._db.execute("pragma journal_mode = wal")
        self._db.execute(f"pragma wal_autocheckpoint = {LONGEST // PAGE}")
        self._db.execute("pragma synchronous = normal")
        if self._db.execute("pragma user_version").fetchone() != (FORM,):
            for table in TABLES:
                self._db.execute(f"DROP TABLE IF EXISTS {table}")
            self._db.execute(f"pragma user_version = {FORM}")
        for make in (MAKE, HOLDS, LIFTED, SEEN):
            self._db.execute(make)
        self._sent: defaultdict[str, dict[bytes, Account]] = defaultdict(dict)
        self._fresh: set[tuple[str, bytes, int]] = set()
        for permit, token, part, messages, recipients in self._db.execute("SELECT * FROM sent"):
            self._sent[permit].setdefault(token, {})[part] = [messages, recipients]
        self._held = {(p, t): Hold(at, box, bool(told)) for p, t, at, box, told in self._db.execute("SELECT * FROM held")}
        self._lifted: dict[tuple[str, bytes], int] = {(p, t): at for p, t, at in self._db.execute("SELECT * FROM lifted")}
        self._seen = {(p, t): (first, bool(passed), last) for p, t, first, passed, last in self._db.execute("SELECT * FROM seen")}
        self._changed: set[tuple[str, bytes]] = set()
        self._came: set[tuple[str, bytes]] = set()

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

    def seen(self, permit: str, token: bytes) -> tuple[int, bool, int] | None:
        """When it was first seen, whether it passed since, and when it was seen last (seconds since 1970)."""
        return self._seen.get((permit, token))

    def see(self, permit: str, token: bytes, seen: tuple[int, bool, int]) -> None:
        """On disk with the next `commit`."""
        self._seen[permit, token] = seen
        self._came.add((permit, token))

    def commit(self) -> None:
        """Everything added since the last time, in one transaction; what could not be written is tried again with the next."""
        if not self._fresh and not self._changed and not self._came:
            return
        rows = [(p, t, part, *self._sent[p][t][part]) for p, t, part in self._fresh if part in self._sent[p].get(t, {})]
        came = [(*key, *self._seen[key]) for key in self._came if key in self._seen]
        self._db.execute("begin immediate")
        try:
            for key in self._changed:
                self._write(*key)
            self._db.executemany(PUT, rows)
            self._db.executemany(LAST, came)
            self._db.execute("commit")
        except sqlite3.Error:
            if self._db.in_transaction:
                self._db.execute("rollback")
            raise
        self._fresh.clear()
        self._changed.clear()
        self._came.clear()

    def _write(self, permit: str, token: bytes) -> None:
        """What is held and lifted of one account, as memory has it."""
        for table in TABLES:
            if table != "sent" or token not in self._sent.get(permit, {}):
                self._db.execute(f"DELETE FROM {table} WHERE permit = ? AND token = ?", (permit, token))  # noqa: S608 - a name of ours
        if (hold := self._held.get((permit, token))) is not None:
            self._db.execute("INSERT INTO held VALUES (?, ?, ?, ?, ?)", (permit, token, hold.at, hold.box, hold.told))
        if (at := self._lifted.get((permit, token))) is not None:
            self._db.execute("INSERT INTO lifted VALUES (?, ?, ?)", (permit, token, at))
        if (seen := self._seen.get((permit, token))) is not None:
            self._db.execute("INSERT INTO seen VALUES (?, ?, ?, ?, ?)", (permit, token, *seen))

    def at_limit(self, permit: str, token: bytes, at: int) -> bool:
        """Whether this is new: who stays at the limit, or comes back to it within a day, is told once."""
        hold = self._held.get((permit, token))
        return hold is None or hold.at + DAY <= at

    def hold(self, permit: str, token: bytes, hold: Hold) -> None:
        """An account reached its limit; on disk with the next `commit`."""
        self._held[permit, token] = hold
        self._changed.add((permit, token))

    def untold(self, most: int) -> list[tuple[str, bytes, Hold]]:
        """Holds that nobody heard of yet, oldest first."""
        found = sorted(((p, t, h) for (p, t), h in self._held.items() if not h.told), key=lambda one: one[2].at)
        return found[:most]

    def told(self, permit: str, token: bytes, at: int) -> None:
        """`keep` heard of the hold that began then."""
        hold = self._held.get((permit, token))
        if hold is not None and hold.at == at and not hold.told:
            self.hold(permit, token, replace(hold, told=True, box=""))

    def each(self, permit: str, since: int) -> list[tuple[bytes, int]]:
        """Tokens that sent in parts from `since` on, and their messages."""
        return [(token, n) for token in [*self._sent[permit]] if (n := self.sent(permit, token, since)[0])]

    def totals(self, permit: str, since: int) -> tuple[int, int, int]:
        """Accounts that sent in parts from `since` on, their messages, and the most that one of them sent."""
        each = [n for _, n in self.each(permit, since)]
        return len(each), sum(each), max(each, default=0)

    def parts(self, permit: str, since: int) -> list[tuple[bytes, list[tuple[int, int]]]]:
        """Of every token, its parts from `since` on and the messages in each."""
        return [(token, [(p, n) for p, (n, _) in parts.items() if p >= since]) for token, parts in self._sent[permit].items()]

    def columns(self, permit: str) -> tuple[list[bytes], list[int], list[int], list[int]]:
        """The same of every part, many at once: tokens, how many parts each has, and one after another the parts and the messages."""
        tokens = self._sent[permit]
        parts, messages = list(chain.from_iterable(tokens.values())), [n for one in tokens.values() for n, _ in one.values()]
        return [*tokens], [len(one) for one in tokens.values()], parts, messages

    def over(self, permit: str, since: int, many: int) -> int:
        """How many accounts sent at least so many."""
        return sum(self.sent(permit, token, since)[0] >= many for token in self._sent[permit])

    def lift(self, permit: str, token: bytes, at: int) -> None:
        """The help desk let an account go again at `at`: it begins at nothing. Said once more, it does nothing."""
        if self._lifted.get((permit, token), -1) >= at:
            return
        for one in [t for t in self._sent[permit] if t.startswith(token)]:
            del self._sent[permit][one]
            self._changed.add((permit, one))
        self._held.pop((permit, token), None)
        self._lifted[permit, token] = at
        self._changed.add((permit, token))

    def forget(self, kept: Mapping[str, int]) -> None:
        """Away with every permit that is not named, and with parts before the one that is."""
        self._drop(kept)
        self._held = {k: hold for k, hold in self._held.items() if k[0] in kept}
        self._lifted = {k: at for k, at in self._lifted.items() if k[0] in kept}
        self._seen = {k: seen for k, seen in self._seen.items() if k[0] in kept and seen[2] >= kept[k[0]]}
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
        every = " UNION ".join(f"SELECT permit FROM {table}" for table in TABLES)  # noqa: S608 - names of ours
        known: Iterable[str] = (row[0] for row in self._db.execute(every).fetchall())
        for permit in known:
            if permit in kept:
                self._db.execute("DELETE FROM sent WHERE permit = ? AND part < ?", (permit, kept[permit]))
                self._db.execute("DELETE FROM seen WHERE permit = ? AND last < ?", (permit, kept[permit]))
                continue
            for table in TABLES:
                self._db.execute(f"DELETE FROM {table} WHERE permit = ?", (permit,))  # noqa: S608 - a name of ours

    def settle(self) -> None:
        """Into the file, and out of the machine's own memory, what lies beside it: beside the answering, which does not wait."""
        with closing(sqlite3.connect(self._path)) as other:
            other.execute("pragma wal_checkpoint(passive)")

    def close(self) -> None:
        self._db.close()
