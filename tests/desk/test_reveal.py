"""A sender record is opened for one case, under one permit, the network before the address, and never without a line in the ledger."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sekisho.desk import records, reveals
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.permitting import retire
from sekisho.desk.reveals import End, Other, Sealed, View
from sekisho.desk.world import LedgerRefuses
from sekisho.faces.processes.act import Actor
from sekisho.faces.web.forms import sample
from sekisho.gate.people import Signature
from sekisho.ledger.entry import Entry, EntryType
from sekisho.store.errors import KeyGone, SealError
from tests.desk.caseload import CLAIM
from tests.desk.posting import POSTER, PURPOSE, RECORD, Posting, sender_record


def code(call: Callable[[], object]) -> str:
    with pytest.raises(KeepSaidNo) as no:
        call()
    return no.value.code


def entries(posting: Posting) -> list[EntryType]:
    return [Entry.decode(e).type for e in posting.office.world.log.entries()]


def test_the_first_view_tells_the_network_and_no_address(posting: Posting, permit: str) -> None:
    found = posting.reveal(permit, "desk")
    view = found["view"]
    assert (found["state"], found["full"], view["full"]) == ("shown", False, False)
    assert (view["prefix"], view["operator"]) == ("203.0.0.0/16", "Example Mobile")
    assert view["held"] == ["post-address-and-port", "post-time"]
    assert (view["source"], view["destination"], view["seen_us"], view["digest"]) == (None, None, None, "")
    assert "203.0.113.9" not in json.dumps(found)


def test_the_full_view_tells_the_items_of_the_permit(posting: Posting, permit: str) -> None:
    view = posting.both(permit)
    assert view["source"] == {"ip": "203.0.113.9", "port": 51234}
    assert view["destination"] == {"ip": "198.51.100.7", "port": 443}
    assert (view["seen_us"], view["clock_offset_us"], view["host"]) == (1_795_294_496_789_012, 1200, "web-1")


@pytest.mark.parametrize(
    ("items", "address", "time"),
    [(("post-time", "name"), False, True), (("post-address-and-port",), True, False), (("mail",), False, False)],
)
def test_of_a_record_only_what_is_asked_held_and_lawful_is_told(
    posting: Posting, items: tuple[str, ...], *, address: bool, time: bool
) -> None:
    view = posting.both(posting.permit(items=items))
    assert (view["source"] is not None, view["destination"] is not None, view["transport"] != "") == (address,) * 3
    assert (view["seen_us"] is not None, view["clock_offset_us"] is not None) == (time, time)
    assert sorted(view["held"] + view["not_held"]) == sorted(items)
    assert view["not_held"] == [i for i in items if i in ("name", "mail")]
    assert "secret-agent" not in json.dumps(view) + str(view)
    assert "acct-77" not in json.dumps(view)


def test_a_record_without_an_address_says_why_and_holds_the_time_alone(posting: Posting) -> None:
    posting.post("rec-0123456789abcdef-2", "post-0002", source=None)
    view = posting.both(posting.permit(records=("post-0002",)), record="post-0002")
    assert (view["held"], view["not_held"]) == (["post-time"], ["post-address-and-port"])
    assert (view["source"], view["prefix"], view["operator"], view["why_empty"]) == (None, "", "", "source:no-header")


def test_an_address_without_a_port_stays_without_one(posting: Posting) -> None:
    posting.post("rec-0123456789abcdef-2", "post-0002", source=("2001:db8:1::9", None))
    permit = posting.permit(records=("post-0002",))
    first = posting.reveal(permit, record="post-0002")["view"]
    assert (first["prefix"], first["operator"]) == ("2001:db8::/32", "Example Six")
    assert posting.reveal(permit, full=True, record="post-0002")["view"]["source"] == {"ip": "2001:db8:1::9", "port": None}


def test_posts_of_one_sender_are_told_to_be_so_without_the_address_among_those_of_the_permit_alone(posting: Posting) -> None:
    for number, ip in ((2, POSTER[0]), (3, "192.0.2.1"), (4, POSTER[0])):
        posting.post(f"rec-0123456789abcdef-{number}", f"post-000{number}", source=(ip, 40000 + number))
    view = posting.reveal(posting.permit(records=("post-0001", "post-0002", "post-0003")))["view"]
    assert (view["same_as"], view["not_compared"]) == (["rec-0123456789abcdef-2"], [])


def test_what_is_left_of_records_tells_nobody_who_posted_twice(posting: Posting) -> None:
    """Neither the service, which has no secret, nor a thief of its table, nor anybody once the key of the day is gone."""
    for number in range(2, 12):
        posting.post(f"rec-0123456789abcdef-{number}", f"post-00{number:02}")
    indexes = [i for (i,) in posting.sql("SELECT ip_index FROM sekisho_sender_record")]
    assert len(set(indexes)) == 11, "one address, and no two alike"
    assert len({i[:13] for i in indexes}) == 11


def test_a_record_whose_key_is_gone_or_whose_index_is_of_an_earlier_version_is_told_as_not_compared(posting: Posting) -> None:
    posting.post("rec-0123456789abcdef-2", "post-0002")
    posting.post("rec-0123456789abcdef-3", "post-0003")
    posting.post("rec-0123456789abcdef-4", "post-0004", source=None)
    posting.sql("UPDATE sekisho_sender_record SET ip_index = ? WHERE subject = 'post-0003'", ("ab" * 16,))
    permit = posting.permit(records=tuple(f"post-000{n}" for n in range(1, 5)))
    view = posting.reveal(permit)["view"]
    assert view["same_as"] == ["rec-0123456789abcdef-2"]
    assert view["not_compared"] == ["rec-0123456789abcdef-3", "rec-0123456789abcdef-4"]
    size = posting.office.world.log.size
    posting.reveal(permit)
    released = [e for e in map(Entry.decode, list(posting.office.world.log.entries())[size:]) if e.type is EntryType.KEY_RELEASE]
    assert len(released) == 2, "the record's key, and once the keys of indexes of that day"


def test_after_its_term_a_record_is_compared_with_nothing_in_whatever_copy_of_the_table(posting: Posting) -> None:
    """The table is left as it is, and need not even be there: with the key of the day the index is over."""
    row = posting.sql("SELECT id, subject_kind, subject, seen_day, sealed, ip_index FROM sekisho_sender_record")[0]
    days = next(p["scope"]["days"] for p in posting.office.permits() if p["step"] == "keep-post-log")
    (posting.office.home / "chat.db").rename(posting.office.home / "away.db")
    posting.office.watch.wind(days=days + 2)
    with posting.office.turn() as world:
        retire.carry_out(world, retire.Retire())
    (posting.office.home / "away.db").rename(posting.office.home / "chat.db")
    with posting.office.turn() as world:
        assert not [k for k in world.vault.key_ids() if k.endswith(f"/post/{row[3]}")]
        gone = [r["key"] for r in records.rows(world.db, records.DESTROYED) if r["key"].endswith(f"/post/{row[3]}")]
        assert [r["entry"] is not None for r in records.rows(world.db, records.DESTROYED, key=gone[0])] == [True]
        for key in gone:
            with pytest.raises(KeyGone):
                world.vault.index_key(key, row[4][:64])


def test_act_hands_in_no_record_for_comparison_that_the_permit_does_not_name(posting: Posting, permit: str) -> None:
    """A taken-over `act` cannot learn whether somebody else's post is of this sender."""
    posting.post("rec-0123456789abcdef-2", "post-0002")
    content = [s for (s,) in posting.sql("SELECT sealed FROM sekisho_sender_record ORDER BY subject")]
    (index,) = posting.sql("SELECT ip_index FROM sekisho_sender_record WHERE subject = 'post-0002'")[0]
    row = Sealed(RECORD, "post", "post-0001", "2026-11-22", content[0], ())
    foreign = Other("rec-0123456789abcdef-2", "post", "post-0002", "2026-11-22", content[1][:64], index)
    act = posting.office.channel("act")
    for others, why in (((foreign,), "another-record"), ((replace(foreign, subject="post-0001", head=content[1]),), "not-a-record")):
        identity = posting.ask(permit)
        act.call("record-fetched", reveal=identity, row=replace(row, others=others))
        assert next(r["code"] for r in posting.call("reveals") if r["id"] == identity) == why


