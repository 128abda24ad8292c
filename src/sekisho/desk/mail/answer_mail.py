"""Answers the mail server: hears from `keep` which permits are in force, checks each itself, and says DUNNO to everything else.

Runs in `policy`. A permit that ends is heard of within half a second; `keep` silent, what it vouched for ends with its word a few
seconds later. Counts are on disk before an answer leaves. What this process cannot do is answered as the plan declares, and told.
"""

from __future__ import annotations

import hmac
import sqlite3
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TypeAlias

from sekisho.desk.mail import alike, counting, finders, sending_log
from sekisho.desk.mail.agreeing import LONGEST
from sekisho.desk.mail.agreeing import MOST as AT_ONCE
from sekisho.desk.mail.looked import Looked
from sekisho.desk.mail.own_list import OwnAccounts, OwnList
from sekisho.desk.mail_stages import account, compile_stage
from sekisho.desk.outside import KeepIsGone, KeepSaidNo, Outside
from sekisho.desk.policy_words import Answered, HeldAccount, HourCounted, Let, PolicyLeased, PolicyTold
from sekisho.desk.prove import in_ledger
from sekisho.desk.steady import Steady
from sekisho.effects.account_stage import NAME as ACCOUNT
from sekisho.effects.account_stage import AccountStage
from sekisho.effects.dynamic_block import DynamicBlock, OriginCount, networks, origins
from sekisho.effects.greylisting import SPF, Greylist
from sekisho.effects.mail_counts import Hold, MailCounts
from sekisho.effects.mail_stage import DEFER, HOUR, MOMENT, Against, BadScope, MailStage
from sekisho.effects.sending_log import LogStage
from sekisho.effects.source_block import SourceBlock
from sekisho.gate.check import NoPermit, check, read
from sekisho.gate.permit import Permit
from sekisho.law.reading import read as read_words
from sekisho.measures import ip25b
from sekisho.measures.bulk_sender_limit import BULK
from sekisho.store.errors import SealError
from sekisho.store.register import Contact, box_contact
from sekisho.wire.cursor import FormError
from sekisho.wire.policy import DUNNO, Attributes, PolicyReader, encode

__all__ = ["AnswerMail", "Attributes", "FormError", "PolicyReader"]

Words: TypeAlias = Callable[[str, Mapping[str, int | str]], str]
"""The mail server's answer (access(5)) for a word that a stage says, and its numbers."""
TOKEN = 16
MOST_HELD = 200
"""Told at a time."""
RECIPIENT = "recipient"
MOST_KNOWN = 100_000
"""Recipients whose hashes are remembered, in memory; who was not asked about for longest is forgotten first."""


class Recipients:
    """Under which hashes recipients are known, by permit: asked of `keep` once. Whether they agreed is not among it."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], tuple[str, ...]] = OrderedDict()

    def __contains__(self, pair: tuple[str, str]) -> bool:
        """Whether nobody needs to be asked: what is no address is nobody's."""
        return pair in self._known or not 0 < len(pair[1]) <= LONGEST

    def get(self, permit: str, recipient: str) -> tuple[str, ...]:
        """Nothing for whom nobody asked about."""
        found = self._known.get((permit, recipient))
        if found is None:
            return ()
        self._known.move_to_end((permit, recipient))
        return found

    def remember(self, permit: str, known: Mapping[str, tuple[str, ...]]) -> None:
        for recipient, hashes in known.items():
            self._known[permit, recipient] = hashes
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)


@dataclass(frozen=True)
class Standing:
    """A stage whose permit is in force, the key of its tokens, and until when `keep` vouched for it.

    `box` and `half`: what owners are sealed to.
    `agreed`: hashes of recipients who agreed, for a stage that is asked for them alone; None for another one.
    `lifted`: tokens that the help desk let go again, and when (seconds since 1970).
    `only`: tokens of the accounts it is about; None for a stage about every account.
    `made`: tokens made since `keep` was last heard, half a second ago; they go with it.
    """

    stage: MailStage
    key: bytes
    until: datetime
    box: str = ""
    half: bytes = b""
    lifted: tuple[tuple[bytes, int], ...] = ()
    agreed: frozenset[str] | None = None
    only: frozenset[bytes] | None = None
    made: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)

    def token(self, who: str) -> bytes:
        found = self.made.get(who)
        if found is None:
            keyed = self._keyed.copy()
            keyed.update(who.casefold().encode("utf-8", "surrogateescape"))
            found = self.made[who] = keyed.digest()[:TOKEN]
        return found

    @cached_property
    def _keyed(self) -> hmac.HMAC:
        return hmac.new(self.key, digestmod="sha256")


