"""Packets of named classes are refused to lines that have not switched the filter off. Header facts decide, and nothing is read on.

`scope` of the permit: `ranges` (prefixes of the lines), `line_v6` (how long a prefix a line has of IPv6), `starts` (until then there
is time to choose), `told` (digest of the rules that customers were told of), and `classes`: by name what each looks at (`protocol`;
`ports` or a `pattern`, the first octets after the TCP or UDP header, or both; perhaps `lengths`, of the whole packet in octets), its
`title`, and what was measured before: packets of other things (`others`) and how many of them it would refuse (`wrong`). Ends within
seconds when nobody renews it: then nothing is refused.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sekisho.effects.nft import Chain, Member, Rule, Set, kind_of, reads
from sekisho.effects.ports import LATER, LET, PROTOCOLS, Span, as_told, either_port, equals, in_words, read_span
from sekisho.effects.prefix_sets import FIELDS, HEART, BadScope, Prefix, inside, read_lines, same_member, seconds_left
from sekisho.effects.with_switch import NAME, line_in, read_title, read_tried, starts
from sekisho.gate.permit import Permit
from sekisho.law.canonical import digest
from sekisho.law.words import Element, Value, Words
from sekisho.wire.capture import Packet

MEASURE, STEP = "default-on-filter", "filter"
ELEMENTS = frozenset({Element.HEADER})
"""What is looked at of a communication. The line's own address only says whose switch counts."""
MOST_CLASSES = 32
PATTERN = re.compile(r"(?:[0-9a-f]{2}){2,16}")
"""From two octets to sixteen, in hex: one octet alone tells nothing apart, and more than sixteen the kernel does not compare at once."""
RESET, ICMP, PROHIBITED = "tcp reset", "icmpx", "admin-prohibited"
REFUSE: Mapping[str, tuple[str, Any]] = MappingProxyType({
    "tcp": (f"counter reject with {RESET}", {"reject": {"type": RESET}}),
    "udp": (f"counter reject with {ICMP} type {PROHIBITED}", {"reject": {"type": ICMP, "expr": PROHIBITED}}),
})  # fmt: skip
"""Whoever sends is told at once, and does not wait."""


@dataclass(frozen=True)
class PacketClass:
    """One class: ports of either side, both ends included; None and "" mean any. Of `others` packets tried, `wrong` were of it."""

    name: str
    title: Words
    protocol: str
    ports: Span | None
    lengths: Span | None
    pattern: str
    others: int
    wrong: int


@dataclass(frozen=True)
class Filter:
    """A permit read. `off`: prefixes of lines that switched it off."""

    permit: str
    until: datetime
    ranges: tuple[Prefix, ...]
    line_v6: int
    starts: datetime
    classes: tuple[PacketClass, ...]
    off: tuple[Prefix, ...] = ()

    def line(self, address: str) -> Prefix | None:
        """The line that this address is of; None where it is none of these."""
        return line_in(self.ranges, self.line_v6, address)


def compile_filter(permit: Permit, off: Iterable[str] = ()) -> Filter:
    """Raises BadScope for a scope that is not of this step's form."""
    return read_filter(permit.id, permit.until, permit.scope, off)


def read_filter(permit: str, until: datetime, scope: Mapping[str, Value], off: Iterable[str] = ()) -> Filter:
    """The scope of a permit or of a plan. Raises BadScope."""
    ranges, line_v6 = read_lines(scope)
    return Filter(permit, until, ranges, line_v6, starts(scope), read_classes(scope), tuple(ipaddress.ip_network(p) for p in off))


def read_classes(scope: Mapping[str, Value]) -> tuple[PacketClass, ...]:
    """The classes of a scope, by name. Raises BadScope."""
    said = scope.get("classes")
    if not isinstance(said, Mapping) or not 0 < len(said) <= MOST_CLASSES:
        raise BadScope("scope.classes", said)
    return tuple(_class(name, words) for name, words in sorted(said.items()))


def _class(name: str, words: Value) -> PacketClass:
    where = f"scope.classes.{name}"
    if not NAME.fullmatch(name) or not isinstance(words, Mapping):
        raise BadScope(where, words)
    if unknown := sorted(set(words) - {"title", "protocol", "ports", "lengths", "pattern", "others", "wrong"}):
        raise BadScope(where, unknown)
    if words.get("protocol") not in PROTOCOLS:
        raise BadScope(f"{where}.protocol", words.get("protocol"))
    ports, lengths = (read_span(words[w], f"{where}.{w}") if w in words else None for w in ("ports", "lengths"))
    pattern = words.get("pattern", "")
    if not isinstance(pattern, str) or not (PATTERN.fullmatch(pattern) or (pattern == "" and ports)):
        raise BadScope(f"{where}.pattern", pattern)
    title, tried = read_title(words, where), read_tried(words, where)
    return PacketClass(name, title, str(words["protocol"]), ports, lengths, pattern, *tried)


