"""A look: entry first, then keys, one by one, for one permit. What it finds is about tokens; who it was is opened once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

import pytest

from sekisho.desk import records
from sekisho.desk.flows import order
from sekisho.desk.outside import KeepSaidNo
from sekisho.faces.processes import work
from sekisho.law.reading import read
from sekisho.store.register import Contact, open_contact
from tests.desk.office import EXAMPLES, Office

TRUTH = json.loads((EXAMPLES / "expected.json").read_text(encoding="utf-8"))
MAILS = {"L-1001": "misaki@mail.example", "L-1003": "yoshiro@mail.example", "L-1006": "tom@mail.example"}


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(KeepSaidNo) as no:
        act()
    return no.value.code


def types(office: Office) -> list[str]:
    return [json.loads(e)["type"] for e in office.world.log.entries()]


def of(office: Office, step: str) -> list[str]:
    return [p["id"] for p in office.permits() if p["step"] == step]


def due(office: Office, sort: str) -> list[str]:
    """Looks that are due now, of one sort."""
    from sekisho.desk import looks

    names = office.channel("supervisor").call("due-looks")["start"]
    with office.turn() as world:
        return [n for n in names if looks.get(world, n).sort == sort]


def ordered(office: Office) -> list[order.Waiting]:
    """All three looked up: what waits for `act`."""
    for name in due(office, "identify"):
        work.look(office.outside("work", name), name)
    return [read(order.Waiting, w) for w in office.channel("act").call("orders")]


def contact(office: Office, waiting: order.Waiting) -> Contact:
    """The box of an order, opened as `act` opens it."""
    act = office.channel("act")
    return open_contact(
        waiting.box,
        lambda key_id, wrapped: bytes.fromhex(act.call("release-contact", order=waiting.id, key_id=key_id, wrapped=wrapped)["key"]),
    )


def letter(office: Office, waiting: order.Waiting, code: str) -> str:
    """A letter with this code is handed over and accepted."""
    act = office.channel("act")
    act.call("begin", order=waiting.id, letter=sha256(code.encode()).hexdigest())
    act.call("done", order=waiting.id, outcome="accepted", reply=250)
    return code


# Finding


def test_three_lines_are_found_and_nobody_is_named(noticing: Office) -> None:
    (found,) = noticing.terminal.call("overview")["findings"]
    assert found["count"] == len(TRUTH["infected"])
    said = json.dumps(noticing.terminal.call("overview"))
    assert not [line for line in ("L-1001", "L-1003", "L-1006", "198.51.100.11", "misaki") if line in said]


def test_a_second_look_finds_the_same_lines_and_asks_for_nobody_twice(noticing: Office) -> None:
    before = noticing.terminal.call("overview")
    noticing.watch.wind(minutes=2)
    (name,) = due(noticing, "find")
    work.look(noticing.outside("work", name), name)
    after = noticing.terminal.call("overview")
    assert after["findings"] == before["findings"]
    assert len(after["waiting"]) == len(before["waiting"])


def test_a_look_is_due_once_in_its_time_and_not_while_one_is_under_way(office: Office) -> None:
    ask = office.channel("supervisor")
    group = ask.call("due-looks")["start"]
    office.watch.wind(minutes=5)
    assert ask.call("due-looks")["start"] == [], "the first one has not ended"
    work.look(office.outside("work", *group), group[0])
    assert len(ask.call("due-looks")["start"]) == 1
    assert ask.call("due-looks")["start"] == []


def test_a_look_whose_permit_ended_is_to_be_stopped(office: Office) -> None:
    group = office.channel("supervisor").call("due-looks")["start"]
    office.channel("work", *group).call("open-look", look=group[0])
    office.withdraw(of(office, "match")[0])
    assert office.channel("supervisor").call("due-looks")["stop"] == group


def test_a_child_that_died_leaves_a_failed_look_and_the_next_one_is_due(office: Office) -> None:
    ask = office.channel("supervisor")
    group = ask.call("due-looks")["start"]
    office.channel("work", *group).call("open-look", look=group[0])
    ask.call("child-ended", looks=group)
    assert refused(lambda: office.channel("work", *group).call("close-look", look=group[0], state="done")) == "look-not-under-way"
    office.watch.wind(minutes=5)
    assert len(ask.call("due-looks")["start"]) == 1


def test_the_entry_of_a_look_stands_before_any_key(office: Office) -> None:
    office.collect()
    office.look()
    kinds = types(office)
    assert kinds.index("look") < kinds.index("key-release")


def test_one_key_is_one_entry_however_often_a_look_asks(office: Office) -> None:
    office.collect()
    office.look()
    releases = [json.loads(e)["ids"] for e in office.world.log.entries() if json.loads(e)["type"] == "key-release"]
    with office.turn() as world:
        assert len(releases) == len(records.rows(world.db, records.RELEASES)) > 3
    assert {r["permit"] for r in releases} == {of(office, "match")[0]}


@pytest.mark.parametrize("role", ["show", "terminal", "collect", "act", "supervisor"])
def test_no_other_process_opens_a_look(office: Office, role: str) -> None:
    group = office.channel("supervisor").call("due-looks")["start"]
    assert refused(lambda: office.channel(role, *group).call("open-look", look=group[0])) == "not-for-this-role"


def test_a_child_opens_only_the_looks_it_was_started_for(office: Office) -> None:
    group = office.channel("supervisor").call("due-looks")["start"]
    assert refused(lambda: office.channel("work", "look-0000000000000000").call("open-look", look=group[0])) == "another-looks-channel"
    mine = office.channel("work", *group)
    mine.call("open-look", look=group[0])
    assert refused(lambda: mine.call("open-look", look=group[0])) == "look-not-waiting"
    assert refused(lambda: mine.call("close-look", look=group[0], state="named-somebody")) == "unknown-state"


def test_a_person_looks_again_only_under_a_living_permit(office: Office) -> None:
    permit = of(office, "match")[0]
    assert office.terminal.call("look-again", permit=permit).startswith("look-")
    office.withdraw(permit)
    assert refused(lambda: office.terminal.call("look-again", permit=permit)) == "withdrawn"
    assert refused(lambda: office.terminal.call("look-again", permit="permit-0000000000000000")) == "unknown-permit"


def test_a_permit_to_send_is_no_permit_to_look(noticing: Office) -> None:
    assert refused(lambda: noticing.terminal.call("look-again", permit=of(noticing, "notify")[0])) == "not-a-look"


def test_findings_of_another_measure_and_too_many_of_them_are_refused(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    group = office.channel("supervisor").call("due-looks")["start"]
    mine = office.channel("work", *group)
    mine.call("open-look", look=group[0])
    at = office.watch.at
    finding = {"measure": "traffic-picture", "token": "0" * 32, "period": "2026-11-21", "first": at, "last": at, "facts": {}}
    assert refused(lambda: mine.call("found", look=group[0], findings=[finding])) == "another-measures-finding"
    monkeypatch.setattr("sekisho.desk.flows.found.MOST", 1)
    assert refused(lambda: mine.call("found", look=group[0], findings=[finding, finding])) == "too-much-found"


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("{match}/contact/2026-11-21", "class-not-permitted"),
        ("{match}/content/2026-11-21", "class-not-permitted"),
        ("{register}/party/2026-11-21", "not-this-permits-stream"),
        ("{match}/party", "bad-key-id"),
        ("{match}/party/2026-11-21/more", "bad-key-id"),
        ("//", "bad-key-id"),
    ],
)
def test_a_look_asks_for_its_own_columns_keys_and_no_others(office: Office, key: str, code: str) -> None:
    group = office.channel("supervisor").call("due-looks")["start"]
    mine = office.channel("work", *group)
    mine.call("open-look", look=group[0])
    named = key.format(match=of(office, "match")[0], register=of(office, "register")[0])
    size = office.world.log.size
    assert refused(lambda: mine.call("release-key", look=group[0], key_id=named, wrapped=b"x" * 92)) == code
    assert office.world.log.size == size


# Naming


def test_each_infected_line_is_named_once_and_everybody_else_stays_unnamed(noticing: Office) -> None:
    """Against the truth written beside the recording: three letters, to exactly these three."""
    to = [contact(noticing, w).mail for w in ordered(noticing)]
    assert sorted(map(str, to)) == sorted(MAILS[i["line"]] for i in TRUTH["infected"])


def test_an_order_names_nobody_in_the_clear(noticing: Office) -> None:
    for one in ordered(noticing):
        assert not [v for v in one.params.values() if "@" in v or "L-10" in v or v in ("Tom O'Brien", "髙﨑 美咲")]
        assert one.params["contacts"].isdigit()
        assert not [m for m in MAILS.values() if m in one.box]


def test_one_permit_is_one_letter(noticing: Office) -> None:
    assert len(ordered(noticing)) == 3
    assert due(noticing, "identify") == []
    noticing.watch.wind(minutes=5)
    assert due(noticing, "identify") == []
    assert len(noticing.channel("act").call("orders")) == 3


# Sending


def test_act_is_handed_only_what_is_in_the_ledger_and_still_permitted(noticing: Office) -> None:
    waiting = ordered(noticing)
    assert types(noticing).count("order") == 3
    noticing.withdraw(str(json.loads(waiting[0].permit.body)["id"]))
    assert len(noticing.channel("act").call("orders")) == 2
    assert types(noticing)[-1] == "done", "the one that was stopped is closed in the ledger"


def test_a_begun_order_is_never_handed_out_again(noticing: Office) -> None:
    """No mail goes twice: after the hand-over began, silence means that nobody knows."""
    waiting = ordered(noticing)
    act = noticing.channel("act")
    act.call("begin", order=waiting[0].id, letter="0" * 64)
    assert waiting[0].id not in {w["id"] for w in act.call("orders")}
    act.call("act-starts")
    assert waiting[0].id not in {w["id"] for w in act.call("orders")}
    assert refused(lambda: act.call("done", order=waiting[0].id, outcome="accepted", reply=250)) == "no-such-order"


def test_a_deferred_order_waits_and_any_other_outcome_ends_it(noticing: Office) -> None:
    waiting = ordered(noticing)
    act, one = noticing.channel("act"), waiting[0].id
    act.call("begin", order=one, letter="0" * 64)
    assert refused(lambda: act.call("begin", order=one, letter="1" * 64)) == "another-letter"
    act.call("done", order=one, outcome="deferred", reply=451)
    assert len(act.call("orders")) == 3
    act.call("begin", order=one, letter="1" * 64)
    act.call("done", order=one, outcome="accepted", reply=250)
    assert len(act.call("orders")) == 2
    assert refused(lambda: act.call("done", order=one, outcome="accepted", reply=250)) == "no-such-order"
    assert refused(lambda: act.call("begin", order=one, letter="1" * 64)) == "no-such-order"
    assert refused(lambda: act.call("done", order=waiting[1].id, outcome="lost", reply=0)) == "unknown-outcome"


def test_a_lease_is_short_and_ends_with_its_permit(noticing: Office) -> None:
    permit = of(noticing, "notify")[0]
    lease = noticing.channel("act").call("renew", permit=permit)
    assert (datetime.fromisoformat(lease["until"]) - noticing.watch.at).total_seconds() == 5
    until = next(datetime.fromisoformat(p["until"]) for p in noticing.permits() if p["id"] == permit)
    noticing.watch.wind(seconds=(until - noticing.watch.at).total_seconds() - 2)
    assert datetime.fromisoformat(noticing.channel("act").call("renew", permit=permit)["until"]) == until
    noticing.watch.wind(seconds=3)
    assert refused(lambda: noticing.channel("act").call("renew", permit=permit)) == "ended"


# The subscriber


def test_the_holder_of_a_letter_sees_who_looked_and_why_and_nothing_of_others(noticing: Office) -> None:
    code = letter(noticing, ordered(noticing)[0], "a code")
    said = noticing.terminal.call("my-line", code=code)
    assert len(said["notices"]) == 1
    assert {look["step"] for look in said["looks"]} >= {"identify"}
    assert all(look["by"] and look["cases"] and look["entry"] is not None for look in said["looks"])
    assert len(said["permits"]) == 2


def test_a_code_nobody_sent_opens_nothing(noticing: Office) -> None:
    letter(noticing, ordered(noticing)[0], "a code")
    for code in ("", "x", "0" * 64):
        assert refused(lambda code=code: noticing.terminal.call("my-line", code=code)) == "unknown-code"
        assert refused(lambda code=code: noticing.terminal.call("withdraw-mine", code=code)) == "unknown-code"


def test_a_subscriber_ends_the_permits_about_their_line_and_no_others(noticing: Office) -> None:
    code = letter(noticing, ordered(noticing)[0], "a code")
    ended = noticing.terminal.call("withdraw-mine", code=code)["permits"]
    assert len(ended) == 2
    states = {p["id"]: p["state"] for p in noticing.permits()}
    assert {i for i, s in states.items() if s == "withdrawn"} == set(ended)
    assert noticing.terminal.call("withdraw-mine", code=code)["permits"] == [], "twice is no more than once"


def test_who_withdrew_is_not_written_to_again_under_a_new_token(noticing: Office) -> None:
    """The switch outlives the day: another finding about the same line, for the same purpose, is stopped before an order."""
    for number, one in enumerate(ordered(noticing)):
        noticing.terminal.call("withdraw-mine", code=letter(noticing, one, f"code {number}"))
    noticing.watch.wind(hours=4)  # past midnight: another day, another key of tokens
    noticing.collect("pmacctd-ipfix")
    noticing.look()
    plan = noticing.terminal.call("overview")["waiting"][0]["id"]
    noticing.adopt(plan)
    noticing.confirm(plan)
    noticing.approve(plan, "reviewer-a")
    noticing.approve(plan, "reviewer-b")
    assert len(of(noticing, "identify")) == 6
    assert ordered(noticing) == []
