"""The process that answers the mail server (Postfix, check_policy_service). It hears the mail server and `keep`, and nobody else.

Many questions that arrive together are answered together, after one write to disk.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sqlite3
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress

from sekisho.desk.mail import counting
from sekisho.desk.mail.answer_mail import AnswerMail, Attributes, FormError
from sekisho.desk.mail.label_mail import LabelMail
from sekisho.desk.outside import Outside
from sekisho.desk.public import read_public
from sekisho.faces.processes.confine import confine, report
from sekisho.faces.processes.milter import Door
from sekisho.faces.processes.parent import end_with_parent, from_supervisor, now

HEAR = 0.5
LOOKED_AT_ONCE = 64
"""Senders whose domain is looked up at the same time. Nobody stands in line behind them: strangers whose names take three seconds each
would hold up everybody's mail. Who comes then is known by network, as where the resolver is silent."""
TELL = SETTLE = 5.0
MOST_OPEN = 1000
"""Connections at a time; Postfix keeps one per smtpd process, a hundred by default."""


REPLIES = {
    "over": "450 4.7.1 Sending limit of this account reached: {messages} messages in {minutes} minutes. Try later.",
    "over-both": "450 4.7.1 Sending limit of this account reached: {messages} messages, {recipients} recipients in {minutes} minutes.",
    "alike": "450 4.7.1 This account sends like others opened with it; held for up to {hours} hours. Its owner is told how to object.",
    "hijacked": "450 4.7.1 Somebody else may be using this account; held for up to {hours} hours. Its owner is told how to have it lifted.",
    "grey": "450 4.7.1 First mail of this sender from this network: please try again in {seconds} seconds.",
    "grey-unchecked": "451 4.3.5 First mails cannot be checked just now. Try later.",
    "listed": "554 5.7.1 This recipient takes no mail from your address: it is on a block list they asked us to use.",
    "listed-later": "450 4.7.1 Your address is on a block list that this recipient asked us to use. Try later.",
    "listed-unchecked": "451 4.3.5 Senders cannot be checked just now. Try later.",
    "new-account": "450 4.7.1 A new account sends {messages} messages in {minutes} minutes, until somebody has looked at it. Try later.",
    "not-direct": "554 5.7.1 No mail straight from dynamic addresses: send by your provider's mail server (port 587). Fixed? {page}",
    "suspended": "450 4.7.1 This account is suspended; a letter says why and how to object.",
    "unchecked": "451 4.3.5 The sending limit of this account cannot be checked just now. Try later.",
}
"""What a mail program shows its user: ASCII, as SMTP has it (RFC 5321), with enhanced codes (RFC 3463)."""


def reply(word: str, numbers: Mapping[str, int | str]) -> str:
    """The answer in words."""
    return REPLIES[word].format_map(numbers)


class Desk:
    """Collects what arrived in one turn of the loop, and answers it as one."""

    def __init__(self, answering: AnswerMail) -> None:
        self.answering = answering
        self.waiting: list[tuple[asyncio.Transport, Attributes]] = []
        self.behind: dict[asyncio.Transport, list[Attributes]] = {}
        self.unknown: set[tuple[str, str]] = set()
        self.learning: asyncio.Task[None] | None = None
        self.tasks: set[asyncio.Task[None]] = set()
        self.open = self.looking = 0
        self.pool = ThreadPoolExecutor(LOOKED_AT_ONCE, "look")

    def ask(self, transport: asyncio.Transport, asked: Attributes) -> None:
        """Answered in its turn; what `keep` has to be asked first holds up its own connection and no other."""
        if transport in self.behind:
            self.behind[transport].append(asked)
        elif self.answering.unknown(asked) or self.answering.unlooked(asked):
            self.behind[transport] = [asked]
            task = asyncio.get_running_loop().create_task(self._behind(transport))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        else:
            self._now(transport, asked)

    async def _behind(self, transport: asyncio.Transport) -> None:
        while mine := self.behind[transport]:
            if pairs := self.answering.unknown(mine[0]):
                await self._learn(pairs)
            if self.answering.unlooked(mine[0]):
                await self._look(mine[0])
            self._now(transport, mine.pop(0))
        del self.behind[transport]

    async def _look(self, asked: Attributes) -> None:
        """The sender's domain, where somebody is free to look it up."""
        if self.looking >= LOOKED_AT_ONCE:
            self.answering.counters["not-looked-up"] += 1
            return
        self.looking += 1
        try:
            await asyncio.get_running_loop().run_in_executor(self.pool, self.answering.looked.look, asked)
        finally:
            self.looking -= 1

    async def _learn(self, pairs: Iterable[tuple[str, str]]) -> None:
        """One question to `keep` for all that wait for one, once."""
        self.unknown.update(pairs)
        while self.learning is not None and not self.learning.done():
            await asyncio.shield(self.learning)
        if self.unknown:
            asked, self.unknown = self.unknown, set()
            self.learning = asyncio.get_running_loop().create_task(asyncio.to_thread(self.answering.learn, asked))
            await asyncio.shield(self.learning)

    def _now(self, transport: asyncio.Transport, asked: Attributes) -> None:
        if not self.waiting:
            asyncio.get_running_loop().call_soon(self.turn)
        self.waiting.append((transport, asked))

    def turn(self) -> None:
        waiting, self.waiting = self.waiting, []
        answers = self.answering.answer([asked for _, asked in waiting])
        for (transport, _), answer in zip(waiting, answers, strict=True):
            if not transport.is_closing():
                transport.write(answer)


