"""Facts as people write them: each mistake is named by field with what could stand there; nothing of a wrong file is used."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.law.casebook import load
from sekisho.law.duties import NOT_YET, Duties, EventKind, Field
from sekisho.law.facts import MOST_EVENTS, Facts, FactsError, read_facts
from sekisho.law.words import Regime

RULES = load(Path(__file__).resolve().parents[2] / "casebook" / "jp").owed


def read(text: str) -> Facts:
    return read_facts(tomllib.loads(text), RULES)


def leak(*lines: str) -> str:
    return "\n".join(['[[event]]\nkind = "leak"', *lines])


def test_facts_are_read_by_the_type_of_their_field() -> None:
    operator = '[operator]\nregime = "TBA-exempt"\nroles = ["designated-platform"]\n'
    found = read(operator + leak("known = 2026-06-01", "persons = 3", "secrecy = true"))
    assert (found.regime, found.roles) == (Regime.TBA_EXEMPT, frozenset({"designated-platform"}))
    assert dict(found.events[0].facts) == {"known": "2026-06-01", "persons": 3, "secrecy": True}
    assert found.events[0].name == "leak-1"


def test_what_is_not_there_is_unknown_and_not_false() -> None:
    found = read(leak())
    assert (found.regime, found.roles) == (None, None)
    assert "secrecy" not in found.events[0].facts
    assert read("[operator]\nroles = []\n" + leak()).roles == frozenset()


def test_json_says_days_as_text_and_means_the_same() -> None:
    raw = {"event": [{"kind": "leak", "known": "2026-06-01", "mic_report": NOT_YET}]}
    assert read_facts(raw, RULES) == read(leak("known = 2026-06-01", f'mic_report = "{NOT_YET}"'))


@pytest.mark.parametrize(
    ("text", "where", "code", "known"),
    [
        ("", "event", "missing", "leak"),
        ("event = 3", "event", "not-a-list", "leak"),
        ("event = [3]", "event[0]", "not-a-table", ""),
        ("[[event]]\nknown = 2026-06-01", "event[0].kind", "missing", "leak"),
        ('[[event]]\nkind = "leek"', "event[0].kind", "unknown-event", "leak"),
        (leak("knwon = 2026-06-01"), "event[0].knwon", "unknown-key", "known"),
        (leak('known = "yesterday"'), "event[0].known", "not-day-or-not-yet", ""),
        (leak("known = 2026-06-01T12:00:00Z"), "event[0].known", "not-day-or-not-yet", ""),
        (leak("known = 1800-06-01"), "event[0].known", "not-day-or-not-yet", ""),
        (leak("known = true"), "event[0].known", "not-day-or-not-yet", ""),
        (leak('known = "2026-13-01"'), "event[0].known", "not-day-or-not-yet", ""),
        (leak('secrecy = "yes"'), "event[0].secrecy", "not-bool", ""),
        (leak("secrecy = 1"), "event[0].secrecy", "not-bool", ""),
        (leak("persons = true"), "event[0].persons", "not-a-count", ""),
        (leak("persons = -1"), "event[0].persons", "not-a-count", ""),
        (leak("persons = 1.5"), "event[0].persons", "not-a-count", ""),
        (leak('stage = "lost"'), "event[0].stage", "unknown-word", "being-collected"),
        (leak("stage = 3"), "event[0].stage", "not-str", ""),
        (leak('name = ""'), "event[0].name", "not-str", ""),
        (leak('name = "a"') + "\n" + leak('name = "a"'), "event[1].name", "doubled", ""),
        ("operator = 3\n" + leak(), "operator", "not-a-table", ""),
        ('[operator]\nregime = "none"\n' + leak(), "operator.regime", "unknown-word", "TBA-exempt"),
        ("[operator]\nregime = 3\n" + leak(), "operator.regime", "unknown-word", "TBA"),
        ('[operator]\nroles = ["king"]\n' + leak(), "operator.roles", "unknown-word", "designated-platform"),
        ('[operator]\nroles = "designated-platform"\n' + leak(), "operator.roles", "not-a-list", "designated-platform"),
        ('[operator]\nname = "us"\n' + leak(), "operator.name", "unknown-key", "regime"),
        ("on = 2026-06-01\n" + leak(), "on", "unknown-key", "event"),
    ],
)
def test_a_mistake_names_the_field_and_what_could_stand_there(text: str, where: str, code: str, known: str) -> None:
    with pytest.raises(FactsError) as why:
        read(text)
    assert (why.value.where, why.value.code) == (where, code)
    assert not known or known in why.value.known


def test_facts_that_are_no_table_or_far_too_many_are_refused() -> None:
    with pytest.raises(FactsError, match="not-a-table"):
        read_facts([], RULES)
    with pytest.raises(FactsError, match="too-many"):
        read_facts({"event": [{"kind": "leak"}] * (MOST_EVENTS + 1)}, RULES)
    assert len(read_facts({"event": [{"kind": "leak"}] * MOST_EVENTS}, RULES).events) == MOST_EVENTS


WORDS = {"ja": "言葉", "en": "words"}
TYPES = {"day": (), "int": (), "free": (), "one": ("a", "b")}
SMALL = Duties(
    {"thing": EventKind("thing", WORDS, {n: Field(n, "str" if n in ("free", "one") else n, WORDS, a) for n, a in TYPES.items()}, ("day",))}
)


def said(name: str, value: object) -> object:
    """How one field comes out, or the code it is refused with."""
    try:
        return read_facts({"event": [{"kind": "thing", name: value}]}, SMALL).events[0].facts[name]
    except FactsError as why:
        return why.code


@pytest.mark.parametrize(
    ("name", "good", "bad", "code"),
    [
        ("int", [0, 1, 10**12], [-1, 10**12 + 1], "not-a-count"),
        ("free", ["x", "x" * 400], ["x" * 401, " ", ""], "not-str"),
        ("one", ["a", "b"], ["c", "A"], "unknown-word"),
        ("day", ["1900-01-01", "2400-12-31", NOT_YET], ["1899-12-31", "2401-01-01"], "not-day-or-not-yet"),
    ],
)
def test_each_type_ends_where_it_is_said_to(name: str, good: list[object], bad: list[object], code: str) -> None:
    assert [said(name, value) for value in good] == good
    assert [said(name, value) for value in bad] == [code] * len(bad)


def test_of_events_with_one_name_the_last_is_the_one_to_rename() -> None:
    with pytest.raises(FactsError) as why:
        read_facts({"event": [{"kind": "thing", "name": name} for name in ("a", "b", "a", "c")]}, SMALL)
    assert (why.value.where, why.value.said) == ("event[2].name", "a")
    assert str(why.value) == "event[2].name: doubled"
    with pytest.raises(FactsError) as why:
        read_facts({"event": [{"kind": "thing", "name": name} for name in ("a", "b", "b", "a")]}, SMALL)
    assert (why.value.where, why.value.said) == ("event[3].name", "a")


def test_an_error_about_the_whole_says_that_it_is_about_the_facts() -> None:
    with pytest.raises(FactsError, match=r"^facts: not-a-table$"):
        read_facts(3, SMALL)


def test_two_hundred_events_are_the_most() -> None:
    assert MOST_EVENTS == 200


ANYTHING = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=12),
        st.dates(),
        st.just(datetime(2026, 6, 1, tzinfo=UTC)),
        st.sampled_from(("leak", NOT_YET, "TBA", "known", "2026-06-01")),
    ),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(("event", "operator", "kind", "known", "roles", "persons", "x")), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(raw=ANYTHING)
def test_whatever_is_handed_in_is_read_or_refused_with_its_place(raw: object) -> None:
    with suppress(FactsError):
        found = read_facts(raw, RULES)
        assert found.events
        for event in found.events:
            assert isinstance(event.facts, Mapping)
            fields = RULES.kinds[event.kind].fields
            for name, value in event.facts.items():
                day = fields[name].type == "day"
                assert not day or value == NOT_YET or date.fromisoformat(str(value)).isoformat() == value
