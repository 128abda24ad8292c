"""What people are shown: the whole tree, replayed with the book of that day; and of other people, nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sekisho.desk import audit
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.public import Public, read_public
from sekisho.faces.processes.methods import METHODS, PEOPLE
from tests.desk.office import Office


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(KeepSaidNo) as no:
        act()
    return no.value.code


def test_every_entry_can_be_explained_and_its_body_opens_it(noticing: Office) -> None:
    """Whichever number somebody types, wherever the log's bundles were cut."""
    for index in range(noticing.world.log.size):
        said = noticing.terminal.call("explain", entry=index)
        assert said["entry"]["index"] == index
        assert said.get("opens", True)


def test_a_permits_entry_shows_the_decision_as_it_was_made(office: Office) -> None:
    for permit in office.permits():
        said = office.terminal.call("explain", entry=permit["ledger_index"])
        (decision,) = said["decisions"]
        assert decision["step"]["name"] == permit["step"]
        assert decision["outcome"] == "permitted"
        assert said["permit"]["id"] == permit["id"]


def test_the_replay_does_not_change_when_time_goes_on(office: Office) -> None:
    permit = next(p for p in office.permits() if p["step"] == "match")
    before = office.terminal.call("explain", entry=permit["ledger_index"])["decisions"]
    office.watch.wind(days=60)
    assert office.terminal.call("explain", entry=permit["ledger_index"])["decisions"] == before


@pytest.mark.parametrize("entry", [-1, 10**6])
def test_an_entry_that_is_not_there_is_said_to_be_absent(office: Office, entry: int) -> None:
    assert refused(lambda: office.terminal.call("explain", entry=entry)) == "no-such-entry"


def test_a_record_that_was_changed_no_longer_opens_its_entry(office: Office) -> None:
    from sqlalchemy import text

    with office.world.engine.begin() as db:
        entry = db.execute(text("SELECT min(entry) FROM evidence")).scalar()
        db.execute(text("UPDATE evidence SET salt = :s WHERE entry = :e"), {"s": b"\0" * 32, "e": entry})
    assert office.terminal.call("explain", entry=entry)["opens"] is False


def test_a_decision_is_replayed_with_the_book_it_was_made_with(office: Office, tmp_path: Path) -> None:
    """Another book is in force by now; the answer names which one it stands on."""
    import shutil

    from sekisho.desk.permitting import explain
    from sekisho.law.casebook import load
    from tests.conftest import ROOT

    shutil.copytree(ROOT / "casebook" / "jp", tmp_path / "jp")
    page = tmp_path / "jp" / "book.toml"
    page.write_text(page.read_text(encoding="utf-8").replace('version = "2026', 'version = "2027'), encoding="utf-8")
    index = office.permits()[0]["ledger_index"]
    with office.world.turn():
        office.world.book = load(tmp_path / "jp")
        said = explain.carry_out(office.world, explain.Explain(index))
    assert said["book"]["in_force"] is False
    assert said["book"]["version"].startswith("2026")
    assert said["decisions"][0]["outcome"] == "permitted"


def test_the_overview_says_what_waits_what_is_in_force_and_what_ends_soon(office: Office) -> None:
    said = office.terminal.call("overview")
    assert said["waiting"] == []
    assert said["permits"]["in_force"] == 3
    assert {p["step"] for p in said["permits"]["ending"]} == {"match"}, "its list was reviewed for a week"
    assert said["ledger"]["size"] == office.world.log.size
    assert said["operator"] == "Example Networks"


def test_the_cards_are_answered_by_the_gate_of_this_minute(founded: Office) -> None:
    """Five questions of the founding documents, and what the book says to each today."""
    from tests.desk.office import EXAMPLES

    text = (founded.home / "sekisho.toml").read_text(encoding="utf-8")
    cards = f"cards = {json.dumps(str(EXAMPLES / 'cards.toml'))}\n"
    (founded.home / "sekisho.toml").write_text(cards + text, encoding="utf-8")
    founded.reopen()
    said = {c["document"]: c["outcome"] for c in founded.terminal.call("overview")["cards"]}
    assert set(said) == {"D0", "D1", "D2", "D3", "D4"}
    assert said["D0"] == "refused", "the public board of 2023"
    assert all(outcome in ("refused", "referred", "permitted", "out-of-scope") for outcome in said.values())


