"""The drill: made-up people sign up, write, reply, reply to all, forward, ask to be deleted, leave and bounce, by mail, as anybody would.

Nothing is assumed of the tool but that it takes mail and sends mail. Everything that comes back is taken by a sink of ours; no address of a
living person is anywhere in it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from hashlib import sha256
from types import MappingProxyType
from typing import Protocol

from sekisho.desk.entrusting.drill_heard import ATTACHED, Arrived, Circumstances, heard
from sekisho.law.tool import Heard, Ran, Step
from sekisho.wire import mail_shown

PEOPLE, STRANGERS = ("a", "b", "c"), ("d",)
FOLLOWS = frozenset({Step.REPLY, Step.REPLY_ALL, Step.FORWARD, Step.POST_AFTER, Step.BOUNCE})
"""Steps that need no address of their own: they answer what came, or go where posts go."""
ACTORS: Mapping[Step, tuple[str, ...]] = MappingProxyType({
    Step.SIGN_UP: PEOPLE, Step.POST: ("a",), Step.REPLY: ("b",), Step.REPLY_ALL: ("c",), Step.FORWARD: ("b",), Step.DELETE: ("a",),
    Step.UNSUBSCRIBE: ("b",), Step.POST_AFTER: ("a",), Step.BOUNCE: ("c",),
})  # fmt: skip


@dataclass(frozen=True)
class Door:
    """Where a step is done: an address of the tool's, and what it wants to read there. `confirm`: answer the mail that asks whether."""

    to: str
    subject: str = ""
    body: str = ""
    confirm: bool = False


class Post(Protocol):
    """The tool's mail server."""

    def send(self, sender: str, to: str, raw: bytes) -> bool:
        """False: it said no. Raises OSError: nobody is there."""


class Sink(Protocol):
    """Where mails to our made-up people come."""

    def arrived(self) -> Sequence[Arrived]:
        """All that came until now, in its order."""

    def settle(self) -> None:
        """Wait until nothing came for a while."""


@dataclass(frozen=True)
class Result:
    """What was done, what came, and the SHA-256 over all that came, in its order."""

    ran: Mapping[str, Ran]
    heard: tuple[Heard, ...]
    mails: int
    canaries: int
    report: str


