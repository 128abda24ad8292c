"""The only place where a permit is signed. `gate.decide` alone imports it, and an import contract says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sekisho.gate.answers import Decision, Met, Outcome
from sekisho.gate.people import Approval, Person, alone
from sekisho.gate.permit import PERMIT_CONTEXT, Permit, SignedPermit
from sekisho.law.canonical import canonical, digest, plain
from sekisho.law.words import Plan, Role, Value

REVIEWERS = frozenset({Role.REVIEWER, Role.OUTSIDE_REVIEWER, Role.OFFICER})


class CannotMint(Exception):
    """No permit. `code` says why: clock, day-to-come, step-not-in-plan, token-not-in-plan,
    not-as-shown, answer-changed, refused, over, signatures, confirmation, another-permit, nothing-to-carry-on.
    """

    def __init__(self, code: str, **detail: object) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class Minting:
    """A plan as it stands today, what approvals call it, the digest they sign, the answer made just now, and the part of the scope
    this permit is for. `conflicted`: who declared a conflict of interest. `carries_on`: the permit whose end this one moves.
    `latest`: its end at most. `envelope`: what was approved instead of the plan, `approved_as` id and digest, by `least` so many.
    """

    plan: Plan
    plan_id: str
    shown: str
    decision: Decision
    scope: Mapping[str, Value]
    conflicted: frozenset[str] = frozenset()
    carries_on: Permit | None = None
    latest: datetime | None = None
    envelope: str = ""
    approved_as: tuple[str, str] | None = None
    least: int = 0


def make(
    words: Minting, approvals: Sequence[Approval], people: Mapping[str, Person], signer: Ed25519PrivateKey, now: datetime
) -> SignedPermit:
    """Sign the permit for one step. Raises CannotMint."""
    decision, plan = words.decision, words.plan
    if decision.outcome not in (Outcome.PERMITTED, Outcome.OUT) or not decision.axes:
        raise CannotMint("refused", outcome=decision.outcome.value)
    if decision.ends <= now:
        raise CannotMint("over", ends=decision.ends)
    _officers(words, people)
    signed_by, one_person = _signatures(words, approvals, people, now)
    old, until = words.carries_on, min(decision.ends, words.latest or decision.ends)
    if old is not None:
        _must_carry_on(words, old, until, now)
    permit = Permit(
        id=old.id if old else f"permit-{digest([words.shown, decision.step, words.scope, now, signed_by])[:16]}",
        plan=words.plan_id,
        measure=plan.measure,
        step=decision.step,
        scope=words.scope,
        cases=decision.cases,
        book=decision.book,
        since=old.since if old else now,
        until=until,
        duties=decision.duties,
        signed_by=signed_by,
        one_person=one_person,
        out_of_scope=decision.outcome is Outcome.OUT,
        envelope=words.envelope,
    )
    body = canonical(permit)
    return SignedPermit(body, signer.sign(PERMIT_CONTEXT + body))


def _must_carry_on(words: Minting, old: Permit, until: datetime, now: datetime) -> None:
    """A permit is carried on while it lives, for the same step and scope of the same plan, to a later end. Raises CannotMint."""
    same = (old.plan, old.measure, old.step, plain(old.scope)) == (
        words.plan_id,
        words.plan.measure,
        words.decision.step,
        plain(words.scope),
    )
    if not same:
        raise CannotMint("another-permit", permit=old.id)
    if not old.since <= now < old.until < until:
        raise CannotMint("nothing-to-carry-on", permit=old.id)


def _officers(words: Minting, people: Mapping[str, Person]) -> None:
    """Who confirmed a case this answer stands on is a legal officer; they neither proposed nor have an interest, unless alone."""
    stood = {t.confirmed_by for a in words.decision.axes for t in a.tried if t.case == a.stands_on and not t.certainty.decides_alone}
    for name in stood:
        person = people.get(name or "")
        if person is None or person.id != name or Role.OFFICER not in person.roles:
            raise CannotMint("confirmation", person=name)
        if name in (words.plan.proposer, *words.conflicted) and not alone(people):
            raise CannotMint("confirmation", person=name)


def vouched_for(plan: Plan, decision: Decision) -> frozenset[str]:
    """Who answers for the evidence that the decision stands on: the people who cannot also be its needed signatures."""
    stood = {a.stands_on for a in decision.axes}
    checked = (c.answer for a in decision.axes for t in a.tried if t.case in stood for c in t.checked)
    deciding = {d for answer in checked if isinstance(answer, Met) for d in answer.evidence}
    return frozenset(e.voucher.answers for e in plan.evidence if digest(e) in deciding) - {""}


def _signatures(words: Minting, approvals: Sequence[Approval], people: Mapping[str, Person], now: datetime) -> tuple[tuple[str, ...], bool]:
    """Who approved exactly this, and whether one person stands behind it all. Raises CannotMint if they are too few."""
    needed = max(words.decision.signatures, words.least)
    signed_for = words.approved_as or (words.plan_id, words.shown)
    exact = {a.person for a in approvals if (a.plan, a.shown) == signed_for and a.at <= now}
    good = {name for name in exact if name in people and people[name].id == name and people[name].roles & REVIEWERS}
    good = {name for name in good if people[name].only_plan in ("", words.plan_id)}
    single = alone(people)
    if not single:
        good -= {words.plan.proposer, *words.conflicted, *vouched_for(words.plan, words.decision)}
    enough = len(good) >= (min(needed, 1) if single else needed)
    if not enough:
        raise CannotMint("signatures", needed=needed, given=len(good))
    one_person = single and (0 < len(good) < needed or words.plan.proposer in good)
    return tuple(sorted(good)), one_person
