"""What anybody may know of a node: the measures in force, from permits alone, and nothing that names a person or a line."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from sekisho.desk import records
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.permitting import public_register, remeasure, retire
from tests.desk.office import EXAMPLES, Office


def register(office: Office, role: str = "show") -> dict[str, Any]:
    return dict(office.channel(role).call("register"))


def steps(office: Office, which: str = "in_force") -> list[str]:
    return [e["step"] for e in register(office)[which]]


def test_a_node_that_was_permitted_nothing_says_so(founded: Office) -> None:
    said = register(founded)
    assert (said["in_force"], said["ended"]) == ([], [])
    assert said["operator"]["name"] == "Example Networks"
    assert said["object"]["window"] == "Abuse desk"


def test_a_plan_that_waits_is_nobodys_business(founded: Office) -> None:
    plan = founded.propose()
    founded.supply(plan)
    assert register(founded)["in_force"] == []
    assert plan not in json.dumps(register(founded))


def test_each_step_stands_with_its_ground_its_days_and_its_duties(office: Office) -> None:
    said = {e["step"]: e for e in register(office)["in_force"]}
    assert set(said) == {"register", "record", "match"}
    permit = next(p for p in office.permits() if p["step"] == "match")
    match = said["match"]
    assert [g["case"] for g in match["grounds"]] == permit["cases"]
    assert all(g["title"]["ja"] and g["title"]["en"] and g["source"] and g["authority"] for g in match["grounds"])
    assert match["since"] == "2026-11-22", "days are those of Japan"
    assert match["until"] == office.world.book.day(datetime.fromisoformat(permit["until"])).isoformat()
    assert match["title"]["ja"]
    assert match["says"]["en"]
    assert match["duties"]


def test_anybody_may_ask_and_no_collector_or_worker_needs_to(office: Office) -> None:
    assert register(office, "terminal") == register(office, "show")
    for role in ("collect", "work", "act"):
        with pytest.raises(KeepSaidNo, match="not-for-this-role"):
            register(office, role)


def test_it_names_no_person_no_line_no_evidence_and_no_scope(noticing: Office) -> None:
    """Everything the records hold about people, papers and lines, looked for in the words of the register."""
    said = json.dumps(register(noticing), ensure_ascii=False)
    with noticing.turn() as world:
        people = list(world.everybody().values())
        tokens = [r["token"] for r in records.rows(world.db, records.PERMITS) if r["token"]]
        papers = [r["id"] for r in records.rows(world.db, records.EVIDENCE)]
        scopes = [records.body(r)["scope"] for r in records.rows(world.db, records.PERMITS)]
        permits = [r["id"] for r in records.rows(world.db, records.PERMITS)]
        plans = [r["id"] for r in records.rows(world.db, records.PLANS)]
    assert len(people) >= 6
    assert tokens
    assert papers
    lines = [w for row in (EXAMPLES / "lines.csv").read_text("utf-8").splitlines()[1:] for w in row.split(",") if len(w) > 3]
    lists = [str(s["list"]) for s in scopes if "list" in s]
    for secret in [*(p.id for p in people), *(f'"{p.name}"' for p in people), *tokens, *papers, *permits, *plans, *lists, *lines]:
        assert secret not in said, secret
    for word in ("scope", "evidence", "signed_by", "token", "person-", "proposer", "streams"):
        assert f'"{word}' not in said, word


def test_permits_for_many_lines_are_one_entry_that_does_not_say_how_many(noticing: Office) -> None:
    living = [p for p in noticing.permits() if p["step"] == "notify"]
    assert len(living) == 3
    entries = [e for e in register(noticing)["in_force"] if e["step"] == "notify"]
    assert len(entries) == 1
    assert not [v for v in entries[0].values() if isinstance(v, int) and not isinstance(v, bool)]
    assert len(json.dumps(entries[0]["audience"])) < 40


def test_one_of_many_withdrawn_shows_nothing_of_that_line(noticing: Office) -> None:
    """A single subscriber who objected is not announced to the world."""
    before = register(noticing)
    one = next(p for p in noticing.permits() if p["step"] == "notify")
    noticing.withdraw(one["id"])
    after = register(noticing)
    assert after["in_force"] == before["in_force"]
    assert after["ended"] == before["ended"]


def test_a_withdrawn_measure_leaves_at_once_and_stands_among_the_ended(office: Office) -> None:
    permit = next(p for p in office.permits() if p["step"] == "match")
    office.watch.wind(days=2)
    office.withdraw(permit["id"])
    assert "match" not in steps(office)
    (gone,) = register(office)["ended"]
    assert (gone["step"], gone["ended"], gone["how"]) == ("match", "2026-11-24", "withdrawn")
    assert gone["since"] == "2026-11-22"


def test_a_measure_whose_time_is_up_leaves_with_that_second(office: Office) -> None:
    """Also before anybody has tidied up after it."""
    end = next(datetime.fromisoformat(p["until"]) for p in office.permits() if p["step"] == "match")
    office.watch.wind(seconds=(end - office.watch.at).total_seconds() - 1)
    assert "match" in steps(office)
    office.watch.wind(seconds=1)
    assert "match" not in steps(office)
    assert "match" in steps(office, "ended")
    office.watch.wind(seconds=1)
    with office.turn() as world:
        retire.carry_out(world, retire.Retire())
    assert "match" in steps(office, "ended")
    assert {e["how"] for e in register(office)["ended"]} == {"ended"}


def test_what_ended_because_its_ground_failed_says_when(noticing: Office) -> None:
    with noticing.turn() as world:
        world.db.exec_driver_sql("DELETE FROM findings")
    noticing.watch.wind(hours=30)
    with noticing.turn() as world:
        remeasure.carry_out(world, remeasure.Remeasure())
    ended = {e["step"]: e for e in register(noticing)["ended"]}
    assert {"identify", "notify"} <= set(ended)
    assert ended["notify"]["ended"] == noticing.world.book.day(noticing.watch.at).isoformat()


def test_what_ended_more_than_a_year_ago_is_forgotten_here(office: Office) -> None:
    permit = next(p for p in office.permits() if p["step"] == "match")
    office.withdraw(permit["id"])
    office.watch.wind(days=365)
    assert "match" in steps(office, "ended")
    office.watch.wind(days=2)
    assert "match" not in steps(office, "ended")


def test_a_withdrawal_the_records_lost_is_still_dated_by_the_ledger(office: Office, tmp_path: Any) -> None:
    """An old copy of the records is put back: the day is that of the entry, not of the restart."""
    office.close()
    old = office.copied_closed(tmp_path / "old")
    office.open()
    permit = next(p for p in office.permits() if p["step"] == "match")
    office.withdraw(permit["id"])
    office.watch.wind(days=9)
    office.close()
    (office.home / "state" / "keep" / "keep.db").write_bytes((old.home / "state" / "keep" / "keep.db").read_bytes())
    for log in (office.home / "state" / "keep").glob("keep.db-*"):
        log.unlink()
    office.open()
    (gone,) = register(office)["ended"]
    assert (gone["step"], gone["ended"]) == ("match", "2026-11-22")


def test_a_permit_whose_book_is_lost_still_stands_there_with_fewer_words(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from sekisho.desk.world import No

    def lost(_world: object, digest: str) -> None:
        raise No("book-not-kept", book=digest)

    monkeypatch.setattr(public_register.books, "of_digest", lost)
    said = register(office)["in_force"]
    assert len(said) == 3
    assert all(e["title"] and e["grounds"] == [] for e in said)


def test_an_operator_of_one_person_is_said_to_be_one(tmp_path: Any) -> None:
    office = Office(tmp_path / "home").found()
    text = (office.home / "sekisho.toml").read_text("utf-8")
    (office.home / "sekisho.toml").write_text(text.replace("[operator]\n", "[operator]\none_person = true\n"), "utf-8")
    office.reopen()
    assert register(office)["operator"]["one_person"] is True
    office.close()
