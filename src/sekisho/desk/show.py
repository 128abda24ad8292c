"""What `keep` tells the faces: plain values, no sentences, nobody's name but those of the operator's own people."""

from __future__ import annotations

from base64 import b64decode
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sekisho.desk import cards, contractors, owed_back, permits, plans, records, remarks, scans
from sekisho.desk.event import heard
from sekisho.desk.world import No, World
from sekisho.gate.answers import Decision
from sekisho.gate.decide import shown, vouched_for
from sekisho.gate.people import alone
from sekisho.gate.render import decision_json
from sekisho.law.canonical import digest, plain
from sekisho.law.words import Plan, VouchedBy
from sekisho.measures.registry import EVERY

ENDING = timedelta(days=30)
PAGE = 500
"""So many permits or plans in one answer: it stays within one message however long a node has run."""
Json = dict[str, Any]


@dataclass(frozen=True)
class Overview:
    """The first page."""


@dataclass(frozen=True)
class OnePlan:
    """One plan with its whole tree."""

    plan: str


@dataclass(frozen=True)
class Permits:
    """The newest permits, a page of them; `before` a ledger index: older ones."""

    before: int | None = None


@dataclass(frozen=True)
class Measures:
    """Every measure."""


@dataclass(frozen=True)
class Traffic:
    """The latest figures of the traffic picture."""


@dataclass(frozen=True)
class People:
    """Who may sign."""


@dataclass(frozen=True)
class Book:
    """Which book is in force."""


def overview(world: World, _request: Overview) -> Json:
    now = world.clock.now()
    wait = plans.waiting(world)
    waiting = [brief(world, i, now) for i in reversed(wait[-PAGE:])]
    in_force = permits.count_in_force(world, now)
    ending = [p for p in permits_of(world, ended=None) if p["state"] == "in-force" and p["until"] <= plain(now + ENDING)]
    last = records.rows(world.db, records.PERMITS, newest=1)
    return {
        "demo": world.settings.demo,
        "now": now,
        "operator": world.settings.operator.name,
        "window": world.settings.operator.window,
        "waiting": waiting,
        "waiting_in_all": len(wait),
        "cards": cards.answered(world, now),
        "findings": _findings(world),
        "permits": {"in_force": in_force, "in_all": records.count(world.db, records.PERMITS), "ending": ending[:10]},
        "ledger": {"size": world.log.size, "root": _root(world.log.checkpoint), "at": last[0]["at"] if last else plain(now)},
        "health": [
            {"process": r["process"], "state": _fresh(r, now), "counters": _counters(r)} for r in records.rows(world.db, records.REPORTS)
        ],
        "notices": list(_notices(world, now)),
        "scan": scans.standing(world),
    }


def _notices(world: World, now: datetime) -> Iterator[Json]:
    due = owed_back.due(world, now)
    for call in dict.fromkeys(d.call for d in due):
        yield {"code": call, "args": {}, "names": sorted({d.party for d in due if d.call is call}), "href": "/entrustments#due"}
    looks = remarks.due(world, now)
    for state in sorted({r.state(now) for r in looks}):
        yield {"code": f"look-{state}", "args": {}, "names": sorted(f"{r.case} ({r.measure})" for r in looks if r.state(now) == state)}
    yield from heard.notices(world, now)
    if world.clock.jump:
        yield {"code": "clock-jumped", "args": {"seconds": int(world.clock.jump.total_seconds())}}
    scan = scans.standing(world)
    if scan["state"] == "away":
        yield {"code": "scanner-away", "args": {"files": scan["waiting"]}}


def brief(world: World, identity: str, now: datetime, decided: tuple[Decision, ...] = ()) -> Json:
    """PlanBrief: the outcome so far, and how many lines the to-do list has."""
    row = records.one(world.db, records.PLANS, id=identity)
    if row is None:
        raise No("unknown-plan", plan=identity)
    plan = plans.load(world, identity)
    decided = decided or plans.decisions(world, _as_measured(world, plan, now), now)
    minted = {r["step"] for r in records.rows(world.db, records.PERMITS, plan=identity)}
    approved = shown(plans.as_approved(world, identity), world.book)
    given = [a for a in plans.approvals(world, identity) if a.shown == approved]
    needed = max((d.signatures for d in decided), default=0)
    open_steps = [d for d in decided if d.step.name not in minted]
    missing = {(m.what, m.case, m.condition, m.kind) for d in open_steps for m in d.missing}
    waits = len(missing) + (max(0, needed - len(given)) if open_steps else 0)
    return {
        "id": identity,
        "measure": plan.measure,
        "title": EVERY[plan.measure].title,
        "proposer": {"id": plan.proposer, "name": _name(world, plan.proposer)},
        "at": row["at"],
        "outcome": "permitted" if not open_steps else _worst([d.outcome.value for d in open_steps]),
        "missing": waits,
        "signatures_needed": needed,
        "signatures_given": len(given),
        "steps": [{"name": d.step.name, "kind": d.step.kind, "outcome": d.outcome, "minted": d.step.name in minted} for d in decided],
    }


