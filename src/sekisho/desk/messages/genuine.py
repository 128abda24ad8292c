"""Whoever got a mail asks whether it is one of ours: by its check code, its Message-ID or its link, or by subject, sender and day.

Only the first three tell that a mail was sent by us, and whoever has them has the mail. Subject and sender can be copied by anybody: they
are compared with what was announced, never with who it went to. So nobody learns here whether somebody is among the recipients.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import select

from sekisho.desk import campaigns, entrustments, records
from sekisho.desk.campaign_look import pages
from sekisho.desk.campaigns import R, Standing
from sekisho.desk.world import World
from sekisho.effects.message import PLACE
from sekisho.effects.texts import JST
from sekisho.law.campaign import Campaign

Json = Mapping[str, Any]
ANNOUNCED = timedelta(days=90)
"""How long after its window a campaign stays on the page."""
UNDER_WAY = timedelta(days=5)
"""So long mail servers go on trying."""
MOST = 50
LONGEST = 500
LEAST = 4
"""Letters of a subject that are the same for everybody: with fewer nothing can be told by it."""
AGAIN = re.compile(r"(?:[^\W\d_]{1,4}\s*:\s*)+")
"""What mail programs put before the subject of an answer or a forwarded mail, in whatever language."""


@dataclass(frozen=True)
class CheckMail:
    """What somebody typed. `code`: check code, Message-ID or the mail's stop link; else `subject`, and perhaps `sender` and `day`."""

    code: str = ""
    subject: str = ""
    sender: str = ""
    day: date | None = None


@dataclass(frozen=True)
class Announced:
    """What is sent at present, is about to be, or was lately."""


def carry_out(world: World, request: CheckMail) -> Json:
    """{"mail": Mailing and {"subject", "at"}, "like": [Mailing and {"differs": [sender, day]}]}; "mail" is None for none of ours.

    A code whose mail was never handed out is of no mail: whoever has it has it from elsewhere. See `told` for Mailing.
    """
    now = world.clock.now()
    if request.code.strip():
        return {"mail": _by_code(world, request.code.strip()[:LONGEST], now), "like": []}
    return {"mail": None, "like": _like(world, request, now)}


def announced(world: World, _request: Announced) -> Json:
    """{"mailings": [Mailing]}: what the public page lists, newest first."""
    now = world.clock.now()
    return {"mailings": [told(world, one, now) for one in _standing(world, now)]}


def told(world: World, one: Standing, now: datetime) -> Json:
    """Mailing: what the page says of one. {"announcement": words by language, "announced": when it was approved, "state": coming,
    sending, over or stopped, "on_behalf", "sender", "sender_name", "reply_desk", "hosts", "subjects": by language, "files", "since",
    "until", "training"}."""
    said, row = one.said, records.one(world.db, records.PERMITS, plan=one.plan)
    return {
        "announcement": campaigns.announcement(said),
        "announced": row["at"] if row else None,
        "state": _state(world, one, now),
        "on_behalf": entrustments.get(world, said.entrustment, now).said.party if said.entrustment else "",
        "sender": said.sender,
        "sender_name": said.sender_name,
        "reply_desk": said.reply_desk,
        "hosts": sorted({*said.hosts, pages(world.settings.console.url)}),
        "subjects": {language: PLACE.sub("…", text.subject) for language, text in said.texts.items()},
        "files": [a.name for a in said.attachments],
        "since": said.since,
        "until": said.until,
        "training": said.training,
    }


def _state(world: World, one: Standing, now: datetime) -> str:
    if now >= one.said.until:
        return "over"
    if campaigns.living(world, one, now) is None:
        return "stopped"
    return "sending" if now >= one.said.since else "coming"


def _standing(world: World, now: datetime) -> list[Standing]:
    """Approved now, or begun to go out; no training, which goes to nobody."""
    lately = (c for c in campaigns.every(world) if not c.said.training and now < c.said.until + ANNOUNCED)
    return [c for c in lately if campaigns.living(world, c, now) or records.one(world.db, records.BATCHES, campaign=c.id)][:MOST]


def _by_code(world: World, typed: str, now: datetime) -> Json | None:
    if "://" in typed:
        code = _code_in(typed, pages(world.settings.console.url))
        if not code:
            return None
        ours = R.c.stopped_by == campaigns.digest_of(code)
    elif "@" in typed:
        ours = R.c.known_as == typed.removeprefix("<").removesuffix(">").lower()
    else:
        ours = R.c.checked_by == campaigns.digest_of(campaigns.check_code_typed(typed))
    found = select(R.c.campaign, R.c.language, R.c.begun).where(ours, R.c.begun.isnot(None))
    row = world.db.execute(found).mappings().first()
    if row is None:
        return None
    mailing = told(world, campaigns.get(world, row["campaign"]), now)
    return {**mailing, "subject": mailing["subjects"][row["language"]], "at": row["begun"]}


def _code_in(typed: str, host: str) -> str:
    """The code of a link to our own pages; empty for a link to anywhere else."""
    try:
        link = urlsplit(typed)
        return parse_qs(link.query).get("code", [""])[0] if link.netloc.lower() == host else ""
    except ValueError:
        return ""


def _like(world: World, asked: CheckMail, now: datetime) -> list[Json]:
    """Announced mailings with such a subject, each with what is otherwise than was typed."""
    wanted, sender = plain(asked.subject), plain(asked.sender)
    found = [c for c in _standing(world, now) if any(fits(text.subject, wanted) for text in c.said.texts.values())]
    return [{**told(world, c, now), "differs": _differs(c.said, sender, asked.day)} for c in found]


def _differs(said: Campaign, sender: str, day: date | None) -> list[str]:
    wrong = ["sender"] if sender and sender.rpartition("<")[2].rstrip("> ") != said.sender.casefold() else []
    if day is not None and not said.since.astimezone(JST).date() <= day <= (said.until + UNDER_WAY).astimezone(JST).date():
        wrong.append("day")
    return wrong


def plain(typed: str) -> str:
    """As it is compared: without width, case, doubled spaces and the marks of an answer or of a forwarded mail."""
    text = " ".join(unicodedata.normalize("NFKC", typed[:LONGEST]).casefold().split())
    return text[found.end() :] if (found := AGAIN.match(text)) else text


def fits(subject: str, typed: str) -> bool:
    """Whether `typed` (as `plain` makes it) is this subject, whatever stands where the subject has a recipient's own value.

    Piece by piece from the left, so that no text takes long; the values themselves are never compared.
    """
    pieces = [plain(p) for p in PLACE.split(subject)[::2]]
    if sum(map(len, pieces)) < LEAST or not typed.startswith(pieces[0]):
        return False
    at = len(pieces[0])
    for piece in pieces[1:-1]:
        found = typed.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return typed == pieces[0] if len(pieces) == 1 else typed.endswith(pieces[-1]) and len(typed) - len(pieces[-1]) >= at
