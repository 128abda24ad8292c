"""NetFlow version 9 (RFC 3954): header, flow sets, templates and option templates."""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

from sekisho.wire.cursor import Cursor, FormError
from sekisho.wire.templates import Field, Template

TEMPLATES, OPTION_TEMPLATES = 0, 1

_HEADER = Struct("!HHIIII")
_SET = Struct("!HH")
_TWO = Struct("!HH")
_WHOLE = Struct("!HHIIIIHH")
_THREE = Struct("!HHH")


class Header(NamedTuple):
    """`records` of any kind follow; `uptime_ms` wraps after 49.7 days; `exported_ms` is UTC; `sequence` counts datagrams."""

    records: int
    uptime_ms: int | None
    exported_ms: int
    sequence: int
    domain: int


def header(cursor: Cursor) -> Header:
    """Read the header. Raises FormError `truncated` or `wrong-version`."""
    version, count, uptime, seconds, sequence, domain = cursor.unpack(_HEADER)
    if version != 9:
        raise FormError("exporter", "wrong-version", f"version {version} where 9 was expected")
    return Header(count, uptime, seconds * 1000, sequence, domain)


def sets(cursor: Cursor) -> Iterator[tuple[int, bytes]]:
    """Each set's id and body. Raises FormError `lying-length`, `zero-filled` or `trailing-bytes` where it must stop."""
    while (left := cursor.left) >= 4:
        kind, length = cursor.unpack(_SET)
        if length < 4 or length > left:
            if kind == length == 0 and not any(cursor.rest()):
                raise FormError("exporter", "zero-filled", "zero bytes after the last set")
            raise FormError("exporter", "lying-length", f"set {kind} says {length} bytes, {left} are there")
        yield kind, cursor.take(length - 4)
    if cursor.left:
        raise FormError("exporter", "trailing-bytes", f"{cursor.left} bytes after the last set")


def only_set(datagram: bytes | memoryview) -> tuple[Header, int, int] | None:
    """Header, set id and offset of the body, where the datagram is exactly one set, as most are; else None."""
    size = len(datagram)
    if size < _WHOLE.size:
        return None
    version, count, uptime, seconds, sequence, domain, kind, length = _WHOLE.unpack_from(datagram)
    if version != 9 or length != size - _HEADER.size:
        return None
    return Header(count, uptime, seconds * 1000, sequence, domain), kind, _WHOLE.size


def templates(cursor: Cursor) -> Iterator[Template]:
    """The templates of a template set. Raises FormError `truncated` after the last whole one."""
    while cursor.left >= 4:
        number, count = cursor.unpack(_TWO)
        if number == count == 0:
            return  # padding
        yield Template(number, tuple(Field(*cursor.unpack(_TWO)) for _ in range(count)))


def option_templates(cursor: Cursor) -> Iterator[Template]:
    """The option templates of a set; scope and option lengths are in bytes (RFC 3954 §6.1). Raises FormError after the last whole one."""
    while cursor.left >= 6:
        number, scope, options = cursor.unpack(_THREE)
        if number == scope == options == 0:
            return  # padding
        if scope % 4 or options % 4:
            raise FormError("exporter", "lying-length", f"option template {number}: lengths {scope} and {options} are no multiples of 4")
        fields = tuple(Field(*cursor.unpack(_TWO)) for _ in range((scope + options) // 4))
        # Some exporters send no scope field at all; the template still describes options, so it counts as scope 0 of options.
        yield Template(number, fields, scope // 4 or NO_SCOPE)


NO_SCOPE = -1
"""An option template without scope fields: seen from real exporters, though RFC 3954 does not foresee it."""
