"""What `keep` and `gateway` tell each other: which permits lead to the portal, who answered, and what was read in the kernel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sekisho.desk.kernel_words import Read
from sekisho.gate.permit import Lease, SignedPermit


@dataclass(frozen=True)
class GatewayLeases:
    """Asked several times a second. `seen`: the digest of what was told last; the same is not told twice."""

    seen: str = ""


@dataclass(frozen=True)
class Devices:
    """Whom the gateway knows by sight. `day`: the key of hardware addresses today; by purpose, the `keys` of givers, who `answered` it
    and who `agrees`. All keys and names in hex; none of them is a hardware address.
    """

    day: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    answered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    agrees: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Led:
    """`permits` and `devices` are None where nothing changed since `seen`; the leases are fresh each time."""

    digest: str
    leases: tuple[Lease, ...]
    permits: tuple[SignedPermit, ...] | None
    devices: Devices | None


@dataclass(frozen=True)
class GatewayRead:
    """What stands at the gateway after a round, permit by permit, and how many devices are let through. Numbers alone.

    `said`: nft's own code where the kernel refused.
    """

    reads: tuple[Read, ...] = ()
    devices: int = 0
    said: str = ""


@dataclass(frozen=True)
class GatewayAsRead:
    """The newest round, and since when each permit stands there."""

    at: datetime
    read: GatewayRead
    since: Mapping[str, datetime] = field(default_factory=dict)
