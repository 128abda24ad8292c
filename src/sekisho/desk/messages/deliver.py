"""A campaign on its way out, in `act`. Nothing `keep` says is taken on trust: permit, words and each recipient are checked here again.

The numbered steps for one campaign:
 (1) whoever is unsure since a crash or a broken connection is asked about at the mail server, by Message-ID, before anything is sent
 (2) the permit: `gate.check`, steps (1) to (7), for the digest of the words as they came here and the root of their set
 (3) a batch: each box is opened with its own key, and the person inside must be a leaf under the approved root
 (4) the bytes are made, looked over as a receiver would, and signed
 (5) right before the first octet of each mail: does the permit still hold?
 (6) what became of each mail goes back to `keep`, which never sees SMTP
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from sekisho.desk.campaign_look import allowed, own
from sekisho.desk.commitment import belongs, leaf
from sekisho.desk.messages.batches import Batch, Doubts, Mailing, Sent, ToSend, Verdict, Words
from sekisho.desk.outside import KeepIsGone, KeepSaidNo, Outside
from sekisho.desk.prove import in_ledger
from sekisho.desk.way_out import relay
from sekisho.effects import dkim
from sekisho.effects.linter import look
from sekisho.effects.mail import Relay, Tls
from sekisho.effects.mail_server import Server, ask
from sekisho.effects.mailing import Line
from sekisho.effects.message import compose
from sekisho.effects.order import Stopped, Unsendable
from sekisho.gate.check import NoPermit, check
from sekisho.gate.permit import Lease, Permit
from sekisho.law.campaign import Campaign, Recipient, identity
from sekisho.law.reading import ReadingError, read
from sekisho.law.words import Value
from sekisho.store.errors import SealError
from sekisho.store.seal import open_note

LINES = 4
SPARE = timedelta(seconds=1)
"""A lease that ends this soon is renewed before the next mail."""
PATIENCE = frozenset({"deferred", "stopped", "unknown"})
"""After these nothing more is tried in this turn."""


@dataclass(frozen=True)
class Deliver:
    """A campaign that may be sent now. `going` says whether this process still is to go on."""

    mailing: Mailing
    going: Callable[[], bool] = lambda: True


@dataclass(frozen=True)
class Delivered:
    """What became of the mails of this turn, by outcome; `later` where the server asked for patience, or the permit ended."""

    counts: Mapping[str, int]
    later: bool


@dataclass(frozen=True)
class AskServer:
    """Before anything is sent: what became of mails nobody knows about?"""


class NotSent(Exception):
    """The permit does not carry what lies here, or the key to sign with is none. `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Sending:
    """One campaign on its way: its words, the lease of its permit, and the way out."""

    def __init__(self, world: Outside, mailing: Mailing, words: Words) -> None:
        self.world, self.mailing, self.words, self.said = world, mailing, words, words.said
        self.lease: Lease | None = None
        self.renewing = asyncio.Lock()
        self.wanted: Mapping[str, Value] = {"campaign": mailing.campaign, "text_digest": identity(words.said), "persons": words.size}
        self.prove = in_ledger(world.public.ledger)
        self.relay = way_out(world, words.said)

    def checked(self) -> Permit:
        """Step (2). Raises NoPermit."""
        public, now = self.world.public.key, self.world.clock()
        return check(self.mailing.permit, public, now, step="send", scope=self.wanted, lease=self.lease, prove=self.prove)

    async def still(self) -> None:
        """Step (5). Raises Stopped."""
        try:
            async with self.renewing:
                if self.lease is None or self.world.clock() >= self.lease.until - SPARE:
                    permit = json.loads(self.mailing.permit.body)["id"]
                    self.lease = read(Lease, await asyncio.to_thread(self.world.keep.call, "renew", permit=permit))
            self.checked()
        except (NoPermit, KeepSaidNo, KeepIsGone) as no:
            raise Stopped(getattr(no, "code", "keep-is-gone")) from no

    def comes_back_to(self, one: ToSend) -> str:
        """The return address of this one mail, where there is a mailbox for returns; else the sender's."""
        local, _, domain = self.said.sender.partition("@")
        return f"{local}+{one.back}@{domain}" if self.world.settings.mail.returns and one.back else self.said.sender

    def made(self, one: ToSend, root: str) -> tuple[str, bytes]:
        """Steps (3) and (4): address and bytes. Raises Unsendable."""
        try:
            said = open_note(lambda _key, _wrapped: one.key, self.words.key, one.box)
            person = read(Recipient, json.loads(said))
        except (SealError, ReadingError, ValueError) as why:
            raise Unsendable("box") from why
        if not belongs(person, one.number, self.words.size, one.path, root):
            raise Unsendable("not-in-the-approved-set")
        url = self.world.settings.console.url
        raw = compose(self.said, own(self.said, url, self.mailing.campaign, leaf(person), person, (one.check, one.stop), one.invited))
        if found := look(raw, allowed(self.said, url, person.mail)):
            raise Unsendable(found[0].code)
        return person.mail, self.relay.sign(raw)


async def carry_out(world: Outside, request: Deliver) -> Delivered:
    """Batch after batch, until nobody waits or the server or the permit says stop.

    Raises NotSent, and KeepSaidNo and KeepIsGone.
    """
    try:
        return await _deliver(world, request)
    except (NoPermit, dkim.BadKey, OSError) as no:
        raise no if isinstance(no, KeepIsGone) else NotSent(getattr(no, "code", type(no).__name__)) from no


async def _deliver(world: Outside, request: Deliver) -> Delivered:
    name, counts = request.mailing.campaign, Counter[str]()
    words = read(Words, await asyncio.to_thread(world.keep.call, "campaign-words", campaign=name))
    sending = _Sending(world, request.mailing, words)
    lines = [Line(sending.relay) for _ in range(LINES)]
    ahead = asyncio.create_task(_take(world, name))
    try:
        while request.going() and not counts.keys() & PATIENCE:
            batch = await ahead
            if not batch.people:
                break
            sending.lease = batch.lease
            ahead = asyncio.create_task(_take(world, name))
            sent = await _all(sending, lines, batch.people)
            await _done(world, name, batch, sent)
            counts.update(s.outcome for s in sent)
    finally:
        await asyncio.gather(*(line.quit() for line in lines))
        await _give_back(world, name, ahead)
    return Delivered(counts, later=bool(counts.keys() & PATIENCE))


async def _take(world: Outside, name: str) -> Batch:
    """The next batch: asked for while the one before it is on its way."""
    return read(Batch, await asyncio.to_thread(world.keep.call, "take-batch", campaign=name))


async def _done(world: Outside, name: str, batch: Batch, sent: Sequence[Sent]) -> None:
    await asyncio.to_thread(world.keep.call, "batch-done", campaign=name, batch=batch.id, sent=sent)


async def _give_back(world: Outside, name: str, ahead: asyncio.Task[Batch]) -> None:
    """A batch that was taken and of which nothing was begun: its people wait again."""
    with suppress(KeepSaidNo, KeepIsGone):
        batch = await ahead
        if batch.people:
            await _done(world, name, batch, [Sent(one.number, "stopped") for one in batch.people])


async def _all(sending: _Sending, lines: Sequence[Line], people: Iterable[ToSend]) -> list[Sent]:
    """Every mail of a batch, over a few connections."""
    root = str(sending.checked().scope.get("recipients"))
    waiting, found = list(reversed(list(people))), list[Sent]()

    async def one_line(line: Line) -> None:
        while waiting:
            found.append(await _one(sending, line, waiting.pop(), root))

    await asyncio.gather(*(one_line(line) for line in lines))
    return found


async def _one(sending: _Sending, line: Line, one: ToSend, root: str) -> Sent:
    try:
        mail, raw = sending.made(one, root)
        answer = await line.offer(mail, raw, sending.still, sending.comes_back_to(one))
    except Unsendable:
        return Sent(one.number, "unsendable")
    return Sent(one.number, answer.outcome.value, answer.code)


def way_out(world: Outside, said: Campaign) -> Relay:
    """Our mail server; for a training the sink on this machine, and nothing else. Raises BadKey, OSError."""
    ours = relay(world, said.sender_name, said.reply_desk)
    return replace(ours, host="127.0.0.1", port=world.settings.mail.training_port, tls=Tls.NONE) if said.training else ours


async def ask_server(world: Outside, _request: AskServer) -> int:
    """Step (1): how many were settled. Raises KeepSaidNo and KeepIsGone."""
    doubts = read(Doubts, await asyncio.to_thread(world.keep.call, "unsure-mails"))
    if not doubts.people:
        return 0
    mail = world.settings.mail
    await asyncio.sleep(mail.settle_seconds)
    since, ids = min(d.begun for d in doubts.people), [d.message_id for d in doubts.people]
    said = await asyncio.to_thread(ask, ids, doubts.known, since, Server(mail.log, mail.postfix), world.clock())
    verdicts = [Verdict(d.campaign, d.number, said[d.message_id]) for d in doubts.people]
    await asyncio.to_thread(world.keep.call, "settle-mails", verdicts=verdicts)
    return len(verdicts)
