"""Plans as `keep` knows them: put together with their evidence, decided, and minted when nothing is missing any more."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, delete, update

from sekisho.desk import matters, permits, probes, records, watchlist
from sekisho.desk.clock import TOLERANCE, ClockJumped
from sekisho.desk.world import No, World
from sekisho.gate.answers import Decision, Outcome
from sekisho.gate.decide import CannotMint, decide, mint, shown
from sekisho.gate.envelope import Envelope
from sekisho.gate.people import Approval, Confirmation
from sekisho.gate.permit import Permit, SignedPermit
from sekisho.law.canonical import canonical, digest
from sekisho.law.reading import read
from sekisho.law.words import Evidence, Plan, Step, Value, VouchedBy
from sekisho.ledger.entry import EntryType
from sekisho.measures.registry import EVERY

AGAIN = timedelta(hours=1)
PASSES = (Outcome.PERMITTED, Outcome.OUT)
WRITTEN = {Outcome.REFUSED: EntryType.REFUSED, Outcome.REFERRED: EntryType.REFERRED}


@dataclass(frozen=True)
class Inside:
    """One use of an envelope: its id and words, the approvals of it, and the part of the plan's scope that is wanted."""

    id: str
    envelope: Envelope
    approvals: tuple[Approval, ...]
    scope: Mapping[str, Value]


@dataclass(frozen=True)
class Asked:
    """A plan as approved, as it stands at `now`, and the approvals of it."""

    id: str
    plan: Plan
    stands: Plan
    given: list[Approval]
    now: datetime


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
    """Write a new plan down with what is known about it already; its id. Raises No: known-plan, not-a-prefix."""
    _ranges(plan)
    identity = digest(plan)[:16]
    if records.one(world.db, records.PLANS, id=identity):
        raise No("known-plan", plan=identity)
    body = canonical(plan)
    records.add(world.db, records.PLANS, body, now, id=identity, measure=plan.measure, proposer=plan.proposer)
    world.write(EntryType.PLAN, body, ids={"plan": identity}, at=now, table=records.PLANS, key={"id": identity})
    for piece in evidence:
        lay_in(world, identity, piece, now)
    return identity


def _ranges(plan: Plan) -> None:
    """What a person typed as a range of addresses is one, before anybody signs it."""
    for word in getattr(EVERY.get(plan.measure), "prefixes", ()):
        listed = plan.scope.get(word, ())
        for told in listed if isinstance(listed, tuple) else (listed,):
            try:
                ipaddress.ip_network(str(told))
            except ValueError as why:
                raise No("not-a-prefix", told=str(told)[:80]) from why


def lay_in(world: World, plan: str, evidence: Evidence, now: datetime, renews: str = "") -> str:
    """Write evidence down for a plan; the same piece twice is one piece. `renews`: the piece (digest) whose place it takes."""
    identity = digest(evidence)
    key = {"id": identity, "plan": plan}
    if records.one(world.db, records.EVIDENCE, **key) is None:
        body = canonical({"plan": plan, "evidence": evidence} | ({"renews": renews} if renews else {}))
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


def comments(world: World, plan: str) -> list[Mapping[str, Any]]:
    """What people said about a plan, oldest first."""
    return [records.body(r)["comment"] for r in records.rows(world.db, records.COMMENTS, plan=plan)]


def conflicted(world: World, plan: str) -> frozenset[str]:
    """Who declared a conflict of interest in it. There is no taking back: somebody else signs."""
    return frozenset(c["person"] for c in comments(world, plan) if c["conflict"])


def make_room(world: World, table: Table, key: dict[str, str], now_shown: str) -> None:
    """A person approves a thing once as it is shown; an approval of what was shown earlier makes room. Raises No("already-approved")."""
    row = records.one(world.db, table, **key)
    if row is None:
        return
    if row["shown"] == now_shown:
        raise No("already-approved", **key)
    world.db.execute(delete(table).where(*(table.c[k] == v for k, v in key.items())))


def decisions(world: World, plan: Plan, now: datetime) -> tuple[Decision, ...]:
    return decide(plan, world.book, now, confirmations(world))


