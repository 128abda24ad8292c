"""Makes `recorded/event.json`: the report of an event of two days that was ended and whose copies were searched.

Run `python -m tests.faces.web.record_event` after the shape of this answer changed, and read the difference.
"""

from __future__ import annotations

import json
import re
import tempfile
from datetime import timedelta
from pathlib import Path

from sekisho.desk.signed_words import CopiesSearched, EndEvent
from tests.desk.office import Office
from tests.desk.test_portal import PORTAL
from tests.faces.web.record import FOLDER, NOW
from tests.faces.web.record_envelopes import tidied

RANDOM = re.compile(r"\b(permit|event)-[0-9a-f]{16}\b")
EVENT = "例示カンファレンス 2026"


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        office = Office(Path(home) / "office")
        office.watch.at = NOW - timedelta(days=2)
        office.found(more=f'[event]\nname = "{EVENT}"\n{PORTAL}')
        for name in ("event-board", "event-portal"):
            office.stand(name)
        for day in range(2):
            for device in range(9):
                answered(office, f"02:00:00:00:{day:02}:{device:02}", agrees=device % 3 == 0)
            office.channel("portal").call("withdraw-at-portal", hardware=f"02:00:00:00:{day:02}:00", purpose="")
            office.watch.wind(days=1)
        key = office.keys["officer"]
        ending = EndEvent(EVENT, key.person, office.watch.at)
        ended = office.terminal.call("end-event", ending=ending, signature=key.sign(ending))["id"]
        search = CopiesSearched(ended, 2, 418, 9_412_608, 0, 72, 0, 1, 0, 0, key.person, office.watch.at)
        office.terminal.call("event-searched", search=search, signature=key.sign(search))
        found = dict(tidied(office, office.terminal.call("event-report"), RANDOM))
        office.close()
    found["gone"] |= {"files": [], "names": []}
    (FOLDER / "event.json").write_text(json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def answered(office: Office, hardware: str, *, agrees: bool) -> None:
    portal = office.channel("portal")
    offers = portal.call("portal-page", hardware=hardware)["offers"]
    shown = {o["purpose"]: o["digest"]["ja"] for o in offers}
    agreed = [o["purpose"] for o in offers] if agrees else []
    portal.call("answer-portal", hardware=hardware, agreed=agreed, shown=shown, language="ja")


if __name__ == "__main__":
    main()
