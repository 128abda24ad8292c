"""What the mail server's log says of accounts, as counts by token, network and hour, and which accounts show signs of a hijack by it.

A sign is an hour in which many of an account's recipients were nobody's, or a network from which its password was tried in vain many times
within an hour and from which it then sent. Failed log-ins alone are none: everybody can type somebody else's name.

Names live for as long as it takes to make a token of them; recipients are not read at all.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from sekisho.desk.mail import alike
from sekisho.desk.mail.log_file import LogFile
from sekisho.desk.settings import Policy
from sekisho.effects.account_stage import ACCOUNT, CLIENT, DAY, NAME, NETWORK
from sekisho.effects.mail_counts import MailCounts
from sekisho.effects.mail_stage import HOUR
from sekisho.effects.sending_log import LogStage
from sekisho.measures.hijack_signs import LOG_TEST
from sekisho.wire.mail_accounts import MailAccounts
from sekisho.wire.mail_log import Ended, HandedIn, LogInFailed, Removed, Said

MAIL, TRIED, REFUSED, FAILED = b"m", b"t", b"r", b"f"
"""What is counted, as the last octet of a token: mails, recipients that were decided, those that were nobody's, failed log-ins."""
MOST_QUEUED = 100_000
"""Mails whose recipients may still be decided, in memory as tokens; the oldest is forgotten first."""
MOST_FAILED = 50_000
"""Tokens an hour and permit that failed log-ins may make: who guesses from everywhere fills no disk."""


@dataclass(frozen=True)
class Counting:
    """A stage, and what makes tokens for its permit."""

    stage: LogStage
    key: Callable[[str], bytes] = field(repr=False)


@dataclass
class SendingLog:
    """One per process. `read` may be called beside the answering, in a thread; `count` where the counts are written."""

    file: LogFile
    counters: Counter[str]
    own: str = ""
    """Our domain, which the register may put behind a name."""
    _queued: OrderedDict[str, tuple[tuple[str, bytes], ...]] = field(default_factory=OrderedDict)
    _failed: dict[tuple[str, int], set[bytes]] = field(default_factory=dict)

    @classmethod
    def of(cls, policy: Policy, counters: Counter[str]) -> SendingLog:
        """As the settings say where it lies."""
        return cls(LogFile(policy.mail_log, counters), counters, policy.domain)

    def read(self, *, wanted: bool) -> list[Said]:
        """`wanted`: whether a permit in force lets it; otherwise not a line of it."""
        if not wanted:
            self.file.close()
            self._queued.clear()
            self._failed.clear()
            return []
        return self.file.read()

    def count(
        self, said: Sequence[Said], stages: Sequence[Counting], accounts: MailAccounts | None, counts: MailCounts, now: datetime
    ) -> None:
        """On disk with the next commit."""
        hour = int(now.timestamp()) // HOUR
        living = {one.stage.permit for one in stages}
        self._failed = {k: v for k, v in self._failed.items() if k[0] in living and k[1] == hour}
        for one in said:
            match one:
                case HandedIn(queue, account, client):
                    tokens = tuple((c.stage.permit, _token(c, account, client, accounts, self.own)) for c in stages)
                    self._queued[queue] = tokens
                    self._queued.move_to_end(queue)
                    _add(counts, tokens, MAIL, hour)
                case Ended(queue, refused):
                    tokens = self._queued.get(queue, ())
                    _add(counts, tokens, TRIED, hour)
                    _add(counts, tokens if refused else (), REFUSED, hour)
                case Removed(queue):
                    self._queued.pop(queue, None)
                case LogInFailed(account, client):
                    self._fail(account, client, stages, accounts, counts, hour)
        while len(self._queued) > MOST_QUEUED:
            self._queued.popitem(last=False)

    def _fail(
        self, account: str, client: str, stages: Sequence[Counting], accounts: MailAccounts | None, counts: MailCounts, hour: int
    ) -> None:
        """Of accounts that the register knows alone: what strangers type is nobody's."""
        if accounts is None or accounts.of(account, self.own) is None:
            self.counters["mail-log-no-account"] += 1
            return
        for one in stages:
            token = _token(one, account, client, accounts, self.own)
            made = self._failed.setdefault((one.stage.permit, hour), set())
            if token not in made and len(made) >= MOST_FAILED:
                self.counters["mail-log-too-many"] += 1
                continue
            made.add(token)
            _add(counts, ((one.stage.permit, token),), FAILED, hour)


def _token(one: Counting, account: str, client: str, accounts: MailAccounts | None, own: str) -> bytes:
    return alike.token(one.stage, {NAME: account, CLIENT: client}, accounts, one.key, own)


