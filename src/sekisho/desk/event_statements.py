"""What people sign about an event's board: the same for the console, the terminal and the tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sekisho.desk.signed_words import StopBoard

REQUESTS = frozenset({"board-stop"})


def made(_kind: str, _fields: Mapping[str, Any], person: str, now: datetime) -> StopBoard:
    """There is one kind, and it has no fields."""
    return StopBoard(person, now)


def request(statement: Mapping[str, Any], signature: object) -> tuple[str, dict[str, Any]]:
    """The method of `keep` that takes this signed statement, and its parameters."""
    return "stop-board", {"stop": dict(statement), "signature": signature}
