"""The back end of the split chat: it stores posts, and takes the sender only from the front end's signed header."""

from __future__ import annotations

import os
from pathlib import Path

from examples.services.demo_home import Home
from examples.services.starlette_chat import bare_chat
from sekisho_sender.asgi import App
from sekisho_sender.handover_asgi import BackASGI

READS = frozenset({"GET", "HEAD"})


def back(home: Home, secret: bytes) -> App:
    """Whatever is not signed by the front end is answered 403; reading needs no signature."""
    return BackASGI(bare_chat(home), (secret,), reads_pass=READS)


def served() -> App:
    """For `uvicorn --factory`."""
    home = Home(Path(os.environ["CHAT_HOME"]))
    return back(home, home.secret("handover.secret"))
