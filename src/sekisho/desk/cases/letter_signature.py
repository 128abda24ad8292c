"""Puts the operator's electronic signature on a letter's PDF, and says of a PDF who signed it and whether a byte changed.

The key is for whoever sits at the terminal; `keep`, `act` and `show` never read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.desk.settings import Letters
from sekisho.effects import signature
from sekisho.effects.signature import CannotSign, NotReadable
from sekisho.law.canonical import plain

__all__ = ["CannotSign", "CheckLetter", "NotReadable", "SignLetter", "SignedLetter", "carry_out", "check"]

Json = dict[str, Any]


@dataclass(frozen=True)
class SignLetter:
    """A letter's PDF, and where the operator's key lies."""

    content: bytes
    letters: Letters
    at: datetime


@dataclass(frozen=True)
class SignedLetter:
    """The PDF, and whose signature it bears: empty where the settings name no key; the content is then as it was."""

    content: bytes
    by: str = ""


@dataclass(frozen=True)
class CheckLetter:
    """A file somebody shows. `roots`: certificates that are trusted; `drafted`: the PDF as this node sets it again from its own words."""

    content: bytes
    roots: bytes
    at: datetime
    drafted: bytes | None = None


def carry_out(request: SignLetter) -> SignedLetter:
    """Raises CannotSign."""
    if request.letters.key is None:
        return SignedLetter(request.content)
    try:
        pkcs12 = request.letters.key.read_bytes()
        passphrase = request.letters.passphrase.read_bytes().strip() if request.letters.passphrase else b""
    except OSError as why:
        raise CannotSign("not-a-signing-key", str(why.strerror)) from why
    key = signature.key_of(pkcs12, passphrase, request.at)
    return SignedLetter(signature.sign(request.content, key), signature.name_of(key))


def check(request: CheckLetter) -> Json:
    """{"signatures": [{"by", "issuer", "serial", "valid_until", "at", "whole", "known"}], "whole": each covers all of it, unchanged,
    "drafted": whether it is the letter the node drafted, byte for byte, or null}. Raises NotReadable.
    """
    found = [plain(s) for s in signature.found(request.content, request.roots, request.at)]
    same = request.content.startswith(request.drafted) if request.drafted is not None else None
    if same and not found:
        same = request.content == request.drafted
    return {"signatures": found, "whole": bool(found) and all(s["whole"] for s in found), "drafted": same}
