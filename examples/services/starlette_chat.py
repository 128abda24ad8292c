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

from examples.services.chat_page import REFUSED, page, told
from examples.services.demo_home import Home
from examples.services.kept_chat import KeptChat
from sekisho_sender.asgi import App, SenderASGI
from sekisho_sender.at_hand import Refused
from sekisho_sender.trust import Trust


def bare_chat(home: Home) -> App:
    """The chat without anything that says who sent a request: it refuses every post."""
    posts = KeptChat(home)

    def show(_request: Request) -> Response:
        return HTMLResponse(page(posts.latest()))

    async def post(request: Request) -> Response:
        said = told(parse_qs((await request.body()).decode("utf-8", "replace")))
        if said is None:
            return HTMLResponse(page(posts.latest()), 400)
        try:
            await run_in_threadpool(posts.add, *said)
        except Refused:
            return HTMLResponse(page(posts.latest(), REFUSED), 503)
        return RedirectResponse("/", 303)

    return Starlette(routes=[Route("/", show), Route("/posts", post, methods=["POST"])])


def chat(home: Home, trust: Trust | None = None) -> App:
    """trust: the proxies in front, whose word counts; none here."""
    return SenderASGI(bare_chat(home), trust or Trust())


def served() -> App:
    """For `uvicorn --factory`; the folder comes from CHAT_HOME."""
    return chat(Home(Path(os.environ["CHAT_HOME"])))
