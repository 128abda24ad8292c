"""Makes `recorded/hand_overs.json`: what a real desk says of the lists it handed over, in the hour of the other recordings.

Run `python -m tests.faces.web.record_hand_overs` after the shape of these answers changed, and read the difference.
"""

from __future__ import annotations

import json
import re
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from sekisho.law.entrustment import What
from tests.desk.handing import RUNNERS, Killed, act, csv, give, permitted, prepared, said_in
from tests.desk.office import Office
from tests.desk.test_entrust import move
from tests.faces.web.record import FOLDER, NOW
from tests.faces.web.record_envelopes import tidied

RANDOM = re.compile(r"\b(entrustment|permit|person|handover)-[0-9a-f]{16}\b")
DIGEST = re.compile(r'"(sealed|file)": "[0-9a-f]{64}"')


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        office = Office(Path(home) / "office")
        office.watch.at = NOW - timedelta(hours=30)
        found = told(office.found())
        office.close()
    (FOLDER / "hand_overs.json").write_text(json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def told(office: Office) -> dict[str, Any]:
    """One list that is late, one refused, one given, one that nobody can tell of, one that waits."""
    fields = {"fields": ("name", "mail"), "canaries": 1}
    row, _ = prepared(office, party="Old Fulfilment Co.", return_days=0)
    give(office, permitted(office, row, **fields))
    act(office)
    move(office, row, What.ENDED, "desk", "last year's race")
    office.watch.wind(hours=25)
    row, _ = prepared(office)
    of = permitted(office, row, **fields)
    give(office, of, csv(RUNNERS[:2]), says=said_in(office, of, "file"))
    act(office)
    give(office, of, without=csv([("ichiro@example.jp",)], ("who",)))
    act(office)
    give(office, permitted(office, row, **fields, why_not_lower="a second mailing"))
    try:
        act(office, before="hand-over-done")
    except Killed:
        for file in (office.settings.folder / "act" / "outbox").iterdir():
            file.unlink()
    act(office)
    give(office, permitted(office, row, fields=("name", "mail"), why_not_lower="a third mailing"))
    text = json.dumps(tidied(office, office.terminal.call("hand-overs"), RANDOM), ensure_ascii=False)
    return dict(json.loads(DIGEST.sub(lambda m: f'"{m[1]}": "{"5e" * 32}"', text)))


if __name__ == "__main__":
    main()
