"""Consent on record: sealed, told once to its giver, and asked again before every step that rests on it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk import consents, records
from sekisho.desk.consent import consent_withdraw
from sekisho.desk.flows import forget
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.permitting import remeasure
from sekisho.desk.signed_words import Answered, ConsentEnd, NoticeChanged
from sekisho.faces.processes import work
from sekisho.law.consent import Notice, Reach, Way
from sekisho.law.words import Act, Element, Role
from sekisho.ledger.proof import verify_receipt
from tests.desk.office import Office
from tests.desk.test_hardening_ledger import backup, restore
from tests.desk.test_looking import due, ordered, refused, types

SHOWN = "感染のお知らせのため、あなたの回線の利用者と日時を照合します。断っても料金やサービスは変わりません。"
ANSWER = Answered(
    line="L-1001",
    party=Role.SUBSCRIBER,
    sides=frozenset({"subscriber"}),
    acts=frozenset({Act.LEARN, Act.USE}),
    elements=frozenset(Element),
    purpose="infected-notice",
    audience=frozenset({"operator", "subscriber"}),
    notice=Notice("infected-consent", "1", hashlib.sha256(SHOWN.encode()).hexdigest(), "ja"),
    way=Way.OWN_SCREEN,
    days=365,
    given=True,
    default_off=True,
    refusal_free=True,
    withdrawable=True,
    by="",
    at=Office(Path()).watch.at,
)


def record(office: Office, who: str = "desk", shown: str = SHOWN, **changes: Any) -> dict[str, str]:
    key = office.keys[who]
    words = replace(ANSWER, by=key.person, at=office.watch.at, **changes)
    return dict(office.terminal.call("record-consent", answer=words, shown=shown, signature=key.sign(words)))


def withdraw(office: Office, consent: str, who: str = "desk", reason: str = "on the telephone") -> list[str]:
    key = office.keys[who]
    words = ConsentEnd(consent, reason, key.person, office.watch.at)
    return list(office.terminal.call("withdraw-consent", ending=words, signature=key.sign(words))["consents"])


def listed(office: Office) -> list[dict[str, Any]]:
    return list(office.terminal.call("consents"))


@pytest.fixture(scope="session")
def _bound(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = Office(_founded).copied_closed(tmp_path_factory.mktemp("bound") / "home").open()
    key, draft = office.keys["engineer"], office.draft()
    plan = replace(draft.plan, scope={**draft.plan.scope, "consent": consents.PER_LINE})
    identity = office.terminal.call("propose", plan=plan, signature=key.sign(plan))["plan"]
    office.supply(identity)
    office.confirm(identity)
    office.approve(identity, "reviewer-a")
    office.approve(identity, "reviewer-b")
    office.permit_notice()
    office.close()
    return office.home


@pytest.fixture
def bound(_bound: Path, tmp_path: Path) -> Iterator[Office]:
    """Three lines were found; identify and notify are permitted, bound to lines that consent."""
    office = Office(_bound).copied_closed(tmp_path / "bound").open()
    yield office
    office.close()


# On record


def test_an_answer_is_written_down_sealed_and_names_no_line(founded: Office) -> None:
    said = record(founded)
    assert types(founded)[-2:] == ["notice-shown", "consent"]
    with founded.turn() as world:
        row = consents.get(world, said["consent"])
        stored = b"".join(r["body"] for r in (row, *records.rows(world.db, records.NOTICES)))
        assert consents.of(world, row).live(founded.watch.at)
    for word in ("L-1001", said["code"]):
        assert word.encode() not in stored
    assert "L-1001" not in json.dumps(listed(founded))


def test_an_answer_is_not_played_again_after_its_giver_withdrew(founded: Office) -> None:
    """The signature is good for minutes; a consent that was withdrawn in them does not come back by itself."""
    key = founded.keys["desk"]
    words = replace(ANSWER, by=key.person, at=founded.watch.at)
    said = {"answer": words, "shown": SHOWN, "signature": key.sign(words)}
    founded.watch.wind(seconds=1)
    code = founded.terminal.call("record-consent", **said)["code"]
    founded.watch.wind(seconds=30)
    founded.terminal.call("withdraw-my-consent", code=code)
    assert refused(lambda: founded.terminal.call("record-consent", **said)) == "done-already"
    assert [c["state"] for c in listed(founded)] == ["withdrawn"]
    founded.watch.wind(seconds=1)
    record(founded)
    assert [c["state"] for c in listed(founded)] == ["given", "withdrawn"]


def test_a_text_shown_to_many_is_kept_once(founded: Office) -> None:
    for line in ("L-1001", "L-1002", "L-1003"):
        record(founded, line=line)
    assert types(founded).count("notice-shown") == 1
    assert types(founded).count("consent") == 3


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"shown": SHOWN + " "}, "another-text"),
        ({"shown": ""}, "another-text"),
        ({"party": Role.ENGINEER}, "no-party"),
        ({"days": 0}, "no-term"),
        ({"days": 4000}, "no-term"),
        ({"line": " "}, "answer-incomplete"),
        ({"sides": frozenset()}, "answer-incomplete"),
        ({"acts": frozenset()}, "answer-incomplete"),
        ({"elements": frozenset()}, "answer-incomplete"),
        ({"audience": frozenset()}, "answer-incomplete"),
        ({"purpose": ""}, "answer-incomplete"),
        ({"who": "auditor"}, "wrong-role"),
        ({"who": "reviewer-a"}, "wrong-role"),
    ],
    ids=str,
)
def test_an_answer_that_is_none_is_not_written(founded: Office, changes: dict[str, Any], code: str) -> None:
    """What was shown must be the very text; only a party consents; nothing is left empty; some roles do not take answers."""
    size = founded.world.log.size
    assert refused(lambda: record(founded, **changes)) == code
    assert founded.world.log.size == size
    assert listed(founded) == []


def test_an_answer_signed_by_another_or_yesterday_is_refused(founded: Office) -> None:
    desk, engineer = founded.keys["desk"], founded.keys["engineer"]
    words = replace(ANSWER, by=desk.person, at=founded.watch.at)
    ask = founded.terminal.call
    assert refused(lambda: ask("record-consent", answer=words, shown=SHOWN, signature=engineer.sign(words))) == "signed-by-another"
    forged = replace(engineer.sign(words), person=desk.person)
    assert refused(lambda: ask("record-consent", answer=words, shown=SHOWN, signature=forged)) == "bad-signature"
    old = replace(words, at=founded.watch.at - timedelta(minutes=6))
    assert refused(lambda: ask("record-consent", answer=old, shown=SHOWN, signature=desk.sign(old))) == "waited-too-long"


def test_a_second_answer_takes_the_place_of_the_first(founded: Office) -> None:
    first, second = record(founded), record(founded, given=False)
    state = {c["id"]: c["state"] for c in listed(founded)}
    assert state == {first["consent"]: "replaced", second["consent"]: "refused"}


def test_two_purposes_are_two_pseudonyms(founded: Office) -> None:
    """Nobody with the records alone can tell that the two are one line."""
    record(founded)
    record(founded, purpose="cc-search")
    with founded.turn() as world:
        who = [r["principal"] for r in records.rows(world.db, records.CONSENTS)]
    assert len(set(who)) == 2


def test_records_and_ledger_agree_and_a_row_altered_is_found(founded: Office) -> None:
    said = record(founded)
    withdraw(founded, said["consent"])
    assert founded.terminal.call("compare")["found"] == 0
    with founded.turn() as world:
        world.db.exec_driver_sql("UPDATE consent_events SET body = replace(body, 'withdrawn', 'given')")
    assert [d["what"] for d in founded.terminal.call("compare")["differences"]] == ["altered"]


def test_a_restored_backup_does_not_bring_a_withdrawn_consent_back(founded: Office, tmp_path: Path) -> None:
    """Records of yesterday beside today's ledger: the ledger says that it ended."""
    said = record(founded)
    founded.close()
    old = (founded.home / "state" / "keep" / "keep.db").read_bytes()
    founded.open()
    withdraw(founded, said["consent"])
    founded.close()
    (founded.home / "state" / "keep" / "keep.db").write_bytes(old)
    founded.open()
    assert [c["state"] for c in listed(founded)] == ["withdrawn"]


