"""What operators tell each other of the law: cases with the kinds of evidence they ask for, and authorities' answers, signed.

Nothing of it decides anywhere but where it was written: whoever takes it in sees it beside the book, by whom it is from.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sekisho.law import sound
from sekisho.law.canonical import canonical, digest
from sekisho.law.casebook import CasebookError
from sekisho.law.reading import ReadingError, read
from sekisho.law.words import Authority, Case, Certainty, EvidenceKind

FORM = "sekisho exchange 1"
CONTEXT = b"sekisho exchange v1\n"
"""Stands before what is signed: a signature for an exchange is none for a book, a permit or anything else."""

LARGEST = 1 << 20
MOST = 500
LONGEST_TEXT = 4000
LONGEST_NAME = 200


class ExchangeError(ValueError):
    """The bundle is wrong: `where` in it, and `what`."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where
        self.what = what


class Answered(StrEnum):
    """What an authority said when it was asked."""

    MAY = "may"
    CONDITIONS = "may-with-conditions"
    MAY_NOT = "may-not"
    NO_VIEW = "no-view"

    @property
    def carries(self) -> bool:
        """Whether a confirmation may rest on it."""
        return self in (Answered.MAY, Answered.CONDITIONS)


@dataclass(frozen=True)
class Consultation:
    """An authority's answer about a case: what was asked, of which office, when, and what it said in whose words.

    `who` is an office, never a person. An answer by word of mouth is `oral`; how sure one is of it says `certainty`.
    """

    case: str
    question: str
    authority: Authority
    who: str
    asked: date
    answered: date
    oral: bool
    answer: Answered
    words: str
    certainty: Certainty

    @property
    def id(self) -> str:
        return digest(self)

    def faults(self) -> tuple[str, ...]:
        """The fields that say nothing, too much, or what cannot be."""
        texts = {"case": LONGEST_NAME, "question": LONGEST_TEXT, "who": LONGEST_NAME, "words": LONGEST_TEXT}
        wrong = [n for n, most in texts.items() if not 0 < len(getattr(self, n).strip()) <= most]
        wrong += ["answered"] if self.answered < self.asked else []
        return tuple(wrong + (["certainty"] if self.oral and self.certainty is Certainty.LAW else []))


@dataclass(frozen=True)
class Bundle:
    """What one operator signed for others. `book` is the digest of the book its cases are from; `key` its public key, 32 bytes."""

    form: str
    operator: str
    country: str
    book: str
    made: date
    cases: tuple[Case, ...]
    kinds: tuple[EvidenceKind, ...]
    consultations: tuple[Consultation, ...]
    key: bytes
    signature: bytes

    @property
    def digest(self) -> str:
        """SHA-256 over everything that is signed."""
        return hashlib.sha256(self.signed_part()).hexdigest()

    def encode(self) -> bytes:
        return canonical(self)

    def signed_part(self) -> bytes:
        """The bytes that are signed, after the context."""
        return canonical({f.name: getattr(self, f.name) for f in fields(self) if f.name != "signature"})

    def signed_with(self, key: Ed25519PrivateKey) -> Bundle:
        """The same, signed. Raises ExchangeError for what nobody should sign."""
        ready = replace(self, key=key.public_key().public_bytes_raw(), signature=bytes(64))
        check(ready)
        return replace(ready, signature=key.sign(CONTEXT + ready.signed_part()))

    def verify(self) -> None:
        """Raises ExchangeError unless `key` signed exactly this."""
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(self.signature, CONTEXT + self.signed_part())
        except (InvalidSignature, ValueError):
            raise ExchangeError("signature", "is not the operator's over this: it was changed, or is another's") from None


def unpack(data: bytes) -> Bundle:
    """A bundle, once size, spelling, signature and every case in it are right. Raises ExchangeError, naming the place."""
    if len(data) > LARGEST:
        raise ExchangeError("file", f"is larger than {LARGEST} bytes")
    try:
        bundle = read(Bundle, json.loads(data.decode()))
        same = bundle.encode() == data
    except ReadingError as why:
        raise ExchangeError(why.path or "file", f"is not what an exchange says there ({why.code})") from why
    except (ValueError, TypeError, RecursionError) as why:
        raise ExchangeError("file", f"is no exchange ({type(why).__name__})") from why
    if not same:
        raise ExchangeError("file", "is not spelled as an exchange is: it was changed after it was signed")
    check(bundle)
    bundle.verify()
    return bundle


def check(bundle: Bundle) -> None:
    """Everything but the signature. Raises ExchangeError."""
    if bundle.form != FORM:
        raise ExchangeError("form", f"must be {FORM!r}; a newer form needs a newer release")
    if not 0 < len(bundle.operator.strip()) <= LONGEST_NAME:
        raise ExchangeError("operator", f"must be 1 to {LONGEST_NAME} characters")
    if len(bundle.key) != 32 or len(bundle.signature) != 64:
        raise ExchangeError("signature", "is no Ed25519 key of 32 and signature of 64 bytes")
    for name in ("cases", "kinds", "consultations"):
        if len(getattr(bundle, name)) > MOST:
            raise ExchangeError(name, f"are more than {MOST}")
    if not bundle.cases and not bundle.consultations:
        raise ExchangeError("cases", "neither a case nor an answer is in it")
    _cases(bundle)
    for number, said in enumerate(bundle.consultations):
        if wrong := said.faults():
            raise ExchangeError(f"consultations[{number}].{wrong[0]}", "is empty, too long, or cannot be")


def _cases(bundle: Bundle) -> None:
    """Cases and kinds are as sound as those of a book: the same rules, so that what is shown could be decided."""
    kinds = {k.name: k for k in bundle.kinds}
    if len(kinds) != len(bundle.kinds):
        raise ExchangeError("kinds", "one stands there twice")
    try:
        sound.kinds(kinds)
        sound.cases(bundle.cases, kinds)
    except CasebookError as why:
        raise ExchangeError(f"cases: {why.where}", why.what) from why
    for case in bundle.cases:
        if not all(w.get(language) for w in (case.title, *(c.words for c in case.conditions)) for language in ("ja", "en")):
            raise ExchangeError(f"cases: {case.id}", "has no words in Japanese or English")
