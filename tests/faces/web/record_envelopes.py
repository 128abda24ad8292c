"""Makes `recorded/envelopes.json`: what a real desk says of three envelopes, in the hour of the other recordings.

Run `python -m tests.faces.web.record_envelopes` after the shape of these answers changed, and read the difference.
"""

from __future__ import annotations

import json
import re
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.desk.office import Office
from tests.desk.test_envelopes import NARROW, approve, proposed, review, revoke, use
from tests.faces.web.record import FOLDER, NOW, PEOPLE

RANDOM = re.compile(r"\b(envelope|use|permit)-[0-9a-f]{16}\b")
NAMES = {"engineer": PEOPLE[0], "officer": PEOPLE[1], "reviewer-a": PEOPLE[2], "reviewer-b": PEOPLE[3]}


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        office = Office(Path(home) / "office")
        office.watch.at = NOW - timedelta(hours=30)
        found = told(office.found())
        office.close()
    (FOLDER / "envelopes.json").write_text(json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def told(office: Office) -> list[dict[str, Any]]:
    """One used three times (reviewed, overdue, waiting), one that waits for its second signature, one that was revoked."""
    plan = office.propose("traffic-picture")
    office.supply(plan, "traffic-picture")
    office.confirm(plan)
    used, waiting, gone = (proposed(office, plan, longest=timedelta(hours=hours)) for hours in (2, 3, 4))
    approve(office, waiting, "reviewer-a")
    for envelope in (used, gone):
        approve(office, envelope, "reviewer-a")
        approve(office, envelope, "reviewer-b")
    office.watch.wind(hours=1)
    first = use(office, used, {}, NARROW)["use"]
    office.watch.wind(hours=2)
    use(office, used)
    office.watch.wind(minutes=1)
    use(office, gone)
    revoke(office, gone, reason="the router of that night is gone")
    review(office, first, words="Graph and order fit; ended at 05:01.")
    office.watch.wind(hours=20)
    use(office, used)
    office.watch.wind(hours=7)
    return list(tidied(office, office.terminal.call("envelopes"), RANDOM))


def tidied(office: Office, said: Any, random: re.Pattern[str]) -> Any:
    """An answer with its random ids (kind, then digits) numbered in their order, and people by the names of the other recordings."""
    text = json.dumps(said, ensure_ascii=False, sort_keys=True)
    for who, person in NAMES.items():
        text = text.replace(office.keys[who].person, str(person["id"]))
        text = re.sub(rf'"(name|proposer)": "{who}"', rf'"\1": "{person["name"]}"', text)
    order: dict[str, str] = {}
    known = {str(p["id"]) for p in NAMES.values()}
    return json.loads(random.sub(lambda m: m[0] if m[0] in known else order.setdefault(m[0], f"{m[1]}-{len(order):016x}"), text))


if __name__ == "__main__":
    main()
