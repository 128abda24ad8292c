"""Signatures of people: approvals, confirmations, withdrawals. Who signs is data of the case; `keep` checks each one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sekisho.law.words import Role


class KeyKind(StrEnum):
    """How a person signs."""

    FILE = "file"  # Ed25519 key file
    PASSKEY = "passkey"  # WebAuthn assertion whose challenge is the digest


@dataclass(frozen=True)
class Person:
    """A named person of the operator and the public half of what they sign with.

    `public_key`: 32 raw Ed25519 bytes for a file, a COSE key for a passkey. `credential` is the passkey's id.
    """

    id: str
    name: str
    roles: frozenset[Role]
    key_kind: KeyKind
    public_key: bytes
    credential: bytes = b""
    unsafe_demo: bool = False


@dataclass(frozen=True)
class Signature:
    """A person's signature over `digest(statement)`. For a passkey, `client_data` and `authenticator_data` are the assertion's."""

    person: str
    signature: bytes
    client_data: bytes = b""
    authenticator_data: bytes = b""


@dataclass(frozen=True)
class Approval:
    """`person` approves the plan exactly as shown: the plan, its evidence and the book, by digest (`shown`)."""

    plan: str
    shown: str
    person: str
    at: datetime


@dataclass(frozen=True)
class Confirmation:
    """The legal officer makes a referred case usable for one measure: case id, reasons, a term of at most a year."""

    case: str
    measure: str
    book: str
    reasons: str
    person: str
    at: datetime
    until: datetime


@dataclass(frozen=True)
class Withdrawal:
    """A permit ends now. Anybody who could have refused may withdraw; a subscriber withdraws what concerns their line."""

    permit: str
    person: str
    reason: str
    at: datetime
