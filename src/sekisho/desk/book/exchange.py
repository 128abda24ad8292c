"""Cases and authorities' answers from another operator, taken in by the legal officer: shown beside the book, deciding nothing.

The officer may rest a confirmation on such an answer; that confirmation is then ours, with our officer's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.desk import consulted, records
from sekisho.desk.signed_words import Taking
from sekisho.desk.signing import ordered
from sekisho.desk.world import No, World
from sekisho.gate.people import Signature
from sekisho.law.canonical import canonical, plain
from sekisho.law.exchange import Bundle, ExchangeError, unpack
from sekisho.ledger.entry import EntryType


@dataclass(frozen=True)
class TakeIn:
    """The words, the officer's signature over them, and the whole bundle."""

    taking: Taking
    signature: Signature
    bundle: str


@dataclass(frozen=True)
class Exchanged:
    """Asked by the faces of people: what is known of authorities' answers, and of others' cases; of one case, where it is named."""

    case: str = ""


def carry_out(world: World, request: TakeIn) -> Mapping[str, Any]:
    """{"bundle", "operator", "cases", "consultations"}. Raises No: not-an-exchange, another-package, taken-in-already."""
    said = request.taking
    ordered(world, request.signature, said)
    bundle = _read(request.bundle)
    if (bundle.digest, bundle.key.hex()) != (said.bundle, said.key):
        raise No("another-package", bundle=bundle.digest)
    if records.one(world.db, records.EXCHANGES, id=bundle.digest) is not None:
        raise No("taken-in-already", bundle=bundle.digest)
    body = canonical({"taking": said, "signature": request.signature, "bundle": bundle})
    key = {"id": bundle.digest}
    now = world.clock.now()
    records.add(world.db, records.EXCHANGES, body, now, operator=bundle.operator, **key)
    world.write(EntryType.EXCHANGED, body, ids={"bundle": bundle.digest}, at=now, table=records.EXCHANGES, key=key)
    counts = {"cases": len(bundle.cases), "consultations": len(bundle.consultations)}
    return {"bundle": bundle.digest, "operator": bundle.operator, **counts}


def _read(text: str) -> Bundle:
    try:
        return unpack(text.encode())
    except (ExchangeError, UnicodeEncodeError) as why:
        raise No("not-an-exchange", why=str(why)) from why


def listed(world: World, request: Exchanged) -> Mapping[str, Any]:
    """{"own": [answer + {"id", "plan"}], "others": [{"bundle", "operator", "key", "country", "made", "at", "cases", "consultations"}]}."""
    wanted = request.case

    def asked(case: str) -> bool:
        return not wanted or case == wanted

    own = [plain(k.said) | {"id": k.said.id, "plan": k.plan} for k in consulted.own(world) if asked(k.said.case)]
    others = []
    for bundle, at in consulted.bundles(world):
        cases = [plain(c) for c in bundle.cases if asked(c.id)]
        answers = [plain(c) | {"id": c.id} for c in bundle.consultations if asked(c.case)]
        if cases or answers:
            head = {"bundle": bundle.digest, "operator": bundle.operator, "key": bundle.key.hex(), "country": bundle.country}
            others.append(head | {"made": plain(bundle.made), "at": at, "cases": cases, "consultations": answers})
    return {"own": own, "others": others}
