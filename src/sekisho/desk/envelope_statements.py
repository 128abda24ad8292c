"""Statements about envelopes, made in one place from a form's fields: the same for the console, the terminal and the tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sekisho.desk.signed_words import Revocation, UseReview
from sekisho.gate.people import Approval

EnvelopeStatement = Approval | UseReview | Revocation

REQUESTS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "envelope-approval": ("approve-envelope", "approval"),
    "use-review": ("review-use", "review"),
    "revocation": ("revoke-envelope", "revocation"),
})  # fmt: skip
"""Each kind of statement, the method of `keep` that takes it, and the name of its parameter there."""


def made(kind: str, fields: Mapping[str, Any], person: str, now: datetime) -> EnvelopeStatement:
    """Raises KeyError for fields that make no such statement."""
    if kind == "envelope-approval":
        return Approval(fields["envelope"], fields["shown"], person, now)
    if kind == "use-review":
        return UseReview(fields["use"], fields["words"], person, now)
    return Revocation(fields["envelope"], fields["reason"], person, now)


def request(kind: str, statement: Mapping[str, Any], signature: object) -> tuple[str, dict[str, Any]]:
    """The method of `keep` that takes this signed statement, and its parameters."""
    method, name = REQUESTS[kind]
    return method, {name: dict(statement), "signature": signature}
