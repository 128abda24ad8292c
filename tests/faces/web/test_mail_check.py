"""Whoever got a mail finds out whether it is genuine (D1.3), and nobody finds out who gets mail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from sekisho.desk import campaigns
from sekisho.desk.messages.genuine import fits, plain
from sekisho.effects.message import filled
from sekisho.effects.texts import JST
from tests.desk import mailing
from tests.desk.office import Office
from tests.faces.web.conftest import TOKEN
from tests.faces.web.html_checks import read
from tests.faces.web.mailed import Mailed, mailed_from

SUBJECT = "Race office: check-in and getting there (number A-1003)"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """An approved campaign of three, of which one waits still: it had stopped all mail when the others' left."""
    office = Office(tmp_path_factory.mktemp("checked") / "home").found()
    made = mailing.approved(office, per_minute=2)
    taken = office.channel("act").call("take-batch", campaign=made["campaign"])
    assert [p["number"] for p in taken["people"]] == [0, 1]
    office.close()
    return office.home, made["campaign"]


@pytest.fixture
def mailed(template: tuple[Path, str], tmp_path: Path) -> Iterator[Mailed]:
    with mailed_from(*template, tmp_path / "office") as found:
        found.at.office.watch.wind(minutes=1)  # a copy's clock begins anew
        yield found


def asked(mailed: Mailed, language: str = "en", client: TestClient | None = None, **typed: str) -> Any:
    return mailed.at.post("/mail/check", "/mail/check", typed, client=client or mailed.at.browser(language))


def words(answer: Any) -> str:
    return unescape(" ".join(" ".join(read(answer.text).text).split()))


def ledger_size(mailed: Mailed) -> int:
    with mailed.at.office.turn() as world:
        return int(world.log.size)


def message_ids(mailed: Mailed) -> list[str]:
    with mailed.at.office.turn() as world:
        one = campaigns.get(world, mailed.campaign)
        return [campaigns.known_as(one, leaf) for leaf in campaigns.leaves(world, mailed.campaign)]


def test_the_code_of_a_mail_however_it_is_typed_says_who_sent_it_when_from_where_and_where_its_links_lead(mailed: Mailed) -> None:
    _, code = mailed.codes[0]
    known = message_ids(mailed)[0]
    link = f"{mailed.at.office.settings.console.url}/mail/stop?code={mailed.codes[0][0]}"
    for typed in (code, code.lower().replace("-", " "), known, known.strip("<>").upper(), link):
        said = words(asked(mailed, code=typed))
        assert "Yes: we sent a mail with this code." in said, typed
        sender = mailed.at.office.settings.mail.sender
        for told in ("サンプル市民マラソン事務局", sender, "race.example", "timetable.csv", "desk@race.example"):
            assert told in said
        assert "sent from 20" in said
        assert "announced" in said
    assert "当方が送ったメールの符号です" in words(asked(mailed, "ja", code=code))


def test_a_code_that_is_nobodys_is_told_to_be_a_slip_or_no_mail_of_ours(mailed: Mailed) -> None:
    stop, code = mailed.codes[0]
    elsewhere = f"https://race-example.evil.example/mail/stop?code={stop}"
    for typed in ("AAAA-AAAA-AAAA-AAAA", "<x@y.example>", elsewhere, "http://[", stop, code[:-1], "😀", "' or 1=1 --"):
        answer = asked(mailed, code=typed)
        assert answer.status_code == 200
        assert "We know of no such mail." in words(answer), typed
        assert "Do not open its links" in words(answer)


def test_a_code_whose_mail_never_left_is_no_mails(mailed: Mailed) -> None:
    """Somebody who read the third person's code out of our records cannot use it for a mail of their own."""
    assert "We know of no such mail." in words(asked(mailed, code=mailed.codes[2][1]))
    assert "We know of no such mail." in words(asked(mailed, code=message_ids(mailed)[2]))


def test_subject_and_sender_are_compared_with_what_was_announced_and_never_said_to_prove_anything(mailed: Mailed) -> None:
    sender = mailed.at.office.settings.mail.sender
    today = mailed.at.office.watch.at.astimezone(JST).date().isoformat()
    for subject in (SUBJECT, f"Fwd: Re: {SUBJECT.upper()}", "【大会事務局】受付と交通のご案内（ナンバー Ａ-１００１）"):
        said = words(asked(mailed, subject=subject, sender=f"Race <{sender}>", day=today))
        assert "We announced a mailing like this." in said
        assert "only the check code" in said
        assert "Yes:" not in said
    wrong = words(asked(mailed, subject=SUBJECT, sender="race@evil.example"))
    assert "it does not come from the address you typed" in wrong
    assert "We announced a mailing like this." not in wrong
    assert "not for the day you typed" in words(asked(mailed, subject=SUBJECT, day="2019-01-01"))
    assert "No mailing that we announced has this subject." in words(asked(mailed, subject="Your account is locked"))


