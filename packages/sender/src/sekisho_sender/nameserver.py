"""A resolver for the destination ledger that asks chosen name servers: what the world is answered. Needs dnspython."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import dns.exception
import dns.resolver

from sekisho_sender.destinations import Resolver


def ask(servers: Sequence[str], port: int = 53, seconds: float = 5.0) -> Resolver:
    """A resolver that asks these name servers (addresses) over the network, at most `seconds` for each of A and AAAA."""
    asking = dns.resolver.Resolver(configure=False)
    asking.nameservers = list(servers)
    asking.port, asking.lifetime = port, seconds

    def resolve(name: str) -> Iterable[str]:
        found: list[str] = []
        for kind in ("A", "AAAA"):
            try:
                found += [answer.address for answer in asking.resolve(name, kind, search=False)]
            except dns.resolver.NoAnswer:
                continue
            except dns.exception.DNSException as wrong:
                raise OSError(f"{kind}: {wrong}") from None
        return found

    return resolve
