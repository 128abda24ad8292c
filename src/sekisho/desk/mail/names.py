"""Asks the operator's own resolver, and nobody else: so many questions and so many seconds for one mail, then no more."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype

from sekisho.effects.sender_check import NoAnswer

SECONDS, ONE = 3.0, 1.5
"""Of one mail, and of one question: Postfix waits longer for us."""
QUESTIONS = 40
"""SPF follows ten terms and ten names behind some of them (RFC 7208, 4.6.4)."""
EDNS = 1232
LONGEST = 4096
"""Octets of one TXT record: who publishes more about senders (RFC 7208, 3.4 has 512 in mind) wants to be read slowly."""


@dataclass
class Names:
    """A resolver that recurses, by its address and port, asked about one mail."""

    server: str
    port: int
    asked: int = 0
    ends: float = field(default_factory=lambda: time.monotonic() + SECONDS)

    def ask(self, name: str, kind: str) -> list[Any]:
        """A and AAAA: addresses as text. MX: (preference, name). TXT: the octets of each, in parts. PTR: names. None there: empty.

        Raises NoAnswer."""
        self.asked += 1
        left = min(ONE, self.ends - time.monotonic())
        if self.asked > QUESTIONS or left <= 0:
            raise NoAnswer("enough")
        try:
            question = dns.message.make_query(name, kind, use_edns=0, payload=EDNS)
            question.flags |= dns.flags.RD
            answer, _ = dns.query.udp_with_fallback(question, self.server, left, self.port, ignore_unexpected=True)
        except (dns.exception.DNSException, OSError, UnicodeError) as why:
            raise NoAnswer(type(why).__name__) from None
        if answer.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            raise NoAnswer(dns.rcode.to_text(answer.rcode()))
        wanted = dns.rdatatype.from_text(kind)
        said = [_said(kind, one) for found in answer.answer if found.rdtype == wanted for one in found]
        if kind == "TXT" and any(sum(map(len, parts)) > LONGEST for parts in said):
            raise NoAnswer("too-long")
        return said

    def text(self, name: str) -> list[bytes]:
        """Every TXT record of a name, its parts put together. Raises NoAnswer."""
        return [b"".join(parts) for parts in self.ask(name, "TXT")]


def _said(kind: str, one: Any) -> Any:
    if kind in ("A", "AAAA"):
        return one.address
    if kind == "MX":
        return one.preference, one.exchange.to_text(omit_final_dot=True)
    return one.strings if kind == "TXT" else one.target.to_text(omit_final_dot=True)