# What ends it


def test_its_giver_withdraws_with_the_code_of_the_receipt_alone(founded: Office) -> None:
    said = record(founded)
    found = founded.channel("show").call("my-consent", code=said["code"])
    assert (found["live"], found["consent"]["purpose"]) == (True, "infected-notice")
    assert found["shown"] == SHOWN
    assert founded.channel("show").call("withdraw-my-consent", code=said["code"])["consents"] == [said["consent"]]
    assert founded.channel("show").call("my-consent", code=said["code"])["live"] is False
    assert types(founded)[-1] == "consent-over"


def test_a_wrong_code_says_nothing_about_anybody(founded: Office) -> None:
    said = record(founded)
    for code in ("", "0" * 32, said["code"][:-1], said["consent"]):
        assert refused(lambda c=code: founded.channel("show").call("my-consent", code=c)) == "unknown-code"
        assert refused(lambda c=code: founded.channel("show").call("withdraw-my-consent", code=c)) == "unknown-code"
    assert [c["state"] for c in listed(founded)] == ["given"]


def test_who_takes_a_withdrawal_by_telephone_signs_it_with_the_way_it_was_said(founded: Office) -> None:
    said = record(founded)
    assert refused(lambda: withdraw(founded, said["consent"], reason=" ")) == "no-reasons"
    assert refused(lambda: withdraw(founded, said["consent"], who="auditor")) == "wrong-role"
    assert refused(lambda: withdraw(founded, "consent-0000000000000000")) == "unknown-consent"
    assert withdraw(founded, said["consent"]) == [said["consent"]]
    founded.watch.wind(seconds=1)
    assert refused(lambda: withdraw(founded, said["consent"])) == "consent-over"


