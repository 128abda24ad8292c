"""What was chosen, and the values of items: an address with its port, a time to the millisecond, and nothing that only looks like one."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.law import items
from sekisho.law.procedures import OPENING, Fact, Lack, Move, Must, Procedure, Standing, State
from sekisho.law.walking import Told, lacks
from sekisho.law.words import Authority, Certainty, Role, Value

WORDS = {"ja": "項目", "en": "item"}
CHOICES = {"name": WORDS, "address-and-port": WORDS, "time": WORDS, "late": WORDS}
FORMS = {"address-and-port": "endpoint", "time": "moment"}
ASKED = Fact("asked", WORDS, "choices", ("name",), CHOICES, since={"late": date(2022, 10, 1)})
GIVEN = Fact("given", WORDS, "items", ("name=x",), CHOICES, forms=FORMS)


@pytest.mark.parametrize("value", [(), ("unknown",), ("name", "name"), "name", ("name=x",), (1,), None, ("",)])
def test_what_is_no_choice_is_refused(value: Value) -> None:
    assert not items.spelled(ASKED, value)


@pytest.mark.parametrize(
    "said",
    [
        "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1", "192.0.2.256:1", "2001:db8::1:443", "[2001:db8::1]",
        "[192.0.2.1]:443", "192.0.2.1:443 ", "192.0.2.1:４４３", "[fe80::1%eth0]:1", "[2001:db8:::1]:1",
    ],
)  # fmt: skip
def test_what_is_no_address_with_its_port_is_refused(said: str) -> None:
    assert not items.spelled(GIVEN, (f"address-and-port={said}",))


@given(st.ip_addresses(), st.integers(1, 65535))
def test_any_address_with_any_port_is_read_back(address: object, port: int) -> None:
    said = f"[{address}]:{port}" if ":" in str(address) else f"{address}:{port}"
    assert items.endpoint(said) == (address, port)


@pytest.mark.parametrize(
    "said", ["2026-11-20T12:03:04Z", "2026-11-20T12:03:04.120", "2026-02-30T12:03:04.120Z", "2026-11-20 12:03:04.120Z"]
)
def test_a_time_without_zone_or_milliseconds_is_refused(said: str) -> None:
    assert not items.spelled(GIVEN, (f"time={said}",))


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda at: 1970 < at.year < 2199))
def test_a_time_is_printed_in_japan_and_in_utc_and_both_are_the_same_moment(at: datetime) -> None:
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    japan, _, utc = items.printed("moment", at.isoformat(timespec="milliseconds").replace("+00:00", "Z")).partition(" JST (UTC ")
    assert datetime.fromisoformat(f"{utc.rstrip(')')}+00:00") == at == datetime.fromisoformat(f"{japan}+09:00")


@pytest.mark.parametrize("said", [" x", "x ", "", "a\nb", "a\u202eb", "x" * 301])
def test_an_item_is_one_visible_line(said: str) -> None:
    assert not items.spelled(GIVEN, (f"name={said}",))


def test_a_value_may_hold_the_sign_that_parts_it_from_its_name() -> None:
    assert items.values(("name=a=b",)) == {"name": "a=b"}


def move(**more: object) -> Move:
    return Move("give", WORDS, WORDS, "X 1", ("open",), "open", frozenset({Role.DESK}), **more)  # type: ignore[arg-type] # each test's own


def table(step: Move) -> Procedure:
    opening = Move(OPENING, WORDS, WORDS, "X 1", (), "open", frozenset({Role.DESK}))
    return Procedure(
        "x", WORDS, WORDS, date(2020, 1, 1), date(2020, 1, 1), "X 1", Authority("A1"), Certainty("LAW"), 1, opening,
        (State("open", WORDS, WORDS),), (ASKED, GIVEN), (step,),
    )  # fmt: skip


def found(must: Must, asked: tuple[str, ...], given_: tuple[str, ...]) -> tuple[Lack, ...]:
    step = move(facts=("given",), must=(must,))
    return lacks(table(step), Standing("open", {"asked": asked}, {}, {}), step, Told({"given": given_}, (), date(2026, 1, 1)))


def test_only_what_was_asked_is_given() -> None:
    must = Must("within", WORDS, ("given",), among=("asked",))
    assert found(must, ("name", "time"), ("name=x",)) == ()
    assert found(must, ("time",), ("name=x",)) == (Lack("must", "within"),)


def test_only_these_and_all_of_those() -> None:
    assert found(Must("only", WORDS, ("given",), only=("name",)), ("name",), ("name=x", "late=y")) == (Lack("must", "only"),)
    assert found(Must("has", WORDS, ("given",), has=("name", "late")), ("name",), ("name=x",)) == (Lack("must", "has"),)


@pytest.mark.parametrize(("day", "lawful"), [(date(2022, 9, 30), False), (date(2022, 10, 1), True)])
def test_the_day_picks_the_items(day: date, lawful: bool) -> None:
    step = move(facts=("asked",))
    told = lacks(table(step), Standing("open", {}, {}, {}), step, Told({"asked": ("late",)}, (), day))
    assert told == (() if lawful else (Lack("item-not-lawful", "asked"),))


def test_exactly_what_was_asked_and_exactly_what_must_be_there_is_enough() -> None:
    assert found(Must("m", WORDS, ("given",), among=("asked",)), ("name",), ("name=x",)) == ()
    assert found(Must("m", WORDS, ("given",), has=("name",)), ("name",), ("name=x",)) == ()


def test_what_is_given_stays_within_each_bound_and_has_the_value_it_had() -> None:
    within = Must("m", WORDS, ("given",), among=("asked",), only=("time",))
    assert found(within, ("name",), ("name=x",)) == (Lack("must", "m"),)
    same = Must("m", WORDS, ("given",), among=("asked",))
    assert found(same, ("name=x",), ("name=x",)) == ()
    assert found(same, ("name=x",), ("name=y",)) == (Lack("must", "m"),)


MANY = {f"c{n}": WORDS for n in range(51)}


def test_every_choice_there_is_may_be_chosen_and_fifty_at_most() -> None:
    assert items.spelled(ASKED, tuple(CHOICES))
    fact = Fact("asked", WORDS, "choices", ("c0",), MANY)
    assert items.spelled(fact, tuple(MANY)[:50])
    assert not items.spelled(fact, tuple(MANY))


def test_one_choice_that_is_none_spoils_the_rest() -> None:
    assert not items.spelled(ASKED, ("name", "time=x"))
    assert not items.spelled(ASKED, ("time=x", "name"))
    assert not items.spelled(GIVEN, ("name=x", "time=yesterday"))
    assert not items.spelled(GIVEN, ("time=yesterday", "name=x"))


def test_each_form_is_its_own() -> None:
    at, address = "2026-11-20T12:03:04.120Z", "192.0.2.1:443"
    assert items.spelled(GIVEN, (f"time={at}", f"address-and-port={address}", "late=anything"))
    assert not items.spelled(GIVEN, (f"time={address}",))
    assert not items.spelled(GIVEN, (f"address-and-port={at}",))
    assert items.spelled(GIVEN, ("name=" + "x" * 300,))


@pytest.mark.parametrize("value", [None, 3, True, "name=x", {"name": "x"}])
def test_what_is_no_list_of_items_holds_none(value: Value) -> None:
    assert items.values(value) == {}
    assert items.chosen(value) == ()
