"""What went to whom, as the console shows it: in both languages, with what is late and what nobody can tell on top."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from sekisho.desk import entrusting
from sekisho.desk.entrusting import handed
from sekisho.faces.web import codes_entrust
from sekisho.faces.words import hand_over as said_hand_over
from sekisho.wire import people_list
from tests.faces.web.html_checks import read
from tests.faces.web.recorded_desk import RecordedDesk, recorded

PATH = "/entrustments/hand-overs"
SAID: list[dict[str, Any]] = recorded("hand_overs")["hand_overs"]
Become = Callable[..., None]


def words(client: TestClient, language: str = "en", path: str = PATH) -> str:
    return " ".join(" ".join(read(client.get(path, headers={"accept-language": language}).text).text).split())


def test_a_volunteer_reads_what_went_to_whom_and_who_was_left_out_and_why(client: TestClient, become: Become) -> None:
    become("engineer")
    page = words(client)
    for said in ("Sakura Agency", "handed over", "Which data name", "people 2", "at their own wish: 1", "People of our own in it 1"):
        assert said in page


def test_the_same_in_plain_japanese(client: TestClient, become: Become) -> None:
    become("engineer")
    page = words(client, "ja")
    for said in ("だれに何を渡したか", "引渡し済み", "本人の求めにより除いた人: 1", "承認された名簿と別のもの"):
        assert said in page


def test_what_is_late_and_what_nobody_can_tell_stands_before_the_lists(client: TestClient, become: Become) -> None:
    become("engineer")
    page = words(client)
    assert page.index("1 list is not back") < page.index("somebody must look") < page.index("Sakura Agency")


def test_why_a_list_was_refused_stands_with_it(client: TestClient, become: Become) -> None:
    become("engineer")
    assert "another list than the one that was approved" in words(client)


def test_without_any_the_page_says_so(client: TestClient, desk: RecordedDesk, become: Become) -> None:
    become("engineer")
    desk.answers["hand_overs"] = {"operator": "x", "day": "2026-11-22", "hand_overs": []}
    assert "No list was ever handed to anybody." in words(client)


def test_the_register_leads_there_and_back(client: TestClient, become: Become) -> None:
    become("engineer")
    assert f'href="{PATH}"' in client.get("/entrustments").text
    assert 'href="/entrustments"' in client.get(PATH).text


def codes(*calls: str) -> set[str]:
    """The first words that these calls are made with, in the files about hand-overs."""
    files = [*Path(entrusting.__file__).parent.glob("hand*.py"), Path(people_list.__file__)]
    found = (c for f in files for c in ast.walk(ast.parse(f.read_text(encoding="utf-8"))) if isinstance(c, ast.Call))
    return {str(c.args[0].value) for c in found if getattr(c.func, "id", "") in calls and c.args and isinstance(c.args[0], ast.Constant)}


def test_every_way_it_can_end_and_every_reason_has_words_on_the_page_and_at_the_terminal() -> None:
    states = {v for k, v in vars(handed).items() if k in ("WAITING", "BEGUN", "GIVEN", "REFUSED", "STOPPED", "UNKNOWN")}
    assert states == set(codes_entrust.HAND_OVERS)
    assert states <= set(said_hand_over.WORDS)
    of_a_list = codes("NotAsPermitted", "_wrong")
    assert len(of_a_list) > 15
    assert of_a_list <= set(codes_entrust.HAND_OVER_WHY)
    assert of_a_list <= set(said_hand_over.WORDS)
    assert set(codes_entrust.WITHHELD) == {"nobody", "twice", "objected"}
