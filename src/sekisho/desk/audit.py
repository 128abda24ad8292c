"""Reading the ledger from outside `keep`: entries, receipts, verifying all of it. Needs folder and public key, nothing sealed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from sekisho.desk.public import Public
from sekisho.law.canonical import plain
from sekisho.ledger import tree
from sekisho.ledger.entry import Entry
from sekisho.ledger.faults import EntryRefused, LedgerError
from sekisho.ledger.files import Files, Subtrees
from sekisho.ledger.note import open_checkpoint
from sekisho.ledger.proof import make_receipt
from sekisho.ledger.verify import verify

MOST = 1000


@dataclass(frozen=True)
class Audit:
    """A ledger folder and the key it claims to be signed with. `since`: a checkpoint seen earlier."""

    folder: Path
    public: Public
    since: str | None = None


def carry_out(request: Audit, progress: Callable[[int, int], None] | None = None) -> dict[str, Any]:
    """{"ok", "size", "root", "checked", "seconds", "bad": {"index", "file", "why"} | null}. Never raises for a damaged folder."""
    began = time.monotonic()
    try:
        since = open_checkpoint(request.since, request.public.ledger, "since") if request.since else None
        report = verify(request.folder, request.public.ledger, since=since, progress=progress)
    except (LedgerError, OSError) as why:
        bad = {"index": None, "file": "checkpoint", "why": type(why).__name__}
        return {"ok": False, "size": 0, "root": "", "checked": 0, "seconds": 0.0, "bad": bad}
    first = report.first
    return {
        "ok": report.ok,
        "size": report.size,
        "root": report.root.hex(),
        "checked": report.entries,
        "seconds": round(time.monotonic() - began, 3),
        "bad": {"index": first.index, "file": first.file, "why": first.wrong.value} if first else None,
    }


def entries(request: Audit, start: int, count: int) -> dict[str, Any]:
    """{"origin", "vkey", "size", "root", "entries": [{"index", "type", "at", "ids"}]}, oldest first. Raises LedgerError, OSError."""
    checkpoint = open_checkpoint((request.folder / "checkpoint").read_bytes(), request.public.ledger, request.folder / "checkpoint")
    start = max(0, min(start, checkpoint.size))
    end = min(checkpoint.size, start + min(count, MOST))
    held = islice(Files(request.folder).entries(start, checkpoint.size), end - start) if end > start else ()
    found = [_shown(start + i, e) for i, e in enumerate(held)]
    root = checkpoint.root.hex()
    return {"origin": request.public.origin, "vkey": request.public.ledger, "size": checkpoint.size, "root": root, "entries": found}


def receipt(request: Audit, index: int) -> str:
    """The entry's tlog-proof text; empty when there is no such entry. Raises LedgerError, OSError."""
    path = request.folder / "checkpoint"
    text = path.read_text(encoding="utf-8")
    checkpoint = open_checkpoint(text, request.public.ledger, path)
    if not 0 <= index < checkpoint.size:
        return ""
    return make_receipt(index, tree.inclusion(index, checkpoint.size, Subtrees(Files(request.folder), checkpoint.size)), text)


def _shown(index: int, raw: bytes) -> dict[str, Any]:
    try:
        entry = Entry.decode(raw)
    except EntryRefused:
        return {"index": index, "type": "unreadable", "at": "", "ids": {}}
    return {"index": index, "type": entry.type.value, "at": plain(entry.at), "ids": dict(entry.ids)}
