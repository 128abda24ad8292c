"""A permit: what `keep` signed, for which step and scope, from when until when. Anybody may read one; only the gate makes one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sekisho.law.words import Duty, Step, Value

PERMIT_CONTEXT = b"sekisho permit v1\n"
"""Stands before a permit's canonical bytes when they are signed: a signature for one use is none for another."""

LEASE_CONTEXT = b"sekisho lease v1\n"
"""The same for a lease."""


@dataclass(frozen=True)
class Permit:
    """The signed words. `scope` is the plan's scope for this step; `one_person` says that a single person gave every signature.

    `envelope`: the one it was made in, where people had signed that beforehand instead of the plan.
    """

    id: str
    plan: str
    measure: str
    step: Step
    scope: Mapping[str, Value]
    cases: tuple[str, ...]
    book: str
    since: datetime
    until: datetime
    duties: tuple[Duty, ...]
    signed_by: tuple[str, ...]
    one_person: bool
    out_of_scope: bool
    envelope: str = ""


@dataclass(frozen=True)
class SignedPermit:
    """A permit as it travels: canonical bytes, Ed25519 signature by `keep`, and the ledger's inclusion proof (tlog-proof text)."""

    body: bytes
    signature: bytes
    proof: str = ""


@dataclass(frozen=True)
class Lease:
    """`keep`'s word that a permit still holds, good for a few seconds. Without `keep` nothing new is done."""

    permit: str
    until: datetime
    signature: bytes
