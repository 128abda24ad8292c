"""A campaign in one office (D1.3): submitted, looked over, approved as it stands by somebody else, and only ever shrinking."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk.commitment import belongs, leaf, ordered, paths, root
from sekisho.desk.messages.files import CampaignError, read_campaign
from sekisho.desk.permitting.remeasure import Remeasure
from sekisho.desk.permitting.remeasure import carry_out as remeasure
from sekisho.desk.staff import statements
from sekisho.law.campaign import Attached, Campaign, Loss, Lost, Recipient, Text, faults, identity
from sekisho.law.codec import plan_from_json
from sekisho.law.entrustment import What
from tests.desk import mailing
from tests.desk.office import Office, refused
from tests.desk.test_entrust import entrusted, move


@pytest.fixture
def office(_founded: Path, tmp_path: Path) -> Iterator[Office]:
    office = Office(_founded).copied_closed(tmp_path / "office").open()
    yield office
    office.close()


def missing(office: Office, plan: str) -> set[str]:
    """Conditions of the plan that are not met now."""
    said = office.terminal.call("plan", plan=plan)
    tried = [t for d in said["decisions"] for a in d["axes"] for t in a["tried"]]
    return {c["condition"] for t in tried for c in t["checked"] if c["answer"] != "met"}


def test_who_approves_approves_every_byte_and_every_recipient(office: Office) -> None:
    made = mailing.approved(office)
    permit = next(p for p in office.permits() if p["id"] == made["permit"])
    shown = mailing.shown(office, made["campaign"])
    assert shown["status"] == "sending"
    assert shown["digest"] == made["digest"]
    assert permit["scope"]["text_digest"] == made["digest"]
    assert permit["scope"]["recipients"] == shown["campaign"]["recipients"]


def test_who_submitted_never_approves_it(office: Office) -> None:
    """Not even with every role: at the terminal and at the console it is the same request."""
    key = office.keys["officer"]
    made = mailing.submit(office, who="officer")
    said = office.terminal.call("plan", plan=made["plan"])
    words = statements.approval(made["plan"], said["shown"], key.person, office.watch.at)
    for door in ("terminal", "show"):
        with refused("proposer-never-approves"):
            office.channel(door).call("review", approval=words, signature=key.sign(words))


def test_without_the_papers_of_people_no_permit(office: Office) -> None:
    made = mailing.submit(office)
    assert office.approve(made["plan"], "reviewer-a") == []
    assert {"not-from-a-communication", "purpose-specified", "shown-before"} <= missing(office, made["plan"])


def texts(said: Campaign, **changed: str) -> dict[str, Text]:
    return {**said.texts, "ja": replace(said.texts["ja"], **changed)}


PARTS = ("subject", "plain", "html", "attachment", "host", "since", "until", "reply_desk", "per_minute", "announcement")


@pytest.mark.parametrize("part", PARTS)
def test_another_byte_link_file_or_time_is_another_campaign(office: Office, part: str) -> None:
    said, _ = mailing.written(office)
    ja = said.texts["ja"]
    changes: dict[str, dict[str, Any]] = {
        "subject": {"texts": texts(said, subject=ja.subject + " ")},
        "plain": {"texts": texts(said, plain=ja.plain.replace("/access", "/acces5"))},
        "html": {"texts": texts(said, html=ja.html + " ")},
        "attachment": {"attachments": (Attached("timetable.csv", "text/csv", said.attachments[0].content[:-4] + "Cgo="),)},
        "host": {"hosts": (*said.hosts, "evil.example")},
        "since": {"since": said.since + timedelta(seconds=1)},
        "until": {"until": said.until + timedelta(seconds=1)},
        "reply_desk": {"reply_desk": "desk2@race.example"},
        "per_minute": {"per_minute": said.per_minute + 1},
        "announcement": {"announcement": {**said.announcement, "en": "We write."}},
    }
    assert identity(replace(said, **changes[part])) != identity(said)


def test_words_changed_in_the_records_after_approval_end_the_permit(office: Office) -> None:
    """One byte of the stored text, written past every door: the probe reads it again, and the ground is gone."""
    made = mailing.approved(office)
    with office.turn() as world:
        changed = "replace(cast(body as text), 'race.example/access', 'race.example/acces5')"
        world.db.exec_driver_sql(f"update campaigns set body = cast({changed} as blob)")
    office.watch.wind(seconds=30)
    with office.turn() as world:
        remeasure(world, Remeasure(100))
    assert next(p for p in office.permits() if p["id"] == made["permit"])["state"] != "in-force"


def test_nobody_drafts_such_a_plan_by_hand(office: Office) -> None:
    made = mailing.submit(office)
    plan = office.terminal.call("plan", plan=made["plan"])["plan"]
    key = office.keys["engineer"]
    said = replace(plan_from_json({**plan, "evidence": []}), proposer=key.person, evidence=())
    with refused("keeps-own-word"):
        office.terminal.call("propose", plan=said, signature=key.sign(said))


LEAKY = {
    "plain": "taro@mail.example に聞いてください {{check_url}} {{check_code}} {{stop_url}}",
    "html": "<img src='https://race.example/p.gif' width='1' height='1'>",
    "subject": "お知らせ\nBcc: taro@mail.example",
}


@pytest.mark.parametrize("part", sorted(LEAKY))
def test_what_would_leak_is_not_even_laid_before_anybody(office: Office, part: str) -> None:
    said, _ = mailing.written(office)
    with refused("campaign-leaks") as no:
        mailing.submit(office, texts=texts(said, **{part: LEAKY[part]}))
    assert no.value.detail["faults"][0]["where"].startswith("ja: ")
    assert "taro@mail" not in json.dumps(no.value.detail)
    assert office.terminal.call("campaigns") == []


def test_a_campaign_that_names_a_recipient_is_refused(office: Office) -> None:
    said, _ = mailing.written(office)
    with refused("campaign-leaks") as no:
        mailing.submit(office, texts=texts(said, plain="優勝は 山田 太郎 さん\n" + said.texts["ja"].plain))
    assert no.value.detail["faults"] == [{"code": "other-person", "where": "ja: plain line 1", "what": "山…"}]


ONE = Recipient("a@mail.example", "A", "ja", "00" * 32, {"number": "1"})


@pytest.mark.parametrize(
    ("people", "code"),
    [
        ((ONE, replace(ONE, mail="A@MAIL.example", salt="11" * 32)), "twice-on-the-list"),
        ((replace(ONE, mail="a@mail.example, b@mail.example"),), "no-address"),
        ((replace(ONE, mail="a@mail.example\r\nBcc: b"),), "no-address"),
        ((replace(ONE, language="fr"),), "no-text-in-language"),
        ((replace(ONE, fields={}),), "other-fields"),
        ((replace(ONE, name="b@mail.example"),), "wrong-values"),
    ],
)
def test_a_wrong_row_of_the_list_is_named_by_its_number(office: Office, people: tuple[Recipient, ...], code: str) -> None:
    with refused(code) as no:
        mailing.submit(office, people=people)
    assert no.value.detail["row"] == len(people)
    assert "mail.example" not in json.dumps(no.value.detail)


def test_other_recipients_than_were_signed_for_are_refused(office: Office) -> None:
    said, listed = mailing.written(office)
    key = office.keys["desk"]
    for others in (listed[:-1], (*listed, ONE), (replace(listed[0], name="B"), *listed[1:])):
        with refused("another-set"):
            office.terminal.call("submit-campaign", campaign=said, recipients=others, signature=key.sign(said))


def test_the_set_shrinks_with_a_reason_and_never_grows(office: Office) -> None:
    made = mailing.approved(office)
    office.watch.wind(seconds=1)
    key = office.keys["desk"]
    who = office.terminal.call("who-is-recipient", mail="Hanako@mail.example")["recipient"]
    words = Loss(made["campaign"], who, Lost.WITHDRAWN, key.person, office.watch.at)
    assert office.terminal.call("lose-recipient", loss=words, signature=key.sign(words))["waiting"] == 2
    shown = mailing.shown(office, made["campaign"])
    assert shown["counts"] == {"waiting": 2, "lost": 1}
    assert shown["losses"] == {"withdrawn": 1}
    again = replace(words, at=office.watch.at + timedelta(seconds=1))
    office.watch.wind(seconds=2)
    with refused("too-late"):
        office.terminal.call("lose-recipient", loss=again, signature=key.sign(again))
    nobody = replace(words, recipient=office.terminal.call("who-is-recipient", mail="x@y.example")["recipient"], at=office.watch.at)
    with refused("not-on-the-list"):
        office.terminal.call("lose-recipient", loss=nobody, signature=key.sign(nobody))
    assert next(p for p in office.permits() if p["id"] == made["permit"])["state"] == "in-force"


def test_words_in_somebody_elses_name_and_words_of_yesterday_take_nobody_off(office: Office) -> None:
    made = mailing.submit(office)
    who = office.terminal.call("who-is-recipient", mail="hanako@mail.example")["recipient"]
    key, other = office.keys["desk"], office.keys["officer"]
    words = Loss(made["campaign"], who, Lost.WITHDRAWN, key.person, office.watch.at)
    old = replace(words, at=words.at - timedelta(days=1))
    for said, signer, code in ((words, other, "signed-by-another"), (old, key, "waited-too-long")):
        with refused(code):
            office.terminal.call("lose-recipient", loss=said, signature=signer.sign(said))
    assert mailing.shown(office, made["campaign"])["counts"] == {"waiting": made["persons"]}


def test_addresses_lie_sealed_and_nobody_but_act_is_given_a_key(office: Office) -> None:
    made = mailing.approved(office)
    files = [p for p in office.home.rglob("*") if p.is_file()]
    assert all(b"hanako@mail" not in p.read_bytes() for p in files)
    for role in ("terminal", "show", "collect", "work", "supervisor"):
        with refused("not-for-this-role"):
            office.channel(role).call("take-batch", campaign=made["campaign"])


def test_a_contractors_campaign_stands_and_falls_with_its_row(office: Office) -> None:
    row = entrusted(office)
    made = mailing.approved(office, entrustment=row)
    move(office, row, What.SUSPENDED, "desk", reason="mails went to strangers")
    office.watch.wind(seconds=30)
    with office.turn() as world:
        remeasure(world, Remeasure(100))
    assert next(p for p in office.permits() if p["id"] == made["permit"])["state"] != "in-force"
    assert "entrustment-in-force" in missing(office, mailing.submit(office, entrustment=row)["plan"])


def test_advertising_is_another_case_and_gets_no_permit_here(office: Office) -> None:
    made = mailing.submit(office, advertising=True)
    mailing.papers(office, made["plan"])
    assert office.approve(made["plan"], "reviewer-a") == []
    assert "no-advertising" in missing(office, made["plan"])


def test_a_training_says_so_and_needs_a_sink(office: Office) -> None:
    said, _ = mailing.written(office)
    assert faults(replace(said, training=True)) == ("name", "training")
    marked = {lang: replace(t, subject=m + t.subject, plain=m + t.plain, html=t.html and m + t.html) for (lang, t), m in zip(
        sorted(said.texts.items()), ("[TRAINING]", "【訓練】"), strict=True)}  # fmt: skip
    with refused("no-training-sink"):
        mailing.submit(office, training=True, name="【訓練】" + said.name, texts=marked)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"announcement": {"ja": "x"}}, "announcement"),
        ({"hosts": ()}, "hosts"),
        ({"hosts": ("https://race.example",)}, "hosts"),
        ({"per_minute": 0}, "per_minute"),
        ({"reply_desk": "a, b"}, "reply_desk"),
        ({"attachments": (Attached("run.exe", "application/x-msdownload", "TVo="),)}, "attachments"),
        ({"attachments": (Attached("a\r\nb.csv", "text/csv", "TVo="),)}, "attachments"),
        ({"fields": ("number", "check_code")}, "fields"),
    ],
)
def test_what_is_empty_or_wrong_is_named_by_its_field(office: Office, changed: dict[str, Any], field: str) -> None:
    with refused("campaign-incomplete") as no:
        mailing.submit(office, **changed)
    assert no.value.detail["fields"] == [field]


def test_a_folder_is_read_whole_and_what_is_wrong_in_it_is_named(tmp_path: Path, office: Office) -> None:
    at = office.watch.at
    said, listed = read_campaign(mailing.NOTICE, "info@race.example", "person-1", at)
    assert len(listed) == said.persons == 3
    assert root([leaf for leaf, _ in ordered(listed)]) == said.recipients
    people = tmp_path / "people.csv"
    people.write_text("mail,name,language,number\na@mail.example,A,ja\n", encoding="utf-8")
    with pytest.raises(CampaignError) as no:
        read_campaign(mailing.NOTICE, "info@race.example", "person-1", at, people)
    assert no.value.where.endswith("people.csv line 2")
    people.write_text("mail,name\n", encoding="utf-8")
    with pytest.raises(CampaignError, match="columns must be mail, name, language, number"):
        read_campaign(mailing.NOTICE, "info@race.example", "person-1", at, people)


@given(count=st.integers(1, 40), data=st.data())
def test_everybody_of_the_set_belongs_to_it_and_nobody_else_does(count: int, data: st.DataObject) -> None:
    pairs = ordered(mailing.people(count))
    leaves = tuple(pair[0] for pair in pairs)
    number = data.draw(st.integers(0, count - 1))
    person, top = pairs[number][1], root(leaves)
    (way,) = paths(leaves, [number])
    assert leaf(person) == leaves[number]
    assert belongs(person, number, count, way, top)
    assert not belongs(replace(person, mail="x" + person.mail), number, count, way, top)
    assert not belongs(person, number, count + 1, way, root([*leaves, b"\0" * 32]))
    assert not belongs(person, number + 1, count, way, top)
    assert paths(leaves, range(count))[number] == way
    with pytest.raises(IndexError):
        paths(leaves, [count])
