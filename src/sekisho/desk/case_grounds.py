"""Whether the case book finds a lawful ground for a step from what a case itself knows: its facts, its papers, and who answers for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sekisho.desk import matters, plans
from sekisho.desk.case_words import CaseMove
from sekisho.desk.matters import Matter
from sekisho.desk.world import No, World
from sekisho.gate.answers import Decision, Outcome
from sekisho.gate.decide import decide
from sekisho.gate.render import decision_json
from sekisho.law.items import chosen
from sekisho.law.procedures import Grounds, Proof
from sekisho.law.words import Evidence, Plan, Role, Step, Value, VouchedBy, Voucher

TERM = timedelta(days=14)
"""What is permitted by a case is done soon or asked again."""


def must_stand(world: World, matter: Matter, grounds: Grounds, said: CaseMove, now: datetime) -> Decision:
    """The gate's decision, with its whole tree. Raises No("no-ground") with what is missing where it is anything but a yes."""
    step = world.book.step(grounds.measure, grounds.step)
    if step is None:
        raise No("unknown-step", step=grounds.step)
    (found,) = decide(_plan(world, matter, grounds, step, said, now), world.book, now, plans.confirmations(world))
    if found.outcome is not Outcome.PERMITTED:
        told = decision_json(found, world.book)
        raise No("no-ground", measure=grounds.measure, step=grounds.step, outcome=told["outcome"], missing=told["missing"])
    return found


def _plan(world: World, matter: Matter, grounds: Grounds, step: Step, said: CaseMove, now: datetime) -> Plan:
    """Who makes the move proposes; who made the moves before it vouches for what they recorded."""
    operator, known = world.settings.operator, {**matter.standing.facts, **said.facts}
    return Plan(
        measure=grounds.measure,
        actor=operator.name,
        proposer=said.by,
        regime=operator.regime,
        steps=(step,),
        day=world.book.day(now),
        until=now + TERM,
        scope={"purposes": (step.purpose,), **{k: _value(known, v) for k, v in grounds.scope.items()}},
        evidence=tuple(e for proof in grounds.evidence for e in _evidence(world, matter, proof, step, known)),
    )


def _evidence(world: World, matter: Matter, proof: Proof, step: Step, known: Mapping[str, Value]) -> list[Evidence]:
    """The piece of evidence, or none where nobody in the right role answers for it."""
    kind = world.book.kinds[proof.kind]
    value = {name: _value(known, said) for name, said in proof.fields.items()}
    if VouchedBy.DOCUMENT in kind.vouchers:
        papers = [p for name in proof.papers for p in matters.papers(world, matter.id) if p["paper"] == name]
        for paper in papers:
            if role := _role(world, paper["by"], kind.roles):
                voucher = Voucher(VouchedBy.DOCUMENT, paper["digest"], role, paper["by"])
                return [Evidence(proof.kind, value, step.purpose, voucher, datetime.fromisoformat(paper["at"]))]
        return []
    told = [m for m in matter.made if set(m.event.facts) & {v for v in proof.fields.values() if isinstance(v, str)}]
    if not told or (role := _role(world, told[-1].by, kind.roles)) is None:
        return []
    return [Evidence(proof.kind, value, step.purpose, Voucher(VouchedBy.STATEMENT, told[-1].by, role), told[-1].at)]


def _role(world: World, person: str, roles: frozenset[Role]) -> Role | None:
    known = world.people().get(person)
    return next((role for role in sorted(roles) if known is not None and role in known.roles), None)


def _value(known: Mapping[str, Value], said: Any) -> Value:
    """A yes or no stands for itself; a name for the fact, and for the names of what was chosen in it."""
    if isinstance(said, bool):
        return said
    found = known.get(str(said))
    return chosen(found) if isinstance(found, tuple) else found
