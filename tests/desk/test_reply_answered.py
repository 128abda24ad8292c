"""A named person answers one reply: to whoever wrote it and to nobody else, in one mail, under a permit, with nothing of others in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import SMTP as MAIL_POLICY
from pathlib import Path
from typing import Any

import dkim
import pytest

from sekisho.desk import campaigns, compare, records
from sekisho.desk.messages import reply_answer
from sekisho.law.reply import MOST_ANSWER, AnswerReply
from tests.desk import mailing
from tests.desk.office import Office, refused
from tests.desk.test_replies import PEOPLE, came, closed, entries, mails, opened, reply
from tests.effects.conftest import Sink, listening

WORDS = "Yes, on a lead.\n\nThe start is at 9:00."


@pytest.fixture(scope="module")
def sink() -> Iterator[tuple[int, Sink]]:
    sink = Sink()
    with listening(sink) as at:
        yield at.port, sink


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    return mailing.signing_key(tmp_path_factory.mktemp("dkim"))


@pytest.fixture(scope="module")
def _answering(
    _founded: Path, tmp_path_factory: pytest.TempPathFactory, sink: tuple[int, Sink], signing: tuple[Path, bytes]
) -> tuple[Path, Office]:
    """A campaign somebody replied to, and a permit to answer."""
    home = tmp_path_factory.mktemp("answering")
    office = Office(_founded).copied_closed(home / "home")
    mailing.set_up(office, sink[0], dkim_selector="s1", dkim_key=shutil.copy(signing[0], home / "dkim.pem"))
    office.open()
    mailing.submit(office, people=PEOPLE)
    mailing.may_tell(office, "reply-answer")
    office.close()
    return home, office


@pytest.fixture
def office(_answering: tuple[Path, Office], tmp_path: Path, sink: tuple[int, Sink]) -> Iterator[Office]:
    office = _answering[1].copied_closed(tmp_path / "home").open()
    sink[1].mails.clear()
    yield office
    office.close()


def answered(office: Office, name: str, words: str = WORDS, who: str = "desk") -> dict[str, Any]:
    office.watch.wind(seconds=1)
    said = AnswerReply(name, words, office.keys[who].person, office.watch.at)
    return dict(office.terminal.call("answer-reply", answer=said, signature=office.keys[who].sign(said)))


def written(office: Office, number: int = 1) -> str:
    """A reply that the desk has read."""
    name = str(came(office, reply(mails(office)[number][0]))["reply"])
    opened(office, name)
    return name


def test_the_answer_goes_to_whoever_got_the_mail_and_to_nobody_named_in_the_reply(
    office: Office, sink: tuple[int, Sink], signing: tuple[Path, bytes]
) -> None:
    name = written(office)
    to = opened(office, name)["mail"]
    answered(office, name)
    assert office.terminal.call("replies")[0]["answer"] == "waiting"
    assert office.act() == ["accepted"]
    ((_, (recipient,), raw),) = sink[1].mails
    assert recipient == to
    mail = message_from_bytes(raw, policy=MAIL_POLICY)
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert [a.addr_spec for a in mail["To"].addresses] == [to]
    assert not {"Cc", "Bcc", "References", "In-Reply-To"} & set(mail)
    assert "  Yes, on a lead.\n  \n  The start is at 9:00." in text.replace("\r\n", "\n")
    assert not [p for p in PEOPLE if p.mail != to and (p.mail in text or p.name in text)]
    assert "bring my dog" not in text, "nothing of what came in goes out"
    assert "hanako@home.example" not in text, "what a reply claims as its sender is not believed"
    assert dkim.verify(raw, dnsfunc=lambda *_args, **_more: signing[1])
    assert office.terminal.call("replies")[0]["answer"] == "accepted"
    with office.turn() as world:
        assert not list(compare.carry_out(world, compare.Compare()).differences)


def test_another_reply_to_the_answer_is_tied_to_the_same_mail(office: Office, sink: tuple[int, Sink]) -> None:
    name = written(office)
    answered(office, name)
    office.act()
    ((_, (to,), raw),) = sink[1].mails
    again = came(office, mailing.answered(raw, "Thank you"))["reply"]
    assert opened(office, again)["mail"] == to
    answered(office, again, "You are welcome.")


def test_one_reply_is_answered_once_and_only_after_somebody_read_it(office: Office) -> None:
    name = came(office, reply(mails(office)[1][0]))["reply"]
    with refused("reply-not-read"):
        answered(office, name)
    opened(office, name)
    answered(office, name)
    with refused("answered-already"):
        answered(office, name, "And another thing")
    assert len(office.act()) == 1
    closed(office, name)
    with refused("reply-gone"):
        answered(office, name)
    with refused("unknown-reply"):
        answered(office, "reply-" + "0" * 16)


@pytest.mark.parametrize("who", ["engineer", "reviewer-a", "auditor"])
def test_only_the_desk_answers(office: Office, who: str) -> None:
    name = written(office)
    with refused("wrong-role"):
        answered(office, name, who=who)
    assert office.act() == []


def test_without_its_permit_no_answer_is_taken_and_one_that_waits_is_stopped_and_may_be_given_again(
    office: Office, sink: tuple[int, Sink]
) -> None:
    (permit,) = [p["id"] for p in office.permits() if p["measure"] == "reply-answer"]
    first, second = written(office), written(office, 2)
    answered(office, first)
    office.withdraw(permit)
    assert office.act() == []
    assert {r["id"]: r["answer"] for r in office.terminal.call("replies")} == {first: "stopped", second: ""}
    with refused("no-permit"):
        answered(office, second)
    mailing.may_tell(office, "reply-answer")
    answered(office, first)
    assert (office.act(), len(sink[1].mails)) == (["accepted"], 1)
    with refused("answered-already"):
        answered(office, first)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (" \n ", "empty"),
        ("x" * (MOST_ANSWER + 1), "too-long"),
        ("See below.\n> May I bring my dog?", "quotes"),
        ("\uff1e May I?", "quotes"),
        ("Ask runner2@mail.example", "address"),
        ("Ask runner2\uff20mail.example", "address"),
        ("Yes\u202e.on", "unseen"),
        ("Yes\x1b[2J", "unseen"),
    ],
)
def test_an_answer_quotes_nobody_and_holds_no_address(words: str, why: str) -> None:
    assert reply_answer.unfit(words) == why
    assert reply_answer.unfit(WORDS) == ""


def test_what_may_not_be_sent_leaves_nothing_behind(office: Office) -> None:
    name = written(office)
    before = entries(office)
    with refused("not-an-answer"):
        answered(office, name, "> May I?")
    assert entries(office) == before


def test_nothing_of_an_answer_lies_open_on_the_disk(office: Office) -> None:
    answered(office, written(office))
    for path in office.home.rglob("*"):
        assert not path.is_file() or b"on a lead" not in path.read_bytes(), path


def test_an_order_that_carries_another_campaigns_box_opens_nothing(office: Office, sink: tuple[int, Sink]) -> None:
    answered(office, written(office))
    other = mailing.submit(office, people=mailing.people(1), name="another")["campaign"]
    with office.turn() as world:
        box = world.db.exec_driver_sql("select box from campaign_recipients where campaign = ?", (other,)).scalar()
        (row,) = records.rows(world.db, records.ORDERS, state="waiting")
        body = row["body"].replace(records.body(row)["box"].encode(), f"{campaigns.sealed_to(world, other)} {bytes(box).hex()}".encode())
        world.db.exec_driver_sql("update orders set body = ?", (body,))
    assert office.act() == ["stopped"]
    assert sink[1].mails == []
