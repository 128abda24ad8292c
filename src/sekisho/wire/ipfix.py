"""IPFIX (RFC 7011): header, sets, templates, option templates and withdrawals."""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct

from sekisho.wire.cursor import Cursor, FormError
from sekisho.wire.netflow9 import NO_SCOPE, Header, sets
from sekisho.wire.templates import Field, Template

TEMPLATES, OPTION_TEMPLATES = 2, 3

_HEADER = Struct("!HHIII")
_TWO = Struct("!HH")
_U16 = Struct("!H")
_WHOLE = Struct("!HHIIIHH")

__all__ = ["OPTION_TEMPLATES", "TEMPLATES", "header", "only_set", "option_templates", "sets", "templates"]


def header(cursor: Cursor) -> tuple[Header, Cursor, str | None]:
    """The header, a cursor over the message body, and what is wrong with the length: `truncated`, `trailing-bytes` or None.

    `sequence` counts data records of the observation domain. `records` is 0: IPFIX does not tell it. Raises FormError `truncated`
    or `wrong-version`, or `lying-length` when the message says it is shorter than its own header.
    """
    version, length, seconds, sequence, domain = cursor.unpack(_HEADER)
    if version != 10:
        raise FormError("exporter", "wrong-version", f"version {version} where 10 was expected")
    if length < _HEADER.size:
        raise FormError("exporter", "lying-length", f"message says {length} bytes, its header alone has {_HEADER.size}")
    body, there = length - _HEADER.size, cursor.left
    fault = "truncated" if body > there else "trailing-bytes" if body < there else None
    return Header(0, None, seconds * 1000, sequence, domain), cursor.restrict_to(min(body, there)), fault


def only_set(datagram: bytes | memoryview) -> tuple[Header, int, int] | None:
    """Header, set id and offset of the body, where the datagram is exactly one set, as most are; else None."""
    size = len(datagram)
    if size < _WHOLE.size:
        return None
    version, length, seconds, sequence, domain, kind, set_length = _WHOLE.unpack_from(datagram)
    if version != 10 or length != size or set_length != size - _HEADER.size:
        return None
    return Header(0, None, seconds * 1000, sequence, domain), kind, _WHOLE.size


def templates(cursor: Cursor) -> Iterator[Template]:
    """The templates of a set; one without fields withdraws its id. Raises FormError `truncated` after the last whole one."""
    while cursor.left >= 4:
        number, count = cursor.unpack(_TWO)
        if number == count == 0:
            return  # padding
        yield Template(number, tuple(_field(cursor) for _ in range(count)))


def option_templates(cursor: Cursor) -> Iterator[Template]:
    """The option templates of a set; one without fields withdraws its id. Raises FormError after the last whole one."""
    while cursor.left >= 4:
        number, count = cursor.unpack(_TWO)
        if count == 0:
            if number == 0:
                return  # padding
            yield Template(number, (), NO_SCOPE)
            continue
        (scope,) = cursor.unpack(_U16)
        if scope > count:
            raise FormError("exporter", "count-mismatch", f"option template {number}: {scope} scope fields of {count}")
        yield Template(number, tuple(_field(cursor) for _ in range(count)), scope or NO_SCOPE)


def _field(cursor: Cursor) -> Field:
    element, length = cursor.unpack(_TWO)
    return Field(element & 0x7FFF, length, cursor.u32()) if element & 0x8000 else Field(element, length)
