"""Signatures of people: key files, and passkeys checked by hand against assertions made here with real keys."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from webauthn import verify_authentication_response
from webauthn.helpers.exceptions import WebAuthnException

from sekisho.gate.people import Approval, BadSignature, KeyKind, Person, Signature, alone, challenge, verify
from sekisho.law.words import Role

ORIGIN, NAME = "http://localhost:8080", "localhost"
STATEMENT = Approval("plan", "a" * 64, "rin", datetime(2026, 11, 21, tzinfo=UTC))
FILE_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
CURVE_KEY = ec.derive_private_key(7**80, ec.SECP256R1())


def raw(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def cose(key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    if isinstance(key, Ed25519PrivateKey):
        return cbor2.dumps({1: 1, 3: -8, -1: 6, -2: raw(key)})
    numbers = key.public_key().public_numbers()
    return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})


def holder(key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey, kind: KeyKind = KeyKind.PASSKEY) -> Person:
    public = raw(key) if kind is KeyKind.FILE and isinstance(key, Ed25519PrivateKey) else cose(key)
    return Person("rin", "Rin", frozenset({Role.REVIEWER}), kind, public)


def assertion(key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey, *, flags: int = 0x05, name: str = NAME, **changes: object) -> Signature:
    asked = base64.urlsafe_b64encode(challenge(STATEMENT)).rstrip(b"=").decode()
    client = json.dumps({"type": "webauthn.get", "challenge": asked, "origin": ORIGIN, "crossOrigin": False, **changes}).encode()
    authenticator = hashlib.sha256(name.encode()).digest() + bytes([flags]) + bytes(4)
    words = authenticator + hashlib.sha256(client).digest()
    made = key.sign(words) if isinstance(key, Ed25519PrivateKey) else key.sign(words, ec.ECDSA(SHA256()))
    return Signature("rin", made, client, authenticator)


def why(signature: Signature, person: Person, statement: object = STATEMENT) -> str:
    with pytest.raises(BadSignature) as bad:
        verify(signature, person, statement, origin=ORIGIN, rp_id=NAME)
    return bad.value.code


@pytest.mark.parametrize("key", [FILE_KEY, CURVE_KEY], ids=["EdDSA", "ES256"])
def test_a_passkey_signs_the_digest_of_what_was_shown(key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> None:
    """Both kinds of key pass; another statement, another person's id, another key do not."""
    verify(assertion(key), holder(key), STATEMENT, origin=ORIGIN, rp_id=NAME)
    assert why(assertion(key), holder(key), replace(STATEMENT, shown="b" * 64)) == "another-challenge"
    assert why(replace(assertion(key), person="ken"), holder(key)) == "another-person"
    assert why(assertion(key), holder(ec.generate_private_key(ec.SECP256R1()))) == "wrong"


def test_a_passkey_is_bound_to_our_page_and_a_present_person() -> None:
    """Another origin, a page inside a page, a registration instead of an assertion, another name, no touch, no PIN."""
    person = holder(CURVE_KEY)
    assert why(assertion(CURVE_KEY, origin="http://localhost.example"), person) == "another-origin"
    assert why(assertion(CURVE_KEY, crossOrigin=True), person) == "another-origin"
    assert why(assertion(CURVE_KEY, type="webauthn.create"), person) == "not-an-assertion"
    assert why(assertion(CURVE_KEY, name="example.net"), person) == "another-name"
    assert why(assertion(CURVE_KEY, flags=0x01), person) == "user-not-verified"
    assert why(assertion(CURVE_KEY, flags=0x04), person) == "user-not-verified"
    assert why(replace(assertion(CURVE_KEY), client_data=b"["), person) == "client-data"
    assert why(replace(assertion(CURVE_KEY), authenticator_data=b""), person) == "authenticator-data"


