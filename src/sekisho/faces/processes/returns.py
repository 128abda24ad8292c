"""The side of `act`: gives mails that came back, one by one, to a child that may die of them, and believes it no more than the mail."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Generic, Self, TypeVar

from sekisho.desk.messages.return_words import Bounce, Unread, believed
from sekisho.faces.processes.read_return import HEAD

CHILD = "sekisho.faces.processes.read_return"
SECONDS = 10.0
"""So long one mail may take, with the start of the child; ours take milliseconds."""
LONGEST = 512
AT_ONCE = 1 << 16
Said = TypeVar("Said")


class Child(Generic[Said]):
    """A child from the first mail on, and another one after each mail that a child died of or was too slow for. End it with a `with`.

    `believe`: what its answer says, or ValueError; `longest`: octets of an answer.
    """

    def __init__(self, child: str, believe: Callable[[object], Said], seconds: float = SECONDS, longest: int = LONGEST) -> None:
        self.child, self.believe, self.seconds, self.longest = child, believe, seconds, longest
        self.sock: socket.socket | None = None
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self.close()

    def __call__(self, raw: bytes) -> Said:
        """What a mail says. Raises Unread where no child lived to say it in time, or said what no mail can say."""
        try:
            sock, until = self._started(), time.monotonic() + self.seconds
            sock.settimeout(self.seconds)
            sock.sendall(HEAD.pack(len(raw)) + raw)
            return self.believe(json.loads(_line(sock, until, self.longest)))
        except (OSError, ValueError) as why:
            self.close()
            raise Unread(type(why).__name__) from why

    def _started(self) -> socket.socket:
        if self.sock is None:
            self.sock, its = socket.socketpair()
            with its:
                command = [sys.executable, "-m", self.child, str(its.fileno())]
                self.process = subprocess.Popen(command, pass_fds=[its.fileno()], stdin=subprocess.DEVNULL, env={"LANG": "C.UTF-8"})
        return self.sock

    def close(self) -> None:
        """The child is gone, whatever it was doing."""
        if self.sock is not None:
            self.sock.close()
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.sock = self.process = None


class Reader(Child[Bounce]):
    """Reads mails that came back."""

    def __init__(self, seconds: float = SECONDS, child: str = CHILD) -> None:
        super().__init__(child, believed, seconds)


def _line(sock: socket.socket, until: float, longest: int) -> bytes:
    """One line, however slowly it comes, but not later. Raises OSError, ValueError."""
    got = bytearray()
    while not got.endswith(b"\n"):
        sock.settimeout(max(0.001, until - time.monotonic()))
        part = sock.recv(min(AT_ONCE, longest))
        got += part
        if not part or len(got) > longest:
            raise ValueError("the child ended, or talks on")
    return bytes(got)
