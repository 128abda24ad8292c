"""What `keep` and `policy` tell each other: which permits for the mail server are in force, and what was answered under them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sekisho.gate.permit import Lease, SignedPermit


@dataclass(frozen=True)
class PolicyLeases:
    """Asked twice a second. `seen`: the digest of what was told last; the same is not told twice."""

    seen: str = ""


@dataclass(frozen=True)
class Let:
    """One permit, the key its accounts are made tokens with (hex), and accounts that were let go again: token (hex) and when.

    `agreed`: of a stage for recipients who agreed, under which hashes each of them is known; None for a stage about others.
    `only`: tokens (hex) of the accounts it is about; None for a stage about every account.
    `box`: the key id that an owner's address is sealed to for the notice, and `half` its public half (hex); empty where nobody is held.
    """

    permit: SignedPermit
    key: str
    restored: Mapping[str, datetime] = field(default_factory=dict)
    box: str = ""
    half: str = ""
    agreed: tuple[str, ...] | None = None
    only: tuple[str, ...] | None = None


@dataclass(frozen=True)
class PolicyLeased:
    """`let` is None where nothing changed since `seen`; the leases are fresh each time."""

    digest: str
    leases: tuple[Lease, ...]
    let: tuple[Let, ...] | None


@dataclass(frozen=True)
class Answered:
    """One permit's stage since the process began: questions, messages put off, and questions it could not answer."""

    permit: str
    asked: int = 0
    refused: int = 0
    failed: int = 0


@dataclass(frozen=True)
class HeldAccount:
    """An account (its token, hex) reached its limit at `at`. `box`: where its owner is written to, sealed; empty where nobody knows."""

    permit: str
    token: str
    at: datetime
    box: str = ""


@dataclass(frozen=True)
class HourCounted:
    """One clock hour (its first second, UTC) of one permit: accounts that sent, messages, the most of one account, accounts in bulk.

    `refused`: messages put off; `asked`: questions that were its matter; `found`: what this stage alone counts, by its words.
    """

    permit: str
    hour: datetime
    accounts: int
    messages: int
    most: int
    bulk: int
    refused: int = 0
    asked: int = 0
    found: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class PolicyTold:
    """Told every few seconds. `asked`: every question, also those no permit speaks about; `malformed`: connections without form.

    `down`: what could not be done, as a fixed word; empty, all is well. `held`: accounts at their limit that were not told of before.
    """

    stages: tuple[Answered, ...] = ()
    hours: tuple[HourCounted, ...] = ()
    asked: int = 0
    malformed: int = 0
    down: str = ""
    held: tuple[HeldAccount, ...] = ()


@dataclass(frozen=True)
class PolicyAsTold:
    """The newest word, and since when each permit is answered for."""

    at: datetime
    told: PolicyTold
    since: Mapping[str, datetime] = field(default_factory=dict)
