"""Makes `recorded/volumes.json` and `recorded/class-volumes.json`: what a real desk says of volumes it counted while lines are shaped.

Run `python -m tests.faces.web.record_volumes` after the shape of these answers changed, and read the difference.
"""

from __future__ import annotations

import json
import re
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.desk import test_class_shaping as of_class
from tests.desk.office import Office
from tests.desk.test_shaping import EVENING, GIGA, evening, export, look, shaped
from tests.faces.web.record import FOLDER
from tests.faces.web.record_envelopes import tidied

PERMIT = re.compile(r"\b(permit)-[0-9a-f]{16}\b")
DAY = (1, 1, 1, 1, 1, 1, 2, 3, 4, 4, 4, 5, 6, 5, 4, 4, 5, 7, 9, 12)
"""Gigabytes that a hundred light lines moved in each hour up to 20 o'clock."""


def main() -> None:
    for name, made in (("volumes", of_all()), ("class-volumes", of_application())):
        (FOLDER / f"{name}.json").write_text(json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def of_all() -> dict[str, Any]:
    """Heavy users."""
    with tempfile.TemporaryDirectory() as home:
        office = Office(Path(home) / "office").found()
        office.stand("shaping-count")
        export(office, *evening(heavy=10))
        for hour, gigabytes in enumerate(DAY):
            at = EVENING - timedelta(hours=20 - hour)
            share = gigabytes * GIGA // 200
            export(office, *(("203.0.113.81", f"198.51.100.{n + 101}", share * (1, 1, 2, 4)[n % 4], at) for n in range(100)))
        look(office)
        office.watch.wind(seconds=2)
        shaped(office)
        found = dict(tidied(office, office.terminal.call("volumes"), PERMIT))
        office.close()
    return found


def of_application() -> dict[str, Any]:
    """An application: some lines move much of it, some a little, most none."""
    with tempfile.TemporaryDirectory() as home:
        office = Office(Path(home) / "office").found()
        office.stand("class-shaping-count")
        of_class.export(office, *of_class.evening(others=100))
        light = (f"198.51.100.{n + 101}" for n in range(12))
        of_class.export(office, *((line, of_class.UDP, of_class.P2P, 150_000_000, EVENING + timedelta(hours=1)) for line in light))
        for hour, gigabytes in enumerate(DAY):
            at = EVENING - timedelta(hours=20 - hour)
            share = gigabytes * GIGA // 100
            of_class.export(office, *((f"198.51.100.{n + 101}", of_class.TCP, of_class.WEB, share, at) for n in range(100)))
        look(office)
        office.watch.wind(seconds=2)
        of_class.shaped(office)
        found = dict(tidied(office, office.terminal.call("volumes", measure="class-shaping"), PERMIT))
        office.close()
    return found


if __name__ == "__main__":
    main()
