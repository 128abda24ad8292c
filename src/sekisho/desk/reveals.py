"""Openings of sender records as `keep` knows them: which step may open what, and how often a record was opened. What use cases share."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import update

from sekisho.desk import permits, records
from sekisho.desk.world import No, World
from sekisho.gate.permit import Permit
from sekisho.law.canonical import canonical
from sekisho.law.reading import read
from sekisho.store.errors import SealError
from sekisho.store.sks1 import name_of, named

KEEPING = "post-log-keeping"
POST = ("post",)
BESIDE = ("login", "signup", "logout", "account-deletion")
"""Communications beside posts (侵害関連通信): account opened, log-in, log-out, account closed."""
KINDS = (*POST, *BESIDE)
KEPT_BY: Mapping[str, str] = MappingProxyType({"post": "keep-post-log", **dict.fromkeys(BESIDE, "keep-access-log")})
ADDRESS = frozenset({"post-address-and-port", "login-address-and-port"})
TIME = frozenset({"post-time", "login-time"})
READABLE = timedelta(minutes=15)
"""How long after it was seen the asker may read it; later they ask again, and that counts again."""
REFUSED = "refused"
FETCHING, COUNTING, READY, SHOWN = "fetching", "counting", "ready", "shown"


@dataclass(frozen=True)
class May:
    """What a step may open: records of these kinds, and the word of its scope that lists the items. Without one, the first view is all."""

    kinds: tuple[str, ...]
    items: str = ""


STEPS: Mapping[tuple[str, str], May] = MappingProxyType({
    ("disclosure-request", "disclose-post"): May(POST, "items"),
    ("disclosure-request", "disclose-login"): May(BESIDE, "login_items"),
    ("disclosure-request", "disclose-by-order"): May(KINDS, "items"),
    ("disclosure-request", "pass-to-provider"): May(KINDS, "items"),
    ("disclosure-request", "name-provider"): May(KINDS),
})  # fmt: skip
"""The only steps under which a sender record is ever opened."""


@dataclass(frozen=True)
class Other:
    """Another record that the permit names, to be compared and not opened: of what is sealed the head alone, and its blind index.
    Both empty where the row has no index: its address was not known, or the index was of an earlier version."""

    id: str
    kind: str
    subject: str
    day: str
    head: bytes
    index: str


@dataclass(frozen=True)
class Sealed:
    """A row of the service, still sealed, and the `others` that its permit names."""

    id: str
    kind: str
    subject: str
    day: str
    sealed: bytes
    others: tuple[Other, ...]


@dataclass(frozen=True)
class End:
    """One end of a connection; a port nobody told is None."""

    ip: str
    port: int | None


@dataclass(frozen=True)
class View:
    """What was seen of one record. The first view (`full` false) tells the network and no address.

    operator: "" where no table knows it. same_as: records of the same permit with the same address; not_compared: those of which nobody
    can tell, since their key is gone or they have no index. held, not_held: items of the permit that the record has, and has not. Then the
    items, as far as the permit names them: both ends of the connection, the moment in microseconds since 1970 in UTC. digest: SHA-256 of
    the record as it was sealed.
    """

    kind: str
    day: str
    full: bool
    prefix: str
    operator: str
    same_as: tuple[str, ...]
    held: tuple[str, ...]
    not_held: tuple[str, ...]
    why_empty: str
    tampered: bool
    source: End | None = None
    destination: End | None = None
    seen_us: int | None = None
    transport: str = ""
    http: str = ""
    clock_offset_us: int | None = None
    host: str = ""
    digest: str = ""
    not_compared: tuple[str, ...] = ()


def allowed(permit: Permit) -> May:
    """Raises No for the permit of any other step."""
    may = STEPS.get((permit.measure, permit.step.name))
    if may is None:
        raise No("step-opens-no-record", permit=permit.id, step=permit.step.name)
    return may


def items(permit: Permit) -> tuple[str, ...]:
    """The items that the permit names; none, where it names none."""
    word = allowed(permit).items
    return texts(permit, word) if word else ()


def texts(permit: Permit, word: str) -> tuple[str, ...]:
    found = permit.scope.get(word)
    return tuple(v for v in found if isinstance(v, str)) if isinstance(found, tuple) else ()


def about(world: World, service: str, record: str) -> str:
    """How a record is named in the ledger: nobody without `keep`'s key can tell which it is."""
    return hmac.new(world.pseudonyms, canonical({"service": service, "record": record}), hashlib.sha256).hexdigest()


def of(world: World, identity: str) -> Mapping[str, Any]:
    row = records.one(world.db, records.REVEALS, id=identity)
    if row is None:
        raise No("unknown-reveal", reveal=identity)
    return row


def change(world: World, identity: str, **values: object) -> None:
    table = records.REVEALS
    world.db.execute(update(table).where(table.c.id == identity).values(**values))


def withheld(world: World, row: Mapping[str, Any], now: datetime) -> bool:
    """Whether the poster is not told yet: only while a law named in the permit asks for it, until its day."""
    said = records.body(row).get("withheld")
    return said is not None and world.book.day(now) < date.fromisoformat(said["until"])


def openings(world: World, named: str, now: datetime) -> Sequence[Mapping[str, Any]]:
    """Every opening of a record that its poster is told of, oldest first."""
    rows = records.rows(world.db, records.REVEALS, about=named)
    return [r for r in rows if r["state"] not in (REFUSED, FETCHING) and not withheld(world, r, now)]


def waiting(row: Mapping[str, Any]) -> Sealed:
    """The sealed row of an opening that is ready. Raises No."""
    if row["state"] != READY or row["entry"] is None or not row["fetched"]:
        raise No("not-waiting", reveal=row["id"], state=row["state"])
    return read(Sealed, json.loads(row["fetched"]))


def key_of(world: World, service: str, kind: str, day: str, sealed: bytes) -> str:
    """The id of the key that opens this record, by the record or its head: of a permit to keep this very service's records, and not
    withdrawn. Raises No."""
    try:
        wanted = named(sealed)
    except SealError as why:
        raise No("key-refused", why=why.code) from why
    for key_id in world.vault.key_ids():
        if not key_id.endswith(f"/{kind}/{day}"):
            continue
        row = records.one(world.db, records.PERMITS, id=key_id.partition("/")[0])
        keeping = permits.of(row) if row else None
        if row is None or keeping is None or keeping.measure != KEEPING or keeping.scope.get("service") != service:
            continue
        public = world.vault.opens(key_id)
        if public is None or name_of(public) != wanted:
            continue
        if row["ended"] == "withdrawn":
            raise No("withdrawn", permit=keeping.id)
        return key_id
    raise No("key-gone", service=service, day=day)
