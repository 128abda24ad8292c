"""What `keep` measures itself, so that nobody merely states it: the compiled scope, the term, who may see, the switch, the findings."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from sqlalchemy import delete

from sekisho.desk import (
    campaigns,
    consents,
    entrustments,
    held_senders,
    holds,
    parity_tried,
    port_tried,
    records,
    switch_tried,
    talks,
    tools,
    viewings,
    volumes,
)
from sekisho.desk.mail_stages import STAGES
from sekisho.desk.world import No, World
from sekisho.effects import application, class_filter, mail_stage, name_filter, port_block, portal_redirect, with_switch
from sekisho.effects.prefix_sets import BadScope, Prefix
from sekisho.law.canonical import canonical
from sekisho.law.words import Element, Evidence, Kind, Plan, Role, Value, VouchedBy, Voucher
from sekisho.measures.masked_talk import MaskedTalk
from sekisho.measures.registry import EVERY
from sekisho.store.schema import SHAPES, element
from sekisho.store.spec import CLASS_VOLUMES

Measured: TypeAlias = tuple[str, str, Mapping[str, Value]]
"""A kind of evidence, the probe's name, and what it measured."""

SEES = (Role.DESK, Role.ENGINEER, Role.OFFICER)


def measured(world: World, plan: Plan, now: datetime) -> Iterator[Evidence]:
    """Every fact about this plan that a probe of ours can tell, for the kinds the book knows."""
    found: list[Measured] = [("roles", "role-table", _roles(world))]
    if not _filters(plan) and not _filters_names(plan):
        found.append(("optout", "switch-test", {"works": switch_works(world, now), "any_time": True}))
    if plan.scope.get("tokens"):
        found.append(("finding", "findings", _findings(world, plan)))
    prefixes = world.settings.network.prefixes
    agreed = talks.measured if plan.measure == MaskedTalk.name else consents.measured  # of a talk only its own two count
    known = [*compiled(plan, prefixes, now), *_vouched(plan, found, now), *agreed(world, plan, now)]
    known += [*_held(world, plan, now), *_gauged(world, plan), *entrustments.measured(world, plan, now)]
    known += [*held_senders.measured(world, plan, now), *_port_tried(world, plan), *campaigns.measured(world, plan, now)]
    known += [*_parity(world, plan), *_switch_tried(world, plan)]
    known += [*_vouched(plan, _names(world, plan), now), *viewings.measured(world, plan, now)]
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
            reads_on = words["rows"] == CLASS_VOLUMES and not application.header_only(plan.scope)
            yield "scope", "stream-compiler", {"elements": elements, "rows": str(words["rows"]), "payload": reads_on}


def _port_tried(world: World, plan: Plan) -> Iterator[Evidence]:
    """For who would refuse port 25: whether the port that takes its place answers, dated when it was tried."""
    if {s.name for s in plan.steps} & {port_block.STEP, port_block.ROAMED}:
        for value, at in port_tried.newest(world):
            yield Evidence("submission-port", value, "op25b", Voucher(VouchedBy.PROBE, port_tried.ROW), at)


def _filters(plan: Plan) -> bool:
    """Whether the switch of this plan's effect is one in the kernel."""
    return plan.measure == class_filter.MEASURE and class_filter.STEP in {s.name for s in plan.steps}


def _switch_tried(world: World, plan: Plan) -> Iterator[Evidence]:
    """For a filter with a switch: whether kernel or resolver let go of a line that was switched off, dated when it was tried."""
    where = switch_tried.ROW if _filters(plan) else switch_tried.AT_RESOLVER if _filters_names(plan) else ""
    for works, at in switch_tried.newest(world, where) if where else ():
        value = {"works": works, "any_time": True}
        yield Evidence("optout", value, plan.measure, Voucher(VouchedBy.PROBE, switch_tried.ROW), at)


def _parity(world: World, plan: Plan) -> Iterator[Evidence]:
    """For the same filters: whether on and off were the same, in the texts published and on a path, dated when they were compared."""
    if _filters(plan) or _filters_names(plan):
        for kind, value, at in parity_tried.newest(world, plan.measure):
            yield Evidence(kind, value, plan.measure, Voucher(VouchedBy.PROBE, kind), at)


