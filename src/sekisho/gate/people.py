"""Signatures of people: approvals, confirmations, withdrawals. Who signs is data of the case; `keep` checks each one.

What is signed is the 32 bytes of `digest(statement)`. No two kinds of statement have the same fields, so a signature
under one cannot be shown for another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sekisho.gate.passkey import Assertion, BadAssertion, verify_assertion
from sekisho.law.canonical import digest
from sekisho.law.words import Role

OUTSIDE = frozenset(
    {
        Role.SUBSCRIBER,
        Role.ATTENDEE,
        Role.POSTER,
        Role.PARTICIPANT,
        Role.REPORTER,
        Role.CONTRACTOR,
        Role.OUTSIDE_REVIEWER,
    }
)
"""Roles of people who are not the operator's own."""


class KeyKind(StrEnum):
    """How a person signs."""

    FILE = "file"  # Ed25519 key file
    PASSKEY = "passkey"  # WebAuthn assertion whose challenge is the digest


@dataclass(frozen=True)
class Person:
    """A named person, and the public half of what they sign with. `only_plan`: the one plan an outside reviewer was asked about.

    `public_key`: 32 raw Ed25519 bytes for a file, a COSE key for a passkey. `credential` is the passkey's id.
    """

    id: str
    name: str
    roles: frozenset[Role]
    key_kind: KeyKind
    public_key: bytes
    credential: bytes = b""
    unsafe_demo: bool = False
    only_plan: str = ""


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
    """The legal officer makes a referred case usable for one measure: case id, reasons, a term of at most a year.

    `rule` is the digest of the case as it was read (`Casebook.rules`): where it is said, the confirmation stays good in a later
    book that holds the very same case. `consultation` is the digest of the evidence of an authority's answer it rests on, if any.
    """

    case: str
    measure: str
    book: str
    reasons: str
    person: str
    at: datetime
    until: datetime
    rule: str = ""
    consultation: str = ""


@dataclass(frozen=True)
class Withdrawal:
    """A permit ends now. Anybody who could have refused may withdraw; a subscriber withdraws what concerns their line."""

    permit: str
    person: str
    reason: str
    at: datetime


def alone(people: Mapping[str, Person]) -> bool:
    """Whether the operator has a single person, who may then approve what they proposed; the permit says so."""
    return sum(1 for p in people.values() if p.roles - OUTSIDE) == 1


class BadSignature(Exception):
    """The signature is not this person's over this statement. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def challenge(statement: object) -> bytes:
    """The 32 bytes a key file signs, and a passkey is challenged with."""
    return bytes.fromhex(digest(statement))


def verify(signature: Signature, person: Person, statement: object, *, origin: str, rp_id: str) -> None:
    """Raises BadSignature unless `person` signed `statement`. `origin` and `rp_id` bind passkeys; key files ignore them."""
    if signature.person != person.id:
        raise BadSignature("another-person")
    asked = challenge(statement)
    if person.key_kind is KeyKind.FILE:
        _verify_file(signature, person, asked)
        return
    given = Assertion(signature.client_data, signature.authenticator_data, signature.signature)
    try:
        verify_assertion(given, person.public_key, asked, origin=origin, rp_id=rp_id)
    except BadAssertion as why:
        raise BadSignature(why.code) from why


def _verify_file(signature: Signature, person: Person, asked: bytes) -> None:
    if signature.client_data or signature.authenticator_data:
        raise BadSignature("not-a-key-file-signature")
    try:
        Ed25519PublicKey.from_public_bytes(person.public_key).verify(signature.signature, asked)
    except (InvalidSignature, ValueError):
        raise BadSignature("wrong") from None
