"""The owner of roamed lines is asked to refuse port 25 on them: the request for machines, and the owner's answer as evidence.

Both are read from the case in which the owner was asked: what was asked is what the gate permitted, and an agreement covers no more.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.desk.staff import statements
from sekisho.law.words import Evidence, Role, Value
from sekisho.measures.op25b import PURPOSE

FORMAT = "sekisho/network-owner-request/1"
PROCEDURE = "network-owner-request"
STEP = "ask-owner"
REFUSE = "tcp/25 outward"
KIND = "network-owner-answer"
AGREED = "agreed"
Json = Mapping[str, Any]


class NotThere(ValueError):
    """`code`: owner-not-asked, owner-not-agreed, or not-a-prefix with what stands in its place."""

    def __init__(self, code: str, told: str = "") -> None:
        super().__init__(code)
        self.code, self.told = code, told


@dataclass(frozen=True)
class OwnerRequest:
    """What goes beside the letter. Nobody's line stands in it."""

    format: str
    number: str
    permit: str
    asked_by: str
    owner: str
    refuse: str
    ranges: tuple[str, ...]
    starts: str
    announced_at: str
    contact: str


def carry_out(case: Json, operator: str) -> OwnerRequest:
    """The request that the gate permitted in this case. Raises NotThere: owner-not-asked, not-a-prefix."""
    living = [p for p in case["permits"] if (p["measure"], p["step"], p["state"]) == (PURPOSE, STEP, "in-force")]
    if case["procedure"] != PROCEDURE or not living:
        raise NotThere("owner-not-asked", str(case["number"]))
    permit, said = living[-1], _facts(case)
    scope = permit["scope"]
    ranges = tuple(_range(str(r)) for r in scope["ranges"])
    starts, announced_at, contact = (str(scope[w]) for w in ("starts", "announced_at", "contact"))
    owner, number = str(said["provider"]), str(case["number"])
    return OwnerRequest(FORMAT, number, permit["id"], operator, owner, REFUSE, ranges, starts, announced_at, contact)


def evidence(case: Json, person: str, role: Role, now: datetime) -> Evidence:
    """What a person signs of the owner's answer: the day the owner named, the ranges asked for, the answer's own digest.

    Raises NotThere: owner-not-asked, owner-not-agreed, not-a-prefix.
    """
    asked = carry_out(case, "")
    papers = [a["digest"] for a in case["attachments"] if a["paper"] == "answer"]
    if case["state"] != AGREED or not papers:
        raise NotThere("owner-not-agreed", str(case["number"]))
    said = _facts(case)
    value: Mapping[str, Value] = {
        "owner": asked.owner, "request": asked.number, "accepts": True, "starts": str(said["agreed_from"]), "ranges": asked.ranges,
    }  # fmt: skip
    return statements.evidence(KIND, value, PURPOSE, person, role, papers[-1], None, now)


def _facts(case: Json) -> Json:
    return {f["id"]: f["value"] for f in case["facts"]}


def _range(told: str) -> str:
    try:
        return str(ipaddress.ip_network(told))
    except ValueError as why:
        raise NotThere("not-a-prefix", told) from why
