"""What two people approve by day may be done by night: of one plan, these kinds of effects, so long, on these live triggers.

An envelope permits nothing by itself. When somebody uses it, the gate decides with the book of that second on evidence of that
minute; inside the envelope the signatures of the day stand in for those nobody can give at night. There is no override.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sekisho.gate.answers import Decision, Met
from sekisho.law.canonical import digest
from sekisho.law.words import Evidence, Kind, Plan, Value, VouchedBy

LIVE = timedelta(minutes=1)
"""How old the measurement of a trigger may be when an envelope is used."""

LONGEST_ENVELOPE = timedelta(days=31)
PEOPLE = 2


@dataclass(frozen=True)
class Envelope:
    """For one plan, whose scope is the largest that may be used. `kinds`: what sort of steps. `longest`: how long one use lasts.

    `triggers`: kinds of evidence a probe must have measured just now, and that the answer must stand on. `since` to `until`:
    when it may be used; it lapses alone.
    """

    plan: str
    kinds: frozenset[Kind]
    longest: timedelta
    triggers: frozenset[str]
    since: datetime
    until: datetime
    proposer: str


def shown_envelope(envelope: Envelope, shown_plan: str) -> str:
    """The digest an approver of an envelope signs: its words, and the plan with its papers and the book as shown."""
    return digest({"envelope": envelope, "shown": shown_plan})


def ill_made(envelope: Envelope) -> str:
    """What is wrong with the words themselves, as a code; empty for nothing."""
    if not envelope.kinds or not envelope.triggers or not envelope.plan or not envelope.proposer:
        return "envelope-empty"
    if not timedelta(0) < envelope.longest <= timedelta(days=1):
        return "envelope-too-long"
    return "" if timedelta(0) < envelope.until - envelope.since <= LONGEST_ENVELOPE else "envelope-too-long"


def outside(envelope: Envelope, plan: Plan, decision: Decision, now: datetime) -> str:
    """Why this use lies outside, as a code; empty if it is inside. `plan`: as it stands this second, in the narrowed scope."""
    if ill_made(envelope):
        return ill_made(envelope)
    if not envelope.since <= now < envelope.until:
        return "envelope-lapsed"
    if decision.step.kind not in envelope.kinds:
        return "outside-the-envelope"
    live = {e.kind for e in _deciding(plan, decision) if e.voucher.by is VouchedBy.PROBE and now - LIVE <= e.at <= now}
    return "" if envelope.triggers <= live else "no-live-trigger"


def size(scope: Value) -> int:
    """How much a scope names: the narrowest of several is the one that names least."""
    if isinstance(scope, Mapping):
        return sum(size(v) for v in scope.values())
    return sum(size(v) for v in scope) if isinstance(scope, tuple) else 1


def _deciding(plan: Plan, decision: Decision) -> list[Evidence]:
    """The evidence that the answer stands on."""
    stood = {a.stands_on for a in decision.axes}
    answers = (c.answer for a in decision.axes for t in a.tried if t.case in stood for c in t.checked)
    used = {d for answer in answers if isinstance(answer, Met) for d in answer.evidence}
    return [e for e in plan.evidence if digest(e) in used]
