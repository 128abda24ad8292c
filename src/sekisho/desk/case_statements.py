"""Statements about cases, made in one place from a form's fields: the same for the console, the terminal and the tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sekisho.desk.case_words import Adoption, Attaching, CaseMove, HoldOrder, LiftOrder, Opening, RevealOrder, TakeOver
from sekisho.law.reading import read
from sekisho.law.words import Value

CaseStatement = Opening | CaseMove | Attaching | HoldOrder | LiftOrder | Adoption | RevealOrder | TakeOver

REQUESTS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "opening": ("open-case", "opening"),
    "case-move": ("move-case", "move"),
    "attaching": ("attach", "attaching"),
    "hold": ("hold", "order"),
    "lift": ("lift", "order"),
    "adoption": ("adopt-text", "adoption"),
    "reveal-order": ("reveal", "order"),
    "take-over": ("take-case", "taking"),
})  # fmt: skip
"""Each kind of statement, the method of `keep` that takes it, and the name of its parameter there."""


def made(kind: str, fields: Mapping[str, Any], person: str, now: datetime) -> CaseStatement:
    """Raises KeyError, TypeError, ValueError or ReadingError for fields that make no such statement."""
    if kind == "opening":
        return Opening(fields["procedure"], facts(fields["facts"]), fields.get("owner", ""), person, now)
    if kind == "case-move":
        told = facts(fields["facts"])
        beside = (fields.get("permit", ""), fields.get("shown", ""))
        return CaseMove(fields["matter"], fields["move"], int(fields["after"]), told, person, now, *beside)
    if kind == "attaching":
        return Attaching(fields["matter"], fields["paper"], fields["name"], fields["digest"], int(fields["size"]), person, now)
    if kind == "hold":
        until = datetime.fromisoformat(fields["until"])
        return HoldOrder(fields["matter"], tuple(fields["data"]), until, fields["reason"], person, now, fields.get("owed", ""))
    if kind == "lift":
        return LiftOrder(fields["hold"], fields["reason"], person, now)
    if kind == "take-over":
        return TakeOver(fields["matter"], fields["owner"], person, now)
    if kind == "reveal-order":
        where = (fields["service"], fields["record"], fields["matter"], fields["purpose"], fields["permit"])
        return RevealOrder(*where, fields["full"] is True, person, now)
    return Adoption(fields["text"], fields["digest"], person, now)


def facts(told: Any) -> Mapping[str, Value]:
    return read(dict[str, Value], told)


def request(kind: str, statement: Mapping[str, Any], signature: object) -> tuple[str, dict[str, Any]]:
    """The method of `keep` that takes this signed statement, and its parameters."""
    method, name = REQUESTS[kind]
    return method, {name: dict(statement), "signature": signature}
