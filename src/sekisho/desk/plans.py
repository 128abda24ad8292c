"""Plans as `keep` knows them: put together with their evidence, decided, and minted when nothing is missing any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, update

from sekisho.desk import permits, records
from sekisho.desk.clock import TOLERANCE, ClockJumped
from sekisho.desk.world import No, World
from sekisho.gate.answers import Decision, Outcome
from sekisho.gate.decide import CannotMint, decide, mint, shown
from sekisho.gate.people import Approval, Confirmation
from sekisho.law.canonical import canonical, digest
from sekisho.law.reading import read
from sekisho.law.words import Evidence, Plan, Step, Value
from sekisho.ledger.entry import EntryType
from sekisho.measures.registry import EVERY

PASSES = (Outcome.PERMITTED, Outcome.OUT)
WRITTEN = {Outcome.REFUSED: EntryType.REFUSED, Outcome.REFERRED: EntryType.REFERRED}


def load(world: World, identity: str) -> Plan:
    """The plan with all evidence laid in so far. Raises No("unknown-plan")."""
    row = records.one(world.db, records.PLANS, id=identity)
    if row is None:
        raise No("unknown-plan", plan=identity)
    evidence = sorted(
        (read(Evidence, records.body(r)["evidence"]) for r in records.rows(world.db, records.EVIDENCE, plan=identity)), key=digest
    )
    return replace(read(Plan, records.body(row)), evidence=tuple(evidence))


def enter(world: World, plan: Plan, evidence: Iterable[Evidence], now: datetime) -> str:
    """Write a new plan down with what is known about it already; its id. Raises No("known-plan")."""
    identity = digest(plan)[:16]
    if records.one(world.db, records.PLANS, id=identity):
        raise No("known-plan", plan=identity)
    body = canonical(plan)
    records.add(world.db, records.PLANS, body, now, id=identity, measure=plan.measure, proposer=plan.proposer)
    world.write(EntryType.PLAN, body, ids={"plan": identity}, at=now, table=records.PLANS, key={"id": identity})
    for piece in evidence:
        lay_in(world, identity, piece, now)
    return identity


def lay_in(world: World, plan: str, evidence: Evidence, now: datetime) -> str:
    """Write evidence down for a plan; the same piece twice is one piece."""
    identity = digest(evidence)
    key = {"id": identity, "plan": plan}
    if records.one(world.db, records.EVIDENCE, **key) is None:
        body = canonical({"plan": plan, "evidence": evidence})
        records.add(world.db, records.EVIDENCE, body, now, **key)
        world.write(EntryType.EVIDENCE, body, ids={"plan": plan, "evidence": identity}, at=now, table=records.EVIDENCE, key=key)
    return identity


def confirmations(world: World) -> list[Confirmation]:
    """Those that nobody took back."""
    gone = {r["confirmation"] for r in records.rows(world.db, records.UNCONFIRMED)}
    given = (r for r in records.rows(world.db, records.CONFIRMATIONS) if r["id"] not in gone)
    return [read(Confirmation, records.body(r)["confirmation"]) for r in given]


def approvals(world: World, plan: str) -> list[Approval]:
    return [read(Approval, records.body(r)["approval"]) for r in records.rows(world.db, records.APPROVALS, plan=plan)]


def forget_approval(world: World, key: dict[str, str], now_shown: str) -> None:
    """A person approves a plan once as it is shown; an approval of what was shown earlier makes room. Raises No("already-approved")."""
    table = records.APPROVALS
    row = records.one(world.db, table, **key)
    if row is None:
        return
    if row["shown"] == now_shown:
        raise No("already-approved", **key)
    world.db.execute(delete(table).where(*(table.c[k] == v for k, v in key.items())))


def decisions(world: World, plan: Plan, now: datetime) -> tuple[Decision, ...]:
    return decide(plan, world.book, now, confirmations(world))


def waiting(world: World) -> list[str]:
    """Plans that still have a step without a permit."""
    minted: dict[str, set[str]] = {}
    for row in records.rows(world.db, records.PERMITS):
        minted.setdefault(row["plan"], set()).add(row["step"])
    return [
        r["id"] for r in records.rows(world.db, records.PLANS) if {s["name"] for s in records.body(r)["steps"]} - minted.get(r["id"], set())
    ]


def mint_what_may_be(world: World, identity: str) -> tuple[str, ...]:
    """Permits for every step that passes and has its signatures, one for each token the plan is about."""
    try:
        now = world.clock.sure()
    except ClockJumped as why:
        raise No("clock-jumped", seconds=int(why.by.total_seconds())) from why
    plan = load(world, identity)
    done = {r["step"] for r in records.rows(world.db, records.PERMITS, plan=identity)}
    answer = decisions(world, plan, now)
    _note(world, identity, answer, now)
    fresh = [d for d in answer if d.outcome in PASSES and d.step.name not in done]
    given = [a for a in approvals(world, identity) if a.shown == shown(plan, world.book)]
    minted: list[str] = []
    for decision in fresh:
        minted += _mint(world, identity, plan, decision, given, now)
    return tuple(minted)


def _note(world: World, identity: str, answer: Sequence[Decision], now: datetime) -> None:
    """A no, or a question to a person, is written down when the gate's answer becomes one; not again while it stays."""
    outcomes = {d.outcome for d in answer}
    worst = next((o for o in (Outcome.REFUSED, Outcome.REFERRED) if o in outcomes), Outcome.PERMITTED)
    row = records.one(world.db, records.PLANS, id=identity) or {}
    if row.get("outcome") == worst.value:
        return
    world.db.execute(update(records.PLANS).where(records.PLANS.c.id == identity).values(outcome=worst.value))
    if kind := WRITTEN.get(worst):
        said = [{"step": d.step.name, "outcome": d.outcome, "missing": d.missing} for d in answer]
        world.write(kind, canonical({"plan": identity, "book": world.book.digest, "answer": said}), ids={"plan": identity}, at=now)


def _mint(world: World, identity: str, plan: Plan, decision: Decision, given: Sequence[Approval], now: datetime) -> list[str]:
    tokens = plan.scope.get("tokens")
    minted = []
    for token in tokens if isinstance(tokens, tuple) else (None,):
        try:
            made = mint(
                plan,
                decision,
                world.book,
                given,
                world.people(),
                world.signer,
                now,
                not_before=now - TOLERANCE,
                confirmations=confirmations(world),
                plan_id=identity,
                token=token if isinstance(token, str) else None,
                scope=_for_step(plan, decision.step),
            )
        except CannotMint:
            return []
        minted.append(permits.keep_minted(world, made, token if isinstance(token, str) else None, now))
    return minted


def _for_step(plan: Plan, step: Step) -> Mapping[str, Value]:
    """The plan's scope with the streams this step keeps and those it may view, as the measure declares; no other."""
    scope = dict(plan.scope)
    if isinstance(streams := scope.get("streams"), Mapping):
        mine = {s.name for s in EVERY[plan.measure].streams if s.step == step.name}
        scope["streams"] = {n: w for n, w in streams.items() if n in mine}
    if isinstance(views := scope.get("views"), Mapping):
        seen = {s.name for s in EVERY[plan.measure].streams if s.seen_by == step.name}
        scope["views"] = {n: w for n, w in views.items() if n in seen}
    return {k: v for k, v in scope.items() if v != {}}
