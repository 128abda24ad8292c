"""The chat in Flask, database mode. The WSGI class stands around the whole application."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from flask import Flask, Response, redirect, request
from werkzeug.serving import run_simple

from examples.services.chat_page import MINE, REFUSED, and_mine, mine, page, told
from examples.services.demo_home import Home
from examples.services.kept_chat import KeptChat
from sekisho_sender.at_hand import Refused
from sekisho_sender.trust import Trust
from sekisho_sender.wsgi import SenderWSGI


def chat(home: Home, trust: Trust | None = None) -> Flask:
    """trust: the proxies in front, whose word counts; none here."""
    app, posts = Flask(__name__), KeptChat(home)

    @app.get("/")
    def show() -> str:
        return page(posts.latest(mine=mine(request.cookies)))

    @app.post("/posts")
    def post() -> object:
        said = told(request.form.to_dict(flat=False))
        if said is None:
            return Response(page(posts.latest()), 400)
        try:
            record = posts.add(*said)
        except Refused:
            return Response(page(posts.latest(), REFUSED), 503)
        done = redirect("/", 303)
        done.set_cookie(MINE, and_mine(record, request.cookies), httponly=True, samesite="Strict")
        return done

    app.wsgi_app = SenderWSGI(app.wsgi_app, trust or Trust())
    return app


def serve(port: int) -> None:
    """Werkzeug's own server comes with Flask; CHAT_HOME is the folder."""
    run_simple("127.0.0.1", port, chat(Home(Path(os.environ["CHAT_HOME"]))), threaded=True)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
