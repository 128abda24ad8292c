"""The public register as strangers meet it: without a sign-in, a cookie or a script, in both languages, on paper too."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape
from starlette.testclient import TestClient

from sekisho.desk.outside import KeepIsGone, KeepSaidNo
from sekisho.faces.processes.show import keep_register
from sekisho.faces.web import Settings, create_app
from sekisho.faces.web.register import AS_FILES, Written, rendered, write
from tests.faces.web.axe import faults
from tests.faces.web.conftest import NOW
from tests.faces.web.html_checks import Reader
from tests.faces.web.recorded_desk import RecordedDesk, recorded

SAID = recorded("register")


def stranger(desk: RecordedDesk, settings: Settings | None = None, language: str = "en") -> TestClient:
    chosen = settings or Settings(clock=lambda: NOW)
    return TestClient(create_app(desk, chosen), base_url="http://localhost:8080", headers={"accept-language": language})


def shape(page: str) -> Reader:
    """The page is whole, and all that leads away is the operator's own help page."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    foreign = [f for f in reader.faults if SAID["object"]["url"] not in f]
    assert not foreign
    assert not reader.open
    assert not [i for i, n in reader.ids.items() if n > 1]
    assert not reader.refs - set(reader.ids)
    assert reader.headings.count(1) == 1
    assert all(b <= a + 1 for a, b in zip(reader.headings, reader.headings[1:], strict=False))
    return reader


# In the console


@pytest.mark.parametrize(("language", "words"), [("ja", "公開登録簿"), ("en", "Public register")])
def test_a_stranger_reads_it_without_signing_in(language: str, words: str) -> None:
    client = stranger(RecordedDesk(demo=False), language=language)
    answer = client.get("/register")
    assert answer.status_code == 200
    assert answer.headers["content-language"] == language
    assert shape(answer.text).language == language
    assert words in answer.text
    for entry in SAID["in_force"]:
        for said in (entry["title"], entry["says"], *(g["title"] for g in entry["grounds"]), *entry["duties"]):
            assert escape(said[language]) in answer.text
    other = {"ja": "en", "en": "ja"}[language]
    assert client.get(f"/register?lang={other}").headers["content-language"] == other


def test_reading_it_leaves_no_cookie_and_needs_no_script() -> None:
    answer = stranger(RecordedDesk(demo=False)).get("/register")
    assert "set-cookie" not in answer.headers
    assert "<script" not in answer.text
    assert "<style" not in answer.text
    assert 'style="' not in answer.text


def test_the_same_for_machines() -> None:
    assert stranger(RecordedDesk(demo=False)).get("/register.json").json() == SAID


def test_strangers_without_number_cost_keep_one_question_a_second() -> None:
    now, asked = [NOW], []

    class Counting(RecordedDesk):
        async def public_register(self) -> dict[str, Any]:
            asked.append(1)
            return await super().public_register()

    desk = Counting(demo=False)
    client = stranger(desk, Settings(clock=lambda: now[0]))
    for _ in range(20):
        assert client.get("/register").status_code == 200
    assert len(asked) == 1
    desk.answers["register"]["in_force"] = []
    now[0] += timedelta(seconds=1)
    assert "nothing is read and nothing is done" in client.get("/register").text, "what was withdrawn is gone within a second"
    assert len(asked) == 2


def test_one_address_reads_so_often_and_no_oftener() -> None:
    now = [NOW]
    client = stranger(RecordedDesk(demo=False), Settings(clock=lambda: now[0], readings=5))
    assert [client.get("/register").status_code for _ in range(7)] == [200] * 5 + [429] * 2
    assert client.get("/register.json").status_code == 429
    assert client.get("/line").status_code == 200, "who reads much is not shut out of their own line"
    now[0] += timedelta(seconds=61)
    assert client.get("/register").status_code == 200


def test_a_node_that_is_away_says_so() -> None:
    desk = RecordedDesk(demo=False)
    desk.away = True
    assert stranger(desk).get("/register").status_code == 503


@pytest.mark.parametrize("language", ["ja", "en"])
def test_words_that_would_be_tags_stay_words(language: str) -> None:
    """An operator's name is text, whatever is in it."""
    evil = '<script>alert(1)</script>"><img src=x>'
    said = json.loads(json.dumps(SAID))
    said["operator"]["name"] = said["object"]["window"] = said["in_force"][0]["grounds"][0]["source"] = evil
    page = rendered(said, language, AS_FILES)
    assert "<script" not in page
    assert "<img" not in page


@pytest.mark.parametrize(("one", "words"), [("operator", "One person runs this service"), ("entry", "one person alone")])
def test_one_person_is_said_to_be_one(one: str, words: str) -> None:
    said = json.loads(json.dumps(SAID))
    assert words not in rendered(said, "en", AS_FILES)
    if one == "operator":
        said["operator"]["one_person"] = True
    else:
        said["in_force"][0]["one_person"] = True
    assert words in rendered(said, "en", AS_FILES)