def _filters_names(plan: Plan) -> bool:
    """The same at the resolver."""
    return plan.measure == name_filter.MEASURE and name_filter.STEP in {s.name for s in plan.steps}


def _names(world: World, plan: Plan) -> Iterator[Measured]:
    """What the filter of names looks at, and whether the list that `hold` has loaded is the one that customers were told of."""
    if not _filters_names(plan):
        return
    try:
        one = name_filter.read_names("", datetime.max.replace(tzinfo=UTC), plan.scope)
    except BadScope:
        return
    same = switch_tried.loaded(world) == (one.list, {c.name: c.names for c in one.categories})
    as_told = same and plan.scope.get("told") == name_filter.told_digest(one) and _ours(one.ranges, world.settings.network.prefixes)
    rows = with_switch.ROWS if as_told else "not-as-told"
    yield "scope", "rule-compiler", {"elements": tuple(sorted(e.value for e in name_filter.ELEMENTS)), "rows": rows, "payload": False}


def _class_filter(plan: Plan, prefixes: Iterable[str]) -> Iterator[Measured]:
    """What the rules look at, and whether they are those that customers were told of, for lines of our own."""
    try:
        one = class_filter.read_filter("", datetime.max.replace(tzinfo=UTC), plan.scope)
    except BadScope:
        return
    as_told = plan.scope.get("told") == class_filter.told_digest(one.classes) and _ours(one.ranges, prefixes)
    rows = with_switch.ROWS if as_told else "not-as-told"
    yield "scope", "rule-compiler", {"elements": tuple(sorted(e.value for e in class_filter.ELEMENTS)), "rows": rows, "payload": False}


def _ours(ranges: Iterable[Prefix], prefixes: Iterable[str]) -> bool:
    own = [ipaddress.ip_network(p) for p in prefixes]
    return all(any(n.version == r.version and r.subnet_of(n) for n in own) for r in ranges)  # type: ignore[arg-type] # versions are equal


def _rules(plan: Plan, prefixes: Iterable[str]) -> Iterator[Measured]:
    """What the rules compiled from the plan look at, and of whom: only ranges of our own count as dynamic lines."""
    yield from _mail_stages(plan)
    if _filters(plan):
        yield from _class_filter(plan, prefixes)
    if portal_redirect.STEP in {s.name for s in plan.steps}:
        yield from _redirect(plan)
    if not {s.name for s in plan.steps} & {port_block.STEP}:
        return
    try:
        ranges, mail, _ = port_block.read_scope(plan.scope)
    except BadScope:
        return
    rows = "dynamic-lines-direct-to-25" if _ours(ranges, prefixes) and mail else "all"
    yield "scope", "rule-compiler", {"elements": ("counterpart", "party"), "rows": rows, "payload": False}


def _redirect(plan: Plan) -> Iterator[Measured]:
    """What the rules that lead to the portal look at, compiled as the permit will be."""
    try:
        portal_redirect.read_scope(plan.scope)
    except BadScope:
        return
    elements = tuple(sorted(e.value for e in portal_redirect.ELEMENTS))
    yield "scope", "rule-compiler", {"elements": elements, "rows": portal_redirect.ROWS, "payload": False}


def _mail_stages(plan: Plan) -> Iterator[Measured]:
    """What the mail server's stages look at, compiled as the permit will be: one that cannot be compiled is no evidence."""
    forms = [STAGES.get((plan.measure, s.name)) for s in plan.steps]
    known = [form for form in forms if form is not None]
    if not known or len(known) < len(forms) or len({form.rows for form in known}) > 1:
        return
    try:
        for form in known:
            form.check(plan.scope)
    except mail_stage.BadScope:
        return
    elements = tuple(sorted({e.value for form in known for e in form.elements}))
    yield "scope", "rule-compiler", {"elements": elements, "rows": known[0].rows, "payload": Element.CONTENT.value in elements}


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
