"""How a case gets its permit: its plan is drawn up from what the case knows, people sign it, the gate mints. Nothing goes out without.

The plan names the case, and how many moves it had: once the case moves on, nobody can approve it any more. What people wrote stays
sealed in the case; the plan's evidence holds a keyed digest of it, so that a decision is replayed even when the file is gone.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sekisho.desk import matters, permits, plans, records
from sekisho.desk.case_words import CaseMove
from sekisho.desk.draft import CASE
from sekisho.desk.matters import BY_KEEP, OUTSIDE, Made, Matter
from sekisho.desk.world import No, World
from sekisho.gate.decide import shown, vouched_for
from sekisho.gate.people import Approval, Signature, Withdrawal, alone
from sekisho.gate.permit import Permit
from sekisho.gate.render import decision_json
from sekisho.law.canonical import canonical, digest, plain
from sekisho.law.items import chosen
from sekisho.law.procedures import Asks, Grounds, Move, Proof
from sekisho.law.words import Evidence, Plan, Role, Step, Value, VouchedBy, Voucher

TERM = timedelta(days=31)
"""So long after it was proposed the plan ends; the case book may end its permits sooner."""
WRITTEN = frozenset({"str", "text"})
ITEMS = ("items", "login_items", "line_items")
"""The words of a scope that list items of sender information."""
Json = dict[str, Any]


@dataclass(frozen=True)
class Granted:
    """The permit; empty while so many signatures are missing."""

    permit: str
    missing: int = 0


def draw_up(world: World, matter: Matter, now: datetime) -> None:
    """Enter the plan of every move that could be made now and needs grounds, with the evidence the case has; the gate's answer is noted."""
    for move in matter.procedure.out_of(matter.standing.state):
        if move.grounds is not None:
            _drawn(world, matter, move.grounds, now)


def grant(world: World, matter: Matter, move: Move, signed: tuple[CaseMove, Signature], now: datetime) -> Granted:
    """One person approves the plan exactly as shown; with the last signature it has its permit.

    Raises No: plan-changed-since-shown, no-ground (with what is missing), voucher-never-approves, already-approved.
    """
    assert move.grounds is not None  # noqa: S101 - said to the type checker; the caller looked
    said, identity = signed[0], _drawn(world, matter, move.grounds, now)
    if said.shown != shown(plans.as_approved(world, identity), world.book):
        raise No("plan-changed-since-shown", plan=identity)
    stands = plans.today(world, plans.load(world, identity), now)
    (found,) = plans.decisions(world, stands, now)
    if found.outcome not in plans.PASSES:
        told = decision_json(found, world.book)
        raise No("no-ground", measure=stands.measure, step=found.step.name, outcome=told["outcome"], missing=told["missing"])
    if said.by in vouched_for(stands, found) and not alone(world.people()):
        raise No("voucher-never-approves", person=said.by)
    if (known := _permit_of(world, identity)) is not None:
        return Granted(permits.must_live(world, known, now).id)
    words = {"statement": said, "signature": signed[1]}
    minted = plans.approve(world, Approval(identity, said.shown, said.by, now), words, now)
    return Granted(minted[0]) if minted else Granted("", max(1, found.signatures - len(_given(world, identity))))


def asked(world: World, matter: Matter, asks: Asks, permit: str, now: datetime) -> None:
    """The gate has permitted the step the table asks for, in this very case, and the permit lives. Raises No."""
    needed = {"measure": asks.measure, "step": asks.step, "case": matter.number}
    if not permit:
        raise No("permit-missing", **needed)
    living = permits.must_live(world, permit, now)
    if (living.measure, living.step.name) != (asks.measure, asks.step):
        raise No("another-step", permit=permit, **needed)
    if not _of_this_case(living, matter):
        raise No("permit-of-another-case", permit=permit, **needed)


def still_permitted(world: World, matter: Matter, move: Move, facts: Mapping[str, Value], now: datetime) -> str:
    """The permit under which a move lets something out: the case's last, living, the gate's own, and no wider than it says.

    Raises No: no-permit-left, withdrawn, ended, forged-permit, permit-of-another-case, wider-than-the-permit.
    """
    identity = under(matter, move)
    if not identity:
        raise No("no-permit-left", move=move.id)
    permit = permits.genuine(world, identity, now)
    if not _of_this_case(permit, matter):
        raise No("permit-of-another-case", permit=identity, measure=permit.measure, step=permit.step.name, case=matter.number)
    listed = {v for word in ITEMS for v in chosen(permit.scope.get(word))}
    told = [(matter.procedure.fact(name), chosen(value)) for name, value in facts.items()]
    values = {c for fact, names in told if fact.type == "items" and (not listed or listed & fact.choices.keys()) for c in names}
    if not values <= listed:
        raise No("wider-than-the-permit", permit=identity, items=sorted(values - listed))
    return identity


