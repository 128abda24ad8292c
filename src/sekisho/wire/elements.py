"""IPFIX information elements: number to name and type (IANA registry "IPFIX Information Elements", 2026-07-22).

NetFlow v9 shares the numbers up to 127 (RFC 7012 §4) and most above; what IANA does not know keeps its bytes.
"""

from __future__ import annotations

from csv import DictReader
from enum import StrEnum
from importlib.resources import files
from typing import NamedTuple

REVERSE_PEN = 29305
"""RFC 5103: an element under this enterprise number is the IANA element of the other direction."""

SCOPES = {1: "System", 2: "Interface", 3: "LineCard", 4: "Cache", 5: "Template"}
"""NetFlow v9 scope field types (RFC 3954 §6.1), a number space of their own."""


class Kind(StrEnum):
    """What the bytes of an element mean; list types and unknown elements stay OCTETS."""

    UNSIGNED = "unsigned"
    SIGNED = "signed"
    FLOAT = "float"
    BOOLEAN = "boolean"
    SECONDS = "dateTimeSeconds"
    MILLISECONDS = "dateTimeMilliseconds"
    MICROSECONDS = "dateTimeMicroseconds"
    NANOSECONDS = "dateTimeNanoseconds"
    ADDRESS = "address"
    STRING = "string"
    OCTETS = "octetArray"


class InfoElement(NamedTuple):
    """One element: IANA name, kind, and the width in bytes of its full-size encoding (0: none fixed)."""

    name: str
    kind: Kind
    width: int


_TYPES = {
    "boolean": (Kind.BOOLEAN, 1),
    "dateTimeSeconds": (Kind.SECONDS, 4),
    "dateTimeMilliseconds": (Kind.MILLISECONDS, 8),
    "dateTimeMicroseconds": (Kind.MICROSECONDS, 8),
    "dateTimeNanoseconds": (Kind.NANOSECONDS, 8),
    "ipv4Address": (Kind.ADDRESS, 4),
    "ipv6Address": (Kind.ADDRESS, 16),
    "macAddress": (Kind.ADDRESS, 6),
    "string": (Kind.STRING, 0),
    "signed32": (Kind.SIGNED, 4),
    "float64": (Kind.FLOAT, 8),
    **{f"unsigned{bits}": (Kind.UNSIGNED, bits // 8) for bits in (8, 16, 32, 64)},
}


def _registry() -> dict[int, InfoElement]:
    text = files("sekisho.wire").joinpath("iana-ipfix-elements.csv").read_text("ascii")
    return {int(r["id"]): InfoElement(r["name"], *_TYPES.get(r["type"], (Kind.OCTETS, 0))) for r in DictReader(text.splitlines())}


ELEMENTS = _registry()
NUMBERS = {element.name: number for number, element in ELEMENTS.items()}


def describe(number: int, pen: int = 0) -> InfoElement:
    """Name and kind of an element; unknown ones are `field_<number>` or `enterprise_<pen>_<number>`, raw bytes."""
    if pen == 0:
        return ELEMENTS.get(number) or InfoElement(f"field_{number}", Kind.OCTETS, 0)
    known = ELEMENTS.get(number) if pen == REVERSE_PEN else None
    if known is None:
        return InfoElement(f"enterprise_{pen}_{number}", Kind.OCTETS, 0)
    return known._replace(name=f"reverse{known.name[0].upper()}{known.name[1:]}")


def describe_scope(number: int) -> InfoElement:
    """Name and kind of a NetFlow v9 scope field."""
    return InfoElement(f"scope{SCOPES[number]}" if number in SCOPES else f"scope_{number}", Kind.UNSIGNED, 4)
