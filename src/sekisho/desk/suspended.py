"""Which account a suspension's permit is about: its case says so, and only as the token that this permit's stage compares."""

from __future__ import annotations

import hashlib
import hmac

from sekisho.desk import matters
from sekisho.desk.draft import CASE
from sekisho.desk.world import No, World
from sekisho.effects.account_hold import MEASURE
from sekisho.gate.permit import Permit

TOKEN = 16
ACCOUNT = "account"


def accounts(world: World, permit: Permit, key: bytes) -> tuple[str, ...] | None:
    """Tokens (hex) of the accounts it holds; None for a permit of another measure. A case that is closed, or gone, holds nobody."""
    if permit.measure != MEASURE:
        return None
    try:
        matter = matters.load(world, str(permit.scope.get(CASE) or ""))
    except No:
        return ()
    name = matter.standing.facts.get(ACCOUNT)
    if matter.final or not isinstance(name, str) or not name.strip():
        return ()
    return (hmac.new(key, name.strip().casefold().encode(), hashlib.sha256).digest()[:TOKEN].hex(),)
