"""What people sign about an event: the same for the console, the terminal and the tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sekisho.desk.signed_words import EndEvent, StopBoard

STOP, END = "board-stop", "event-end"
REQUESTS = frozenset({STOP, END})


def made(kind: str, fields: Mapping[str, Any], person: str, now: datetime) -> StopBoard | EndEvent:
    """To stop the board has no fields; to end an event has its name."""
    return EndEvent(str(fields.get("event", "")), person, now) if kind == END else StopBoard(person, now)


def request(statement: Mapping[str, Any], signature: object, kind: str = STOP) -> tuple[str, dict[str, Any]]:
    """The method of `keep` that takes this signed statement, and its parameters."""
    method, name = ("end-event", "ending") if kind == END else ("stop-board", "stop")
    return method, {name: dict(statement), "signature": signature}
