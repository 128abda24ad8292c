"""What may change between a plan as people approved it and the plan as it stands today, without asking them again.

Two things only: what our own probes measured is measured afresh, and a paper may be renewed by a newer one of the same kind,
for the same purpose, vouched for in the same way and role; that carries a permit on, and makes none. Anything else is
another plan, and needs its signatures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sekisho.law.words import Evidence, Plan, VouchedBy


def approved(plan: Plan) -> Plan:
    """The part of a plan that people approve: without what probes measure, which is measured again at every turn."""
    return replace(plan, evidence=tuple(e for e in plan.evidence if e.voucher.by is not VouchedBy.PROBE))


def renews(new: Evidence, old: Evidence) -> bool:
    """Whether a paper only takes the place of an older one."""
    same = (new.kind, new.purpose, new.voucher.by, new.voucher.role) == (old.kind, old.purpose, old.voucher.by, old.voucher.role)
    return same and new.voucher.by is not VouchedBy.PROBE and new.at > old.at


def stands_as_approved(evidence: Sequence[Evidence], plan: Plan, *, renewed: bool = True) -> bool:
    """Whether every piece people vouch for is the plan's own, with a nearer end at most, or (`renewed`) renews one of the plan's."""
    own = [e for e in plan.evidence if e.voucher.by is not VouchedBy.PROBE]
    papers = (e for e in evidence if e.voucher.by is not VouchedBy.PROBE)
    return all(any(_ends_sooner(e, o) or (renewed and renews(e, o)) for o in own) for e in papers)


def _ends_sooner(piece: Evidence, own: Evidence) -> bool:
    """The same piece, held to an end that lies no later than its own."""
    later = piece.until is None if own.until is not None else False
    if own.until is not None and piece.until is not None:
        later = piece.until > own.until
    return not later and replace(piece, until=own.until) == own
