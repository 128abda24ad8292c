"""What `keep` remembers about lines goes when its permit's days are over; that it went is written, and what a subscriber needs stays."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import Table

from sekisho.desk import records
from sekisho.desk.flows import forget
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.permitting import remeasure
from sekisho.law.canonical import canonical
from sekisho.ledger.entry import Entry, EntryType
from tests.desk.office import Office

ABOUT_LINES = (records.FINDINGS, records.LOOKS, records.RELEASES)


def forgotten(office: Office) -> dict[str, int]:
    with office.turn() as world:
        return dict(forget.carry_out(world, forget.Forget()))


def count(office: Office, table: Table) -> int:
    with office.turn() as world:
        return records.count(world.db, table)


def order(office: Office, state: str = "accepted") -> str:
    """An order under the permit to write, with its entry, as it is when `act` is done with it."""
    permit = next(p for p in office.permits() if p["step"] == "notify")
    token = permit["scope"]["tokens"][0]
    named = {"text": "infected-notice@1", "params": {"contacts": "9"}, "box": "sealed", "pseudonym": "ab" * 32, "token": token}
    body = canonical(named)
    identity = "order-0123456789abcdef"
    with office.turn() as world:
        now, letter = world.clock.now(), sha256(b"code").hexdigest()
        records.add(world.db, records.ORDERS, body, now, id=identity, permit=permit["id"], state=state, code="", letter=letter)
        ids = {"order": identity, "permit": permit["id"]}
        world.write(EntryType.ORDER, body, ids=ids, at=now, table=records.ORDERS, key={"id": identity})
    return identity


def body_of(office: Office, identity: str) -> dict[str, Any]:
    with office.turn() as world:
        return dict(records.body(records.one(world.db, records.ORDERS, id=identity) or {}))


def test_nothing_goes_before_its_days_are_over(noticing: Office) -> None:
    before = [count(noticing, t) for t in ABOUT_LINES]
    assert all(before)
    noticing.watch.wind(days=13)
    forgotten(noticing)
    assert [count(noticing, t) for t in ABOUT_LINES] == before


def test_findings_looks_and_releases_go_when_the_permits_days_are_over(noticing: Office) -> None:
    """The duty to delete the match is due after 14 days; the permit that looked names 30."""
    noticing.watch.wind(days=15)
    assert forgotten(noticing) == {"findings": 3}
    noticing.watch.wind(days=16)
    forgotten(noticing)
    assert [count(noticing, t) for t in ABOUT_LINES] == [0, 0, 0]


def test_each_batch_is_one_entry_and_what_went_is_told_from_what_was_taken(noticing: Office) -> None:
    noticing.watch.wind(days=31)
    start = noticing.world.log.size
    gone = forgotten(noticing)
    entries = [Entry.decode(e) for e in noticing.world.log.entries(start)]
    assert {e.type for e in entries} == {EntryType.DESTROYED}
    assert len(entries) == len(gone) + 1, "looks and their releases are two batches"
    assert noticing.terminal.call("compare")["differences"] == []
    with noticing.world.engine.begin() as db:
        db.exec_driver_sql("DELETE FROM confirmations WHERE entry = (SELECT min(entry) FROM confirmations)")
    assert [d["what"] for d in noticing.terminal.call("compare")["differences"]] == ["entry-without-row"]


def test_a_closed_order_keeps_at_once_only_what_its_letter_needs(noticing: Office) -> None:
    identity = order(noticing)
    forgotten(noticing)
    assert set(body_of(noticing, identity)) == {"token", "text", "pseudonym"}
    assert noticing.terminal.call("my-line", code="code")["notices"]
    assert noticing.terminal.call("compare")["differences"] == []


def test_an_order_under_way_is_left_alone(noticing: Office) -> None:
    identity = order(noticing, "begun")
    forgotten(noticing)
    assert "box" in body_of(noticing, identity)


def test_after_its_days_an_order_still_takes_no_more_letters(noticing: Office) -> None:
    """The code in the letter works for ever; what was seen of the line is gone."""
    identity = order(noticing)
    forgotten(noticing)
    noticing.watch.wind(days=31)
    forgotten(noticing)
    assert set(body_of(noticing, identity)) == {"pseudonym"}
    said = noticing.terminal.call("my-line", code="code")
    assert (said["seen"], said["looks"]) == ([], [])
    assert noticing.terminal.call("withdraw-mine", code="code") == {"permits": []}
    with noticing.turn() as world:
        assert records.one(world.db, records.OPT_OUTS, pseudonym="ab" * 32) is not None
    assert forgotten(noticing) == {}, "nothing is left to forget"


def test_figures_go_with_their_permits_days(office: Office) -> None:
    permit = office.permits()[0]["id"]
    with office.turn() as world:
        records.add(world.db, records.FIGURES, canonical({"permit": permit, "rows": []}), world.clock.now(), measure="traffic-picture")
    office.watch.wind(days=40)
    forgotten(office)
    assert count(office, records.FIGURES) == 0


def test_permits_that_rest_on_a_finding_end_with_it(noticing: Office) -> None:
    with noticing.world.engine.begin() as db:
        db.exec_driver_sql("DELETE FROM findings")
    with noticing.turn() as world:
        remeasure.carry_out(world, remeasure.Remeasure())
    assert {p["state"] for p in noticing.permits() if p["step"] in ("identify", "notify")} == {"ended"}
    assert "in-force" in {p["state"] for p in noticing.permits() if p["step"] == "match"}


def test_with_a_clock_that_jumped_nothing_is_forgotten(noticing: Office) -> None:
    noticing.watch.jump(days=4000)
    assert forgotten(noticing) == {}
    assert all(count(noticing, t) for t in ABOUT_LINES)


def test_deleted_rows_are_overwritten_on_the_disk(noticing: Office) -> None:
    """SQLite's secure_delete: once the write-ahead log is folded in, no page of the file holds the body of a finding."""
    with noticing.turn() as world:
        bodies = [bytes(r["body"])[-60:] for r in records.rows(world.db, records.FINDINGS)]
    file = noticing.home / "state" / "keep" / "keep.db"

    def held() -> list[bool]:
        noticing.reopen()
        return [b in file.read_bytes() for b in bodies]

    assert all(held())
    noticing.watch.wind(days=15)
    forgotten(noticing)
    assert not any(held())


