"""A submission server as customers know it: STARTTLS or TLS from the first byte, with a certificate; it asks who one is."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

IMPLICIT = 465
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.net")])


@dataclass(frozen=True)
class Certified:
    """A certificate for one address: what the server holds, and what a mail program trusts."""

    server: ssl.SSLContext
    client: ssl.SSLContext


def certified(address: str, folder: Path) -> Certified:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(NAME).issuer_name(NAME).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
    certificate = made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    path = folder / "submission.pem"
    path.write_bytes(certificate + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return Certified(server, ssl.create_default_context(cadata=certificate.decode()))


@contextmanager
def submission(address: str, port: int, context: ssl.SSLContext) -> Iterator[Controller]:
    """Listens in the namespace of the thread that begins it."""
    if port == IMPLICIT:
        server = Controller(Sink(), hostname=address, port=port, ssl_context=context, auth_require_tls=False)
    else:
        server = Controller(Sink(), hostname=address, port=port, tls_context=context, require_starttls=True, auth_require_tls=True)
    server.start()
    try:
        yield server
    finally:
        server.stop()
