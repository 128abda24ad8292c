"""A real SMTP server on loopback, the parts of an order, and counts of mail on a disk."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from sekisho.effects.mail import Recipient, Relay
from sekisho.effects.mail_counts import MailCounts
from sekisho.effects.order import Order, Rendered, Stopped

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@dataclass
class Sink:
    """What a mail server was told. `answers` maps a command to what it says instead of yes."""

    answers: dict[str, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    mails: list[tuple[str, list[str], bytes]] = field(default_factory=list)

    async def handle_MAIL(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:  # noqa: N802 - the name aiosmtpd calls
        self.told.append("MAIL")
        if "MAIL" not in self.answers:
            envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:  # noqa: N802 - the name aiosmtpd calls
        self.told.append("RCPT")
        if "RCPT" not in self.answers:
            envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 OK")

    async def handle_RSET(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802 - the name aiosmtpd calls
        self.told.append("RSET")
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - the name aiosmtpd calls
        self.told.append("DATA")
        if self.answers.get("DATA", "250").startswith("2"):
            self.mails.append((str(envelope.mail_from), [str(to) for to in envelope.rcpt_tos], bytes(envelope.content or b"")))
        return self.answers.get("DATA", "250 2.0.0 taken")


@contextmanager
def listening(sink: Sink) -> Iterator[Relay]:
    """A real server in a thread of its own, on a free port of loopback."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port, server_hostname="mx.test")
    controller.start()
    try:
        yield relay(port)
    finally:
        controller.stop()


@asynccontextmanager
async def scripted(*lines: str | None | float) -> AsyncIterator[tuple[Relay, list[bytes]]]:
    """A server that says these lines, one after each line it hears (and the first at once); None hangs up, a number is silent
    for so many seconds or until the other side leaves, which is heard as b"".

    After a line that begins with 354 it reads to the final dot, unless hanging up comes next. Yields what it heard, too.
    """
    heard: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        in_message = False
        for number, line in enumerate(lines):
            if number:
                heard.append(await (_message(reader) if in_message else reader.readline()))
            if line is None:
                break
            if isinstance(line, float):
                with suppress(TimeoutError):
                    heard.append(await asyncio.wait_for(reader.read(1 << 20), line))
                break
            writer.write(line.encode() + b"\r\n")
            await writer.drain()
            in_message = line.startswith("354")
        if isinstance(lines[-1], str):
            heard.append(await reader.read(1 << 20))
        writer.close()

    one = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield relay(one.sockets[0].getsockname()[1]), heard
    finally:
        one.close()
        await one.wait_closed()


async def _message(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n.\r\n")
    except asyncio.IncompleteReadError as end:
        return end.partial


def relay(port: int) -> Relay:
    ours = ("notice@isp.example", "しずおかネット", "act.isp.example", "window@isp.example")
    return Relay("127.0.0.1", port, *ours, seconds=3, answer_seconds=2)


def order(number: str = "o-1", **changes: object) -> Order:
    whole = {
        "id": number,
        "permit": "p-1",
        "effect": "mail",
        "recipient": b"sealed",
        "text": "infected-notice@1",
        "text_digest": "00",
        "language": "ja",
        "not_after": AT + timedelta(hours=1),
    }
    return Order(**{**whole, **changes})  # type: ignore[arg-type] # a test names the field it changes


def clock() -> datetime:
    return AT


async def yes() -> None:
    """The permit still holds."""


def no_from(call: int) -> Callable[[], object]:
    """A permit that is withdrawn before the `call`-th question."""
    asked = 0

    async def may_still() -> None:
        nonlocal asked
        asked += 1
        if asked >= call:
            raise Stopped("withdrawn")

    return may_still


PERSON = Recipient("misaki@mail.example", "髙﨑 美咲")
TEXT = Rendered("【お知らせ】機器の確認をお願いします", "髙﨑 美咲 様\n\n.点で始まる行\nお知らせです。\n", "ja")


@pytest.fixture
def counts(tmp_path: Path) -> Iterator[MailCounts]:
    made = MailCounts(tmp_path / "counts.db")
    yield made
    made.close()
