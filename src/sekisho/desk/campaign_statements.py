"""The one statement about a campaign that the console offers: somebody is left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sekisho.law.campaign import Loss, Lost

REQUESTS: Mapping[str, str] = MappingProxyType({"recipient-lost": "lose-recipient"})


def made(_kind: str, fields: Mapping[str, Any], person: str, now: datetime) -> Loss:
    """Raises KeyError and ValueError for fields that make no such statement."""
    return Loss(fields["campaign"], fields["recipient"], Lost(fields["why"]), person, now)


def request(statement: Mapping[str, Any], signature: object) -> tuple[str, dict[str, Any]]:
    """The method of `keep` that takes this signed statement, and its parameters."""
    return REQUESTS["recipient-lost"], {"loss": dict(statement), "signature": signature}
