"""The submission port, tried as a mail program would: connect, greet, go over to TLS where it is offered, see whether it asks who one is.

Runs in `act`. Nothing is sent and nobody is named. One failure is no proof of anything: `keep` is told after several in a row.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass

from sekisho.desk.outside import KeepIsGone, KeepSaidNo, Outside

EVERY, SOON = 600.0, 30.0
"""Seconds until the next try: after one that went well, and after one that did not."""
IN_A_ROW = 3
PATIENCE = 10.0
IMPLICIT = 465
NEVER = -1


@dataclass(frozen=True)
class TryPort:
    """`failed`: tries in a row that failed before this one."""

    failed: int = 0


@dataclass(frozen=True)
class Tried:
    """`works`: greeted, and TLS came about if it was offered; `authenticated`: it asks who one is. `told`: whether `keep` knows."""

    port: str
    works: bool
    authenticated: bool
    failed: int
    told: bool


def carry_out(world: Outside, request: TryPort, context: ssl.SSLContext | None = None) -> Tried:
    """Never raises for what a server does; silence of `keep` is `told` = False."""
    host, port = place(world.settings.access.submission)
    works, authenticated = _converse(host, port, context or ssl.create_default_context())
    failed = 0 if works and authenticated else request.failed + 1
    told = not failed or failed >= IN_A_ROW
    if told:
        try:
            world.keep.call("port-tried", port=str(port), works=works, authenticated=authenticated)
        except (KeepSaidNo, KeepIsGone):
            told = False
    return Tried(str(port), works, authenticated, failed, told)


def place(submission: str) -> tuple[str, int]:
    """Host and port of "mail.example.net:587". Raises ValueError."""
    host, _, port = submission.rpartition(":")
    if not host:
        raise ValueError(submission)
    return host.strip("[]"), int(port)


def _converse(host: str, port: int, context: ssl.SSLContext) -> tuple[bool, bool]:
    try:
        with _connected(host, port, context) as server:
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            return True, server.has_extn("auth")
    except (OSError, smtplib.SMTPException):
        return False, False


def _connected(host: str, port: int, context: ssl.SSLContext) -> smtplib.SMTP:
    if port == IMPLICIT:
        return smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=context, local_hostname="localhost")
    return smtplib.SMTP(host, port, timeout=PATIENCE, local_hostname="localhost")
