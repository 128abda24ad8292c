"""The public board: one answer of `keep` and one rendering a second, however many look. No cookie, no script needed, no other host.

Nobody is counted or turned away by address: a whole venue looks from one, and each of them is given bytes that lie ready.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.responses import JSONResponse, Response, StreamingResponse

from sekisho.faces.web import i18n
from sekisho.faces.web.actions import lay
from sekisho.faces.web.desk import Desk, DeskAway, Json
from sekisho.faces.web.errors import Turned
from sekisho.faces.web.render import environment
from sekisho.faces.web.visit import PublicBoard, Visit, checked

FRESH = timedelta(seconds=1)
TICK = 1.0
MOST_STREAMS = 4000
LONGEST_STREAM = 600
"""Seconds; then the browser asks again by itself."""
VIEWS = ("page", "still", "venue")


@dataclass
class Live:
    """The board as it was told last, and each rendering of it that somebody asked for. `told` grows by one with each answer."""

    answer: Json = field(default_factory=dict)
    until: datetime | None = None
    told: int = 0
    streams: int = 0
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _made: dict[tuple[str, str], bytes] = field(default_factory=dict)

    async def fresh(self, desk: Desk, now: datetime) -> Json:
        """An answer at most a second old. While one visitor asks `keep`, the others wait for that same answer."""
        if self.until is None or now >= self.until:
            async with self.asking:
                if self.until is None or now >= self.until:
                    self.answer, self.until = checked(await desk.board()), now + FRESH
                    self.told += 1
                    self._made.clear()
        return self.answer

    def rendered(self, language: str, view: str) -> bytes:
        """The page in one language and view, or with view "part" what changes on it. Made once for everybody."""
        made = self._made.get((language, view))
        if made is None:
            template = "_board.html" if view == "part" else "board.html"
            text = environment(language).get_template(template).render(board=self.answer, view=view)
            made = self._made[language, view] = text.encode()
        return made


def _language(visit: Visit) -> str:
    chosen = visit.request.query_params.get("lang", "")
    return chosen if chosen in i18n.LANGUAGES else visit.language


async def _live(visit: Visit) -> PublicBoard:
    live = visit.console.board
    await live.fresh(visit.desk, visit.console.settings.clock())
    return live


async def page(visit: Visit) -> Response:
    """The whole page: `view` is page, still (no refresh) or venue (for a large screen)."""
    live, language = await _live(visit), _language(visit)
    view = visit.request.query_params.get("view", "")
    body = live.rendered(language, view if view in VIEWS else "page")
    return Response(body, media_type="text/html", headers={"content-language": language, "vary": "Accept-Language"})


async def data(visit: Visit) -> Response:
    live = await _live(visit)
    return JSONResponse(live.answer)


async def stream(visit: Visit) -> Response:
    """Server-sent events: every second what changed on the page, in the language asked for."""
    live = visit.console.board
    if live.streams >= MOST_STREAMS:
        raise Turned("too-many")
    return StreamingResponse(_events(visit, live, _language(visit)), media_type="text/event-stream")


async def _events(visit: Visit, live: PublicBoard, language: str) -> AsyncIterator[bytes]:
    """Ends by itself after a while, and when the visitor goes; the browser asks again."""
    live.streams += 1
    seen = -1
    try:
        for _ in range(LONGEST_STREAM):
            try:
                await live.fresh(visit.desk, visit.console.settings.clock())
            except (DeskAway, Turned):
                yield b"event: away\ndata: -\n\n"
            else:
                if live.told != seen:
                    seen = live.told
                    yield b"id: %d\ndata: %s\n\n" % (seen, json.dumps(live.rendered(language, "part").decode()).encode())
            await asyncio.sleep(TICK)
    finally:
        live.streams -= 1


async def stop(visit: Visit) -> Response:
    """For staff: one signature takes every panel off the board."""
    return await lay(visit, "board-stop", {}, "/board")


async def end(visit: Visit) -> Response:
    """For the window and the legal officer: the event is over, and its keys are destroyed."""
    event = checked(await visit.desk.event())["event"]
    return await lay(visit, "event-end", {"event": event}, "/event")
