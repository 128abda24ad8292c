"""Which accounts show signs of a hijack just now, found on counts and tokens beside the answering; tried on settled accounts.

A sign is an hour in which an account sent from many networks, or many times what it ever sent in one of its own earlier hours. Settled
accounts that show one all count as mistakes: some are hijacked in truth, so the test errs at most as often as that says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from sekisho.desk.mail.alike import NOWHERE, UNKNOWN
from sekisho.effects.account_stage import ACCOUNT, DAY, NETWORK
from sekisho.effects.hijack import HOURS, HijackStage
from sekisho.effects.mail_counts import MailCounts
from sekisho.measures.hijack_signs import TEST


@dataclass(frozen=True)
class Sent:
    """What accounts sent: messages and networks, accounts by hours; and how many days old each is, below 0 where nobody knows."""

    names: tuple[bytes, ...]
    messages: NDArray[np.int64]
    networks: NDArray[np.int64]
    age: NDArray[np.int64]


def crowded(networks: NDArray[np.int64], many: int, lately: int) -> NDArray[np.bool_]:
    """Accounts that sent from so many networks in one of the last `lately` hours."""
    return np.asarray((networks[:, -lately:] >= many).any(axis=1))


def jumped(messages: NDArray[np.int64], times: int, least: int, usual_hours: int, lately: int) -> NDArray[np.bool_]:
    """Accounts that sent `least` messages in one of the last `lately` hours, and more than `times` the most of any earlier one.

    Who sent in fewer than `usual_hours` earlier hours has no usual figures yet, and is not judged by them.
    """
    before = np.zeros_like(messages)
    before[:, 1:] = np.maximum.accumulate(messages, axis=1)[:, :-1]
    hours = np.zeros_like(messages)
    hours[:, 1:] = np.cumsum(messages > 0, axis=1)[:, :-1]
    found = (messages >= least) & (messages > times * before) & (hours >= usual_hours)
    return np.asarray(found[:, -lately:].any(axis=1))


def gather(stage: HijackStage, counts: MailCounts, now: datetime) -> Sent:
    """Every account of the permit, its networks put together."""
    first = stage.first(int(now.timestamp()))
    tokens, many, parts, each = counts.columns(stage.permit)
    place: dict[bytes, int] = {}
    whose = np.array([place.setdefault(token[:ACCOUNT], len(place)) for token in tokens], np.int64)
    somewhere = np.array([not token.startswith(NOWHERE, ACCOUNT) for token in tokens], np.bool_)
    age = np.full(len(place), -1, np.int64)
    for n, token in zip(whose, tokens, strict=True):
        if (batch := token[ACCOUNT + NETWORK :]) != UNKNOWN:
            age[n] = max(0, now.date().toordinal() - int.from_bytes(batch[:DAY], "big"))
    hours = np.array(parts, np.int64) - first
    within = (hours >= 0) & (hours < HOURS)
    cells = (np.repeat(whose, many) * HOURS + hours)[within]
    shape, size = (len(place), HOURS), len(place) * HOURS

    def added(values: NDArray[np.int64] | NDArray[np.bool_]) -> NDArray[np.int64]:
        return np.bincount(cells, values[within], size).astype(np.int64).reshape(shape)

    return Sent(tuple(place), added(np.array(each, np.int64)), added(np.repeat(somewhere, many)), age)


def found(stage: HijackStage, counts: MailCounts, now: datetime) -> tuple[frozenset[bytes], dict[str, int]]:
    """Account parts of the tokens that show signs, and numbers of the hours held: "signs" (accounts), "crowded" and "jumped" of them,
    "signs_messages", "seen" (accounts), "unknown" (to the register), "settled" (the test was tried on), "matched" (of those, found all
    the same), and the test's own words."""
    sent = gather(stage, counts, now)
    many = crowded(sent.networks, stage.networks, stage.held_hours)
    more = jumped(sent.messages, stage.jump, stage.least, stage.usual_hours, stage.held_hours)
    signs, lately = many | more, sent.messages[:, -stage.held_hours :].sum(axis=1)
    seen, old = lately > 0, sent.age > stage.young_days
    return frozenset(sent.names[n] for n in np.flatnonzero(signs)), {
        "signs": int(signs.sum()),
        "crowded": int(many.sum()),
        "jumped": int(more.sum()),
        "signs_messages": int(lately[signs].sum()),
        "seen": int(seen.sum()),
        "unknown": int((seen & (sent.age < 0)).sum()),
        "settled": int((seen & old).sum()),
        "matched": int((signs & old).sum()),
        **{word: int(getattr(stage, word)) for word in TEST},
    }
