"""A contractor's person hands in mailings and never holds an address: what they may, what they see, and how it ends by itself."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk.outside import KeepSaidNo
from sekisho.law.contractor import FEW, MOST_A_DAY, faults, told
from sekisho.law.entrustment import Action, What
from tests.desk import contracting, mailing
from tests.desk.contracting import admit, agency, hand_in, handed_in, mine
from tests.desk.office import Office, refused
from tests.desk.test_entrust import move

PEOPLE = mailing.people(12)


def campaign_of(office: Office) -> str:
    return str(handed_in(office)[-1]["campaign"])


def test_what_is_handed_in_is_a_campaign_that_waits_for_somebody_of_ours(founded: Office) -> None:
    made = admit(founded, agency(founded), PEOPLE)
    assert hand_in(founded, made["token"])["persons"] == 12
    shown = mailing.shown(founded, campaign_of(founded))
    assert (shown["status"], shown["submitter"], shown["persons"]) == ("submitted", "M. Sakurai", 12)
    assert (shown["campaign"]["sender"], shown["campaign"]["reply_desk"]) == ("notice@example.net", "desk@race.example")
    assert founded.terminal.call("plan", plan=shown["plan"])["proposer"]["name"] == "M. Sakurai"
    contracting.approved(founded, shown["id"])
    assert mailing.shown(founded, shown["id"])["status"] in ("approved", "sending")


def test_no_answer_to_a_contractor_holds_anything_of_a_person(founded: Office) -> None:
    made = admit(founded, agency(founded), PEOPLE)
    hand_in(founded, made["token"])
    contracting.approved(founded, campaign_of(founded))
    said = json.dumps([mine(founded, made["token"]), made["aliases"]], ensure_ascii=False)
    assert not [p for p in PEOPLE if p.mail in said or p.name in said or p.fields["number"] in said]
    assert "@" not in json.dumps(mine(founded, made["token"]))


def test_some_people_are_named_by_alias_and_an_address_is_none(founded: Office) -> None:
    made = admit(founded, agency(founded), PEOPLE)
    assert hand_in(founded, made["token"], tuple(made["aliases"][:3]))["persons"] == 3
    for wrong in (PEOPLE[0].mail, "0" * 16, "everybody-else", ""):
        with refused("unknown-alias"):
            hand_in(founded, made["token"], (made["aliases"][0], wrong))
    with refused("nobody-named"):
        hand_in(founded, made["token"], ())


def test_an_alias_is_the_one_of_a_list_handed_over_on_the_rung_of_aliases_and_another_partys_is_another(founded: Office) -> None:
    one, other = agency(founded), agency(founded)
    first, again, second = (admit(founded, row, PEOPLE) for row in (one, one, other))
    assert first["aliases"] == again["aliases"]
    assert not set(first["aliases"]) & set(second["aliases"])
    with refused("unknown-alias"):
        hand_in(founded, second["token"], (first["aliases"][0],))


def test_the_token_is_kept_as_a_digest_alone(founded: Office) -> None:
    made = admit(founded, agency(founded), PEOPLE)
    for path in founded.home.rglob("*"):
        assert not path.is_file() or made["token"].encode() not in path.read_bytes(), path


@pytest.mark.parametrize("how", ["suspended", "ended", "over", "shut"])
def test_a_token_opens_nothing_once_its_row_is_not_in_force_or_it_was_shut(founded: Office, how: str) -> None:
    row = agency(founded)
    made = admit(founded, row, PEOPLE)
    if how == "over":
        founded.watch.wind(days=400)
    elif how == "shut":
        contracting.shut(founded, made["admission"])
    else:
        move(founded, row, What(how), "officer", reason="a complaint")
    code = "admission-shut" if how == "shut" else "row-not-in-force"
    for call in (hand_in, mine):
        with refused(code):
            call(founded, made["token"])


def test_a_mailing_of_a_row_that_ended_meanwhile_is_not_sent(founded: Office) -> None:
    row = agency(founded)
    made = admit(founded, row, PEOPLE)
    hand_in(founded, made["token"])
    plan = mailing.shown(founded, campaign_of(founded))["plan"]
    mailing.papers(founded, plan)
    move(founded, row, What.SUSPENDED, "officer", reason="a complaint")
    assert founded.approve(plan, "reviewer-a") == []


def test_the_set_cannot_be_opened_after_the_last_day_of_its_row(founded: Office) -> None:
    from sekisho.desk import contractors
    from sekisho.desk.flows import forget

    admit(founded, agency(founded), PEOPLE)
    with founded.turn() as world:
        assert len(contractors.people(world, contractors.every(world, world.clock.now())[0])) == 12
    founded.watch.wind(days=400)
    with founded.turn() as world:
        forget.carry_out(world, forget.Forget())
    with founded.turn() as world, pytest.raises(Exception, match="key-refused"):
        contractors.people(world, contractors.every(world, world.clock.now())[0])


def test_counts_are_told_in_tens_and_only_of_ten_people_and_more(founded: Office) -> None:
    made = admit(founded, agency(founded), mailing.people(25))
    hand_in(founded, made["token"])
    hand_in(founded, made["token"], tuple(made["aliases"][:9]))
    whole, few = (h["campaign"] for h in handed_in(founded))
    assert [m["counts"] for m in mine(founded, made["token"])["mailings"]] == [None, None]
    for name in (whole, few):
        contracting.approved(founded, name)
    told_few, told_whole = mine(founded, made["token"])["mailings"]
    assert told_few["counts"] is None
    assert told_whole["counts"] == {"waiting": 20, "accepted": 0, "delivered": 0, "bounced": 0, "failed": 0, "lost": {}}


@given(st.integers(0, 20_000))
def test_a_count_never_tells_more_than_its_tens(count: int) -> None:
    assert told(count) % FEW == 0 <= count - told(count) < FEW


def test_who_of_the_set_is_named_in_a_text_is_told_to_the_desk_and_not_to_the_contractor(founded: Office) -> None:
    made = admit(founded, agency(founded), PEOPLE)
    texts = {lang: {**t, "plain": t["plain"] + PEOPLE[3].name} for lang, t in contracting.TEXTS.items()}
    hand_in(founded, made["token"])
    hand_in(founded, made["token"], texts=texts)
    named, plain = ({k: v for k, v in m.items() if k not in ("hand_in", "at")} for m in mine(founded, made["token"])["mailings"])
    assert named == plain, "whoever writes a name and looks at the answer learns nothing"
    assert [(h["held"], bool(h["campaign"])) for h in handed_in(founded)] == [("", True), ("names-somebody", False)]


def test_what_a_contractor_may_not_write_is_refused_with_where_it_stands(founded: Office) -> None:
    made = admit(founded, agency(founded), PEOPLE)
    texts = {
        lang: {**t, "plain": t["plain"] + "mail hana@mail.example or https://elsewhere.example/"} for lang, t in contracting.TEXTS.items()
    }
    with refused("campaign-leaks") as no:
        hand_in(founded, made["token"], texts=texts)
    assert {f["code"] for f in no.value.detail["faults"]} == {"foreign-address", "undeclared-host"}
    with refused("no-text-in-language") as no:
        hand_in(founded, made["token"], texts={"ja": contracting.TEXTS["ja"]})
    assert no.value.detail == {"languages": ["en"]}
    with refused("campaign-incomplete"):
        hand_in(founded, made["token"], name=" ")
    assert handed_in(founded) == []


def test_a_contractor_cannot_say_from_whom_where_to_or_how_fast(founded: Office) -> None:
    made = admit(founded, agency(founded), PEOPLE)
    for name, value in (("sender", "x@mail.example"), ("reply_desk", "x@mail.example"), ("hosts", ["x.example"]), ("per_minute", 1)):
        with refused("not-a-request"):
            hand_in(founded, made["token"], **{name: value})


def test_so_many_a_day_and_no_more(founded: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_A_DAY == 50
    monkeypatch.setattr("sekisho.desk.messages.hand_in.MOST_A_DAY", 2)
    made = admit(founded, agency(founded), PEOPLE)
    for _ in range(2):
        hand_in(founded, made["token"])
    with refused("too-many-today"):
        hand_in(founded, made["token"])
    founded.watch.wind(days=1)
    hand_in(founded, made["token"])


def test_who_may_admit_for_which_row(founded: Office) -> None:
    row = agency(founded)
    with refused("wrong-role"):
        admit(founded, row, PEOPLE, who="reviewer-a")
    with refused("row-not-in-force"):
        admit(founded, agency(founded, actions=frozenset({Action.SHIP})), PEOPLE)
    with refused("more-than-the-row"):
        admit(founded, agency(founded, persons=11), PEOPLE)
    with refused("another-set"):
        admit(founded, row, PEOPLE, persons=11)
    with refused("admission-incomplete"):
        admit(founded, row, PEOPLE, reply_desk="nobody")
    with refused("unknown-token"):
        mine(founded, "")
    made = admit(founded, row, PEOPLE)
    with refused("no-reasons"):
        contracting.shut(founded, made["admission"], reason=" ")
    contracting.shut(founded, made["admission"])
    with refused("shut-already"):
        contracting.shut(founded, made["admission"])


@pytest.mark.parametrize(
    "field", ["person", "people", "announcement", "hosts", "sender_name", "per_minute", "fields", "recipients", "persons"]
)
def test_each_empty_field_of_an_admission_is_said(founded: Office, field: str) -> None:
    good = contracting.admission(founded, "entrustment-" + "0" * 16, PEOPLE)
    assert faults(good) == ()
    empty = {"announcement": {}, "hosts": (), "per_minute": 0, "fields": ("mail!",), "persons": 0}.get(field, "")
    assert faults(replace(good, **{field: empty})) == (field,)


def test_a_shut_admission_stays_shut_when_an_old_copy_of_the_records_is_put_back(founded: Office) -> None:
    made = admit(founded, agency(founded), PEOPLE)
    records = founded.home / "state" / "keep"
    founded.close()
    before = {p: p.read_bytes() for p in records.glob("records*")}
    founded.open()
    contracting.shut(founded, made["admission"])
    founded.close()
    for path in records.glob("records*"):
        path.unlink()
    for path, raw in before.items():
        path.write_bytes(raw)
    founded.open()
    with pytest.raises(KeepSaidNo, match="admission-shut"):
        mine(founded, made["token"])
