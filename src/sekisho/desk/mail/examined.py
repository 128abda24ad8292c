"""Is the mail server answered as the permits declare? A real question is asked, and Postfix's own configuration read. Changes nothing."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sekisho.wire.policy import POLICY, REQUEST

SECONDS = 5.0
HOLDING = ("limit", "hold")
"""Steps that hold accounts, whose owners are to be told."""
RESTRICTIONS = "smtpd_end_of_data_restrictions"
AT_RECIPIENTS = "smtpd_recipient_restrictions"
MILTERS = "smtpd_milters"
CLOSED = re.compile(r"default_action\s*=\s*4\d\d\b")


@dataclass(frozen=True)
class Examine:
    """What `keep` says of the stages, and the folder of Postfix's configuration; None where none is named."""

    stages: Mapping[str, Any]
    postfix: Path | None


def carry_out(request: Examine) -> Mapping[str, Any]:
    """{"listen", "state": as `stages_show` says, "asked": well | away | not-set-up, "postfix": same | absent | differs | unread, "owners":
    told | untold | not-needed, "wrong": how many of these are not as they should be}."""
    said = request.stages
    listen = str(said["listen"])
    asked = _asked(listen) if listen else "not-set-up"
    postfix = _asks(request.postfix, said) if listen else "unread"
    limits = any(s["step"] in HOLDING for s in said["stages"])
    owners = "told" if said["tells"] else "untold" if limits else "not-needed"
    wrong = (asked == "away") + (postfix in ("absent", "differs")) + (owners == "untold") + (said["state"] in ("silent", "down"))
    return {"listen": listen, "state": said["state"], "asked": asked, "postfix": postfix, "owners": owners, "wrong": wrong}


def _asked(listen: str) -> str:
    """A question that no stage is about."""
    host, _, port = listen.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), SECONDS) as sock:
            sock.sendall(f"{REQUEST}={POLICY}\nprotocol_state=VRFY\n\n".encode())
            sock.settimeout(SECONDS)
            return "well" if sock.recv(64).startswith(b"action=") else "away"
    except OSError:
        return "away"


def _asks(folder: Path | None, said: Mapping[str, Any]) -> str:
    """The worst of the moments at which a stage in force has to be asked."""
    closed = {RESTRICTIONS: said["closed"]} | ({} if said["recipients"] is None else {AT_RECIPIENTS: said["recipients"]})
    found = {_postfix(folder, str(said["listen"]), where, closed=bool(down)) for where, down in closed.items()}
    if said["labels"] is not None:
        found.add(_postfix(folder, str(said["labels"]["milter"]), MILTERS, closed=False))
    return next(word for word in ("unread", "absent", "differs", "same") if word in found)


def _postfix(folder: Path | None, listen: str, where: str, *, closed: bool) -> str:
    if folder is None:
        return "unread"
    command = ["/usr/sbin/postconf", "-c", str(folder), "-h", where]
    try:
        said = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=True, text=True).stdout
    except (OSError, subprocess.SubprocessError):
        return "unread"
    if f"inet:{listen}" not in said:
        return "absent"
    return "same" if bool(CLOSED.search(said)) == closed else "differs"
