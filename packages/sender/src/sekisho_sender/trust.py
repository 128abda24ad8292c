"""Whose words count: peers, the one header each of them overwrites, and how it is read. Everything else is merely claimed."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from sekisho_sender.forwarded import TOKEN
from sekisho_sender.nodes import Unreadable, read_ip
from sekisho_sender.record import Address, packed

UNIX = "unix"
MOST_ADDRESSES = 256
CLAIMS = (
    "forwarded", "x-forwarded-for", "x-forwarded-port", "x-forwarded-for-port", "x-forwarded-by", "x-original-forwarded-for", "x-real-ip",
    "x-real-port", "x-client-ip", "client-ip", "true-client-ip", "cf-connecting-ip", "cf-connecting-ipv6", "cf-pseudo-ipv4",
    "fastly-client-ip", "x-cluster-client-ip", "x-envoy-external-address", "x-azure-clientip", "x-appengine-user-ip",
    "cloudfront-viewer-address", "x-sekisho-src", "x-sekisho-dst",
)  # fmt: skip
"""Headers that speak of a sender. Unless a trusted peer overwrites one, what it says is kept as claimed and never used."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Reading(StrEnum):
    """How a trusted peer tells whose request it hands over."""

    FORWARDED = "forwarded"  # RFC 7239: for="ip:port";by="ip:port"
    XFF_PORT = "xff+port"  # X-Forwarded-For with ip:port
    XFF = "xff"  # X-Forwarded-For with addresses; the port stays unknown
    VIEWER_ADDRESS = "viewer-address"  # CloudFront-Viewer-Address: ip:port, IPv6 without brackets
    PAIR = "pair"  # X-Sekisho-Src and X-Sekisho-Dst, each ip:port
    PROXY_PROTOCOL = "proxy-protocol"  # PROXY v1 or v2 before the first request; no header


HEADERS = {
    Reading.FORWARDED: ("forwarded", ""),
    Reading.XFF_PORT: ("x-forwarded-for", ""),
    Reading.XFF: ("x-forwarded-for", ""),
    Reading.VIEWER_ADDRESS: ("cloudfront-viewer-address", ""),
    Reading.PAIR: ("x-sekisho-src", "x-sekisho-dst"),
    Reading.PROXY_PROTOCOL: ("", ""),
}


class WrongTrust(ValueError):
    """A trust that would let strangers write senders, or that says nothing clear."""


@dataclass(frozen=True)
class Peer:
    """One proxy of ours, or several that behave alike.

    where: an address, a network (`10.0.3.0/28`), or "unix" for whoever can open our Unix socket. header, destination_header: instead of
    the reading's own. appends: the peer adds its element behind what it received (nginx's $proxy_add_x_forwarded_for); otherwise it
    overwrites, and a second element is a forgery. request_id: the header in which this peer, and only it, writes the id of the request.
    everyone_inside_is_a_proxy: needed for a network of more than 256 addresses. A client inside it writes its own sender.
    Raises WrongTrust.
    """

    where: str
    reading: Reading
    header: str = ""
    destination_header: str = ""
    appends: bool = False
    request_id: str = ""
    everyone_inside_is_a_proxy: bool = False
    network: Network | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        object.__setattr__(self, "reading", Reading(self.reading))
        header, second = HEADERS[self.reading]
        for name, own in (("header", header), ("destination_header", second), ("request_id", "")):
            object.__setattr__(self, name, self._name(name, own))
        if self.appends and self.reading not in (Reading.FORWARDED, Reading.XFF, Reading.XFF_PORT):
            raise WrongTrust(f"{self.where}: only Forwarded and X-Forwarded-For are lists that a peer appends to")
        if self.where != UNIX:
            object.__setattr__(self, "network", self._network())

    def _name(self, name: str, own: str) -> str:
        """A header's name in lower case; a reading has the headers it has, and no others."""
        given: str = getattr(self, name)
        if not given:
            return own
        if not TOKEN.fullmatch(given) or (name != "request_id" and not own):
            raise WrongTrust(f"{self.where}: {name} = {given!r} is no header of the reading {self.reading}")
        return given.lower()

    def _network(self) -> Network:
        try:
            found = ipaddress.ip_network(self.where)
        except ValueError as wrong:
            raise WrongTrust(f"a peer is an address, a network or 'unix', not {self.where!r}: {wrong}") from wrong
        if found.prefixlen == 0:
            raise WrongTrust(f"{self.where} trusts everybody: every client would write its own sender")
        if found.num_addresses > MOST_ADDRESSES and not self.everyone_inside_is_a_proxy:
            raise WrongTrust(
                f"{self.where} has {found.num_addresses} addresses: whoever connects from inside writes its own sender. Name the proxies "
                "themselves, or say everyone_inside_is_a_proxy=True when no client can connect from there"
            )
        if isinstance(found, ipaddress.IPv6Network) and found.network_address.ipv4_mapped is not None:
            raise WrongTrust(f"{self.where}: write an IPv4 peer as IPv4; that is how it is compared")
        return found


@dataclass(frozen=True)
class Trust:
    """Every peer whose words count, and the addresses at which the service is reached, for when nobody says the destination.

    declared: used only when exactly one of them is of the sender's address family. Raises WrongTrust when two peers overlap.
    """

    peers: tuple[Peer, ...] = ()
    declared: tuple[Address, ...] = ()
    names: dict[bytes, str] = field(init=False, repr=False, compare=False, default_factory=dict)
    _found: dict[str, Peer | None] = field(init=False, repr=False, compare=False, default_factory=dict)
    _networks: list[tuple[Peer, int, int, int]] = field(init=False, repr=False, compare=False, default_factory=list)

    def __post_init__(self) -> None:
        for number, one in enumerate(self.peers):
            for other in self.peers[:number]:
                if one.where == other.where or (one.network and other.network and overlap(one.network, other.network)):
                    raise WrongTrust(f"{one.where} and {other.where} overlap: a peer overwrites one header, and it has one reading")
        own = (name for peer in self.peers for name in (peer.header, peer.destination_header, peer.request_id) if name)
        self.names.update({name.encode(): name for name in (*CLAIMS, *own)})
        known = ((peer, peer.network) for peer in self.peers if peer.network is not None)
        self._networks.extend((peer, net.max_prefixlen // 8, int(net.network_address), int(net.netmask)) for peer, net in known)

    def find(self, ip: str) -> Peer | None:
        """The peer at this address (in its one spelling), or "unix"."""
        if ip not in self._found:
            if len(self._found) > 4096:
                self._found.clear()
            self._found[ip] = next(self._matching(ip), None)
        return self._found[ip]

    def _matching(self, ip: str) -> Iterator[Peer]:
        if ip == UNIX:
            yield from (peer for peer in self.peers if peer.where == UNIX)
            return
        try:
            bits = packed(read_ip(ip))
        except Unreadable:
            return
        known = int.from_bytes(bits, "big")
        yield from (peer for peer, size, start, mask in self._networks if size == len(bits) and known & mask == start)

    def declared_for(self, source: Address | None) -> Address | None:
        """The one declared address of the source's family."""
        if source is None:
            return None
        same = [one for one in self.declared if (":" in one.ip) == (":" in source.ip)]
        return same[0] if len(same) == 1 else None


def overlap(one: Network, other: Network) -> bool:
    if isinstance(one, ipaddress.IPv4Network) and isinstance(other, ipaddress.IPv4Network):
        return one.overlaps(other)
    return isinstance(one, ipaddress.IPv6Network) and isinstance(other, ipaddress.IPv6Network) and one.overlaps(other)