def test_measuring_again_decides_only_what_changed(noticing: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every five seconds, so it must be cheap: the gate is asked anew only when a probe says something else or time ran out."""
    from sekisho.desk import plans

    asked: list[str] = []
    decide = plans.decisions
    monkeypatch.setattr(plans, "decisions", lambda world, plan, now: asked.append(plan.measure) or decide(world, plan, now))

    def measure() -> int:
        asked.clear()
        with noticing.turn() as world:
            remeasure.carry_out(world, remeasure.Remeasure())
        return len(asked)

    assert measure() == 2
    assert measure() == 0
    noticing.watch.wind(seconds=5)
    assert measure() == 0
    noticing.watch.wind(days=1)
    assert measure() > 0, "another day may have another rule"


def test_an_unknown_code_is_answered_as_ever(noticing: Office) -> None:
    with pytest.raises(KeepSaidNo, match="unknown-code"):
        noticing.terminal.call("my-line", code="another")


def test_measuring_again_takes_turns_and_leaves_nobody_out(noticing: Office) -> None:
    """With no time at all one plan is measured in each turn, another one each time."""
    seen = []
    for _ in range(4):
        with noticing.turn() as world:
            assert remeasure.carry_out(world, remeasure.Remeasure(0.0))["measured"] == 1
            seen.append(world.measured_last)
    assert seen[0] != seen[1]
    assert seen[:2] == seen[2:]