def takes(one: PacketClass, packet: Packet) -> bool | None:
    """Whether the rules of this class would refuse this packet; None where the capture is cut too short to tell."""
    if packet.protocol != one.protocol or packet.ports is None or (one.lengths and not _within(packet.length, one.lengths)):
        return False
    if one.ports and not any(_within(port, one.ports) for port in packet.ports):
        return False
    begins = bytes.fromhex(one.pattern)
    if packet.cut and len(packet.first) < len(begins) and begins.startswith(packet.first):
        return None
    return packet.first.startswith(begins)


def _within(number: int, span: Span) -> bool:
    return span[0] <= number <= span[1]


def told_digest(classes: Iterable[PacketClass]) -> str:
    """SHA-256 of everything that customers are told of these rules, hex: two sets of rules with the same digest are told alike."""
    return digest([replace(one, name="") for one in classes])


def rules(one: Filter, now: datetime) -> tuple[dict[str, Set], dict[str, Chain], Rule]:
    """Its sets and chains, and the rule that leads to them."""
    left = seconds_left(one.until, now)
    name = one.permit.replace("-", "_")
    whole = Member(one.permit, left)
    always = dict.fromkeys(("ipv4", "ipv6"), Member(one.permit, min(left, HEART)))
    sets = {f"{name}_live": Set(kind_of(type="nf_proto", flags=["timeout"]), always)}
    let, refuse = list[Rule](), list[Rule]()
    switched = same_member(one.off, whole)
    versions = {r.version for r in one.ranges}
    for version, length in ((4, 32), (6, one.line_v6)):
        if version not in versions:
            continue
        its = f"{name}_off{version}_{length}"
        sets[its] = Set(kind_of(type=FIELDS[version][1], flags=["timeout"]), switched.get((version, length), {}))
        let += [_rule(one.permit, [inside(version, length, side, its), LET]) for side in ("saddr", "daddr")]
    to_classes = (f"jump {name}_classes", {"jump": {"target": f"{name}_classes"}})
    for (version, length), group in sorted(same_member(one.ranges, whole).items()):
        its = f"{name}_lines{version}_{length}"
        sets[its] = Set(kind_of(type=FIELDS[version][1], flags=["timeout"]), group)
        refuse += [_rule(one.permit, [inside(version, length, side, its), to_classes]) for side in ("saddr", "daddr")]
    chains = {name: Chain("{}", (*let, *refuse)), f"{name}_classes": Chain("{}", tuple(_tests(one)))}
    live = (f"meta nfproto @{name}_live", equals({"meta": {"key": "nfproto"}}, f"@{name}_live"))
    return sets, chains, _rule(one.permit, [live, (f"jump {name}", {"jump": {"target": name}})])


def _tests(one: Filter) -> Iterator[Rule]:
    yield from (_rule(one.permit, [later, LET]) for later in LATER)
    for each in one.classes:
        also = []
        if each.lengths:
            also.append((f"meta length {in_words(each.lengths)}", equals({"meta": {"key": "length"}}, as_told(each.lengths))))
        if each.pattern:
            also.append(_begins(each.pattern))
        for begin in _sides(each):
            yield _rule(one.permit, [begin, *also, REFUSE[each.protocol]])


def _sides(each: PacketClass) -> Iterator[tuple[str, Any]]:
    """The port that a packet goes to or comes from; where any will do, the protocol alone."""
    if each.ports is None:
        yield f"meta l4proto {each.protocol}", equals({"meta": {"key": "l4proto"}}, each.protocol)
        return
    yield from either_port(each.protocol, each.ports)


def _begins(pattern: str) -> tuple[str, Any]:
    """That the octets after the TCP or UDP header begin so. nft tells up to 64 bits as a signed number, and more in hex."""
    bits, number = len(pattern) * 4, int(pattern, 16)
    right: int | str = f"0x{number:x}" if number >> 64 else number - (1 << 64) * (number >> 63)
    payload = {"payload": {"base": "ih", "offset": 0, "len": bits}}
    return f"@ih,0,{bits} 0x{pattern}", equals(payload, right)


def _rule(permit: str, parts: list[tuple[str, Any]]) -> Rule:
    counter = [{"counter": None}] if "counter" in parts[-1][0] else []
    return Rule(permit, reads([*(p[1] for p in parts[:-1]), *counter, parts[-1][1]]), " ".join(p[0] for p in parts))
