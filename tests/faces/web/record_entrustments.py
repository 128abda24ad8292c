"""Makes `recorded/entrustments.json`: what a real desk says of its register, in the hour of the other recordings.

Run `python -m tests.faces.web.record_entrustments` after the shape of these answers changed, and read the difference.
"""

from __future__ import annotations

import json
import re
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from sekisho.law.entrustment import What
from tests.desk.office import Office
from tests.desk.test_entrust import PROOF, enter, entrusted, move, permit, row
from tests.faces.web.record import FOLDER, NOW
from tests.faces.web.record_envelopes import tidied

RANDOM = re.compile(r"\b(entrustment|permit|person)-[0-9a-f]{16}\b")


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        office = Office(Path(home) / "office")
        office.watch.at = NOW - timedelta(hours=27)
        found = told(office.found())
        office.close()
    (FOLDER / "entrustments.json").write_text(json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def told(office: Office) -> dict[str, Any]:
    """An agency with a permit and two firms below it (one in force, one that waits), one stopped, one ended and late."""
    ended = entrusted(office, party="Old Fulfilment Co.", return_days=0)
    move(office, ended, What.ENDED, "desk", "last year's race")
    office.watch.wind(hours=25)
    agency = entrusted(office)
    entrusted(office, "printing-house", agency)
    waits = enter(office, row(office, "printing-house", parent=agency, party="Binder Ltd."))
    move(office, waits, What.AGREED, "officer", proof=PROOF)
    permit(office, agency)
    stopped = entrusted(office, party="Live Timing Inc.")
    move(office, stopped, What.SUSPENDED, "engineer", "a mail showed other people's addresses")
    return dict(tidied(office, office.terminal.call("entrustments"), RANDOM))


if __name__ == "__main__":
    main()
