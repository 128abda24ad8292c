"""Under which opaque name a person is known: across our own lists, and to one contractor. Nobody without the key can try addresses."""

from __future__ import annotations

import hmac
import unicodedata
from hashlib import sha256

from sekisho.desk.world import World
from sekisho.law.canonical import canonical

CODE = 32
ALIAS = 16
"""Hex digits of a name of ours, and of an alias."""


def same(said: str) -> str:
    """One spelling for one person: width, case and spaces aside."""
    return "".join(unicodedata.normalize("NFKC", said).split()).casefold()


def name_key(world: World) -> bytes:
    """By which people are named across hand-overs, so that one can be told where their data went."""
    return hmac.new(world.pseudonyms, b"people handed over", sha256).digest()


def alias_key(world: World, entrustment: str) -> bytes:
    """By which one party's aliases are made: two parties cannot lay theirs side by side."""
    return hmac.new(world.pseudonyms, canonical({"aliases": entrustment}), sha256).digest()


def named(key: bytes, person: str) -> str:
    """A person's name here; `person` as `same` spells them."""
    return hmac.new(key, person.encode(), sha256).hexdigest()[:CODE]


def alias(world: World, entrustment: str, mail: str) -> str:
    """Under which one party knows one person: the same as in a list that was handed over on the rung of aliases."""
    return named(alias_key(world, entrustment), same(mail))[:ALIAS]


def met_as(world: World, talk: str, mail: str) -> str:
    """Under which the other side of one masked talk knows one person: in no other talk, and in no list, is it the same."""
    key = hmac.new(world.pseudonyms, canonical({"masked talk": talk}), sha256).digest()
    return named(key, same(mail))[:ALIAS]
