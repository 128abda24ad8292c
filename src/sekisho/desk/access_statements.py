"""Statements about lines, their port 25 and their mail, made in one place from a form's fields: the same for console and terminal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sekisho.desk.signed_words import LineClosing, LineOpening, SenderRestoring

AccessStatement = LineOpening | LineClosing | SenderRestoring

REQUESTS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "line-opening": ("open-line", "opening"),
    "line-closing": ("close-line", "closing"),
    "sender-restoring": ("restore-sender", "restoring"),
})  # fmt: skip
"""Each kind of statement, the method of `keep` that takes it, and the name of its parameter there."""


def made(kind: str, fields: Mapping[str, Any], person: str, now: datetime) -> AccessStatement:
    """Raises KeyError for fields that make no such statement."""
    if kind == "line-opening":
        return LineOpening(fields["code"], fields["reason"], fields["days"], person, now)
    if kind == "sender-restoring":
        return SenderRestoring(fields["code"], fields["reason"], person, now)
    return LineClosing(fields["exception"], fields["reason"], person, now)


def request(kind: str, statement: Mapping[str, Any], signature: object) -> tuple[str, dict[str, Any]]:
    """The method of `keep` that takes this signed statement, and its parameters."""
    method, name = REQUESTS[kind]
    return method, {name: dict(statement), "signature": signature}
