"""A periodic look: open the permitted columns, let the measure find, report tokens or figures, and ask for what comes next.

Runs in a `work` child. The measure sees the columns its permit names and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

from sekisho.desk.look import Opened
from sekisho.desk.outside import Outside
from sekisho.gate.check import read
from sekisho.gate.permit import Permit
from sekisho.law.canonical import plain
from sekisho.law.words import Plan, Regime, Value
from sekisho.measures.measure import Finding, Measure, step
from sekisho.measures.registry import EVERY
from sekisho.store.parts import periods
from sekisho.store.schema import SHAPES, element
from sekisho.store.view import open_view

DAYS_LOOKED_AT = 2
NOTICE_DAYS = 14


@dataclass(frozen=True)
class Find:
    """An opened look of the sort `find`."""

    opened: Opened


def carry_out(world: Outside, request: Find) -> None:
    permit = read(request.opened.permit)
    measure = EVERY[permit.measure]
    if measure.look is None:
        return
    stream, columns = measure.look
    look = request.opened.look.id
    streams = world.settings.folder / "streams"
    days = periods(streams, permit.id, stream)[-DAYS_LOOKED_AT:]
    if "token" not in columns:
        with open_view(streams, permit, stream, columns, days, world.release(look)) as view:
            figures = [_figure(r) for r in measure.find(view.relation).to_pyarrow().to_pylist()]
        world.keep.call("found", look=look, figures=figures)
        return
    findings: list[Finding] = []
    for day in days:
        with open_view(streams, permit, stream, columns, [day], world.release(look), world.token_key(look)) as view:
            findings += _findings(measure, day, measure.find(view.relation).to_pyarrow())
    fresh = world.keep.call("found", look=look, findings=findings)["tokens"]
    if fresh and measure.proposes():
        known = {f.token: f.period for f in findings}
        _propose(world, permit, request.opened.siblings, measure, {t: known[t] for t in fresh if t in known})


def _findings(measure: Measure, day: str, rows: pa.Table) -> Iterable[Finding]:
    for row in rows.to_pylist():
        facts: Mapping[str, Value] = {k: v for k, v in row.items() if k not in ("token", "first", "last")}
        yield Finding(measure.name, row["token"], day, row["first"], row["last"], facts)


def _figure(row: Mapping[str, Any]) -> dict[str, Any]:
    """Figures as JSON: addresses of exporters as hex, times as ISO 8601."""
    return {k: plain(v) for k, v in row.items()}


def _propose(world: Outside, permit: Permit, siblings: Mapping[str, str], measure: Measure, tokens: Mapping[str, str]) -> None:
    """The plan that these findings ask for; every step of it is a decision of its own, and none is taken here."""
    now: datetime = world.clock()
    steps = tuple(step(measure, name) for name in measure.proposes())
    elements = frozenset().union(*(s.elements for s in steps))
    views: dict[str, Mapping[str, Value]] = {}
    for stream in measure.streams:
        owner = permit.id if stream.step == permit.step.name else siblings.get(stream.step)
        if owner is None:
            return
        columns = tuple(c for c in stream.columns if element(SHAPES[stream.shape].schema, c) in elements)
        views[stream.name] = {"shape": stream.shape, "of": owner, "columns": columns, "line": "open"}
    scope: Mapping[str, Value] = {
        "purposes": (permit.step.purpose,),
        "tokens": tuple(sorted(tokens)),
        "periods": tuple(sorted(set(tokens.values()) | set(_days(world, views)))),
        "views": views,
        "lines": "every-line-found",
        "text": f"{measure.name}@1",
        "list": permit.scope.get("list"),
        "days": NOTICE_DAYS,
    }
    plan = Plan(
        measure=measure.name,
        actor=world.settings.operator.name,
        proposer="process:work",
        regime=Regime(world.settings.operator.regime),
        steps=steps,
        day=date.fromisoformat(world.keep.call("book")["day"]),
        until=now + timedelta(days=NOTICE_DAYS),
        scope=scope,
    )
    world.keep.call("propose", plan=plan)


def _days(world: Outside, views: Mapping[str, Mapping[str, Value]]) -> Iterable[str]:
    """The days on which accounting and register were received: who a token is may stand in an older day than its hit."""
    for name, view in views.items():
        yield from periods(world.settings.folder / "streams", str(view["of"]), "register" if name in ("line-keys", "contacts") else name)
