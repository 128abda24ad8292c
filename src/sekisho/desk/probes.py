"""What `keep` measures itself, so that nobody merely states it: the compiled scope, the term, who may see, the switch, the findings."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import delete

from sekisho.desk import campaigns, consents, entrustments, held_senders, holds, port_tried, records, tools, viewings, volumes
from sekisho.desk.world import No, World
from sekisho.effects import port_block, portal_redirect, sender_limit
from sekisho.effects.prefix_sets import BadScope
from sekisho.law.canonical import canonical
from sekisho.law.words import Evidence, Kind, Plan, Role, Value, VouchedBy, Voucher
from sekisho.measures.registry import EVERY
from sekisho.store.schema import SHAPES, element

Measured: TypeAlias = tuple[str, str, Mapping[str, Value]]
"""A kind of evidence, the probe's name, and what it measured."""

SEES = (Role.DESK, Role.ENGINEER, Role.OFFICER)


def measured(world: World, plan: Plan, now: datetime) -> Iterator[Evidence]:
    """Every fact about this plan that a probe of ours can tell, for the kinds the book knows."""
    found: list[Measured] = [
        ("roles", "role-table", _roles(world)),
        ("optout", "switch-test", {"works": switch_works(world, now), "any_time": True}),
    ]
    if plan.scope.get("tokens"):
        found.append(("finding", "findings", _findings(world, plan)))
    prefixes = world.settings.network.prefixes
    known = [*compiled(plan, prefixes, now), *_vouched(plan, found, now), *consents.measured(world, plan, now)]
    known += [*_held(world, plan, now), *_gauged(world, plan), *entrustments.measured(world, plan, now)]
    known += [*held_senders.measured(world, plan, now), *_port_tried(world, plan), *campaigns.measured(world, plan, now)]
    known += viewings.measured(world, plan, now)
    known += [*tools.measured(world, plan, now), *volumes.measured(world, plan, now)]
    yield from (e for e in known if e.kind in world.book.kinds)


def _held(world: World, plan: Plan, now: datetime) -> Iterator[Evidence]:
    """For what a plan would delete: how many living holds name data that were kept under a permit of its measure."""
    purposes = {s.purpose for s in plan.steps if s.kind is Kind.DELETE}
    if not purposes:
        return
    permits = {h: records.one(world.db, records.PERMITS, id=h) for h in {d.permit for d in holds.data(holds.living(world, now))}}
    mine = {h for h, row in permits.items() if row is None or row["measure"] == plan.measure}
    count = sum(any(d.permit in mine for d in holds.data([row])) for row in holds.living(world, now))
    yield from _vouched(plan, [("holds", "hold-table", {"count": count, "of": plan.measure})], now, purposes)


def _gauged(world: World, plan: Plan) -> Iterator[Evidence]:
    """What the plan's own measure reads off its latest figures, dated when they were counted: old figures are stale evidence."""
    row = records.one(world.db, records.FIGURES, measure=plan.measure)
    source = records.one(world.db, records.PERMITS, id=records.body(row)["permit"]) if row else None
    if row is None or source is None or source["ended"] == "withdrawn":
        return
    purpose = records.body(source)["step"]["purpose"]
    for gauge in getattr(EVERY[plan.measure], "gauges", ()):
        value = gauge.read(records.body(row)["rows"])
        if value is not None and purpose in {s.purpose for s in plan.steps}:
            yield Evidence(gauge.kind, value, purpose, Voucher(VouchedBy.PROBE, gauge.probe), datetime.fromisoformat(row["at"]))


def compiled(plan: Plan, prefixes: Iterable[str], now: datetime) -> Iterator[Evidence]:
    """What can be read off the plan and our own prefixes, compiled as the collector will compile it."""
    term: Measured = ("retention", "term-compiler", {"days": _days(plan), "deletes": True})
    sums = [("aggregation", "prefix-table", _longest(prefixes))] if plan.scope.get("rows") == "sums" else []
    yield from _vouched(plan, [*_scope(plan), *_rules(plan, prefixes), term, *sums], now)


def _vouched(plan: Plan, found: Iterable[Measured], now: datetime, purposes: Iterable[str] = ()) -> Iterator[Evidence]:
    """For each of these purposes, or of the plan's."""
    wanted = sorted(set(purposes) or {s.purpose for s in plan.steps})
    for kind, probe, value in found:
        for purpose in wanted:
            yield Evidence(kind, value, purpose, Voucher(VouchedBy.PROBE, probe), now)


def as_declared(plan: Plan) -> None:
    """Streams keep what the measure declares, no column more, and no longer than the plan says. Raises No."""
    streams = plan.scope.get("streams", {})
    if not isinstance(streams, Mapping):
        raise No("bad-streams")
    declared = {s.name: s for s in EVERY[plan.measure].streams}
    asked = {s.name for s in plan.steps}
    for name, words in streams.items():
        stream = declared.get(name)
        if stream is None or stream.step not in asked or not isinstance(words, Mapping):
            raise No("not-as-declared", stream=name)
        columns = words.get("columns")
        if words.get("shape") != stream.shape or words.get("rows") != stream.rows or not isinstance(columns, tuple):
            raise No("not-as-declared", stream=name)
        if not set(columns) <= set(stream.columns) or words.get("line", "token") != "token":
            raise No("not-as-declared", stream=name)
        if stream.rows == "hits" and words.get("list") != plan.scope.get("list"):
            raise No("another-list", stream=name)
        if words.get("term_days") != _days(plan):
            raise No("another-term", stream=name)


