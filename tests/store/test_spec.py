"""A stream keeps what its permit names, for as long as it says. Empty, unknown and missing mean no."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.law.words import Element, Value
from sekisho.store.errors import SpecError
from sekisho.store.schema import SHAPES, element
from sekisho.store.spec import compile_stream, compile_view, period_of, term_end
from tests.store.conftest import HITS, LIST, hits_scope, permit_for


def test_the_match_permit_compiles() -> None:
    """The story's scope: seven columns, hits of one list, thirty days, classes by element."""
    spec = compile_stream(permit_for(hits_scope()), "hits")
    assert spec.columns == HITS
    assert (spec.rows, spec.list_digest, spec.term) == ("hits", LIST, timedelta(days=30))
    assert spec.schema.names == list(HITS)
    assert spec.classes == {
        "party": ("line",),
        "header": ("line_port", "peer_port", "protocol"),
        "counterpart": ("peer",),
        "datetime": ("start", "end"),
    }


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"shape": "payloads"}, "unknown-shape"),
        ({"shape": None}, "unknown-shape"),
        ({"rows": None}, "bad-rows"),
        ({"rows": "some"}, "bad-rows"),
        ({"rows": "sums"}, "bad-rows"),
        ({"rows": "all"}, "bad-rows"),
        ({"list": None}, "no-list"),
        ({"list": "abc"}, "no-list"),
        ({"columns": None}, "no-columns"),
        ({"columns": ()}, "no-columns"),
        ({"columns": ("line", "line")}, "no-columns"),
        ({"columns": ("line", 7)}, "no-columns"),
        ({"columns": "line"}, "no-columns"),
        ({"columns": ("line", "payload")}, "unknown-column"),
        ({"term_days": None}, "no-term"),
        ({"term_days": "30"}, "no-term"),
        ({"term_days": -1}, "no-term"),
        ({"term_days": True}, "no-term"),
        ({"term_days": 10**6}, "no-term"),
        ({"period": "year"}, "bad-period"),
        ({"colums": ("line",)}, "unknown-word"),
        ({"line": "plain"}, "bad-line"),
    ],
)
def test_a_scope_with_a_hole_is_refused(changes: dict[str, Value], why: str) -> None:
    """Each word missing, misspelt or too wide: SpecError with its reason."""
    with pytest.raises(SpecError, match=why):
        compile_view(permit_for(hits_scope(**changes)), "hits")


def test_an_unnamed_stream_is_refused() -> None:
    """No entry, no stream; nor where the scope is empty or of another make."""
    scopes: tuple[dict[str, Value], ...] = (
        {},
        {"streams": {}},
        {"streams": ("hits",)},
        {"streams": {"hits": "all"}},
        {"streams": {"other": {}}},
    )
    for scope in scopes:
        with pytest.raises(SpecError, match="no-stream"):
            compile_stream(permit_for(scope), "hits")


@given(
    elements=st.frozensets(st.sampled_from(list(Element))),
    columns=st.lists(st.sampled_from(SHAPES["flows"].schema.names), min_size=1, unique=True),
)
def test_no_column_outside_the_steps_elements_is_ever_compiled(elements: frozenset[Element], columns: list[str]) -> None:
    """Whatever the scope says, a column compiles exactly when the decided step names its element."""
    permit = permit_for(hits_scope(columns=tuple(columns)), elements)
    if {element(SHAPES["flows"].schema, c) for c in columns} <= elements:
        assert compile_stream(permit, "hits").columns == tuple(columns)
    else:
        with pytest.raises(SpecError, match="element-not-permitted"):
            compile_stream(permit, "hits")


def test_sums_have_a_shape_of_their_own_without_addresses() -> None:
    """Sums compile from the shape sums only, and no column of it is a party or a counterpart."""
    sums: dict[str, Value] = {"shape": "sums", "rows": "sums", "columns": ("minute", "prefix", "octets"), "term_days": 400}
    elements = frozenset({Element.HEADER, Element.COUNT, Element.DATETIME})
    assert compile_stream(permit_for({"streams": {"picture": sums}}, elements), "picture").rows == "sums"
    with pytest.raises(SpecError, match="bad-rows"):
        compile_stream(permit_for({"streams": {"picture": {**sums, "rows": "all"}}}, elements), "picture")
    assert {element(SHAPES["sums"].schema, n) for n in SHAPES["sums"].schema.names} <= elements


def test_a_view_shows_the_line_only_when_the_permit_says_so() -> None:
    """Without a word the line is a token; `of` must be said; a permit's own stream needs no view entry."""
    assert compile_view(permit_for(hits_scope()), "hits").shown[0] == "token"
    assert compile_view(permit_for(hits_scope(line="open")), "hits").shown[0] == "line"
    view: dict[str, Value] = {"shape": "flows", "columns": ("line",)}
    with pytest.raises(SpecError, match="no-source"):
        compile_view(permit_for({"views": {"hits": view}}), "hits")
    assert compile_view(permit_for({"views": {"hits": {**view, "of": "p1"}}}), "hits").tokens


def test_a_period_is_the_utc_day_and_its_term_counts_from_its_end() -> None:
    """23:59 in Tokyo is still the UTC day before noon; a time without a zone is refused."""
    assert period_of(datetime.fromisoformat("2026-11-21T08:59:59+09:00")) == "2026-11-20"
    assert period_of(datetime.fromisoformat("2026-11-21T09:00:00+09:00")) == "2026-11-21"
    assert term_end("2026-11-21", timedelta(days=30)) == datetime(2026, 12, 22, tzinfo=UTC)
    with pytest.raises(SpecError, match="naive-time"):
        period_of(datetime(2026, 11, 21))  # noqa: DTZ001  # what is refused
