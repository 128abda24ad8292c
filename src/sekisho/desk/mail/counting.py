"""Where the mail server's questions are heard, and where counts lie."""

from __future__ import annotations

from pathlib import Path

from sekisho.desk.mail.names import Names
from sekisho.desk.settings import Settings
from sekisho.effects.mail_counts import MailCounts

FOLDER = "policy"
FILE = "counts.db"


def place(said: str) -> tuple[str, int]:
    """Host and port of what the settings' reader has checked."""
    host, _, port = said.rpartition(":")
    return host.strip("[]"), int(port)


def names(settings: Settings) -> Names:
    """The resolver, for one mail."""
    return Names(*place(settings.policy.resolver))


def folder(settings: Settings) -> Path:
    """Readable to the process alone; made by whoever starts it."""
    return settings.folder / FOLDER


def lists(settings: Settings) -> list[Path]:
    """The folders of the lists, the register of accounts and the mail server's log, where named: a file in the place of one is read too."""
    policy = settings.policy
    return sorted({named.parent for named in (policy.block_list, policy.dynamic_ranges, policy.accounts, policy.mail_log) if named})


def open_counts(settings: Settings) -> MailCounts:
    """Raises sqlite3.Error."""
    return MailCounts(folder(settings) / FILE)
