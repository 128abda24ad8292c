"""The one place where a sealed column's key is opened: check the permit, write the entry, unwrap, in numbered steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from sekisho.desk import consents, holds, looks, permits, records, reveals
from sekisho.desk.reveals import Other, Sealed
from sekisho.desk.world import No, World
from sekisho.gate.permit import Permit
from sekisho.law.canonical import canonical
from sekisho.ledger.entry import EntryType
from sekisho.measures.alike_accounts import AlikeAccounts
from sekisho.measures.asked_code import AskedCode
from sekisho.measures.held_sender_notice import HeldSenderNotice
from sekisho.measures.hijack_signs import HijackSigns
from sekisho.measures.reply_answer import ReplyAnswer
from sekisho.measures.stop_notice import StopNotice
from sekisho.store.errors import StoreError
from sekisho.store.register import box_key
from sekisho.store.schema import CONTACT
from sekisho.store.sks1 import INDEX
from sekisho.store.spec import FOOTER, classes_of, period_of
from sekisho.store.vault import token_key_id

BOXED: Mapping[str, str] = MappingProxyType(
    {
        StopNotice.name: "campaign",
        ReplyAnswer.name: "campaign",
        HeldSenderNotice.name: "limit",
        AlikeAccounts.name: "limit",
        HijackSigns.name: "limit",
        AskedCode.name: "asked",
    }
)
"""A measure whose order names whose box it carries, and under which word."""


@dataclass(frozen=True)
class ReleaseKey:
    """A look asks for one wrapped data key. `key_id` is "{owner permit}/{column class}/{period}"."""

    look: str
    key_id: str
    wrapped: bytes


@dataclass(frozen=True)
class Released:
    """The data key, for the one look or order that asked."""

    key: bytes


@dataclass(frozen=True)
class ReleaseContact:
    """`act` asks to open the one contact box that its order carries."""

    order: str
    key_id: str
    wrapped: bytes


@dataclass(frozen=True)
class TokenKey:
    """A look asks for the key its tokens are made with."""

    look: str
    period: str


@dataclass(frozen=True)
class ReleaseRecord:
    """A look of the sort `reveal` asks for the one sender record it is about."""

    look: str


@dataclass(frozen=True)
class Compared:
    """Another record that the permit names, and the key of its blind index; None where there is none any more, or no index."""

    id: str
    index: str
    key: bytes | None


@dataclass(frozen=True)
class ReleasedRecord:
    """The sealed record and its key, what of it may leave the child, and what the address in it is compared with."""

    key: bytes
    service: str
    row: Sealed
    full: bool
    items: tuple[str, ...]
    others: tuple[Compared, ...]


def carry_out(world: World, request: ReleaseKey) -> Released:
    now = world.clock.now()
    look = looks.must_run(world, request.look)  # (1) the channel belongs to a look under way
    permit = permits.must_live(world, look.permit, now)  # (2) its permit holds, this very moment
    owner, column_class, period = _parts(request.key_id)
    shown = _shown(world, permit, owner)  # (3) the stream is this permit's own, or of one whose permit nobody withdrew
    _column_class(permit, shown, column_class)  # (4) the class is one of its columns, and an element the step names
    _period(permit, owner, period)  # (5) the period is one the permit covers
    _not_held_only(world, permit, request.key_id)  # (6) and its term is not over: what a hold alone keeps is nobody's to read
    _enter(world, look, request.key_id, now)  # (7) the entry, once per look and key
    try:
        return Released(world.vault.unwrap(request.key_id, request.wrapped))  # (8) unwrap; a destroyed key is gone
    except StoreError as why:
        raise No("key-refused", key=request.key_id, why=why.code) from why


def token_key(world: World, request: TokenKey) -> Released:
    """The token key of the look's purpose in one period, as long as that period's data."""
    now = world.clock.now()
    look = looks.must_run(world, request.look)
    permit = permits.must_live(world, look.permit, now)
    _token_period(permit, request.period, now)
    _not_held_only(world, permit, token_key_id(permit.step.purpose, request.period))
    _enter(world, look, token_key_id(permit.step.purpose, request.period), now)
    try:
        return Released(world.vault.token_key(permit.step.purpose, request.period, _term(permit, now)))
    except StoreError as why:
        raise No("key-refused", key=request.period, why=why.code) from why


def contact(world: World, request: ReleaseContact) -> Released:
    """The key of one contact box, for the order it was placed in, while the order's permit holds."""
    now = world.clock.now()
    row = records.one(world.db, records.ORDERS, id=request.order)
    if row is None or row["state"] not in ("waiting", "begun"):
        raise No("no-such-order", order=request.order)
    permit = permits.must_live(world, row["permit"], now)
    owner, column_class, _ = _parts(request.key_id)
    said = records.body(row)
    consents.must_cover(world, permit, str(said.get("principal", "")), now)
    box = said["box"]
    mine = box_key(box) == request.key_id and request.wrapped.hex() in box  # boxes of one import share a key, each wraps its own
    if column_class != CONTACT or not mine:
        raise No("class-not-permitted", permit=permit.id, column_class=column_class)
    own = BOXED.get(permit.measure)
    if own is None or owner != said.get(own):
        _shown(world, permit, owner)
    ids = {"order": request.order, "permit": permit.id}
    world.write(EntryType.KEY_RELEASE, canonical({"order": request.order, "key": request.key_id}), ids=ids, at=now)
    try:
        return Released(world.vault.unwrap(request.key_id, request.wrapped))
    except StoreError as why:
        raise No("key-refused", key=request.key_id, why=why.code) from why


