"""The help desk lets a caller's mail account send again, by the number that stood in the notice to its owner.

Signed by a named person, entered, once. The number alone lifts nothing; whoever reads it out has read the owner's mail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update

from sekisho.desk import guesses, held_accounts, permits, records
from sekisho.desk.held_accounts import RESTORED, restoring
from sekisho.desk.signed_words import SenderRestoring
from sekisho.desk.signing import signed_now
from sekisho.desk.world import No, World
from sekisho.gate.people import Signature
from sekisho.law.canonical import canonical, plain
from sekisho.law.words import Role
from sekisho.ledger.entry import EntryType

MAY = (Role.HELP_DESK, Role.DESK)
H = records.HELD_SENDERS
NEWEST = 200


@dataclass(frozen=True)
class RestoreSender:
    """Signed by who answers the telephone."""

    restoring: SenderRestoring
    signature: Signature


@dataclass(frozen=True)
class HeldSenders:
    """Asked by people."""


def carry_out(world: World, request: RestoreSender) -> Mapping[str, str]:
    """{"pause", "permit"}: the account begins at nothing.

    Raises No: unknown-code, too-many-codes, no-reasons, and what ended its permit."""
    said, now = request.restoring, world.clock.now()
    signed_now(world, request.signature, said, *MAY)
    if not said.reason.strip():
        raise No("no-reasons")
    guesses.may_try(world, said.by, now)
    order = records.one(world.db, records.ORDERS, letter=restoring("".join(said.code.split())))
    row = next((r for r in held_accounts.living(world, now) if order is not None and r["notice"] == order["id"]), None)
    if row is None:
        raise guesses.wrong(world, said.by, now)
    permits.must_live(world, row["permit"], now)
    body = canonical({"pause": row["id"], "restoring": said, "signature": request.signature})
    records.add(world.db, records.RESTORED_SENDERS, body, now, id=row["id"])
    world.db.execute(update(H).where(H.c.id == row["id"]).values(ended=RESTORED, box=""))
    ids, key = {"pause": row["id"]}, {"id": row["id"]}
    world.write(EntryType.SENDER_RESTORED, body, ids=ids, at=now, table=records.RESTORED_SENDERS, key=key)
    return {"pause": row["id"], "permit": row["permit"]}


def listed(world: World, _request: HeldSenders) -> Mapping[str, Any]:
    """{"senders": [{"id", "permit", "measure": by which it is held, "since", "until", "state": held | over | restored, "notice": none |
    waiting | begun | accepted | …, "reason", "by", "entry"}], newest first, and what `held_accounts.counted` counts}. No account is among
    it, and no token."""
    now = world.clock.now()
    counts = held_accounts.counted(world, now)
    rows = [_told(world, row) for row in records.rows(world.db, H, newest=NEWEST)]
    return dict(plain({"senders": rows, **counts}))


def _told(world: World, row: Mapping[str, Any]) -> dict[str, Any]:
    order = records.one(world.db, records.ORDERS, id=row["notice"]) if row["notice"] else None
    done = records.one(world.db, records.RESTORED_SENDERS, id=row["id"])
    said = records.body(done).get("restoring", {}) if done else {}
    by = records.one(world.db, records.PEOPLE, id=said.get("by", ""))
    permit = records.one(world.db, records.PERMITS, id=row["permit"])
    return {
        "id": row["id"], "permit": row["permit"], "measure": permit["measure"] if permit else "", "since": records.body(row).get("since"),
        "until": row["until"], "state": row["ended"] or "held", "notice": order["state"] if order else "none",
        "reason": said.get("reason", ""), "by": records.body(by)["name"] if by else said.get("by", ""), "entry": row["entry"],
    }  # fmt: skip
