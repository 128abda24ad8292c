"""A periodic look: open the permitted columns, let the measure find, report tokens or figures. What comes next, `keep` asks.

Runs in a `work` child. The measure sees the columns its permit names and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from sekisho.desk.flows.look import Opened
from sekisho.desk.outside import Outside
from sekisho.gate.check import read
from sekisho.law.canonical import plain
from sekisho.law.words import Value
from sekisho.measures.measure import Finding, Measure
from sekisho.measures.registry import EVERY
from sekisho.store.parts import periods
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
    days = periods(streams, permit.id, stream)[-getattr(measure, "days_looked_at", DAYS_LOOKED_AT) :]
    if "token" not in columns:
        with open_view(streams, permit, stream, columns, days, world.release(look)) as view:
            figures = [_figure(r) for r in measure.find(view.relation).to_pyarrow().to_pylist()]
        world.keep.call("found", look=look, figures=figures)
        return
    if getattr(measure, "counts", False):
        world.keep.call("found", look=look, figures=list(_counted(world, request, measure, days)))
        return
    findings: list[Finding] = []
    for day in days:
        with open_view(streams, permit, stream, columns, [day], world.release(look), world.token_key(look)) as view:
            findings += _findings(measure, day, measure.find(view.relation).to_pyarrow())
    world.keep.call("found", look=look, findings=findings)


def _counted(world: Outside, request: Find, measure: Measure, days: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Figures of each day over lines that are seen as tokens: how many there are leaves, none of them does."""
    permit, look = read(request.opened.permit), request.opened.look.id
    stream, columns = measure.look or ("", ())
    for day in days:
        release, tokens = world.release(look), world.token_key(look)
        with open_view(world.settings.folder / "streams", permit, stream, columns, [day], release, tokens) as view:
            yield from ({"day": day, **_figure(r)} for r in measure.find(view.relation).to_pyarrow().to_pylist())


def _findings(measure: Measure, day: str, rows: pa.Table) -> Iterable[Finding]:
    for row in rows.to_pylist():
        facts: Mapping[str, Value] = {k: v for k, v in row.items() if k not in ("token", "first", "last")}
        yield Finding(measure.name, row["token"], day, row["first"], row["last"], facts)


def _figure(row: Mapping[str, Any]) -> dict[str, Any]:
    """Figures as JSON: addresses of exporters as hex, times as ISO 8601."""
    return {k: plain(v) for k, v in row.items()}