def test_a_changed_text_ends_every_consent_to_an_older_version_and_no_other(founded: Office) -> None:
    old, new = record(founded), record(founded, line="L-1002", notice=replace(ANSWER.notice, version="2"))
    other = record(founded, line="L-1003", notice=replace(ANSWER.notice, id="another-text"))
    key = founded.keys["officer"]
    words = NoticeChanged("infected-consent", "2", key.person, founded.watch.at)
    ended = founded.terminal.call("change-notice", change=words, signature=key.sign(words))["consents"]
    assert ended == [old["consent"]]
    state = {c["id"]: c["state"] for c in listed(founded)}
    assert (state[new["consent"]], state[other["consent"]]) == ("given", "given")


def change(office: Office, version: str, who: str = "officer") -> dict[str, Any]:
    key = office.keys[who]
    words = NoticeChanged("infected-consent", version, key.person, office.watch.at)
    return dict(office.terminal.call("change-notice", change=words, signature=key.sign(words)))


def test_after_a_text_changed_a_yes_to_the_old_one_is_refused_and_a_no_is_taken(founded: Office) -> None:
    """Whoever comes with the old paper is shown the new one; also after a restart, and when the text goes back to what it was."""
    record(founded)
    change(founded, "2")
    founded.reopen()
    founded.watch.wind(seconds=1)
    with pytest.raises(KeepSaidNo) as why:
        record(founded)
    assert (why.value.code, why.value.detail["version"]) == ("text-overtaken", "2")
    assert [c["state"] for c in listed(founded)] == ["notice-changed"]
    record(founded, notice=replace(ANSWER.notice, version="2"))
    founded.watch.wind(seconds=1)
    record(founded, given=False)
    assert change(founded, "1")["consents"] == []
    record(founded, line="L-1002")
    founded.watch.wind(seconds=1)
    assert refused(lambda: record(founded, line="L-1003", notice=replace(ANSWER.notice, version="2"))) == "text-overtaken"
    assert founded.terminal.call("compare")["found"] == 0