@pytest.mark.parametrize(
    "key",
    [
        b"",
        cbor2.dumps({1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)}),
        cbor2.dumps({1: 3, 3: -257, -1: b"n", -2: b"e"}),
        cbor2.dumps({1: 1, 3: -8, -1: 6, -2: b"short"}),
        cose(CURVE_KEY) + b"\0",
        b"\xa2\x01\x02\x01\x02",
        cbor2.dumps([1, 2]),
    ],
)
def test_a_key_that_is_no_key_verifies_nothing(key: bytes) -> None:
    """Points off the curve, other algorithms, doubled labels, trailing bytes: refused, never an accident."""
    assert why(assertion(CURVE_KEY), replace(holder(CURVE_KEY), public_key=key)) in ("bad-key", "unknown-key-type")


def test_a_key_file_signs_the_same_digest() -> None:
    """And a passkey's assertion is not taken for a key file's signature."""
    person = holder(FILE_KEY, KeyKind.FILE)
    verify(Signature("rin", FILE_KEY.sign(challenge(STATEMENT))), person, STATEMENT, origin=ORIGIN, rp_id=NAME)
    assert why(Signature("rin", FILE_KEY.sign(b"something else")), person) == "wrong"
    assert why(Signature("rin", b""), person) == "wrong"
    assert why(assertion(FILE_KEY), person) == "not-a-key-file-signature"


@pytest.mark.parametrize("key", [FILE_KEY, CURVE_KEY], ids=["EdDSA", "ES256"])
def test_the_webauthn_library_takes_and_refuses_the_same_assertions(key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> None:
    """A second implementation as judge: good ones pass in both, each broken one in neither."""
    good = assertion(key)
    broken = (
        assertion(key, origin="http://localhost.example"),
        assertion(key, type="webauthn.create"),
        assertion(key, name="example.net"),
        assertion(key, flags=0x01),
        assertion(key, flags=0x04),
        replace(good, signature=good.signature[:-1] + bytes([good.signature[-1] ^ 1])),
        replace(good, authenticator_data=good.authenticator_data[:-1] + b"\1"),
    )
    judge(good, key)
    verify(good, holder(key), STATEMENT, origin=ORIGIN, rp_id=NAME)
    for bad in broken:
        assert why(bad, holder(key))
        with pytest.raises(WebAuthnException):
            judge(bad, key)


def judge(given: Signature, key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> None:
    def text(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    answer = {"clientDataJSON": given.client_data, "authenticatorData": given.authenticator_data, "signature": given.signature}
    verify_authentication_response(
        credential={
            "id": text(b"passkey"),
            "rawId": text(b"passkey"),
            "type": "public-key",
            "response": {k: text(v) for k, v in answer.items()},
        },
        expected_challenge=challenge(STATEMENT),
        expected_rp_id=NAME,
        expected_origin=ORIGIN,
        credential_public_key=cose(key),
        credential_current_sign_count=0,
        require_user_verification=True,
    )


@pytest.mark.parametrize(
    ("roles", "single"),
    [
        ((Role.ENGINEER,), True),
        ((Role.ENGINEER, Role.SUBSCRIBER), True),
        ((Role.ENGINEER, Role.OUTSIDE_REVIEWER), True),
        ((Role.ENGINEER, Role.DESK), False),
        ((Role.SUBSCRIBER, Role.REPORTER), False),
        ((), False),
    ],
)
def test_a_person_is_alone_when_nobody_else_is_the_operators(roles: tuple[Role, ...], single: bool) -> None:
    """Subscribers and outside reviewers are others' people; nobody at all is nobody alone."""
    people = {str(n): Person(str(n), str(n), frozenset({r}), KeyKind.FILE, b"") for n, r in enumerate(roles)}
    assert alone(people) is single


@pytest.mark.parametrize("part", ["client_data", "authenticator_data"])
def test_half_a_passkeys_assertion_is_no_key_files_signature_either(part: str) -> None:
    good = FILE_KEY.sign(challenge(STATEMENT))
    given = replace(Signature("rin", good), **{part: b"x"})
    assert why(given, holder(FILE_KEY, KeyKind.FILE)) == "not-a-key-file-signature"


def test_nobody_is_made_up_for_a_demo_unless_it_is_said() -> None:
    assert not holder(FILE_KEY).unsafe_demo
