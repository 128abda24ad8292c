"""Codes that let somebody outside see one case from one side. `keep` knows only their digests; lost ones are made anew, never told.

A code is twenty letters and digits that cannot be mistaken for one another, in groups of four: a hundred bits, typed by hand.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from hashlib import sha256

from sekisho.desk import matters, records
from sekisho.desk.matters import Matter
from sekisho.desk.world import No, World
from sekisho.law.canonical import canonical

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LONG, GROUP = 20, 4
ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
LONGEST = 64
CLAIMANT, POSTER, PERSON = "claimant", "poster", "person"
BY = matters.OUTSIDE


def issue(world: World, matter: str, side: str, now: datetime) -> str:
    """A new code for this side of the case; an earlier one of the same side opens nothing any more."""
    code = "".join(secrets.choice(LETTERS) for _ in range(LONG))
    world.db.execute(records.CODES.delete().where(records.CODES.c.matter == matter, records.CODES.c.side == side))
    body = canonical({"matter": matter, "side": side})
    records.add(world.db, records.CODES, body, now, code=digest(code), matter=matter, side=side)
    return "-".join(code[at : at + GROUP] for at in range(0, LONG, GROUP))


def admitted(world: World, number: str, code: str, side: str) -> Matter:
    """The case, for whoever has its number and the code of this side.

    Raises No("unknown-code") for either being wrong, not saying which; No("case-file-gone") once its days are over.
    """
    row = records.one(world.db, records.CODES, code=digest(code), side=side)
    known = records.one(world.db, records.MATTERS, id=row["matter"]) if row else None
    if known is None or known["number"] != number.strip():
        raise No("unknown-code")
    return matters.load(world, known["id"])


def digest(code: str) -> str:
    """What is kept of a code: the same for every way of typing it."""
    typed = "".join(code[:LONGEST].split()).replace("-", "").upper().translate(ALIKE)
    return sha256(typed.encode()).hexdigest()
