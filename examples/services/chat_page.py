"""The page of the article's chat, the same for every service here: works without JavaScript, in Japanese and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

LONGEST = 1000
MINE, MOST_MINE = "mine", 20
"""The cookie with the numbers of the records of what this browser posted, and how many it holds."""


@dataclass(frozen=True)
class Shown:
    """One post on the page. `opened`: how often somebody opened its sender data; None where the service cannot know. `record`: the number
    of its sender record, for who posted it and nobody else."""

    id: str
    author: str
    body: str
    opened: int | None = 0
    record: str = ""


def page(posts: Iterable[Shown], notice: str = "") -> str:
    """The whole page, newest post first. Everything people wrote is escaped."""
    rows = "\n".join(row(post) for post in posts)
    said = f'<p role="alert">{escape(notice)}</p>' if notice else ""
    return f"""<!doctype html>
<html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>チャット / Chat</title></head><body>
<h1>チャット <span lang="en">/ Chat</span></h1>{said}
<form method="post" action="/posts">
<p><label>名前 <span lang="en">/ Name</span> <input name="author" maxlength="40" required></label></p>
<p><label>本文 <span lang="en">/ Message</span> <textarea name="body" maxlength="{LONGEST}" required></textarea></label></p>
<p><button>書き込む <span lang="en">/ Post</span></button></p></form>
<p>投稿には送信元のアドレス・ポートと日時が封をして添えられ、法律の手続きによってのみ開かれます。
<span lang="en">Each post carries its sender's address, port and time, sealed; they are opened only by a procedure of law.</span></p>
<ul>
{rows}
</ul></body></html>
"""


def row(post: Shown) -> str:
    count = "" if post.opened is None else f" <small>開示のために開かれた回数 <span lang='en'>/ opened</span>: {post.opened}</small>"
    mine = (
        "<br><small>あなたの投稿です。発信者の記録の番号 <span lang='en'>/ yours; its record's number</span>: "
        f"<code>{escape(post.record)}</code></small>"
        if post.record
        else ""
    )
    return f'<li id="post-{escape(post.id)}"><b>{escape(post.author)}</b> {escape(post.body)}{count}{mine}</li>'


def staff_page(posts: Iterable[Shown], here: str) -> str:
    """The page of the service's own people, at an address only they know: each post with a button that takes it down."""
    rows = "\n".join(
        f'<li id="post-{escape(p.id)}"><b>{escape(p.author)}</b> {escape(p.body)} '
        f'<form method="post" action="{escape(here)}"><button name="post" value="{escape(p.id)}">'
        f"{escape(p.id)} 番を削除する <span lang='en'>/ take down no. {escape(p.id)}</span></button></form></li>"
        for p in posts
    )
    return f"""<!doctype html>
<html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="referrer" content="same-origin">
<title>運営 / Staff</title></head><body>
<h1>運営のページ <span lang="en">/ Staff</span></h1>
<p>削除した投稿は元に戻せません。封をした発信者の記録は残ります。
<span lang="en">What is taken down cannot be put back. Its sealed sender record stays.</span></p>
<ul>
{rows}
</ul></body></html>
"""


REFUSED = "送信元を記録できないため、書き込みを受け付けませんでした。 / The post was refused because its sender could not be kept."


def mine(cookies: Mapping[str, str]) -> list[str]:
    """Numbers of the records of what this browser posted. Who knows one is its poster, so that nothing else is checked."""
    return [one for one in cookies.get(MINE, "").split(".") if one][:MOST_MINE]


def and_mine(record: str, cookies: Mapping[str, str]) -> str:
    """The cookie after one more post."""
    return ".".join([record, *mine(cookies)][:MOST_MINE])


def told(form: dict[str, list[str]]) -> tuple[str, str] | None:
    """Author and body of a form, None when one of them is missing or too long."""
    author, body = (form.get(name, [""])[0].strip() for name in ("author", "body"))
    return (author, body) if 0 < len(author) <= 40 and 0 < len(body) <= LONGEST else None
