"""Reads mails that came back: bytes of strangers. A short-lived child of `act`, with one end of a socket and nothing else.

No file, no network, no key, no right of root, no way to `keep`; little memory and little time. `returns.py` starts and ends it.
"""

from __future__ import annotations

import json
import resource
import socket
import struct
import sys
from collections.abc import Callable

from sekisho.desk.messages.return_words import MOST, said
from sekisho.faces.processes.confine import confine, report, without_network, without_rights

HEAD = struct.Struct(">I")
MEMORY = 256 << 20
CPU_SECONDS = 20
LIMITS = {
    resource.RLIMIT_AS: MEMORY,
    resource.RLIMIT_CPU: CPU_SECONDS,
    resource.RLIMIT_FSIZE: 0,
    resource.RLIMIT_NPROC: 0,
    resource.RLIMIT_CORE: 0,
}


def shut_in() -> None:
    """From now on there is nothing to take and nothing to break here but this process."""
    network, files = without_network(), confine(read=[], write=[])
    report("returns", network=network, files=files, rights=without_rights())
    for what, most in LIMITS.items():
        resource.setrlimit(what, (most, most))


def serve(sock: socket.socket, read: Callable[[bytes], object] = said, most: int = MOST) -> None:
    """Each mail as its length and its bytes; each answer as one line of JSON: code, kind, status. Until the other side closes."""
    stream = sock.makefile("rwb")
    while len(head := stream.read(HEAD.size)) == HEAD.size:
        words = read(stream.read(min(HEAD.unpack(head)[0], most)))
        stream.write(json.dumps(words).encode("ascii") + b"\n")
        stream.flush()


def main(read: Callable[[bytes], object] = said, most: int = MOST) -> None:
    """Started by `act`: the descriptor of the socket. A mail that cannot be read ends it, and `act` starts another."""
    sock = socket.socket(fileno=int(sys.argv[1]))
    sys.excepthook = lambda kind, _error, _trace: sys.stderr.write(f"returns: {kind.__name__}\n") and None
    shut_in()
    serve(sock, read, most)


if __name__ == "__main__":
    main()
