"""A default-on filter with a switch: permitted only with live evidence of all five conditions; whose line is off is theirs to say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from sekisho.desk import compare, records
from sekisho.desk.access import my_filters, switches
from sekisho.desk.access.kernel_told import leased
from sekisho.desk.access.my_filters import ThrowMySwitch
from sekisho.desk.access.try_switch import TABLE
from sekisho.desk.flows import forget
from sekisho.desk.kernel_words import KernelLeases
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.permitting import remeasure
from sekisho.desk.world import LedgerRefuses, No
from sekisho.ledger.entry import Entry, EntryType
from sekisho.ledger.faults import LedgerError
from tests.desk.filtering import PLAN, Filtering, _filtered, compared, filtering, holder
from tests.desk.holding import Falling
from tests.desk.office import EXAMPLES, Office

__all__ = ["_filtered", "filtering"]

LINE, OTHER, FOREIGN, LINE6 = "198.51.100.20", "198.51.100.21", "192.0.2.7", "2001:db8:100:1::20"


def refusal(call: Any) -> str:
    with pytest.raises(KeepSaidNo) as no:
        call()
    return no.value.code


def mine(filtering: Filtering, address: str = LINE) -> dict[str, Any]:
    (found,) = filtering.show("my-filters", address=address)["filters"]
    return dict(found)


def lacks(office: Office, plan: str) -> set[str]:
    """Which conditions of C-01 this plan lacks; none where it is permitted."""
    (said,) = office.terminal.call("plan", plan=plan)["decisions"]
    return {m["condition"] for m in said["missing"] if m["case"] == "jp/C-01/1"}


@pytest.mark.parametrize("stood", ["on", "off"])
def test_a_switch_that_a_full_disk_undid_was_not_thrown(filtering: Filtering, stood: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks in the same turn hears of it before the ledger has it; when the ledger refuses, nobody may go on by that."""
    filtering.started()
    filtering.throw(LINE, stood)
    before = filtering.off()
    world = filtering.office.world

    def full(_entries: object) -> None:
        raise LedgerError("no space left")

    with monkeypatch.context() as disk, pytest.raises(LedgerRefuses), world.turn():
        disk.setattr(world.log, "append_many", full)
        my_filters.throw(world, ThrowMySwitch(LINE, filtering.permit, {"on": "off", "off": "on"}[stood]))
        leased(world, KernelLeases())
    assert filtering.off() == before
    assert (f"{LINE}/32" in off_now(filtering)) is (stood == "off")


def off_now(filtering: Filtering) -> set[str]:
    with filtering.office.turn() as world:
        (rented,) = leased(world, KernelLeases()).rented or ()
        return set(rented.off)


def test_before_the_start_nothing_is_refused_and_every_line_may_choose(filtering: Filtering) -> None:
    assert filtering.round() == {}
    said = mine(filtering)
    assert (said["off"], said["started"], said["starts"]) == (False, False, "2026-12-01T01:00:00.000000Z")
    filtering.throw(LINE, "off")
    filtering.started()
    assert filtering.off() == {LINE}
    assert filtering.office.terminal.call("effects")["state"] == "same"


def test_a_switch_counts_with_the_next_round_off_and_on_as_often_as_the_line_likes(filtering: Filtering) -> None:
    filtering.started()
    assert filtering.off() == set()
    for _ in range(2):
        filtering.throw(LINE, "off")
        assert filtering.off() == {LINE}
        assert mine(filtering)["off"]
        assert not mine(filtering, OTHER)["off"]
        filtering.throw(LINE, "on")
        assert filtering.off() == set()
        assert not mine(filtering)["off"]


def test_thrown_twice_the_same_way_it_is_off_once(filtering: Filtering) -> None:
    filtering.started()
    filtering.throw(LINE, "off")
    filtering.throw(LINE, "off")
    assert filtering.off() == {LINE}
    filtering.throw(LINE, "on")
    assert filtering.off() == set()


