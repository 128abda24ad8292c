"""Contractors' tools on the console: what was declared, what the drill heard, and why nothing may be handed over. In both languages."""

from __future__ import annotations

from collections.abc import Callable

from starlette.testclient import TestClient

from sekisho.faces.web import codes_entrust
from sekisho.faces.words.tool import WORDS
from sekisho.law.tool import Clear, Ran, Said, Step
from tests.faces.web.html_checks import read
from tests.faces.web.recorded_desk import RecordedDesk, recorded

PATH = "/entrustments/tools"
Become = Callable[..., None]


def words(client: TestClient, language: str = "en") -> str:
    return " ".join(" ".join(read(client.get(PATH, headers={"accept-language": language}).text).text).split())


def test_what_a_tool_did_and_had_not_declared_stands_first_and_mail_by_mail(client: TestClient, become: Become) -> None:
    become("engineer")
    page = words(client)
    assert page.index("1 tool did what nobody had declared") < page.index("Live Timing Inc.")
    worked = "a function worked that nobody had declared"
    for said in (worked, "shows the address of A", "header from", "not declared", "M. Sakurai"):
        assert said in page


def test_the_same_in_plain_japanese(client: TestClient, become: Become) -> None:
    become("engineer")
    page = words(client, "ja")
    dealt = "登録者の投稿を、ほかの登録者に配る（メーリングリスト）"
    for said in (dealt, "申告されていない機能が動いた", "可：実際のデータを入れてよい", "双方の署名待ち"):
        assert said in page


def test_a_row_of_which_nothing_is_declared_says_what_to_do(client: TestClient, become: Become) -> None:
    become("engineer")
    assert "Nothing is declared yet, so nothing may be handed over. At the terminal:" in words(client)


def test_without_contractors_the_page_says_so(client: TestClient, desk: RecordedDesk, become: Become) -> None:
    become("engineer")
    desk.answers["tools"] = {**recorded("tools"), "tools": []}
    assert "No contractor has a tool" in words(client)


def test_every_code_of_a_tool_has_its_words_on_console_and_terminal() -> None:
    assert set(codes_entrust.TOOLS) == {c.value for c in Clear} == set(WORDS)
    assert set(codes_entrust.TOOL_MOVES) == {s.value for s in Said} | {"lost"}
    assert set(codes_entrust.DRILL_STEPS) == {s.value for s in Step}
    assert set(codes_entrust.DRILL_RAN) == {r.value for r in Ran}
