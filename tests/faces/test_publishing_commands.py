"""`sekisho posts texts` and `report`, typed before a real office, and the public page that shows what was published."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from sekisho.desk.outside import KeepSaidNo, Outside
from sekisho.faces.commands import publishing
from sekisho.faces.words.say import refuse
from tests.desk.caseload import Caseload
from tests.desk.conftest import _founded, _stood, founded, office  # noqa: F401 - fixtures of the desk's tests, used here by name
from tests.desk.office import Office
from tests.faces.conftest import Said, typed
from tests.faces.web.live import Live


@pytest.fixture
def typing(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:  # noqa: F811 - the fixture imported above
    @contextmanager
    def outside(_config: Path) -> Iterator[Outside]:
        try:
            yield office.outside("terminal")
        except KeepSaidNo as no:
            raise refuse(no.code, no.detail) from no

    monkeypatch.setattr(publishing, "outside", outside)
    return lambda *words: typed(tmp_path, "posts", *words, "--config", str(office.home / "sekisho.toml"))


def test_a_service_that_nothing_names_gets_no_text_that_says_nothing_is_kept(typing: Callable[..., Said]) -> None:
    said = typing("texts", "chatt")
    assert said.code == 1
    assert "No service has this name" in said.err + said.out


def six_removed(office: Office) -> None:  # noqa: F811 - the fixture imported above
    load = Caseload(office)
    for _ in range(6):
        matter = load.counting()
        load.attach(matter, "answer")
        load.move(matter, "consent", {"answered_on": load.today()}, who="desk")
        told = {"what_removed": "one post", "why_not_less": "it spreads", "decision_reason": "the sender agreed"}
        load.move(matter, "remove", told, who="officer")


def test_a_report_is_counted_written_and_published_only_when_asked(typing: Callable[..., Said], office: Office, tmp_path: Path) -> None:  # noqa: F811 - the fixture imported above
    six_removed(office)
    page = Live(office).stranger
    said = typing("report", "--year", "2026", "--to", str(tmp_path / "out"))
    assert said.code == 0, said.err
    assert page.get("/transparency/2026").status_code == 404
    assert typing("report", "--year", "2026", "--publish").code == 0
    shown = page.get("/transparency/2026?lang=en")
    assert shown.status_code == 200
    assert "<script" not in shown.text
    data: dict[str, Any] = page.get("/transparency/2026.json").json()
    written = json.loads((tmp_path / "out" / "transparency-2026.json").read_text(encoding="utf-8"))
    assert written["report"] == data
    decided = next(t for t in data["tables"] if t["id"] == "deletion-decided")
    assert next(r for r in decided["rows"] if r["name"] == "honour")["counts"]["removed"] == 6
    assert ",deletion-decided,honour,removed,6" in page.get("/transparency/2026.csv").text
    assert page.get("/transparency/2026.csv").headers["content-disposition"].startswith("attachment")
    the_feed_has_months_and_nobodys_words(page.get("/transparency/2026/statements.json").text)
    a_year_nobody_published_is_no_file(page)


def the_feed_has_months_and_nobodys_words(text: str) -> None:
    statements = json.loads(text)
    assert len(statements) == 6
    assert {s["application_year"] for s in statements} == {"2026"}
    assert {s["decision_visibility"][0] for s in statements} == {"DECISION_VISIBILITY_CONTENT_REMOVED"}
    for words in ("見本", "one post", "the sender agreed", "2026-000", "2026-11-2"):
        assert words not in text


def a_year_nobody_published_is_no_file(page: TestClient) -> None:
    for year in ("2025", "../../sekisho", "%2e%2e", "20261", "x" * 200):
        assert page.get(f"/transparency/{year}").status_code == 404
        assert page.get(f"/transparency/{year}.json").status_code == 404
