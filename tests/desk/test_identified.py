"""A look named a line: `keep` words the order itself. What the worker says is typed, bounded, and never reaches a letter as it stands."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import Any

import pytest

from sekisho.desk import looks, permits, records
from sekisho.desk.flows.identified import NOBODY
from sekisho.desk.outside import KeepSaidNo
from sekisho.store.register import box_key
from tests.desk.office import Channel, Office

LINE: Mapping[str, Any] = {
    "line": "L-1001",
    "box": "permit-0123456789abcdef/contact/2026-11-21 00ff",
    "terms": "2024-04-01",
    "first": "2026-11-21T10:00:00Z",
    "last": "2026-11-21T11:30:00Z",
    "contacts": 7,
}


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(KeepSaidNo) as no:
        act()
    return no.value.code


def opened(office: Office, sort: str = "identify") -> tuple[str, Channel]:
    """A look of this sort under way, and the channel of its child."""
    office.channel("supervisor").call("due-looks")
    with office.turn() as world:
        name = next(r["id"] for r in records.rows(world.db, records.LOOKS, state="waiting") if looks.get(world, r["id"]).sort == sort)
    mine = office.channel("work", name)
    mine.call("open-look", look=name)
    return name, mine


def say(office: Office, **changed: object) -> dict[str, Any]:
    """A worker names a line; what stands in the order, or nothing where there is none."""
    name, mine = opened(office)
    placed = mine.call("identified", look=name, line={**LINE, **changed})["order"]
    return body(office, placed) if placed else {}


def body(office: Office, order: str) -> dict[str, Any]:
    with office.turn() as world:
        return dict(records.body(records.one(world.db, records.ORDERS, id=order) or {}))


def orders(office: Office) -> int:
    with office.turn() as world:
        return records.count(world.db, records.ORDERS)


def state(office: Office, look: str) -> str:
    with office.turn() as world:
        return str((records.one(world.db, records.LOOKS, id=look) or {})["state"])


def test_a_named_line_is_one_order_written_in_the_ledger(noticing: Office) -> None:
    name, mine = opened(noticing)
    placed = mine.call("identified", look=name, line=LINE)["order"]
    said = json.loads(list(noticing.world.log.entries())[-1])
    assert said["type"] == "order"
    assert said["ids"]["order"] == placed
    assert state(noticing, name) == "named"


def test_the_order_is_under_the_permit_to_write_about_the_same_token(noticing: Office) -> None:
    name, mine = opened(noticing)
    placed = mine.call("identified", look=name, line=LINE)["order"]
    with noticing.turn() as world:
        row = records.one(world.db, records.ORDERS, id=placed) or {}
        sending = records.one(world.db, records.PERMITS, id=row["permit"]) or {}
        looking = records.one(world.db, records.PERMITS, id=looks.get(world, name).permit) or {}
    assert (sending["step"], sending["token"], sending["plan"]) == ("notify", looking["token"], looking["plan"])
    assert body(noticing, placed)["token"] == looking["token"]


def test_the_letters_words_are_ours_and_the_workers_are_two_times_a_count_and_a_version(noticing: Office) -> None:
    params, operator = say(noticing)["params"], noticing.settings.operator
    theirs = {"first_seen": "2026-11-21 19:00", "last_seen": "2026-11-21 20:30", "contacts": "7", "terms_version": "2024-04-01"}
    assert {k: params[k] for k in theirs} == theirs
    assert params["operator"] == operator.name
    assert params["check_url"].startswith(noticing.settings.console.url)
    assert not [v for v in params.values() if LINE["line"] in v or LINE["box"] in v]


def test_the_line_itself_stands_in_no_record(noticing: Office) -> None:
    said = say(noticing)
    assert LINE["line"] not in json.dumps(said)
    assert len(said["pseudonym"]) == 64


def test_one_line_has_one_pseudonym_and_another_has_another(noticing: Office) -> None:
    """A withdrawal is kept by it, from one day's token to the next."""
    first, again, other = say(noticing), say(noticing), say(noticing, line="L-1003")
    assert first["token"] != again["token"]
    assert first["pseudonym"] == again["pseudonym"] != other["pseudonym"]