def plan(world: World, request: OnePlan) -> Json:
    now = world.clock.now()
    whole = plans.load(world, request.plan)
    stands = plans.today(world, whole, now)
    decided = plans.decisions(world, stands, now)
    approved = shown(plans.as_approved(world, request.plan), world.book)
    given = [a for a in plans.approvals(world, request.plan) if a.shown == approved]
    confirmable = sorted({m.case for d in decided for m in d.missing if m.what == "confirmation" and m.case})
    return {
        **brief(world, request.plan, now, decided),
        "plan": plain(whole),
        "shown": approved,
        "book": world.book.digest,
        "decisions": [decision_json(d, world.book) for d in decided],
        "approvals": [{"person": a.person, "name": _name(world, a.person), "at": a.at} for a in given],
        "evidence": [{**plain(e), "digest": digest(e), "fresh": e.until is None or e.until > now} for e in whole.evidence],
        "comments": [{**c, "name": _name(world, c["person"])} for c in plans.comments(world, request.plan)],
        "conflicted": sorted(plans.conflicted(world, request.plan).union(*(vouched_for(stands, d) for d in decided))),
        "one_person": alone(world.people()),
        "permits": permits_of(world, plan=request.plan),
        "kinds": {
            n: {"title": k.title, "fields": k.fields, "words": world.book.words_of(k), "roles": k.roles, "vouchers": k.vouchers}
            for n, k in world.book.kinds.items()
        },
        "confirmable": confirmable,
        "rules": {c: world.book.rules[c] for c in confirmable},
    }


def _as_measured(world: World, plan: Plan, now: datetime) -> Plan:
    """For a list of many plans: as if our probes said now what they said last; the page of one plan asks them."""
    evidence = tuple(replace(e, at=now) if e.voucher.by is VouchedBy.PROBE else e for e in plan.evidence)
    return replace(plan, day=world.book.day(now), evidence=evidence)


def permits_of(world: World, before: int | None = None, **where: object) -> list[Json]:
    """Newest first, a page at most; `where` by columns."""
    now, found = world.clock.now(), []
    for row in records.rows(world.db, records.PERMITS, newest=PAGE, before=before, **where):
        permit = permits.of(row)
        gone = records.one(world.db, records.WITHDRAWALS, permit=permit.id)
        said = records.body(gone).get("withdrawal") if gone else None
        found.append(
            {
                "id": permit.id,
                "measure": permit.measure,
                "title": EVERY[permit.measure].title,
                "step": permit.step.name,
                "plan": permit.plan,
                "since": plain(permit.since),
                "until": plain(permit.until),
                "state": permits.state(row, now),
                "over": permits.over(row, now),
                "cases": permit.cases,
                "signed_by": [_name(world, p) for p in permit.signed_by],
                "one_person": permit.one_person,
                "out_of_scope": permit.out_of_scope,
                "scope": plain(permit.scope),
                "ledger_index": row["entry"],
                "withdrawn": {"by": _name(world, said["person"]), "at": said["at"], "reason": said["reason"]} if said else None,
            }
        )
    return found


def permits_view(world: World, request: Permits) -> list[Json]:
    return permits_of(world, request.before)


def measures(world: World, _request: Measures) -> list[Json]:
    return [
        {
            "name": m.name,
            "title": m.title,
            "steps": plain(m.steps),
            "streams": plain(m.streams),
            "cases": [
                {"id": c.id, "title": c.title, "axis": c.axis, "ground": c.ground, "authority": c.authority, "certainty": c.certainty}
                for c in world.book.cases
                if c.measure == m.name or (c.measure == "*" and {s.kind for s in m.steps} & c.kinds)
            ],
            "permits": permits_of(world, measure=m.name),
        }
        for m in EVERY.values()
    ]


def traffic(world: World, _request: Traffic) -> Json:
    row = records.one(world.db, records.FIGURES, measure="traffic-picture")
    found = records.body(row) if row else {"permit": None, "rows": []}
    return {"permit": found["permit"], "rows": found["rows"], "counters": _collected(world)}


def _collected(world: World) -> dict[str, int]:
    """What all collectors counted, together."""
    together: Counter[str] = Counter()
    for row in records.rows(world.db, records.REPORTS):
        if row["process"].startswith("collect-"):
            together.update(records.body(row))
    return dict(together)


def _counters(row: Mapping[str, Any]) -> Json:
    """A process's counters without those by exporter: they stand with the traffic."""
    return {name: count for name, count in records.body(row).items() if not name.startswith("exporter.")}


def people(world: World, _request: People) -> list[Json]:
    keep = ("id", "name", "roles", "key_kind", "unsafe_demo", "only_plan")
    found = [{k: v for k, v in plain(p).items() if k in keep} | {"credential": p.credential.hex()} for p in world.people().values()]
    return sorted(found, key=lambda p: str(p["name"]))


def book(world: World, _request: Book) -> Json:
    return {
        "day": world.book.day(world.clock.now()),
        "digest": world.book.digest,
        "country": world.book.country,
        "version": world.book.version,
        "roles": world.book.roles,
        "rules": world.book.rules,
        "shipped": world.book.digest == world.shipped,
    }


def _findings(world: World) -> list[Json]:
    groups: dict[tuple[str, str | None], list[Mapping[str, Any]]] = {}
    for row in records.rows(world.db, records.FINDINGS):
        groups.setdefault((row["measure"], row["plan"]), []).append(records.body(row))
    found = []
    for (measure, plan_id), bodies in groups.items():
        permit = permits.of(records.one(world.db, records.PERMITS, id=bodies[0]["permit"]) or {})
        found.append(
            {
                "measure": measure,
                "count": len(bodies),
                "list": permit.scope.get("list"),
                "since": min(b["finding"]["first"] for b in bodies),
                "until": max(b["finding"]["last"] for b in bodies),
                "plan": plan_id,
            }
        )
    return found


def _name(world: World, person: str) -> str:
    known = world.everybody().get(person)
    return known.name if known else contractors.names(world).get(person, person)


def _worst(outcomes: list[str]) -> str:
    order = ("out-of-scope", "permitted", "referred", "refused")
    return max(outcomes, key=order.index)


def _fresh(row: Mapping[str, Any], now: datetime) -> str:
    return "up" if row["at"] > records.stamp(now - timedelta(seconds=15)) else "silent"


def _root(checkpoint: str) -> str:
    return b64decode(checkpoint.split("\n")[2]).hex()