# As files


def test_the_files_stand_alone(tmp_path: Path) -> None:
    """Every address in them is a file beside them, or the operator's help page."""
    assert write(tmp_path / "new", SAID) == ["en.html", "index.html", "register.css", "register.json"]
    names = {p.name for p in (tmp_path / "new").iterdir()}
    assert names == {"en.html", "index.html", "register.css", "register.json"}
    for name in ("index.html", "en.html"):
        text = (tmp_path / "new" / name).read_text("utf-8")
        shape(text)
        addresses = set(re.findall(r'(?:href|src)="([^"]*)"', text)) - {"#main", SAID["object"]["url"]}
        assert addresses <= names
    assert not re.search(r"url\(|@import", (tmp_path / "new" / "register.css").read_text("utf-8"))
    assert json.loads((tmp_path / "new" / "register.json").read_text("utf-8")) == SAID


def test_files_change_when_the_register_does_and_else_every_few_minutes(tmp_path: Path) -> None:
    written, now = Written(tmp_path), NOW
    assert written.keep(SAID, now)
    later = {**SAID, "at": "2026-11-21T03:00:14.000000Z"}
    assert not written.keep(later, now + timedelta(seconds=2))
    assert written.keep({**later, "in_force": []}, now + timedelta(seconds=4))
    assert json.loads((tmp_path / "register.json").read_text("utf-8"))["in_force"] == []
    assert not written.keep({**later, "in_force": []}, now + timedelta(minutes=4))
    assert written.keep({**later, "in_force": []}, now + timedelta(minutes=6)), "a page says as of when it is"


def test_a_reader_never_meets_half_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full in the middle: the old pages stay, whole."""
    write(tmp_path, SAID)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            write(tmp_path, {**SAID, "in_force": []})
    assert {n: (tmp_path / n).read_bytes() for n in before} == before


class Told:
    """A channel that gives these answers in turn."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def call(self, method: str, **_: object) -> Any:
        assert method == "register"
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_the_node_keeps_writing_it_through_trouble_and_ends_with_keep(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    waited: list[float] = []
    channel = Told(SAID, KeepSaidNo("fault", {}), {**SAID, "ended": []}, KeepIsGone())
    keep_register(channel, Written(tmp_path), waited.append)  # type: ignore[arg-type] # all that is asked of a channel here
    assert json.loads((tmp_path / "register.json").read_text("utf-8"))["ended"] == []
    assert max(waited) > min(waited), "after trouble it waits longer"
    assert "not written" in capsys.readouterr().err


# In a browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("register")
    write(place, SAID)
    return place


@pytest.fixture(params=[("index.html", "light", 1200), ("en.html", "dark", 390)], ids=["ja", "en"])
def opened(request: pytest.FixtureRequest, browser: Any, folder: Path) -> Iterator[tuple[Any, list[str], int]]:
    """The page from the disk, JavaScript switched off, remembering what it asked for."""
    name, scheme, width = request.param
    context = browser.new_context(java_script_enabled=False, color_scheme=scheme, viewport={"width": width, "height": 800})
    page, asked = context.new_page(), []
    page.on("request", lambda r: asked.append(r.url))
    page.goto(f"file://{folder}/{name}")
    yield page, asked, width
    context.close()


def test_a_browser_asks_for_its_style_sheet_and_nothing_else(opened: tuple[Any, list[str], int], folder: Path) -> None:
    page, asked, _ = opened
    assert {a.removeprefix(f"file://{folder}/") for a in asked} <= {"index.html", "en.html", "register.css"}
    assert page.locator("article").count() == len(SAID["in_force"])
    assert page.locator("tbody tr").count() == len(SAID["ended"])


def test_it_prints_on_paper(opened: tuple[Any, list[str], int]) -> None:
    """Every measure with its ground is on the paper; what only a screen needs is not."""
    page, _, _ = opened
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert page.locator("article").first.is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")


@pytest.mark.parametrize(("name", "scheme"), [("index.html", "light"), ("en.html", "dark"), ("index.html", "dark")])
@pytest.mark.parametrize("width", [1200, 390])
def test_axe_finds_nothing_on_the_register(browser: Any, folder: Path, name: str, scheme: str, width: int) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 860})
    page = context.new_page()
    page.goto(f"file://{folder}/{name}")
    found = faults(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
    assert not found, "\n".join(found)


def test_days_are_shown_as_days() -> None:
    page = rendered(SAID, "en", AS_FILES)
    assert re.search(r'<time datetime="2026-11-01">2026-11-01</time>', page)
    assert datetime.fromisoformat(SAID["at"]).year == 2026