def test_a_line_of_ipv6_is_its_prefix_and_a_mapped_address_is_the_one_it_maps(filtering: Filtering) -> None:
    filtering.started()
    filtering.throw(LINE6, "off")
    filtering.throw(f"::ffff:{LINE}", "off")
    assert filtering.off() == {"2001:db8:100:1::", LINE}


def test_a_thrown_switch_is_nobody_meddling(filtering: Filtering) -> None:
    filtering.started()
    filtering.round()
    mends = filtering.office.terminal.call("effects")["mends"]
    filtering.throw(LINE, "off")
    filtering.round()
    assert filtering.office.terminal.call("effects")["mends"] == mends


@pytest.mark.parametrize("address", [FOREIGN, "2001:db8:7::1", "fe80::1%eth0", "not an address", ""])
def test_whose_line_is_not_filtered_has_no_switch(filtering: Filtering, address: str) -> None:
    assert filtering.show("my-filters", address=address)["filters"] == []
    assert refusal(lambda: filtering.throw(address, "off")) == "not-filtered-here"


def test_the_switch_knows_two_places_and_its_own_filters(filtering: Filtering) -> None:
    assert refusal(lambda: filtering.throw(LINE, "perhaps")) == "no-such-choice"
    filtering.permit = "permit-" + "0" * 16
    assert refusal(lambda: filtering.throw(LINE, "off")) == "not-filtered-here"


def test_who_switched_off_is_told_which_case_it_stands_on_and_just_the_words_that_were_permitted(filtering: Filtering) -> None:
    said = mine(filtering)
    (permit,) = [p for p in filtering.office.permits() if p["id"] == filtering.permit]
    assert said["digest"] == permit["scope"]["told"]
    assert "jp/C-01/1" in [c["id"] for c in said["cases"]]
    assert "13426974546f7272656e742070726f74" in [c["pattern"] for c in said["classes"]]


def test_the_ledger_never_has_the_address_and_the_records_only_while_it_is_off(filtering: Filtering) -> None:
    filtering.throw(LINE, "off")
    with filtering.office.turn() as world:
        assert set(world.db.execute(select(switches.S.c.prefix)).scalars()) == {f"{LINE}/32"}
    filtering.throw(LINE, "on")
    with filtering.office.turn() as world:
        assert set(world.db.execute(select(switches.S.c.prefix)).scalars()) == {""}
        entries = [Entry.decode(e) for e in world.log.entries()]
        assert sum(e.type is EntryType.SWITCHED for e in entries) == 2
        assert not any(LINE in json.dumps(dict(e.ids)) for e in entries)
        assert not compare.carry_out(world, compare.Compare(0, 1000)).differences
        assert not any(LINE.encode() in row["body"] for row in records.rows(world.db, switches.S))


def test_a_row_that_somebody_else_wrote_switches_nothing(filtering: Filtering) -> None:
    """Neither another address in a line's row, nor a row of another measure."""
    filtering.started()
    filtering.throw(LINE, "off")
    for changed in ({"prefix": f"{OTHER}/32"}, {"measure": "shaping"}):
        with filtering.office.turn() as world:
            world.db.execute(update(switches.S).values(**changed))
        filtering.office.reopen()
        filtering.holder = holder(filtering.office, filtering.kernel, filtering.trial)
        assert filtering.off() == set()


def test_a_switch_outlives_a_restart(filtering: Filtering) -> None:
    filtering.started()
    filtering.throw(LINE, "off")
    filtering.office.reopen()
    filtering.holder = holder(filtering.office, filtering.kernel, filtering.trial)
    assert filtering.off() == {LINE}


def test_a_switch_that_a_refused_request_threw_was_not_thrown(filtering: Filtering) -> None:
    """What it began is undone alone, and the turn goes on."""
    filtering.started()
    with filtering.office.turn() as world:
        leased(world, KernelLeases())
        with pytest.raises(No), world.request():
            my_filters.throw(world, ThrowMySwitch(LINE, filtering.permit, "off"))
            raise No("refused")
        assert not switches.off(world, "default-on-filter")
    assert filtering.off() == set()


