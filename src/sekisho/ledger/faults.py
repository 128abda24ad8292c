"""What can go wrong with a log, by name. Every error carries a code, where it was found, and what to do."""

from __future__ import annotations

from enum import StrEnum


class Wrong(StrEnum):
    """What is wrong with a log on disk."""

    MISSING = "missing"  # a file the checkpoint needs is not there
    TRUNCATED = "truncated"  # a file is shorter or longer than the checkpoint needs
    ALTERED = "altered"  # bytes do not hash to what was signed
    MALFORMED = "malformed"  # bytes that are no checkpoint, proof, bundle or entry at all
    SIGNATURE = "signature"  # no good signature by the expected key
    ORIGIN = "origin"  # another log's checkpoint
    ROLLED_BACK = "rolled-back"  # older than something signed or promised before
    FORKED = "forked"  # two signed trees that do not continue each other
    BEYOND = "beyond"  # files past the checkpoint that no interrupted writing explains


class LedgerError(Exception):
    """Anything the ledger says no to."""


class EntryRefused(LedgerError, ValueError):
    """The caller offered what may not be written: too long, free text, an unknown field. Nothing was written."""


class Busy(LedgerError):
    """Another process writes this log. Only one may."""


class Stopped(LedgerError):
    """A write failed earlier, so nobody knows what the disk holds. Close the log, mend the disk, open it again."""


class Damaged(LedgerError):
    """The log on disk, or a text said to come from it, is not what was signed. Keep a copy before touching anything."""

    def __init__(self, wrong: Wrong, where: object, detail: str) -> None:
        super().__init__(f"{wrong.value}: {where}: {detail}")
        self.wrong = wrong
        self.where = str(where)
        self.detail = detail
