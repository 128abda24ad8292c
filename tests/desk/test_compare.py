"""Records and ledger are held against each other: what was changed, taken out or slipped in is named."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from sekisho.desk import records
from tests.desk.office import Office


def differences(office: Office, **asked: int) -> list[tuple[str, str]]:
    return [(d["what"], d["where"]) for d in office.terminal.call("compare", **asked)["differences"]]


def spoil(office: Office, statement: str, **values: Any) -> None:
    """Change the records as somebody would who has the disk: past every use case."""
    with office.world.engine.begin() as db:
        assert db.execute(text(statement), values).rowcount == 1


def first(office: Office, table: str, column: str = "entry") -> Any:
    with office.world.engine.begin() as db:
        return db.execute(text(f"SELECT {column} FROM {table} WHERE entry IS NOT NULL ORDER BY entry")).scalar()


def test_records_that_nobody_touched_fit_the_ledger(office: Office) -> None:
    """Every entry with a row is opened by it, to the last one."""
    found = office.terminal.call("compare")
    assert found["differences"] == []
    assert found["entries"] == found["of"] == office.world.log.size
    assert found["rows"] > 20
    assert found["next"] is None


@pytest.mark.parametrize("table", ["plans", "evidence", "approvals", "confirmations", "permits", "people"])
def test_a_changed_body_is_named_by_its_entry(office: Office, table: str) -> None:
    entry = first(office, table)
    spoil(office, f"UPDATE {table} SET body = CAST(replace(CAST(body AS TEXT), ':', ': ') AS BLOB) WHERE entry = :e", e=entry)
    assert differences(office) == [("altered", table)]
    assert office.terminal.call("compare")["differences"][0]["entry"] == entry


def test_a_body_of_another_type_is_altered_and_nothing_falls_over(office: Office) -> None:
    """SQLite takes text where bytes belong."""
    spoil(office, "UPDATE plans SET body = 'text', salt = 5 WHERE entry = :e", e=first(office, "plans"))
    assert differences(office) == [("altered", "plans")]


def test_a_row_that_was_taken_out_leaves_its_entry_behind(office: Office) -> None:
    entry = first(office, "confirmations")
    spoil(office, "DELETE FROM confirmations WHERE entry = :e", e=entry)
    assert differences(office) == [("entry-without-row", "confirmations")]


def test_a_row_that_was_slipped_in_has_no_entry(office: Office) -> None:
    spoil(office, "INSERT INTO people (id, body, at) SELECT 'person-00000000deadbeef', body, at FROM people LIMIT 1")
    assert differences(office) == [("row-without-entry", "people")]


def test_a_row_that_points_at_another_rows_entry_is_altered(office: Office) -> None:
    plan, person = first(office, "plans"), first(office, "people")
    spoil(office, "UPDATE people SET entry = :p WHERE entry = :e", p=plan, e=person)
    assert differences(office) == [("another-entry", "people")]


def test_a_row_that_points_past_the_end_of_the_ledger_is_named(office: Office) -> None:
    spoil(office, "UPDATE plans SET entry = 1000000 WHERE entry = :e", e=first(office, "plans"))
    assert ("another-entry", "plans") in differences(office)


def test_a_permit_under_another_name_is_altered(office: Office) -> None:
    """The body still opens the commitment; the name it is found by is not the one in the entry."""
    spoil(office, "UPDATE permits SET id = 'permit-00000000deadbeef' WHERE entry = :e", e=first(office, "permits"))
    assert differences(office) == [("another-entry", "permits")]


def test_a_withdrawn_permit_that_lives_again_is_named(office: Office) -> None:
    """The row and its body are as written; only its state was turned back."""
    permit = first(office, "permits", "id")
    office.withdraw(permit)
    assert differences(office) == []
    spoil(office, "UPDATE permits SET ended = NULL WHERE id = :i", i=permit)
    assert differences(office) == [("ended-but-in-force", "permits")]


def test_an_expired_permit_that_lives_again_is_named(office: Office) -> None:
    from sekisho.desk.permitting import retire

    office.watch.wind(days=366)
    with office.turn() as world:
        retire.carry_out(world, retire.Retire())
    assert differences(office) == []
    spoil(office, "UPDATE permits SET ended = NULL WHERE id = :i", i=first(office, "permits", "id"))
    assert differences(office) == [("ended-but-in-force", "permits")]


def test_an_approval_given_again_for_a_changed_plan_is_no_difference(founded: Office) -> None:
    """The first approval made room for the second; both entries stay."""
    plan = founded.propose()
    founded.approve(plan, "reviewer-a")
    founded.supply(plan)
    founded.approve(plan, "reviewer-a")
    assert differences(founded) == []


def test_a_long_ledger_is_compared_piece_by_piece(office: Office) -> None:
    """`keep` answers others between the pieces; together they cover every entry once."""
    spoil(office, "UPDATE plans SET body = 'x' WHERE entry = :e", e=first(office, "plans"))
    start, pieces, seen, entries = 0, 0, [], 0
    while start is not None:
        found = office.terminal.call("compare", start=start, count=7)
        pieces, entries, start = pieces + 1, entries + found["entries"], found["next"]
        seen += [(d["what"], d["where"]) for d in found["differences"]]
    assert seen == [("altered", "plans")]
    assert entries == office.world.log.size
    assert pieces == -(-office.world.log.size // 7)


def test_key_releases_and_looks_are_compared_too(office: Office) -> None:
    look = office.terminal.call("look-again", permit=next(p["id"] for p in office.permits() if p["step"] == "match"))
    assert differences(office) == []  # planned, not yet opened: nothing was looked at, so there is no entry
    office.channel("supervisor").call("due-looks")
    office.channel("work", look).call("open-look", look=look)
    key = f"{next(p['id'] for p in office.permits() if p['step'] == 'match')}/party/2026-11-21"
    office.channel("collect").call("half", key_id=key)
    with pytest.raises(Exception, match="key-refused"):
        office.channel("work", look).call("release-key", look=look, key_id=key, wrapped=b"x" * 92)
    assert differences(office) == []
    spoil(office, "UPDATE looks SET state = 'done', entry = NULL WHERE id = :i", i=look)
    assert sorted(differences(office)) == [("entry-without-row", "looks"), ("row-without-entry", "looks")]


def test_every_table_is_compared_or_said_not_to_be() -> None:
    """A new table must choose."""
    from sekisho.desk.compare import COMPARED, NOT_COMPARED

    assert {c.table.name for c in COMPARED.values()} | set(NOT_COMPARED) == set(records.METADATA.tables)
    assert not {c.table.name for c in COMPARED.values()} & set(NOT_COMPARED)


def test_only_faces_of_people_may_ask(office: Office) -> None:
    for role in ("work", "collect", "act", "supervisor"):
        with pytest.raises(Exception, match="not-for-this-role"):
            office.channel(role).call("compare")
