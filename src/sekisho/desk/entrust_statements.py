"""Statements about entrustments, made in one place from a form's fields: the same for the console, the terminal and the tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sekisho.law.entrustment import Move, What

REQUESTS: Mapping[str, What] = MappingProxyType({"entrustment-approved": What.APPROVED, "entrustment-suspended": What.SUSPENDED})
"""Each kind of statement that the console offers, and what happens by it. What needs a document is signed at the terminal."""


def made(kind: str, fields: Mapping[str, Any], person: str, now: datetime) -> Move:
    """Raises KeyError for fields that make no such statement."""
    return Move(fields["entrustment"], REQUESTS[kind], fields["reason"], "", person, now)


def request(statement: Mapping[str, Any], signature: object) -> tuple[str, dict[str, Any]]:
    """The method of `keep` that takes this signed statement, and its parameters."""
    return "move-entrustment", {"move": dict(statement), "signature": signature}
