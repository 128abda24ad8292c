"""Mail accounts held at their limit, with others that act alike, or for signs of a hijack: owners to be told, and who was let go. Tokens.

Whether an owner is told rests on a permit of its own; without one, the account is held all the same, and the desk sees that nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select, update

from sekisho.desk import permits, records
from sekisho.desk.policy_words import HeldAccount
from sekisho.desk.world import World, fresh_id
from sekisho.effects import alike, hijack, sender_limit, sending_log
from sekisho.effects.account_stage import HOLD
from sekisho.effects.mail_stage import HOUR, BadScope
from sekisho.effects.texts import jst
from sekisho.gate.permit import Permit
from sekisho.law.canonical import canonical
from sekisho.ledger.entry import EntryType
from sekisho.measures.alike_accounts import AlikeAccounts
from sekisho.measures.held_sender_notice import HeldSenderNotice
from sekisho.measures.hijack_signs import HijackSigns
from sekisho.store.errors import SealError
from sekisho.store.register import box_key
from sekisho.store.schema import CONTACT

H = records.HELD_SENDERS
LASTS = timedelta(days=1)
"""As long the number in a notice is good, and nobody is told again."""
CODE = 10
"""Digits of a number: they are read out on the telephone."""
TOKEN = 32
HOLDERS: Mapping[tuple[str, str], tuple[str, str]] = {
    (sender_limit.MEASURE, sender_limit.LIMIT): (HeldSenderNotice.name, "tell-owner"),
    (alike.MEASURE, HOLD): (AlikeAccounts.name, "tell-owner"),
    (hijack.MEASURE, HOLD): (HijackSigns.name, "tell-owner"),
    (sending_log.MEASURE, sending_log.HOLD_LOG): (HijackSigns.name, "tell-owner"),
}
"""Whatever holds accounts, by measure and step, and what lets their owners be told."""
RESTORED, OVER = "restored", "over"
UNCHANGED = timedelta(days=1)
"""So long after its end a limit's box can still be opened: for a notice that is under way."""


def restoring(digits: str) -> str:
    """What `keep` holds of a number that is read out; no code of another letter has this digest."""
    return sha256(f"restore:{digits}".encode()).hexdigest()


def box_of(world: World, permit: Permit) -> tuple[str, str]:
    """Key id and public half (hex) that owners are sealed to under this limit; empty for a permit that holds nobody."""
    if (permit.measure, permit.step.name) not in HOLDERS:
        return "", ""
    key = f"{permit.id}/{CONTACT}/{permit.since.date().isoformat()}"
    return key, world.vault.public_half(key, permit.until + UNCHANGED).hex()


def let_go(world: World, permit: Permit) -> Mapping[str, datetime]:
    """Tokens that the help desk let go under this limit, and when last."""
    found: dict[str, datetime] = {}
    for row in records.rows(world.db, H, permit=permit.id, ended=RESTORED):
        done = records.one(world.db, records.RESTORED_SENDERS, id=row["id"])
        token = records.body(row).get("token")
        if done is not None and token is not None:
            at = datetime.fromisoformat(done["at"])
            found[token] = max(at, found.get(token, at))
    return found


def keep_held(world: World, held: Iterable[HeldAccount], now: datetime) -> None:
    """Write down who is at the limit, once each, and order that owners are told where a permit carries it."""
    for one in held:
        permit = _limit(world, one.permit)
        if permit is None or not _sound(one, now):
            continue
        identity = f"pause-{sha256(canonical({'permit': one.permit, 'token': one.token, 'at': one.at})).hexdigest()[:16]}"
        if records.one(world.db, H, id=identity) is not None:
            continue
        body = canonical({"pause": identity, "permit": one.permit, "token": one.token, "since": one.at})
        until = records.stamp(one.at + LASTS)
        records.add(world.db, H, body, now, id=identity, permit=one.permit, notice="", box=_box(one), until=until)
        ids = {"pause": identity, "permit": one.permit}
        world.write(EntryType.SENDER_HELD, body, ids=ids, at=now, table=H, key={"id": identity})
    _tell(world, now)


def _limit(world: World, identity: str) -> Permit | None:
    row = records.one(world.db, records.PERMITS, id=identity)
    return permits.of(row) if row and not row["ended"] and (row["measure"], row["step"]) in HOLDERS else None


def _sound(one: HeldAccount, now: datetime) -> bool:
    return len(one.token) == TOKEN and all(c in "0123456789abcdef" for c in one.token) and now - LASTS < one.at <= now + LASTS


def _box(one: HeldAccount) -> str:
    """The owner's box, if it is one of this permit."""
    try:
        return one.box if one.box and box_key(one.box).startswith(f"{one.permit}/") else ""
    except SealError:
        return ""


