"""The request at hand, and why a post is refused. Stands on nothing: whoever only hands a sender on needs no extra."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from sekisho_sender.capture import Captured, captured

MOST_CLAIMED = 4096


class Why(StrEnum):
    """Why a post was refused."""

    NO_REQUEST = "no-request"
    NO_SOURCE = "no-source"
    TAMPERED = "tampered"
    NO_KEY = "no-key"
    BULK = "bulk"
    NO_TRANSACTION = "no-transaction"
    ANOTHER_REQUEST = "another-request"


class Refused(Exception):
    """The post is not to be kept, because its sender record cannot be. `why` is the code; the message says what to do."""

    def __init__(self, why: Why, message: str) -> None:
        super().__init__(message)
        self.why = why


def at_hand() -> Captured | None:
    """The request around us, None when there is none: in a bare thread, in a job, in a read that nobody opted in."""
    try:
        return captured()
    except LookupError:
        return None


def fitting(request: Captured) -> Captured:
    """The request without what strangers claimed beyond 4 KiB: claims are never used, and must fill neither a header nor a database."""
    chain = request.sender.chain
    if len(request.user_agent) <= 512 and sum(len(hop.raw) + 100 for hop in chain) < MOST_CLAIMED:
        return request
    left, kept = MOST_CLAIMED, []
    for hop in chain:
        left -= len(hop.raw) + 100
        if hop.trusted or left > 0:
            kept.append(hop)
    return replace(request, sender=replace(request.sender, chain=tuple(kept)), user_agent=request.user_agent[:512])
