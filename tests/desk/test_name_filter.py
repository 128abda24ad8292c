"""A filter of names with a switch: permitted only with live evidence of all five conditions; what the resolver reads is the permits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sekisho.desk import switch_tried
from sekisho.desk.access import switches
from sekisho.desk.access.hold_names import STUCK
from sekisho.desk.access.try_names import NotNames, TryNames, carry_out
from sekisho.desk.permitting import remeasure
from sekisho.effects.name_filter import TRIAL
from sekisho.ledger.entry import Entry, EntryType
from sekisho.wire import cdb
from tests.desk.filtering import STARTS, compared
from tests.desk.naming_filter import LISTED, PLAN, Naming, _named, copied_list, named, naming
from tests.desk.office import Office

__all__ = ["_named", "named"]

LINE, OTHER, LINE6 = "198.51.100.20", "198.51.100.21", "2001:db8:100:1::20"
NAME = "www.phishing.example"


def lacks(office: Office, plan: str) -> set[str]:
    (said,) = office.terminal.call("plan", plan=plan)["decisions"]
    return {m["condition"] for m in said["missing"] if m["case"] == "jp/C-01/2"}


def mine(named: Naming, address: str = LINE) -> dict[str, Any]:
    (found,) = named.show("my-filters", address=address)["filters"]
    return dict(found)


def test_without_a_tried_switch_and_a_loaded_list_there_is_no_permit(founded: Office) -> None:
    plan = founded.propose(PLAN)
    founded.supply(plan, PLAN)
    assert lacks(founded, plan) == {"switch", "limited", "parity-live"}
    assert naming(founded, LISTED).tried()
    assert lacks(founded, plan) == {"parity-live"}
    compared(founded, path=False)
    assert lacks(founded, plan) == set()


def test_another_list_than_customers_were_told_of_is_none(founded: Office, tmp_path: Any) -> None:
    plan = founded.propose(PLAN)
    founded.supply(plan, PLAN)
    listed = copied_list(tmp_path / "list")
    listed.write_bytes(LISTED.read_bytes() + b"one-more.example\n")
    assert naming(founded, listed).tried()
    compared(founded)
    assert lacks(founded, plan) == {"limited"}


@pytest.mark.parametrize("how", ["deaf", "gone"])
def test_a_resolver_that_does_not_read_the_files_has_no_working_switch(founded: Office, how: str) -> None:
    plan = founded.propose(PLAN)
    founded.supply(plan, PLAN)
    its = naming(founded, LISTED)
    its.turn()
    setattr(its.resolver, how, True)
    assert not its.tried()
    assert "switch" in lacks(founded, plan)


def test_a_switch_counts_with_the_next_round_off_and_on_as_often_as_the_line_likes(named: Naming) -> None:
    for _ in range(2):
        named.throw(LINE, "off")
        assert named.off() == {LINE}
        assert mine(named)["off"]
        assert not mine(named, OTHER)["off"]
        named.throw(LINE, "on")
        assert named.off() == set()
    named.throw(LINE6, "off")
    assert named.off() == {"2001:db8:100:1::"}


def test_who_is_off_has_every_address_and_all_others_are_led_to_the_page(named: Naming) -> None:
    named.throw(LINE, "off")
    named.throw(LINE6, "off")
    assert named.turn()
    leads = named.resolver.leads
    assert not leads(NAME, LINE)
    assert not leads(NAME, "2001:db8:100:1::99")
    assert leads(NAME, OTHER)
    assert leads(NAME, "2001:db8:100:2::99")
    assert not leads("www.example", OTHER)
    assert not leads(NAME, "192.0.2.7")


def test_the_switch_of_names_is_not_that_of_packets(named: Naming) -> None:
    """Each filter has its own: who switched one off has not switched the other."""
    named.throw(LINE, "off")
    with named.office.turn() as world:
        assert set(switches.off(world, "name-filter")) == {f"{LINE}/32"}
        assert not switches.off(world, "default-on-filter")


def test_a_line_is_told_which_list_in_which_categories_it_stands_on(named: Naming) -> None:
    said = mine(named)
    (permit,) = [p for p in named.office.permits() if p["id"] == named.permit]
    assert said["digest"] == permit["scope"]["told"]
    assert said["list"] == permit["scope"]["list"]
    assert [(c["name"], c["names"], c["wrong"]) for c in said["categories"]] == [("malware", 2, 0), ("phishing", 3, 1)]
    assert "jp/C-01/2" in [c["id"] for c in said["cases"]]


def test_both_sides_are_told_and_there_is_only_what_the_resolver_itself_answers(named: Naming) -> None:
    named.throw(LINE, "off")
    named.turn()
    (effect,) = named.stands()["effects"]
    assert (effect["wanted"], effect["there"], effect["same"]) == ({"names": 5, "off": 1}, {"names": 5, "off": 1}, True)
    named.resolver.gone = True
    named.turn()
    assert (named.stands()["state"], named.stands()["left"]) == ("differs", ["resolver-silent"])
    named.resolver.gone, named.resolver.deaf = False, True
    named.throw(LINE, "on")
    named.turn()
    assert (named.stands()["state"], named.stands()["left"]) == ("differs", ["resolver-other"])
    assert named.stands()["effects"][0]["there"] == {}


def test_a_disk_that_is_full_is_told(named: Naming) -> None:
    named.resolver.full = True
    assert not named.turn()
    assert named.stands()["said"] == "No space left on device"


@pytest.mark.parametrize("name", ["names.cdb", "lines.cdb"])
def test_what_somebody_changed_is_put_right_counted_and_in_the_ledger_with_its_permit(named: Naming, name: str) -> None:
    assert named.tried()
    named.turn()
    before = named.resolver.files[name]
    assert not named.names.meddled()
    named.resolver.files[name] = cdb.make([(b"\x03foo\x00", TRIAL.encode())])
    assert named.names.meddled()
    named.turn()
    assert named.resolver.files[name] == before
    assert named.stands()["mended"] == [name]
    with named.office.turn() as world:
        entries = [Entry.decode(e) for e in world.log.entries()]
    assert [dict(e.ids).get("permit") for e in entries if e.type is EntryType.EFFECT] == [named.permit] * 2


def test_another_list_in_the_file_filters_nothing_and_ends_the_permit(named: Naming) -> None:
    named.turn()
    named.list.write_bytes(LISTED.read_bytes() + b"one-more.example\n")
    assert named.names.meddled()
    named.turn()
    assert not named.resolver.leads(NAME, OTHER)
    assert named.tried()
    with named.office.turn() as world:
        assert switch_tried.loaded(world)[1]["phishing"] == 4
        assert remeasure.carry_out(world, remeasure.Remeasure())["ended"] == 1


def heart(named: Naming) -> tuple[str, str]:
    """Until which second the files count, and which writing of them."""
    ends, written = named.resolver.files["heart"].decode().split()
    return ends, written


def test_each_writing_of_the_lines_has_a_number_of_its_own_and_a_round_without_news_none(named: Naming) -> None:
    assert named.tried()
    _, first = heart(named)
    named.turn()
    assert heart(named)[1] == first
    named.throw(LINE, "off")
    named.turn()
    _, second = heart(named)
    named.resolver.files["lines.cdb"] = b""
    named.turn()
    assert len({first, second, heart(named)[1]}) == 3, "what was put right is another writing of the same"


def test_between_rounds_only_the_time_is_renewed_and_not_for_a_round_that_never_ends(named: Naming) -> None:
    named.turn()
    ends, written = heart(named)
    for seconds in (0.3, STUCK, STUCK + 0.1):
        named.office.watch.wind(seconds=1)
        named.names.beat(named.tick + seconds)
    assert heart(named) == (str(int(ends) + 2), written)


def test_what_could_not_be_written_is_not_renewed(named: Naming) -> None:
    """Else a permit that is withdrawn while the disk is full would go on."""
    named.turn()
    before = heart(named)
    named.throw(LINE, "off")
    named.resolver.full = True
    assert not named.turn()
    named.resolver.full = False
    named.office.watch.wind(seconds=1)
    named.names.beat(named.tick + 0.3)
    assert heart(named) == before
    assert named.turn()
    assert heart(named)[1] != before[1]


@pytest.mark.parametrize("raw", [b"no list", None])
def test_a_list_that_cannot_be_read_filters_nothing(named: Naming, raw: bytes | None) -> None:
    named.list.unlink()
    if raw is not None:
        named.list.write_bytes(raw)
    assert named.turn()
    assert not named.resolver.leads(NAME, OTHER)


def test_a_switch_that_no_longer_works_ends_the_filter(named: Naming) -> None:
    named.turn()
    named.resolver.deaf = True
    assert not named.tried()
    with named.office.turn() as world:
        assert remeasure.carry_out(world, remeasure.Remeasure())["ended"] == 1
    named.resolver.deaf = False
    named.turn()
    assert not named.resolver.leads(NAME, OTHER)


def test_a_try_touches_nobodys_line(named: Naming) -> None:
    named.throw(LINE, "off")
    named.turn()
    seen = []
    named.names.trial.due = 0.0
    for _ in range(5):
        named.turn()
        seen.append((named.resolver.leads(NAME, LINE), named.resolver.leads(NAME, OTHER)))
    assert set(seen) == {(False, True)}


def test_withdrawn_nothing_of_it_is_left(named: Naming) -> None:
    named.turn()
    named.office.withdraw(named.permit)
    named.turn()
    assert all(named.permit.encode() not in raw for raw in named.resolver.files.values())
    assert not named.resolver.leads(NAME, OTHER)


def test_before_the_start_the_file_says_from_when_it_counts(named: Naming) -> None:
    named.turn()
    lines = dict(cdb.records(named.resolver.files["lines.cdb"]))
    starts, until = map(int, lines[named.permit.encode()].split()[:2])
    assert starts == int(STARTS.timestamp())
    assert until > starts + timedelta(days=300).total_seconds()


def test_a_dry_run_tells_numbers_alone(tmp_path: Any) -> None:
    own = tmp_path / "own.txt"
    own.write_bytes(b"www.phishing.example\nbank.example\n")
    found = carry_out(TryNames(LISTED, own))
    assert found["categories"]["phishing"] == {"names": 3, "others": 2, "wrong": 1}
    assert found["categories"]["malware"]["wrong"] == 0
    assert "bank" not in str(found)
    own.write_bytes(b"http://bank.example\n")
    for code, request in (("names-bad-line", TryNames(LISTED, own)), ("absent", TryNames(tmp_path / "none", own))):
        with pytest.raises(NotNames) as no:
            carry_out(request)
        assert no.value.code == code
