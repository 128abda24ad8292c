"""The one place where a sealed column's key is opened: check the permit, write the entry, unwrap, in numbered steps."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sekisho.desk import looks, permits, records
from sekisho.desk.world import No, World
from sekisho.gate.permit import Permit
from sekisho.law.canonical import canonical
from sekisho.law.words import Kind
from sekisho.ledger.entry import EntryType
from sekisho.store.errors import StoreError
from sekisho.store.schema import CONTACT
from sekisho.store.spec import FOOTER, classes_of, period_of


@dataclass(frozen=True)
class ReleaseKey:
    """A look asks for one wrapped data key. `key_id` is "{owner permit}/{column class}/{period}"."""

    look: str
    key_id: str
    wrapped: bytes


@dataclass(frozen=True)
class Released:
    """The data key, for the one look that asked."""

    key: bytes


@dataclass(frozen=True)
class Pseudonym:
    """A look asks what a line is called on the list of those who withdrew. The line itself is not written anywhere."""

    look: str
    line: str


@dataclass(frozen=True)
class TokenKey:
    """A look asks for the key its tokens are made with."""

    look: str
    period: str


def carry_out(world: World, request: ReleaseKey) -> Released:
    now = world.clock.now()
    look = looks.must_run(world, request.look)  # (1) the channel belongs to a look under way
    permit = permits.must_live(world, look.permit, now)  # (2) its permit holds, this very moment
    owner, column_class, period = _parts(request.key_id)
    _owner(permit, owner)  # (3) the stream is this permit's own, or named in its views
    _column_class(permit, column_class)  # (4) the class is an element the step names
    _period(permit, owner, period)  # (5) the period is one the permit covers
    key = {"look": request.look, "key": request.key_id}
    if looks.first_release(world, look, request.key_id, now):  # (6) the entry, once per look and key
        ids = {"look": look.id, "permit": permit.id}
        world.write(EntryType.KEY_RELEASE, canonical(key), ids=ids, at=now, table=records.RELEASES, key=key)
    try:
        return Released(world.vault.unwrap(request.key_id, request.wrapped))  # (7) unwrap; a destroyed key is gone
    except StoreError as why:
        raise No("key-refused", key=request.key_id, why=why.code) from why


def token_key(world: World, request: TokenKey) -> Released:
    """The token key of the look's purpose in one period, as long as that period's data."""
    now = world.clock.now()
    look = looks.must_run(world, request.look)
    permit = permits.must_live(world, look.permit, now)
    _token_period(permit, request.period, now)
    try:
        return Released(world.vault.token_key(permit.step.purpose, request.period, _term(permit, now)))
    except StoreError as why:
        raise No("key-refused", key=request.period, why=why.code) from why


def pseudonym(world: World, request: Pseudonym) -> str:
    """The same line always has the same pseudonym for one purpose, so that a withdrawal outlives the day's tokens."""
    look = looks.must_run(world, request.look)
    permit = permits.must_live(world, look.permit, world.clock.now())
    words = canonical({"purpose": permit.step.purpose, "line": request.line})
    return hmac.new(world.pseudonyms, words, hashlib.sha256).hexdigest()


def _parts(key_id: str) -> tuple[str, str, str]:
    parts = key_id.split("/")
    if len(parts) != 3 or not all(parts):
        raise No("bad-key-id", key=key_id)
    return parts[0], parts[1], parts[2]


def _views(permit: Permit) -> Mapping[str, object]:
    views = permit.scope.get("views")
    return views if isinstance(views, Mapping) else {}


def _shown(permit: Permit) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Shape and columns of every view and stream the permit names."""
    streams = permit.scope.get("streams")
    for words in (*_views(permit).values(), *(streams.values() if isinstance(streams, Mapping) else ())):
        if isinstance(words, Mapping) and isinstance(columns := words.get("columns"), tuple):
            yield str(words.get("shape")), tuple(str(c) for c in columns)


def _owner(permit: Permit, owner: str) -> None:
    named = {str(v.get("of")) for v in _views(permit).values() if isinstance(v, Mapping)}
    if owner != permit.id and owner not in named:
        raise No("not-this-permits-stream", permit=permit.id, of=owner)


def _column_class(permit: Permit, column_class: str) -> None:
    if permit.step.kind is Kind.SEND:
        if column_class != CONTACT:
            raise No("class-not-permitted", permit=permit.id, column_class=column_class)
        return
    allowed = {c for v in _shown(permit) for c in classes_of(*v)} & {e.value for e in permit.step.elements}
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
