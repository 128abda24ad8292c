"""What stages have in common that count what accounts sent and from which network, and hold those that a test finds. Only tokens are kept.

A token: ACCOUNT octets of the account, NETWORK of its network, DAY the day it was opened and PLAN of its plan. Which accounts the test
finds is worked out beside the answering; here it is obeyed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Self

from sekisho.effects.mail_stage import END_OF_MESSAGE, PASS, Against, Counts, network_of, when_down, whole
from sekisho.gate.permit import Permit
from sekisho.law.words import Element, Value
from sekisho.wire.policy import Attributes

NAME, CLIENT = "sasl_username", "client_address"
READS: Mapping[str, Element] = {NAME: Element.PARTY, CLIENT: Element.PARTY}
"""Every attribute that is looked at, and what it is in the law's words."""
ELEMENTS = frozenset({*READS.values(), Element.COUNT, Element.DATETIME})
ACCOUNT, NETWORK, DAY, PLAN = 16, 8, 4, 4
"""Octets of a token's parts, in this order."""
PREFIX = 48
"""Of version 6, whose networks are larger at home than of one sender."""
COUNT, HOLD = "count", "hold"


@dataclass(frozen=True)
class AccountStage(ABC):
    """A permit read; the numbers of its scope follow. `named`: the account parts of tokens that the test finds just now."""

    permit: str
    step: str
    until: datetime
    when_down: str
    named: frozenset[bytes] = field(default=frozenset(), kw_only=True)
    moment: ClassVar[str] = END_OF_MESSAGE
    of_recipients: ClassVar[bool] = False
    bounds: ClassVar[Mapping[str, tuple[int, int]]]
    """Every number of the scope, the least it may be and the most."""
    parts: ClassVar[int]
    """So many parts are kept."""

    @classmethod
    def of(cls, permit: Permit) -> Self:
        """Raises BadScope."""
        return cls(permit.id, permit.step.name, permit.until, **cls.read(permit.scope, permit.step.name))

    @classmethod
    def read(cls, scope: Mapping[str, Value], step: str) -> dict[str, Any]:
        """The numbers, and `when_down`, which counting need not say. Raises BadScope for what is missing or beyond its bounds."""
        numbers = {word: whole(scope, word, 0, most, least=least) for word, (least, most) in cls.bounds.items()}
        return {**numbers, "when_down": when_down(scope, PASS if step == COUNT else "")}

    @property
    @abstractmethod
    def part(self) -> int:
        """Seconds of one part."""

    @abstractmethod
    def why(self, token: bytes, at: int, counts: Counts) -> Against | None:
        """What is said to an account that the test finds. None: it may go all the same."""

    @property
    def holds(self) -> bool:
        """Owners are told of what was held, not of what was counted."""
        return self.step == HOLD

    def first(self, at: int) -> int:
        """The oldest part that still counts."""
        return at // self.part - self.parts + 1

    def who(self, asked: Attributes) -> str:
        """The account that signed in; empty for mail of nobody who did."""
        return asked.get(NAME, "")

    def network(self, asked: Attributes) -> str:
        """The /24 or /48 it came from; empty for what is no address."""
        return network_of(asked.get(CLIENT, ""), PREFIX)

    def against(self, _asked: Attributes, token: bytes, at: int, counts: Counts) -> Against | None:
        """What is held is not counted: who waits gets out of it."""
        if self.holds and token[:ACCOUNT] in self.named and (why := self.why(token, at, counts)) is not None:
            return why
        counts.add(self.permit, token, at // self.part, 0)
        return None

    def unchecked(self) -> Against:
        """Said to accounts alone."""
        return Against("unchecked")


@dataclass(frozen=True)
class AccountForm:
    """How a step of such a measure becomes its stage."""

    step: str
    stage: type[AccountStage]
    elements: ClassVar[frozenset[Element]] = ELEMENTS
    rows: ClassVar[str] = "counts-by-account"
    of_recipients: ClassVar[bool] = False

    def check(self, scope: Mapping[str, Value]) -> None:
        """Raises BadScope."""
        self.stage.read(scope, self.step)

    def compile(self, permit: Permit) -> AccountStage:
        """Raises BadScope."""
        return self.stage.of(permit)
