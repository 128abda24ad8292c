"""A small certificate authority for tests, and keys of an operator that it vouches for. Nothing of it outlives the run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import NameOID

NOW = datetime.now(UTC).replace(microsecond=0)
USES = dict.fromkeys(("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False)
Public = ec.EllipticCurvePublicKey


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "見本通信"), x509.NameAttribute(NameOID.COMMON_NAME, common)])


class Authority:
    """One root, and what it issues. `certificate`: PEM."""

    def __init__(self, common: str = "Example Root") -> None:
        self.name = name(common)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.root = self._issued(self.name, self.key.public_key(), NOW - timedelta(days=9), NOW + timedelta(days=3650), ca=True)
        self.certificate = self.root.public_bytes(Encoding.PEM)

    def pkcs12(self, passphrase: bytes = b"", *, days: int = 365, since: int = -1, common: str = "Example Networks") -> bytes:
        """An operator's key with its certificate, as a file."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._issued(name(common), key.public_key(), NOW + timedelta(days=since), NOW + timedelta(days=days), ca=False)
        sealed = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
        return serialize_key_and_certificates(b"operator", key, certificate, [self.root], sealed)

    def _issued(self, subject: x509.Name, public: Public, since: datetime, until: datetime, *, ca: bool) -> x509.Certificate:
        usage = x509.KeyUsage(digital_signature=not ca, content_commitment=not ca, key_cert_sign=ca, crl_sign=ca, **USES)
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(public)
        made = made.serial_number(x509.random_serial_number()).not_valid_before(since).not_valid_after(until)
        made = made.add_extension(x509.BasicConstraints(ca, None), critical=True).add_extension(usage, critical=True)
        made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        made = made.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        return made.sign(self.key, hashes.SHA256())