def _tell(world: World, now: datetime) -> None:
    tells = telling(world, now)
    for row in living(world, now) if tells else ():
        limit = _limit(world, row["permit"])
        told_by = tells.get((limit.measure, limit.step.name)) if limit else None
        if limit is not None and told_by is not None and not row["notice"] and row["box"]:
            order = _order(world, told_by, limit, row, now)
            world.db.execute(update(H).where(H.c.id == row["id"]).values(notice=order, box=""))


def telling(world: World, now: datetime) -> Mapping[tuple[str, str], Permit]:
    """For each thing that holds accounts, the permit in force that lets their owners be told, where there is one."""
    may = {(p.measure, p.step.name): p for p, s in permits.living(world, now) if s.proof}
    return {holder: may[tells] for holder, tells in HOLDERS.items() if tells in may}


def _order(world: World, telling: Permit, limit: Permit, row: Mapping[str, Any], now: datetime) -> str:
    order = fresh_id("order")
    words = {"text": telling.scope["text"], "params": _params(world, limit, row), "box": row["box"]}
    body = canonical({**words, "pause": row["id"], "limit": limit.id, "until": min(telling.until, datetime.fromisoformat(row["until"]))})
    records.add(world.db, records.ORDERS, body, now, id=order, permit=telling.id, state="waiting", code="", letter="")
    world.write(EntryType.ORDER, body, ids={"order": order, "permit": telling.id}, at=now, table=records.ORDERS, key={"id": order})
    return order


def _params(world: World, permit: Permit, row: Mapping[str, Any]) -> Mapping[str, str]:
    operator = world.settings.operator
    held, numbers = _numbers(permit)
    at = datetime.fromisoformat(records.body(row)["since"])
    return {
        "reference": row["id"].removeprefix("pause-")[:8],
        "operator": operator.name,
        "held_at": jst(at),
        "held_until": jst(at + timedelta(seconds=held)),
        **{name: str(number) for name, number in numbers.items()},
        "window_name": operator.window,
        "window_phone": operator.window_phone,
        "window_hours": operator.window_hours,
    }


def _numbers(permit: Permit) -> tuple[int, Mapping[str, int]]:
    """Seconds that an account is held at most, and the numbers that its text tells."""
    if permit.measure == hijack.MEASURE:
        sign = sending_log.LogStage.of(permit) if permit.step.name == sending_log.HOLD_LOG else hijack.HijackStage.of(permit)
        return sign.held_hours * HOUR, {}
    if permit.measure == alike.MEASURE:
        test = alike.AlikeStage.of(permit)
        return test.window, {"limit_messages": test.together, "limit_minutes": test.window // 60, "alike_accounts": test.members}
    limit = sender_limit.compile_limit(permit)
    return limit.window, {"limit_messages": limit.messages, "limit_minutes": max(1, limit.window // 60)}


def living(world: World, now: datetime) -> list[Mapping[str, Any]]:
    """Rows of accounts held within a day and not let go, oldest first. What is over is marked so."""
    world.db.execute(update(H).where(H.c.ended.is_(None), H.c.until <= records.stamp(now)).values(ended=OVER, box=""))
    query = select(H).where(H.c.ended.is_(None), H.c.entry.is_not(None)).order_by(H.c.at, H.c.id)
    return [dict(row) for row in world.db.execute(query).mappings()]


def counted(world: World, now: datetime) -> Mapping[str, Any]:
    """{"held": within a day and not let go, "told": owners written to, "restored": let go by the help desk, of all that are kept,
    "of": the same of each measure that holds accounts, and "tells": whether a permit in force lets their owners be told}."""
    rows, tells = living(world, now), telling(world, now)
    states = {r["id"]: r["state"] for r in records.rows(world.db, records.ORDERS)} if rows else {}
    of: dict[str, Mapping[str, Any]] = {}
    for measure in dict.fromkeys(measure for measure, _ in HOLDERS):
        limits = {r["id"] for r in records.rows(world.db, records.PERMITS, measure=measure) if (measure, r["step"]) in HOLDERS}
        mine = [r for r in rows if r["permit"] in limits]
        restored = select(func.count()).where(H.c.ended == RESTORED, H.c.permit.in_(limits))
        of[measure] = {
            "held": len(mine),
            "told": sum(states.get(r["notice"]) == "accepted" for r in mine),
            "restored": int(world.db.execute(restored).scalar_one()),
            "tells": any(told == measure for told, _ in tells),
        }
    return {**{word: sum(int(one[word]) for one in of.values()) for word in ("held", "told", "restored")}, "of": of}


__all__ = ["CODE", "LASTS", "BadScope", "box_of", "counted", "keep_held", "let_go", "living", "restoring", "telling"]
