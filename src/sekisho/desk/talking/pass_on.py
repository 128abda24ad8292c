"""One mail of a masked talk on its way, in `act`. What `keep` says is checked here again, and the mail's bytes are read by a child.

The numbered steps for one mail:
 (1) whatever is unsure since a crash or a broken connection is asked about at the mail server, by Message-ID, before anything is sent
 (2) the permit: `gate.check`, steps (1) to (7), for this talk and the text both agreed to
 (3) both people are opened, and must be the two leaves under the root that was approved
 (4) the child reads the mail: its writer's own words, and nothing else of it
 (5) what gives somebody away, or was written by nobody of the two, is held; else a mail is built anew, looked over and signed
 (6) right before its first octet: do the permit, and both consents, still hold?
 (7) what became of it goes back to `keep`, which never sees SMTP
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from sekisho.desk.commitment import leaf, root
from sekisho.desk.messages.masked import made_of
from sekisho.desk.messages.return_words import Unread
from sekisho.desk.outside import KeepIsGone, KeepSaidNo, Outside
from sekisho.desk.prove import in_ledger
from sekisho.desk.talking.own_said import MACHINE, MOST, Read
from sekisho.desk.talking.passing import Doubts, Passed, ToPass, order_of
from sekisho.desk.way_out import relay
from sekisho.effects import mail as mails
from sekisho.effects.dkim import BadKey
from sekisho.effects.mail_server import Server, ask
from sekisho.effects.mailing import Line
from sekisho.effects.masked import Held, Side
from sekisho.effects.order import Order, Rendered, Stopped, Unsendable
from sekisho.effects.texts import LANGUAGES, TextError, jst, load, render
from sekisho.gate.check import NoPermit, check
from sekisho.gate.permit import Lease, Permit
from sekisho.law.campaign import Recipient
from sekisho.law.reading import ReadingError, read
from sekisho.law.talk import Reason
from sekisho.store.errors import SealError
from sekisho.store.seal import open_note
from sekisho.wire.own_words import OwnWords

PASSED, BACK = "masked-talk@1", "masked-talk-returned@1"
LEFT_OUT = "[…]"
AT_ONCE = 50
TAKEN = ("", "again")
"""With these `keep` has the mail: it need not lie in the mailbox any more."""


@dataclass(frozen=True)
class TakeIn:
    """Whatever lies in the mailbox of talks, some at a time. `read`: a child's, which raises Unread."""

    read: Callable[[bytes], Read]


@dataclass(frozen=True)
class PassOn:
    """One mail that may go now. `why`: reasons as one line in a language, for a mail whose writer is told."""

    passing: str
    read: Callable[[bytes], Read]
    why: Callable[[Sequence[Reason], str], str]


@dataclass(frozen=True)
class AskServer:
    """Before anything is sent: what became of mails nobody knows about?"""


def take_in(world: Outside, request: TakeIn) -> Mapping[str, int]:
    """Outcome to how many. What `keep` sealed is deleted here; anything else lies in `cur` of the mailbox for a person.

    Raises KeepSaidNo and KeepIsGone, and then leaves the mail where it lies: it is one mail, however often it is taken in.
    """
    folder, counts = world.settings.mail.talks, dict[str, int]()
    for path in sorted(_new(folder))[:AT_ONCE] if folder else ():
        with suppress(OSError):
            why = _one(world, request, path)
            counts[why or "taken"] = counts.get(why or "taken", 0) + 1
    return counts


def _one(world: Outside, request: TakeIn, path: Path) -> str:
    with path.open("rb") as stream:
        raw = stream.read(MOST + 1)
    try:
        said = request.read(raw[:MOST])
        alias, named = said.alias, said.named
    except Unread:
        alias = named = ""
    why = str(world.keep.call("talk-mail-came", raw=raw, alias=alias, named=named)["why"]) if alias and len(raw) <= MOST else "foreign"
    if why in TAKEN:
        path.unlink()
    else:
        path.rename(path.parent.parent / "cur" / f"{path.name}:2,")
    return why


def _new(folder: Path) -> list[Path]:
    """Files of a maildir nobody has read; links are none."""
    with suppress(OSError):
        return [p for p in (folder / "new").iterdir() if p.is_file() and not p.is_symlink()]
    return []