def _add(counts: MailCounts, tokens: Sequence[tuple[str, bytes]], what: bytes, hour: int) -> None:
    for permit, token in tokens:
        counts.add(permit, token + what, hour, 0)


@dataclass(frozen=True)
class Logged:
    """What the log said, by hours: of accounts mails, recipients decided and refused; of accounts' networks failed log-ins and mails.

    `whose`: the account of each network, by number. `age`: days since an account was opened, below 0 where nobody knows.
    """

    names: tuple[bytes, ...]
    mails: NDArray[np.int64]
    tried: NDArray[np.int64]
    refused: NDArray[np.int64]
    age: NDArray[np.int64]
    whose: NDArray[np.int64]
    from_there: NDArray[np.int64]
    in_vain: NDArray[np.int64]


def gather(stage: LogStage, counts: MailCounts, now: datetime) -> Logged:
    """Everything that was counted under the permit."""
    first, hours = stage.first(int(now.timestamp())), stage.held_hours
    tokens, many, parts, each = counts.columns(stage.permit)
    accounts: dict[bytes, int] = {}
    networks: dict[bytes, int] = {}
    mine = np.array([accounts.setdefault(one[:ACCOUNT], len(accounts)) for one in tokens], np.int64)
    there = np.array([networks.setdefault(one[: ACCOUNT + NETWORK], len(networks)) for one in tokens], np.int64)
    kinds = np.frombuffer(b"".join(one[-1:] for one in tokens), "S1")
    age, whose = np.full(len(accounts), -1, np.int64), np.zeros(len(networks), np.int64)
    whose[there] = mine
    for n, one in zip(mine, tokens, strict=True):
        if (batch := one[ACCOUNT + NETWORK : -1]) != alike.UNKNOWN:
            age[n] = max(0, now.date().toordinal() - int.from_bytes(batch[:DAY], "big"))
    hour = np.array(parts, np.int64) - first
    kind, within, value = np.repeat(kinds, many), (hour >= 0) & (hour < hours), np.array(each, np.int64)

    def summed(what: bytes, rows: NDArray[np.int64], size: int) -> NDArray[np.int64]:
        of = within & (kind == what)
        cells = (np.repeat(rows, many) * hours + hour)[of]
        return np.bincount(cells, value[of], size * hours).astype(np.int64).reshape(size, hours)

    mails, tried, refused = (summed(what, mine, len(accounts)) for what in (MAIL, TRIED, REFUSED))
    from_there, in_vain = (summed(what, there, len(networks)) for what in (MAIL, FAILED))
    return Logged(tuple(accounts), mails, tried, refused, age, whose, from_there, in_vain)


def refusing(tried: NDArray[np.int64], refused: NDArray[np.int64], least: int, permille: int) -> NDArray[np.bool_]:
    """Accounts of whose recipients within one hour so many were nobody's, and so large a share of all."""
    return np.asarray(((refused >= least) & (refused * 1000 >= tried * permille)).any(axis=1))


def guessed(mails: NDArray[np.int64], failed: NDArray[np.int64], least: int) -> NDArray[np.bool_]:
    """Networks from which so many log-ins failed within one hour, and mail came in that hour or later."""
    after = np.logical_or.accumulate(failed >= least, axis=1)
    return np.asarray(((mails > 0) & after).any(axis=1))


def found(stage: LogStage, counts: MailCounts, now: datetime) -> tuple[frozenset[bytes], dict[str, int]]:
    """Account parts of the tokens that show signs, and numbers of the hours held: "log_signs" (accounts), "refusing" and "guessed" of
    them, "log_seen" (accounts that sent), "recipients" decided and "nobodys" of them, "failures" (log-ins), "settled" (the test was tried
    on), "matched" (of those, found all the same), and the test's own words."""
    said = gather(stage, counts, now)
    many = refusing(said.tried, said.refused, stage.refused, stage.refused_permille)
    stolen = np.zeros_like(many)
    stolen[said.whose[guessed(said.from_there, said.in_vain, stage.failed)]] = True
    signs, seen, old = many | stolen, said.mails.any(axis=1), said.age > stage.young_days
    return frozenset(said.names[n] for n in np.flatnonzero(signs)), {
        "log_signs": int(signs.sum()),
        "refusing": int(many.sum()),
        "guessed": int(stolen.sum()),
        "log_seen": int(seen.sum()),
        "recipients": int(said.tried.sum()),
        "nobodys": int(said.refused.sum()),
        "failures": int(said.in_vain.sum()),
        "settled": int((seen & old).sum()),
        "matched": int((signs & old).sum()),
        **{word: int(getattr(stage, word)) for word in LOG_TEST},
    }
