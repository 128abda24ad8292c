"""Counts by day beside the days a measure's permits lived: before, during, and after. Figures only; what caused them nobody here says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

from sekisho.desk import permits, records
from sekisho.desk.signed_words import EffectKind
from sekisho.desk.world import No, World
from sekisho.measures.registry import EVERY

JAPAN = timezone(timedelta(hours=9))
DAYS = 366
"""So many days are shown at most, the newest."""
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class MeasureEffect:
    """Asked by people; `measure` by its name."""

    measure: str


def carry_out(world: World, request: MeasureEffect) -> Mapping[str, Any]:
    """{"measure", "lived": [{"since", "until"}], "kinds": [{"kind", "days": [{"day", "count", "lived"}], "before", "during", "after"}]}.

    Days are Japan's. `before`: days before the first permit's; `during`: days on which a permit lived, if only for a part; `after`: the
    others. Each is {"days": how many were counted, "mean_milli": their mean in thousandths} or None where none was counted.
    Raises No: unknown-measure."""
    if request.measure not in EVERY:
        raise No("unknown-measure", measure=request.measure)
    spans = sorted(lived(world, request.measure, world.clock.now()))
    told = counted(world)
    kinds = [one for kind in EffectKind if (one := _kind(kind, told, spans)) is not None]
    return {"measure": request.measure, "lived": [{"since": a.isoformat(), "until": b.isoformat()} for a, b in spans], "kinds": kinds}


def lived(world: World, measure: str, now: datetime) -> Iterator[Span]:
    """From when to when each permit of the measure lived, until now at most; those that were carried on with what came before."""
    for row in records.rows(world.db, records.PERMITS, measure=measure):
        permit = permits.of(row)
        over = datetime.fromisoformat(row["ended_at"]) if row["ended_at"] else now
        earlier = [permits.of(r) for r in records.rows(world.db, records.RENEWED, permit=permit.id)]
        for one in (*earlier, permit):
            until = min(one.until, over, now)
            if one.since < until:
                yield one.since, until


def counted(world: World) -> dict[EffectKind, dict[date, int]]:
    """The newest count of each day and kind."""
    found: dict[EffectKind, dict[date, int]] = {}
    for row in records.rows(world.db, records.EFFECT_COUNTS):
        for one in records.body(row).get("counts", {}).get("counts", []):
            found.setdefault(EffectKind(one["kind"]), {})[date.fromisoformat(one["day"])] = int(one["count"])
    return found


def _kind(kind: EffectKind, told: Mapping[EffectKind, Mapping[date, int]], spans: Sequence[Span]) -> Mapping[str, Any] | None:
    by_day = sorted(told.get(kind, {}).items())[-DAYS:]
    if not by_day:
        return None
    alive = {day for day, _ in by_day if any(_touches(span, day) for span in spans)}
    first = spans[0][0].astimezone(JAPAN).date() if spans else None
    before = [n for day, n in by_day if first is None or day < first]
    during = [n for day, n in by_day if day in alive]
    after = [n for day, n in by_day if first is not None and day >= first and day not in alive]
    return {
        "kind": kind.value,
        "days": [{"day": day.isoformat(), "count": n, "lived": day in alive} for day, n in by_day],
        **{name: _mean(counts) for name, counts in (("before", before), ("during", during), ("after", after))},
    }


def _touches(span: Span, day: date) -> bool:
    begin = datetime(day.year, day.month, day.day, tzinfo=JAPAN)
    return span[0] < begin + timedelta(days=1) and span[1] > begin


def _mean(counts: Sequence[int]) -> Mapping[str, int] | None:
    return {"days": len(counts), "mean_milli": round(1000 * sum(counts) / len(counts))} if counts else None
