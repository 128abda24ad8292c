"""Before every look and every effect: is this permit good, here, now, for this? Seven numbered steps; the docs use the same numbers.

Whoever acts holds only `keep`'s public key. Nothing is asked of anybody; a permit is checked where it is used.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sekisho.gate.permit import LEASE_CONTEXT, PERMIT_CONTEXT, Lease, Permit, SignedPermit
from sekisho.law.canonical import canonical
from sekisho.law.reading import read as read_words
from sekisho.law.words import Value

LONGEST_LEASE = timedelta(seconds=60)
LARGEST = 1 << 20
REMEMBERED = 1024
"""So many permits, and leases, are not verified twice."""

Scope = Mapping[str, Value] | Callable[[Permit], bool]
Prove = Callable[[SignedPermit], None]


class NoPermit(Exception):
    """It may not be done. `code` says why, `step` is the number of the check that failed."""

    def __init__(self, code: str, step: int, detail: str = "") -> None:
        super().__init__(code, step, detail)
        self.code = code
        self.step = step
        self.detail = detail


def check(
    signed: SignedPermit,
    keep_key: Ed25519PublicKey,
    now: datetime,
    *,
    step: str,
    scope: Scope,
    lease: Lease | None,
    prove: Prove,
    purpose: str | None = None,
) -> Permit:
    """The permit, if it carries `step` for what `scope` says is about to be done at `now`. Raises NoPermit.

    `scope` names what is about to be done in the permit's own terms (every key must stand there, equal or narrower), or
    is a function that says whether it is inside. `prove` raises unless the permit's inclusion proof holds.
    """
    permit = _opened(signed.body, signed.signature, keep_key.public_bytes_raw())
    _time(permit, now)
    _purpose(permit, step, purpose)
    _scope(permit, scope)
    _lease(permit, lease, keep_key, now)
    _inclusion(signed, prove)
    return permit


def sign_lease(permit: str, until: datetime, signer: Ed25519PrivateKey) -> Lease:
    """`keep`'s word that the permit holds until then; good for seconds."""
    return Lease(permit, until, signer.sign(_lease_words(permit, until)))


def verify_lease(lease: Lease, keep_key: Ed25519PublicKey, now: datetime) -> None:
    """Raises NoPermit (step 6) unless `keep` signed this lease and it still runs, for no longer than a minute."""
    _lease_signature(lease, keep_key.public_bytes_raw())
    if not now < lease.until <= now + LONGEST_LEASE:
        raise NoPermit("lease-over", 6, lease.until.isoformat())


def read(signed: SignedPermit) -> Permit:
    """The words of a permit, without any judgment whether it holds. Raises NoPermit (step 2) for bad form."""
    return _form(signed.body)


def within(allowed: Value, wanted: Value) -> bool:
    """Whether `wanted` is equal to or narrower than `allowed`: part of a list, fewer keys of a table, else the same."""
    if isinstance(allowed, Mapping):
        return isinstance(wanted, Mapping) and all(k in allowed and within(allowed[k], v) for k, v in wanted.items())
    if isinstance(allowed, tuple):
        items = wanted if isinstance(wanted, tuple) else (wanted,)
        return bool(items) and all(any(_same(a, w) for a in allowed) for w in items)
    return _same(allowed, wanted)


def _same(allowed: Value, wanted: Value) -> bool:
    return type(allowed) is type(wanted) and allowed == wanted


@lru_cache(maxsize=REMEMBERED)
def _opened(body: bytes, signature: bytes, keep_key: bytes) -> Permit:
    """Steps 1 and 2 depend on these bytes alone, so a permit seen before is not read again. A refusal is not remembered."""
    _signature(body, signature, keep_key)
    return _form(body)


def _signature(body: bytes, signature: bytes, keep_key: bytes) -> None:
    """(1) `keep` signed these very bytes, as a permit."""
    try:
        Ed25519PublicKey.from_public_bytes(keep_key).verify(signature, PERMIT_CONTEXT + body)
    except InvalidSignature:
        raise NoPermit("forged", 1) from None


def _form(body: bytes) -> Permit:
    """(2) The bytes are a permit, in the one spelling, with nothing more in it."""
    if len(body) > LARGEST:
        raise NoPermit("form", 2, f"longer than {LARGEST} bytes")
    try:
        permit = read_words(Permit, json.loads(body))
    except (ValueError, RecursionError) as why:
        raise NoPermit("form", 2, str(why)) from why
    if canonical(permit) != body:
        raise NoPermit("form", 2, "spelled otherwise than it was signed")
    return permit


def _time(permit: Permit, now: datetime) -> None:
    """(3) It has begun and is not over."""
    if now < permit.since:
        raise NoPermit("not-yet", 3, permit.since.isoformat())
    if now >= permit.until:
        raise NoPermit("over", 3, permit.until.isoformat())


def _purpose(permit: Permit, step: str, purpose: str | None) -> None:
    """(4) It is for this step and this purpose."""
    if permit.step.name != step:
        raise NoPermit("other-step", 4, permit.step.name)
    if purpose is not None and permit.step.purpose != purpose:
        raise NoPermit("other-purpose", 4, permit.step.purpose)


def _scope(permit: Permit, scope: Scope) -> None:
    """(5) What is about to be done lies inside its scope; a permit with a scope is not used without saying for what."""
    if callable(scope):
        if scope(permit) is not True:
            raise NoPermit("outside-scope", 5)
        return
    if permit.scope and not scope:
        raise NoPermit("scope-unsaid", 5)
    for key, wanted in scope.items():
        if key not in permit.scope or not within(permit.scope[key], wanted):
            raise NoPermit("outside-scope", 5, key)


def _lease(permit: Permit, lease: Lease | None, keep_key: Ed25519PublicKey, now: datetime) -> None:
    """(6) `keep` said a moment ago that it still holds. No word, no act."""
    if lease is None:
        raise NoPermit("no-lease", 6)
    if lease.permit != permit.id:
        raise NoPermit("lease-of-another", 6, lease.permit)
    verify_lease(lease, keep_key, now)


@lru_cache(maxsize=REMEMBERED)
def _lease_signature(lease: Lease, keep_key: bytes) -> None:
    """Depends on these words alone; the time is looked at each time."""
    try:
        Ed25519PublicKey.from_public_bytes(keep_key).verify(lease.signature, _lease_words(lease.permit, lease.until))
    except InvalidSignature:
        raise NoPermit("lease-forged", 6) from None


def _inclusion(signed: SignedPermit, prove: Prove) -> None:
    """(7) It is written in the ledger."""
    if not signed.proof:
        raise NoPermit("no-proof", 7)
    try:
        prove(signed)
    except Exception as why:
        raise NoPermit("not-in-ledger", 7, str(why)) from why


def _lease_words(permit: str, until: datetime) -> bytes:
    return LEASE_CONTEXT + canonical({"permit": permit, "until": until})
