"""The operator's electronic signature on a letter: PAdES B-B (ETSI EN 319 142-1), put behind the letter's own bytes, which stay.

The key is a PKCS#12 file of the operator's. A certifying signature: any later change is one too many. Nothing is fetched from anywhere, so
whether a certificate was revoked is not asked.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

FIELD = "Operator"
KEY_USAGE = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False)


class CannotSign(Exception):
    """`code`: not-a-signing-key (no PKCS#12 with key and certificate, or another passphrase), or certificate-not-valid on that day."""

    def __init__(self, code: str, why: str = "") -> None:
        super().__init__(why or code)
        self.code = code


class NotReadable(Exception):
    """These octets are no PDF we can read."""


@dataclass(frozen=True)
class Signed:
    """One signature found in a file. `whole`: it covers the file to its last byte, and none of it changed since; `known`: its certificate
    leads to one of the roots that were named, and is in its days. `at` is what the signer's own clock said.
    """

    by: str
    issuer: str
    serial: str
    valid_until: datetime
    at: datetime | None
    whole: bool
    known: bool


class _Addition(IncrementalPdfFileWriter):
    """Adds the signature and nothing else: the letter's own metadata (PDF/A's mark among them) stand as typst wrote them."""

    def _update_meta(self) -> None:
        pass


def key_of(pkcs12: bytes, passphrase: bytes, day: datetime) -> SimpleSigner:
    """The operator's key with its certificate. Raises CannotSign."""
    try:
        key: SimpleSigner | None = SimpleSigner.load_pkcs12_data(pkcs12, other_certs=[], passphrase=passphrase or None)
    except Exception as why:
        raise CannotSign("not-a-signing-key", type(why).__name__) from why
    if key is None or key.signing_cert is None:
        raise CannotSign("not-a-signing-key")
    if not key.signing_cert.not_valid_before <= day <= key.signing_cert.not_valid_after:
        raise CannotSign("certificate-not-valid", f"{key.signing_cert.not_valid_before} - {key.signing_cert.not_valid_after}")
    return key


def sign(pdf: bytes, key: SimpleSigner) -> bytes:
    """The file, and behind it the signature over all of it; the file's own bytes stand first and unchanged."""
    said = PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, certify=True, docmdp_permissions=MDPPerm.NO_CHANGES
    )
    out = io.BytesIO()
    PdfSigner(said, signer=key).sign_pdf(_Addition(io.BytesIO(pdf)), output=out)
    return out.getvalue()


def name_of(key: SimpleSigner) -> str:
    """Whose key it is, as its certificate says."""
    return _named(getattr(key.signing_cert, "subject", ""))


def found(pdf: bytes, roots: bytes, now: datetime) -> list[Signed]:
    """Every signature in the file. `roots`: certificates (PEM or DER, together) of who is trusted. Raises NotReadable."""
    try:
        read = PdfFileReader(io.BytesIO(pdf))
        trusted = list(load_certs_from_pemder_data(roots)) if roots else []
        return [_one(each, trusted, now) for each in read.embedded_signatures]
    except Exception as why:
        raise NotReadable(type(why).__name__) from why


def _one(each: Any, trusted: Sequence[Any], now: datetime) -> Signed:
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # it logs a stack for an issuer nobody named; the answer says so already
    context = ValidationContext(trust_roots=trusted, allow_fetching=False, moment=now)
    status = validate_pdf_signature(each, context, key_usage_settings=KEY_USAGE)
    covered = status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    certificate = each.signer_cert
    return Signed(
        by=_named(certificate.subject),
        issuer=_named(certificate.issuer),
        serial=f"{certificate.serial_number:x}",
        valid_until=certificate.not_valid_after.astimezone(UTC),
        at=each.self_reported_timestamp,
        whole=bool(status.intact and status.valid and covered),
        known=bool(status.trusted),
    )


def _named(name: Any) -> str:
    """A name of a certificate in one line, without anything that a terminal would obey."""
    return "".join(c if c.isprintable() else "?" for c in str(getattr(name, "human_friendly", name)))[:300]
