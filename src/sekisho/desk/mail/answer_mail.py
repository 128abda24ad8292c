"""Answers the mail server: hears from `keep` which permits are in force, checks each itself, and says DUNNO to everything else.

Runs in `policy`. A permit that ends is heard of within half a second; `keep` silent, what it vouched for ends with its word a few
seconds later. Counts are on disk before an answer leaves. What this process cannot do is answered as the plan declares, and told.
"""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from sekisho.desk.outside import KeepIsGone, KeepSaidNo, Outside
from sekisho.desk.policy_words import Answered, HeldAccount, HourCounted, Let, PolicyLeased, PolicyTold
from sekisho.desk.prove import in_ledger
from sekisho.desk.steady import Steady
from sekisho.effects.mail_counts import Hold, MailCounts
from sekisho.effects.sender_limit import ACCOUNT, DEFER, HOUR, RECIPIENTS, STATE, BadScope, Limit, compile_limit
from sekisho.gate.check import NoPermit, check, read
from sekisho.law.reading import read as read_words
from sekisho.measures.bulk_sender_limit import BULK
from sekisho.store.errors import SealError
from sekisho.store.register import Contact, box_contact
from sekisho.wire.cursor import FormError
from sekisho.wire.policy import DUNNO, Attributes, PolicyReader, encode

__all__ = ["AnswerMail", "FormError", "PolicyReader"]

Words: TypeAlias = Callable[[str, int, int, int], str]
"""The mail server's answer (access(5)) for a code, messages, recipients and minutes of a limit."""
PROTOCOL_STATE = "protocol_state"
OVER, UNCHECKED = "over", "unchecked"
"""What is answered beside DUNNO, in words of the face: over the limit, and that it cannot be checked."""
TOKEN = 16
MOST_RECIPIENTS = 1_000_000
MOST_HELD = 200
"""Told at a time."""


@dataclass(frozen=True)
class Stage:
    """A permit that answers, the key of its tokens, and until when `keep` vouched for it; `box` and `half`: what owners are sealed to.

    `lifted`: tokens that the help desk let go again, and when (seconds since 1970).
    """

    limit: Limit
    key: bytes
    until: datetime
    box: str = ""
    half: bytes = b""
    lifted: tuple[tuple[bytes, int], ...] = ()

    def token(self, account: str) -> bytes:
        return hmac.new(self.key, account.casefold().encode("utf-8", "surrogateescape"), hashlib.sha256).digest()[:TOKEN]