def test_a_withdrawal_is_shown_with_who_when_and_why(office: Office) -> None:
    permit = office.permits()[0]["id"]
    office.withdraw(permit, "officer", "mistake")
    shown = next(p for p in office.permits() if p["id"] == permit)
    assert shown["state"] == "withdrawn"
    assert (shown["withdrawn"]["by"], shown["withdrawn"]["reason"]) == ("officer", "mistake")


@pytest.mark.parametrize("who", ["desk", "auditor"])
def test_who_could_not_have_refused_does_not_withdraw(office: Office, who: str) -> None:
    assert refused(lambda: office.withdraw(office.permits()[0]["id"], who)) == "wrong-role"


def test_a_withdrawal_names_a_known_reason_and_is_made_once(office: Office) -> None:
    permit = office.permits()[0]["id"]
    assert refused(lambda: office.withdraw(permit, reason="because")) == "unknown-reason"
    assert refused(lambda: office.withdraw("permit-0000000000000000")) == "unknown-permit"
    office.withdraw(permit)
    assert refused(lambda: office.withdraw(permit)) == "withdrawn"


def test_measures_are_shown_with_their_cases_and_permits(office: Office) -> None:
    said = {m["name"]: m for m in office.terminal.call("measures")}
    assert {"infected-notice", "traffic-picture", "post-log-keeping"} <= set(said)
    assert len(said["infected-notice"]["permits"]) == 3
    assert {"jp/B-12/1", "jp/B-13/1"} <= {c["id"] for c in said["infected-notice"]["cases"]}
    assert all(m["cases"] for m in said.values())


def test_an_unknown_plan_is_said_to_be_unknown(founded: Office) -> None:
    assert refused(lambda: founded.terminal.call("plan", plan="0" * 16)) == "unknown-plan"


def test_no_answer_to_a_face_holds_a_key_or_a_salt(noticing: Office) -> None:
    """Everything a face may ask without an argument, and each plan, searched for every secret there is."""
    from sqlalchemy import text

    with noticing.world.engine.begin() as db:
        salts = [bytes(s) for (s,) in db.execute(text("SELECT salt FROM permits UNION SELECT salt FROM evidence")) if s]
    secrets = [s.hex() for s in salts] + [noticing.world.pseudonyms.hex(), noticing.world.signer.private_bytes_raw().hex()]
    plans = {p["plan"] for p in noticing.permits()}
    said = [noticing.terminal.call(m) for m in ("overview", "permits", "measures", "traffic", "people", "book", "compare")]
    said += [noticing.terminal.call("plan", plan=p) for p in plans]
    text_of_all = json.dumps(said)
    assert not [s for s in secrets if s in text_of_all]


def test_a_use_case_outside_a_turn_is_a_mistake_of_ours(founded: Office) -> None:
    from sekisho.desk import show

    with pytest.raises(RuntimeError):
        show.overview(founded.world, show.Overview())


def test_the_table_of_who_may_ask_what_reads_as_the_design_says() -> None:
    """`show` and `terminal` pass on signatures; nobody but `work` gets a key, nobody but `act` an order, and no face gets either."""
    roles = ("show", "terminal", "collect", "work", "act", "supervisor")
    may = {role: {n for n, m in METHODS.items() if role in m.roles} for role in roles}
    alone = {"standing", "half", "mail-again-by-reply", "canary-mail", "reply-came", "hand-reporter"}
    assert may["show"] - {"report"} | alone == may["terminal"]
    assert may["collect"] == {"standing", "half", "report", "tell-counters"}
    looking = {"open-look", "close-look", "release-key", "token-key", "consenting", "found", "identified", "release-record", "record-seen"}
    fetching = {"fetches", "record-fetched", "record-not-fetched", "record-counted"}
    assert may["work"] == looking
    handing = {"hand-overs-waiting", "hand-overs-over", "release-list", "begin-hand-over", "hand-over-done", "ladder-calls", "ladder-told"}
    mailing = {"mailings", "campaign-words", "take-batch", "batch-done", "unsure-mails", "settle-mails", "mail-came-back"}
    ordered = {"orders", "renew", "begin", "done", "release-contact", "act-starts", "report", "port-tried"}
    talking = {"talk-mail-came", "talk-mails", "take-talk-mail", "renew-talk", "talk-mail-done", "unsure-talk-mails", "settle-talk-mails"}
    assert may["act"] == fetching | handing | mailing | ordered | talking
    assert may["supervisor"] == {"due-looks", "report", "child-ended"}
    opening = {"release-key", "release-contact", "release-record", "token-key", "identified", "orders", "open-look", "release-list"}
    opening |= {"take-talk-mail", "take-batch"}
    assert not opening & (may["show"] | may["terminal"])
    assert {"show", "terminal"} == PEOPLE


