"""The chat in Starlette, database mode. `chat(home)` is an ASGI application; FastAPI and Litestar take the same classes."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from examples.services.chat_page import MINE, REFUSED, and_mine, mine, page, staff_page, told
from examples.services.demo_home import Home
from examples.services.kept_chat import KeptChat
from sekisho_sender.asgi import App, SenderASGI
from sekisho_sender.at_hand import Refused
from sekisho_sender.trust import Trust


def bare_chat(home: Home) -> App:
    """The chat without anything that says who sent a request: it refuses every post."""
    posts = KeptChat(home)

    def show(request: Request) -> Response:
        return HTMLResponse(page(posts.latest(mine=mine(request.cookies))))

    async def post(request: Request) -> Response:
        said = told(parse_qs((await request.body()).decode("utf-8", "replace")))
        if said is None:
            return HTMLResponse(page(posts.latest()), 400)
        try:
            record = await run_in_threadpool(posts.add, *said)
        except Refused:
            return HTMLResponse(page(posts.latest(), REFUSED), 503)
        done = RedirectResponse("/", 303)
        done.set_cookie(MINE, and_mine(record, request.cookies), httponly=True, samesite="strict")
        return done

    def staff(_request: Request) -> Response:
        return HTMLResponse(staff_page(posts.latest(), home.staff))

    async def take_down(request: Request) -> Response:
        asked = parse_qs((await request.body()).decode("utf-8", "replace"))
        await run_in_threadpool(posts.take_down, asked.get("post", [""])[0])
        return RedirectResponse(home.staff, 303)

    routes = [Route("/", show), Route("/posts", post, methods=["POST"])]
    return Starlette(routes=[*routes, Route(home.staff, staff), Route(home.staff, take_down, methods=["POST"])])


def chat(home: Home, trust: Trust | None = None) -> App:
    """trust: the proxies in front, whose word counts; none here."""
    return SenderASGI(bare_chat(home), trust or Trust())


def served() -> App:
    """For `uvicorn --factory`; the folder comes from CHAT_HOME."""
    return chat(Home(Path(os.environ["CHAT_HOME"])))
