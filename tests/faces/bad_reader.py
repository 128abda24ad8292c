"""A reader of returned mails that does to itself what a stranger's mail may do to the real one. Run as a child of `returns.py`."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from pathlib import Path

from sekisho.desk.messages.return_words import said
from sekisho.faces.processes import read_return


def read(raw: bytes) -> list[str]:
    """Does what the mail says; reads it as ever where it says nothing of the kind."""
    word = raw.decode("ascii", "replace").partition(":")[0]
    if word == "hang":
        time.sleep(60)
    elif word == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    elif word == "bomb":
        return ["a" * (1 << 40), "other", ""]
    elif word == "spin":
        while True:
            pass
    elif word == "flood":
        return ["a" * 100_000, "other", ""]
    elif word == "lie":
        return ["", "accepted", "9.9.9"]
    elif word == "rights":
        return ["a" * len(taken(Path(raw.decode().partition(":")[2]))), "other", ""]
    return said(raw)


def taken(secret: Path) -> list[str]:
    """What this process can still do that it must not."""
    found = []
    with contextlib.suppress(OSError):
        secret.read_bytes()
        found.append("read a file")
    with contextlib.suppress(OSError):
        secret.with_name("new").write_bytes(b"x")
        found.append("wrote a file")
    with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", 0)) as own:
        socket.create_connection(own.getsockname(), 1).close()
        found.append("used the network")
    with contextlib.suppress(OSError):
        os.setgroups([])
        found.append("kept a right of root")
    with contextlib.suppress(OSError, MemoryError):
        bytearray(read_return.MEMORY)
        found.append("took all memory")
    return found


if __name__ == "__main__":
    read_return.main(read)