class _Passing:
    """One mail on its way: its permit with a lease, and both people."""

    def __init__(self, world: Outside, one: ToPass) -> None:
        self.world, self.one, self.lease = world, one, one.lease
        self.prove = in_ledger(world.public.ledger)

    def checked(self) -> Permit:
        """Step (2). Raises NoPermit."""
        public, now = self.world.public.key, self.world.clock()
        return check(self.one.permit, public, now, step="pass-on", scope={"talk": self.one.talk}, lease=self.lease, prove=self.prove)

    async def still(self) -> None:
        """Step (6). Raises Stopped."""
        try:
            self.lease = read(Lease, await asyncio.to_thread(self.world.keep.call, "renew-talk", passing=self.one.passing))
            self.checked()
        except (NoPermit, KeepSaidNo, KeepIsGone) as no:
            raise Stopped(getattr(no, "code", "keep-is-gone")) from no

    def people(self, permit: Permit) -> list[Recipient]:
        """Step (3). Raises Unsendable."""
        one = self.one
        try:
            said = json.loads(open_note(lambda _key, _wrapped: one.sides_key, one.key, one.sides))
            both = [read(Recipient, person) for person in said["sides"]]
        except (SealError, ReadingError, ValueError, KeyError) as why:
            raise Unsendable("box") from why
        if root([leaf(person) for person in both]) != permit.scope.get("recipients") or len(both) != len(one.aliases):
            raise Unsendable("not-the-approved-two")
        return both

    def sides(self, people: Sequence[Recipient]) -> list[Side]:
        """Each as the other may know them, and may not."""
        domain = self.world.settings.mail.talk_domain
        told = [(person, f"{alias}@{domain}") for person, alias in zip(people, self.one.aliases, strict=True)]
        return [Side(person.mail, alias, (person.name, *person.fields.values())) for person, alias in told]

    def under(self, permit: Permit, language: str, text: str, **more: str) -> Rendered:
        """The adopted text that a mail ends with, or consists of. Raises TextError."""
        operator, spoken = self.world.settings.operator, language if language in LANGUAGES else LANGUAGES[0]
        params = {
            "operator": operator.name,
            "good_until": jst(permit.until),
            "withdraw_url": f"{self.world.settings.console.url}/consent?code={self.one.stop}",
            "window_name": operator.window,
            "window_phone": operator.window_phone,
            "window_hours": operator.window_hours,
        }
        return render(load(self.world.settings.texts).find(text, spoken), {**params, **more})


async def carry_out(world: Outside, request: PassOn) -> Passed:
    """Raises KeepSaidNo, KeepIsGone before anything is begun; after that it answers, whatever a mail, a text or a server does."""
    one = read(ToPass, await asyncio.to_thread(world.keep.call, "take-talk-mail", passing=request.passing))
    passing = _Passing(world, one)
    try:
        permit = passing.checked()
        to, sender, raw = await asyncio.to_thread(_made, world, request, passing, permit)
        return await _sent(world, passing, to, sender, raw)
    except NoPermit:
        return Passed(one.passing, "stopped")
    except Held as held:
        return Passed(one.passing, "held", why=held.reasons)
    except Unsendable as why:
        return Passed(one.passing, "held", why=(Reason("unsendable", str(why)),))
    except (BadKey, OSError, TextError):
        return Passed(one.passing, "deferred")


def _made(world: Outside, request: PassOn, passing: _Passing, permit: Permit) -> tuple[str, str, bytes]:
    """Steps (3) to (5): who gets it, from which alias, and its bytes. Raises Held, Unsendable, TextError, BadKey, OSError."""
    one, people = passing.one, passing.people(permit)
    sides, back = passing.sides(people), bool(one.back)
    reader = one.writer if back else 1 - one.writer
    sender = sides[1 - reader].alias
    way, language = replace(relay(world, ""), sender=sender, reply_to=""), people[reader].language
    order = _order(one, permit, BACK if back else PASSED, language)
    if back:
        text = passing.under(permit, language, BACK, why=request.why(one.back, language))
        raw = mails.compose(order, mails.Recipient(people[reader].mail), text, way, world.clock())
    else:
        words, text = _words(request, one), passing.under(permit, language, PASSED)
        raw = made_of(words, (sides[one.writer], sides[reader]), order, (way, text), world.clock())
    return people[reader].mail, sender, way.sign(raw)


def _order(one: ToPass, permit: Permit, text: str, language: str) -> Order:
    named = order_of(one.passing, bool(one.back))
    return Order(named, permit.id, "mail", one.sides, text, "", language, permit.until)


def _words(request: PassOn, one: ToPass) -> OwnWords:
    """Step (4), and what a person left out. Raises Held."""
    try:
        said = request.read(open_note(lambda _key, _wrapped: one.mail_key, one.key, one.mail))
    except (Unread, SealError):
        raise Held((Reason("unreadable", "mail"),)) from None
    if said.words is None:
        raise Held((Reason(MACHINE, "headers") if said.why == MACHINE else Reason("unreadable", said.why),))
    if one.without is None:
        return said.words
    lines = said.words.text.split("\n")
    kept = [LEFT_OUT if number in one.without else line for number, line in enumerate(lines, 1)]
    return replace(said.words, text="\n".join(kept) if set(kept) - {LEFT_OUT, ""} else "", files=())


async def _sent(world: Outside, passing: _Passing, to: str, sender: str, raw: bytes) -> Passed:
    line = Line(replace(relay(world, ""), sender=sender))
    try:
        answer = await line.offer(to, raw, passing.still, sender)
    finally:
        await line.quit()
    return Passed(passing.one.passing, answer.outcome.value, answer.code)


async def ask_server(world: Outside, _request: AskServer) -> int:
    """Step (1): how many were settled. Raises KeepSaidNo and KeepIsGone."""
    doubts = read(Doubts, await asyncio.to_thread(world.keep.call, "unsure-talk-mails"))
    if not doubts.mails:
        return 0
    mail = world.settings.mail
    await asyncio.sleep(mail.settle_seconds)
    since, ids = min(d.begun for d in doubts.mails), [d.message_id for d in doubts.mails]
    said = await asyncio.to_thread(ask, ids, doubts.known, since, Server(mail.log, mail.postfix), world.clock())
    verdicts = {d.passing: said[d.message_id] for d in doubts.mails}
    await asyncio.to_thread(world.keep.call, "settle-talk-mails", said=verdicts)
    return len(verdicts)
