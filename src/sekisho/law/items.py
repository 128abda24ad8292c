"""Facts that hold several things: what was chosen, and for items the value of each. Spelled and read here alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from types import MappingProxyType
from unicodedata import category

from sekisho.law.procedures import Fact
from sekisho.law.words import Value

JST = timezone(timedelta(hours=9), "JST")
MOST = 50
LONGEST = 300
ENDPOINT = re.compile(r"(?P<four>[0-9.]{7,15}):(?P<port4>[0-9]{1,5})|\[(?P<six>[0-9A-Fa-f:.]{2,45})\]:(?P<port6>[0-9]{1,5})")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(?:\d{3})?Z")


def chosen(value: Value) -> tuple[str, ...]:
    """What was chosen: the names before the `=` of items, the names themselves else; nothing for any other fact."""
    return tuple(str(v).partition("=")[0] for v in value) if isinstance(value, tuple) else ()


def values(value: Value) -> Mapping[str, str]:
    """Items by name."""
    pairs = (str(v).partition("=") for v in value) if isinstance(value, tuple) else ()
    return MappingProxyType({name: said for name, _, said in pairs})


def spelled(fact: Fact, value: Value) -> bool:
    """Whether these are choices of the fact, each at most once, and each item has a value of its form."""
    names = chosen(value)
    if not 0 < len(names) <= MOST or len(set(names)) != len(names) or not set(names) <= fact.choices.keys():
        return False
    if fact.type == "choices":
        return isinstance(value, tuple) and all(isinstance(v, str) and v == n for v, n in zip(value, names, strict=True))
    return all(_fits(fact.forms.get(name, "line"), said) for name, said in values(value).items())


def endpoint(said: str) -> tuple[IPv4Address | IPv6Address, int] | None:
    """An address with its port, or None; port 0 is no port anybody can be found by."""
    found = ENDPOINT.fullmatch(said)
    if found is None:
        return None
    try:
        address = IPv4Address(found["four"]) if found["four"] else IPv6Address(found["six"])
    except AddressValueError:
        return None
    port = int(found["port4"] or found["port6"])
    return (address, port) if 0 < port < 65536 else None


def moment(said: str) -> datetime | None:
    """A time in UTC to the millisecond or microsecond, or None."""
    try:
        return datetime.fromisoformat(said).astimezone(UTC) if MOMENT.fullmatch(said) else None
    except (ValueError, OverflowError):
        return None


def printed(form: str, said: str) -> str:
    """An item's value as a letter prints it: a time in Japan and in UTC, anything else as it is."""
    if form == "moment" and (at := moment(said)) is not None:
        return f"{at.astimezone(JST).isoformat(' ', 'milliseconds')[:-6]} JST (UTC {at.isoformat(' ', 'milliseconds')[:-6]})"
    return said


def _fits(form: str, said: str) -> bool:
    if not said.strip() or said != said.strip() or len(said) > LONGEST or any(category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in said):
        return False
    return form == "line" or (endpoint(said) if form == "endpoint" else moment(said)) is not None