def waiting(world: World) -> list[str]:
    """Plans that still have a step without a permit, but for those that a case has moved past."""
    made: dict[str, set[str]] = {}
    for row in records.rows(world.db, records.PERMITS):
        made.setdefault(row["plan"], set()).update(minted([row]))
    found = []
    for row in records.rows(world.db, records.PLANS):
        said = records.body(row)
        if {s["name"] for s in said["steps"]} - made.get(row["id"], set()) and not matters.moved_past(world, said["scope"]):
            found.append(row["id"])
    return found


def minted(rows: Iterable[dict[str, Any]]) -> set[str]:
    """Steps with a permit of their own; what was permitted for a night inside an envelope is none."""
    return {r["step"] for r in rows if not records.body(r).get("envelope")}


def as_approved(world: World, identity: str) -> Plan:
    """The plan as people approve it: without papers that only renew another, unless a step still waits, which they may help.

    Who signs for that step signs for the newer paper too; what was signed before still carries on what it made.
    """
    readings = as_signed(world, identity)
    return readings[0] if _waits(world, identity) else readings[-1]


def as_signed(world: World, identity: str) -> list[Plan]:
    """Every reading of the plan that people may have signed, newest first: with all papers that renew another, ever fewer, with none."""
    rows = records.rows(world.db, records.EVIDENCE, plan=identity)
    plan, renewing = load(world, identity), [r["id"] for r in rows if records.body(r).get("renews")]
    later = [set(renewing[n:]) for n in range(len(renewing), -1, -1)]
    return [replace(plan, evidence=tuple(e for e in plan.evidence if digest(e) not in left_out)) for left_out in later]


def _waits(world: World, identity: str) -> bool:
    row = records.one(world.db, records.PLANS, id=identity)
    made = minted(records.rows(world.db, records.PERMITS, plan=identity))
    return row is not None and bool({s["name"] for s in records.body(row)["steps"]} - made)


def today(world: World, plan: Plan, now: datetime) -> Plan:
    """The plan as it stands now: by today's law, measured afresh, and no paper about a list outliving that list."""
    try:
        probed = tuple(probes.measured(world, plan, now))
    except No:
        probed = ()  # what it is about is not there any more
    papers = (e for e in plan.evidence if e.voucher.by is not VouchedBy.PROBE)
    ends = watchlist.ends(world.settings.lists)
    return replace(plan, day=world.book.day(now), evidence=(*(_of_list(e, ends) for e in papers), *probed))


def _of_list(paper: Evidence, ends: Mapping[str, datetime]) -> Evidence:
    end = ends.get(str(paper.value.get("digest")))
    return paper if end is None or (paper.until is not None and paper.until <= end) else replace(paper, until=end)


def approve(world: World, approval: Approval, words: Mapping[str, Any], now: datetime) -> tuple[str, ...]:
    """Write an approval down with what was signed; the permits it made possible. Raises No: plan-changed-since-shown, already-approved."""
    plan, key = load(world, approval.plan), {"plan": approval.plan, "person": approval.person}
    if matters.moved_past(world, plan.scope):
        raise No("plan-changed-since-shown", plan=approval.plan)
    make_room(world, records.APPROVALS, key, approval.shown)
    body = canonical({"approval": approval, **words})
    records.add(world.db, records.APPROVALS, body, now, **key, shown=approval.shown)
    world.write(EntryType.APPROVAL, body, ids=key, at=now, table=records.APPROVALS, key=key)
    return mint_what_may_be(world, approval.plan)


def mint_what_may_be(world: World, identity: str) -> tuple[str, ...]:
    """Permits for every step that passes and has its signatures, one for each token the plan is about."""
    now = _sure(world)
    plan = as_approved(world, identity)
    if matters.moved_past(world, plan.scope):
        return ()
    stands = today(world, plan, now)
    done = minted(records.rows(world.db, records.PERMITS, plan=identity))
    answer = decisions(world, stands, now)
    _note(world, identity, answer, now)
    asked = Asked(identity, plan, stands, _given(world, identity, plan), now)
    fresh = [d for d in answer if d.outcome in PASSES and d.step.name not in done]
    made = [pair for decision in fresh for pair in _mint(world, asked, decision)]
    if made:
        _lay_in_measured(world, asked)
    return tuple(permits.keep_minted(world, permit, token, now) for permit, token in made)


