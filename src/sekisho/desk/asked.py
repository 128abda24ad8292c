"""Codes that somebody asked for on the page of an open question: of each request a row for a day, and nothing after it.

The row names nobody: address, network, codes and browser are there by keyed digests. The address itself is only in the order, sealed.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any

from sqlalchemy import func, select

from sekisho.desk import invitations, permits, records
from sekisho.desk.world import World
from sekisho.gate.permit import Permit
from sekisho.law.reading import read
from sekisho.measures.asked_code import AskedCode

A = records.ASKED_CODES
KEPT = timedelta(days=1)
"""So long a code is good, and a request that nobody confirms is known."""
HOUR = timedelta(hours=1)
MOST_TO_ONE = 3
"""Mails to one address within `KEPT`, whichever question: whoever types the address of another cannot flood them."""
MOST_FROM_ONE = 20
"""Requests an hour from one network: an IPv4 /24 or an IPv6 /56."""
MOST_WAITING = 20_000
Row = Mapping[str, Any]


def living(world: World, purpose: str, now: datetime) -> Permit | None:
    """The permit under which codes for consents to this purpose go out at this moment."""
    for permit, _ in permits.living(world, now):
        opens = permit.scope.get("opens")
        if permit.measure == AskedCode.name and isinstance(opens, tuple) and purpose in opens:
            return permit
    return None


def keyed(world: World, what: str, *said: str) -> str:
    """How a request is looked up by something that is not kept."""
    return hmac.new(world.pseudonyms, "\x00".join((f"asked {what}", *said)).encode(), hashlib.sha256).hexdigest()


def network(world: World, address: str) -> str:
    """The digest of the network an address is in; of what is no address, one for all of them."""
    try:
        whole = ip_address(address)
        near = str(ip_network((whole, 24 if whole.version == 4 else 56), strict=False))
    except ValueError:
        near = ""
    return keyed(world, "network", near)


def too_many(world: World, from_where: str, now: datetime) -> bool:
    """Whether this network asked too often within the hour, or all together did."""
    lately = _count(world, A.c.network == from_where, A.c.at > records.stamp(now - HOUR))
    return lately >= MOST_FROM_ONE or _count(world) >= MOST_WAITING


def enough(world: World, who: str, now: datetime) -> bool:
    """Whether this address had its mails of the day."""
    return _count(world, A.c.pseudonym == who, A.c.at > records.stamp(now - KEPT)) >= MOST_TO_ONE


def _count(world: World, *where: Any) -> int:
    return int(world.db.execute(select(func.count()).select_from(A).where(*where)).scalar_one())


def code(world: World, question: str, request: str) -> str:
    """What is typed: made anew each time, kept nowhere."""
    return invitations.code(world, question, f"asked {request}".encode())


def own_code(world: World, request: str) -> str:
    """Of the link in the same mail: good for nothing but in the browser that asked."""
    return keyed(world, "link", request)


def own(world: World, said: Row) -> Mapping[str, str]:
    """The two codes of one mail, for its order's letter."""
    name, request = said["campaign"], said["asked"]
    link = f"{page(world, name)}?own={own_code(world, request)}"
    return {"typed_code": code(world, name, request), "own_url": link}


def page(world: World, question: str) -> str:
    return f"{world.settings.console.url.rstrip('/')}{invitations.PAGE}/{question}"


def answering(world: World, question: str, text: str, browser: str, now: datetime) -> Row | None:
    """Whose request this answers: {"digest", "pseudonym", "level"}; None where no living one has this code, or another browser asked."""
    mine: tuple[Any, ...] = (A.c.own == keyed(world, "own", text), A.c.browser == keyed(world, "browser", browser))
    if typed := invitations.typed(text):
        mine = (A.c.digest == invitations.digest_of(world, question, typed),)
    elif not (text and browser):
        return None
    found = world.db.execute(select(A.c.digest, A.c.pseudonym, A.c.until).where(A.c.question == question, *mine)).first()
    if found is None or now >= read(datetime, found[2]):
        return None
    return {"digest": str(found[0]), "pseudonym": str(found[1]), "level": 3}
