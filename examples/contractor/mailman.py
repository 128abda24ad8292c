"""Mailman 3 as a contractor might run it: one list with the settings it comes with, taking mail by SMTP on this machine.

Run by the Python of an environment that has Mailman (`mailman` 3.3 from PyPI brings all it needs; it is no part of Sekisho):

    PYTHON examples/contractor/mailman.py FOLDER IN OUT

FOLDER may be removed afterwards. IN: the port it takes mail at; OUT: the port it sends to, that of a drill's sink. Says "ready" once the
list can be written to, and ends with Ctrl-C or its standard input. See docs/tool-drill.md.
"""

from __future__ import annotations

import contextlib
import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

HOST, LIST = "127.0.0.1", "runners@tool.example.net"
IDLE = ("rest", "archive", "bounces", "digest", "nntp", "task")
"""Processes of Mailman's that a drill has no use for."""


def settings(folder: Path, lmtp: int, out: int) -> Path:
    """Its mailman.cfg: all in one folder, mail in by LMTP, mail out to the sink."""
    sections = {
        "mailman": {"layout": "here", "site_owner": "owner@tool.example.net"},
        "paths.here": {"var_dir": folder / "var", "bin_dir": Path(sys.executable).parent},
        "database": {"url": f"sqlite:///{folder / 'var' / 'mailman.db'}"},
        "mta": {"incoming": "mailman.mta.null.NullMTA", "lmtp_host": HOST, "lmtp_port": lmtp, "smtp_host": HOST, "smtp_port": out},
        **{f"runner.{name}": {"start": "no"} for name in IDLE},
    }
    text = "\n".join(f"[{name}]\n" + "".join(f"{k}: {v}\n" for k, v in said.items()) for name, said in sections.items())
    (folder / "var").mkdir(parents=True, exist_ok=True)
    path = folder / "mailman.cfg"
    path.write_text(text, encoding="utf-8")
    return path


def free_port() -> int:
    with socket.create_server((HOST, 0)) as probe:
        return int(probe.getsockname()[1])


class Front:
    """What a mail server in front of Mailman does: hands each mail on by LMTP, and passes on what it says to it."""

    def __init__(self, lmtp: int) -> None:
        self.lmtp = lmtp

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the name that aiosmtpd calls
        try:
            with smtplib.LMTP(HOST, self.lmtp) as server:
                server.sendmail(envelope.mail_from, envelope.rcpt_tos, envelope.content)
        except smtplib.SMTPRecipientsRefused:
            return "550 5.1.1 no such list"
        except smtplib.SMTPResponseException as no:
            return f"{no.smtp_code} {bytes(no.smtp_error).decode('ascii', 'replace')}"
        return "250 OK"


def main() -> None:
    folder, port, out = Path(sys.argv[1]).resolve(), int(sys.argv[2]), int(sys.argv[3])
    lmtp = free_port()
    told = settings(folder, lmtp, out)
    mailman = [str(Path(sys.executable).parent / "mailman"), "-C", str(told), *(["--run-as-root"] if os.geteuid() == 0 else [])]
    subprocess.run([*mailman, "create", LIST], check=True, stdout=subprocess.DEVNULL)
    environment = {**os.environ, "MAILMAN_CONFIG_FILE": str(told)}
    with subprocess.Popen([str(Path(sys.executable).parent / "master"), "-C", str(told)], env=environment) as master:
        try:
            while master.poll() is None:
                with contextlib.suppress(OSError), socket.create_connection((HOST, lmtp), 1):
                    break
                time.sleep(0.2)
            serve(Controller(Front(lmtp), hostname=HOST, port=port))
        finally:
            master.send_signal(signal.SIGTERM)


def serve(front: Controller) -> None:
    """Until standard input ends."""
    front.start()
    try:
        print("ready", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            sys.stdin.read()
    finally:
        front.stop()


if __name__ == "__main__":
    main()
