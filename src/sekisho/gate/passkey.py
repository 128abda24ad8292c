"""WebAuthn assertions checked by hand (W3C WebAuthn Level 2, §7.2), so that the gate needs no library beyond `cryptography`.

A passkey signs the digest of a statement as its challenge. The signature counter is not kept: synced passkeys send zero.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256

KTY, ALG, CRV, X, Y = 1, 3, -1, -2, -3  # COSE key labels, RFC 9052 and RFC 9053
OKP, EC2 = 1, 2
EDDSA, ES256 = -8, -7
ED25519_CURVE, P256_CURVE = 6, 1
USER_PRESENT, USER_VERIFIED = 0x01, 0x04
LARGEST = 4096


class BadAssertion(Exception):
    """The assertion does not hold. `code` says which step failed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Assertion:
    """What the browser returned: clientDataJSON, authenticatorData and signature."""

    client_data: bytes
    authenticator_data: bytes
    signature: bytes


def verify_assertion(given: Assertion, cose_key: bytes, challenge: bytes, *, origin: str, rp_id: str) -> None:
    """Raises BadAssertion unless the passkey, with its user present and verified, signed `challenge` at `origin`."""
    if max(len(given.client_data), len(given.authenticator_data), len(given.signature), len(cose_key)) > LARGEST:
        raise BadAssertion("too-large")
    _client_data(given.client_data, challenge, origin)
    _authenticator_data(given.authenticator_data, rp_id)
    signed = given.authenticator_data + hashlib.sha256(given.client_data).digest()
    key = cose_public_key(cose_key)
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(given.signature, signed)
        else:
            key.verify(given.signature, signed, ECDSA(SHA256()))
    except InvalidSignature:
        raise BadAssertion("wrong") from None


def cose_public_key(data: bytes) -> Ed25519PublicKey | EllipticCurvePublicKey:
    """An ES256 or EdDSA public key from its COSE form. Raises BadAssertion for any other."""
    key = _cose_map(data)
    x, y = key.get(X), key.get(Y)
    try:
        if (key.get(KTY), key.get(ALG), key.get(CRV)) == (OKP, EDDSA, ED25519_CURVE) and isinstance(x, bytes):
            return Ed25519PublicKey.from_public_bytes(x)
        if (key.get(KTY), key.get(ALG), key.get(CRV)) == (EC2, ES256, P256_CURVE) and isinstance(x, bytes) and isinstance(y, bytes):
            return EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), SECP256R1()).public_key()
    except ValueError:
        raise BadAssertion("bad-key") from None
    raise BadAssertion("unknown-key-type")


def _client_data(data: bytes, challenge: bytes, origin: str) -> None:
    """It is an assertion, for this challenge, made at our own origin and not inside another page."""
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        raise BadAssertion("client-data") from None
    if not isinstance(said, dict) or said.get("type") != "webauthn.get":
        raise BadAssertion("not-an-assertion")
    wanted = base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
    if not hmac.compare_digest(str(said.get("challenge")).encode(), wanted.encode()):
        raise BadAssertion("another-challenge")
    if said.get("origin") != origin or said.get("crossOrigin", False) is not False:
        raise BadAssertion("another-origin")


def _authenticator_data(data: bytes, rp_id: str) -> None:
    """It is for our name, with the user present and verified."""
    if len(data) < 37:
        raise BadAssertion("authenticator-data")
    if not hmac.compare_digest(data[:32], hashlib.sha256(rp_id.encode()).digest()):
        raise BadAssertion("another-name")
    if not data[32] & USER_PRESENT or not data[32] & USER_VERIFIED:
        raise BadAssertion("user-not-verified")


class _Cursor:
    """CBOR (RFC 8949) as far as a COSE key needs it: one map of small integers to integers and byte strings."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        part = self.data[self.at : self.at + count]
        if len(part) != count:
            raise BadAssertion("bad-key")
        self.at += count
        return part

    def head(self) -> tuple[int, int]:
        """Major type and argument."""
        first = self.take(1)[0]
        kind, short = first >> 5, first & 31
        if short < 24:
            return kind, short
        if short > 25:
            raise BadAssertion("bad-key")
        return kind, int.from_bytes(self.take(1 << (short - 24)))

    def item(self) -> int | bytes:
        kind, argument = self.head()
        if kind == 0:
            return argument
        if kind == 1:
            return -1 - argument
        if kind == 2:
            return self.take(argument)
        raise BadAssertion("bad-key")


def _cose_map(data: bytes) -> dict[int, int | bytes]:
    cursor = _Cursor(data)
    kind, count = cursor.head()
    if kind != 5:
        raise BadAssertion("bad-key")
    found: dict[int, int | bytes] = {}
    for _ in range(count):
        label, value = cursor.item(), cursor.item()
        if not isinstance(label, int) or label in found:
            raise BadAssertion("bad-key")
        found[label] = value
    if cursor.at != len(data):
        raise BadAssertion("bad-key")
    return found
