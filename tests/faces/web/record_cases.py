"""Makes `recorded/cases.json`: what a real desk says of a few cases, on the day and in the hour of the other recordings.

Run `python -m tests.faces.web.record_cases` after the shape of these answers changed, and read the difference.
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

from tests.desk.caseload import CLAIM, REQUEST, SHOWN, Caseload
from tests.desk.office import Office
from tests.desk.rooming import Rooming
from tests.faces.web.record import NOW, PEOPLE

FOLDER = Path(__file__).parent / "recorded"
RANDOM = re.compile(r"(?<!unsafe-demo-)\b(matter|move|attachment|letter|hold|permit|person)-[0-9a-f]{16}\b")
NAMES = {"desk": PEOPLE[0], "engineer": PEOPLE[0], "officer": PEOPLE[1], "reviewer-a": PEOPLE[2], "reviewer-b": PEOPLE[3]}


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        office = Office(Path(home) / "office")
        office.watch.at = NOW
        answers = told(office.found())
        office.close()
    (FOLDER / "cases.json").write_text(json.dumps(answers, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def told(office: Office) -> dict[str, Any]:
    """One overdue, one due soon with a reminder, one on hold, one that waits, one closed; then everything said about them."""
    load = Caseload(office, texts=False)
    office.stand()
    for text in load.call("letter-texts"):
        if text["name"] not in ("deletion-kept@1", "lacking-right@1"):
            load.adopt(text["name"])
    now = office.watch.at
    office.watch.wind(days=-12)
    office.reopen()
    late = load.counting()
    closed = load.open("authority-preservation", {**REQUEST, "received_on": load.today(), "in_writing": False})
    load.move(closed, "refuse", {"why_refused": "not-in-writing"})
    office.watch.wind(days=7)
    soon = load.counting()
    office.watch.wind(seconds=(now - office.watch.at).total_seconds())
    load.remind()
    held = load.preserved(first="2026-11-01", last="2026-11-20")
    load.hold(held, f"{load.permit}/party/2026-11-21", reason="the other party asked the court for an order")
    waits = load.open("deletion-inquiry-intimate", {**CLAIM, "received_on": load.today()})
    load.attach(waits, "claim", name="申出書.pdf")
    happened = room_of(load)
    ids = {"happened": happened, "late": late, "closed": closed, "soon": soon, "held": held, "waits": waits}
    found = {
        "lists": {shown: load.call("cases", shown=shown) for shown in ("open", "closed", "all")},
        "cases": {matter: load.case(matter) for matter in ids.values()},
        "ids": ids,
        "rooms": {happened: load.call("incident", matter=happened)},
        "procedures": load.call("procedures"),
        "texts": load.call("letter-texts"),
        "prepared": {"ask-claimant": load.call("prepared-texts", matter=waits, move="ask-claimant", facts={})},
    }
    assert SHOWN
    return tidied(found, {load.person(w): p for w, p in NAMES.items()})


def room_of(load: Caseload) -> str:
    """An incident in the middle: a cause with its measure, one question answered and one not, a statement that is out."""
    room = Rooming(load).known()
    room.do("acknowledge")
    room.do("add-fact")
    room.do("add-warning")
    room.explained()
    room.do("add-question")
    room.do("add-question", question_from="press")
    room.do("answer")
    room.do("answer-later", later_to="2")
    room.do("name-spokesperson")
    room.do("draft-statement")
    room.do("publish-statement")
    room.do("add-cost")
    return room.matter


def tidied(found: dict[str, Any], people: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Random ids numbered in their order, people by the names of the other recordings."""
    text = json.dumps(found, ensure_ascii=False, sort_keys=True)
    for identity, person in people.items():
        text = text.replace(identity, str(person["id"]))
    for who, person in NAMES.items():
        text = text.replace(f'"name": "{who}"', f'"name": "{person["name"]}"').replace(f'"by": "{who}"', f'"by": "{person["name"]}"')
    order: dict[str, str] = {}
    text = RANDOM.sub(lambda m: order.setdefault(m[0], f"{m[1]}-{len(order):016x}"), text)
    return dict(json.loads(text))


if __name__ == "__main__":
    main()
