"""Assertions and keys byte by byte: what a browser may hand over at most, and every head of CBOR that is no key of ours."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from sekisho.gate.passkey import LARGEST, Assertion, BadAssertion, cose_public_key, verify_assertion

ORIGIN, NAME, CHALLENGE = "http://localhost:8080", "localhost", bytes(range(32))
CURVE = ec.derive_private_key(7**80, ec.SECP256R1())
EDWARDS = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
POINT = CURVE.public_key().public_numbers()
X, Y = POINT.x.to_bytes(32), POINT.y.to_bytes(32)
LABELS = {1: 2, 3: -7, -1: 1, -2: X, -3: Y}
KEY = cbor2.dumps(LABELS)


def signed(client: bytes | None = None, *, padding: int = 0, more: bytes = b"", **changes: Any) -> Assertion:
    """As the browser would hand it over; `padding` lengthens the client data, `more` the authenticator's."""
    asked = base64.urlsafe_b64encode(CHALLENGE).rstrip(b"=").decode()
    said = {"type": "webauthn.get", "challenge": asked, "origin": ORIGIN, **changes}
    client = client or json.dumps(said).encode() + b" " * padding
    authenticator = hashlib.sha256(NAME.encode()).digest() + b"\5" + bytes(4) + more
    words = authenticator + hashlib.sha256(client).digest()
    return Assertion(client, authenticator, CURVE.sign(words, ec.ECDSA(SHA256())))


def verify(given: Assertion, key: bytes = KEY) -> None:
    verify_assertion(given, key, CHALLENGE, origin=ORIGIN, rp_id=NAME)


def why(given: Assertion, key: bytes = KEY) -> str:
    with pytest.raises(BadAssertion) as bad:
        verify(given, key)
    return bad.value.code


def refused(key: bytes) -> str:
    with pytest.raises(BadAssertion) as bad:
        cose_public_key(key)
    return bad.value.code


def test_a_browser_need_not_say_that_no_other_page_is_around_ours() -> None:
    """`crossOrigin` is optional (WebAuthn level 2, 5.8.1); anything but false is refused."""
    verify(signed())
    verify(signed(crossOrigin=False))
    for said in (True, None, 0, "false"):
        assert why(signed(crossOrigin=said)) == "another-origin"


def test_what_is_larger_than_any_browser_sends_is_refused_whichever_part_it_is() -> None:
    room = LARGEST - len(signed().client_data)
    assert LARGEST == 4096
    verify(signed(padding=room))
    verify(signed(more=bytes(LARGEST - 37)))
    assert why(signed(padding=room + 1)) == "too-large"
    assert why(signed(more=bytes(LARGEST - 36))) == "too-large"
    good = signed()
    assert why(Assertion(good.client_data, good.authenticator_data, bytes(LARGEST + 1))) == "too-large"
    assert why(good, bytes(LARGEST + 1)) == "too-large"


def test_a_text_that_is_no_client_data_is_said_to_be_that() -> None:
    for client in (b"{", b"\xff", b"[" * 3000):
        assert why(signed(client)) == "client-data"
    for client in (b"[]", b"null", b"{}"):
        assert why(signed(client)) == "not-an-assertion"


def test_both_kinds_of_keys_are_read() -> None:
    assert cose_public_key(KEY) == CURVE.public_key()
    flat = cbor2.dumps({1: 1, 3: -8, -1: 6, -2: EDWARDS.public_key().public_bytes_raw()})
    assert cose_public_key(flat) == EDWARDS.public_key()


def test_a_length_in_two_bytes_is_read_and_one_in_more_is_not() -> None:
    """A COSE key needs no more; indefinite lengths have no end to trust."""
    two = KEY.replace(b"\x58\x20" + X, b"\x59\x00\x20" + X)
    assert two != KEY
    assert cose_public_key(two) == CURVE.public_key()
    for head in (b"\x5a\x00\x00\x00\x20", b"\x5b" + bytes(7) + b"\x20", b"\x5c\x20", b"\x5d\x20", b"\x5e\x20", b"\x5f\x58\x20"):
        assert refused(KEY.replace(b"\x58\x20" + X, head + X)) == "bad-key"
    assert refused(b"\xba\x00\x00\x00\x05" + KEY[1:]) == "bad-key"


def test_a_key_is_a_map_of_whole_numbers_to_whole_numbers_and_bytes() -> None:
    """A list of as many things, a value that is text, a label that is bytes, one label twice: no key."""
    assert KEY[0] == 0xA5
    for first in (0x05, 0x25, 0x45, 0x65, 0x85, 0xC5, 0xE5):
        assert refused(bytes([first]) + KEY[1:]) == "bad-key"
    assert refused(KEY.replace(b"\x58\x20" + X, b"\x78\x20" + X)) == "bad-key"
    assert refused(cbor2.dumps({**LABELS, b"\7": 1})) == "bad-key"
    assert refused(b"\xa6" + KEY[1:] + b"\x01\x02") == "bad-key"
    for value in (1.5, True, None, [1], {1: 1}):
        assert refused(cbor2.dumps({**LABELS, 7: value})) == "bad-key"


def test_a_key_with_more_said_in_it_is_still_that_key() -> None:
    assert cose_public_key(cbor2.dumps({**LABELS, 2: b"id", -9: 5})) == CURVE.public_key()


def test_a_key_cut_short_or_with_something_after_it_is_none() -> None:
    for end in range(len(KEY)):
        assert refused(KEY[:end]) == "bad-key"
    assert refused(KEY + b"\0") == "bad-key"


def test_a_point_that_is_none_is_a_bad_key_and_another_algorithm_an_unknown_one() -> None:
    assert refused(cbor2.dumps({**LABELS, -2: bytes(32)})) == "bad-key"
    assert refused(cbor2.dumps({1: 1, 3: -8, -1: 6, -2: b"short"})) == "bad-key"
    for label, value in ((1, 1), (3, -8), (-1, 6), (-2, 7), (-3, 7), (3, -257)):
        assert refused(cbor2.dumps({**LABELS, label: value})) == "unknown-key-type"
    assert refused(cbor2.dumps({1: 1, 3: -8, -1: 6, -2: 7})) == "unknown-key-type"