class AnswerMail:
    """One per process. `hear` and `tell` may be called beside the answering, in a thread; none raises for what others say."""

    def __init__(self, world: Outside, counts: MailCounts, words: Words) -> None:
        self.world, self.counts, self.words = world, counts, words
        self.clock = Steady(world.clock)
        self.prove = in_ledger(world.public.ledger)
        self.counters: Counter[str] = Counter()
        self.by_permit: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.refused: Counter[tuple[str, int]] = Counter()
        self.put: Counter[tuple[str, int]] = Counter()
        self.found: defaultdict[tuple[str, int], Counter[str]] = defaultdict(Counter)
        self.stages: tuple[Standing, ...] = ()
        self.let: tuple[Let, ...] = ()
        self.seen = self.down = ""
        self.heard: tuple[HeldAccount, ...] = ()
        self.recipients = Recipients()
        resolver = world.settings.policy.resolver
        self.looked = Looked((lambda: counting.names(world.settings)) if resolver else None)
        self.list, self.ranges = OwnList(world.settings.policy.block_list), OwnList(world.settings.policy.dynamic_ranges)
        self.own = networks(world.settings.network.prefixes)
        self.accounts = OwnAccounts(world.settings.policy.accounts)
        self.log = sending_log.SendingLog.of(world.settings.policy, self.counters)
        self.named: dict[str, frozenset[bytes]] = {}
        self.lifted: frozenset[tuple[str, bytes, int]] = frozenset()

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
        self.list.refresh()
        self.accounts.refresh()
        self.ranges.refresh()
        leases, now = {lease.permit: lease for lease in said.leases}, self.clock()
        stages: list[Standing] = []
        for one in self.let:
            try:
                words = read(one.permit)
                lease = leases.get(words.id)
                permit = check(
                    one.permit, self.world.public.key, now, step=words.step.name, scope=lambda _: True, lease=lease, prove=self.prove
                )
                until = min(permit.until, lease.until) if lease else now
                standing = self._with_list(_standing(one, permit, until), now)
                stages += [standing] if standing else []
            except NoPermit as no:
                self.counters[f"permit-{no.code}"] += 1
            except BadScope:
                self.counters["permit-bad-scope"] += 1
        self.stages = tuple(stages)

    def _with_list(self, standing: Standing, now: datetime) -> Standing | None:
        """A stage that is answered from our list has it; None while there is none that is new enough: it is not asked then."""
        stage = standing.stage
        if isinstance(stage, AccountStage):
            named = self.named.get(stage.permit, frozenset()) - {one for p, one, _ in _lifted([standing]) - self.lifted}
            return replace(standing, stage=replace(stage, named=named))
        if not isinstance(stage, SourceBlock | OriginCount | DynamicBlock):
            return standing
        found, code = (self.list if isinstance(stage, SourceBlock) else self.ranges).at(now, stage.fresh_hours)
        if found is None:
            self.counters[code] += 1
            return None
        if isinstance(stage, SourceBlock):
            return replace(standing, stage=replace(stage, sources=found))
        return replace(standing, stage=replace(stage, sources=replace(stage.sources, ranges=found, own=self.own)))

    def unknown(self, asked: Attributes) -> tuple[tuple[str, str], ...]:
        """What `keep` has to be asked before this question is answered: permit and recipient."""
        waits = (s for s in self.stages if s.agreed and s.stage.who(asked) and asked.get(MOMENT) == s.stage.moment)
        pairs = ((s.stage.permit, asked.get(RECIPIENT, "")) for s in waits)
        return tuple(pair for pair in pairs if pair not in self.recipients)

    def learn(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Ask `keep` under what these recipients are known. Where it does not say, they agreed to nothing."""
        by_permit: defaultdict[str, list[str]] = defaultdict(list)
        for permit, recipient in sorted(set(pairs)):
            by_permit[permit].append(recipient)
        for permit, recipients in by_permit.items():
            for start in range(0, len(recipients), AT_ONCE):
                part = recipients[start : start + AT_ONCE]
                try:
                    known = self.world.keep.call("policy-known-as", permit=permit, recipients=part)["known"]
                    self.recipients.remember(permit, dict(zip(part, map(tuple, known), strict=True)))
                except (KeepSaidNo, KeepIsGone) as why:
                    self.counters[getattr(why, "code", "keep-is-gone")] += 1

    def unlooked(self, asked: Attributes) -> bool:
        """Whether `looked.look` has to be asked before this question is answered."""
        by_domain = (s for s in self.stages if isinstance(s.stage, Greylist) and s.stage.by == SPF)
        return self.looked.unknown(asked) and any(self._whom(s, asked) for s in by_domain)

    def answer(self, asked: Sequence[Attributes]) -> list[bytes]:
        """One answer each, in their order, after what they count is on disk."""
        now = self.clock()
        asked = [self._as_one(self.looked.told(one)) for one in asked]
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

    def _as_one(self, asked: Attributes) -> Attributes:
        """Who signs in by another spelling of their name is not somebody else."""
        who, domain = asked.get(ACCOUNT), self.world.settings.policy.domain
        return {**asked, ACCOUNT: account(who, domain)} if who and domain else asked

    def _one(self, asked: Attributes, stages: Sequence[Standing], now: datetime) -> str:
        """Every stage whose moment it is, is asked, and counts; the first that is against it speaks."""
        at, said = int(now.timestamp()), DUNNO
        for standing in stages:
            stage = standing.stage
            who = self._whom(standing, asked)
            token = self._token(standing, asked) if who else b""
            if not who or (standing.only is not None and token not in standing.only):
                continue
            self.by_permit[stage.permit]["asked"] += 1
            self.put[stage.permit, at // HOUR] += 1
            against = stage.against(asked, token, at, self.counts)
            if against is None:
                continue
            if stage.holds:
                self._hold(standing, token[:TOKEN], who, at)
            self.by_permit[stage.permit]["refused"] += 1
            self.refused[stage.permit, at // HOUR] += 1
            said = self._say(against) if said == DUNNO else said
        return said

    def _token(self, standing: Standing, asked: Attributes) -> bytes:
        """Of whom the question is about; of a stage that asks where accounts send from, with its network and its day."""
        if isinstance(standing.stage, AccountStage):
            return alike.token(standing.stage, asked, self.accounts.found, standing.token, self.world.settings.policy.domain)
        return standing.token(standing.stage.who(asked))

    def _whom(self, standing: Standing, asked: Attributes) -> str:
        """Empty for another moment, for what the stage has nothing to say to, and for a recipient who did not agree to it."""
        if asked.get(MOMENT) != standing.stage.moment:
            return ""
        if standing.agreed is not None:
            known = self.recipients.get(standing.stage.permit, asked.get(RECIPIENT, ""))
            if standing.agreed.isdisjoint(known):
                return ""
        return standing.stage.who(asked)

    def _say(self, against: Against) -> str:
        return self.words(against.word, against.numbers)

    def _lift(self, stages: Sequence[Standing]) -> None:
        """Accounts that the help desk let go since."""
        for standing in stages:
            for token, when in standing.lifted:
                self.counts.lift(standing.stage.permit, token, when)

    def _hold(self, standing: Standing, token: bytes, who: str, at: int) -> None:
        """Who reached the limit is held until the window has passed; the owner's address goes into a box that only `keep` lets open."""
        if not self.counts.at_limit(standing.stage.permit, token, at):
            return
        box = ""
        try:
            if "@" in who and standing.box:
                box = box_contact(Contact("", who, None, None), standing.box, standing.half)
        except (SealError, UnicodeError):
            self.counters["not-sealed"] += 1
        self.counts.hold(standing.stage.permit, token, Hold(at, box))

    def _unwritten(self, asked: Attributes, stages: Sequence[Standing], said: str) -> str:
        """The counts could not be written: as the plan of each stage declares that would have been asked."""
        if said != DUNNO:
            return said
        waits = (s.stage for s in stages if s.only is None and s.stage.when_down == DEFER and self._whom(s, asked))
        return next((self._say(stage.unchecked()) for stage in waits), DUNNO)

    def _fails(self, stages: Sequence[Standing]) -> None:
        self.down = "disk-refuses"
        self.counters["disk-refuses"] += 1
        for standing in stages:
            self.by_permit[standing.stage.permit]["failed"] += 1

    def labelled(self, permit: str, figures: Iterable[str]) -> None:
        """A mail got its label."""
        hour = int(self.clock().timestamp()) // HOUR
        self.by_permit[permit]["asked"] += 1
        self.put[permit, hour] += 1
        self.found[permit, hour].update(figures)

    def unlabelled(self, code: str, permits: Iterable[str]) -> None:
        """A mail went on without."""
        self.counters[code] += 1
        for permit in permits:
            self.by_permit[permit]["failed"] += 1

    def reader(self) -> PolicyReader:
        """For one connection."""
        return PolicyReader()

    def malformed(self) -> None:
        """A connection that sent what is no question."""
        self.counters["malformed"] += 1

    def logs(self) -> list[sending_log.Counting]:
        return [sending_log.Counting(s.stage, s.token) for s in self.stages if isinstance(s.stage, LogStage) and self.clock() < s.until]

    def told(self) -> PolicyTold:
        """What was answered since the process began, and the counts of this hour; and away with counts that are over."""
        now = self.clock()
        stages = [s for s in self.stages if now < s.until]
        living = [s.stage for s in stages]
        self._lift(stages)
        for one in self.heard:
            self.counts.told(one.permit, bytes.fromhex(one.token), int(one.at.timestamp()))
        try:
            self.counts.commit()
            self.counts.forget({stage.permit: min(stage.first(int(now.timestamp())), _hour(now, stage)) for stage in living})
        except sqlite3.Error:
            self.counters["disk-refuses"] += 1
        ended = set(self.by_permit) - {stage.permit for stage in living}
        for permit in ended:
            del self.by_permit[permit]
            self.named.pop(permit, None)
        answered = tuple(Answered(stage.permit, **self.by_permit[stage.permit]) for stage in living)
        hours = tuple(self._hour(stage, now) for stage in living)
        self.lifted = _lifted(stages)
        for counter in (self.refused, self.put, self.found):
            for key in [k for k in counter if k[1] != int(now.timestamp()) // HOUR]:
                del counter[key]
        untold = self.counts.untold(MOST_HELD)
        held = tuple(HeldAccount(p, token.hex(), datetime.fromtimestamp(h.at, UTC), h.box) for p, token, h in untold)
        return PolicyTold(answered, hours, self.counters["asked"], self.counters["malformed"], self.down, held)

    def tell(self, told: PolicyTold) -> None:
        """To `keep`; silence is counted."""
        try:
            self.world.keep.call("policy-told", **{f.name: getattr(told, f.name) for f in fields(told)})
            self.heard = told.held
            self.world.keep.call("report", process="policy", counters=dict(self.counters))
        except (KeepSaidNo, KeepIsGone) as why:
            self.counters[getattr(why, "code", "keep-is-gone")] += 1

    def _hour(self, stage: MailStage, now: datetime) -> HourCounted:
        since = _hour(now, stage)
        accounts, messages, most = self.counts.totals(stage.permit, since)
        bulk, hour = self.counts.over(stage.permit, since, BULK), int(now.timestamp()) // HOUR
        refused, put = self.refused[stage.permit, hour], self.put[stage.permit, hour]
        at, found = datetime.fromtimestamp(hour * HOUR, UTC), dict(self.found[stage.permit, hour])
        if isinstance(stage, AccountStage):
            self.named[stage.permit], found = finders.found(stage, self.counts, now)
        elif isinstance(stage, OriginCount):
            found = dict(origins(self.counts.each(stage.permit, since), ip25b.BULK))
        return HourCounted(stage.permit, at, accounts, messages, most, bulk, refused, put, found)


def _hour(now: datetime, stage: MailStage) -> int:
    """The first part of the clock hour."""
    return int((now - timedelta(seconds=now.timestamp() % HOUR)).timestamp()) // stage.part


def _lifted(stages: Iterable[Standing]) -> frozenset[tuple[str, bytes, int]]:
    """Accounts that were let go: once their counts are gone, the finder names them no more."""
    return frozenset((s.stage.permit, token, when) for s in stages for token, when in s.lifted)


def _standing(one: Let, permit: Permit, until: datetime) -> Standing:
    """Raises BadScope. A stage for recipients who agreed, of whom nothing is said, is a stage for nobody."""
    stage = compile_stage(permit)
    lifted = tuple((bytes.fromhex(token), int(when.timestamp())) for token, when in one.restored.items())
    agreed = frozenset(one.agreed or ()) if stage.of_recipients else None
    only = None if one.only is None else frozenset(bytes.fromhex(token) for token in one.only)
    return Standing(stage, bytes.fromhex(one.key), until, one.box, bytes.fromhex(one.half), lifted, agreed, only)
