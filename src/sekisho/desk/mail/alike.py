"""Which accounts act alike just now, found on counts and tokens beside the answering; tried on settled accounts, how often the test errs.

An account is of one kin with others that send from its network, and were opened on its day under its plan. One that the register does not
know, or whose network nobody can tell, is of none. Young accounts that act alike are a group. Settled ones are known to be real: where the
test finds those, it errs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from sekisho.effects.account_stage import ACCOUNT, DAY, NETWORK, PLAN, AccountStage
from sekisho.effects.alike import SLOTS, AlikeStage
from sekisho.effects.mail_counts import MailCounts
from sekisho.measures.alike_accounts import TEST
from sekisho.wire.mail_accounts import MailAccounts
from sekisho.wire.policy import Attributes

UNKNOWN = bytes(DAY + PLAN)
NOWHERE = bytes(NETWORK)
NOBODY = -1


@dataclass(frozen=True)
class Alike:
    """`members` accounts at least, `each` messages of each, `together` of all, and each curve as near as `alike` (of 1000) to theirs."""

    members: int
    each: int
    together: int
    alike: int


def find_alike(curves: NDArray[np.int64], kin: NDArray[np.int64], test: Alike) -> NDArray[np.int64]:
    """`curves`: messages, accounts by hours; `kin`: which network and sign-up batch each account is of, 0 and up; below, of none.

    For each account the kin whose group it belongs to, or NOBODY. Likeness is the cosine between an account's curve and the mean of all
    curves of its kin, each taken at length one: how much is sent does not matter, when does.
    """
    group = np.full(len(kin), NOBODY, np.int64)
    sent = curves.sum(axis=1)
    asked = (kin >= 0) & (sent >= max(1, test.each))
    if not asked.any():
        return group
    many = int(kin.max()) + 1
    unit = curves[asked] / np.linalg.norm(curves[asked], axis=1, keepdims=True)
    mean = np.zeros((many, curves.shape[1]))
    np.add.at(mean, kin[asked], unit)
    mean /= np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-12)
    near = np.einsum("ij,ij->i", unit, mean[kin[asked]]) >= test.alike / 1000 - 1e-9
    near_kin, near_sent = kin[asked][near], sent[asked][near]
    enough = np.bincount(near_kin, minlength=many) >= test.members
    enough &= np.bincount(near_kin, weights=near_sent, minlength=many) >= test.together
    group[np.flatnonzero(asked)[near]] = np.where(enough[near_kin], near_kin, NOBODY)
    return group


def token(stage: AccountStage, asked: Attributes, accounts: MailAccounts | None, key: Callable[[str], bytes], own: str = "") -> bytes:
    """Account, network, day and plan as one token; `key` makes the token of a word, `own` is our domain."""
    who, network = stage.who(asked), stage.network(asked)
    known = accounts.of(who, own) if accounts else None
    batch = known[0].toordinal().to_bytes(DAY, "big") + key(f"plan\n{known[1]}")[:PLAN] if known else UNKNOWN
    return key(who)[:ACCOUNT] + (key(f"network\n{network}")[:NETWORK] if network else NOWHERE) + batch


def found(stage: AlikeStage, counts: MailCounts, now: datetime) -> tuple[frozenset[bytes], dict[str, int]]:
    """Account parts of the tokens that act alike, and numbers: "groups", "grouped" (accounts), "grouped_messages", "seen" (accounts),
    "unknown" (to the register), "settled" (the test was tried on), "matched" (of those, found all the same),
    and the test's own words."""
    first = stage.first(int(now.timestamp()))
    rows = counts.parts(stage.permit, first)
    curves = np.zeros((len(rows), SLOTS), np.int64)
    kin = np.full(len(rows), NOBODY, np.int64)
    age = np.full(len(rows), -1, np.int64)
    kins: dict[bytes, int] = {}
    for n, (one, parts) in enumerate(rows):
        for part, messages in parts:
            if part - first < SLOTS:
                curves[n, part - first] = messages
        batch = one[ACCOUNT + NETWORK :]
        if batch != UNKNOWN:
            age[n] = max(0, now.date().toordinal() - int.from_bytes(batch[:DAY], "big"))
            kin[n] = NOBODY if one[ACCOUNT:].startswith(NOWHERE) else kins.setdefault(one[ACCOUNT:], len(kins))
    group = find_alike(curves, kin, Alike(stage.members, stage.each, stage.together, stage.alike))
    known, old, alike = age >= 0, age > stage.young_days, group != NOBODY
    sent = curves.sum(axis=1)
    young = known & ~old & alike
    names = [one[:ACCOUNT] for one, _ in rows]

    def accounts(which: np.ndarray) -> frozenset[bytes]:
        return frozenset(names[n] for n in np.flatnonzero(which))

    grouped = accounts(young)
    return grouped, {
        "groups": len(np.unique(group[young])),
        "grouped": len(grouped),
        "grouped_messages": int(sent[young].sum()),
        "seen": len(set(names)),
        "unknown": len(accounts(~known)),
        "settled": len(accounts(known & old & (sent >= stage.each))),
        "matched": len(accounts(known & old & alike)),
        **{word: int(getattr(stage, word)) for word in TEST},
    }
