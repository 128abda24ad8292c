"""How the console is run. Nothing here widens what may be seen or done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Settings:
    """Host names the console answers to, and its limits.

    `origin` is what the browser shows (passkeys are bound to it) and `rp_id` the name a passkey belongs to. `secure` marks the
    cookie Secure; leave it off only on plain-http localhost. `session_seconds` is how long a sign-in lasts without a request.
    `elsewhere`: where a request for a name that is not ours is led to, where names are filtered to lead here; empty: it is refused.
    `readings`: how often one address may read a public page in `sign_in_window` seconds.
    """

    origin: str = "http://localhost:8080"
    rp_id: str = "localhost"
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    secure: bool = False
    demo: bool = False
    session_seconds: int = 8 * 3600
    form_bytes: int = 64 * 1024
    file_bytes: int = (2 << 20) + 64 * 1024
    files_bytes: int = (3 << 20) + 256 * 1024
    sign_in_attempts: int = 10
    sign_in_window: int = 60
    readings: int = 120
    docs: str = "docs/"
    elsewhere: str = ""
    clock: Callable[[], datetime] = utc_now
