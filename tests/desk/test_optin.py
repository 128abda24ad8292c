"""Real opt-in (D1.5): an invited person agrees with the code of their own mail, and in no other way; silence leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk import campaigns, compare, consents, invitations, records
from sekisho.desk.campaign_look import look_over
from sekisho.desk.campaigns import KEPT, R
from sekisho.desk.flows.forget import Forget
from sekisho.desk.flows.forget import carry_out as forget
from sekisho.desk.optin.lapse import Lapse
from sekisho.desk.optin.lapse import carry_out as lapse
from sekisho.desk.permitting.retire import Retire
from sekisho.desk.permitting.retire import carry_out as retire
from sekisho.desk.signed_words import NoticeChanged
from sekisho.faces.processes.methods import METHODS
from sekisho.law.campaign import Text
from sekisho.law.consent import Way
from sekisho.law.words import Act, Element, Kind, Step
from tests.desk import mailing
from tests.desk.inviting import SENDER, answer, invited, submitted, written
from tests.desk.office import Office, refused


@pytest.fixture
def office(_founded: Path, tmp_path: Path) -> Iterator[Office]:
    office = Office(_founded).copied_closed(tmp_path / "office").open()
    yield office
    office.close()


def rows(office: Office, purpose: str = "race-volunteers") -> list[dict[str, Any]]:
    return list(office.terminal.call("consents", purpose=purpose))


def test_only_the_code_of_the_mail_agrees_and_it_agrees_for_one_person(office: Office) -> None:
    name, codes, _ = invited(office)
    assert rows(office) == []
    for wrong in ("", "0000 0000 0000", codes[0][:-1], codes[0] + "1", name):
        with refused("wrong-code"):
            answer(office, name, wrong)
    assert answer(office, name, codes[0])["state"] == "given"
    (row,) = rows(office)
    assert row["state"] == "given"
    assert row["notice"]["id"] == "race-volunteers"
    assert answer(office, name, codes[1], "see")["state"] == "open"


def test_the_record_holds_what_was_shown_when_with_which_code_from_where_and_the_way_out(office: Office) -> None:
    """ISO/IEC TS 27560 for its giver; the bulk export has all of it but from where."""
    name, codes, _ = invited(office)
    given = answer(office, name, codes[0])
    mine = office.channel("show").call("my-consent", code=given["receipt"])
    asks = written(office)[0].asks
    assert asks is not None
    assert mine["shown"] == "\n".join([asks.agreed["ja"], office.settings.operator.name, asks.stop["ja"]])
    node = mine["receipt"]["@graph"][0]
    assert node["sekisho:way"] == Way.TYPED_CODE.value
    assert node["sekisho:sender"] == {"sekisho:address": SENDER["address"], "sekisho:port": SENDER["port"]}
    assert node["sekisho:askedBy"] == name
    assert len(node["sekisho:typedCode"]) == 64
    assert node["dpv:hasDataController"]["dpv:hasName"] == office.settings.operator.name
    assert node["sekisho:withdrawAt"]["@id"].endswith("/consent")
    assert [p["dct:identifier"] for p in node["dpv:hasPurpose"]] == ["race-volunteers"]
    exported = office.terminal.call("consent-export", purpose="race-volunteers")["records"]
    (record,) = [n for n in exported["@graph"] if n.get("@type") == "dpv:ConsentRecord"]
    assert record["sekisho:typedCode"] == node["sekisho:typedCode"]
    assert "sekisho:sender" not in record
    assert codes[0] not in str(mine) + str(exported)
    assert office.channel("show").call("withdraw-my-consent", code=given["receipt"])["consents"] == [mine["consent"]["id"]]
    assert answer(office, name, codes[0], "see")["state"] == "withdrawn"


def test_typed_twice_it_is_one_answer_with_one_receipt(office: Office) -> None:
    name, codes, _ = invited(office)
    first = answer(office, name, codes[0])
    office.watch.wind(seconds=30)
    assert answer(office, name, codes[0]) == first
    assert answer(office, name, codes[0].replace(" ", ""), "refuse") == first  # a yes is taken back by its own word
    assert len(rows(office)) == 1


def test_who_refuses_or_takes_it_back_may_think_again_and_not_without_end(office: Office) -> None:
    name, codes, _ = invited(office)
    assert answer(office, name, codes[0], "refuse")["state"] == "refused"
    said = [answer(office, name, codes[0], do)["state"] for do in ("agree", "withdraw", "agree")]
    assert said == ["given", "withdrawn", "given"]
    for _ in range(invitations.MOST_ANSWERS - 3):
        answer(office, name, codes[0], "withdraw")
        answer(office, name, codes[0])
    assert answer(office, name, codes[0], "withdraw")["state"] == "withdrawn"
    with refused("answered-too-often"):
        answer(office, name, codes[0])
    assert len(rows(office)) == invitations.MOST_ANSWERS


def test_the_answer_is_consent_for_its_own_step_and_only_that(office: Office) -> None:
    name, codes, _ = invited(office)
    answer(office, name, codes[0])
    step = Step("send", Kind.SEND, frozenset({Act.USE}), frozenset({Element.PARTY}), "race-volunteers", frozenset({"operator"}))
    with office.turn() as world:
        who = invitations.invited(world, name, codes[0])["pseudonym"]
        principal = consents.principal(consents.purpose_key(world, "race-volunteers"), f"mail {who}")
        now = world.clock.now()
        assert consents.covers(world, step, principal, now)
        assert not consents.covers(world, replace(step, purpose="campaign"), principal, now)
        assert not consents.covers(world, replace(step, elements=frozenset({Element.CONTENT})), principal, now)


def test_a_later_invitation_for_the_same_purpose_replaces_the_earlier_answer(office: Office) -> None:
    name, codes, _ = invited(office)
    answer(office, name, codes[0])
    again, others, _ = invited(office)
    answer(office, again, others[0], "refuse")
    assert sorted(r["state"] for r in rows(office)) == ["refused", "replaced"]


def test_before_its_approval_and_after_its_withdrawal_an_invitation_asks_nobody(office: Office) -> None:
    made = submitted(office)
    assert office.channel("show").call("questions") == []
    with refused("unknown-question"):
        answer(office, made["campaign"], "0000 0000 0000")
    name, codes, permit = invited(office)
    assert [q["id"] for q in office.channel("show").call("questions")] == [name]
    office.withdraw(permit)
    assert office.channel("show").call("questions") == []
    with refused("unknown-question"):
        answer(office, name, codes[0])


def test_a_code_outlives_the_window_by_its_days_and_no_longer(office: Office) -> None:
    name, codes, _ = invited(office)
    office.watch.wind(days=14, hours=23)
    with office.turn() as world:
        retire(world, Retire())
    assert answer(office, name, codes[0])["state"] == "given"
    office.watch.wind(hours=2)
    for call in (lambda: answer(office, name, codes[1]), lambda: office.channel("show").call("question", question=name)):
        with refused("invitation-over"):
            call()


def test_of_who_does_not_answer_nothing_is_left_after_the_invitations_term(office: Office) -> None:
    """Neither pseudonym, address nor code; who answered stands in their own consent alone. The records and the ledger still agree."""
    name, codes, _ = invited(office)
    answer(office, name, codes[0])
    with office.turn() as world:
        known = [campaigns.pseudonym(world, f"guest{n}@mail.example") for n in range(4)]
        assert lapse(world, Lapse()) == 0
    office.watch.wind(days=1 + KEPT.days, hours=1)
    with office.turn() as world:
        retire(world, Retire())
        forget(world, Forget())
        assert lapse(world, Lapse()) == 4
        assert lapse(world, Lapse()) == 0
    with office.turn() as world:
        left = world.db.execute(R.select().where(R.c.campaign == name)).mappings().all()
        kept = {(r["pseudonym"], bytes(r["box"]), r["checked_by"], r["stopped_by"], r["invited_by"]) for r in left}
        assert kept == {(None, b"", None, None, None)}
        said = [v for t in records.METADATA.sorted_tables for r in world.db.execute(t.select()) for v in r]
        everything = b"".join(v if isinstance(v, bytes) else str(v).encode() for v in said)
        assert not any(k.encode() in everything for k in known)
        assert not list(compare.carry_out(world, compare.Compare()).differences)
    assert [r["state"] for r in rows(office)] == ["given"]


def test_nobody_is_registered_by_another_at_any_promised_interface(office: Office) -> None:
    """No request of a face makes anything of a person outside: an invitation leaves people, consents and cases as they were."""

    def counts() -> list[int]:
        with office.turn() as world:
            return [records.count(world.db, t) for t in (records.PEOPLE, records.INVITATIONS, records.CONSENTS, records.MATTERS)]

    before = counts()
    invited(office)
    assert counts() == before
    outside = {n for n, m in METHODS.items() if any(w in n for w in ("account", "register-person", "sign-up", "subscribe"))}
    assert outside == set()
    asked = METHODS["answer-question"].request.__dataclass_fields__
    assert set(asked) == {"question", "code", "do", "language", "sender", "browser"}


def test_a_rehearsal_keeps_nothing_of_what_is_typed(office: Office) -> None:
    office.close()
    mailing.set_up(office, 25, training_port=2525)
    office.open()
    said, _ = written(office)
    marked = {
        k: Text(f"{m}{t.subject}", f"{m}\n{t.plain}") for k, t in said.texts.items() for m in [{"ja": "【訓練】", "en": "[TRAINING]"}[k]]
    }
    name, codes, _ = invited(office, training=True, name=f"【訓練】{said.name}", texts=marked)
    assert office.channel("show").call("questions") == []
    assert answer(office, name, codes[0])["state"] == "training"
    assert rows(office) == []


def test_a_text_without_its_code_or_with_the_code_in_a_link_is_not_laid_before_anybody(office: Office) -> None:
    said, _ = written(office)
    ja = said.texts["ja"]
    url = office.settings.console.url

    def found(**changed: str) -> set[str]:
        return {f.code for f in look_over(replace(said, texts={**said.texts, "ja": replace(ja, **changed)}), url)}

    assert found() == set()
    assert "no-invitation" in found(plain=ja.plain.replace("{{invite_code}}", ""))
    assert "no-invitation" in found(plain=ja.plain.replace("{{invite_url}}", ""))
    assert "personal-link" in found(plain=f"{ja.plain}\nhttps://race.example/a?c={{{{invite_code}}}}")
    assert "unknown-field" in {f.code for f in look_over(replace(said, asks=None), url)}


def test_a_changed_text_overtakes_the_question(office: Office) -> None:
    name, codes, _ = invited(office)
    office.watch.wind(seconds=1)
    key = office.keys["officer"]
    words = NoticeChanged("race-volunteers", "2", key.person, office.watch.at)
    office.terminal.call("change-notice", change=words, signature=key.sign(words))
    with refused("text-overtaken"):
        answer(office, name, codes[0])
    assert answer(office, name, codes[0], "refuse")["state"] == "refused"


@given(st.text(max_size=40))
def test_only_twelve_digits_are_a_code_however_they_are_typed(text: str) -> None:
    said = invitations.typed(text)
    assert said == "" or (len(said.replace(" ", "")) == invitations.DIGITS and said.replace(" ", "").isascii())
    assert invitations.typed("１２３４－５６７８　9012".replace("－", "-")) == "1234 5678 9012"


def test_no_two_people_of_an_invitation_have_one_code(office: Office) -> None:
    _, codes, _ = invited(office, 200)
    assert len(set(codes)) == 200
    assert all(len(c.replace(" ", "")) == 12 for c in codes)
    assert timedelta(days=14).days <= KEPT.days


def test_the_giver_sees_with_their_record_that_a_program_stopped_their_mails_and_that_it_was_undone(office: Office) -> None:
    """The record says nothing of it to anybody else, and a stop or its undoing changes nothing of what was agreed."""
    mailing.may_tell(office)
    name, codes, _ = invited(office)
    receipts = [answer(office, name, code)["receipt"] for code in codes[:2]]
    door = office.channel("show")
    with office.turn() as world:
        leaf = campaigns.leaves(world, name)[0]
        link, check = campaigns.stop_code(world, name, leaf), campaigns.check_code(world, name, leaf)
    assert door.call("my-consent", code=receipts[0])["stops"] == []
    door.call("stop-mail-one-press", code=link)
    (stop,) = door.call("my-consent", code=receipts[0])["stops"]
    assert (stop["how"], stop["ended"]) == ("one-press", None)
    office.watch.wind(minutes=1)
    assert office.terminal.call("mail-again-by-reply", code=check)["undone"]
    told = door.call("my-consent", code=receipts[0])
    assert told["stops"][0]["ended"] > told["stops"][0]["at"]
    assert told["live"]
    assert door.call("my-consent", code=receipts[1])["stops"] == [], "of another's address nothing is told"
    assert not [r for r in rows(office) if "stops" in r]
    office.watch.wind(days=40)
    with office.turn() as world:
        lapse(world, Lapse())
    assert door.call("my-consent", code=receipts[0])["stops"] == []