def test_nobody_learns_who_is_among_the_recipients(mailed: Mailed) -> None:
    """A subject with a recipient's own number, and one with a number that nobody has, are answered alike, byte for byte; and no address,
    name or number of anybody stands in any answer."""
    pages = []
    for number in ("A-1003", "A-9999", "", "kim@mail.example"):
        subject = SUBJECT.replace("A-1003", number)
        text = asked(mailed, subject=subject).text
        pages.append(TOKEN.sub("", text).replace(f'value="{subject}"', ""))
    assert len(set(pages)) == 1
    told = [pages[0], asked(mailed, code=mailed.codes[0][1]).text, mailed.at.stranger.get("/mail/check").text]
    for text in told:
        assert not re.search(r"mail\.example|A-10|花子|太郎|Min-jun|persons", text)


def test_everybody_reads_what_is_announced_and_that_nothing_leaves_any_more(mailed: Mailed) -> None:
    office, language = mailed.at.office, {"accept-language": "en"}
    page = words(mailed.at.stranger.get("/mail/check", headers=language))
    assert "We write to everybody who entered" in page
    assert "no more of these mails leave" not in page
    (permit,) = [p["id"] for p in office.terminal.call("permits") if p["state"] == "in-force"]
    office.withdraw(permit)
    assert "We stopped it: no more of these mails leave." in words(mailed.at.stranger.get("/mail/check", headers=language))
    office.watch.wind(days=2)
    assert "It is over: no more of these mails leave." in words(mailed.at.stranger.get("/mail/check", headers=language))
    office.watch.wind(days=90)
    assert "We announce no mails at present." in words(mailed.at.stranger.get("/mail/check", headers=language))
    assert "Yes: we sent a mail with this code." in words(asked(mailed, code=mailed.codes[0][1]))


def test_what_is_only_submitted_and_trainings_are_not_announced_and_a_coming_one_is(mailed: Mailed) -> None:
    office = mailed.at.office
    later = office.watch.at + timedelta(hours=1)
    words_of_it = {"ja": "二つ目のお知らせです。", "en": "The second notice."}
    made = mailing.submit(office, announcement=words_of_it, since=later, until=later + timedelta(days=1))
    assert "The second notice." not in mailed.at.stranger.get("/mail/check").text
    mailing.papers(office, made["plan"])
    office.approve(made["plan"], "reviewer-a")
    page = words(mailed.at.stranger.get("/mail/check", headers={"accept-language": "en"}))
    assert page.index("The second notice.") < page.index("None has left yet.") < page.index("We write to everybody who entered")


@pytest.mark.parametrize("announcement", [{}, {"ja": "お知らせします。"}, {"ja": "お知らせします。", "en": " "}])
def test_an_unannounced_mailing_is_refused(mailed: Mailed, announcement: dict[str, str]) -> None:
    """At the submission; and the probe says so to the gate, should one lie in the records all the same."""
    with pytest.raises(Exception, match="campaign-incomplete") as no:
        mailing.submit(mailed.at.office, announcement=announcement)
    assert "announcement" in str(getattr(no.value, "detail", ""))
    said, _ = mailing.written(mailed.at.office, announcement=announcement)
    assert campaigns.announcement(said) is None


def test_nothing_typed_and_no_day_are_said_and_everything_typed_stays(mailed: Mailed) -> None:
    assert asked(mailed).status_code == 422
    answer = asked(mailed, subject="hello", sender="a@b.example", day="yesterday")
    assert answer.status_code == 422
    for kept in ("hello", "a@b.example", "yesterday", "The day is not one"):
        assert kept in answer.text


def test_loading_and_sending_the_page_changes_nothing_and_who_asks_too_often_waits(mailed: Mailed) -> None:
    before = mailed.states(), mailed.entries(), ledger_size(mailed)
    mailed.at.stranger.get("/mail/check", headers={"sec-purpose": "prefetch"})
    assert mailed.at.stranger.head("/mail/check").status_code == 200
    assert mailed.at.stranger.post("/mail/check", data={"code": mailed.codes[0][1]}).status_code == 403
    busy = mailed.at.browser(sign_in_attempts=2)
    assert [asked(mailed, client=busy, code=mailed.codes[0][1]).status_code for _ in range(3)] == [200, 200, 429]
    assert (mailed.states(), mailed.entries(), ledger_size(mailed)) == before


@given(st.lists(st.text("ab :re。(", max_size=8), min_size=1, max_size=4), st.lists(st.text("ab (x", max_size=6), min_size=4, max_size=4))
@settings(max_examples=300, deadline=None)
def test_a_subject_that_was_filled_in_always_fits_its_own_template(pieces: list[str], values: list[str]) -> None:
    template = "Notice" + "".join(f"{piece}{{{{v{n}}}}}" for n, piece in enumerate(pieces)) + " end"
    subject = filled(template, {f"v{n}": value for n, value in enumerate(values)})
    assert fits(template, plain(subject))
    assert not fits(template, plain("x" + subject))
    assert not fits("{{v0}}", plain(subject))
