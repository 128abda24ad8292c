"""A closed viewing in one office: a small film of three segments, or a few files, added, permitted, and an invitation to it."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sekisho.desk import campaigns, invitations
from sekisho.desk.draft import Paper
from sekisho.desk.viewing.files import read_files, seal_files
from sekisho.desk.viewing.film import encrypt, read_film
from sekisho.law.viewing import Viewing
from sekisho.law.words import Role, Value
from tests.desk.inviting import written
from tests.desk.mailing import papers
from tests.desk.office import Office

PACKET = 188
SEGMENTS = tuple(b"".join(bytes([0x47, n]) + bytes(range(186)) for _ in range(40 + n)) for n in range(3))
FILES = {
    "1.png": b"\x89PNG\r\n\x1a\n page one",
    "2.png": b"\x89PNG\r\n\x1a\n page two",
    "3.jpg": b"\xff\xd8\xff page three",
    "times.csv": b"<script>alert(1)</script>,10:00\n",
    "手引き (2027).pdf": b"%PDF-1.7 /JS (app.alert(1))",
}
LIST = """#EXTM3U
#EXT-X-VERSION:3
#EXT-X-TARGETDURATION:6
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
#EXTINF:6.0,
a0.ts
#EXTINF:6.0,
a1.ts
#EXTINF:2.5,
a2.ts
#EXT-X-ENDLIST
"""


def prepared(folder: Path) -> Path:
    """The film as a tool like ffmpeg leaves it: a playlist and MPEG-TS packets."""
    folder.mkdir(parents=True)
    (folder / "film.m3u8").write_text(LIST, encoding="utf-8")
    for number, segment in enumerate(SEGMENTS):
        (folder / f"a{number}.ts").write_bytes(segment)
    return folder


def written_files(folder: Path) -> Path:
    """A handbook as PDF, its pages as pictures, and a list: what a page shows, and what is only saved."""
    folder.mkdir(parents=True)
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    return folder


def added(office: Office, folder: Path, **changed: Any) -> tuple[str, str, bytes]:
    """Submitted by the desk: the viewing, its plan, and the key that nobody but `keep` has from now on."""
    office.watch.wind(seconds=1)
    key, name = secrets.token_bytes(16), secrets.token_hex(8)
    to = office.settings.folder / "viewing" / name
    film = any(folder.glob("*.m3u8"))
    files = encrypt(read_film(folder), to, key) if film else seal_files(read_files(folder), to, key)
    now, who = office.watch.at, office.keys["desk"]
    words = {"title": {"ja": "大会の記録映像", "en": "Film of the race"}, "files": files, "folder": name, "devices": 2}
    words |= {} if film else {"names": read_files(folder).names}
    said = replace(Viewing(**words, since=now, until=now + timedelta(days=30), by=who.person, at=now), **changed)
    made = office.terminal.call("submit-viewing", viewing=said, key=key, signature=who.sign(said))
    return str(made["viewing"]), str(made["plan"]), key


def laid(office: Office, plan: str, viewing: str, **terms: Value) -> None:
    """What only people can say: where the addresses come from, what for, and what the film's maker agreed to."""
    shown = next(v for v in office.terminal.call("viewings") if v["id"] == viewing)
    scope = office.terminal.call("plan", plan=plan)["plan"]["scope"]
    own: dict[str, Value] = {"holder": "Film maker", "work": shown["work"], "last_day": scope["last_day"], "to_invited": True, "devices": 2}
    said: tuple[tuple[str, dict[str, Value]], ...] = (
        ("origin", {"what": "entry forms of the race", "from_communication": False}),
        ("purpose-text", {"purposes": ("closed-viewing",), "text": "1" * 64, "shown": "2026-04-01"}),
        ("rights-terms", {**own, "text": "7" * 64, **terms}),
    )
    kinds = {n: k.vouchers for n, k in office.world.book.kinds.items()}
    key = office.keys["officer"]
    for kind, value in said:
        office.watch.wind(seconds=1)
        paper = Paper(kind, value, Role.OFFICER, "5" * 64).laid_in("closed-viewing", key.person, office.watch.at, kinds)
        office.terminal.call("supply", plan=plan, evidence=paper, signature=key.sign(paper))


def shown(office: Office, folder: Path, **changed: Any) -> tuple[str, str, bytes]:
    """All the way to its permit: viewing, permit, key."""
    viewing, plan, key = added(office, folder, **changed)
    laid(office, plan, viewing)
    office.confirm(plan)
    (permit,) = office.approve(plan, "reviewer-a")
    return viewing, permit, key


def invited(office: Office, viewing: str, count: int = 3) -> list[str]:
    """An approved invitation to it: the code of each mail."""
    office.watch.wind(seconds=1)
    said, listed = written(office, count, asks=None, viewing=viewing)
    made = office.terminal.call("submit-campaign", campaign=said, recipients=listed, signature=office.keys["desk"].sign(said))
    papers(office, made["plan"])
    office.approve(made["plan"], "reviewer-a")
    with office.turn() as world:
        name = made["campaign"]
        return [invitations.code(world, name, leaf) for leaf in campaigns.leaves(world, name)]
