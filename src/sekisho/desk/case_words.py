"""What people sign about a case. No two of these have the same fields, so that no signature serves for another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sekisho.law.words import Value


@dataclass(frozen=True)
class Opening:
    """A case is opened: which procedure, what was told, who owns it (a person's id)."""

    procedure: str
    facts: Mapping[str, Value]
    owner: str
    by: str
    at: datetime


@dataclass(frozen=True)
class CaseMove:
    """A move of a case that so far had `after` events: a case that moved meanwhile is another one. `permit` where one is asked for;
    `shown` where a plan is approved by it: the digest of exactly what was shown (`gate.decide.shown`).
    """

    matter: str
    move: str
    after: int
    facts: Mapping[str, Value]
    by: str
    at: datetime
    permit: str = ""
    shown: str = ""


@dataclass(frozen=True)
class Attaching:
    """A file by its digest (SHA-256) and size in octets, and which paper of the procedure it is; empty for any other."""

    matter: str
    paper: str
    name: str
    digest: str
    size: int
    by: str
    at: datetime


@dataclass(frozen=True)
class HoldOrder:
    """Sealed data (`law.procedures.SELECTOR`) are not deleted before `until`. It opens nothing to anybody.

    `owed`: the words of a facts file (`sekisho owed`). Where by them the law forbids erasure, the hold lives on past `until` as
    long as it does.
    """

    matter: str
    data: tuple[str, ...]
    until: datetime
    reason: str
    by: str
    at: datetime
    owed: str = ""


@dataclass(frozen=True)
class LiftOrder:
    """A hold ends now."""

    hold: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class TakeOver:
    """Whoever signs this owns the case from now on. `owner`: who owned it when they looked; empty for nobody."""

    matter: str
    owner: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Adoption:
    """The operator adopts a text as its own, exactly these bytes in every language: `digest` covers all of them."""

    text: str
    digest: str
    by: str
    at: datetime


@dataclass(frozen=True)
class RevealOrder:
    """One sender record is opened for a case: `record` as the permit names it, by its own id or by its post's. `full`: after a first
    view, the very items of the permit."""

    service: str
    record: str
    matter: str
    purpose: str
    permit: str
    full: bool
    by: str
    at: datetime


@dataclass(frozen=True)
class TakingLetters:
    """Letters by post are taken for the printing house: by which list of persons (an attachment), from which line of it on."""

    matter: str
    people: str
    first: int
    by: str
    at: datetime


@dataclass(frozen=True)
class HandingReporter:
    """The name of a protected reporter is handed to the outside body, sealed to its key: which of the incident's, and why they ask."""

    matter: str
    number: int
    reason: str
    by: str
    at: datetime
