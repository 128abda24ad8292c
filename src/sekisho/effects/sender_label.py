"""A mail gets a line that says whether its sender's domain stands behind it (Authentication-Results, RFC 8601), and nothing else happens.

`scope` of the permit: `action` ("label") and `when_down` ("pass"): a mail that cannot be labelled goes without a label. Mail of accounts
that signed in is not touched. The resolver of the settings is asked about the sender's domain, nobody else.

`label` is by the envelope, and no text is shown to us. `label-signed` says `text` ("hashed"): header and text are hashed and gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sekisho.effects.mail_stage import HOUR, PASS, Against, BadScope, Counts, when_down
from sekisho.gate.permit import Permit
from sekisho.law.words import Element, Value
from sekisho.wire.policy import Attributes

MEASURE, LABEL, SIGNED, HASHED = "mail-authentication", "label", "label-signed", "hashed"
MOMENT = "milter"
"""It is not asked at a moment of the conversation: the mail server shows it the mail (smtpd_milters)."""
ELEMENTS: Mapping[str, frozenset[Element]] = {
    LABEL: frozenset({Element.PARTY, Element.HEADER}),
    SIGNED: frozenset({Element.PARTY, Element.HEADER, Element.CONTENT}),
}
METHODS: Mapping[str, tuple[str, ...]] = {LABEL: ("spf",), SIGNED: ("dkim", "dmarc")}
"""What each step finds out."""


@dataclass(frozen=True)
class Labelling:
    """A permit read."""

    permit: str
    step: str
    until: datetime
    when_down: str = PASS
    moment: ClassVar[str] = MOMENT
    holds: ClassVar[bool] = False
    of_recipients: ClassVar[bool] = False
    part: ClassVar[int] = HOUR

    @property
    def methods(self) -> tuple[str, ...]:
        """What it finds out."""
        return METHODS[self.step]

    def who(self, _asked: Attributes) -> str:
        """Nobody is counted."""
        return ""

    def against(self, _asked: Attributes, _token: bytes, _at: int, _counts: Counts) -> Against | None:
        """It is never against a mail."""
        return None

    def unchecked(self) -> Against:
        """Never said: a mail that was not checked passes."""
        return Against("unlabelled")

    def first(self, at: int) -> int:
        """Nothing is counted by token."""
        return at // HOUR


@dataclass(frozen=True)
class LabelForm:
    """How a step becomes a stage."""

    step: str
    rows: ClassVar[str] = "labels"
    of_recipients: ClassVar[bool] = False

    @property
    def elements(self) -> frozenset[Element]:
        return ELEMENTS[self.step]

    def check(self, scope: Mapping[str, Value]) -> None:
        """Raises BadScope for anything but a label, and for a plan that would keep mail waiting for one."""
        if when_down(scope, PASS) != PASS:
            raise BadScope("scope.when_down", scope.get("when_down"))
        if scope.get("action") != LABEL:
            raise BadScope("scope.action", scope.get("action"))
        if self.step == SIGNED and scope.get("text") != HASHED:
            raise BadScope("scope.text", scope.get("text"))

    def compile(self, permit: Permit) -> Labelling:
        """Raises BadScope."""
        self.check(permit.scope)
        return Labelling(permit.id, permit.step.name, permit.until)
