"""A real clamd for tests: it knows one harmless file only, the one that scanners are tried with (EICAR), and starts within a second."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
"""In pieces, so that no scanner takes this file for it."""
NAME = "Eicar-Test.UNOFFICIAL"
CONFIGURATION = """LocalSocket {here}/clamd.sock
DatabaseDirectory {here}/signatures
TemporaryDirectory {here}
Foreground yes
AlertEncrypted yes
StreamMaxLength {most}
MaxThreads 2
SelfCheck 0
"""
MOST = 1 << 20
"""Octets this scanner takes: less than we do, so that a file can be too large for it."""
needed = pytest.mark.skipif(shutil.which("clamd") is None, reason="no malware scanner here: install clamav-daemon (make parts)")


def prepared() -> Path:
    """A folder with the signature and the configuration; short, since a socket's path may have 107 letters."""
    here = Path(tempfile.mkdtemp(prefix="clamd-"))
    (here / "signatures").mkdir()
    (here / "signatures" / "test.ndb").write_text(f"Eicar-Test:0:*:{EICAR.hex()}\n", encoding="ascii")
    (here / "clamd.conf").write_text(CONFIGURATION.format(here=here, most=MOST), encoding="utf-8")
    return here


@contextmanager
def running(here: Path) -> Iterator[Path]:
    """The scanner, and the path of its socket; at the end it is gone."""
    place = here / "clamd.sock"
    place.unlink(missing_ok=True)
    clamd = subprocess.Popen(["clamd", "-F", "-c", str(here / "clamd.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _answers(place, clamd)
        yield place
    finally:
        clamd.terminate()
        clamd.wait(10)


def _answers(place: Path, clamd: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 20
    while clamd.poll() is None and time.monotonic() < until:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            try:
                line.connect(str(place))
            except OSError:
                time.sleep(0.02)
            else:
                return
    raise RuntimeError("clamd did not start")
