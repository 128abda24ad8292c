"""The local socket to `keep`: one request, one answer, each a length-prefixed JSON object.

The role of a connection is the channel it came by (a socket pair handed down by the supervisor), never what it says.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from pathlib import Path
from typing import Any

from sekisho.desk.outside import KeepIsGone, KeepSaidNo
from sekisho.law.canonical import plain

__all__ = ["Channel", "KeepIsGone", "KeepSaidNo", "TooLong", "frame", "read_frame"]

LONGEST = 8 << 20
HEAD = struct.Struct(">I")


class TooLong(ValueError):
    """A message that no channel carries."""


class Channel:
    """A client's end. Calls may come from several threads; they are answered one at a time.

    Raises KeepSaidNo for a refusal and KeepIsGone when `keep` does not answer within `patience` seconds.
    """

    def __init__(self, sock: socket.socket, patience: float = 10.0) -> None:
        self._sock = sock
        self._sock.settimeout(patience)
        self._turn = threading.Lock()

    @classmethod
    def at(cls, path: Path, patience: float = 10.0) -> Channel:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.connect(str(path))
        except OSError as why:
            sock.close()
            raise KeepIsGone(f"nobody listens at {path}") from why
        return cls(sock, patience)

    def call(self, method: str, **params: object) -> Any:
        with self._turn:
            try:
                self._sock.sendall(frame({"method": method, "params": plain(params)}))
                answer = read_frame(self._sock)
            except (OSError, EOFError) as why:
                raise KeepIsGone(str(why)) from why
        if "error" in answer:
            raise KeepSaidNo(answer["error"]["code"], answer["error"].get("detail", {}))
        return answer["result"]

    def close(self) -> None:
        self._sock.close()


def frame(value: object) -> bytes:
    """ASCII alone: half a character that somebody sent is written back as they wrote it. Raises TooLong."""
    body = json.dumps(value).encode("ascii")
    if len(body) > LONGEST:
        raise TooLong(f"a message of {len(body)} bytes is longer than {LONGEST}")
    return HEAD.pack(len(body)) + body


def read_frame(sock: socket.socket) -> Any:
    (length,) = HEAD.unpack(_exactly(sock, HEAD.size))
    if length > LONGEST:
        raise EOFError(f"the other side announced {length} bytes")
    return json.loads(_exactly(sock, length))


def _exactly(sock: socket.socket, count: int) -> bytes:
    parts: list[bytes] = []
    while count:
        part = sock.recv(min(count, 1 << 20))
        if not part:
            raise EOFError("the other side closed the channel")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
