"""Somebody whose mails were stopped by one press of a program is told once, by an order like any other: under a permit, or not at all.

Nobody can tell a person's press from a filter's. So the press counts at once, and this one mail says how a reply takes it back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sekisho.desk import campaigns, permits, records
from sekisho.desk.campaign_look import CHECK, STOP
from sekisho.desk.world import World, fresh_id
from sekisho.effects.texts import jst
from sekisho.law.canonical import canonical
from sekisho.ledger.entry import EntryType
from sekisho.measures.stop_notice import StopNotice

ONCE_IN = timedelta(days=1)
"""Presses of one address within this time are told once."""
Row = Mapping[str, Any]


def ask(world: World, stop: str, found: Row, now: datetime) -> str:
    """Order that the recipient of this mail is told of this stop; the order, or empty where no permit carries it or they were told."""
    permit = permits.carrying(world, StopNotice.name, now)
    if permit is None or _lately(world, found["pseudonym"], stop, now):
        return ""
    order = fresh_id("order")
    box = f"{campaigns.sealed_to(world, found['campaign'])} {bytes(found['box']).hex()}"
    who = {"campaign": found["campaign"], "number": found["number"], "pseudonym": found["pseudonym"]}
    params = {**ours(world), "stopped_at": jst(now)}
    body = canonical({"text": permit.scope["text"], "params": params, "box": box, "stop": stop, "until": permit.until, **who})
    records.add(world.db, records.ORDERS, body, now, id=order, permit=permit.id, state="waiting", code="", letter="")
    world.write(EntryType.ORDER, body, ids={"order": order, "permit": permit.id}, at=now, table=records.ORDERS, key={"id": order})
    return order


def _lately(world: World, who: str, stop: str, now: datetime) -> bool:
    """Whether another press of this address was told within a day."""
    stops = records.rows(world.db, records.MAIL_STOPS, pseudonym=who)
    return any(r["id"] != stop and records.body(r).get("told") and r["at"] > records.stamp(now - ONCE_IN) for r in stops)


def ours(world: World) -> Mapping[str, str]:
    """Who writes, and where a receiver checks it: the same in every order to somebody on a list."""
    operator, url = world.settings.operator, world.settings.console.url.rstrip("/")
    return {
        "operator": operator.name,
        "check_url": url + CHECK,
        "window_name": operator.window,
        "window_phone": operator.window_phone,
        "window_hours": operator.window_hours,
    }


def own(world: World, said: Row) -> Mapping[str, str]:
    """The two codes of the mail that was stopped, for an order's letter: made anew each time, kept nowhere."""
    leaf = campaigns.leaves(world, said["campaign"])[said["number"]]
    url = world.settings.console.url.rstrip("/")
    stop = campaigns.stop_code(world, said["campaign"], leaf)
    return {"check_code": campaigns.check_code(world, said["campaign"], leaf), "stop_url": f"{url}{STOP}?code={stop}"}


def reply_desk(world: World, said: Row) -> str:
    """Where an answer to it arrives: where answers to the mail itself do."""
    return campaigns.get(world, said["campaign"]).said.reply_desk
