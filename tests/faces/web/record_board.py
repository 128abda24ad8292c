"""Makes `recorded/board.json`: what a real desk shows of an event with some three thousand devices, in the hour of the other recordings.

Run `python -m tests.faces.web.record_board` after the shape of this answer changed, and read the difference.
"""

from __future__ import annotations

import json
import math
import re
import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sekisho.desk.counted import Reading
from tests.desk.office import Office
from tests.faces.web.record import FOLDER, NOW
from tests.faces.web.record_envelopes import tidied

RANDOM = re.compile(r"\b(permit)-[0-9a-f]{16}\b")
ZONES = {"main-hall": 31, "room-a": 17, "room-b": 12, "room-c": 8, "sponsors": 15, "lounge": 9, "speakers": 0}
TYPES = {"A": 52, "AAAA": 27, "HTTPS": 14, "PTR": 3, "SRV": 2}
EVENT = '[event]\nname = "例示カンファレンス 2026"\n'


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        office = Office(Path(home) / "office")
        office.watch.at = NOW - timedelta(seconds=1)
        found = told(office.found(more=EVENT))
        office.close()
    (FOLDER / "board.json").write_text(json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def told(office: Office) -> dict[str, Any]:
    """Six hours by the minute and three minutes by the second, ten seconds of them missing."""
    permits, now = office.stand("event-board"), NOW
    office.watch.at = now
    totals = dict.fromkeys(("octets.in", "octets.out", "queries"), 0)
    moments = [now - timedelta(minutes=m) for m in range(360, 3, -1)]
    moments += [now - timedelta(seconds=s) for s in range(180, -1, -1) if not 60 <= s < 70]
    before = moments[0]
    for at in moments:
        office.world.counted.take(permits["count"], Reading(at, read(totals, at, (at - before).total_seconds())))
        before = at
    found: dict[str, Any] = tidied(office, office.channel("show").call("board"), RANDOM)
    return found


def read(totals: dict[str, int], at: datetime, seconds: float) -> Mapping[str, int]:
    """Counters that grow as on a busy day, without chance in them."""
    x = at.timestamp()
    wave = 1.6 + 0.5 * math.sin(x / 2200) + 0.35 * math.sin(x / 17) + 0.25 * math.sin(x / 5.3)
    totals["octets.in"] += int(52e6 * wave * seconds)
    totals["octets.out"] += int(11e6 * (0.7 + 0.3 * wave) * seconds)
    totals["queries"] += int((1300 + 500 * math.sin(x / 23) + 120 * math.sin(x / 3.1)) * seconds)
    queries, devices = totals["queries"], int(2600 + 900 * math.sin(x / 9000))
    shares = {"queries.ipv6": 47, "cache.hits": 82, "cache.misses": 18} | {f"qtype.{t}": p for t, p in TYPES.items()}
    parts = {name: queries * percent // 100 for name, percent in shares.items()}
    zones = {f"zone.{name}": max(devices * percent // 100, 4) for name, percent in ZONES.items()}
    return {**totals, **parts, "devices": devices, **zones}


if __name__ == "__main__":
    main()