def test_the_address_is_never_seen_before_the_network(posting: Posting, permit: str) -> None:
    assert code(lambda: posting.ask(permit, full=True)) == "masked-first"
    posting.ask(permit)
    assert code(lambda: posting.ask(permit, full=True)) == "masked-first", "asked for is not seen"
    posting.fetch()
    posting.look()
    assert posting.reveal(permit, full=True)["view"]["source"] == {"ip": POSTER[0], "port": POSTER[1]}


def test_a_first_view_under_one_permit_is_none_under_another(posting: Posting, permit: str) -> None:
    posting.reveal(permit)
    assert code(lambda: posting.ask(posting.permit(items=("post-time",)), full=True)) == "masked-first"


def test_the_entry_stands_before_the_record_is_fetched_and_the_key_after_the_look(posting: Posting, permit: str) -> None:
    size = posting.office.world.log.size
    posting.ask(permit)
    assert entries(posting)[size:] == [EntryType.REVEAL]
    posting.fetch()
    posting.look()
    assert entries(posting)[size:] == [EntryType.REVEAL, EntryType.LOOK, EntryType.KEY_RELEASE, EntryType.LOOK_OVER]


def test_the_ledger_holds_no_id_of_a_record_or_post_and_no_address(posting: Posting, permit: str) -> None:
    posting.both(permit)
    whole = b"".join(posting.office.world.log.entries())
    assert not [w for w in (RECORD, "post-0001", "203.0.113", "chat", POSTER[0]) if w.encode() in whole]


