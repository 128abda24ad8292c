"""Where the mail server's questions are heard, and where counts lie."""

from __future__ import annotations

from pathlib import Path

from sekisho.desk.settings import Settings
from sekisho.effects.mail_counts import MailCounts

FOLDER = "policy"
FILE = "counts.db"


def place(settings: Settings) -> tuple[str, int]:
    """Host and port of `policy.listen`, which the settings' reader has checked."""
    host, _, port = settings.policy.listen.rpartition(":")
    return host.strip("[]"), int(port)


def folder(settings: Settings) -> Path:
    """Readable to the process alone; made by whoever starts it."""
    return settings.folder / FOLDER


def lists(settings: Settings) -> list[Path]:
    """The folder of the block list, where one is named: a file that takes its place is read as well."""
    named = settings.policy.block_list
    return [named.parent] if named else []


def open_counts(settings: Settings) -> MailCounts:
    """Raises sqlite3.Error."""
    return MailCounts(folder(settings) / FILE)