class AnswerMail:
    """One per process. `hear` and `tell` may be called beside the answering, in a thread; none raises for what others say."""

    def __init__(self, world: Outside, counts: MailCounts, words: Words) -> None:
        self.world, self.counts, self.words = world, counts, words
        self.clock = Steady(world.clock)
        self.prove = in_ledger(world.public.ledger)
        self.counters: Counter[str] = Counter()
        self.by_permit: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.refused: Counter[tuple[str, int]] = Counter()
        self.stages: tuple[Stage, ...] = ()
        self.let: tuple[Let, ...] = ()
        self.seen = self.down = ""
        self.heard: tuple[HeldAccount, ...] = ()

    def hear(self) -> None:
        """Ask which permits are in force. The stages are replaced as one: an answer under way sees the old or the new."""
        try:
            said = read_words(PolicyLeased, self.world.keep.call("policy-leases", seen=self.seen))
        except KeepSaidNo as no:
            self.counters[f"keep-{no.code}"] += 1
            self.let, self.stages, self.seen = (), (), ""
            return
        except KeepIsGone:
            self.counters["keep-is-gone"] += 1
            return
        if said.let is not None:
            self.let, self.seen = said.let, said.digest
        leases, now = {lease.permit: lease for lease in said.leases}, self.clock()
        stages: list[Stage] = []
        for one in self.let:
            try:
                words = read(one.permit)
                lease = leases.get(words.id)
                permit = check(
                    one.permit, self.world.public.key, now, step=words.step.name, scope=lambda _: True, lease=lease, prove=self.prove
                )
                until = min(permit.until, lease.until) if lease else now
                lifted = tuple((bytes.fromhex(token), int(when.timestamp())) for token, when in one.restored.items())
                stages.append(Stage(compile_limit(permit), bytes.fromhex(one.key), until, one.box, bytes.fromhex(one.half), lifted))
            except NoPermit as no:
                self.counters[f"permit-{no.code}"] += 1
            except BadScope:
                self.counters["permit-bad-scope"] += 1
        self.stages = tuple(stages)

    def answer(self, asked: Sequence[Attributes]) -> list[bytes]:
        """One answer each, in their order, after what they count is on disk."""
        now = self.clock()
        stages = [s for s in self.stages if now < s.until]
        self._lift(stages)
        found = [self._one(one, stages, now) for one in asked]
        try:
            self.counts.commit()
            self.down = ""
        except sqlite3.Error:
            self._fails(stages)
            found = [self._unwritten(one, stages, said) for one, said in zip(asked, found, strict=True)]
        self.counters["asked"] += len(asked)
        return [encode(said) for said in found]

    def _one(self, asked: Attributes, stages: Sequence[Stage], now: datetime) -> str:
        account = asked.get(ACCOUNT, "")
        if asked.get(PROTOCOL_STATE) != STATE or not account:
            return DUNNO
        at, said = int(now.timestamp()), DUNNO
        for stage in stages:
            limit = stage.limit
            self.by_permit[limit.permit]["asked"] += 1
            token = stage.token(account)
            if not limit.decide(token, _many(asked), at, self.counts):
                self._hold(stage, token, account, at)
                self.by_permit[limit.permit]["refused"] += 1
                self.refused[limit.permit, at // HOUR] += 1
                said = self.words(OVER, limit.messages, limit.recipients, limit.window // 60)
        return said

    def _lift(self, stages: Sequence[Stage]) -> None:
        """Accounts that the help desk let go since."""
        for stage in stages:
            for token, when in stage.lifted:
                self.counts.lift(stage.limit.permit, token, when)

    def _hold(self, stage: Stage, token: bytes, account: str, at: int) -> None:
        """Who reached the limit is held until the window has passed; the owner's address goes into a box that only `keep` lets open."""
        if not self.counts.at_limit(stage.limit.permit, token, at):
            return
        domain = self.world.settings.policy.domain
        mail = account if "@" in account else f"{account}@{domain}" if domain else ""
        box = ""
        try:
            if mail and stage.box:
                box = box_contact(Contact("", mail, None, None), stage.box, stage.half)
        except (SealError, UnicodeError):
            self.counters["not-sealed"] += 1
        self.counts.hold(stage.limit.permit, token, Hold(at, box))

    def _unwritten(self, asked: Attributes, stages: Sequence[Stage], said: str) -> str:
        """The counts could not be written: as the plans declare. A stage that says "defer" is about mail of accounts only."""
        if said != DUNNO or asked.get(PROTOCOL_STATE) != STATE or not asked.get(ACCOUNT):
            return said
        return self.words(UNCHECKED, 0, 0, 0) if any(s.limit.when_down == DEFER for s in stages) else DUNNO

    def _fails(self, stages: Sequence[Stage]) -> None:
        self.down = "disk-refuses"
        self.counters["disk-refuses"] += 1
        for stage in stages:
            self.by_permit[stage.limit.permit]["failed"] += 1

    def reader(self) -> PolicyReader:
        """For one connection."""
        return PolicyReader()

    def malformed(self) -> None:
        """A connection that sent what is no question."""
        self.counters["malformed"] += 1

    def told(self) -> PolicyTold:
        """What was answered since the process began, and the counts of this hour; and away with counts that are over."""
        now = self.clock()
        living = [s.limit for s in self.stages if now < s.until]
        for one in self.heard:
            self.counts.told(one.permit, bytes.fromhex(one.token), int(one.at.timestamp()))
        try:
            self.counts.commit()
            self.counts.forget({limit.permit: min(limit.first(int(now.timestamp())), _hour(now, limit)) for limit in living})
        except sqlite3.Error:
            self.counters["disk-refuses"] += 1
        ended = set(self.by_permit) - {limit.permit for limit in living}
        for permit in ended:
            del self.by_permit[permit]
        stages = tuple(Answered(limit.permit, **self.by_permit[limit.permit]) for limit in living)
        hours = tuple(self._hour(limit, now) for limit in living)
        self.refused = Counter({(p, h): n for (p, h), n in self.refused.items() if h == int(now.timestamp()) // HOUR})
        untold = self.counts.untold(MOST_HELD)
        held = tuple(HeldAccount(p, token.hex(), datetime.fromtimestamp(h.at, UTC), h.box) for p, token, h in untold)
        return PolicyTold(stages, hours, self.counters["asked"], self.counters["malformed"], self.down, held)

    def tell(self, told: PolicyTold) -> None:
        """To `keep`; silence is counted."""
        try:
            self.world.keep.call("policy-told", **{f.name: getattr(told, f.name) for f in fields(told)})
            self.heard = told.held
            self.world.keep.call("report", process="policy", counters=dict(self.counters))
        except (KeepSaidNo, KeepIsGone) as why:
            self.counters[getattr(why, "code", "keep-is-gone")] += 1

    def _hour(self, limit: Limit, now: datetime) -> HourCounted:
        since = _hour(now, limit)
        accounts, messages, most = self.counts.totals(limit.permit, since)
        bulk, hour = self.counts.over(limit.permit, since, BULK), int(now.timestamp()) // HOUR
        refused = self.refused[limit.permit, hour]
        return HourCounted(limit.permit, datetime.fromtimestamp(hour * HOUR, UTC), accounts, messages, most, bulk, refused)


def _hour(now: datetime, limit: Limit) -> int:
    """The first part of the clock hour."""
    return int((now - timedelta(seconds=now.timestamp() % HOUR)).timestamp()) // limit.part


def _many(asked: Attributes) -> int:
    """`recipient_count` as Postfix tells it; a word that is no number is one recipient."""
    said = asked.get(RECIPIENTS, "")
    return min(int(said), MOST_RECIPIENTS) if said.isascii() and said.isdigit() and len(said) < 10 else 1
