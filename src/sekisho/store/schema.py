"""The fixed shapes of streams. Every column carries the element of communication it is; no column without one.

Addresses are 16 bytes, IPv4 as ::ffff:a.b.c.d (RFC 4291). Times are UTC milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from sekisho.law.words import Element

ADDRESS = pa.binary(16)
INSTANT = pa.timestamp("ms", tz="UTC")


def column(name: str, kind: pa.DataType, element: Element, sealed_as: str = "") -> pa.Field[pa.DataType]:
    """A column and its element. `sealed_as` names a column class of its own; by default the class is the element."""
    return pa.field(name, kind, nullable=True, metadata={"element": element.value, "class": sealed_as or element.value})


FLOWS = pa.schema(
    [
        column("line", ADDRESS, Element.PARTY),
        column("line_port", pa.uint16(), Element.HEADER),
        column("peer", ADDRESS, Element.COUNTERPART),
        column("peer_port", pa.uint16(), Element.HEADER),
        column("protocol", pa.uint8(), Element.HEADER),
        column("direction", pa.uint8(), Element.HEADER),  # 0: line to peer, 1: peer to line
        column("start", INSTANT, Element.DATETIME),
        column("end", INSTANT, Element.DATETIME),
        column("packets", pa.uint64(), Element.COUNT),
        column("octets", pa.uint64(), Element.COUNT),
        column("tcp_flags", pa.uint8(), Element.HEADER),
        column("in_interface", pa.uint32(), Element.HEADER),
        column("out_interface", pa.uint32(), Element.HEADER),
        column("exporter", ADDRESS, Element.HEADER),
    ]
)
"""A flow record after orientation: `line` is ours, `peer` is the other side. Own-to-own gives two rows."""

SUMS = pa.schema(
    [
        column("minute", INSTANT, Element.DATETIME),
        column("exporter", ADDRESS, Element.HEADER),
        column("interface", pa.uint32(), Element.HEADER),
        column("prefix", pa.string(), Element.HEADER),
        column("direction", pa.uint8(), Element.HEADER),
        column("protocol", pa.uint8(), Element.HEADER),
        column("packets", pa.uint64(), Element.COUNT),
        column("octets", pa.uint64(), Element.COUNT),
        column("flows", pa.uint64(), Element.COUNT),
    ]
)
"""Flows added up at intake to our own prefix and interface: no address is left."""

ASSIGNMENTS = pa.schema(
    [
        column("address", ADDRESS, Element.PARTY),
        column("prefix_length", pa.uint8(), Element.PARTY),
        column("user", pa.string(), Element.PARTY),
        column("nas", pa.string(), Element.HEADER),
        column("session", pa.string(), Element.HEADER),
        column("status", pa.string(), Element.HEADER),
        column("at", INSTANT, Element.DATETIME),
        column("session_seconds", pa.uint32(), Element.DATETIME),
    ]
)
"""One row per accounting event and address: the log is kept as it came, intervals are made inside the look."""

LINE_KEYS = pa.schema(
    [
        column("line", pa.string(), Element.PARTY),
        column("kind", pa.string(), Element.PARTY),
        column("value", pa.string(), Element.PARTY),
        column("valid_from", INSTANT, Element.PARTY),  # of the contract, not of a communication
        column("valid_until", INSTANT, Element.PARTY),
    ]
)
"""What a line is known by: `kind` is radius-name, circuit, delegated-prefix or nat-rule."""

CLASS_VOLUMES = pa.schema(
    [
        column("line", ADDRESS, Element.PARTY),
        column("start", INSTANT, Element.DATETIME),
        column("octets", pa.uint64(), Element.COUNT),
        column("of_class", pa.uint64(), Element.HEADER),  # a count that only ports and protocol could give
    ]
)
"""What a line moved in an hour, and how much of that was of the class of applications that its permit declares."""

CONTACT = "contact"

CONTACTS = pa.schema(
    [
        column("line", pa.string(), Element.PARTY, CONTACT),
        column("mail", pa.string(), Element.PARTY, CONTACT),
        column("name", pa.string(), Element.PARTY, CONTACT),
        column("language", pa.string(), Element.PARTY, CONTACT),
    ]
)
"""Whom to write to. A class of its own: opened only to send, only towards `act`."""


@dataclass(frozen=True)
class Shape:
    """A named stream shape."""

    name: str
    schema: pa.Schema


SHAPES = {
    s.name: s
    for s in (
        Shape("flows", FLOWS),
        Shape("sums", SUMS),
        Shape("assignments", ASSIGNMENTS),
        Shape("class-volumes", CLASS_VOLUMES),
        Shape("line-keys", LINE_KEYS),
        Shape("contacts", CONTACTS),
    )
}


def element(schema: pa.Schema, name: str) -> Element:
    """The element a column carries. Raises KeyError for a column that has none."""
    return Element((schema.field(name).metadata or {})[b"element"].decode())


def column_class(schema: pa.Schema, name: str) -> str:
    """The class whose key seals a column: its element's value, or a class of its own. Raises KeyError for a column that has none."""
    return (schema.field(name).metadata or {})[b"class"].decode()