class Conversation(asyncio.Protocol):
    """One connection of the mail server. What has no form ends it, and is counted."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.reader = desk.answering.reader()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.desk.open += 1
        self.transport = transport if isinstance(transport, asyncio.Transport) else None
        if self.desk.open > MOST_OPEN and self.transport is not None:
            self.desk.answering.counters["too-many-connections"] += 1
            self.transport.abort()

    def connection_lost(self, _why: Exception | None) -> None:
        self.desk.open -= 1
        self.transport = None

    def data_received(self, data: bytes) -> None:
        if self.transport is None:
            return
        try:
            for asked in self.reader.feed(data):
                self.desk.ask(self.transport, asked)
        except FormError:
            self.desk.answering.malformed()
            self.transport.close()


async def serve(
    answering: AnswerMail, listening: socket.socket, ended: asyncio.Event, labels: tuple[Door, socket.socket] | None = None
) -> None:
    """Until told to end. `keep` is asked beside the answering, never before it."""
    desk = Desk(answering)
    server = await asyncio.get_running_loop().create_server(lambda: Conversation(desk), sock=listening)
    told = 0.0
    async with AsyncExitStack() as open_:
        await open_.enter_async_context(server)
        settling = asyncio.create_task(_settle(answering, ended))
        if labels is not None:
            await open_.enter_async_context(await asyncio.start_server(labels[0].serve, sock=labels[1]))
        while not ended.is_set():
            await asyncio.to_thread(answering.hear)
            if asyncio.get_running_loop().time() >= told:
                told = asyncio.get_running_loop().time() + TELL
                said = await asyncio.to_thread(answering.log.read, wanted=bool(answering.logs()))
                answering.log.count(said, answering.logs(), answering.accounts.found, answering.counts, answering.clock())
                await asyncio.to_thread(answering.tell, answering.told())
            await _within(ended, HEAR)
        await settling


async def _settle(answering: AnswerMail, ended: asyncio.Event) -> None:
    """What was counted goes out of the machine's memory onto its disk, beside everything else: a disk may take its time."""
    while not ended.is_set():
        await _within(ended, SETTLE)
        try:
            await asyncio.to_thread(answering.counts.settle)
        except sqlite3.Error:
            answering.counters["disk-is-late"] += 1


async def _within(ended: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(ended.wait(), seconds)


def listen(host: str, port: int) -> socket.socket:
    """Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=256)


async def run(answering: AnswerMail, listening: socket.socket, labels: tuple[Door, socket.socket] | None = None) -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await serve(answering, listening, ended, labels)


def main() -> None:
    """Started by the supervisor where the mail server asks us: settings path, channel descriptor."""
    settings, channel = from_supervisor()
    world = Outside(settings, channel, read_public(settings.folder), now)
    listening = listen(*counting.place(settings.policy.listen))
    shown = listen(*counting.place(settings.policy.milter)) if settings.policy.milter else None
    counts = counting.open_counts(settings)
    asks = [counting.place(settings.policy.resolver)[1]] if settings.policy.resolver else []
    files = confine(read=counting.lists(settings), write=[counting.folder(settings)], connect=asks)
    report("policy", files=files)
    end_with_parent()
    answering = AnswerMail(world, counts, reply)
    labels = LabelMail(answering, settings.policy.label_by, lambda: counting.names(settings))
    asyncio.run(run(answering, listening, (Door(labels), shown) if shown else None))


if __name__ == "__main__":
    main()
