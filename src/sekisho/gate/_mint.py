"""The only place where a permit is signed. `gate.decide` alone imports it, and an import contract says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sekisho.gate.answers import Decision, Outcome
from sekisho.gate.people import Approval, Person, alone
from sekisho.gate.permit import PERMIT_CONTEXT, Permit, SignedPermit
from sekisho.law.canonical import canonical, digest
from sekisho.law.words import Plan, Role, Value

REVIEWERS = frozenset({Role.REVIEWER, Role.OUTSIDE_REVIEWER, Role.OFFICER})


class CannotMint(Exception):
    """No permit. `code` says why: clock, day-to-come, step-not-in-plan, token-not-in-plan,
    answer-changed, refused, over, signatures, confirmation.
    """

    def __init__(self, code: str, **detail: object) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class Minting:
    """A plan, what approvals call it, the digest they sign, the answer made just now, and the part of the scope this permit is for."""

    plan: Plan
    plan_id: str
    shown: str
    decision: Decision
    scope: Mapping[str, Value]


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
    permit = Permit(
        id=f"permit-{digest([words.shown, decision.step, words.scope, now, signed_by])[:16]}",
        plan=words.plan_id,
        measure=plan.measure,
        step=decision.step,
        scope=words.scope,
        cases=decision.cases,
        book=decision.book,
        since=now,
        until=decision.ends,
        duties=decision.duties,
        signed_by=signed_by,
        one_person=one_person,
        out_of_scope=decision.outcome is Outcome.OUT,
    )
    body = canonical(permit)
    return SignedPermit(body, signer.sign(PERMIT_CONTEXT + body))


def _officers(words: Minting, people: Mapping[str, Person]) -> None:
    """Who confirmed a case this answer stands on is a legal officer, and proposed nothing unless there is nobody else."""
    stood = {t.confirmed_by for a in words.decision.axes for t in a.tried if t.case == a.stands_on and not t.certainty.decides_alone}
    for name in stood:
        person = people.get(name or "")
        if person is None or person.id != name or Role.OFFICER not in person.roles:
            raise CannotMint("confirmation", person=name)
        if name == words.plan.proposer and not alone(people):
            raise CannotMint("confirmation", person=name)


def _signatures(words: Minting, approvals: Sequence[Approval], people: Mapping[str, Person], now: datetime) -> tuple[tuple[str, ...], bool]:
    """Who approved exactly this, and whether one person stands behind it all. Raises CannotMint if they are too few."""
    needed = words.decision.signatures
    exact = {a.person for a in approvals if a.shown == words.shown and a.plan == words.plan_id and a.at <= now}
    good = {name for name in exact if name in people and people[name].id == name and people[name].roles & REVIEWERS}
    single = alone(people)
    if not single:
        good.discard(words.plan.proposer)
    enough = len(good) >= (min(needed, 1) if single else needed)
    if not enough:
        raise CannotMint("signatures", needed=needed, given=len(good))
    one_person = single and (0 < len(good) < needed or words.plan.proposer in good)
    return tuple(sorted(good)), one_person
