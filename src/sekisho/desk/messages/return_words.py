"""What a mail that came back says, in three words: as a child that may die of it says them, and as `act` believes them."""

from __future__ import annotations

import re

from sekisho.wire.bounces import DELAYED, FAILED, MOST, OTHER, STATUS, Bounce, read_bounce

__all__ = ["MOST", "Bounce", "Unread", "believed", "said"]

CODE = re.compile(r"[a-z2-7]{0,64}")


class Unread(Exception):
    """Nobody could read this mail: it is none that a server wrote. It lies there for a person."""


def said(raw: bytes) -> list[str]:
    """Code, kind and status. Runs in the child: raises whatever a mail makes it raise."""
    one = read_bounce(raw)
    return [one.code, one.kind, one.status]


def believed(answer: object) -> Bounce:
    """Raises ValueError for anything but three of our own words: whoever read the mail may have become its author's."""
    if not isinstance(answer, list) or len(answer) != 3 or not all(isinstance(word, str) for word in answer):
        raise ValueError("not three words")
    code, kind, status = answer
    if not CODE.fullmatch(code) or kind not in (FAILED, DELAYED, OTHER):
        raise ValueError("none of our words")
    if status and not STATUS.fullmatch(status):
        raise ValueError("no status of RFC 3463")
    return Bounce(code, kind, status)
