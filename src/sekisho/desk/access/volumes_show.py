"""The distribution of volumes for people: which share of the lines moves which share of the traffic, and how full the band is by hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sekisho.desk import permits, records
from sekisho.desk.volumes import KBIT, MEASURES, Hour, band, counted, counted_as, hours
from sekisho.desk.world import No, World
from sekisho.effects import shaping
from sekisho.effects.application import WORD
from sekisho.gate.permit import Permit
from sekisho.law.canonical import plain
from sekisho.measures.ladder import WHOLE_DAY
from sekisho.measures.registry import EVERY


@dataclass(frozen=True)
class Volumes:
    """Asked by people: of all that lines move, or of one application (`measure` is class-shaping)."""

    measure: str = shaping.MEASURE


def carry_out(world: World, request: Volumes) -> Mapping[str, Any]:
    """{"measure", "title", "application": {protocol: [ports]} or None, "target", "permit", "at", "days": [day], "day": the newest,
    "steps": its [{"over_mb", "lines", "octets", "lines_permille", "octets_permille"}], all lines first,
    "hours": [{"hour", "kbit", "heavy_kbit"}] of all days, each hour's busiest,
    "shaped": None or {"permit", "hours", "heavy_mb", "kbit", "full_kbit", "capacity_kbit"}}. Nothing counted: no days. Of an application,
    every step but that of all lines, and `heavy_kbit`, has its octets alone. Raises No: no-such-distribution."""
    if request.measure not in MEASURES:
        raise No("no-such-distribution", said=request.measure[:32])
    shape = _shape(world, request.measure)
    heavy_mb = int(str(shape.scope["heavy_mb"])) if shape else 0
    row = counted(world, request.measure)
    scope = counted_as(world, row) if row else {}
    rows = records.body(row)["rows"] if row else []
    days = sorted({r["day"] for r in rows})
    found = {
        "measure": request.measure,
        "title": EVERY[request.measure].title,
        "application": scope.get(WORD),
        "target": scope.get("target"),
        "permit": records.body(row)["permit"] if row else None,
        "at": row["at"] if row else None,
        "days": days,
        "day": days[-1] if days else None,
        "steps": _steps([r for r in rows if r["hour"] == WHOLE_DAY and r["day"] == days[-1]]) if days else [],
        "hours": _by_hour(hours(rows, heavy_mb) if heavy_mb else hours(rows, 0)) if days else [],
        "shaped": _words(shape) if shape else None,
    }
    return dict(plain(found))


def _shape(world: World, measure: str) -> Permit | None:
    """The permit in force under which lines are slowed down."""
    now = world.clock.now()
    return next((p for p, _ in permits.living(world, now) if (p.measure, p.step.name) == (measure, shaping.STEP)), None)


def _words(permit: Permit) -> Mapping[str, Any]:
    words, scope = band(permit.scope), permit.scope
    return {
        "permit": permit.id,
        **{word: scope.get(word) for word in ("hours", "heavy_mb", "kbit", "capacity_kbit")},
        "full_kbit": words.full_kbit if words else None,
    }


def _steps(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    every = next((r for r in rows if r["over_mb"] == 0), None)
    if every is None or not every["octets"]:
        return []
    return [
        {
            **{word: r[word] for word in ("over_mb", "lines", "octets")},
            "lines_permille": 1000 * r["lines"] // every["lines"],
            "octets_permille": 1000 * r["octets"] // every["octets"],
        }
        for r in sorted(rows, key=lambda r: int(r["over_mb"]))
    ]


def _by_hour(told: Sequence[Hour]) -> list[Mapping[str, Any]]:
    busiest: dict[int, Hour] = {}
    for one in told:
        if one.hour not in busiest or one.octets > busiest[one.hour].octets:
            busiest[one.hour] = one
    return [{"hour": h, "kbit": round(o.octets / KBIT), "heavy_kbit": round(o.heavy / KBIT)} for h, o in sorted(busiest.items())]
