"""A device at an event: its hardware address under a key of this event, this network's name and this day. Nothing else of it is kept.

On another day, on another network or with another address it is another device, and has said nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime, timedelta

from sekisho.desk import consents, event_keys
from sekisho.desk.world import No, World

HARDWARE = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}")


def day_key(world: World, now: datetime) -> bytes:
    """What hardware addresses are hashed with today. Raises No("event-over")."""
    return event_keys.todays(world, event_keys.DEVICES, now)[1]


def day_ends(world: World, now: datetime) -> datetime:
    return world.book.begins(world.book.day(now) + timedelta(days=1))


def pseudonym(key: bytes, hardware: str) -> str:
    """The device's name under the key of a day."""
    return hmac.new(key, hardware.encode(), hashlib.sha256).hexdigest()


def giver(purpose_key: bytes, device: str) -> str:
    """As whom the register of consents knows a device for one purpose."""
    return consents.principal(purpose_key, f"device {device}")


def of(world: World, hardware: str, purpose: str, now: datetime) -> str:
    """The giver behind a hardware address. Raises No("no-device") for what is none."""
    if not HARDWARE.fullmatch(hardware):
        raise No("no-device")
    return giver(consents.purpose_key(world, purpose), pseudonym(day_key(world, now), hardware))
