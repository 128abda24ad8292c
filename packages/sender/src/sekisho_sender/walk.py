"""From a connection and its headers to the sender: ask the peer, if it is trusted ask whom it names, and stop at the first who is not.

1. The server's word about the socket cannot be used: unknown.
2. The peer is not trusted: it is the sender itself, whatever its headers claim.
3. A trusted peer names who connected to it, in the one header it overwrites. Silent: unknown. Not as it writes it: unknown, and tampered.
4. Whom it names is trusted too: it is asked next, in its own header. Otherwise it is the sender.
5. Both ends are taken from the last one asked, as one pair each; never an address from here and a port from there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from sekisho_sender.connection import ANY, Connection
from sekisho_sender.forwarded import MOST, Element, parse, parse_list
from sekisho_sender.nodes import End, Unreadable, read_ip, viewer
from sekisho_sender.record import Address, Hop, Sender
from sekisho_sender.trust import Peer, Reading, Trust

ADDRESS = re.compile(r"[0-9A-Fa-f:.]{2,60}")
RAW = 1024
SOCKET = "socket"
NOTHING = End(None, None, "proxy-said-nothing")
NOT_SAID = End(None, None, "not-said")


@dataclass(slots=True)
class Walk:
    """One walk along a request's headers. `left`: elements of list headers that no hop has taken yet."""

    connection: Connection
    headers: Mapping[str, list[str]]
    chain: list[Hop] = field(default_factory=list)
    left: dict[str, list[tuple[End, End, str]]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    destination_hop: str = ""

    def ask(self, peer: Peer, name: str) -> tuple[End, End]:
        """Source and destination by the word of `peer`, which is known as `name`. Raises Unreadable."""
        if peer.reading is Reading.PROXY_PROTOCOL:
            return self.proxied(name)
        if peer.reading in (Reading.PAIR, Reading.VIEWER_ADDRESS):
            return self.single(peer, name)
        return self.listed(peer, name)

    def proxied(self, name: str) -> tuple[End, End]:
        said = self.connection.proxied
        if said is None or self.chain:
            return NOTHING, NOTHING
        self.chain.append(Hop(name, "proxy-protocol", "local" if said.local else f"{said.source} {said.destination}", trusted=True))
        if said.local:
            return End(None, None, "proxy-local"), End(None, None, "proxy-local")
        return of_address(said.source), of_address(said.destination)

    def single(self, peer: Peer, name: str) -> tuple[End, End]:
        """Headers with one value: they stand once, and count once."""
        found = []
        for header in (peer.header, peer.destination_header):
            values = self.headers.get(header, []) if header and header not in self.used else []
            if len(values) > 1:
                raise Unreadable("more-than-one")
            self.used.add(header)
            found.append(viewer(values[0].strip(" \t")) if values else None)
            self.chain.extend(Hop(name, header, value[:RAW], trusted=True) for value in values)
        return found[0] or NOTHING, found[1] or NOT_SAID

    def listed(self, peer: Peer, name: str) -> tuple[End, End]:
        if peer.header not in self.left:
            self.left[peer.header] = elements(peer, self.headers.get(peer.header, []))
            self.used.add(peer.header)
        left = self.left[peer.header]
        if not left:
            return NOTHING, NOTHING
        if not peer.appends and len(left) > 1:
            raise Unreadable("more-than-one")
        source, destination, raw = left.pop()
        self.chain.append(Hop(name, peer.header, raw[:RAW], trusted=True))
        return source, destination

    def claimed(self, *, tampered: bool) -> tuple[Hop, ...]:
        """The whole chain: what was used, and behind it everything that was said and not used."""
        name = self.connection.name
        chain = [] if tampered else self.chain
        rest = [Hop(name, h, raw[:RAW], trusted=False) for h, left in self.left.items() if not tampered for _, _, raw in reversed(left)]
        rest += [
            Hop(name, header, value[:RAW], trusted=False)
            for header, values in self.headers.items()
            if tampered or header not in self.used
            for value in values
        ]
        return (*chain, *rest)[: 2 * MOST]


def elements(peer: Peer, values: list[str]) -> list[tuple[End, End, str]]:
    """What stands in a list header, the oldest first. Several lines are one list (RFC 9110), but who overwrites writes one."""
    if len(values) > 1 and not peer.appends:
        raise Unreadable("more-than-one")
    text = ", ".join(values)
    if peer.reading is not Reading.FORWARDED:
        return [(end, NOT_SAID, raw) for end, raw in parse_list(text, with_port=peer.reading is Reading.XFF_PORT)]
    found: tuple[Element, ...] = parse(text)
    if peer.appends and not all(one.is_plain for one in found):
        raise Unreadable("unsafe-parameter")  # a stranger's comma inside it would make a stranger's element the last one
    return [(one.end("for"), one.end("by"), one.raw) for one in found]


def resolve(connection: Connection, headers: Mapping[str, list[str]], trust: Trust, seen_us: int) -> Sender:
    """Who sent this request, never an error. headers: values of those headers that `trust.names` names, by name in lower case."""
    walk = Walk(connection, headers)
    if connection.wrong or not connection.name:
        return empty(walk, seen_us, connection.wrong or "server-told-no-peer")
    name = connection.name
    rule = trust.find(name)
    if connection.proxied is not None and (rule is None or rule.reading is not Reading.PROXY_PROTOCOL):
        return empty(walk, seen_us, "untrusted-proxy-header")
    if not connection.sure and mentioned(connection, headers, rule):
        return empty(walk, seen_us, "server-rewrote")
    if rule is None:
        return direct(walk, trust, seen_us)
    try:
        source, destination, hop, reading = ask_all(walk, trust, rule, name)
    except Unreadable as wrong:
        return empty(walk, seen_us, str(wrong), tampered=True)
    return settle(walk, trust, (source, destination), Sender(None, None, seen_us, hop, reading, "", tampered=False))


def ask_all(walk: Walk, trust: Trust, rule: Peer, name: str) -> tuple[End, End, str, str]:
    """Ask peer after peer until one names somebody who is not a peer, or nobody."""
    asking: Peer | None = rule
    while asking is not None:
        source, destination = walk.ask(asking, name)
        hop, reading = name, asking.reading
        asking = trust.find(source.ip) if source.ip else None
        name = source.ip or ""
        if len(walk.chain) > MOST:
            raise Unreadable("too-many")
    return source, destination, hop, reading


def direct(walk: Walk, trust: Trust, seen_us: int) -> Sender:
    connection = walk.connection
    if connection.unix:
        return empty(walk, seen_us, "unix-not-trusted")
    ends = of_address(connection.peer), of_address(connection.local, connection.no_local)
    return settle(walk, trust, ends, Sender(None, None, seen_us, "", SOCKET, "", tampered=False))


def settle(walk: Walk, trust: Trust, ends: tuple[End, End], told: Sender) -> Sender:
    """The sender from what was said about both ends, with the reason for each value that is missing."""
    source, whys = known("source", ends[0])
    destination, whys_there = known("destination", ends[1])
    chain = walk.claimed(tampered=False)
    if destination is None and (declared := trust.declared_for(source)):
        destination, whys_there = declared, [] if declared.port else ["destination-port:not-declared"]
        chain = (*chain, Hop("", "declared", str(declared), trusted=True))
    return Sender(source, destination, told.seen_us, told.hop, told.reading, ",".join(whys + whys_there), tampered=False, chain=chain)


def known(part: str, said: End) -> tuple[Address | None, list[str]]:
    if said.ip is None:
        return None, [f"{part}:{said.why}"]
    if said.ip in ANY:
        return None, [f"{part}:bind-address"]
    return Address(said.ip, said.port), [] if said.port else [f"{part}-port:{said.why_port}"]


def empty(walk: Walk, seen_us: int, why: str, *, tampered: bool = False) -> Sender:
    chain = walk.claimed(tampered=tampered)
    return Sender(None, None, seen_us, "", "", f"source:{why},destination:{why}", tampered=tampered, chain=chain)


def of_address(address: Address | None, why: str = "not-said") -> End:
    return End(address.ip, address.port, why_port="server-told-none") if address else End(None, None, why)


def mentioned(connection: Connection, headers: Mapping[str, list[str]], rule: Peer | None) -> bool:
    """Whether a header names the very address that the server gives as its peer: a server that reads X-Forwarded-For by itself puts there
    what a stranger may have written. Asked only where the socket could not be."""
    if connection.peer is None:
        return False
    own = (rule.header, rule.destination_header) if rule else ()
    words = {word for name, values in headers.items() if name not in own for value in values for word in ADDRESS.findall(value[:4096])}
    return any(connection.peer.ip in spellings(word) for word in words)


def spellings(word: str) -> Iterator[str]:
    """The address that a word is, and the one it is when a port stands at its end."""
    for text in (word, word.rpartition(":")[0]):
        with suppress(Unreadable):
            yield read_ip(text)
