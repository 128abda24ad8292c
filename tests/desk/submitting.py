"""The submission process of an office, in a thread: real SMTP on loopback."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage

from sekisho.faces.processes import submission
from tests.desk import contracting
from tests.desk.office import Office

DOMAIN = "people.invalid"


@dataclass
class Submitting:
    """Where it listens, and what it counts."""

    port: int
    handler: submission.Handler

    def client(self, token: str = "") -> smtplib.SMTP:
        """Signed in, where there is a token. Raises smtplib.SMTPAuthenticationError."""
        client = smtplib.SMTP("127.0.0.1", self.port, local_hostname="agency.example", timeout=30)
        if token:
            client.login("agency", token)
        return client

    def send(self, token: str, mail: EmailMessage | bytes, *to: str) -> tuple[int, str]:
        """The reply to the whole message, or the first that says no."""
        raw = mail if isinstance(mail, bytes) else mail.as_bytes()
        with self.client(token) as client:
            client.mail("sakurai@agency.example")
            for name in to or (f"everybody@{DOMAIN}",):
                code, said = client.rcpt(name)
                if code != 250:
                    return code, said.decode()
            code, said = client.data(raw)
            return code, said.decode()


@contextmanager
def submitting(office: Office) -> Iterator[Submitting]:
    """Until the block ends."""
    handler, listening, ready = submission.Handler(office.outside("submission")), socket.create_server(("127.0.0.1", 0)), threading.Event()
    loop, ended = asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        server = await loop.create_server(submission.Open(handler, loop), sock=listening)
        async with server:
            ready.set()
            await ended.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield Submitting(listening.getsockname()[1], handler)
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        loop.close()


def mail(**changed: str) -> EmailMessage:
    """A mailing in both languages, as a mail program makes it."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "sakurai@agency.example", f"everybody@{DOMAIN}", "整列のご案内 / Line-up"
    for name, value in changed.items():
        del made[name]
        made[name] = value
    made.make_mixed()
    for language in ("ja", "en"):
        part = EmailMessage()
        part.set_content(contracting.TEXTS[language]["plain"])
        part["Content-Language"] = language
        made.attach(part)
    return made