@pytest.mark.parametrize("why", sorted(NOBODY))
def test_nobody_is_named_in_one_of_four_words_and_nothing_is_ordered(noticing: Office, why: str) -> None:
    name, mine = opened(noticing)
    assert mine.call("identified", look=name, nobody=why)["order"] == ""
    assert state(noticing, name) == why
    assert orders(noticing) == 0


@pytest.mark.parametrize("why", ["", "named", "done", "running", "planned", "L-1001", "x" * 10_000])
def test_any_other_word_about_nobody_is_refused(noticing: Office, why: str) -> None:
    """A worker cannot smuggle a name out as a look's state, nor plan its own look again."""
    name, mine = opened(noticing)
    assert refused(lambda: mine.call("identified", look=name, nobody=why)) == "unknown-state"
    assert state(noticing, name) == "running"


@pytest.mark.parametrize(
    "changed",
    [
        {"contacts": "7"},
        {"contacts": True},
        {"contacts": None},
        {"first": "yesterday"},
        {"first": "2026-11-21T10:00:00"},
        {"last": 1_700_000_000},
        {"last": None},
        {"line": 1001},
        {"line": None},
        {"box": ["a", "b"]},
        {"terms": {"version": "1"}},
        {"subject": "You won"},
        {"recipient": "all@mail.example"},
    ],
)
def test_words_of_another_type_or_name_are_no_request(noticing: Office, changed: dict[str, Any]) -> None:
    name, mine = opened(noticing)
    assert refused(lambda: mine.call("identified", look=name, line={**LINE, **changed})) == "not-a-request"
    assert orders(noticing) == 0


@pytest.mark.parametrize(
    "box",
    [
        "",
        "misaki@mail.example",
        "permit-0123456789abcdef/contact/2026-11-21",
        "permit-0123456789abcdef/party/2026-11-21 00ff",
        "permit-0123456789abcdef 00ff",
        "contact 00ff",
        "/ /contact",
        "p/contact/d " + "0" * 9_000,
    ],
)
def test_what_is_no_box_is_refused_and_leaves_nothing_behind(noticing: Office, box: str) -> None:
    name, mine = opened(noticing)
    size = noticing.world.log.size
    assert refused(lambda: mine.call("identified", look=name, line={**LINE, "box": box})) == "not-a-box"
    assert noticing.world.log.size == size
    assert orders(noticing) == 0
    assert state(noticing, name) == "running", "what the request began is undone"


@pytest.mark.parametrize(
    "terms",
    ["", "1 2", "v1\nBcc: all@mail.example", "https://evil.example/", "misaki@mail.example", "版", "{{name}}", "x" * 33, "1\n", "\u202e1"],
)
def test_a_version_of_terms_that_is_no_version_becomes_a_dash(noticing: Office, terms: str) -> None:
    """It comes from a register file through a worker, and would stand in a letter."""
    assert say(noticing, terms=terms)["params"]["terms_version"] == "-"


@pytest.mark.parametrize("line", ["", "L-1001\nBcc: x", "x" * 5_000, "'; DROP TABLE orders; --", "{{name}}"])
def test_a_hostile_line_changes_its_pseudonym_and_nothing_else(noticing: Office, line: str) -> None:
    """No letter and no record shows it."""
    plain = say(noticing)
    hostile = say(noticing, line=line)
    own = ("pseudonym", "principal", "token", "params")
    same = {k: v for k, v in plain.items() if k not in own}
    assert same == {k: v for k, v in hostile.items() if k not in own}
    changed = {k for k, v in plain["params"].items() if hostile["params"][k] != v}
    assert changed == {"reference"}
    assert len(hostile["pseudonym"]) == 64


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"])
def test_a_time_beyond_the_calendar_orders_nothing(noticing: Office, at: str) -> None:
    """It cannot be told in Japan's time: the request fails whole, and the look may still answer."""
    name, mine = opened(noticing)
    size = noticing.world.log.size
    with pytest.raises((KeepSaidNo, OverflowError)):
        mine.call("identified", look=name, line={**LINE, "first": at})
    assert (orders(noticing), noticing.world.log.size) == (0, size)
    assert mine.call("identified", look=name, line=LINE)["order"]


