"""Mail straight from other providers' dynamic address ranges: counted by network before, then refused. Asked by Postfix at each recipient.

`scope` of the permit: `fresh_hours` (an older list is none), `senders` (networks of mail servers that are let in and known as such),
`when_down`, and to refuse, `page` (where who is refused reads what to do). Nothing is looked at but the source, and mail of accounts that
signed in, or from our own lines, is nobody's matter here. Counted is by network (/24 and /64) and hour, never by address; recipients never.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from sekisho.effects.mail_stage import HOUR, PASS, RCPT, Against, BadScope, Counts, network_of, when_down, whole
from sekisho.gate.permit import Permit
from sekisho.law.words import Element, Value
from sekisho.wire.block_list import BlockList, read_block_list
from sekisho.wire.cursor import FormError
from sekisho.wire.policy import Attributes

MEASURE, COUNT, BLOCK = "ip25b", "count-origins", "block-inbound-25"
ACCOUNT, CLIENT = "sasl_username", "client_address"
READS: Mapping[str, Element] = {ACCOUNT: Element.PARTY, CLIENT: Element.PARTY}
"""Every attribute that is looked at, and what it is in the law's words."""
ELEMENTS = frozenset(READS.values())
COUNTED = ELEMENTS | {Element.COUNT, Element.DATETIME}
DYNAMIC, KNOWN, OTHER = b"d", b"k", b"o"
"""What a network is, before its token: in a declared dynamic range, of a sender that is let in, or neither."""
MOST_HOURS = 7 * 24
NARROWEST = {4: 24, 6: 48}
"""A sender is a few mail servers: a shorter prefix would let a whole provider in, and others not (TBA 6)."""
MOST_SENDERS = 1000
PAGE = re.compile(r"https://[!-~]{4,150}")


class Named(Protocol):
    """A list of networks."""

    def names(self, address: str) -> bool:
        """Whether one of them holds it."""


@dataclass(frozen=True)
class Sources:
    """What both steps go by. `ranges`: our copy of the published ranges; `own`: our own prefixes. Without ranges nobody is anything."""

    fresh_hours: int
    senders: Named | None
    when_down: str
    ranges: Named | None = None
    own: Named | None = None

    def of(self, asked: Attributes) -> str:
        """The source; empty for an account that signed in, and for a line of our own."""
        address = "" if asked.get(ACCOUNT) else asked.get(CLIENT, "")
        return "" if self.own is not None and self.own.names(address) else address

    def kind(self, address: str) -> bytes:
        if self.senders is not None and self.senders.names(address):
            return KNOWN
        return DYNAMIC if self.ranges is not None and self.ranges.names(address) else OTHER


@dataclass(frozen=True)
class DynamicStage:
    """A permit read: what both steps share."""

    permit: str
    step: str
    until: datetime
    sources: Sources
    moment: ClassVar[str] = RCPT
    holds: ClassVar[bool] = False
    of_recipients: ClassVar[bool] = False
    part: ClassVar[int] = HOUR

    @property
    def when_down(self) -> str:
        return self.sources.when_down

    @property
    def fresh_hours(self) -> int:
        """An older list is none."""
        return self.sources.fresh_hours

    def unchecked(self) -> Against:
        """Said where nothing can be counted and the plan says to defer."""
        return Against("listed-unchecked")

    def first(self, at: int) -> int:
        """Nothing older than the hour is needed."""
        return at // HOUR


@dataclass(frozen=True)
class OriginCount(DynamicStage):
    """It counts and is against nothing."""

    def who(self, asked: Attributes) -> str:
        """The network of the source, with what it is."""
        return network_of(self.sources.of(asked))

    def against(self, asked: Attributes, token: bytes, at: int, counts: Counts) -> None:
        """It only counts."""
        counts.add(self.permit, self.sources.kind(asked.get(CLIENT, "")) + token, at // HOUR, 1)


@dataclass(frozen=True)
class DynamicBlock(DynamicStage):
    """Who sends straight from a declared dynamic range is told why, and what to do."""

    page: str = ""

    def who(self, asked: Attributes) -> str:
        """The source."""
        return self.sources.of(asked)

    def against(self, asked: Attributes, _token: bytes, _at: int, _counts: Counts) -> Against | None:
        """None: no declared range holds it, or its sender is let in."""
        return Against("not-direct", {"page": self.page}) if self.sources.kind(asked.get(CLIENT, "")) == DYNAMIC else None


@dataclass(frozen=True)
class DynamicForm:
    """How a step becomes a stage, without its list."""

    step: str
    of_recipients: ClassVar[bool] = False

    @property
    def elements(self) -> frozenset[Element]:
        return COUNTED if self.step == COUNT else ELEMENTS

    @property
    def rows(self) -> str:
        return "counts-by-network" if self.step == COUNT else "dynamic-addresses-of-others"

    def check(self, scope: Mapping[str, Value]) -> None:
        """Raises BadScope."""
        read_scope(scope, self.step)

    def compile(self, permit: Permit) -> OriginCount | DynamicBlock:
        """Raises BadScope."""
        sources, page = read_scope(permit.scope, self.step)
        if self.step == COUNT:
            return OriginCount(permit.id, self.step, permit.until, sources)
        return DynamicBlock(permit.id, self.step, permit.until, sources, page)


def read_scope(scope: Mapping[str, Value], step: str) -> tuple[Sources, str]:
    """The sources, and the page, empty where nobody is refused. Raises BadScope for what is missing or beyond its bounds."""
    hours = whole(scope, "fresh_hours", 0, MOST_HOURS, least=1)
    page = scope.get("page", "")
    if step == BLOCK and not (isinstance(page, str) and PAGE.fullmatch(page)):
        raise BadScope("scope.page", page)
    return Sources(hours, _senders(scope.get("senders", ())), when_down(scope, PASS)), str(page) if step == BLOCK else ""


def _senders(said: Value) -> BlockList | None:
    if not isinstance(said, tuple) or len(said) > MOST_SENDERS:
        raise BadScope("scope.senders", said)
    try:
        short = [one for one in said if (net := ipaddress.ip_network(str(one))).prefixlen < NARROWEST[net.version]]
        if not short:
            return networks(map(str, said))
    except (ValueError, FormError):
        short = [*said]
    raise BadScope("scope.senders", short[0])


def networks(prefixes: Iterable[str]) -> BlockList | None:
    """None where there is none. Raises FormError."""
    raw = "\n".join(prefixes).encode("ascii", "replace")
    return read_block_list(raw) if raw else None


def origins(each: Iterable[tuple[bytes, int]], bulk: int) -> Mapping[str, int]:
    """An hour in six numbers, from what each network sent: a network sends in bulk from `bulk` messages on.

    `dynamic`, `others`: all messages; `dynamic_bulk`, `other_bulk`: those of networks in bulk, of known senders none; `dynamic_over`,
    `others_over`: those that a limit of `bulk` for every network alike would have put off.
    """
    found: Counter[str] = Counter(dict.fromkeys(("dynamic", "others", "dynamic_bulk", "other_bulk", "dynamic_over", "others_over"), 0))
    for token, messages in each:
        dynamic = token[:1] == DYNAMIC
        side = "dynamic" if dynamic else "others"
        found[side] += messages
        found[f"{side}_over"] += max(0, messages - bulk)
        if messages >= bulk and token[:1] != KNOWN:
            found["dynamic_bulk" if dynamic else "other_bulk"] += messages
    return dict(found)
