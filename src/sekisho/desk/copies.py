"""Copies of papers that go before their case does: each sealed to a key of its own, which ends with the days the gate was shown.

At the end `keep` writes into the ledger that the key is destroyed, destroys it, and takes the file away; a copy of the folder that somebody
made meanwhile holds a file that no key opens any more. What was checked, and how it ended, stays in the case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sekisho.desk import matters, permits, records
from sekisho.desk.matters import Matter
from sekisho.desk.world import No, World
from sekisho.store.errors import StoreError
from sekisho.store.seal import open_note, seal_note

FILES = "files"
COPY = "copy"
"""The column class of such a key."""


@dataclass(frozen=True)
class Term:
    """The key of one copy, and its end."""

    key: str
    until: datetime


def folder(world: World) -> Path:
    """Where every attached file lies, sealed."""
    return world.settings.folder / "keep" / FILES


def term(world: World, identity: str, paper: str, attachment: str, now: datetime) -> Term | None:
    """None: this paper stays as long as its case. Raises No: copy-not-permitted, copy-not-kept, withdrawn, ended."""
    row = records.one(world.db, records.MATTERS, id=identity)
    rules = matters.procedure_of(world, row).kept if row else ()
    rule = next((r for r in rules if r.paper == paper), None)
    if rule is None:
        return None
    matter = matters.load(world, identity)
    asked = next((n for n, m in reversed([*enumerate(matter.made)]) if m.permit and m.event.move in rule.under), None)
    if asked is None:
        raise No("copy-not-permitted", paper=paper)
    permits.must_live(world, matter.made[asked].permit, now)
    days = _said(matter, rule.days, asked)
    if not days:
        raise No("copy-not-kept", paper=paper)
    return Term(f"{attachment}/{COPY}/{now.date().isoformat()}", now + timedelta(days=days))


def _said(matter: Matter, fact: str, before: int) -> int:
    """What the fact was when the gate was asked; what was told since, it has not seen."""
    said = next((m.event.facts[fact] for m in reversed(matter.made[:before]) if fact in m.event.facts), 0)
    return said if isinstance(said, int) else 0


def seal(world: World, copy: Term, content: bytes) -> bytes:
    return seal_note(world.vault.public_half(copy.key, copy.until), copy.key, content)


def unseal(world: World, said: Mapping[str, Any], sealed: bytes) -> bytes:
    """Raises No("copy-over")."""
    try:
        return open_note(world.vault.unwrap, said["key"], sealed)
    except StoreError as why:
        raise No("copy-over", paper=said["paper"], until=said["until"]) from why


def held(world: World, holds: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Keys of copies in cases that a living hold stands in."""
    cases = {str(h["matter"]) for h in holds}
    rows = [records.body(r) for case in cases for r in records.rows(world.db, records.ATTACHMENTS, matter=case)]
    return frozenset(r["key"] for r in rows if "key" in r)


def forget(world: World, key: str) -> None:
    """The file of a key that is gone goes, too."""
    attachment, kind, _ = key.split("/")
    if kind == COPY:
        with suppress(OSError):  # nobody can open it
            (folder(world) / attachment).unlink(missing_ok=True)
