"""Whether a signature on a mail holds (DKIM, RFC 6376, by dkimpy), and whether the domain people see stands behind it (DMARC, RFC 7489).

The domain that a name belongs to is found by asking upwards (the tree walk that follows RFC 7489), not by a list that grows old.
"""

from __future__ import annotations

import base64
import email.utils
import re
from collections.abc import Iterable, Iterator, Mapping
from types import SimpleNamespace

import dkim
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from dkim.canonicalization import ALGORITHMS, Relaxed, compress_whitespace, correct_empty_body, strip_trailing_lines

from sekisho.effects.sender_check import DOMAIN, Asking, Found, NoAnswer

MOST = 4
"""Signatures of a mail that are looked at, those on top first."""
WALK = 8
"""Names that are asked about on the way up (tree walk: eight at most; of a longer name its last seven labels)."""
WEAK = b"rsa-sha1"
"""RFC 8301: it proves nothing any more."""
HEADER, FIELDS = 1 << 18, 1000
"""Octets and lines of a header within which signatures are looked at."""
SIGNATURE, COLONS, GAP = 8192, 200, re.compile(rb"\s{100}")
"""What one signature may be: octets, names it signs, and no long gap within. Of more nobody knows what reading it costs."""
KEY, EXPONENT = 2048, 32
"""Octets of a published key (RSA of 8192 bits takes 1420), and bits of its exponent (65537 has 17): a larger one costs minutes to try."""
HEAD = re.compile(rb"(?im)^(from|dkim-signature)[ \t]*:((?:.*)(?:\r\n[ \t].*)*)\r\n")


TOO_MUCH = Found("dkim", "permerror")


class _Relaxed(Relaxed):  # type: ignore[misc] # it ships no types
    """Its own looks at a long gap once from each place within it: a megabyte of spaces would take an hour, with everybody else waiting."""

    @staticmethod
    def canonicalize_body(body: bytes) -> bytes:
        *lines, last = body.split(b"\r\n")
        kept = compress_whitespace(b"\r\n".join([*(line.rstrip(b" \t") for line in lines), last]))
        return bytes(correct_empty_body(strip_trailing_lines(kept)))


class _VerifyKey:
    """A key of Ed25519 (RFC 8463) as dkimpy asks for one, by `cryptography`: it knows another library for it, which is not here."""

    def __init__(self, said: bytes, **_encoder: object) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(base64.b64decode(said, validate=True))

    def verify(self, hashed: bytes, signature: bytes) -> None:
        """Raises InvalidSignature."""
        self._key.verify(signature, hashed)


ALGORITHMS[b"relaxed"] = _Relaxed
dkim.nacl = SimpleNamespace(
    signing=SimpleNamespace(VerifyKey=_VerifyKey),
    encoding=SimpleNamespace(Base64Encoder=None),
    exceptions=SimpleNamespace(ValueError=ValueError, BadSignatureError=InvalidSignature),
)


def by_dkim(text: bytes, ask: Asking) -> Found:
    """The best of its signatures: one that holds, of the domain in From before another."""
    seen = author(text)
    every = [_one(text, at, ask) if fits else TOO_MUCH for at, fits in enumerate(_fitting(text))]
    order = sorted(every, key=lambda f: (f.result != "pass", f.domain != seen, f.result != "temperror"))
    return order[0] if order else Found("dkim", "none")


def _fitting(text: bytes) -> list[bool]:
    """Of each signature on top, whether it can be looked at in a time that is known before."""
    head = text.partition(b"\r\n\r\n")[0]
    whole = len(head) <= HEADER and head.count(b"\r\n") <= FIELDS
    every = _lines(text, b"dkim-signature")[:MOST]
    return [whole and len(one) <= SIGNATURE and one.count(b":") <= COLONS and not GAP.search(one) for one in every]


def _one(text: bytes, at: int, ask: Asking) -> Found:
    """One signature. What covers a part of the text alone, or is weak, holds and proves nothing: "policy"."""
    checked = dkim.DKIM()
    try:
        checked.set_message(text)
        holds = bool(checked.verify(at, dnsfunc=lambda name, timeout=0: _key(name, ask)))  # noqa: ARG005 - dkimpy's own; the time is ours
        result = "pass" if holds else "fail"
    except NoAnswer:
        result = "temperror"
    except dkim.ValidationError:
        result = "fail"
    except (dkim.DKIMException, ValueError, TypeError, KeyError, IndexError):
        result = "permerror"
    fields = checked.signature_fields
    if result == "pass" and (b"l" in fields or fields.get(b"a") == WEAK):
        result = "policy"
    domain = (checked.domain or b"").decode("ascii", "replace").casefold().rstrip(".")
    return Found("dkim", result, "header.d", domain, domain if result == "pass" else "")