@dataclass
class Script:
    """One run. `doors`: by step; a step without a door is not offered, but for those that follow from others."""

    doors: Mapping[Step, Door]
    people: Mapping[str, str]
    post: Post
    sink: Sink
    clock: Callable[[], datetime]
    marks: dict[str, tuple[Step, str]] = field(default_factory=dict)
    steps: list[tuple[Step, int]] = field(default_factory=list)

    def run(self) -> Result:
        """All steps in their order. A server that is not there fails its step; the drill goes on."""
        ran = {}
        for step in Step:
            self.steps.append((step, len(self.sink.arrived())))
            ran[step.value] = self._ran(step)
            self.sink.settle()
        known = {a.casefold() for a in self.people.values()}
        mails = [(n, m) for n, m in enumerate(self.sink.arrived()) if m.to.casefold() in known]
        found = tuple(h for number, mail in mails for h in heard(mail, self.people, self._circumstances(number, mail)))
        report = sha256(b"".join(sha256(m.raw).digest() for _, m in mails)).hexdigest()
        return Result(ran, found, len(mails), len(self.people), report)

    def _ran(self, step: Step) -> Ran:
        if step not in self.doors and not (step in FOLLOWS and Step.POST in self.doors):
            return Ran.NOT_OFFERED
        try:
            said = [self._done(step, actor) for actor in ACTORS[step]]
        except OSError:
            return Ran.FAILED
        return Ran.MAIL if all(said) else Ran.REFUSED

    def _done(self, step: Step, actor: str) -> bool:
        """Whether the tool took every mail of this step. Raises OSError."""
        last = self._last(actor)
        door = self.doors.get(step) or self.doors[Step.POST]
        subject = door.subject if step in self.doors else ""
        mail = self._mail(step, actor, subject or self._subject(step, last), door.body)
        if step is Step.BOUNCE:
            return self._bounce(mail, last, actor)
        if step is Step.FORWARD and last is not None:
            mail.add_attachment(last.raw, maintype="application", subtype="octet-stream", filename="forwarded.eml")
        to = [door.to]
        if step in (Step.REPLY, Step.REPLY_ALL) and step not in self.doors and last is not None:
            to = self._tools(last, everybody=step is Step.REPLY_ALL) or to
        taken = [self._sent(mail, actor, one) for one in to]
        return all(taken) and (not door.confirm or self._confirmed(step, actor))

    def _confirmed(self, step: Step, actor: str) -> bool:
        """What the tool asks back is answered, as somebody would who wants it."""
        self.sink.settle()
        last = self._last(actor)
        if last is None:
            return True
        mail = self._mail(step, actor, "Re: " + mail_shown.header(last.raw, "subject"), "")
        return all(self._sent(mail, actor, to) for to in self._tools(last, everybody=False)[:1])

    def _bounce(self, mail: EmailMessage, last: Arrived | None, actor: str) -> bool:
        """What a mail server says whose user is gone: from nobody, to whom the mail said it came from."""
        to = last.sender if last is not None and last.sender else self.doors[Step.POST].to
        mail.add_attachment(
            f"Final-Recipient: rfc822; {self.people[actor]}\r\nAction: failed\r\nStatus: 5.1.1\r\n".encode(),
            maintype="application",
            subtype="octet-stream",
            filename="status.txt",
        )
        return to.casefold() in self._own() or self.post.send("", to, mail.as_bytes())

    def _sent(self, mail: EmailMessage, actor: str, to: str) -> bool:
        if "To" in mail:
            del mail["To"]
        mail["To"] = to
        return self.post.send(self.people[actor], to, mail.as_bytes())

    def _mail(self, step: Step, actor: str, subject: str, body: str) -> EmailMessage:
        mark = f"drill-{secrets.token_hex(8)}"
        self.marks[mark] = (step, actor)
        mail = EmailMessage()
        mail["From"] = self.people[actor]
        mail["Subject"] = subject
        mail["Date"] = format_datetime(self.clock())
        mail["Message-ID"] = make_msgid(mark, self.people[actor].partition("@")[2])
        mail.set_content(body or f"{mark}\n")
        if step is Step.POST:
            mail.add_attachment(ATTACHED.encode(), maintype="application", subtype="octet-stream", filename=f"{ATTACHED}.bin")
        return mail

    def _subject(self, step: Step, last: Arrived | None) -> str:
        said = mail_shown.header(last.raw, "subject") if last is not None else step.value
        return {Step.REPLY: "Re: ", Step.REPLY_ALL: "Re: ", Step.FORWARD: "Fwd: "}.get(step, "") + said

    def _tools(self, last: Arrived, *, everybody: bool) -> list[str]:
        """Of whom an answer would go to, those at the tool. An answer that goes straight to another needs no tool to leak."""
        own = self._own()
        return [a for a in mail_shown.answered_to(last.raw, everybody=everybody) if a.casefold() not in own]

    def _last(self, actor: str) -> Arrived | None:
        mine = [m for m in self.sink.arrived() if m.to.casefold() == self.people[actor].casefold()]
        return mine[-1] if mine else None

    def _own(self) -> set[str]:
        return {a.casefold() for a in self.people.values()}

    def _circumstances(self, number: int, mail: Arrived) -> Circumstances:
        """Which step a mail belongs to: the newest whose mark it holds, else the one in whose time it came."""
        text = mail_shown.texts(mail.raw) + mail.raw.decode("latin-1")
        order = list(Step)
        marked = [(order.index(s), actor) for mark, (s, actor) in self.marks.items() if mark in text]
        step = next((s for s, since in reversed(self.steps) if since <= number), self.steps[0][0])
        actors = ACTORS[step]
        letter = next((p for p, a in self.people.items() if a.casefold() == mail.to.casefold()), "")
        actor = actors[0] if len(actors) == 1 or letter not in actors else letter
        if marked:
            at, actor = max(marked)
            step = order[at]
        left = frozenset({"b"}) if order.index(step) > order.index(Step.UNSUBSCRIBE) else frozenset[str]()
        return Circumstances(step, actor, left, frozenset(STRANGERS))


def made_up(domain: str) -> dict[str, str]:
    """People nobody else can know of: letter to address."""
    return {letter: f"{letter}{secrets.token_hex(8)}@{domain}" for letter in (*PEOPLE, *STRANGERS)}
