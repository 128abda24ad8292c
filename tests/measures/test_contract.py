"""What every measure promises, asked of each one there is. A new file in the room is asked the same the moment it is there."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.law.canonical import plain
from sekisho.law.casebook import Casebook, load
from sekisho.law.words import Element, Kind
from sekisho.measures.measure import Measure, step
from sekisho.measures.registry import EVERY
from sekisho.store.schema import SHAPES, element
from tests.conftest import ROOT
from tests.measures.rows import found, relation, shown

MEASURES = [pytest.param(m, id=n) for n, m in EVERY.items()]
LOOKING = [pytest.param(m, id=n) for n, m in EVERY.items() if m.look is not None]
MOMENTS = st.integers(0, 86_399_999).map(lambda ms: datetime(2026, 11, 21, tzinfo=UTC) + timedelta(milliseconds=ms))


@pytest.fixture(scope="session")
def book() -> Casebook:
    return load(ROOT / "casebook" / "jp")


def values(kind: pa.DataType) -> st.SearchStrategy[Any]:
    """Anything a column of this type may hold, nothing included."""
    if pa.types.is_timestamp(kind):
        return st.none() | MOMENTS
    if pa.types.is_binary(kind):
        return st.none() | st.sampled_from([b"\0" * 16, b"\xff" * 16, b"\x20\x01\x0d\xb8" + b"\1" * 12])
    if pa.types.is_string(kind):
        return st.sampled_from(["a", "b", "c", "2001:db8::/32"])
    return st.none() | st.integers(0, min(2 ** (kind.bit_width) - 1, 2**40))


def rows(measure: Measure) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.fixed_dictionaries({f.name: values(f.type) for f in shown(measure)}), max_size=25)


@pytest.mark.parametrize("measure", MEASURES)
def test_its_name_is_its_case_file_and_its_page(measure: Measure, book: Casebook) -> None:
    assert (ROOT / "casebook" / "jp" / f"{measure.name}.toml").is_file()
    assert (ROOT / "docs" / "measures" / f"{measure.name}.md").is_file()
    assert measure.name in book.complete


@pytest.mark.parametrize("measure", MEASURES)
def test_its_steps_are_the_books_word_for_word(measure: Measure, book: Casebook) -> None:
    """The gate decides what the code does, not something near it."""
    assert plain(measure.steps) == plain(book.complete[measure.name].steps)


@pytest.mark.parametrize("measure", MEASURES)
def test_its_page_names_every_step(measure: Measure) -> None:
    page = (ROOT / "docs" / "measures" / f"{measure.name}.md").read_text(encoding="utf-8")
    assert [s.name for s in measure.steps if f"| `{s.name}` |" not in page] == []


@pytest.mark.parametrize("measure", MEASURES)
def test_its_page_names_every_element_of_each_step(measure: Measure) -> None:
    """The table of the page and the declaration say the same."""
    words = {Element.DATETIME: "date and time"}
    page = (ROOT / "docs" / "measures" / f"{measure.name}.md").read_text(encoding="utf-8")
    for one in measure.steps:
        row = next(line for line in page.splitlines() if line.startswith(f"| `{one.name}` |"))
        assert {e.strip() for e in row.split("|")[3].split(",")} == {words.get(e, e.value) for e in one.elements}


@pytest.mark.parametrize("measure", MEASURES)
def test_its_title_is_there_in_both_languages(measure: Measure) -> None:
    assert set(measure.title) == {"ja", "en"}
    assert all(words.strip() for words in measure.title.values())
    assert not measure.title["ja"].isascii()


@pytest.mark.parametrize("measure", MEASURES)
def test_steps_have_one_name_and_one_purpose_each(measure: Measure) -> None:
    assert len({s.name for s in measure.steps}) == len(measure.steps)
    assert measure.name in {s.purpose for s in measure.steps}
    assert all(s.purpose for s in measure.steps)
    assert all(step(measure, s.name) is s for s in measure.steps)
    with pytest.raises(KeyError):
        step(measure, "no-such-step")


@pytest.mark.parametrize("measure", MEASURES)
def test_a_stream_holds_no_element_its_step_does_not_name(measure: Measure) -> None:
    for stream in measure.streams:
        schema = SHAPES[stream.shape].schema
        assert {element(schema, c) for c in stream.columns} <= step(measure, stream.step).elements, stream.name
        assert len(set(stream.columns)) == len(stream.columns)


@pytest.mark.parametrize("measure", MEASURES)
def test_streams_are_kept_by_steps_that_keep(measure: Measure) -> None:
    """A step that identifies, sends or publishes keeps no stream of its own."""
    keeping = {Kind.COLLECT, Kind.MATCH}
    assert {step(measure, s.step).kind for s in measure.streams} <= keeping
    assert len({s.name for s in measure.streams}) == len(measure.streams)


@pytest.mark.parametrize("measure", LOOKING)
def test_it_looks_at_a_stream_it_declares_and_never_at_the_line(measure: Measure) -> None:
    assert measure.look is not None
    name, columns = measure.look
    stream = next(s for s in measure.streams if s.name == name)
    assert set(columns) - {"token"} <= set(stream.columns)
    assert "line" not in columns
    if "token" in columns:
        assert "line" in stream.columns, "a token is made from the line"


@pytest.mark.parametrize("measure", MEASURES)
def test_it_proposes_steps_it_declares_and_that_keep_no_stream(measure: Measure) -> None:
    proposed = measure.proposes()
    assert set(proposed) <= {s.name for s in measure.steps}
    assert not set(proposed) & {s.step for s in measure.streams}
    assert len(set(proposed)) == len(proposed)


@pytest.mark.parametrize("measure", LOOKING)
def test_an_empty_relation_gives_an_empty_answer(measure: Measure) -> None:
    assert found(measure, []) == []


@pytest.mark.parametrize("measure", LOOKING)
def test_the_answer_is_found_about_tokens_or_about_nobody(measure: Measure) -> None:
    """A finding carries token, first and last; figures carry no column of a person."""
    assert measure.look is not None
    columns = measure.find(relation(measure, [])).columns
    if "token" in measure.look[1] and not getattr(measure, "counts", False):
        assert {"token", "first", "last"} <= set(columns)
    else:
        assert not set(columns) & {"token", "line", "peer", "address", "user", "mail", "name"}


@pytest.mark.parametrize("measure", LOOKING)
def test_what_it_is_shown_is_enough(measure: Measure) -> None:
    """The relation holds the declared columns and no others; asking for one more would fail here."""
    assert measure.look is not None
    table = relation(measure, [])
    assert tuple(table.columns) == measure.look[1]
    measure.find(table).to_pyarrow()


@pytest.mark.parametrize("measure", LOOKING)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_finding_is_pure(measure: Measure, data: st.DataObject) -> None:
    """The same rows in any order, asked twice, give the same answer."""
    given_rows = data.draw(rows(measure))
    shuffled = list(given_rows)
    random.Random(data.draw(st.integers(0, 1 << 20))).shuffle(shuffled)
    table = relation(measure, given_rows)
    once = measure.find(table).to_pyarrow().to_pylist()
    assert once == measure.find(table).to_pyarrow().to_pylist()
    assert once == found(measure, shuffled)


@pytest.mark.parametrize("measure", LOOKING)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_more_is_found_than_was_seen(measure: Measure, data: st.DataObject) -> None:
    """One finding for one group of rows at most, and each token found is a token shown."""
    given_rows = data.draw(rows(measure))
    answer = found(measure, given_rows)
    assert len(answer) <= len(given_rows)
    if answer and "token" in answer[0]:
        assert {a["token"] for a in answer} <= {r["token"] for r in given_rows}
        assert len({a["token"] for a in answer}) == len(answer)


@pytest.mark.parametrize("measure", MEASURES)
def test_every_step_is_decided_on_every_axis_that_applies(measure: Measure, book: Casebook) -> None:
    """No step of a measure falls through the book: some case speaks about it, and every axis answers."""
    from sekisho.gate.decide import decide
    from sekisho.law.examples import build

    for one in measure.steps:
        plan, noon = build(book, book.complete[measure.name], measure.name, one, {}, "2026-11-21")
        (decision,) = [d for d in decide(plan, book, noon) if d.step.name == one.name]
        assert decision.axes
        assert all(axis.tried for axis in decision.axes if axis.outcome.value != "out-of-scope"), one.name
