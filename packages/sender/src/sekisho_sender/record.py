"""What is kept about the sender of one post: frozen values, valid from birth, with one spelling as bytes.

Nothing here reads a clock, a socket or a header. `canonical` is what is sealed and signed.
"""

from __future__ import annotations

import ipaddress
import json
import re
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import lru_cache
from typing import Any

OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
IPV4 = re.compile(rf"{OCTET}\.{OCTET}\.{OCTET}\.{OCTET}", re.ASCII)
SPELLED = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


class SubjectKind(StrEnum):
    """What was sent: a post, and the communications beside posts that a sender's data is kept for."""

    POST = "post"
    LOGIN = "login"
    SIGNUP = "signup"
    LOGOUT = "logout"
    ACCOUNT_DELETION = "account-deletion"


@dataclass(frozen=True, slots=True)
class Address:
    """One end of a connection. `ip` has the spelling of `ipaddress`, without zone, an IPv4 address never in IPv6 clothes;
    `port` is 1 to 65535, or None for not known. Raises ValueError for anything else."""

    ip: str
    port: int | None

    def __post_init__(self) -> None:
        if self.ip != plain_ip(self.ip):
            raise ValueError(f"the address {self.ip!r} is not in its one spelling; read it with address()")
        if self.port is not None and not (type(self.port) is int and 1 <= self.port <= 65535):
            raise ValueError(f"a port is 1 to 65535 or None, not {self.port!r}")

    def __str__(self) -> str:
        host = f"[{self.ip}]" if ":" in self.ip else self.ip
        return host if self.port is None else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Hop:
    """One thing somebody said about the way of a request. `peer`: who handed it over (an address, or "unix"); `header`: where it stood;
    `raw`: the text as it came, at most 1024 characters; `trusted`: whether that peer overwrites that header, so that it counts."""

    peer: str
    header: str
    raw: str
    trusted: bool


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a request, as far as it is known. Both ends of `source` come from the same words of the same hop.

    seen_us: microseconds since 1970 in UTC, at the start of the request. hop: the peer whose words count, "" when none.
    reading: how they were read (a word of `trust.Reading`). why_empty: for each missing value `part:reason`, separated by commas,
    "" when all four values are known. tampered: a header that only a trusted peer can write was not as that peer writes it.
    chain: everything that was said, also what was not used.
    """

    source: Address | None
    destination: Address | None
    seen_us: int
    hop: str
    reading: str
    why_empty: str
    tampered: bool
    chain: tuple[Hop, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """The sender record of one post. `id` is the record's own; `subject` is the service's id of the post, login or account.
    clock_offset_us: how far the clock was ahead of its reference, None when nobody measured. `host`: which of our machines wrote this."""

    id: str
    subject_kind: SubjectKind
    subject: str
    sender: Sender
    transport: str = ""
    http: str = ""
    user_agent: str = ""
    account: str = ""
    clock_offset_us: int | None = None
    host: str = ""


@lru_cache(4096)
def plain_ip(text: str) -> str:
    """The one spelling of an address: compressed, `::ffff:192.0.2.1` as 192.0.2.1. Raises ValueError, also for a zone (`%eth0`)."""
    if IPV4.fullmatch(text):
        return text  # without leading zeros an IPv4 address has no other spelling
    if not text.isascii() or "%" in text:
        raise ValueError(f"{text!r} is no address")
    ip = ipaddress.ip_address(text)
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return str(mapped or ip)


def address(ip: str, port: int | None = None) -> Address:
    """An Address from any spelling of its IP. Raises ValueError."""
    return Address(plain_ip(ip), port)


RECORD = tuple(one.name for one in fields(Record))
SENDER = tuple(one.name for one in fields(Sender))


def plain(record: Record) -> dict[str, Any]:
    """The record as JSON values."""
    told: dict[str, Any] = {name: getattr(record, name) for name in RECORD}
    sender = {name: getattr(record.sender, name) for name in SENDER}
    ends = {end: {"ip": sender[end].ip, "port": sender[end].port} if sender[end] else None for end in ("source", "destination")}
    chain = [{"peer": hop.peer, "header": hop.header, "raw": hop.raw, "trusted": hop.trusted} for hop in record.sender.chain]
    return {**told, "sender": {**sender, **ends, "chain": chain}}


def canonical(value: Record | dict[str, Any]) -> bytes:
    """The one spelling: keys sorted, no spaces, UTF-8. The same record gives the same bytes everywhere."""
    told = plain(value) if isinstance(value, Record) else value
    return SPELLED.encode(told).encode()


def read(text: bytes) -> Record:
    """The record that `canonical` wrote. Raises ValueError for any other bytes, also for the same record in another spelling."""
    try:
        told = json.loads(text)
        said = told["sender"]
        ends = {end: None if said[end] is None else Address(**said[end]) for end in ("source", "destination")}
        sender = Sender(**{**said, **ends, "chain": tuple(Hop(**hop) for hop in said["chain"])})
        record = Record(**{**told, "subject_kind": SubjectKind(told["subject_kind"]), "sender": sender})
    except (KeyError, TypeError, AttributeError) as wrong:
        raise ValueError(f"no sender record: {wrong}") from wrong
    if canonical(record) != text:
        raise ValueError("a sender record in another spelling than its own")
    return record
