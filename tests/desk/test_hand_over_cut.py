"""A list cut to its permit: the columns of the rung, not one person more, everybody else with a reason, and people of our own in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk.entrusting.hand_over_cut import Allowed, Cut, NotAsPermitted, cut
from sekisho.desk.naming import same
from sekisho.law.entrustment import FieldClass, Rung
from sekisho.wire.people_list import read_list
from tests.desk.handing import CANARIES, HEADINGS, RUNNERS, csv

CLASSES = {"name": FieldClass.ORDINARY, "mail": FieldClass.CONTACT, "allergy": FieldClass.HEALTH, "town": FieldClass.ORDINARY}
OURS: list[Mapping[str, str]] = [{"name": n, "mail": m} for n, m in CANARIES]


def may(**changed: Any) -> Allowed:
    said: dict[str, Any] = {
        "rung": Rung.FIELDS,
        "fields": ("name", "mail"),
        "who": "mail",
        "persons": 3,
        "canaries": 1,
        "classes": CLASSES,
        **changed,
    }
    said.setdefault("columns", {f: f for f in {*said["fields"], said["who"]}})
    return Allowed(**said)


def made(raw: bytes, allowed: Allowed, objected: frozenset[str] = frozenset()) -> Cut:
    return cut(read_list(raw), allowed, objected, OURS, lambda p: f"n:{p}", lambda p: f"a:{p}")


def refused(raw: bytes, allowed: Allowed) -> tuple[str, Mapping[str, object]]:
    with pytest.raises(NotAsPermitted) as why:
        made(raw, allowed)
    return why.value.code, why.value.detail


LIST = csv(RUNNERS)


def test_only_the_permitted_columns_leave_whatever_the_list_has() -> None:
    found = made(LIST, may())
    assert found.columns == ("name", "mail")
    assert not any("落花生" in cell for row in found.rows for cell in row)


def test_one_person_more_than_permitted_stops_all_of_it_and_names_the_line() -> None:
    assert refused(LIST, may(persons=2)) == ("more-people-than-permitted", {"line": 4, "persons": 2, "found": 3})


def test_a_person_of_our_own_is_none_of_those_that_are_counted() -> None:
    found = made(LIST, may(canaries=2))
    assert (found.given, len(found.rows)) == (3, 5)
    assert [p for p, why in found.people.items() if why == "canary"] == ["n:guard-1@sink.example.jp", "n:guard-2@sink.example.jp"]


def test_a_person_of_our_own_stands_anywhere() -> None:
    places = {[r[1].startswith("guard") for r in made(LIST, may()).rows].index(True) for _ in range(60)}
    assert places == {0, 1, 2, 3}


def test_everybody_who_is_left_out_is_left_out_for_a_reason() -> None:
    rows = [*RUNNERS, ("森 花", "ＨＡＮＡ@example.jp ", ""), ("nobody", "", "")]
    found = made(csv(rows), may(), frozenset({"ichiro@example.jp"}))
    assert (found.given, found.withheld) == (2, {"nobody": 1, "objected": 1, "twice": 1})
    assert found.people["n:ichiro@example.jp"] == "objected"
    assert found.people["n:hana@example.jp"] == ""
    assert not any("ichiro" in cell for row in found.rows for cell in row)


def test_a_heading_may_be_in_another_language() -> None:
    raw = csv([("森 花", "hana@example.jp")], ("氏名", "メール"), "cp932")
    found = made(raw, may(columns={"name": "氏名", "mail": "メール"}, canaries=1))
    assert found.columns == ("name", "mail")
    assert ("森 花", "hana@example.jp") in found.rows


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"columns": {"name": "name", "mail": "e-mail"}}, "no-such-column"),
        ({"columns": {"name": "name", "mail": "name"}}, "columns-not-as-fields"),
        ({"columns": {"name": "name", "mail": "mail", "allergy": "allergy"}}, "columns-not-as-fields"),
        ({"fields": ("name", "mail", "birthday")}, "no-such-column"),
        ({"fields": ("name", "mail", "birthday"), "columns": {"name": "name", "mail": "mail", "birthday": "allergy"}}, "field-not-in-row"),
        ({"canaries": 0}, "no-canary-asked"),
        ({"canaries": 4}, "too-few-canaries"),
    ],
)
def test_what_does_not_fit_its_permit_is_refused_by_name(changed: dict[str, Any], code: str) -> None:
    assert refused(LIST, may(**changed))[0] == code


# The ladder.


@pytest.mark.parametrize("rung", [Rung.PULL, Rung.HOLDER_SENDS, Rung.HOLDER_POSTS])
def test_where_nothing_leaves_there_is_no_list(rung: Rung) -> None:
    assert refused(LIST, may(rung=rung))[0] == "nothing-leaves"


@pytest.mark.parametrize("rung", [Rung.AGGREGATE, Rung.ALIASES, Rung.PSEUDONYMS])
def test_below_real_fields_nobody_can_be_reached(rung: Rung) -> None:
    assert refused(LIST, may(rung=rung)) == ("more-than-the-rung", {"rung": rung.value, "field": "mail"})


def test_contact_alone_is_contact_alone() -> None:
    assert refused(LIST, may(rung=Rung.CONTACT)) == ("more-than-the-rung", {"rung": "contact", "field": "name"})
    assert made(LIST, may(rung=Rung.CONTACT, fields=("mail",))).columns == ("mail",)


def test_an_alias_stands_in_place_of_the_address_and_our_own_have_one_too() -> None:
    found = made(LIST, may(rung=Rung.ALIASES, fields=("name",)))
    assert found.columns == ("alias", "name")
    assert ("a:hana@example.jp", "森 花") in found.rows
    assert len(found.rows) == 4


def test_a_pseudonym_reaches_nobody_so_nobody_of_ours_is_put_in() -> None:
    found = made(LIST, may(rung=Rung.PSEUDONYMS, fields=("allergy",), canaries=0))
    assert found.columns == ("pseudonym", "allergy")
    assert len(found.rows) == 3


def test_counts_of_few_are_told_together_and_never_as_a_small_number() -> None:
    towns = ["福井"] * 12 + ["鯖江"] * 3 + ["敦賀"]
    raw = csv([(f"n{n}", f"{n}@example.jp", town) for n, town in enumerate(towns)], ("name", "mail", "town"))
    found = made(raw, may(rung=Rung.AGGREGATE, fields=("town",), persons=16, canaries=0))
    assert (found.columns, found.rows) == (("town", "people"), (("福井", "12"), ("*", "<10")))


def test_many_small_groups_are_one_number() -> None:
    raw = csv([(f"n{n}", f"{n}@example.jp", f"t{n}") for n in range(14)], ("name", "mail", "town"))
    assert made(raw, may(rung=Rung.AGGREGATE, fields=("town",), persons=14, canaries=0)).rows == (("*", "14"),)


# In general.


PEOPLE = st.lists(st.tuples(st.sampled_from("abcdef "), st.sampled_from(["x", "y"])), min_size=1, max_size=12)


@given(PEOPLE, st.sets(st.sampled_from("abc")))
def test_whatever_the_list_each_line_is_given_or_withheld_and_nobody_twice(rows: list[tuple[str, str]], no: set[str]) -> None:
    raw = csv([(name, who, "") for who, name in rows], HEADINGS)
    found = made(raw, may(persons=6), frozenset(no))
    people = [same(r[1]) for r in found.rows if not r[1].startswith("guard")]
    assert len(people) == len(set(people)) == found.given
    assert not set(people) & no
    assert found.given + sum(found.withheld.values()) == len(rows)