def test_very_many_consents_end_at_once_and_are_written_down_piece_by_piece(founded: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """None counts from that moment; a restart in the middle loses none and writes none twice."""
    monkeypatch.setattr(consent_withdraw, "AT_ONCE", 2)
    given = {record(founded, line=f"L-{n}")["consent"] for n in range(5)}
    found = change(founded, "2")
    assert (len(found["consents"]), found["left"]) == (2, 3)
    assert {c["state"] for c in listed(founded)} == {"notice-changed"}
    with founded.turn() as world:
        assert not consents.any_live(world, "infected-notice", founded.watch.at)
    done = list(found["consents"])
    founded.watch.wind(days=400)
    for gone in (4, 0, 0):  # the two that were written down a year ago, with what happened to them
        founded.reopen()
        with founded.turn() as world:
            assert forget.carry_out(world, forget.Forget()).get("consents", 0) == gone
            done += consent_withdraw.lapse(world, consent_withdraw.Lapse()).consents
    assert (set(done), len(done)) == (given, 5)
    assert types(founded).count("consent-over") == 5
    assert founded.terminal.call("compare")["found"] == 0


def test_an_end_that_the_ledger_alone_knows_is_not_written_twice(founded: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A power cut took the rows of the second piece: what the ledger says is over stays over, and is said once."""
    monkeypatch.setattr(consent_withdraw, "AT_ONCE", 1)
    for n in range(2):
        record(founded, line=f"L-{n}")
    change(founded, "2")
    backup(founded, tmp_path / "old.db")
    with founded.turn() as world:
        assert len(consent_withdraw.lapse(world, consent_withdraw.Lapse()).consents) == 1
    restore(founded, tmp_path / "old.db")
    with founded.turn() as world:
        assert consent_withdraw.lapse(world, consent_withdraw.Lapse()).consents == ()
    assert types(founded).count("consent-over") == 2
    assert not {c["state"] for c in listed(founded)} & {"given"}


def test_a_consent_whose_days_are_over_counts_for_nothing_and_is_written_off_within_the_minute(founded: Office) -> None:
    said = record(founded, days=1)
    founded.watch.wind(days=1)
    with founded.turn() as world:
        assert not consents.any_live(world, "infected-notice", founded.watch.at)
        assert consent_withdraw.lapse(world, consent_withdraw.Lapse()).consents == (said["consent"],)
        assert consent_withdraw.lapse(world, consent_withdraw.Lapse()).consents == ()
    assert [c["state"] for c in listed(founded)] == ["expired"]


def test_a_year_after_its_end_the_record_goes_and_the_ledger_says_so(founded: Office) -> None:
    said, living = record(founded), record(founded, line="L-1002", days=3000)
    withdraw(founded, said["consent"])
    founded.watch.wind(days=364)
    with founded.turn() as world:
        assert "consents" not in forget.carry_out(world, forget.Forget())
    founded.watch.wind(days=2)
    with founded.turn() as world:
        assert forget.carry_out(world, forget.Forget())["consents"] == 2
    assert [c["id"] for c in listed(founded)] == [living["consent"]]
    assert founded.terminal.call("compare")["found"] == 0


# As evidence


def probed(office: Office, scope: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    plan = replace(office.draft().plan, scope=scope or {"consent": consents.PER_LINE})
    with office.turn() as world:
        return [dict(e.value) for e in consents.measured(world, plan, office.watch.at)]


def test_the_register_itself_is_the_probe(founded: Office) -> None:
    """One piece for each text agreed to; none of nobody; and gone with the last who agreed."""
    assert probed(founded) == []
    said = record(founded)
    record(founded, line="L-1002")
    (value,) = probed(founded)
    kind = founded.world.book.kinds["consent"]
    assert value.keys() == kind.fields.keys()
    assert (value["way"], value["text"]) == ("own-screen", ANSWER.notice.digest)
    withdraw(founded, said["consent"])
    assert len(probed(founded)) == 1
    withdraw(founded, next(c["id"] for c in listed(founded) if c["state"] == "given"))
    assert probed(founded) == []


@pytest.mark.parametrize("changes", [{"given": False}, {"reach": Reach.BLANKET}, {"purpose": "another"}], ids=str)
def test_what_is_no_individual_yes_for_this_purpose_is_no_evidence(founded: Office, changes: dict[str, Any]) -> None:
    record(founded, **changes)
    assert probed(founded) == []


def test_that_others_were_left_out_is_only_said_where_nothing_is_kept_of_everybody(founded: Office) -> None:
    record(founded)
    assert [v["others_left_out"] for v in probed(founded)] == [True]
    assert [v["others_left_out"] for v in probed(founded, {"consent": consents.PER_LINE, "streams": {"hits": {}}})] == [False]
    assert [v["others_left_out"] for v in probed(founded, {"days": 1})] == [False]


def test_nobody_may_state_consent(founded: Office) -> None:
    """It is measured: a paper that says so is not taken."""
    plan, key = founded.propose(), founded.keys["desk"]
    record(founded)
    (piece,) = [e for e in founded.terminal.call("plan", plan=plan)["plan"]["evidence"] if e["kind"] == "roles"]
    assert piece["voucher"]["by"] == "probe"
    from sekisho.desk.staff import statements

    (value,) = probed(founded)
    words = statements.evidence("consent", value, "infected-notice", key.person, Role.DESK, "a" * 64, None, founded.watch.at)
    asked: Callable[[], Any] = lambda: founded.terminal.call("supply", plan=plan, evidence=words, signature=key.sign(words))  # noqa: E731 - one call, named
    assert refused(asked) == "not-who-vouches-for-this"


# Line by line, at run time


def test_the_plan_that_findings_ask_for_is_bound_like_the_permit_they_stand_on(bound: Office) -> None:
    scopes = [p["scope"] for p in bound.permits()]
    assert scopes
    assert {s["consent"] for s in scopes} == {"per-line"}


def test_while_nobody_consents_nobody_is_looked_for(bound: Office) -> None:
    assert due(bound, "identify") == []
    record(bound)
    assert len(due(bound, "identify")) == 3


def test_only_lines_that_consent_are_named_and_written_to(bound: Office) -> None:
    """Three lines are infected; one consents. The other two leave their looks as a bare no."""
    record(bound)
    waiting = ordered(bound)
    assert len(waiting) == 1
    with bound.turn() as world:
        states = sorted(r["state"] for r in records.rows(world.db, records.LOOKS) if records.body(r)["sort"] == "identify")
        kept = b"".join(r["body"] for t in records.METADATA.tables.values() if "body" in t.c for r in records.rows(world.db, t))
    assert states == ["named", "no-consent", "no-consent"]
    assert b"L-1003" not in kept
    assert b"L-1006" not in kept


def test_a_line_whose_consent_covers_less_is_left_out(bound: Office) -> None:
    """Whoever agreed to be looked up for the operator has not agreed to be looked up by more elements, or for another act."""
    record(bound, elements=frozenset({Element.COUNT}))
    assert ordered(bound) == []


@pytest.mark.parametrize("changes", [{"way": Way.POSTER}, {"refusal_free": False}, {"default_off": False}, {"line": "L-9999"}], ids=str)
def test_what_is_no_consent_opens_no_line(bound: Office, changes: dict[str, Any]) -> None:
    record(bound, **changes)
    assert ordered(bound) == []


def test_a_consent_withdrawn_before_the_look_names_nobody(bound: Office) -> None:
    said, other = record(bound), record(bound, line="L-1003")
    names = due(bound, "identify")
    withdraw(bound, said["consent"])
    for name in names:
        work.look(bound.outside("work", name), name)
    assert len(bound.channel("act").call("orders")) == 1
    bound.terminal.call("withdraw-my-consent", code=other["code"])
    assert bound.channel("act").call("orders") == []


def test_keep_does_not_take_the_childs_word_for_it(bound: Office) -> None:
    """A child that names a line without asking is told no: `keep` looks again itself."""
    from tests.desk.test_identified import LINE, opened, orders, state

    record(bound, line="L-1003")
    name, mine = opened(bound)
    assert mine.call("identified", look=name, line=LINE)["order"] == ""
    assert state(bound, name) == "no-consent"
    assert orders(bound) == 0


def test_a_withdrawal_stops_what_was_already_ordered_at_the_next_question(bound: Office) -> None:
    """Ordered, and then withdrawn: no contact is opened, no message begun, and the order is closed."""
    said = record(bound)
    (waiting,) = ordered(bound)
    act = bound.channel("act")
    bound.terminal.call("withdraw-my-consent", code=said["code"])
    key_id = waiting.box.split(" ")[0]
    assert refused(lambda: act.call("release-contact", order=waiting.id, key_id=key_id, wrapped="00")) == "no-consent"
    assert refused(lambda: act.call("begin", order=waiting.id, letter="a" * 64)) == "no-consent"
    assert act.call("orders") == []
    with bound.turn() as world:
        assert (records.one(world.db, records.ORDERS, id=waiting.id) or {})["state"] == "stopped"


def test_the_code_in_a_letter_ends_the_consent_for_that_purpose_too(bound: Office) -> None:
    from tests.desk.test_looking import letter

    record(bound)
    (waiting,) = ordered(bound)
    code = letter(bound, waiting, "a-code-from-a-letter")
    bound.channel("show").call("withdraw-mine", code=code)
    assert [c["state"] for c in listed(bound)] == ["withdrawn"]


def test_only_the_child_of_an_identifying_look_is_told_who_agrees(bound: Office) -> None:
    record(bound)
    assert refused(lambda: bound.channel("show").call("consenting", look="look-0")) == "not-for-this-role"
    assert refused(lambda: bound.channel("work", "look-0").call("consenting", look="look-0")) == "look-not-under-way"
    (name,) = due(bound, "find")[:1] or [None]
    if name:
        child = bound.channel("work", name)
        child.call("open-look", look=name)
        assert refused(lambda: child.call("consenting", look=name)) == "not-an-identification"


def test_a_plan_that_is_not_bound_asks_for_no_consent(noticing: Office) -> None:
    assert len(ordered(noticing)) == 3


def test_permits_bound_to_consent_stay_while_anything_else_holds(bound: Office) -> None:
    """The scope binds lines, not the permit: who consents tomorrow is reached tomorrow."""
    with bound.turn() as world:
        assert remeasure.carry_out(world, remeasure.Remeasure())["ended"] == 0


# Taken away


def test_the_receipt_proves_itself_without_us(founded: Office) -> None:
    """Each proof verifies with the public key alone, and its entry commits to what was recorded."""
    from sekisho.desk.public import read_public
    from sekisho.ledger.proof import parse_receipt

    said = record(founded)
    withdraw(founded, said["consent"])
    found = founded.terminal.call("consent-receipt", consent=said["consent"])
    assert len(found["proofs"]) == 2
    for text in found["proofs"]:
        extra = json.loads(parse_receipt(text).extra)
        verify_receipt(text, extra["entry"].encode(), read_public(founded.settings.folder).ledger)
        assert json.loads(extra["entry"])["ids"] == {"consent": said["consent"]}


def test_an_export_holds_every_record_of_its_purpose_and_no_line(founded: Office) -> None:
    mine = {record(founded, line=line)["consent"] for line in ("L-1001", "L-1002")}
    record(founded, purpose="another")
    found = founded.terminal.call("consent-export", purpose="infected-notice")
    held = {n["dct:identifier"] for n in found["records"]["@graph"] if n.get("@type") == "dpv:ConsentRecord"}
    assert held == mine
    assert found["next"] is None
    assert "L-100" not in json.dumps(found)


def test_nobody_without_a_record_has_a_receipt(founded: Office) -> None:
    with pytest.raises(KeepSaidNo) as no:
        founded.terminal.call("consent-receipt", consent="consent-0000000000000000")
    assert no.value.code == "unknown-consent"
