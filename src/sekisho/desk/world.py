"""What a use case inside `keep` stands on: clock, book, keys, records, and the ledger that everything is written to first.

Answers leave only after `commit`: requests that arrive together share one ledger write (group commit), and nobody
outside hears of a step before its entry is on disk.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine, Table

from sekisho.desk import records
from sekisho.desk.clock import Clock
from sekisho.desk.counted import Counted
from sekisho.desk.gateway_words import GatewayAsRead
from sekisho.desk.kernel_words import KernelAsRead, LineCode
from sekisho.desk.policy_words import PolicyAsTold
from sekisho.desk.settings import Settings
from sekisho.desk.told_names import ToldNames
from sekisho.gate.people import Person
from sekisho.law.casebook import Casebook
from sekisho.law.reading import read
from sekisho.law.words import Plan, Role
from sekisho.ledger.entry import Entry, EntryType, commit
from sekisho.ledger.faults import LedgerError
from sekisho.ledger.log import Log
from sekisho.store.vault import Vault


class No(Exception):
    """A use case refuses. `code` is a fixed word, `detail` names who or what; no sentences, the faces have those."""

    def __init__(self, code: str, **detail: object) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


class LedgerRefuses(Exception):
    """The ledger could not be written: a full or broken disk. Nothing of this turn was done; nothing is, until it can be."""


@dataclass(frozen=True)
class Written:
    """An entry waiting for the next commit, and the row that will learn its index."""

    entry: bytes
    table: Table | None
    key: Mapping[str, str]
    salt: bytes
    then: Callable[[int, Written], None] | None


@dataclass(frozen=True)
class Caller:
    """Who asks: the role its channel was made for, and for a `work` child the looks it was started for."""

    role: str
    looks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Measured:
    """A plan as it was decided last: with so many papers, when told this (a digest), its passing steps, good `until`."""

    plan: Plan
    papers: int
    told: str
    until: datetime
    holds: frozenset[str]


def _nothing_missed(_world: World) -> None:
    """Until `opening` says otherwise."""


@dataclass
class World:
    """`keep`'s own world; there is one per process. `shipped`: the digest of the release's own book, once it is known which is in force."""

    settings: Settings
    clock: Clock
    book: Casebook
    vault: Vault
    log: Log
    engine: Engine
    signer: Ed25519PrivateKey
    pseudonyms: bytes
    caller: Caller = Caller("nobody")
    catch_up: Callable[[World], None] = _nothing_missed
    measured: dict[str, Measured] = field(default_factory=dict)
    measured_last: str = ""
    reminded_last: tuple[str, str] = ("", "")
    stuck: dict[str, str] = field(default_factory=dict)
    shipped: str = ""
    books: dict[str, Casebook] = field(default_factory=dict)
    kernel: KernelAsRead | None = None
    resolver: KernelAsRead | None = None
    line_codes: Mapping[str, LineCode] = field(default_factory=dict)
    wrong_codes: dict[str, list[datetime]] = field(default_factory=dict)
    switched_off: Mapping[str, Mapping[str, str]] | None = None
    policy: PolicyAsTold | None = None
    covering: dict[tuple[str, str], bool] = field(default_factory=dict)
    gateway: GatewayAsRead | None = None
    new_accounts: dict[str, str] = field(default_factory=dict)
    suspended: dict[str, tuple[tuple[int, str], tuple[str, ...]]] = field(default_factory=dict)
    counted: Counted = field(default_factory=Counted)
    names: ToldNames = field(default_factory=ToldNames)
    _db: Connection | None = None
    _waiting: list[Written] = field(default_factory=list)

    @property
    def db(self) -> Connection:
        if self._db is None:
            raise RuntimeError("a use case ran outside a turn")
        return self._db

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Requests handled together: entries first (one group commit), records second, and only then answers.

        What an earlier turn wrote in the ledger and could not write in the records is applied before anything else.
        """
        with self.engine.begin() as db:
            self._db, self._waiting = db, []
            try:
                self.catch_up(self)
                yield
                self._commit(db)
            except BaseException as why:
                self.switched_off = None  # what was read meanwhile may be what is undone now
                if isinstance(why, LedgerError):
                    raise LedgerRefuses(str(why)) from why
                raise
            finally:
                self._db, self._waiting = None, []

    @contextmanager
    def request(self) -> Iterator[None]:
        """One request inside a turn: if it refuses, nothing it began is kept."""
        mark = len(self._waiting)
        with self.db.begin_nested():
            try:
                yield
            except BaseException:
                del self._waiting[mark:]
                self.switched_off = None
                raise

    def write(
        self,
        kind: EntryType,
        body: bytes,
        *,
        ids: Mapping[str, str],
        at: datetime,
        table: Table | None = None,
        key: Mapping[str, str] | None = None,
        then: Callable[[int, Written], None] | None = None,
    ) -> None:
        """Put an entry that commits to `body`; the row `key` of `table` will learn index and salt."""
        commitment, salt = commit(body)
        entry = Entry(type=kind, at=at, ids=dict(ids), commitments={"body": commitment})
        self._waiting.append(Written(entry.encode(), table, dict(key or {}), salt, then))

    def _commit(self, db: Connection) -> None:
        waiting = list(self._waiting)
        if not waiting:
            return
        indices = self.log.append_many([w.entry for w in waiting])
        for w, index in zip(waiting, indices, strict=True):
            if w.table is not None:
                records.set_entry(db, w.table, w.key, index, w.salt)
            if w.then is not None:
                w.then(index, w)
        records.set_meta(db, records.APPLIED, str(self.log.size))

    def person(self, identity: str) -> Person:
        row = records.one(self.db, records.PEOPLE, id=identity)
        if row is None:
            raise No("unknown-person", person=identity)
        return read(Person, records.body(row))

    def everybody(self) -> Mapping[str, Person]:
        """Who ever enrolled: for names in what was signed then."""
        return {r["id"]: read(Person, records.body(r)) for r in records.rows(self.db, records.PEOPLE)}

    def people(self) -> Mapping[str, Person]:
        """Whose signatures count now."""
        gone = {r["person"] for r in records.rows(self.db, records.DISMISSALS)}
        return {name: person for name, person in self.everybody().items() if name not in gone}

    def those_in(self, role: Role) -> Sequence[Person]:
        return [p for p in self.people().values() if role in p.roles]


def fresh_id(kind: str) -> str:
    """A new identifier nobody can guess: `kind` and 16 hex digits."""
    return f"{kind}-{secrets.token_hex(8)}"
