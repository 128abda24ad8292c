"""What an invitation asks somebody to agree to: one sentence, for one purpose, answered with a code that only its reader has.

Nobody agrees by opening, clicking or keeping silent. Sources: 特定電子メール法 3条; 同意取得の在り方に関する参照文書 (2021-02-25).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sekisho.law.words import Act, Element

NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,31}")
LONGEST_SENTENCE = 300
LONGEST_DAYS = 3660
LONGEST_CODE_DAYS = 31
"""So long a code can be typed after the last mail went out; then it is over, and who did not answer said nothing."""


class Choice(StrEnum):
    """What somebody may do with the code of their invitation."""

    AGREE = "agree"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    SEE = "see"


@dataclass(frozen=True)
class Question:
    """One question to many people, each for themselves.

    `id` and `version` name the text. `agreed`: what is agreed, and by whom, in one sentence by language; `stop`: how to take it
    back, likewise. `purpose` is that of the consent; `days` how long it lasts; `code_days` how long after the window a code is good.
    """

    id: str
    version: str
    purpose: str
    agreed: Mapping[str, str]
    stop: Mapping[str, str]
    acts: frozenset[Act]
    elements: frozenset[Element]
    audience: frozenset[str]
    days: int
    code_days: int


def faults(said: Question, languages: Iterable[str]) -> tuple[str, ...]:
    """Fields that are empty or wrong; `languages`: those it is asked in. Empty, unknown and missing mean no."""
    asked = set(languages)
    good = {
        "id": NAME.fullmatch(said.id) is not None,
        "version": VERSION.fullmatch(said.version) is not None,
        "purpose": NAME.fullmatch(said.purpose) is not None,
        "agreed": set(said.agreed) == asked and all(map(_sentence, said.agreed.values())),
        "stop": set(said.stop) == asked and all(map(_sentence, said.stop.values())),
        "acts": bool(said.acts),
        "elements": bool(said.elements),
        "audience": bool(said.audience) and all(a.strip() for a in said.audience),
        "days": 0 < said.days <= LONGEST_DAYS,
        "code_days": 0 < said.code_days <= LONGEST_CODE_DAYS,
    }
    return tuple(name for name, right in good.items() if not right)


def _sentence(text: str) -> bool:
    """One line that can be read on one screen."""
    return bool(text.strip()) and len(text) <= LONGEST_SENTENCE and text.isprintable()
