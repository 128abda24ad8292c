"""The plan that findings ask for, drafted by `keep` itself: which tokens, which days, which streams, which text. Nobody else words it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import update

from sekisho.desk import permits, plans, probes, records
from sekisho.desk.world import No, World
from sekisho.effects.texts import TextError, load
from sekisho.gate.permit import Permit
from sekisho.law.words import Evidence, Plan, Value, VouchedBy
from sekisho.measures.measure import Measure, step
from sekisho.measures.registry import EVERY
from sekisho.store.parts import periods
from sekisho.store.register import REGISTER
from sekisho.store.schema import SHAPES, element

NOTICE_DAYS = 14
PROPOSER = "process:keep"


def ask(world: World, permit: Permit, tokens: Mapping[str, str], now: datetime) -> str:
    """Enter one plan about all new tokens (token to its day); its id, or empty where the measure asks for nothing or cannot yet."""
    measure = EVERY[permit.measure]
    scope = _scope(world, permit, measure, tokens, now)
    if not tokens or not measure.proposes() or scope is None:
        return ""
    plan = Plan(
        measure=measure.name,
        actor=world.settings.operator.name,
        proposer=PROPOSER,
        regime=world.settings.operator.regime,
        steps=tuple(step(measure, name) for name in measure.proposes()),
        day=world.book.day(now),
        until=now + timedelta(days=NOTICE_DAYS),
        scope=scope,
    )
    identity = plans.enter(world, plan, (*probes.measured(world, plan, now), *_carried(world, plan)), now)
    table = records.FINDINGS
    for token in tokens:
        world.db.execute(update(table).where(table.c.token == token, table.c.measure == measure.name).values(plan=identity))
    plans.mint_what_may_be(world, identity)
    return identity


def _scope(
    world: World, permit: Permit, measure: Measure, tokens: Mapping[str, str], now: datetime
) -> Mapping[str, Value] | None:
    """None while a stream that must be viewed has no living permit, or the text to send is not there."""
    owners = {p.step.name: p.id for p, _ in permits.living(world, now) if p.measure == measure.name and "tokens" not in p.scope}
    views = _views(measure, owners | {permit.step.name: permit.id})
    text = f"{measure.name}@1"
    try:
        digest = load(world.settings.texts).digest(text)
    except TextError:
        return None
    if views is None:
        return None
    bound = {"consent": consent} if (consent := permit.scope.get("consent")) else {}
    return bound | {
        "purposes": (permit.step.purpose,),
        "tokens": tuple(sorted(tokens)),
        "periods": tuple(sorted({*tokens.values(), *_days(world, views)})),
        "views": views,
        "lines": "every-line-found",
        "text": text,
        "text_digest": digest,
        "list": permit.scope.get("list"),
        "days": NOTICE_DAYS,
    }


def _views(measure: Measure, owners: Mapping[str, str]) -> Mapping[str, Value] | None:
    """Each stream the proposed steps may see, in the columns of elements they name, under the permit that kept it."""
    views: dict[str, Value] = {}
    for stream in measure.streams:
        if stream.seen_by not in measure.proposes():
            continue
        owner, seer = owners.get(stream.step), step(measure, stream.seen_by)
        if owner is None:
            return None
        columns = tuple(c for c in stream.columns if element(SHAPES[stream.shape].schema, c) in seer.elements)
        views[stream.name] = {"shape": stream.shape, "of": owner, "columns": columns, "line": "open"}
    return views


def _days(world: World, views: Mapping[str, Value]) -> Iterable[str]:
    """The days on which accounting and register were received: who a token is may stand in an older day than its hit."""
    for name, view in views.items():
        if isinstance(view, Mapping):
            stream = REGISTER if name in ("line-keys", "contacts") else name
            yield from periods(world.settings.folder / "streams", str(view["of"]), stream)


def _carried(world: World, plan: Plan) -> Iterator[Evidence]:
    """Evidence already laid in for the very same purpose, for the permits whose streams this plan wants to view."""
    purposes = {s.purpose for s in plan.steps}
    for owner in sorted(_owners(plan)):
        row = records.one(world.db, records.PERMITS, id=owner)
        if row is None or row["ended"] == "withdrawn":
            raise No("unknown-permit" if row is None else "withdrawn", permit=owner)
        source = permits.of(row)
        if source.measure != plan.measure or source.step.purpose not in purposes:
            raise No("another-purpose", permit=owner)
        for evidence in plans.load(world, row["plan"]).evidence:
            if evidence.voucher.by is not VouchedBy.PROBE and evidence.purpose in purposes:
                yield evidence


def _owners(plan: Plan) -> set[str]:
    views = plan.scope.get("views", {})
    return {str(v["of"]) for v in views.values() if isinstance(v, Mapping) and "of" in v} if isinstance(views, Mapping) else set()