def _scope(plan: Plan) -> Iterator[tuple[str, str, Mapping[str, Value]]]:
    streams = plan.scope.get("streams", {})
    for words in streams.values() if isinstance(streams, Mapping) else ():
        if isinstance(words, Mapping) and isinstance(columns := words.get("columns"), tuple):
            schema = SHAPES[str(words["shape"])].schema
            elements = tuple(sorted({element(schema, str(c)).value for c in columns}))
            yield "scope", "stream-compiler", {"elements": elements, "rows": str(words["rows"]), "payload": False}


def _port_tried(world: World, plan: Plan) -> Iterator[Evidence]:
    """For who would refuse port 25: whether the port that takes its place answers, dated when it was tried."""
    if {s.name for s in plan.steps} & {port_block.STEP}:
        for value, at in port_tried.newest(world):
            yield Evidence("submission-port", value, "op25b", Voucher(VouchedBy.PROBE, port_tried.ROW), at)


def _rules(plan: Plan, prefixes: Iterable[str]) -> Iterator[Measured]:
    """What the rules compiled from the plan look at, and of whom: only ranges of our own count as dynamic lines."""
    if plan.measure == sender_limit.MEASURE:
        yield from _limits(plan)
    if portal_redirect.STEP in {s.name for s in plan.steps}:
        yield from _redirect(plan)
    if not {s.name for s in plan.steps} & {port_block.STEP}:
        return
    try:
        ranges, mail, _ = port_block.read_scope(plan.scope)
    except BadScope:
        return
    own = [ipaddress.ip_network(p) for p in prefixes]
    ours = all(any(n.version == r.version and r.subnet_of(n) for n in own) for r in ranges)  # type: ignore[arg-type] # versions are equal
    rows = "dynamic-lines-direct-to-25" if ours and mail else "all"
    yield "scope", "rule-compiler", {"elements": ("counterpart", "party"), "rows": rows, "payload": False}


def _redirect(plan: Plan) -> Iterator[Measured]:
    """What the rules that lead to the portal look at, compiled as the permit will be."""
    try:
        portal_redirect.read_scope(plan.scope)
    except BadScope:
        return
    elements = tuple(sorted(e.value for e in portal_redirect.ELEMENTS))
    yield "scope", "rule-compiler", {"elements": elements, "rows": portal_redirect.ROWS, "payload": False}


def _limits(plan: Plan) -> Iterator[Measured]:
    """What the mail server's stages look at, compiled as the permit will be: one that cannot be compiled is no evidence."""
    names = {s.name for s in plan.steps}
    if not names <= {sender_limit.COUNT, sender_limit.LIMIT}:
        return
    try:
        for name in names:
            sender_limit.read_scope(plan.scope, name)
    except sender_limit.BadScope:
        return
    elements = tuple(sorted(e.value for e in sender_limit.ELEMENTS))
    yield "scope", "rule-compiler", {"elements": elements, "rows": "counts-by-line", "payload": False}


def _longest(prefixes: Iterable[str]) -> Mapping[str, Value]:
    """The longest prefix length of each family that flows are added up to; 0 where there is none."""
    nets = [ipaddress.ip_network(p) for p in prefixes]
    return {f"smallest_v{v}": max((n.prefixlen for n in nets if n.version == v), default=0) for v in (4, 6)}


def _days(plan: Plan) -> int:
    days = plan.scope.get("days")
    if not isinstance(days, int) or isinstance(days, bool) or days <= 0:
        raise No("no-term")
    return days


def _roles(world: World) -> Mapping[str, Value]:
    people = [p for p in world.people().values() if p.roles & set(SEES)]
    return {"may_see": tuple(r.value for r in SEES), "people": len(people), "logged": True}


def opted_out(world: World, pseudonym: str) -> bool:
    """The switch itself: asked before anything is ordered about a line."""
    return records.one(world.db, records.OPT_OUTS, pseudonym=pseudonym) is not None


def switch_works(world: World, now: datetime) -> bool:
    """Throw the switch for a line that does not exist, see it act, and throw it back."""
    nobody = f"switch-test-{secrets.token_hex(16)}"
    before = opted_out(world, nobody)
    records.add(world.db, records.OPT_OUTS, canonical({"order": "switch-test"}), now, pseudonym=nobody)
    during = opted_out(world, nobody)
    world.db.execute(delete(records.OPT_OUTS).where(records.OPT_OUTS.c.pseudonym == nobody))
    return not before and during and not opted_out(world, nobody)


def _findings(world: World, plan: Plan) -> Mapping[str, Value]:
    """The weakest of the findings the plan is about. Raises No for a token nobody found."""
    tokens = plan.scope.get("tokens")
    contacts = []
    for token in tokens if isinstance(tokens, tuple) else ():
        row = records.one(world.db, records.FINDINGS, token=str(token), measure=plan.measure)
        if row is None:
            raise No("nobody-found-this", token=str(token))
        contacts.append(int(records.body(row)["finding"]["facts"]["contacts"]))
    if not contacts:
        raise No("no-tokens")
    return {"source": "own-inquiry", "who": "sekisho", "contacts": min(contacts), "credible": True}
