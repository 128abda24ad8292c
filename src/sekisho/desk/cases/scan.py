"""Which attached file is to be scanned next, and what the scanner said of it. `keep` itself never looks into a stranger's file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sekisho.desk import records, scans
from sekisho.desk.cases import procedure_attach
from sekisho.desk.world import No, World

Json = dict[str, Any]
WORD = re.compile(r"[ -~]{0,100}")


@dataclass(frozen=True)
class NextScan:
    """Asked by the scanning process, and only after the scanner answered it."""


@dataclass(frozen=True)
class ToScan:
    """A file, whole."""

    attachment: str
    content: bytes


@dataclass(frozen=True)
class Scanned:
    """What the scanner said: `state` clean, found (with the `name` it gives it) or unscanned (with `why`); `by`: its version."""

    attachment: str
    state: str
    by: str
    name: str = ""
    why: str = ""


def following(world: World, _request: NextScan) -> ToScan | None:
    """The next file, or None. One that cannot be read is entered as such, and the one after it is taken."""
    now = world.clock.now()
    while (row := scans.next_row(world, now)) is not None:
        try:
            found = procedure_attach.opened(world, row)
        except No:
            scans.write(world, row, {"state": scans.UNSCANNED, "name": "", "why": "unreadable", "by": ""}, now)
        else:
            return ToScan(row["id"], found.content)
    return None


def carry_out(world: World, said: Scanned) -> Json:
    """Enters it. Raises No: unknown-attachment, already-scanned, not-a-verdict."""
    row = records.one(world.db, records.ATTACHMENTS, id=said.attachment)
    if row is None:
        raise No("unknown-attachment", attachment=said.attachment[:64])
    if not scans.open_to_scan(world, said.attachment):
        raise No("already-scanned", attachment=said.attachment)
    told = {"clean": not said.name and not said.why, "found": bool(said.name) and not said.why}
    told["unscanned"] = not said.name and said.why in scans.WHYS
    if not told.get(said.state) or not WORD.fullmatch(said.name) or not WORD.fullmatch(said.by):
        raise No("not-a-verdict", state=said.state[:20])
    scans.write(world, row, {"state": said.state, "name": said.name, "why": said.why, "by": said.by}, world.clock.now())
    return scans.of(world, said.attachment)
