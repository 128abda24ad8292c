"""What `keep` and `hold` tell each other: which permits are in force, and what was read in the kernel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sekisho.effects.port_block import Opened
from sekisho.gate.permit import Lease, SignedPermit


@dataclass(frozen=True)
class KernelLeases:
    """Asked several times a second. `seen`: the digest of what was told last; the same is not told twice."""

    seen: str = ""


@dataclass(frozen=True)
class Rented:
    """One permit, which lines are let through all the same, and the prefixes of those that switched it off for themselves."""

    permit: SignedPermit
    opened: tuple[Opened, ...] = ()
    off: tuple[str, ...] = ()


@dataclass(frozen=True)
class Leased:
    """`rented` is None where nothing changed since `seen`; the leases are fresh each time."""

    digest: str
    leases: tuple[Lease, ...]
    rented: tuple[Rented, ...] | None


@dataclass(frozen=True)
class Read:
    """One permit as it stands in the kernel: members by set, wanted and there, and packets its rules counted."""

    permit: str
    wanted: Mapping[str, int]
    there: Mapping[str, int]
    packets: int = 0


@dataclass(frozen=True)
class KernelRead:
    """What was read and done in one round. `mended`: what somebody else had changed; `left`: what still differs.

    `said`: nft's own code where the kernel refused.
    """

    reads: tuple[Read, ...] = ()
    mended: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    said: str = ""


@dataclass(frozen=True)
class ResolverRead(KernelRead):
    """The same of what stands in front of the resolver: names and lines that are off, wanted and there."""


@dataclass(frozen=True)
class KernelAsRead:
    """The newest round, and since when each permit stands in the kernel. `mends` counts the rounds in which something was mended."""

    at: datetime
    read: KernelRead
    since: Mapping[str, datetime] = field(default_factory=dict)
    mends: int = 0
    mended: tuple[str, ...] = ()
    mended_at: datetime | None = None


@dataclass(frozen=True)
class LineCode:
    """What a one-time code of a line stands for while it is good: the address it was shown to. In `keep`'s memory alone."""

    prefix: str
    until: datetime
