"""The files in front of a resolver (dnsdist), written whole and read back, and the questions that tell whether it reads them.

dnsdist looks at the database of names again when a second has passed and the file's time, in whole seconds, is another: each database
written here is at least a second younger than the one before it. That of lines it reads anew as soon as `heart` tells of another writing.
A file that somebody else changed is found by its octets.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import struct
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sekisho.wire.name_list import in_wire

NAMES, LINES, HEART = "names.cdb", "lines.cdb", "heart"
MODE = 0o644
WAIT = 0.2
"""Seconds for an answer from this machine."""
HEAD = struct.Struct("!HHHHHH")
QR, RD, CODES = 0x8000, 0x0100, 0x000F
NXDOMAIN = 3
IN_A = b"\0\1\0\1"
LARGEST = 512


class CannotWrite(Exception):
    """The folder cannot be written. `code`: the system's name for why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Fronts(Protocol):
    """Where the databases stand, and who is asked whether they are read."""

    def read(self, name: str) -> bytes: ...

    def write(self, name: str, raw: bytes) -> None: ...

    def filtered(self, name: str, source: str) -> bool | None: ...


@dataclass
class Front:
    """`folder`: of the databases. `place`: the address and port that dnsdist answers at, as seen from here."""

    folder: Path
    place: tuple[str, int]
    _known: dict[str, tuple[tuple[int, int, int], bytes]] = field(default_factory=dict)

    def read(self, name: str) -> bytes:
        """The file's octets; none where there is no file. Read again only when it changed."""
        path = self.folder / name
        try:
            said = path.stat()
            seen = (said.st_mtime_ns, said.st_size, said.st_ino)
            if name not in self._known or self._known[name][0] != seen:
                self._known[name] = (seen, path.read_bytes())
        except OSError:
            self._known.pop(name, None)
            return b""
        return self._known[name][1]

    def write(self, name: str, raw: bytes) -> None:
        """Put it in the file's place, whole. Raises CannotWrite."""
        path = self.folder / name
        second = int(time.time())
        try:
            with contextlib.suppress(FileNotFoundError):
                second = second if name == HEART else max(second, int(path.stat().st_mtime) + 1)
            self._put(path, raw, second)
        except OSError as why:
            raise CannotWrite(os.strerror(why.errno or 0)) from why

    def _put(self, path: Path, raw: bytes, second: int) -> None:
        handle, made = tempfile.mkstemp(dir=self.folder, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(raw)
            Path(made).chmod(MODE)
            os.utime(made, (second, second))
            Path(made).replace(path)
        except OSError:
            Path(made).unlink(missing_ok=True)
            raise

    def filtered(self, name: str, source: str) -> bool | None:
        """Whether our page is the answer to that question, asked from that address of this machine; None where nobody answers."""
        number = secrets.randbelow(1 << 16)
        question = in_wire(name) + IN_A
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            try:
                sock.bind((source, 0))
                sock.settimeout(WAIT)
                sock.connect(self.place)
                sock.send(HEAD.pack(number, RD, 1, 0, 0, 0) + question)
                said = sock.recv(LARGEST)
            except OSError:
                return None
        return _page(said, number, question)


def _page(said: bytes, number: int, question: bytes) -> bool | None:
    """What an answer says: an address, or that there is no such name; None for anything else."""
    if len(said) < HEAD.size:
        return None
    its, flags, _, answers, _, _ = HEAD.unpack_from(said)
    if its != number or not flags & QR or said[HEAD.size : HEAD.size + len(question)] != question:
        return None
    if flags & CODES == NXDOMAIN:
        return False
    return answers > 0 if flags & CODES == 0 else None
