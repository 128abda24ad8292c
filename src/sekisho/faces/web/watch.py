"""A film, or files, for invited people: the code of the mail opens it on this device; nothing of it comes to any other.

The cookie is signed here and good for ten minutes; before it is half over `keep` is asked again. Segments lie here encrypted; the key comes
from `keep` each time it is asked for, and passes through to the player. A file is opened here for the moment of one answer: a picture is
shown within the page, everything else is saved and never shown or run.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, Response

from sekisho.desk.viewing.files import PICTURES, open_file
from sekisho.faces.web import strangers
from sekisho.faces.web.errors import Turned
from sekisho.faces.web.pages import identifier
from sekisho.faces.web.saved import picture, saved
from sekisho.faces.web.strangers import front, line, sent, show
from sekisho.faces.web.visit import Visit, checked

COOKIE = "sekisho-viewing"
SHORT = timedelta(minutes=10)
SECRET = secrets.token_bytes(32)
"""Of this process: after a restart every device asks `keep` anew, with the session its cookie names."""
FOLDER = re.compile(r"[0-9a-f]{16}")
SEGMENT = re.compile(r"s\d{5}\.ts")
LIST = "list.m3u8"
PAGE = re.compile(r"[0-9]{1,4}")
KINDS = {"m3u8": "application/vnd.apple.mpegurl", "ts": "video/mp2t"}


async def watch(visit: Visit) -> Response:
    """The page: the field for the code, or the film where it was opened on this device."""
    found = await front(visit)
    form = await sent(visit) if visit.request.method == "POST" else None
    asked = checked(await visit.desk.doors.viewing(identifier(visit)))
    if form is None:
        return await _shown(visit, found["operator"], asked)
    opened = await visit.desk.doors.open_viewing(asked["id"], line(form, "code", 64), anew=line(form, "do") == "anew")
    refused, status = strangers.refusal(opened)
    if refused:
        return page(visit, found["operator"], asked, status, refused=refused)
    told = checked(await visit.desk.doors.watch(asked["id"], opened["session"], key=False))
    answer = page(visit, found["operator"], asked, playing=True, **leaf(told["names"], 0))
    return _dressed(visit, answer, opened["session"], told["folder"])


async def _shown(visit: Visit, operator: Mapping[str, Any], asked: Mapping[str, Any]) -> Response:
    """The page as this device may see it now; `?page=` chooses the picture."""
    session, _, _ = _told(visit, asked["id"])
    told = await visit.desk.doors.watch(asked["id"], session, key=False) if session else {"error": {}}
    if "error" in told:
        return page(visit, operator, asked)
    chosen = visit.request.query_params.get("page", "")
    return page(visit, operator, asked, playing=True, **leaf(told["names"], int(chosen) if PAGE.fullmatch(chosen) else 0))


def leaf(names: Sequence[str], chosen: int) -> dict[str, Any]:
    """What is shown of files: "saved" [(number, name)] to be saved; the picture "leaf" (its number in all), which is "at" of "leaves"."""
    pictures = [n for n, name in enumerate(names) if PurePath(name).suffix.lower() in PICTURES]
    at = min(max(chosen, 1), len(pictures))
    others = [(n, name) for n, name in enumerate(names) if n not in pictures]
    return {"saved": others, "leaves": len(pictures), "at": at, "leaf": pictures[at - 1] if pictures else None}


def page(visit: Visit, operator: Mapping[str, Any], asked: Mapping[str, Any], status: int = 200, **values: Any) -> Response:
    return show(visit, "watch.html", operator, status, **{"asked": asked, "playing": False, "saved": (), "leaf": None, **values})


async def key(visit: Visit) -> Response:
    """The film's key, for a device it was opened on; `keep` is asked every time. Raises Turned("no-session")."""
    session = _session(visit)
    told = checked(await visit.desk.doors.watch(identifier(visit), session, key=True))
    return _dressed(visit, Response(bytes.fromhex(told["key"]), media_type="application/octet-stream"), session, told["folder"])


async def file(visit: Visit) -> Response:
    """One file, for a device it was opened on; `keep` is asked every time. Raises Turned: no-session, unknown."""
    session, number = _session(visit), int(visit.request.path_params["number"])
    told = checked(await visit.desk.doors.watch(identifier(visit), session, key=True))
    folder, names = str(told["folder"]), told["names"]
    if number >= len(names) or not FOLDER.fullmatch(folder):
        raise Turned("unknown")
    content = await run_in_threadpool(open_file, visit.desk.doors.films / folder, number, bytes.fromhex(told["key"]))
    if content is None:
        raise Turned("unknown")
    media = PICTURES.get(PurePath(names[number]).suffix.lower())
    return _dressed(visit, picture(content, media) if media else saved(names[number], content), session, folder)


async def piece(visit: Visit) -> Response:
    """The list or an encrypted segment. Raises Turned: no-session, unknown."""
    name = str(visit.request.path_params["name"])
    if name != LIST and not SEGMENT.fullmatch(name):
        raise Turned("unknown")
    found = await _watching(visit, identifier(visit), anew=name == LIST)
    if found is None:
        raise Turned("no-session")
    session, folder, fresh = found
    path = visit.desk.doors.films / folder / name
    if not FOLDER.fullmatch(folder) or not path.is_file():
        raise Turned("unknown")
    answer = FileResponse(path, media_type=KINDS[name.rpartition(".")[2]])
    return _dressed(visit, answer, session, folder) if fresh else answer


async def _watching(visit: Visit, viewing: str, *, anew: bool = False) -> tuple[str, str, bool] | None:
    """(session, folder, whether `keep` was asked just now); None for a device it was not opened on, or where it is over."""
    session, folder, until = _told(visit, viewing)
    if not session:
        return None
    now: datetime = visit.console.settings.clock()
    if folder and not anew and now < until - SHORT / 2:
        return session, folder, False
    told = await visit.desk.doors.watch(viewing, session, key=False)
    return None if "error" in told else (session, str(told["folder"]), True)


def _session(visit: Visit) -> str:
    """The session this device names. Raises Turned("no-session")."""
    session, _, _ = _told(visit, identifier(visit))
    if not session:
        raise Turned("no-session")
    return session


def _told(visit: Visit, viewing: str) -> tuple[str, str, datetime]:
    """What the cookie says: session, folder (empty unless we signed it) and until when. Three empties for no cookie."""
    parts = visit.request.cookies.get(COOKIE, "").split(".")
    now: datetime = visit.console.settings.clock()
    if len(parts) != 4 or not parts[2].isascii() or not parts[2].isdigit() or len(parts[2]) > 12:
        return "", "", now
    session, folder, until, mark = parts
    good = hmac.compare_digest(mark, _mark(viewing, session, folder, until)) and int(until) > now.timestamp()
    return session[:64], folder if good else "", datetime.fromtimestamp(int(until), now.tzinfo) if good else now


def _dressed(visit: Visit, answer: Response, session: str, folder: str) -> Response:
    """Give the device its cookie for the next ten minutes, for this film's paths alone."""
    now: datetime = visit.console.settings.clock()
    viewing, until = identifier(visit), str(int((now + SHORT).timestamp()))
    value = ".".join((session, folder, until, _mark(viewing, session, folder, until)))
    secure = visit.console.settings.secure
    answer.set_cookie(COOKIE, value, path=f"/watch/{viewing}", httponly=True, samesite="strict", secure=secure)
    return answer


def _mark(*said: str) -> str:
    return hmac.new(SECRET, "\x00".join(said).encode(), hashlib.sha256).hexdigest()
