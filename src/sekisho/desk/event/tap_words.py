"""What `keep` and `tap` tell each other: what may be counted, of whom, at what price, and the numbers with noise that came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sekisho.desk.gateway_words import Devices
from sekisho.gate.permit import Lease, SignedPermit


@dataclass(frozen=True)
class TapLeases:
    """Asked several times a second. `seen`: the digest of what was told last; the same is not told twice."""

    seen: str = ""


@dataclass(frozen=True)
class Tapped:
    """`permits` (to count) and `devices` are None where nothing changed since `seen`; the leases are fresh each time."""

    digest: str
    leases: tuple[Lease, ...]
    permits: tuple[SignedPermit, ...] | None
    devices: Devices | None


@dataclass(frozen=True)
class SpendRelease:
    """Asked before any noise is drawn: the window that was counted under this permit, from when, is to be told of."""

    permit: str
    since: datetime


@dataclass(frozen=True)
class SpentRelease:
    """It is paid for. `release` names it; what it costs is in the ledger, whatever becomes of it."""

    release: str


@dataclass(frozen=True)
class TellRelease:
    """The numbers of a release that was paid for: devices by name or kind, all above `threshold`."""

    release: str
    since: datetime
    threshold: int
    numbers: Mapping[str, int]
