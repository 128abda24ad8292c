"""Shows one attached file to clamd over its socket, within a time; tells `keep` what it said. Runs where there is no key."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sekisho.desk.cases.scan import Scanned, ToScan
from sekisho.desk.outside import Outside
from sekisho.desk.settings import Scan
from sekisho.law.reading import read
from sekisho.wire import clamd

GREETING = 5.0
"""Seconds in which a scanner that is there answers."""


@dataclass(frozen=True)
class ScanNext:
    """One file, if any waits."""


def carry_out(world: Outside, _request: ScanNext) -> str:
    """clean, found, unscanned; idle (no file waits) or away (nobody answers at the socket: no file was asked for)."""
    by = version(world.settings.scan)
    if not by:
        return "away"
    asked = world.keep.call("next-scan")
    if asked is None:
        return "idle"
    file = read(ToScan, asked)
    said = replace(scanned(world.settings.scan, file.content), attachment=file.attachment, by=by)
    world.keep.call("scanned", attachment=said.attachment, state=said.state, by=said.by, name=said.name, why=said.why)
    return said.state


def version(settings: Scan) -> str:
    """Program, signatures and their day, as clamd says them; empty when it is away."""
    try:
        if _asked(settings, [clamd.PING], GREETING) != clamd.PONG:
            return ""
        said = _asked(settings, [clamd.VERSION], GREETING).decode("ascii", "replace")
    except OSError:
        return ""
    return "".join(c for c in said if " " <= c <= "~")[:100] or "?"


def scanned(settings: Scan, content: bytes) -> Scanned:
    """The verdict on these octets, not yet with the file's id. Whatever goes wrong is never clean."""
    try:
        said = clamd.verdict(_asked(settings, clamd.pieces(content), settings.seconds))
    except TimeoutError:
        said = clamd.Verdict(clamd.UNSCANNED, why="slow")
    except OSError:
        said = clamd.Verdict(clamd.UNSCANNED, why="error")
    return Scanned("", said.state, "", said.name, said.why)


def _asked(settings: Scan, command: Iterable[bytes], seconds: float) -> bytes:
    """Clamd's one answer. Raises OSError, and of that TimeoutError once all of it took longer than that."""
    ends = time.monotonic() + seconds
    answer = bytearray()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(seconds)
        line.connect(str(settings.socket))
        try:
            for piece in command:
                line.settimeout(_left(ends))
                line.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):  # it says why (too large) and hangs up before the last piece
            pass
        while not answer.endswith(b"\0") and len(answer) < clamd.LONGEST:
            line.settimeout(_left(ends))
            part = line.recv(clamd.LONGEST)
            if not part:
                raise ConnectionResetError
            answer += part
    return bytes(answer).rstrip(b"\0")


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
