"""The destination ledger: which addresses our own public names had, and when. Behind a CDN the address that an access provider saw is the
edge's, and nobody can look it up afterwards. One JSON object a line, only ever added to; a look-up that failed is written down too."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from sekisho_sender.grown import append, read_whole

Resolver = Callable[[str], Iterable[str]]
"""Addresses of a name, A and AAAA. Raises OSError when nobody answered."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look-up. at_us: microseconds since 1970 in UTC. addresses: sorted, each in its one spelling. why: why there are none."""

    at_us: int
    name: str
    addresses: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Around:
    """What is known about a moment: the last look at or before it and the first after it. `sure`: both found the same addresses."""

    before: Look | None
    after: Look | None

    @property
    def sure(self) -> bool:
        both = self.before, self.after
        return all(look is not None and look.addresses for look in both) and len({look.addresses for look in both if look}) == 1


def system(name: str) -> Iterable[str]:
    """What this machine's resolver answers, and its hosts file. For what the world sees, ask a name server (`nameserver.ask`)."""
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(name, None, proto=socket.IPPROTO_TCP)]
    except UnicodeError as wrong:
        raise OSError(f"{name!r} is no name: {wrong}") from None


def look(name: str, resolve: Resolver, now_us: int) -> Look:
    """Ask once. Never raises for what the network does: no answer is an answer with a reason."""
    try:
        found = {ipaddress.ip_address(text.partition("%")[0]) for text in resolve(name)}
    except (OSError, ValueError) as wrong:
        return Look(now_us, name, (), str(wrong)[:200] or type(wrong).__name__)
    addresses = sorted(found, key=lambda ip: (ip.version, ip.packed))
    return Look(now_us, name, tuple(map(str, addresses)), "" if addresses else "no-address")


def look_all(names: Iterable[str], ledger: Path, resolve: Resolver, clock: Callable[[], int]) -> list[Look]:
    """Look up each name now and write it down."""
    looks = [look(name, resolve, clock()) for name in names]
    append(ledger, [{**asdict(one), "addresses": list(one.addresses)} for one in looks])
    return looks


def around(ledger: Path, name: str, at_us: int) -> Around:
    """What the ledger says about this name at this moment. Both are None when nobody looked."""
    before = after = None
    for told in read_whole(ledger):
        if told["name"] != name:
            continue
        one = Look(told["at_us"], name, tuple(told["addresses"]), told["why"])
        if one.at_us <= at_us and (before is None or one.at_us >= before.at_us):
            before = one
        elif one.at_us > at_us and (after is None or one.at_us < after.at_us):
            after = one
    return Around(before, after)
