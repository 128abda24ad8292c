"""The page that `sekisho-sender doctor` asks: whom does this service take the asker for? For ASGI and WSGI, inside the class at the entry.

    app = SenderASGI(DoctorASGI(app, TOKEN), TRUST)

A person opens /.well-known/sekisho-sender in a browser, types the token and reads the answer; the command sends the token along. Without
it the page says nothing about anybody.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from html import escape
from typing import Any
from urllib.parse import parse_qs

from sekisho_sender.at_hand import at_hand
from sekisho_sender.handover_asgi import App, BodyTooLong, Message, Receive, Send, whole_body
from sekisho_sender.handover_wsgi import whole_body as whole_wsgi_body
from sekisho_sender.record import Sender

PATH = "/.well-known/sekisho-sender"
SCHEMA = "sekisho.sender-doctor/1"
HEADER = "sekisho-doctor"
MOST = 4096
WORDS = {
    "title": {"ja": "送信元の確認", "en": "Who you are to this service"},
    "token": {"ja": "診断用の合言葉", "en": "The doctor's token"},
    "show": {"ja": "表示する", "en": "Show"},
    "source": {"ja": "あなたのアドレスとポート", "en": "Your address and port"},
    "destination": {"ja": "あなたが接続した先", "en": "What you connected to"},
    "hop": {"ja": "それを告げた機器", "en": "Who told us"},
    "why": {"ja": "分からない値とその理由", "en": "What is not known, and why"},
    "socket": {"ja": "この接続そのもの", "en": "this connection itself"},
    "unknown": {"ja": "不明", "en": "not known"},
    "wrong": {"ja": "合言葉が違います", "en": "That is not the token"},
}


def right(token: bytes, said: str) -> bool:
    return len(token) >= 16 and hmac.compare_digest(token, said.strip().encode())


def as_json(sender: Sender | None) -> bytes:
    return json.dumps({"schema": SCHEMA, "sender": asdict(sender) if sender else None}).encode()


def page(inner: str) -> bytes:
    return (
        '<!doctype html><html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{WORDS['title']['ja']}</title></head><body><h1>{both('title')}</h1>{inner}</body></html>"
    ).encode()


def both(word: str) -> str:
    return f'{WORDS[word]["ja"]} <span lang="en">/ {WORDS[word]["en"]}</span>'


def form(notice: str = "") -> bytes:
    said = f'<p role="alert">{both(notice)}</p>' if notice else ""
    return page(
        f'{said}<form method="post"><p><label>{both("token")} <input name="token" type="password" autocomplete="off" required></label></p>'
        f"<p><button>{both('show')}</button></p></form>"
    )


def answer_page(sender: Sender | None) -> bytes:
    rows = {
        "source": str(sender.source) if sender and sender.source else None,
        "destination": str(sender.destination) if sender and sender.destination else None,
        "hop": f"{sender.hop or WORDS['socket']['ja']} ({sender.reading})" if sender and sender.source else None,
        "why": (sender.why_empty or "–") if sender else None,
    }
    cells = "".join(
        f'<tr><th scope="row">{both(word)}</th><td>{both("unknown") if text is None else escape(text)}</td></tr>'
        for word, text in rows.items()
    )
    return page(f"<table>{cells}</table>")


def respond(token: bytes, method: str, said: str, body: bytes) -> tuple[int, str, bytes]:
    """Status, content type and body. `said`: the header of the command, "" from a browser."""
    request = at_hand()
    sender = request.sender if request else None
    if said:
        return (200, "application/json", as_json(sender)) if right(token, said) else (404, "text/plain", b"404\n")
    if method != "POST":
        return 200, "text/html; charset=utf-8", form()
    given = parse_qs(body.decode("utf-8", "replace")).get("token", [""])[0]
    if not right(token, given):
        return 403, "text/html; charset=utf-8", form("wrong")
    return 200, "text/html; charset=utf-8", answer_page(sender)


class DoctorASGI:
    """The page at `path`; everything else is the application's. token: at least 16 bytes; a shorter one opens nothing."""

    def __init__(self, app: App, token: bytes, path: str = PATH) -> None:
        self.app, self.token, self.path = app, token, path

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != self.path:
            await self.app(scope, receive, send)
            return
        said = next((value.decode("latin-1") for name, value in scope["headers"] if name.lower() == HEADER.encode()), "")
        try:
            body, _ = await whole_body(receive, MOST)
            status, kind, text = respond(self.token, scope["method"], said, body)
        except BodyTooLong:
            status, kind, text = 413, "text/plain", b"413\n"
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(text)).encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": text})


class DoctorWSGI:
    """The same for WSGI."""

    def __init__(self, app: Callable[..., Iterable[bytes]], token: bytes, path: str = PATH) -> None:
        self.app, self.token, self.path = app, token, path

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != self.path:
            return self.app(environ, start_response)
        try:
            body = whole_wsgi_body(environ, MOST)
            status, kind, text = respond(self.token, environ["REQUEST_METHOD"], environ.get("HTTP_SEKISHO_DOCTOR", ""), body)
        except BodyTooLong:
            status, kind, text = 413, "text/plain", b"413\n"
        start_response(f"{status} .", [("Content-Type", kind), ("Content-Length", str(len(text))), ("Cache-Control", "no-store")])
        return [text]
