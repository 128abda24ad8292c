"""A first mail from an unknown network is put off once; whoever tries again after the delay passes. Asked by Postfix at each recipient.

`scope` of the permit: `consent` ("per-line"), `by` ("network": /24 and /64; "spf": the domain that SPF says the client sends for, and the
network where it says none), `delay` and `retry` (seconds: not before, and not later
than), `remember` (seconds that a network that came back passes without waiting) and `when_down` ("pass" or "defer"). Network, sender and
recipient stand as one token. Only recipients who agreed are asked about; mail of accounts that signed in is not touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sekisho.effects.mail_stage import HOUR, RCPT, Against, BadScope, Counts, network_of, when_down, whole
from sekisho.gate.permit import Permit
from sekisho.law.words import Element, Value
from sekisho.wire.policy import Attributes

MEASURE, DELAY = "greylisting", "delay"
ACCOUNT, CLIENT, SENDER, RECIPIENT = "sasl_username", "client_address", "sender", "recipient"
READS: Mapping[str, Element] = {
    ACCOUNT: Element.PARTY,
    CLIENT: Element.PARTY,
    SENDER: Element.COUNTERPART,
    RECIPIENT: Element.PARTY,
}
"""Every attribute that is looked at, and what it is in the law's words."""
ELEMENTS = frozenset({*READS.values(), Element.DATETIME})
NETWORK, SPF = "network", "spf"
DOMAIN = "SPF"
"""Under which whoever asks puts the domain that passed; Postfix has no attribute in capitals."""
SHORTEST, LONGEST = 10, HOUR
DAY = 24 * HOUR
PER_LINE = "per-line"
"""Without this word a plan would be about everybody, and that is no stage."""
MOST_REMEMBERED = 36 * DAY


@dataclass(frozen=True)
class Greylist:
    """A permit read."""

    permit: str
    step: str
    until: datetime
    delay: int
    retry: int
    remember: int
    when_down: str
    by: str = NETWORK
    moment: ClassVar[str] = RCPT
    holds: ClassVar[bool] = False
    of_recipients: ClassVar[bool] = True
    part: ClassVar[int] = 1

    def who(self, asked: Attributes) -> str:
        """Domain or network, sender and recipient; empty for an account that signed in, and for an address that is none."""
        network = "" if asked.get(ACCOUNT) else network_of(asked.get(CLIENT, ""))
        network = (network and self.by == SPF and asked.get(DOMAIN, "")) or network
        return "\n".join((network, asked.get(SENDER, ""), asked.get(RECIPIENT, ""))) if network else ""

    def against(self, _asked: Attributes, token: bytes, at: int, counts: Counts) -> Against | None:
        """None: it came back in time, now or lately."""
        first, passed, last = counts.seen(self.permit, token) or (at, False, at)
        if at < first or at - (last if passed else first) > (self.remember if passed else self.retry):
            first, passed = at, False
        passed = passed or at - first >= self.delay
        counts.see(self.permit, token, (first, passed, at))
        return None if passed else Against("grey", {"seconds": self.delay - (at - first)})

    def unchecked(self) -> Against:
        """Said to strangers alone."""
        return Against("grey-unchecked")

    def first(self, at: int) -> int:
        """Nothing older is needed."""
        return at - max(self.retry, self.remember)


@dataclass(frozen=True)
class GreylistForm:
    """How the step becomes a stage."""

    elements: ClassVar[frozenset[Element]] = ELEMENTS
    rows: ClassVar[str] = "first-contacts"
    of_recipients: ClassVar[bool] = True

    def check(self, scope: Mapping[str, Value]) -> None:
        """Raises BadScope."""
        read_scope(scope)

    def compile(self, permit: Permit) -> Greylist:
        """Raises BadScope."""
        return Greylist(permit.id, permit.step.name, permit.until, *read_scope(permit.scope))


def read_scope(scope: Mapping[str, Value]) -> tuple[int, int, int, str, str]:
    """Delay, retry, remember, `when_down` and `by`. Raises BadScope for what is missing or beyond its bounds."""
    if scope.get("consent") != PER_LINE:
        raise BadScope("scope.consent", scope.get("consent"))
    by = scope.get("by")
    if by not in (NETWORK, SPF):
        raise BadScope("scope.by", by)
    delay, retry = whole(scope, "delay", 0, LONGEST, least=SHORTEST), whole(scope, "retry", 0, 2 * DAY)
    if retry <= delay:
        raise BadScope("scope.retry", retry)
    return delay, retry, whole(scope, "remember", 0, MOST_REMEMBERED), when_down(scope), str(by)
