"""A look named one line, or nobody. `keep` words the order itself: the worker's part in a letter is two times, a count and a version."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime

from sekisho.desk import consents, looks, permits, probes, records
from sekisho.desk.flows.look import Line
from sekisho.desk.watchlist import ListError, read_list
from sekisho.desk.world import No, World, fresh_id
from sekisho.effects.texts import jst
from sekisho.gate.permit import Permit
from sekisho.law.canonical import canonical
from sekisho.law.words import Kind
from sekisho.ledger.entry import EntryType
from sekisho.store.errors import SealError
from sekisho.store.register import box_key

NOBODY = frozenset({"ambiguous", "no-record", "moved-on", "no-contact", "no-consent"})
VERSION = re.compile(r"[0-9A-Za-z._-]{1,32}")


@dataclass(frozen=True)
class Identified:
    """`line`, or why there is `nobody`."""

    look: str
    line: Line | None = None
    nobody: str = ""


@dataclass(frozen=True)
class Named:
    """The order placed; empty where nobody was named, or the line's holder withdrew earlier."""

    order: str


def carry_out(world: World, request: Identified) -> Named:
    look, now = looks.must_run(world, request.look), world.clock.now()
    permit = permits.must_live(world, look.permit, now)
    if permit.step.kind is not Kind.IDENTIFY:
        raise No("not-an-identification", permit=permit.id)
    line = request.line
    if line is None:
        if request.nobody not in NOBODY:
            raise No("unknown-state", state=request.nobody)
        looks.set_state(world, look.id, request.nobody)
        return Named("")
    who = consents.principal(consents.purpose_key(world, permit.step.purpose), line.line)
    if consents.per_line(world, permit) and not consents.covers(world, permit.step, who, now):
        looks.set_state(world, look.id, "no-consent")
        return Named("")
    sending = _sending(world, permit)
    pseudonym = _pseudonym(world, permit, line.line)
    if sending is None or probes.opted_out(world, pseudonym):
        looks.set_state(world, look.id, "opted-out" if sending else "done")
        return Named("")
    looks.set_state(world, look.id, "named")
    return Named(_order(world, sending, line, (pseudonym, who), now))


def _sending(world: World, permit: Permit) -> Permit | None:
    """The living permit to write about the same token of the same plan."""
    token = permit.scope["tokens"][0]  # type: ignore[index] # minted for one token
    others = records.rows(world.db, records.PERMITS, plan=permit.plan, token=token, ended=None)
    return next((p for r in others if (p := permits.of(r)).step.kind is Kind.SEND), None)


def _order(world: World, sending: Permit, line: Line, pseudonyms: tuple[str, str], now: datetime) -> str:
    """`pseudonyms`: of the line's switch, and of its consents."""
    permits.must_live(world, sending.id, now)
    consents.must_cover(world, sending, pseudonyms[1], now)
    if records.one(world.db, records.ORDERS, permit=sending.id) is not None:
        raise No("already-ordered", permit=sending.id)
    try:
        box_key(line.box)
    except SealError as why:
        raise No("not-a-box") from why
    identity = fresh_id("order")
    body = canonical(
        {
            "text": sending.scope["text"],
            "params": _params(world, sending, line),
            "box": line.box,
            "pseudonym": pseudonyms[0],
            "principal": pseudonyms[1],
            "token": sending.scope["tokens"][0],  # type: ignore[index] # minted for one token
            "until": sending.until,
        }
    )
    records.add(world.db, records.ORDERS, body, now, id=identity, permit=sending.id, state="waiting", code="", letter="")
    ids = {"order": identity, "permit": sending.id}
    world.write(EntryType.ORDER, body, ids=ids, at=now, table=records.ORDERS, key={"id": identity})
    return identity


def _params(world: World, sending: Permit, line: Line) -> dict[str, str]:
    """What the letter shows but for name and code: our settings and list; of the worker's words only typed facts."""
    operator, console = world.settings.operator, world.settings.console
    listed = str(sending.scope.get("list", ""))
    try:
        servers = read_list(world.settings.lists, listed)
        origin, made = servers.origin, servers.made.date().isoformat()
    except ListError:
        origin, made = listed[:12], "-"
    return {
        "reference": sending.id.removeprefix("permit-")[:8],
        "operator": operator.name,
        "first_seen": jst(line.first),
        "last_seen": jst(line.last),
        "contacts": str(line.contacts),
        "list_origin": origin,
        "list_date": made,
        "terms_version": line.terms if VERSION.fullmatch(line.terms) else "-",
        "help_url": operator.help_url,
        "check_url": f"{console.url}/notices",
        "my_data_url": f"{console.url}/line",
        "window_name": operator.window,
        "window_phone": operator.window_phone,
        "window_hours": operator.window_hours,
    }


def _pseudonym(world: World, permit: Permit, line: str) -> str:
    """The same line always has the same pseudonym for one purpose, so that a withdrawal outlives the day's tokens."""
    words = canonical({"purpose": permit.step.purpose, "line": line})
    return hmac.new(world.pseudonyms, words, hashlib.sha256).hexdigest()
