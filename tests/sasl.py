"""Asked by Postfix whether a password is right, as Dovecot is (its auth protocol, version 1.1): it is for whoever says `right`."""

from __future__ import annotations

import base64
import os
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

LINES = """\
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{port}
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 500
smtpd_hard_error_limit = 1000
"""
"""Of main.cf."""
HELLO = "VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t{pid}\nCUID\t1\nCOOKIE\t0123456789abcdef0123456789abcdef\nDONE\n"
RIGHT = "right"


class Asked(socketserver.StreamRequestHandler):
    """One process of Postfix."""

    def handle(self) -> None:
        self.wfile.write(HELLO.format(pid=os.getpid()).encode())
        for line in self.rfile:
            word, *rest = line.decode().rstrip("\n").split("\t")
            if word == "AUTH":
                said = next(one.removeprefix("resp=") for one in rest if one.startswith("resp="))
                _, who, password = base64.b64decode(said).decode().split("\0")
                verdict = "OK" if password == RIGHT else "FAIL"
                self.wfile.write(f"{verdict}\t{rest[0]}\tuser={who}\n".encode())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def passwords() -> Iterator[int]:
    """Its port."""
    with Server(("127.0.0.1", 0), Asked) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()


def plain(who: str, password: str) -> str:
    """What a client says behind AUTH."""
    return "PLAIN " + base64.b64encode(f"\0{who}\0{password}".encode()).decode()
