"""Which accounts a permit is about that does not name them: their cases say so, and only as tokens that this permit's stage compares."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

from sqlalchemy import select

from sekisho.desk import matters, records
from sekisho.desk.draft import CASE
from sekisho.desk.mail_stages import account
from sekisho.desk.world import No, World
from sekisho.effects import account_hold, sender_limit
from sekisho.gate.permit import Permit

TOKEN = 16
ACCOUNT = "account"
SIGN_UP, NEW = "sign-up", "probation"
"""The procedure, and the state of it, in which an account is new."""


def accounts(world: World, permit: Permit, key: bytes) -> tuple[str, ...] | None:
    """Tokens (hex) of the accounts it is about; None for a permit about every account."""
    if permit.measure == account_hold.MEASURE:
        return _suspended(world, permit, key)
    if (permit.measure, permit.step.name) == (sender_limit.SIGN_UP, sender_limit.PROBATION):
        return _tokens(world, _new(world), key)
    return None


def _suspended(world: World, permit: Permit, key: bytes) -> tuple[str, ...]:
    """Of its one case. A case that is closed, or gone, holds nobody. Asked twice a second, it is opened again only when it has moved."""
    case = str(permit.scope.get(CASE) or "")
    row = records.one(world.db, records.MATTERS, id=case)
    changed = (records.count(world.db, records.MOVES, matter=case), str(row["gone"]) if row else "")
    if (known := world.suspended.get(permit.id)) is None or known[0] != changed:
        known = world.suspended[permit.id] = (changed, _tokens(world, _held(world, case), key))
    return known[1]


def _held(world: World, case: str) -> Iterable[str]:
    try:
        matter = matters.load(world, case)
    except No:
        return ()
    return () if matter.final else (str(matter.standing.facts.get(ACCOUNT) or ""),)


def _new(world: World) -> Iterable[str]:
    """Of every case that stands so. A case is opened once and its account does not change: what was read is remembered so long."""
    table = records.MATTERS
    query = select(table.c.id).where(table.c.procedure == SIGN_UP, table.c.state == NEW, table.c.gone.is_(None))
    now = [str(one) for one in world.db.execute(query).scalars()]
    world.new_accounts = {one: world.new_accounts.get(one) or _account(world, one) for one in now}
    return world.new_accounts.values()


def _account(world: World, case: str) -> str:
    try:
        return str(matters.load(world, case).standing.facts.get(ACCOUNT) or "")
    except No:
        return ""


def _tokens(world: World, names: Iterable[str], key: bytes) -> tuple[str, ...]:
    said = {account(n, world.settings.policy.domain).casefold() for n in names} - {""}
    return tuple(sorted(hmac.new(key, n.encode(), hashlib.sha256).digest()[:TOKEN].hex() for n in said))