def test_the_records_are_not_read_again_however_many_switches_are_thrown(filtering: Filtering) -> None:
    """It is asked several times a second, and every line may have one; counted is how often the rows are gone through."""
    filtering.throw(LINE, "off")
    with filtering.office.turn() as world, pytest.MonkeyPatch.context() as patch:
        read: list[object] = []
        known = switches._read

        def counted(world: Any) -> Any:
            read.append(world)
            return known(world)

        patch.setattr(switches, "_read", counted)
        for line, to in ((LINE, "off"), (OTHER, "off"), (OTHER, "off"), (LINE, "on")):
            leased(world, KernelLeases())
            my_filters.throw(world, ThrowMySwitch(line, filtering.permit, to))
        leased(world, KernelLeases())
        assert len(read) == 1
        assert switches.off(world, "default-on-filter") == known(world)["default-on-filter"]
        assert set(known(world)["default-on-filter"]) == {f"{OTHER}/32"}


def test_withdrawn_its_rules_are_gone_with_the_next_round(filtering: Filtering) -> None:
    filtering.started()
    assert filtering.round()
    filtering.office.withdraw(filtering.permit)
    assert filtering.round() == {}


def forget_(filtering: Filtering) -> dict[str, int]:
    """What `keep` forgets of itself, every minute."""
    with filtering.office.turn() as world:
        return dict(forget.carry_out(world, forget.Forget()))


def kept_switches(filtering: Filtering) -> list[str]:
    with filtering.office.turn() as world:
        return [str(r["prefix"]) for r in records.rows(world.db, records.SWITCHES)]


def test_what_lines_chose_goes_a_day_after_the_last_permit_it_was_for_with_an_entry_that_names_nobody(filtering: Filtering) -> None:
    """A day is what this plan says that it keeps things for."""
    filtering.throw(OTHER, "off")
    filtering.throw(OTHER, "on")
    filtering.throw(LINE, "off")
    assert "switches" not in forget_(filtering)
    filtering.office.withdraw(filtering.permit)
    filtering.wind(timedelta(hours=23))
    assert "switches" not in forget_(filtering)
    assert f"{LINE}/32" in kept_switches(filtering)
    filtering.wind(timedelta(hours=2))
    assert forget_(filtering)["switches"] == 3
    assert kept_switches(filtering) == []
    assert "switches" not in forget_(filtering), "nothing is left to forget"
    entries = [Entry.decode(e) for e in filtering.office.world.log.entries()]
    assert entries[-1].type is EntryType.DESTROYED
    assert not any(LINE in str(e) for e in entries)
    with filtering.office.turn() as world:
        assert not compare.carry_out(world, compare.Compare(0, 1000)).differences, "each entry of theirs is accounted for"


def test_a_filter_that_is_permitted_again_in_time_finds_every_choice_as_it_was(filtering: Filtering) -> None:
    filtering.throw(LINE, "off")
    forget_(filtering)
    filtering.office.withdraw(filtering.permit)
    filtering.wind(timedelta(hours=20))
    filtering.again()
    filtering.permit = filtering.office.stand(PLAN)["filter"]
    forget_(filtering)
    filtering.started()
    assert "switches" not in forget_(filtering)
    assert filtering.off() == {LINE}


def test_with_a_clock_that_jumped_nobodys_choice_is_forgotten(filtering: Filtering) -> None:
    filtering.throw(LINE, "off")
    filtering.office.withdraw(filtering.permit)
    forget_(filtering)
    filtering.office.watch.jump(days=400)
    assert forget_(filtering) == {}
    assert f"{LINE}/32" in kept_switches(filtering)


def test_a_year_later_its_rules_are_gone(filtering: Filtering) -> None:
    filtering.started()
    assert filtering.round()
    filtering.wind(timedelta(days=366))
    assert filtering.round() == {}


# The five conditions as live evidence.


@pytest.fixture
def untried(_founded: Path, tmp_path: Path) -> Iterator[Office]:
    office = Office(_founded).copied(tmp_path / "untried")
    yield office
    office.close()