def under(matter: Matter, move: Move) -> str:
    """The permit that the last of the moves this one stands under was made with; empty for none."""
    return next((m.permit for m in reversed(matter.made) if m.event.move in move.under), "")


def stopped(world: World, matter: Matter, permit: str) -> str:
    """Why a letter drafted under this permit is not to be had any more: withdrawn; or ended, while the case is open. Empty if it may."""
    if not permit:
        return ""
    try:
        permits.must_live(world, permit, world.clock.now())
    except No as no:
        return "" if no.code == "ended" and matter.final else no.code
    return ""


def others_than(world: World, matter: Matter, move: Move) -> frozenset[str]:
    """Who may not make this move: whoever made one it stands apart from, or signed for that one's permit."""
    found = set(matters.others_than(matter.made, move))
    for made in (m for m in matter.made if m.permit and m.event.move in move.apart):
        row = records.one(world.db, records.PERMITS, id=made.permit)
        found |= set(permits.of(row).signed_by) if row else set()
    return frozenset(found)


def withdraw_all(world: World, matter: Matter, signed: tuple[CaseMove, Signature], now: datetime) -> None:
    """Every permit this case was moved with so far ends now, by the hand of who moves it back."""
    for identity in dict.fromkeys(m.permit for m in matter.made if m.permit):
        row = records.one(world.db, records.PERMITS, id=identity)
        if row is not None and permits.state(row, now) == "in-force":
            words = Withdrawal(identity, signed[0].by, "over", now)
            permits.withdraw(world, identity, canonical({"withdrawal": words, "move": signed[0], "signature": signed[1]}))


def pending(world: World, matter: Matter, move: Move, now: datetime) -> Json | None:
    """The plan of a move that needs grounds, as it stands: what to sign, who signed, what the gate answers. None for any other move."""
    if move.grounds is None or world.book.step(move.grounds.measure, move.grounds.step) is None:
        return None
    plan = _plan(world, matter, move.grounds)
    identity, fresh = digest(plan)[:16], _proofs(world, matter, move.grounds)
    known = plans.load(world, identity).evidence if records.one(world.db, records.PLANS, id=identity) else ()
    stands = replace(plan, evidence=tuple(sorted({digest(e): e for e in (*known, *fresh)}.values(), key=digest)))
    (found,) = plans.decisions(world, plans.today(world, stands, now), now)
    approved = shown(stands, world.book)
    given = [matters.named(world, a.person) for a in plans.approvals(world, identity) if a.shown == approved]
    return {"id": identity, "shown": approved, "needed": found.signatures, "given": given, **decision_json(found, world.book)}


def granted(world: World, matter: Matter, now: datetime) -> list[Json]:
    """Every permit this case was moved with, oldest first."""
    found = []
    for identity in dict.fromkeys(m.permit for m in matter.made if m.permit):
        row = records.one(world.db, records.PERMITS, id=identity)
        if row is None:
            continue
        permit = permits.of(row)
        told = {"id": identity, "plan": permit.plan, "measure": permit.measure, "step": permit.step.name, "entry": row["entry"]}
        about = world.book.about.get(permit.measure)
        told["says"] = plain(about.steps.get(permit.step.name)) if about else None
        told |= {"state": permits.state(row, now), "since": permit.since, "until": permit.until, "scope": permit.scope}
        told["one_person"] = permit.one_person
        found.append({**told, "cases": permit.cases, "signed_by": [matters.named(world, p) for p in permit.signed_by]})
    return found


def _drawn(world: World, matter: Matter, grounds: Grounds, now: datetime) -> str:
    plan, evidence = _plan(world, matter, grounds), _proofs(world, matter, grounds)
    identity = digest(plan)[:16]
    if records.one(world.db, records.PLANS, id=identity) is None:
        plans.enter(world, plan, evidence, now)
    else:
        for piece in evidence:
            plans.lay_in(world, identity, piece, now)
    plans.mint_what_may_be(world, identity)
    return identity


