"""Makes `recorded/effect.json`: what a real desk says of counts by day beside the days of a measure's permit.

Run `python -m tests.faces.web.record_effect` after the shape of this answer changed, and read the difference.
"""

from __future__ import annotations

import json
import tempfile
from datetime import date, timedelta
from pathlib import Path

from sekisho.desk.signed_words import EffectCount, EffectCounts, EffectKind
from tests.desk.office import Office
from tests.faces.web.record import FOLDER

COMPLAINTS = (14, 11, 15, 13, 16, 12, 14, 9, 6, 5, 4, 6, 5, 3, 7, 8, 9)
CALLS = (31, 28, 30, 33, 29, 35, 30, 44, 40, 31, 29, 27, 28, 26, 25, 27, 26)
FIRST = date(2026, 11, 15)


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        office = Office(Path(home) / "office").found()
        permit = office.stand("traffic-picture")["count"]
        office.watch.wind(days=6)
        office.withdraw(permit)
        office.watch.wind(days=4)
        told = {EffectKind.COMPLAINTS: COMPLAINTS, EffectKind.HELP_DESK: CALLS}
        counts = tuple(EffectCount(FIRST + timedelta(days=n), k, c) for k, counts in told.items() for n, c in enumerate(counts))
        key = office.keys["desk"]
        words = EffectCounts(counts, key.person, office.watch.at)
        office.terminal.call("enter-counts", counts=words, signature=key.sign(words))
        found = office.terminal.call("measure-effect", measure="traffic-picture")
        office.close()
    (FOLDER / "effect.json").write_text(json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
