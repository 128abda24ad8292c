"""Which rows are mail that a dynamic line sends directly: out to TCP port 25, not to our own mail servers. The rest is gone at intake."""

from __future__ import annotations

from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute

from sekisho.effects.port_block import PORT, read_scope
from sekisho.gate.permit import Permit
from sekisho.store.spec import DIRECT_MAIL
from sekisho.wire.orient import OUT
from sekisho.wire.prefixes import Prefixes, octets_of

__all__ = ["DIRECT_MAIL", "DirectMail"]

TCP = 6
pc: Any = pyarrow.compute  # its stubs know no chunked columns


class DirectMail:
    """By the words of a permit: its dynamic ranges, our mail servers, and prefixes given for good."""

    needs: ClassVar[frozenset[str]] = frozenset({"src_port", "dst_port", "protocol"})

    def __init__(self, permit: Permit) -> None:
        """Raises BadScope for a scope without ranges."""
        ranges, mail, static = read_scope(permit.scope)
        self.ranges, self.mail, self.static = (Prefixes(map(str, group)) for group in (ranges, mail, static))

    def rows(self, turned: pa.Table) -> pa.Table:
        """Of oriented rows, those that count."""
        told = pc.and_(pc.equal(turned["peer_port"], PORT), pc.equal(turned["protocol"], TCP))
        out = turned.filter(pc.and_(told, pc.equal(turned["direction"], OUT)))
        line, peer = octets_of(out["line"]), octets_of(out["peer"])
        ours = (self.ranges.find(line) >= 0) & (self.static.find(line) < 0) & (self.mail.find(peer) < 0)
        return out.filter(pa.array(ours))