def record(world: World, request: ReleaseRecord) -> ReleasedRecord:
    """The key of one sender record, by the same steps as a column's."""
    now = world.clock.now()
    look = looks.must_run(world, request.look)
    permit = permits.genuine(world, look.permit, now)
    row = reveals.of(world, look.id)
    given, said = reveals.waiting(row), records.body(row)
    service = said["service"]
    key_id = _record_key_id(world, permit, service, given)
    _enter(world, look, key_id, now)
    try:
        opened = world.vault.record_key(key_id, given.sealed)
    except StoreError as why:
        raise No("key-refused", key=key_id, why=why.code) from why
    others = tuple(_compared(world, look, permit, service, other, now) for other in given.others)
    return ReleasedRecord(opened, service, given, said["full"], reveals.items(permit), others)


def _compared(world: World, look: looks.Look, permit: Permit, service: str, other: Other, now: datetime) -> Compared:
    """By the same steps. What cannot be compared stops nothing: it is told as not compared."""
    if INDEX.fullmatch(other.index) is None:
        return Compared(other.id, "", None)
    try:
        key_id = _record_key_id(world, permit, service, other)
        key = world.vault.index_key(key_id, other.head)
    except (No, StoreError):
        return Compared(other.id, "", None)
    _enter(world, look, f"{key_id}/index", now)
    return Compared(other.id, other.index, key)


def _record_key_id(world: World, permit: Permit, service: str, row: Sealed | Other) -> str:
    sealed = row.sealed if isinstance(row, Sealed) else row.head
    key_id = reveals.key_of(world, service, row.kind, row.day, sealed)
    _not_held_only(world, permit, key_id)
    return key_id


def _enter(world: World, look: looks.Look, key_id: str, now: datetime) -> None:
    """The entry, once per look and key."""
    if looks.first_release(world, look, key_id, now):
        key = {"look": look.id, "key": key_id}
        ids = {"look": look.id, "permit": look.permit}
        world.write(EntryType.KEY_RELEASE, canonical(key), ids=ids, at=now, table=records.RELEASES, key=key)


def _not_held_only(world: World, permit: Permit, key_id: str) -> None:
    """Raises No for data past their term that only a hold keeps, unless the permit was given for that very hold."""
    if not world.vault.over(key_id):
        return
    named = permit.scope.get("holds")
    mine = set(named) if isinstance(named, tuple) else set()
    living = [r for r in holds.living(world, world.clock.now()) if r["id"] in mine]
    if key_id not in holds.keys(world, holds.data(living)):
        raise No("held-only", permit=permit.id, key=key_id)


def _parts(key_id: str) -> tuple[str, str, str]:
    parts = key_id.split("/")
    if len(parts) != 3 or not all(parts):
        raise No("bad-key-id", key=key_id)
    return parts[0], parts[1], parts[2]


def _shown(world: World, permit: Permit, owner: str) -> list[tuple[str, tuple[str, ...]]]:
    """Shape and columns of what the permit shows of this owner's streams. Raises No for another's, or one withdrawn."""
    if owner == permit.id:
        named = _entries(permit, "streams")
    else:
        named = [w for w in _entries(permit, "views") if w.get("of") == owner]
        row = records.one(world.db, records.PERMITS, id=owner)
        if row is not None and row["ended"] == "withdrawn":
            raise No("withdrawn", permit=owner)
    if not named:
        raise No("not-this-permits-stream", permit=permit.id, of=owner)
    return [(str(w.get("shape")), tuple(str(c) for c in columns)) for w in named if isinstance(columns := w.get("columns"), tuple)]


def _entries(permit: Permit, kind: str) -> list[Mapping[str, object]]:
    entries = permit.scope.get(kind)
    return [w for w in entries.values() if isinstance(w, Mapping)] if isinstance(entries, Mapping) else []


def _column_class(permit: Permit, shown: list[tuple[str, tuple[str, ...]]], column_class: str) -> None:
    """Contacts are no look's business; who sends opens them one at a time (`contact`)."""
    allowed = {c for shape, columns in shown for c in classes_of(shape, columns)} & {e.value for e in permit.step.elements}
    if column_class not in allowed | {FOOTER}:
        raise No("class-not-permitted", permit=permit.id, column_class=column_class)


def _period(permit: Permit, owner: str, period: str) -> None:
    if owner == permit.id:
        return
    periods = permit.scope.get("periods")
    if not isinstance(periods, tuple) or period not in periods:
        raise No("period-not-permitted", permit=permit.id, period=period)


def _token_period(permit: Permit, period: str, now: datetime) -> None:
    """Who keeps the stream may name its days since the permit began; whoever views it, the days their own permit names."""
    if not isinstance(permit.scope.get("streams"), Mapping):
        _period(permit, "", period)
    elif not period_of(permit.since) <= period <= period_of(now):
        raise No("period-not-permitted", permit=permit.id, period=period)


def _term(permit: Permit, now: datetime) -> datetime:
    """Tokens outlive the day's data by nothing: they end with the longest stream of the permit."""
    streams = permit.scope.get("streams")
    days = [s.get("term_days") for s in streams.values() if isinstance(s, Mapping)] if isinstance(streams, Mapping) else []
    return now + timedelta(days=max([d for d in days if isinstance(d, int)], default=1) + 1)
