"""The statements about mailings that the console offers: somebody is left out; an address is good after all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sekisho.law.campaign import Loss, Lost, Reachable

REQUESTS: Mapping[str, str] = MappingProxyType({"recipient-lost": "lose-recipient", "return-ended": "end-return"})


def made(kind: str, fields: Mapping[str, Any], person: str, now: datetime) -> Loss | Reachable:
    """Raises KeyError and ValueError for fields that make no such statement."""
    if kind == "return-ended":
        return Reachable(fields["recipient"], fields["reason"], person, now)
    return Loss(fields["campaign"], fields["recipient"], Lost(fields["why"]), person, now)


def request(kind: str, statement: Mapping[str, Any], signature: object) -> tuple[str, dict[str, Any]]:
    """The method of `keep` that takes this signed statement, and its parameters."""
    said = "loss" if kind == "recipient-lost" else "reachable"
    return REQUESTS[kind], {said: dict(statement), "signature": signature}
