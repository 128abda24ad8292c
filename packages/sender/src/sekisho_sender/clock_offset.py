"""How far this machine's clock is ahead of its reference, in microseconds; None, with the reason, when nobody can say.

chrony is asked first (`chronyc -c tracking`; its "System time" is positive when our clock is slow, so the sign turns), or a time server
directly (RFC 5905, one exchange: offset = ((T2 - T1) + (T3 - T4)) / 2). A server that is not synchronised itself says nothing.
"""

from __future__ import annotations

import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

FROM_1900 = 2_208_988_800
SECONDS = 3


@dataclass(frozen=True, slots=True)
class Offset:
    """ahead_us: positive when our clock is ahead. stratum: of the reference, 1 the best. source: who said so. why: why nobody could."""

    ahead_us: int | None
    stratum: int | None = None
    source: str = ""
    why: str = ""


def from_chrony(*arguments: str) -> Offset:
    """What chronyd on this machine says; further arguments go to chronyc (`-h`, `-p`)."""
    if shutil.which("chronyc") is None:
        return Offset(None, why="chronyc-not-installed")
    try:
        asked = subprocess.run(
            ["chronyc", "-n", "-c", *arguments, "tracking"], capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return Offset(None, why="chronyd-did-not-answer")
    return read_tracking(asked.stdout) if asked.returncode == 0 else Offset(None, why="chronyd-not-running")


def read_tracking(line: str) -> Offset:
    """The answer of `chronyc -c tracking`: reference id, name, stratum, reference time, system time in seconds, and more."""
    fields = line.strip().split(",")
    try:
        name, stratum, slow, leap = fields[1], int(fields[2]), fields[4], fields[-1]
        ahead = -round(float(slow) * 1_000_000)
    except (IndexError, ValueError, OverflowError):
        return Offset(None, why="chronyc-said-something-else")
    if leap == "Not synchronised" or not 1 <= stratum <= 15:
        return Offset(None, why="not-synchronised")
    return Offset(ahead, stratum, f"chrony {name}")


def from_server(host: str, port: int = 123, now: Callable[[], float] = time.time) -> Offset:
    """Ask a time server once. `now`: seconds since 1970."""
    try:
        where = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        with socket.socket(where[0], where[1]) as asking:
            asking.settimeout(SECONDS)
            asking.connect(where[4])
            sent = now()
            ours = stamp(sent)
            asking.send(b"\x23" + bytes(39) + ours)
            answer = asking.recv(512)
            came = now()
    except OSError:
        return Offset(None, why="time-server-did-not-answer")
    return read_answer(answer, ours, sent, came, host)


def read_answer(answer: bytes, ours: bytes, sent: float, came: float, host: str) -> Offset:
    """The offset in a server's answer. `ours`: our own stamp, which a true answer repeats."""
    if len(answer) < 48 or answer[24:32] != ours or answer[0] & 7 != 4:
        return Offset(None, why="no-answer-to-our-question")
    if answer[0] >> 6 == 3 or not 1 <= answer[1] <= 15:
        return Offset(None, why="not-synchronised")
    theirs = (seconds(answer[32:40]) - sent + seconds(answer[40:48]) - came) / 2
    return Offset(-round(theirs * 1_000_000), answer[1], f"ntp {host}")


def stamp(at: float) -> bytes:
    whole = int(at)
    return struct.pack("!II", (whole + FROM_1900) & 0xFFFFFFFF, int((at - whole) * 2**32) & 0xFFFFFFFF)


def seconds(raw: bytes) -> float:
    """Seconds since 1970 of an NTP stamp; stamps of the era after 2036 begin again at 0."""
    whole, part = int.from_bytes(raw[:4]), int.from_bytes(raw[4:])
    era = 2**32 if whole < FROM_1900 else 0
    return float(whole) + era - FROM_1900 + part / 2**32


def measured(servers: tuple[str, ...] = ()) -> Offset:
    """The best that can be said here: chrony, else the first time server that answers, else unknown with the last reason."""
    found = from_chrony()
    for host in servers:
        if found.ahead_us is not None:
            break
        found = from_server(host)
    return found


class Sampled:
    """`Keeper(clock_offset_us=Sampled())`: measured now and again at most every `every_s` seconds, in a thread of its own, so that no post
    waits for it. What is older than three rounds is not known any more."""

    def __init__(self, ask: Callable[[], Offset] = measured, every_s: float = 64.0, now: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._every, self._now = ask, every_s, now
        self._last = ask()
        self._at = now()
        self._asking = False

    def __call__(self) -> int | None:
        age = self._now() - self._at
        if age >= self._every and not self._asking:
            self._asking = True

            threading.Thread(target=self._refresh, daemon=True).start()
        return self._last.ahead_us if age < 3 * self._every else None

    def _refresh(self) -> None:
        try:
            self._last, self._at = self._ask(), self._now()
        finally:
            self._asking = False