def full_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_with_a_full_disk_under_the_ledger_nothing_is_asked_fetched_or_opened(
    posting: Posting, permit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("sekisho.ledger.disk.Disk.fsync", full_disk)
        with pytest.raises((LedgerRefuses, OSError)):
            posting.ask(permit)
    posting.office.reopen()
    assert posting.call("reveals") == []
    posting.fetch()
    assert posting.office.channel("supervisor").call("due-looks")["start"] == []
    assert posting.opened() == 0


def test_with_a_full_disk_at_the_release_the_child_gets_no_key(posting: Posting, permit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for while the disk was good; the entry of the key itself cannot be written, and the answer never leaves."""
    identity = posting.ask(permit)
    posting.fetch()
    (look,) = posting.office.channel("supervisor").call("due-looks")["start"]
    child = posting.office.channel("work", look)
    child.call("open-look", look=look)
    with monkeypatch.context() as broken:
        broken.setattr("sekisho.ledger.disk.Disk.fsync", full_disk)
        with pytest.raises((LedgerRefuses, OSError)):
            child.call("release-record", look=look)
    posting.office.reopen()
    assert posting.seen(identity)["state"] == "failed"
    assert posting.seen(identity)["view"] is None


def test_a_permit_that_the_gate_did_not_sign_opens_nothing(posting: Posting, permit: str) -> None:
    """Somebody with their hands in the records widens a permit, or writes one of their own."""
    posting.post("rec-0123456789abcdef-2", "post-0002")
    with posting.office.world.engine.begin() as db:
        row = records.one(db, records.PERMITS, id=permit)
        assert row is not None
        wide = row["body"].replace(b'"post-0001"', b'"post-0002"')
        db.execute(records.PERMITS.update().where(records.PERMITS.c.id == permit).values(body=wide))
    assert code(lambda: posting.ask(permit, record="post-0002")) == "forged-permit"
    assert code(lambda: posting.ask("permit-0123456789abcdef")) == "unknown-permit"


def test_a_permit_forged_between_asking_and_opening_releases_no_key(posting: Posting, permit: str) -> None:
    posting.ask(permit)
    posting.fetch()
    (look,) = posting.office.channel("supervisor").call("due-looks")["start"]
    child = posting.office.channel("work", look)
    child.call("open-look", look=look)
    with posting.office.world.engine.begin() as db:
        row = records.one(db, records.PERMITS, id=permit) or {}
        wide = row["body"].replace(b'"post-time"', b'"mail"')
        db.execute(records.PERMITS.update().where(records.PERMITS.c.id == permit).values(body=wide))
    assert code(lambda: child.call("release-record", look=look)) == "forged-permit"


def test_what_the_permit_does_not_name_is_refused(posting: Posting, permit: str) -> None:
    for changed, why in (
        ({"purpose": "curiosity"}, "another-purpose"),
        ({"purpose": ""}, "another-purpose"),
        ({"service": "blog"}, "not-in-the-permit"),
        ({"record": "post-0002"}, "not-in-the-permit"),
        ({"record": RECORD}, "not-in-the-permit"),
        ({"matter": "matter-0123456789abcdef"}, "not-in-the-permit"),
        ({"matter": ""}, "not-in-the-permit"),
    ):
        assert code(lambda c=changed: posting.ask(permit, **c)) == why  # type: ignore[misc] # bound now
    assert posting.call("reveals") == []


def test_a_permit_of_another_case_does_not_serve_this_one(posting: Posting) -> None:
    other = posting.permit(case=posting.cases.open("deletion-inquiry", CLAIM))
    assert code(lambda: posting.ask(other)) == "not-in-the-permit"


def test_a_permit_may_name_the_case_by_its_number(posting: Posting) -> None:
    number = posting.cases.case(posting.case())["number"]
    assert posting.reveal(posting.permit(case=number))["state"] == "shown"


def test_a_permit_to_keep_opens_nothing(posting: Posting) -> None:
    keeping = next(p["id"] for p in posting.office.permits() if p["step"] == "keep-post-log")
    assert code(lambda: posting.ask(keeping)) == "step-opens-no-record"


def test_who_may_look_and_who_may_open(posting: Posting, permit: str) -> None:
    posting.reveal(permit, "desk")
    for who in ("desk", "engineer", "reviewer-a", "auditor"):
        assert code(lambda w=who: posting.ask(permit, w, full=True)) == "wrong-role"  # type: ignore[misc] # bound now
        assert who == "desk" or code(lambda w=who: posting.ask(permit, w)) == "wrong-role"  # type: ignore[misc] # bound now


def test_an_order_is_signed_by_who_it_names_just_now(posting: Posting, permit: str) -> None:
    words = posting.order(permit)
    desk, officer = posting.office.keys["desk"], posting.office.keys["officer"]
    assert code(lambda: posting.call("reveal", order=words, signature=desk.sign(words))) == "signed-by-another"
    assert code(lambda: posting.call("reveal", order=words, signature=Signature(officer.person, bytes(64)))) == "bad-signature"
    old = posting.order(permit, at=posting.office.watch.at - timedelta(minutes=6))
    assert code(lambda: posting.call("reveal", order=old, signature=officer.sign(old))) == "waited-too-long"
    assert code(lambda: posting.call("reveal", order=words)) == "not-a-request"
    posting.call("reveal", order=words, signature=officer.sign(words))
    assert code(lambda: posting.call("reveal", order=words, signature=officer.sign(words))) == "done-already"


def test_a_withdrawn_or_ended_permit_opens_nothing_at_any_step(posting: Posting, permit: str) -> None:
    """Withdrawn while `act` fetched: the record is refused, and the child is never started."""
    identity = posting.ask(permit)
    posting.office.withdraw(permit)
    posting.fetch()
    assert posting.office.channel("supervisor").call("due-looks")["start"] == []
    assert next(r for r in posting.call("reveals") if r["id"] == identity)["code"] == "permit-over"
    assert code(lambda: posting.ask(permit)) == "withdrawn"


def test_what_was_seen_is_read_by_who_asked_for_a_quarter_of_an_hour(posting: Posting, permit: str) -> None:
    identity = posting.ask(permit)
    posting.fetch()
    posting.look()
    assert code(lambda: posting.call("revealed", reveal=identity, ticket="guess")) == "another-ticket"
    posting.office.watch.wind(minutes=14)
    assert posting.seen(identity)["view"]["prefix"] == "203.0.0.0/16"
    posting.office.watch.wind(minutes=1)
    assert code(lambda: posting.seen(identity)) == "waited-too-long"


def test_what_was_seen_lies_sealed_in_the_case_and_nowhere_in_plain(posting: Posting, permit: str) -> None:
    """But for the table of networks, and the samples of forms in the case book's own copies."""
    posting.both(permit)
    posting.office.close()
    files = [p for p in posting.office.home.rglob("*") if p.is_file() and p.name != "operators.csv" and "books" not in p.parts]
    found = [p for p in files if b"203.0." in p.read_bytes()]
    posting.office.open()
    assert found == []


def test_an_opening_is_listed_with_who_and_why_and_never_with_what(posting: Posting, permit: str) -> None:
    posting.both(permit)
    full, first = posting.call("reveals", matter=posting.matter)
    assert (first["full"], full["full"], full["state"], full["purpose"]) == (False, True, "shown", PURPOSE)
    assert full["by"]["name"] == "officer"
    assert "203.0" not in json.dumps([full, first])
    assert code(lambda: posting.call("reveals", matter="matter-0123456789abcdef")) == "unknown-matter"


def test_a_closed_case_opens_no_record(posting: Posting, permit: str) -> None:
    case = posting.cases.case(posting.case())
    end = next(m for m in case["moves"] if m["to"]["final"])
    facts = {f["id"]: "2026-11-22" if f["type"] == "day" else sample(f, "en") for f in end["facts"] if f["must"]}
    who = "officer" if "legal-officer" in end["roles"] else "desk"
    posting.cases.move(posting.matter, end["id"], facts, who=who)
    assert code(lambda: posting.ask(permit)) == "case-closed"


@pytest.mark.parametrize("crime", ["another-post", "another-id", "another-kind", "changed", "cut", "another-key"])
def test_a_record_that_was_changed_or_moved_to_another_post_does_not_open(posting: Posting, permit: str, crime: str) -> None:
    """What the service's database says of a record is bound to it: nobody's post becomes somebody else's."""
    content = posting.sql("SELECT sealed FROM sekisho_sender_record")[0][0]
    posting.sql("DROP TRIGGER append_only")
    if crime == "another-post":
        posting.sql("UPDATE sekisho_sender_record SET subject = 'post-0009'")
        permit = posting.permit(records=("post-0009",))
    if crime == "another-id":
        posting.sql("UPDATE sekisho_sender_record SET id = 'rec-0123456789abcdef-9'")
    if crime == "another-kind":
        posting.sql("UPDATE sekisho_sender_record SET subject_kind = 'login'")
    flipped = bytes([content[-1] ^ 1])
    spoilt = {"changed": content[:-1] + flipped, "cut": content[:50], "another-key": content[:4] + bytes(16) + content[20:]}
    if crime in spoilt:
        posting.sql("UPDATE sekisho_sender_record SET sealed = ?", (spoilt[crime],))
    identity = posting.ask(permit, record="post-0009" if crime == "another-post" else "post-0001")
    posting.fetch()
    with suppress(KeepSaidNo, SealError):
        posting.look()
    posting.office.reopen()
    assert posting.seen(identity)["state"] in ("failed", "refused")
    assert posting.seen(identity)["view"] is None


def test_no_record_and_several_are_told_apart(posting: Posting) -> None:
    posting.post("rec-0123456789abcdef-2", "post-0007")
    posting.post("rec-0123456789abcdef-3", "post-0007")
    permit = posting.permit(records=("post-0007", "post-0008"))
    posting.ask(permit, record="post-0007")
    posting.ask(permit, record="post-0008")
    posting.fetch()
    assert {r["code"] for r in posting.call("reveals")} == {"several-records", "no-such-record"}


def test_a_service_that_does_not_answer_reveals_nothing(posting: Posting, permit: str) -> None:
    (posting.office.home / "chat.db").rename(posting.office.home / "away.db")
    posting.ask(permit)
    posting.fetch()
    assert [(r["state"], r["code"]) for r in posting.call("reveals")] == [("refused", "database-refused")]
    assert not (posting.office.home / "chat.db").exists(), "a database that is not there is not made"


def test_killed_after_asking_the_opening_goes_on(posting: Posting, permit: str) -> None:
    identity = posting.ask(permit)
    posting.office.reopen()
    posting.fetch()
    posting.look()
    assert posting.seen(identity)["state"] == "shown"


def test_killed_after_fetching_the_count_stays_right_and_the_opening_goes_on(posting: Posting, permit: str) -> None:
    identity = posting.ask(permit)
    posting.fetch(rounds=1)
    posting.office.reopen()
    assert posting.opened() == 0
    posting.fetch()
    posting.fetch()
    assert posting.opened() == 1
    posting.look()
    assert posting.seen(identity)["state"] == "shown"


def test_killed_with_the_child_under_way_the_opening_failed_and_was_counted(posting: Posting, permit: str) -> None:
    identity = posting.ask(permit)
    posting.fetch()
    (look,) = posting.office.channel("supervisor").call("due-looks")["start"]
    posting.office.channel("work", look).call("open-look", look=look)
    posting.office.reopen()
    assert posting.seen(identity)["state"] == "failed"
    assert posting.call("opened", service="chat", record=RECORD)["count"] == 1
    assert posting.reveal(permit)["state"] == "shown"


def test_records_lost_behind_the_ledger_still_tell_the_poster(posting: Posting, permit: str) -> None:
    """The power goes between ledger and records: the opening opens nothing, but it was asked for, and that is told."""
    with posting.office.turn() as world:
        before = records.meta(world.db, records.APPLIED)
    posting.ask(permit)
    with posting.office.world.engine.begin() as db:
        named = db.execute(records.REVEALS.select()).mappings().one()["about"]
        db.execute(records.REVEALS.delete())
        records.set_meta(db, records.APPLIED, str(before))
    posting.office.reopen()
    posting.fetch()
    with posting.office.turn() as world:
        (row,) = records.rows(world.db, records.REVEALS, about=named)
        assert row["state"] == "failed"
        assert len(reveals.openings(world, named, world.clock.now())) == 1


def test_a_child_that_tells_more_than_was_asked_is_refused(posting: Posting, permit: str) -> None:
    posting.ask(permit)
    posting.fetch()
    (look,) = posting.office.channel("supervisor").call("due-looks")["start"]
    child = posting.office.channel("work", look)
    child.call("open-look", look=look)
    view = View("post", "2026-11-22", False, "", "", (), (), (), "", False, source=End("203.0.113.9", 1))
    assert code(lambda: child.call("record-seen", look=look, view=view)) == "another-view"


def test_act_hands_in_only_what_keep_asked_for(posting: Posting, permit: str) -> None:
    act = posting.office.channel("act")
    row = Sealed("rec-0123456789abcdef-5", "post", "post-0005", "2026-11-22", b"sks1" + bytes(100), ())
    assert code(lambda: act.call("record-fetched", reveal="look-0123456789abcdef", row=row)) == "unknown-reveal"
    identity = posting.ask(permit)
    assert code(lambda: act.call("record-counted", reveal=identity, count=1)) == "not-waiting"
    act.call("record-fetched", reveal=identity, row=row)
    assert next(r["code"] for r in posting.call("reveals")) == "another-record"


def test_the_settings_say_where_records_lie_and_nothing_is_assumed(posting: Posting) -> None:
    (posting.office.home / "sekisho.toml").write_text(
        (posting.office.home / "sekisho.toml").read_text(encoding="utf-8").split("[[service]]")[0], encoding="utf-8"
    )
    posting.office.reopen()
    assert posting.office.settings.service == ()
    permit = posting.office.home.joinpath("permit").read_text(encoding="ascii")
    assert code(lambda: posting.ask(permit)) == "not-in-the-permit"
    assert code(posting.keys) == "unknown-service"


def sealed_line(posting: Posting) -> dict[str, Any]:
    names = ("id", "subject_kind", "subject", "seen_day", "key_id", "sealed", "ip_index")
    row = posting.sql("SELECT id, subject_kind, subject, seen_day, key_id, sealed, ip_index FROM sekisho_sender_record")[0]
    return {k: v.hex() if isinstance(v, bytes) else v for k, v in zip(names, row, strict=True)}


def test_sealed_log_lines_open_as_a_database_does(posting: Posting, permit: str) -> None:
    """A service without Python writes sealed lines; a line that is none is passed over."""
    lines = posting.office.home / "sealed"
    lines.mkdir()
    (lines / "2026-11-22.jsonl").write_text("no line\n[]\n" + json.dumps(sealed_line(posting)) + "\n", encoding="utf-8")
    path = posting.office.home / "sekisho.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('database = "sqlite:///chat.db"', 'records = "sealed"'), encoding="utf-8")
    posting.office.reopen()
    assert posting.both(permit)["source"] == {"ip": POSTER[0], "port": POSTER[1]}
    assert posting.call("opened", service="chat", record=RECORD)["count"] == 2


def test_a_record_is_never_a_sender_record_in_plain(posting: Posting) -> None:
    """What the tests seal is what the services seal: the shape of `sekisho_sender.record`."""
    said = sender_record("r", "s")
    assert set(said) == {"id", "subject_kind", "subject", "sender", "transport", "http", "user_agent", "account", "clock_offset_us", "host"}
    assert b"203.0.113.9" not in posting.sql("SELECT sealed FROM sekisho_sender_record")[0][0]


def test_two_openings_at_once_are_two_and_each_has_its_own_ticket(posting: Posting, permit: str) -> None:
    first, second = posting.ask(permit, "desk"), posting.ask(permit, "officer")
    posting.fetch(rounds=3)
    posting.look()
    assert [posting.seen(i)["state"] for i in (first, second)] == ["shown", "shown"]
    assert code(lambda: posting.call("revealed", reveal=first, ticket=posting.tickets[second])) == "another-ticket"
    assert posting.opened() == 2


def test_the_process_that_fetches_takes_what_waits_and_counts_it(posting: Posting, permit: str) -> None:
    """`act` itself, one round of its loop at a time; a refused record is told, and the next round has nothing to do."""
    actor = Actor(posting.office.outside("act"))
    actor._records()
    assert actor.counters["records"] == 0
    identity = posting.ask(permit)
    actor._records()
    actor._records()
    assert (actor.counters["records"], posting.opened()) == (2, 1)
    posting.look()
    assert posting.seen(identity)["state"] == "shown"
    (posting.office.home / "chat.db").unlink()
    posting.ask(permit)
    actor._records()
    actor._records()
    assert actor.counters["records"] == 3
    assert {r["code"] for r in posting.call("reveals")} == {"", "database-refused"}


def test_nobody_but_its_own_child_gets_the_key_of_an_opening(posting: Posting, permit: str) -> None:
    identity = posting.ask(permit)
    posting.fetch()
    for role in ("show", "terminal", "collect", "act", "supervisor"):
        channel = posting.office.channel(role, identity)
        assert code(lambda c=channel: c.call("release-record", look=identity)) == "not-for-this-role"  # type: ignore[misc] # bound now
    child = posting.office.channel("work", identity)
    assert code(lambda: child.call("release-record", look=identity)) == "look-not-under-way", "before its entry"
    (look,) = posting.office.channel("supervisor").call("due-looks")["start"]
    child.call("open-look", look=look)
    other = posting.office.channel("work", "look-0123456789abcdef")
    assert code(lambda: other.call("release-record", look=look)) == "another-looks-channel"
    assert child.call("release-record", look=look)["full"] is False
    child.call("close-look", look=look, state="failed", code="x")
    assert code(lambda: child.call("release-record", look=look)) == "look-not-under-way"