def test_a_line_whose_holder_opted_out_gets_no_order(noticing: Office) -> None:
    """By the code in one letter; the next look that names the same line ends without a letter."""
    name, mine = opened(noticing)
    placed = mine.call("identified", look=name, line=LINE)["order"]
    noticing.channel("act").call("begin", order=placed, letter=sha256(b"a code").hexdigest())
    noticing.terminal.call("withdraw-mine", code="a code")
    again, other = opened(noticing)
    assert other.call("identified", look=again, line=LINE)["order"] == ""
    assert state(noticing, again) == "opted-out"
    assert orders(noticing) == 1
    assert say(noticing, line="L-1003"), "another line is written to as before"


def test_one_permit_is_one_order_however_often_somebody_looks_again(noticing: Office) -> None:
    name, mine = opened(noticing)
    mine.call("identified", look=name, line=LINE)
    with noticing.turn() as world:
        permit = looks.get(world, name).permit
    again = noticing.terminal.call("look-again", permit=permit)
    assert again in noticing.channel("supervisor").call("due-looks")["start"]
    second = noticing.channel("work", again)
    second.call("open-look", look=again)
    assert refused(lambda: second.call("identified", look=again, line=LINE)) == "already-ordered"
    assert orders(noticing) == 1


def test_a_look_answers_once(noticing: Office) -> None:
    name, mine = opened(noticing)
    mine.call("identified", look=name, line=LINE)
    assert refused(lambda: mine.call("identified", look=name, line=LINE)) == "look-not-under-way"
    assert refused(lambda: mine.call("identified", look=name, nobody="no-record")) == "look-not-under-way"


def test_without_a_permit_to_write_nothing_is_ordered(noticing: Office) -> None:
    """The permit to send was withdrawn while the look was under way."""
    name, mine = opened(noticing)
    with noticing.turn() as world:
        token = (records.one(world.db, records.PERMITS, id=looks.get(world, name).permit) or {})["token"]
        sending = next(r["id"] for r in records.rows(world.db, records.PERMITS, token=token) if r["step"] == "notify")
    noticing.withdraw(sending)
    assert mine.call("identified", look=name, line=LINE)["order"] == ""
    assert state(noticing, name) == "done"
    assert orders(noticing) == 0


def test_an_identification_whose_own_permit_ended_names_nobody(noticing: Office) -> None:
    name, mine = opened(noticing)
    with noticing.turn() as world:
        permit = looks.get(world, name).permit
    noticing.withdraw(permit)
    assert refused(lambda: mine.call("identified", look=name, line=LINE)) == "withdrawn"
    assert orders(noticing) == 0


def test_a_permit_that_ended_by_its_date_sends_nothing(noticing: Office) -> None:
    name, mine = opened(noticing)
    noticing.watch.wind(days=400)
    assert refused(lambda: mine.call("identified", look=name, line=LINE)) == "ended"
    assert orders(noticing) == 0


def test_a_look_of_another_step_names_nobody(noticing: Office) -> None:
    """A child that was started to find may not say whose line it was."""
    noticing.watch.wind(minutes=5)
    name, mine = opened(noticing, "find")
    assert refused(lambda: mine.call("identified", look=name, line=LINE)) == "not-an-identification"
    assert refused(lambda: mine.call("identified", look=name, nobody="no-record")) == "not-an-identification"
    assert orders(noticing) == 0


def test_nobody_speaks_for_another_look(noticing: Office) -> None:
    name, _ = opened(noticing)
    stranger = noticing.channel("work", "look-0000000000000000")
    assert refused(lambda: stranger.call("identified", look=name, line=LINE)) == "another-looks-channel"
    for role in ("act", "collect", "show", "terminal", "supervisor"):
        asked = noticing.channel(role, name)
        assert refused(partial(asked.call, "identified", look=name, line=LINE)) == "not-for-this-role"


def test_a_list_that_is_gone_leaves_a_letter_that_names_it_by_its_digest(noticing: Office) -> None:
    """The letter still says which list it was, as far as anybody can tell."""
    world = noticing.world
    with noticing.turn():
        sending = permits.of(records.rows(world.db, records.PERMITS, step="notify")[0])
    listed = str(sending.scope["list"])
    world.settings = replace(world.settings, lists=())
    params = say(noticing)["params"]
    assert (params["list_origin"], params["list_date"]) == (listed[:12], "-")


def test_the_box_of_an_order_is_the_one_the_worker_handed_over(noticing: Office) -> None:
    said = say(noticing)
    assert box_key(said["box"]) == "permit-0123456789abcdef/contact/2026-11-21"
