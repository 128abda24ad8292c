"""Makes `recorded/talks.json`: what a real desk says of a masked talk, of its held mails, and of one that is read.

Run `python -m tests.faces.web.record_talks` after the shape of these answers changed, and read the difference.
"""

from __future__ import annotations

import json
import re
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from sekisho.law.talk import Fate, Reason
from tests.desk import talking
from tests.desk.office import Office
from tests.faces.web.record import FOLDER, NOW
from tests.faces.web.record_envelopes import tidied

RANDOM = re.compile(r"\b(talk|passing|campaign|permit|person|plan)-[0-9a-f]{16}\b")
WORDS = "駅の北口でお会いできます。\nI could be at the north gate.\nお電話は 090-1234-5678 です。\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        office = Office(Path(home) / "office")
        office.watch.at = NOW - timedelta(hours=2)
        office.found().close()
        talking.prepare(office, Path(home))
        found = tidied(office, told(office.open()), RANDOM)
        office.close()
    (FOLDER / "talks.json").write_text(json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def told(office: Office) -> dict[str, Any]:
    """One open talk: two mails that are held, one of which was read; one that was dropped, and one that was passed on."""
    talk = talking.begun(office)
    first = held(office, talk, 1, Reason("telephone", "line 3"))
    held(office, talk, 2, Reason("address", "line 2"), Reason("files", "file 1"))
    talking.settled(office, held(office, talk, 3, Reason("machine", "")), Fate.DROP)
    done(office, came(office, talk, 4), "accepted")
    read = talking.read_held(office, first)
    return {"list": office.terminal.call("talks"), "held": talking.held(office), "read": read}


def held(office: Office, talk: talking.Talk, number: int, *why: Reason) -> str:
    """A mail that came and was held for these reasons; its name."""
    return done(office, came(office, talk, number), "held", why)


def came(office: Office, talk: talking.Talk, number: int) -> str:
    office.watch.wind(seconds=40)
    alias, raw = talk.aliases[1].partition("@")[0], talking.mail(talk, 0, WORDS, number)
    return str(office.channel("act").call("talk-mail-came", raw=raw, alias=alias, named=f"{number:064x}")["passing"])


def done(office: Office, name: str, outcome: str, why: tuple[Reason, ...] = ()) -> str:
    act = office.channel("act")
    act.call("take-talk-mail", passing=name)
    act.call("talk-mail-done", passing=name, outcome=outcome, reply=250 if outcome == "accepted" else 0, why=why)
    return name


if __name__ == "__main__":
    main()
