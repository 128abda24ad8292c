"""A look found something: tokens with counts and times, or figures. Nobody is named here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import delete

from sekisho.desk import looks, permits, records
from sekisho.desk.flows import follow_up
from sekisho.desk.world import No, World
from sekisho.law.canonical import canonical
from sekisho.law.words import Value
from sekisho.ledger.entry import EntryType
from sekisho.measures.measure import Finding

MOST = 100_000


@dataclass(frozen=True)
class Found:
    """Findings about tokens, or figures that are about nobody."""

    look: str
    findings: tuple[Finding, ...] = ()
    figures: tuple[Mapping[str, Value], ...] = field(default=())


@dataclass(frozen=True)
class NewlyFound:
    """The plan that asks what may be done about the new tokens; empty when there is nothing new, or nothing to ask."""

    plan: str


def carry_out(world: World, request: Found) -> NewlyFound:
    look, now = looks.must_run(world, request.look), world.clock.now()
    permit = permits.must_live(world, look.permit, now)
    if len(request.findings) + len(request.figures) > MOST:
        raise No("too-much-found", most=MOST)
    for finding in request.findings:
        if finding.measure != permit.measure:
            raise No("another-measures-finding", measure=finding.measure)
        key = {"token": finding.token, "measure": finding.measure}
        if records.one(world.db, records.FINDINGS, **key) is None:
            records.add(world.db, records.FINDINGS, canonical({"finding": finding, "permit": permit.id}), now, **key, plan=None)
    if request.figures:
        table = records.FIGURES
        world.db.execute(delete(table).where(table.c.measure == permit.measure))
        records.add(world.db, table, canonical({"permit": permit.id, "rows": request.figures}), now, measure=permit.measure)
    ids = {"look": look.id, "permit": permit.id}
    world.write(EntryType.FOUND, canonical(request), ids=ids, at=now)
    waiting = records.rows(world.db, records.FINDINGS, measure=permit.measure, plan=None)
    fresh = {r["token"]: records.body(r)["finding"]["period"] for r in waiting if records.body(r)["permit"] == permit.id}
    return NewlyFound(follow_up.ask(world, permit, fresh, now) if fresh else "")
