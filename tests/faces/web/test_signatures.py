"""What signatures take wrongly stands on a plan's page and beside the signature, as a plot and as a table."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from sekisho.faces.web.drawing import LEFT, WIDTH
from sekisho.faces.web.signature_drawing import signatures
from sekisho.faces.web.visit import LANGUAGE
from tests.faces.web.recorded_desk import RecordedDesk
from tests.faces.web.test_pages import PLAN

CLASS = {"title": {"ja": "検索", "en": "Searches"}, "protocol": "udp", "ports": "4665-4672", "pattern": "e3", "others": 8679, "wrong": 2}
COUNTS = st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)).map(sorted).filter(lambda c: c[1] > 0)


@given(st.lists(COUNTS, min_size=1, max_size=6))
def test_each_line_lies_inside_the_plot_and_its_dot_on_the_line(counts: list[list[int]]) -> None:
    found = signatures({"classes": {f"c{n}": {**CLASS, "wrong": wrong, "others": others} for n, (wrong, others) in enumerate(counts)}})
    assert found is not None
    assert [(s.wrong, s.others) for s in found.rows] == [(wrong, others) for wrong, others in counts]
    for s in found.rows:
        assert LEFT <= s.x[0] <= s.x[1] + 0.1 <= s.x[2] + 0.2 <= WIDTH
        assert 0 < s.y < found.base < found.height


@pytest.mark.parametrize(
    "scope", [None, {}, {"classes": "all"}, {"classes": {}}, {"classes": {"a": 3}}, {"classes": {"a": {**CLASS, "others": True}}},
              {"classes": {"a": {**CLASS, "others": 0, "wrong": 0}}}, {"classes": {"a": {**CLASS, "wrong": 9999}}}],
)  # fmt: skip
def test_what_was_not_measured_is_no_picture(scope: object) -> None:
    assert signatures(scope) is None


@pytest.mark.parametrize(
    ("language", "said"), [("en", ("Searches", "Taken wrongly", "0.0063 – 0.0840 %")), ("ja", ("検索", "誤って当てはまった数"))]
)
def test_who_signs_sees_it_and_so_does_who_reads_the_plan(
    client: TestClient, desk: RecordedDesk, become: Any, monkeypatch: pytest.MonkeyPatch, language: str, said: tuple[str, ...]
) -> None:
    known = desk.plan

    async def filtering(identity: str) -> Any:
        whole = dict(await known(identity))
        return {**whole, "plan": {**whole["plan"], "scope": {"classes": {"edonkey": CLASS}}}}

    client.cookies.set(LANGUAGE, language)
    assert said[0] not in client.get(PLAN).text
    monkeypatch.setattr(desk, "plan", filtering)
    become("reviewer")
    for page in (PLAN, f"{PLAN}/approve"):
        text = client.get(page).text
        assert all(words in text for words in said)
        assert "<svg" in text
