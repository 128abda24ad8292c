"""Strict reading: every key asked for by its type, what nobody asked for refused, each complaint with file, place and what to write."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import pytest

from sekisho.law.tables import CasebookError, Table, frozen

DAY = date(2020, 6, 1)
TIME = datetime(2020, 6, 1, tzinfo=UTC)


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def table(where: str = "case[1]", **data: Any) -> Table:
    return Table("a.toml", where, data)


def refused(take: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(CasebookError) as why:
        take()
    assert why.value.file == "a.toml"
    assert str(why.value) == f"a.toml: {why.value.where}: {why.value.what}"
    return why.value.where, why.value.what


READERS: dict[str, tuple[list[Any], list[Any], str]] = {
    "text": (["x", "x" * 4000], [3, None, ["x"]], "must be text"),
    "number": ([0, 7], [True, "7", 1.0], "must be a whole number"),
    "flag": ([True, False], [1, 0, "true"], "must be true or false"),
    "day": ([DAY], ["2020-06-01", 3], "must be a day, written 2018-09-26 without quotes"),
    "texts": ([["x"], ["x", "y"]], ["x", {"x": 1}], "must be a list of texts"),
    "table": ([{}, {"x": 1}], [[], "x"], "must be a table"),
    "words": ([{"ja": "語", "en": "word"}], ["word", ["word"]], "must be a sentence by language"),
}


@pytest.mark.parametrize("reader", READERS)
def test_each_reader_takes_its_type_and_names_what_it_wants(reader: str) -> None:
    good, bad, says = READERS[reader]
    for value in good:
        found = getattr(table(key=value), reader)("key")
        assert found.data == value if reader == "table" else found == (tuple(value) if reader == "texts" else value)
    for value in bad:
        assert refused(lambda value=value: getattr(table(key=value), reader)("key")) == ("case[1].key", says)  # type: ignore[misc] # each value's own
    assert refused(lambda: getattr(table(), reader)("key")) == ("case[1].key", "is missing")
    assert refused(lambda: getattr(table(""), reader)("key")) == ("key", "is missing")


def test_what_is_no_table_is_refused() -> None:
    for data in (None, [], "x", 3):
        assert refused(lambda data=data: Table("a.toml", "case", data)) == ("case", "must be a table")  # type: ignore[misc] # each value's own


def test_done_names_the_first_key_nobody_asked_for() -> None:
    read = table(a=1, b=2)
    read.number("a")
    assert refused(read.done) == ("case[1].b", "nobody knows this key; remove it or correct its spelling")
    read.number("b")
    read.done()
    assert refused(table("", x=1).done)[0] == "x"


def test_a_text_has_something_in_it_and_ends_somewhere() -> None:
    for value in ("", " \n", "x" * 4001):
        assert refused(lambda value=value: table(key=value).text("key")) == ("case[1].key", "must be 1 to 4000 characters of text")  # type: ignore[misc] # each value's own


def test_a_number_has_its_least() -> None:
    assert refused(lambda: table(key=-1).number("key")) == ("case[1].key", "must be at least 0")
    assert refused(lambda: table(key=0).number("key", least=1)) == ("case[1].key", "must be at least 1")
    assert table(key=1).number("key", least=1) == 1


def test_a_day_is_no_time() -> None:
    assert refused(lambda: table(key=TIME).day("key")) == ("case[1].key", "must be a day, not a time")


def test_a_word_is_one_of_those_there_are() -> None:
    assert table(key="red").word("key", Colour) is Colour.RED
    assert table(key=["red", "blue"]).set_of("key", Colour) == frozenset(Colour)
    says = ("case[1].key", "'green' is not one of red, blue")
    assert refused(lambda: table(key="green").word("key", Colour)) == says
    assert refused(lambda: table(key=["red", "green"]).set_of("key", Colour)) == says


def test_a_sentence_is_said_in_both_languages_and_in_no_third() -> None:
    assert refused(lambda: table(key={}).words("key")) == ("case[1].key", "has no words in en, ja")
    assert refused(lambda: table(key={"ja": "語"}).words("key")) == ("case[1].key", "has no words in en")
    assert refused(lambda: table(key={"ja": "語", "en": " "}).words("key"))[0] == "case[1].key.en"
    assert refused(lambda: table(key={"ja": "語", "en": "word", "fr": "mot"}).words("key"))[0] == "case[1].key.fr"
    assert type(table(key={"ja": "語", "en": "word"}).words("key")) is MappingProxyType


def test_a_list_of_texts_is_neither_empty_nor_endless_and_names_nothing_twice() -> None:
    for value in ([], [""], ["x", 3], [f"{n}" for n in range(501)]):
        assert refused(lambda value=value: table(key=value).texts("key")) == ("case[1].key", "must be a list of 1 to 500 texts")  # type: ignore[misc] # each value's own
    assert len(table(key=[f"{n}" for n in range(500)]).texts("key")) == 500
    assert refused(lambda: table(key=["x", "y", "x"]).texts("key")) == ("case[1].key", "names something twice")


def test_tables_are_named_by_their_id_or_their_number() -> None:
    found = list(table(key=[{"id": "a"}, {}]).tables("key"))
    assert [t.where for t in found] == ["case[1].key[a]", "case[1].key[2]"]
    assert [t.where for t in table("", key=[{}, {"id": "b"}]).tables("key")] == ["key[1]", "key[b]"]
    assert list(table().tables("key")) == []
    assert table("", key={}).table("key").where == "key"
    assert table(key={}).table("key").where == "case[1].key"


def test_tables_are_a_list_of_tables_and_not_endless() -> None:
    says = ("case[1].key", "must be up to 500 tables, written [[key]]")
    assert refused(lambda: list(table(key={}).tables("key"))) == says
    assert refused(lambda: list(table(key=[{}] * 501).tables("key"))) == says
    assert len(list(table(key=[{}] * 500).tables("key"))) == 500
    assert refused(lambda: list(table(key=[{}, 3]).tables("key"))) == ("case[1].key[2]", "must be a table")


def test_values_are_plain_and_nobody_can_change_them_afterwards() -> None:
    said = {"list": [1, [True]], "day": DAY, "deep": {"text": "x", "none": None}}
    found: Any = table(key=said).value("key")
    assert found == {"list": (1, (True,)), "day": "2020-06-01", "deep": {"text": "x", "none": None}}
    with pytest.raises(TypeError):
        found["deep"]["text"] = "y"
    assert frozen((1, 2)) == (1, 2)
    assert refused(lambda: table(key=1.5).value("key")) == ("case[1].key", "float has no single spelling")
    assert refused(lambda: table(key=[TIME]).value("key")) == ("case[1].key", "write days, not times")
    assert refused(lambda: table().value("key")) == ("case[1].key", "is missing")


def test_a_mapping_is_a_table_of_values_or_empty() -> None:
    assert table(key={"x": [1]}).mapping("key") == {"x": (1,)}
    assert table().mapping("key") == {}
    for value in (3, [1], "x"):
        assert refused(lambda value=value: table(key=value).mapping("key")) == ("case[1].key", "must be a table")  # type: ignore[misc] # each value's own


def test_what_may_be_left_out_has_its_default_and_is_read_strictly_if_it_is_there() -> None:
    empty = table()
    assert empty.maybe("key", empty.text) is None
    assert empty.maybe("key", empty.text, "default") == "default"
    wrong = table(key=3)
    assert refused(lambda: wrong.maybe("key", wrong.text, "default")) == ("case[1].key", "must be text")
    assert "key" in wrong
    assert "other" not in wrong


@pytest.mark.parametrize("take", ["tables", "value", "mapping", "maybe", "text"])
def test_whatever_was_asked_for_counts_as_known(take: str) -> None:
    read = table(key="x" if take in ("value", "text", "maybe") else [] if take == "tables" else {})
    list(read.tables("key")) if take == "tables" else read.maybe("key", lambda _: 1) if take == "maybe" else getattr(read, take)("key")
    read.done()
