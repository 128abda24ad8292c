"""What the malware scanner said of attached files, and of which it has not said anything yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from sekisho.desk import records
from sekisho.desk.world import World, fresh_id
from sekisho.law.canonical import canonical
from sekisho.ledger.entry import EntryType

Json = dict[str, Any]
CLEAN, FOUND, UNSCANNED = "clean", "found", "unscanned"
WHYS = ("encrypted", "limits", "too-large", "slow", "error", "unreadable")
"""Why a file that was shown to the scanner, or was to be, counts as not scanned."""
AGAIN = ("slow", "error")
"""Perhaps the scanner's own trouble: tried again later, a few times."""
TRIES, LATER = 3, timedelta(hours=1)
PROCESS = "scan"
SILENT = timedelta(seconds=15)
"""No word from the scanning process for so long: it is away."""


def of(world: World, attachment: str) -> Json:
    """{"state": clean, found or unscanned, "name", "why", "by": the scanner's version, "at", "entry"}; the newest word counts.

    `why` of a file nobody was asked about: none (no scanner is set up), away or waiting.
    """
    last = _last(world, attachment)
    if last is not None:
        said = records.body(last)
        return {**{k: said[k] for k in ("state", "name", "why", "by")}, "at": last["at"], "entry": last["entry"]}
    return {"state": UNSCANNED, "name": "", "why": _silence(world), "by": "", "at": None, "entry": None}


def standing(world: World) -> Json:
    """{"state": none, away or here, "waiting": files nobody has scanned yet, "found": files in which something was}."""
    why = _silence(world)
    table = records.SCANS
    found = world.db.execute(select(func.count()).select_from(table).where(table.c.state == FOUND)).scalar_one()
    asked = select(table.c.attachment)
    waiting = select(func.count()).select_from(_kept()).where(records.ATTACHMENTS.c.id.not_in(asked), records.MATTERS.c.gone.is_(None))
    state = {"waiting": "here"}.get(why, why)
    return {"state": state, "waiting": world.db.execute(waiting).scalar_one(), "found": found}


def next_row(world: World, now: datetime) -> Mapping[str, Any] | None:
    """The oldest file that was never shown to the scanner; else one that is to be tried again."""
    files, scans = records.ATTACHMENTS, records.SCANS
    living = select(files).select_from(_kept()).where(records.MATTERS.c.gone.is_(None)).order_by(files.c.at).limit(1)
    fresh = world.db.execute(living.where(files.c.id.not_in(select(scans.c.attachment)))).mappings().first()
    if fresh is not None:
        return dict(fresh)
    tries = select(scans.c.attachment).group_by(scans.c.attachment)
    ripe = tries.having(func.count() < TRIES, func.max(scans.c.state) == "again", func.max(scans.c.at) < records.stamp(now - LATER))
    again = world.db.execute(living.where(files.c.id.in_(ripe))).mappings().first()
    return None if again is None else dict(again)


def write(world: World, file: Mapping[str, Any], said: Json, now: datetime) -> None:
    """Enter what was said of a file (state, name, why, by), by the file's own digest."""
    identity = fresh_id("scan")
    plain = {"scan": identity, "attachment": file["id"], "matter": file["matter"], "digest": records.body(file)["digest"]}
    body = canonical({**plain, **said})
    state = "again" if said["why"] in AGAIN else said["state"]
    records.add(world.db, records.SCANS, body, now, id=identity, attachment=file["id"], state=state)
    ids = {"scan": identity, "attachment": file["id"], "matter": file["matter"]}
    world.write(EntryType.SCANNED, body, ids=ids, at=now, table=records.SCANS, key={"id": identity})


def open_to_scan(world: World, attachment: str) -> bool:
    """Whether a word about it is still missing, or only that it could not be scanned just then."""
    last = _last(world, attachment)
    return last is None or last["state"] == "again"


def _last(world: World, attachment: str) -> Mapping[str, Any] | None:
    return next(iter(records.rows(world.db, records.SCANS, newest=1, attachment=attachment)), None)


def _silence(world: World) -> str:
    if world.settings.scan.socket is None:
        return "none"
    told = records.one(world.db, records.REPORTS, process=PROCESS)
    fresh = told is not None and told["at"] > records.stamp(world.clock.now() - SILENT)
    return "waiting" if told is not None and fresh and not records.body(told).get("away") else "away"


def _kept() -> Any:
    return records.ATTACHMENTS.join(records.MATTERS, records.ATTACHMENTS.c.matter == records.MATTERS.c.id)
