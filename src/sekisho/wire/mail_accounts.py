"""When each mail account was opened, and under which plan, as an operator's register exports it: `account,opened,plan`, a line each (CSV).

The first line names the columns. A line that is not of this form spoils the whole file: an account of which nobody knows how old it is
would be taken for an old one.
"""

from __future__ import annotations

import _csv
import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sekisho.wire.cursor import FormError

WHO = "mail-accounts"
LARGEST = 256 << 20
COLUMNS = ("account", "opened", "plan")
LONGEST = 320


@dataclass(frozen=True)
class MailAccounts:
    """By account, whatever its case: the day it was opened, and its plan."""

    opened: Mapping[str, tuple[date, str]] = field(repr=False)

    def of(self, account: str, own: str = "") -> tuple[date, str] | None:
        """None for an account that the register does not know, nor without the domain `own` behind it."""
        name = account.strip().casefold()
        return self.opened.get(name) or (self.opened.get(name.removesuffix(f"@{own.casefold()}")) if own else None)


def read_mail_accounts(raw: bytes) -> MailAccounts:
    """Raises FormError: too-large, not-text, not-the-columns, bad-line (with its number), named-twice, empty."""
    if len(raw) > LARGEST:
        raise FormError(WHO, "too-large")
    try:
        rows = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True)
        return MailAccounts(_read(rows))
    except UnicodeDecodeError as why:
        raise FormError(WHO, "not-text", f"octet {why.start}") from why
    except csv.Error as why:
        raise FormError(WHO, "bad-line", f"line {rows.line_num}") from why


def _read(rows: _csv.Reader) -> dict[str, tuple[date, str]]:
    if tuple(name.strip() for name in next(rows, ())) != COLUMNS:
        raise FormError(WHO, "not-the-columns", ",".join(COLUMNS))
    found: dict[str, tuple[date, str]] = {}
    for row in rows:
        if not row:
            continue
        account = row[0].strip().casefold()
        if len(row) != len(COLUMNS) or not 0 < len(account) <= LONGEST:
            raise FormError(WHO, "bad-line", f"line {rows.line_num}")
        if account in found:
            raise FormError(WHO, "named-twice", f"line {rows.line_num}")
        try:
            found[account] = (date.fromisoformat(row[1].strip()), row[2].strip())
        except ValueError as why:
            raise FormError(WHO, "bad-line", f"line {rows.line_num}") from why
    if not found:
        raise FormError(WHO, "empty")
    return found