# The ledger from outside


def asked(office: Office) -> audit.Audit:
    return audit.Audit(office.settings.folder / "ledger", read_public(office.settings.folder))


def test_any_part_of_the_ledger_can_be_listed(office: Office) -> None:
    """From any entry, any number of them, in order; past the end there is nothing."""
    size = office.world.log.size
    whole = [e["index"] for e in audit.entries(asked(office), 0, 1000)["entries"]]
    assert whole == list(range(size))
    for start in range(0, size, 5):
        for count in (1, 3, 1000):
            part = [e["index"] for e in audit.entries(asked(office), start, count)["entries"]]
            assert part == whole[start : start + count]
    assert audit.entries(asked(office), size + 5, 10)["entries"] == []
    assert audit.entries(asked(office), -3, 2)["entries"][0]["index"] == 0


def test_every_entry_has_a_receipt_that_holds_without_the_log(office: Office) -> None:
    from sekisho.ledger.proof import verify_receipt

    lines = list(office.world.log.entries())
    for index in (0, len(lines) // 2, len(lines) - 1):
        assert verify_receipt(audit.receipt(asked(office), index), lines[index], office.world.log.vkey) == index
    assert audit.receipt(asked(office), len(lines)) == audit.receipt(asked(office), -1) == ""


def test_a_ledger_verifies_and_one_changed_bit_is_named(office: Office) -> None:
    assert audit.carry_out(asked(office))["ok"]
    (bundle,) = (office.settings.folder / "ledger" / "tile" / "entries").rglob(str(office.world.log.size))
    raw = bytearray(bundle.read_bytes())
    raw[len(raw) // 2] ^= 1
    bundle.write_bytes(raw)
    found = audit.carry_out(asked(office))
    assert not found["ok"]
    assert "entries" in found["bad"]["file"]


def test_another_key_and_an_empty_folder_are_answers_and_not_tracebacks(office: Office, tmp_path: Path) -> None:
    other = Public(b"", "another.example/x+00000000+AQ==", "another")
    assert not audit.carry_out(audit.Audit(office.settings.folder / "ledger", other))["ok"]
    assert not audit.carry_out(audit.Audit(tmp_path, read_public(office.settings.folder)))["ok"]


def test_a_checkpoint_seen_earlier_must_be_the_beginning(office: Office, founded: Office) -> None:
    """Two logs that began apart are told apart."""
    early = (office.settings.folder / "ledger" / "checkpoint").read_text(encoding="utf-8")
    office.propose("traffic-picture")
    assert audit.carry_out(audit.Audit(office.settings.folder / "ledger", asked(office).public, early))["ok"]
    founded.propose()
    forked = (founded.settings.folder / "ledger" / "checkpoint").read_text(encoding="utf-8")
    assert not audit.carry_out(audit.Audit(office.settings.folder / "ledger", asked(office).public, forked))["ok"]


def test_when_the_ledger_cannot_be_written_nothing_happened(founded: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk: the plan is not there afterwards, and no answer says it is."""
    from sekisho.desk.world import LedgerRefuses
    from sekisho.ledger.faults import Stopped

    def full(_entries: object) -> list[int]:
        raise Stopped("no space left")

    monkeypatch.setattr(founded.world.log, "append_many", full)
    with pytest.raises(LedgerRefuses):
        founded.propose()
    monkeypatch.undo()
    assert founded.terminal.call("overview")["waiting"] == []