def _key(name: bytes, ask: Asking) -> bytes | None:
    said = name.decode("ascii", "replace").rstrip(".")
    found = ask(said, "TXT") if DOMAIN.fullmatch(said) else []
    raw = b"".join(found[0]) if found else b""
    key = dkim.evaluate_pk(name, raw)[0] if 0 < len(raw) <= KEY else None
    if len(raw) > KEY or (isinstance(key, dict) and key["publicExponent"].bit_length() > EXPONENT):
        raise dkim.DKIMException("too large a key")
    return raw or None


def by_dmarc(text: bytes, found: Iterable[Found], ask: Asking) -> Found:
    """Whether one of what was found speaks for the domain in From. A mail with several, or none, of them is a permerror."""
    domain = author(text)
    if not domain:
        return Found("dmarc", "permerror")
    try:
        home, said = _home(domain, ask)
        if said is None:
            return Found("dmarc", "none", "header.from", domain)
        speaks = any(f.domain and _aligned(f, domain, home, said, ask) for f in found)
        unknown = any(f.result == "temperror" for f in found)
    except NoAnswer:
        return Found("dmarc", "temperror", "header.from", domain)
    return Found("dmarc", "pass" if speaks else "temperror" if unknown else "fail", "header.from", domain, domain if speaks else "")


def author(text: bytes) -> str:
    """The domain of the one address in the one From; empty where it is not one."""
    lines = _lines(text, b"from")
    try:
        pairs = email.utils.getaddresses([lines[0].decode("utf-8", "replace").replace("\r\n", "")]) if len(lines) == 1 else []
    except RecursionError:  # a thousand brackets, each within another
        pairs = []
    domain = pairs[0][1].rpartition("@")[2].casefold().rstrip(".") if len(pairs) == 1 else ""
    return domain if DOMAIN.fullmatch(domain) and "." in domain else ""


def _lines(text: bytes, name: bytes) -> list[bytes]:
    head = text.partition(b"\r\n\r\n")[0] + b"\r\n"
    return [value for found, value in HEAD.findall(head) if found.lower() == name]


def _aligned(found: Found, domain: str, home: str, said: Mapping[str, str], ask: Asking) -> bool:
    if found.domain == domain:
        return True
    strict = said.get("aspf" if found.method == "spf" else "adkim", "r").lower() == "s"
    return not strict and _home(found.domain, ask)[0] == home


def _home(domain: str, ask: Asking) -> tuple[str, Mapping[str, str] | None]:
    """The domain it belongs to, and the record that speaks for it: its own, or that of the domain it belongs to. Raises NoAnswer."""
    first: Mapping[str, str] | None = None
    last: tuple[str, Mapping[str, str]] | None = None
    below = domain
    for name in _upwards(domain):
        said = _record(name, ask)
        if said is not None:
            first = said if name == domain else first
            if said.get("psd") == "y" and name != domain:
                return below, first or (last[1] if last else said)
            last = (name, said)
            if said.get("psd") == "n":
                break
        below = name
    return (last[0], first or last[1]) if last else (domain, None)


def _upwards(domain: str) -> Iterator[str]:
    labels = domain.split(".")
    yield domain
    rest = labels[1:] if len(labels) <= WALK else labels[-(WALK - 1) :]
    for at in range(len(rest)):
        yield ".".join(rest[at:])


def _record(name: str, ask: Asking) -> Mapping[str, str] | None:
    """The one DMARC record of a name; None where there is none, or several."""
    texts = [b"".join(parts).decode("ascii", "replace") for parts in ask(f"_dmarc.{name}", "TXT")]
    found = [text for text in texts if re.match(r"v\s*=\s*DMARC1\s*(;|$)", text)]
    if len(found) != 1:
        return None
    pairs = (one.partition("=") for one in found[0].split(";"))
    return {key.strip().lower(): value.strip() for key, _, value in pairs}
