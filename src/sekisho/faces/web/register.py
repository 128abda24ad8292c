"""The public register: one page that strangers read, in two languages, and the same as JSON. No cookie, no script, no other host.

The console serves it without a sign-in, from an answer at most a second old however many ask; `Written` keeps the same
pages as files, for a web server of the operator's own.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response

from sekisho.faces.web import i18n
from sekisho.faces.web.desk import Json
from sekisho.faces.web.errors import Turned
from sekisho.faces.web.render import environment
from sekisho.faces.web.visit import Visit, checked

STYLE = Path(__file__).parent / "static" / "register.css"
FRESH = timedelta(seconds=1)
AGAIN = timedelta(minutes=5)
IN_CONSOLE = {"ja": "/register?lang=ja", "en": "/register?lang=en", "json": "/register.json"}
IN_CONSOLE |= {"css": "/static/register.css", "line": "/line"}
AS_FILES = {"ja": "index.html", "en": "en.html", "json": "register.json", "css": "register.css", "line": ""}


@dataclass
class Shown:
    """The register as it was told last: strangers without number cost `keep` one question a second."""

    answer: Json = field(default_factory=dict)
    until: datetime | None = None

    async def of(self, visit: Visit) -> Json:
        """Raises Turned for a visitor who asks too often, and for an answer that is an error."""
        address = visit.request.client.host if visit.request.client else ""
        if not visit.console.readers.turn(address):
            raise Turned("too-many")
        now = visit.console.settings.clock()
        if self.until is None or now >= self.until:
            self.answer, self.until = checked(await visit.desk.public_register()), now + FRESH
        return self.answer


def rendered(register: Json, language: str, links: Mapping[str, str]) -> str:
    return environment(language).get_template("register.html").render(register=register, links=links)


async def page(visit: Visit) -> Response:
    """The page itself; no cookie is given for reading it."""
    chosen = visit.request.query_params.get("lang", "")
    language = chosen if chosen in i18n.LANGUAGES else visit.language
    text = rendered(await visit.console.shown.of(visit), language, IN_CONSOLE)
    return HTMLResponse(text, headers={"content-language": language, "vary": "Accept-Language"})


async def data(visit: Visit) -> Response:
    return JSONResponse(await visit.console.shown.of(visit))


@dataclass
class Written:
    """The register as files in a folder, each replaced whole. Written when it changed, and else every few minutes for its time."""

    folder: Path
    said: Any = None
    at: datetime | None = None

    def keep(self, register: Json, now: datetime) -> bool:
        """Whether anything was written. Raises OSError."""
        said = {k: v for k, v in register.items() if k != "at"}
        if said == self.said and self.at is not None and now < self.at + AGAIN:
            return False
        write(self.folder, register)
        self.said, self.at = said, now
        return True


def write(folder: Path, register: Json) -> list[str]:
    """Both pages, the JSON and the style sheet; their names. Raises OSError."""
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    files = {AS_FILES[language]: rendered(register, language, AS_FILES) for language in i18n.LANGUAGES}
    files[AS_FILES["json"]] = json.dumps(register, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    files[AS_FILES["css"]] = STYLE.read_text(encoding="utf-8")
    for name, text in files.items():
        fresh = folder / f".{name}.new"
        with fresh.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.chmod(0o644)
        fresh.replace(folder / name)
    return sorted(files)
