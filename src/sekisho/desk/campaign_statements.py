"""The statements about mailings that the console offers: somebody is left out, an address is good after all, a reply is read, answered and
settled, a contractor's person may hand in no more, and a held mail of a masked talk is read and settled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sekisho.law.campaign import Loss, Lost, Reachable
from sekisho.law.contractor import Shut
from sekisho.law.reply import AnswerReply, CloseReply, Ending, OpenReply
from sekisho.law.talk import Fate, ReadHeld, SettleHeld

CampaignStatement = Loss | Reachable | OpenReply | AnswerReply | CloseReply | Shut | ReadHeld | SettleHeld
REQUESTS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "recipient-lost": ("lose-recipient", "loss"),
    "return-ended": ("end-return", "reachable"),
    "reply-reading": ("read-reply", "opening"),
    "reply-answer": ("answer-reply", "answer"),
    "reply-settling": ("close-reply", "closing"),
    "admission-shut": ("shut-admission", "shut"),
    "held-mail-reading": ("read-held-mail", "reading"),
    "held-mail-settling": ("settle-held-mail", "settling"),
})  # fmt: skip
"""Kind: the method of `keep` that takes it, and what the statement is called there."""


def made(kind: str, fields: Mapping[str, Any], person: str, now: datetime) -> CampaignStatement:
    """Raises KeyError and ValueError for fields that make no such statement."""
    match kind:
        case "recipient-lost":
            return Loss(fields["campaign"], fields["recipient"], Lost(fields["why"]), person, now)
        case "return-ended":
            return Reachable(fields["recipient"], fields["reason"], person, now)
        case "reply-reading":
            return OpenReply(fields["reply"], person, now)
        case "reply-answer":
            return AnswerReply(fields["reply"], fields["words"], person, now)
        case "reply-settling":
            return CloseReply(fields["reply"], Ending(fields["ending"]), person, now)
        case "held-mail-reading":
            return ReadHeld(fields["mail"], person, now)
        case "held-mail-settling":
            return SettleHeld(fields["mail"], Fate(fields["fate"]), tuple(fields["without"]), person, now)
    return Shut(fields["admission"], fields["reason"], person, now)


def request(kind: str, statement: Mapping[str, Any], signature: object) -> tuple[str, dict[str, Any]]:
    """The method of `keep` that takes this signed statement, and its parameters."""
    method, said = REQUESTS[kind]
    return method, {said: dict(statement), "signature": signature}
