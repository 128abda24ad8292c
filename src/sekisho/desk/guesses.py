"""Wrong codes that a person of the help desk typed within an hour: after so many no code is looked at, right or wrong.

A caller's code stands for a line, or for an account, and says nothing about who reads it out. Who could type on would find one of those
that wait. Kept in memory, beside the request: what is refused is rolled back, and its count must not be.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sekisho.desk.world import No, World

MOST, WITHIN = 10, timedelta(hours=1)


def may_try(world: World, person: str, now: datetime) -> None:
    """Raises No("too-many-codes")."""
    lately = [at for at in world.wrong_codes.get(person, ()) if now - WITHIN < at]
    world.wrong_codes[person] = lately
    if len(lately) >= MOST:
        raise No("too-many-codes", most=MOST)


def wrong(world: World, person: str, now: datetime) -> No:
    """What is raised for a code that nobody has; it is counted."""
    world.wrong_codes.setdefault(person, []).append(now)
    return No("unknown-code")