def carry_on(world: World, identity: str) -> tuple[str, ...]:
    """Permits of this plan whose end a renewed paper moves: same step, same scope, same signatures, a later end."""
    now = _sure(world)
    stands = today(world, load(world, identity), now)
    signed = [Asked(identity, plan, stands, _given(world, identity, plan), now) for plan in as_signed(world, identity)]
    asked = signed[0]
    answer = {d.step.name: d for d in decisions(world, stands, now) if d.outcome in PASSES}
    made: list[SignedPermit] = []
    for old, _ in permits.living(world, now):
        if old.plan == identity and old.step.name in answer:
            tokens = old.scope.get("tokens")
            token = str(tokens[0]) if isinstance(tokens, tuple) else None
            made += next((one for reading in signed if (one := _one(world, reading, answer[old.step.name], token, old))), [])
    if made:
        _lay_in_measured(world, asked)
    return tuple(permits.carry_on(world, permit, now) for permit in made)


def mint_inside(world: World, use: Inside) -> list[str]:
    """Permits for one narrowed scope inside an envelope; none where the gate finds no ground this second, or it lies outside.

    The scope keeps the plan's words for all that it does not narrow. Nothing is measured from memory: the probes are asked now.
    """
    now = _sure(world)
    identity = use.envelope.plan
    plan = as_approved(world, identity)
    narrowed = replace(plan, scope={**plan.scope, **use.scope})
    stands = today(world, narrowed, now)
    asked = Asked(identity, plan, stands, list(use.approvals), now)
    made: list[SignedPermit] = []
    for decision in decisions(world, stands, now):
        if decision.outcome in PASSES and decision.step.kind in use.envelope.kinds:
            made += _one(world, asked, decision, None, use=use)
    if made:
        _lay_in_measured(world, asked)
    return [permits.keep_minted(world, permit, None, now) for permit in made]


def _sure(world: World) -> datetime:
    try:
        return world.clock.sure()
    except ClockJumped as why:
        raise No("clock-jumped", seconds=int(why.by.total_seconds())) from why


def _given(world: World, identity: str, plan: Plan) -> list[Approval]:
    """Approvals of exactly what is shown today."""
    return [a for a in approvals(world, identity) if a.shown == shown(plan, world.book)]


def _lay_in_measured(world: World, asked: Asked) -> None:
    """What the permit rests on stands in the ledger before it: measured values, unless the same was laid in within the hour."""
    known = {
        (e.kind, digest(e.value), e.purpose)
        for e in load(world, asked.id).evidence
        if e.voucher.by is VouchedBy.PROBE and asked.now - e.at < AGAIN
    }
    for piece in asked.stands.evidence:
        if piece.voucher.by is VouchedBy.PROBE and (piece.kind, digest(piece.value), piece.purpose) not in known:
            lay_in(world, asked.id, piece, asked.now)


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


def _mint(world: World, asked: Asked, decision: Decision) -> list[tuple[SignedPermit, str | None]]:
    tokens = asked.plan.scope.get("tokens")
    made: list[tuple[SignedPermit, str | None]] = []
    for token in tokens if isinstance(tokens, tuple) else (None,):
        named = token if isinstance(token, str) else None
        one = _one(world, asked, decision, named)
        if not one:
            return []
        made += [(permit, named) for permit in one]
    return made


def _one(
    world: World, asked: Asked, decision: Decision, token: str | None, old: Permit | None = None, use: Inside | None = None
) -> list[SignedPermit]:
    """The permit, or nothing while the gate cannot make it."""
    try:
        made = mint(
            asked.plan,
            decision,
            world.book,
            asked.given,
            world.people(),
            world.signer,
            asked.now,
            not_before=asked.now - TOLERANCE,
            confirmations=confirmations(world),
            plan_id=asked.id,
            token=token,
            scope=_for_step(asked.stands if use else asked.plan, decision.step),
            envelope=(use.id, use.envelope) if use else None,
            evidence=asked.stands.evidence,
            conflicted=conflicted(world, asked.id),
            carries_on=old,
        )
    except CannotMint:
        return []
    return [made]


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
