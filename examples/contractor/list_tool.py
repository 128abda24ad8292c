"""A small mailing-list tool over real SMTP, as a contractor might run one: people join by mail, and it does what its switches say.

It stands in for the contractor's tool of the marathon of 2024. It is no mock of anything of ours: it knows nothing of drills.
`python -m examples.contractor.list_tool OUT [--lists]`: sends by the mail server at port OUT of this machine, says "ready PORT" once it
takes mail itself, and ends with its standard input.
"""

from __future__ import annotations

import argparse
import asyncio
import smtplib
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import compat32
from typing import Any

from aiosmtpd.smtp import SMTP

HOST, DOMAIN = "127.0.0.1", "tool.example.net"
DESK = f"desk@{DOMAIN}"


@dataclass
class ListTool:
    """`lists`: a member's mail goes out to all members. `quotes`: its automatic answers quote others. `joins`: it tells who joined."""

    out: int
    lists: bool = False
    welcomes: bool = False
    hides: bool = False
    joins: bool = False
    forgets: bool = True
    members: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]) -> str:  # noqa: N802 - the name that aiosmtpd calls
        if not address.endswith(f"@{DOMAIN}"):
            return "550 not here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the name that aiosmtpd calls
        mail = message_from_bytes(envelope.content, policy=compat32)
        with self.lock:
            for to in envelope.rcpt_tos:
                if not self.took(envelope.mail_from, to.partition("@")[0], mail):
                    return "550 5.7.1 nobody reads this address"
        return "250 OK"

    def took(self, sender: str, door: str, mail: Message) -> bool:
        """Whether it took the mail."""
        if door == "join":
            self.join(sender)
        elif door == "leave":
            self.members = [m for m in self.members if m != sender or not self.forgets]
        elif door == "list" and sender in self.members:
            if not self.lists:
                return False
            self.deal(sender, mail)
        return True

    def join(self, sender: str) -> None:
        for other in self.members if self.joins else ():
            self.send(other, self.note(other, "new member", f"{sender} joined"))
        self.members.append(sender)
        if self.welcomes:
            self.send(sender, self.note(sender, "welcome", "you are on the list"))

    def deal(self, sender: str, mail: Message) -> None:
        """The list function: to all but the writer, as it came; `hides` writes the list in the place of who wrote."""
        if self.hides:
            for name in ("From", "Message-ID", "Sender", "Reply-To"):
                del mail[name]
            mail["From"] = f"list@{DOMAIN}"
        for member in self.members:
            if member != sender:
                self.send(member, mail)

    def note(self, to: str, subject: str, text: str) -> Message:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = DESK, to, subject
        mail.set_content(text)
        return mail

    def send(self, to: str, mail: Message) -> None:
        with smtplib.SMTP(HOST, self.out, local_hostname=DOMAIN) as server:
            server.sendmail(DESK, [to], mail.as_bytes())


@contextmanager
def running(tool: ListTool) -> Iterator[int]:
    """The port it listens on."""
    loop, listening = asyncio.new_event_loop(), socket.create_server((HOST, 0))
    loop.run_until_complete(loop.create_server(lambda: SMTP(tool, hostname=DOMAIN), sock=listening))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        listening.close()
        loop.close()


if __name__ == "__main__":
    words = argparse.ArgumentParser()
    words.add_argument("out", type=int)
    words.add_argument("--lists", action="store_true")
    asked = words.parse_args()
    with running(ListTool(asked.out, lists=asked.lists)) as port:
        print(f"ready {port}", flush=True)
        sys.stdin.read()
