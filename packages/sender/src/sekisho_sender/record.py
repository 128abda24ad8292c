"""What is kept about the sender of one post: frozen values, valid from birth, with one spelling as bytes.

Nothing here reads a clock, a socket or a header. `canonical` is what is sealed and signed.
"""

from __future__ import annotations

import ipaddress
import json
import re
import socket
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from json.encoder import encode_basestring as quoted
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


def packed(ip: str) -> bytes:
    """The 4 or 16 bytes of an address in its one spelling. Raises ValueError."""
    try:
        return socket.inet_pton(socket.AF_INET6 if ":" in ip else socket.AF_INET, ip)
    except OSError:
        raise ValueError(f"{ip!r} is no address in its one spelling") from None


def address(ip: str, port: int | None = None) -> Address:
    """An Address from any spelling of its IP. Raises ValueError."""
    return Address(plain_ip(ip), port)


WORDS = {True: "true", False: "false"}


def canonical(value: Record | dict[str, Any]) -> bytes:
    """The one spelling: keys sorted, no spaces, UTF-8. The same record gives the same bytes everywhere."""
    return spelled(value).encode() if isinstance(value, Record) else SPELLED.encode(value).encode()


def spelled(record: Record) -> str:
    """A record's JSON as SPELLED would write it. Every post waits for it, and this takes a third of the time."""
    offset = record.clock_offset_us
    return (
        f'{{"account":{quoted(record.account)},"clock_offset_us":{"null" if offset is None else offset},"host":{quoted(record.host)},'
        f'"http":{quoted(record.http)},"id":{quoted(record.id)},"sender":{spelled_sender(record.sender)},'
        f'"subject":{quoted(record.subject)},"subject_kind":{quoted(record.subject_kind)},"transport":{quoted(record.transport)},'
        f'"user_agent":{quoted(record.user_agent)}}}'
    )


def spelled_sender(sender: Sender) -> str:
    chain = [
        f'{{"header":{quoted(hop.header)},"peer":{quoted(hop.peer)},"raw":{quoted(hop.raw)},"trusted":{WORDS[hop.trusted]}}}'
        for hop in sender.chain
    ]
    return (
        f'{{"chain":[{",".join(chain)}],"destination":{spelled_end(sender.destination)},"hop":{quoted(sender.hop)},'
        f'"reading":{quoted(sender.reading)},"seen_us":{sender.seen_us},"source":{spelled_end(sender.source)},'
        f'"tampered":{WORDS[sender.tampered]},"why_empty":{quoted(sender.why_empty)}}}'
    )


def spelled_end(end: Address | None) -> str:
    return "null" if end is None else f'{{"ip":{quoted(end.ip)},"port":{end.port or "null"}}}'


def read(text: bytes) -> Record:
    """The record that `canonical` wrote. Raises ValueError for any other bytes, also for the same record in another spelling."""
    try:
        told = json.loads(text)
        said = told["sender"]
        ends = {end: None if said[end] is None else Address(**said[end]) for end in ("source", "destination")}
        sender = Sender(**{**said, **ends, "chain": tuple(Hop(**hop) for hop in said["chain"])})
        record = Record(**{**told, "subject_kind": SubjectKind(told["subject_kind"]), "sender": sender})
        again = canonical(record)
        if type(sender.seen_us) is not int:
            raise TypeError(f"seen_us: {sender.seen_us!r}")
    except (KeyError, TypeError, AttributeError, RecursionError) as wrong:
        raise ValueError(f"no sender record: {wrong}") from wrong
    if again != text:
        raise ValueError("a sender record in another spelling than its own")
    return record
