"""Makes `recorded/tools.json`: what a real desk says of its contractors' tools, in the hour of the other recordings.

Run `python -m tests.faces.web.record_tools` after the shape of these answers changed, and read the difference.
"""

from __future__ import annotations

import json
import re
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from sekisho.law.entrustment import What
from sekisho.law.tool import Heard, Said, Step
from tests.desk.office import Office
from tests.desk.test_entrust import enter, entrusted, move, row
from tests.desk.tooling import PAPER, declare, record, say
from tests.faces.web.record import FOLDER, NOW
from tests.faces.web.record_envelopes import tidied

RANDOM = re.compile(r"\b(entrustment|person|tool)-[0-9a-f]{16}\b")
DEALT = tuple(
    Heard(Step.POST, function, "a", to, shows, where, digit * 64)
    for to, digit in (("b", "1"), ("c", "2"))
    for function, shows, where in (("list-mail", (), "envelope"), ("sender-shown", ("a",), "header from"))
)


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        office = Office(Path(home) / "office")
        office.watch.at = NOW - timedelta(hours=2)
        found = told(office.found())
        office.close()
    (FOLDER / "tools.json").write_text(json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def told(office: Office) -> dict[str, Any]:
    """One tool that is clear, one caught in the drill, one that waits for signatures, one of which nothing is declared."""
    entrusted(office)
    caught = approved(office, party="Live Timing Inc.")
    declared = declare(office, caught, tool="Runners' Board")["tool"]
    record(office, caught, declared, heard=DEALT, mails=2, report=PAPER)
    say(office, caught, Said.NO_GO, who="desk", drill=newest(office, caught), reason="a list function nobody declared", named="", paper="")
    waits = approved(office, party="Photo Service Ltd.")
    record(office, waits, declare(office, waits, release="3.1", tool="Album")["tool"])
    approved(office, party="Broadcast Partners")
    return dict(tidied(office, office.terminal.call("tools"), RANDOM))


def approved(office: Office, **changed: Any) -> str:
    identity = enter(office, row(office, "agency", **changed))
    move(office, identity, What.APPROVED, "reviewer-a")
    return identity


def newest(office: Office, entrustment: str) -> str:
    (one,) = office.terminal.call("tools", entrustment=entrustment)["tools"]
    return str(one["drill"]["id"])


if __name__ == "__main__":
    main()