def _step(world: World, grounds: Grounds) -> Step:
    step = world.book.step(grounds.measure, grounds.step)
    if step is None:
        raise No("unknown-step", step=grounds.step)
    return step


def _plan(world: World, matter: Matter, grounds: Grounds) -> Plan:
    """`keep` proposes; who made the moves before vouches for what they recorded. The same case as it stands gives the same plan."""
    operator, step, facts = world.settings.operator, _step(world, grounds), matter.standing.facts
    words = {k: _said(matter, v) for k, v in (*grounds.scope.items(), *((k, v) for k, v in grounds.may.items() if v in facts))}
    last = matter.made[-1].event.day
    return Plan(
        measure=grounds.measure,
        actor=operator.name,
        proposer=BY_KEEP,
        regime=operator.regime,
        steps=(step,),
        day=last,
        until=world.book.begins(last + TERM),
        scope={"purposes": (step.purpose,), CASE: matter.id, matters.AFTER: len(matter.made), **words},
    )


def _proofs(world: World, matter: Matter, grounds: Grounds) -> list[Evidence]:
    step = _step(world, grounds)
    return [e for proof in grounds.evidence for e in _evidence(world, matter, proof, step)]


def _evidence(world: World, matter: Matter, proof: Proof, step: Step) -> list[Evidence]:
    """The piece of evidence, or none where nobody in the right role answers for it."""
    kind = world.book.kinds[proof.kind]
    value = {name: _sealed(world, matter, said) for name, said in proof.fields.items()}
    told = [m for m in matter.made if set(m.event.facts) & {v for v in proof.fields.values() if isinstance(v, str)}]
    if VouchedBy.DOCUMENT in kind.vouchers:
        papers = [p for name in proof.papers for p in matters.papers(world, matter.id) if p["paper"] == name]
        for paper in papers:
            who = _read_by(world, told, kind.roles) if paper["by"].startswith(OUTSIDE) else paper["by"]
            if role := _role(world, who, kind.roles):
                voucher = Voucher(VouchedBy.DOCUMENT, paper["digest"], role, who)
                told_by_it = {proof.its_digest: paper["digest"]} if proof.its_digest else {}
                return [Evidence(proof.kind, value | told_by_it, step.purpose, voucher, datetime.fromisoformat(paper["at"]))]
        return []
    if not told or (role := _role(world, told[-1].by, kind.roles)) is None:
        return []
    return [Evidence(proof.kind, value, step.purpose, Voucher(VouchedBy.STATEMENT, told[-1].by, role), told[-1].at)]


def _read_by(world: World, told: Sequence[Made], roles: frozenset[Role]) -> str:
    """Who answers for a paper that came from outside, by a door or an answer's code: the last in the right role who signed its facts."""
    return next((m.by for m in reversed(told) if _role(world, m.by, roles)), "")


def _role(world: World, person: str, roles: frozenset[Role]) -> Role | None:
    known = world.people().get(person)
    return next((role for role in sorted(roles) if known is not None and role in known.roles), None)


def _said(matter: Matter, said: Any) -> Value:
    """A yes or no stands for itself; a name for the fact: the names of what was chosen in it, several lines one by one."""
    if isinstance(said, bool):
        return said
    found = matter.standing.facts.get(str(said))
    if isinstance(found, str) and matter.procedure.fact(str(said)).type == "text":
        return tuple(line.strip() for line in found.splitlines() if line.strip())
    return chosen(found) if isinstance(found, tuple) else found


def _sealed(world: World, matter: Matter, said: Any) -> Value:
    """The same for evidence, where what somebody wrote is named, and stays where it lies sealed."""
    value = matter.standing.facts.get(said) if isinstance(said, str) else None
    if not isinstance(value, str) or matter.procedure.fact(said).type not in WRITTEN:
        return _said(matter, said)
    words = canonical({"matter": matter.id, "fact": said, "value": value})
    return f"{matter.id}/{said}/{hmac.new(world.pseudonyms, words, hashlib.sha256).hexdigest()[:32]}"


def _given(world: World, identity: str) -> list[Approval]:
    wanted = shown(plans.as_approved(world, identity), world.book)
    return [a for a in plans.approvals(world, identity) if a.shown == wanted]


def _permit_of(world: World, identity: str) -> str | None:
    row = records.one(world.db, records.PERMITS, plan=identity)
    return str(row["id"]) if row else None


def _of_this_case(permit: Permit, matter: Matter) -> bool:
    return permit.scope.get(CASE) in (matter.id, matter.number)