def test_a_switch_that_nobody_tried_is_no_evidence(untried: Office) -> None:
    office = untried
    plan = office.propose(PLAN)
    office.supply(plan, PLAN)
    assert lacks(office, plan) == {"switch", "parity-live", "parity-path"}
    assert holder(office, Falling(), Falling()).try_switch()
    assert lacks(office, plan) == {"parity-live", "parity-path"}
    compared(office)
    assert lacks(office, plan) == set()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('lengths = "29-240"', 'lengths = "29-1500"'),
        ("wrong = 2", "wrong = 1"),
        ('"2001:db8:100::/48"', '"2001:db8:200::/48"'),
    ],
)
def test_rules_that_customers_were_not_told_of_are_refused(untried: Office, old: str, new: str, tmp_path: Path) -> None:
    """A wider class, a better figure, lines of somebody else: the words say otherwise, or the lines are not ours."""
    text = (EXAMPLES / "plans" / f"{PLAN}.toml").read_text("utf-8")
    assert old in text
    changed = tmp_path / "plan.toml"
    changed.write_text(text.replace(old, new).replace("../papers", str(EXAMPLES / "papers")), "utf-8")
    holder(untried, Falling(), Falling()).try_switch()
    compared(untried)
    name = str(changed.with_suffix(""))
    plan = untried.propose(name)
    untried.supply(plan, name)
    assert lacks(untried, plan) == {"limited"}


@pytest.mark.parametrize("why", ["refused", "not-permitted"])
def test_a_kernel_that_does_not_let_a_line_go_ends_the_filter(filtering: Filtering, why: str) -> None:
    filtering.started()
    assert filtering.round()
    filtering.trial.says = why
    assert not filtering.holder.try_switch()
    with filtering.office.turn() as world:
        assert remeasure.carry_out(world, remeasure.Remeasure())["ended"] == 1
    assert filtering.round() == {}


def test_a_try_leaves_nothing_in_the_kernel_and_touches_only_its_own_table(filtering: Filtering) -> None:
    filtering.started()
    stood = filtering.round()
    assert filtering.holder.try_switch()
    assert filtering.trial.there is None
    assert filtering.round() == stood
    assert TABLE not in str(filtering.kernel.there)


def ended(filtering: Filtering) -> int:
    """What `keep` does each second: how many permits ended by it."""
    with filtering.office.turn() as world:
        return remeasure.carry_out(world, remeasure.Remeasure())["ended"]


@pytest.mark.parametrize("differs", ["price", "terms", "path"])
def test_on_and_off_that_are_no_longer_the_same_end_the_filter(filtering: Filtering, differs: str) -> None:
    filtering.started()
    assert filtering.round()
    assert ended(filtering) == 0
    compared(filtering.office, **{differs: False})
    assert ended(filtering) == 1
    assert filtering.round() == {}


@pytest.mark.parametrize("silent", ["switch", "parity"])
def test_what_nobody_tries_or_compares_any_more_ends_the_filter_though_it_was_well(filtering: Filtering, silent: str) -> None:
    """Two hours after the last word, and not a second before."""
    filtering.started()
    filtering.wind(timedelta(hours=1))
    if silent == "switch":
        compared(filtering.office)
    else:
        filtering.holder.try_switch()
    filtering.wind(timedelta(minutes=59, seconds=50))
    assert ended(filtering) == 0
    filtering.wind(timedelta(seconds=11))
    assert ended(filtering) == 1
    assert filtering.round() == {}


def test_what_is_repeated_keeps_the_filter_and_a_measure_nobody_knows_is_none(filtering: Filtering) -> None:
    filtering.started()
    for _ in range(3):
        filtering.wind(timedelta(minutes=110))
        filtering.again()
        assert ended(filtering) == 0
    hold = filtering.office.channel("hold")
    said = {"same_price": True, "same_service": True, "on": "a" * 64, "off": "b" * 64}
    assert refusal(lambda: hold.call("tariffs-compared", measure="shaping", **said)) == "unknown-measure"
