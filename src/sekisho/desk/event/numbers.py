"""What each panel says, from what was counted. Small numbers are not told, devices are rounded down, gaps stay gaps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sekisho.desk.counted import GAP, LONG_GAP, Counted, Reading, grown, rates
from sekisho.desk.event.panels import Panel
from sekisho.wire.counters import OTHER, TYPES

Json = dict[str, Any]
SHOWN_TYPES = 6


def too_few(reading: Reading, least: int) -> bool:
    """Whether fewer devices are there than may be told apart from each other: then no total of theirs is shown."""
    known = [reading.values[n] for n in ("devices", "leases") if n in reading.values]
    return bool(known) and max(known) < least


def numbers(panel: Panel, counted: Counted, now: datetime, least: int) -> Json | None:
    """The panel's own numbers; None where nothing is known of them now."""
    reading = counted.newest(now)
    return None if reading is None else MADE[panel.name](panel, counted, now, least)


def _traffic(panel: Panel, counted: Counted, now: datetime, _least: int) -> Json | None:
    found: Json = {}
    for way in ("in", "out"):
        found |= {f"{k}_{way}": v for k, v in _curve(panel, counted, now, f"octets.{way}", 8).items()}
    return found if found["last_in"] is not None or found["last_out"] is not None else None


def _queries(panel: Panel, counted: Counted, now: datetime, least: int) -> Json | None:
    if sum(grown(counted.seconds, ["queries"], timedelta(seconds=60)).values()) < least:
        return None
    return _curve(panel, counted, now, "queries", 1)


def _curve(panel: Panel, counted: Counted, now: datetime, name: str, times: int) -> Json:
    """{"series": one value a second, oldest first, None for what is not known; "day": the same by minute; "last"}."""
    window = timedelta(seconds=panel.window_seconds)
    recent = {int((now - at).total_seconds()): r for at, r in rates(counted.seconds, name, GAP) if now - at < window}
    series = [_round(recent.get(ago), panel, times) for ago in range(panel.window_seconds - 1, -1, -1)]
    day = [_round(r, panel, times) for _, r in rates(counted.minutes, name, LONG_GAP)]
    return {"series": series, "day": day, "last": next((v for v in reversed(series) if v is not None), None)}


def _round(rate: float | None, panel: Panel, times: int) -> int | None:
    return None if rate is None else int(rate * times) // panel.rounded_to * panel.rounded_to


def _devices(panel: Panel, counted: Counted, _now: datetime, least: int) -> Json | None:
    values = counted.seconds[-1].values
    name = next((n for n in panel.counters if n in values), None)
    if name is None:
        return None
    day = [_level(r.values.get(name), panel, least) for r in counted.minutes]
    return {"last": _level(values[name], panel, least), "day": day}


def _zones(panel: Panel, counted: Counted, _now: datetime, least: int) -> Json | None:
    values = counted.seconds[-1].values
    zones = [{"name": n.removeprefix("zone."), "devices": _level(v, panel, least)} for n, v in values.items() if n.startswith("zone.")]
    return {"zones": sorted(zones, key=lambda z: z["name"])} if zones else None


def _level(value: int | None, panel: Panel, least: int) -> int | None:
    """Rounded down; None for fewer than may be told."""
    return None if value is None or value < least else value // panel.rounded_to * panel.rounded_to


def _share(part: str, *, of: Sequence[str]) -> Callable[[Panel, Counted, datetime, int], Json | None]:
    def made(panel: Panel, counted: Counted, _now: datetime, least: int) -> Json | None:
        found = grown(counted.seconds, {part, *of}, timedelta(seconds=panel.window_seconds))
        whole = sum(found.get(n, 0) for n in of)
        mine = found.get(part)
        hidden = mine is None or whole < least or 0 < mine < least or 0 < whole - mine < least
        return None if hidden or mine is None else {"percent": 100 * mine // whole}

    return made


def _types(panel: Panel, counted: Counted, _now: datetime, least: int) -> Json | None:
    """The commonest types by share; what fewer asked for than may be told, and the rest, is "other"."""
    names = [f"qtype.{t}" for t in (*TYPES, OTHER)]
    found = grown(counted.seconds, names, timedelta(seconds=panel.window_seconds))
    whole = sum(found.values())
    if whole < least:
        return None
    told = {n.removeprefix("qtype."): v for n, v in found.items() if v >= least and n != f"qtype.{OTHER}"}
    shown = sorted(told, key=lambda n: (-told[n], n))[:SHOWN_TYPES]
    types: list[Mapping[str, Any]] = [{"type": n, "percent": 100 * told[n] // whole} for n in shown]
    rest = 100 - sum(int(t["percent"]) for t in types)
    return {"types": [*types, {"type": OTHER, "percent": rest}]}


MADE: Mapping[str, Callable[[Panel, Counted, datetime, int], Json | None]] = {
    "traffic": _traffic,
    "devices": _devices,
    "zones": _zones,
    "queries": _queries,
    "ipv6": _share("queries.ipv6", of=("queries",)),
    "types": _types,
    "cache": _share("cache.hits", of=("cache.hits", "cache.misses")),
}
