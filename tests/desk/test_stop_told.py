"""A program pressed "unsubscribe": the person is told once, under a permit, through a real Postfix, and one reply undoes it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY
from pathlib import Path

import dkim
import pytest

from sekisho.desk import campaigns, compare, records
from sekisho.desk.messages.answer import Understood, understood
from sekisho.desk.outside import KeepSaidNo
from sekisho.faces.words.campaign import AGAIN
from tests.desk import mailing
from tests.desk.office import Office
from tests.effects.conftest import Sink, listening
from tests.postfix import postfix


class Told:
    """An office with a campaign nobody sent yet, its mail server, and the codes of each of its mails."""

    def __init__(self, office: Office, sink: Sink) -> None:
        self.office, self.sink = office, sink
        self.campaign = mailing.approved(office, people=mailing.people(3))["campaign"]
        with office.turn() as world:
            leaves = campaigns.leaves(world, self.campaign)
            self.codes = [(campaigns.stop_code(world, self.campaign, x), campaigns.check_code(world, self.campaign, x)) for x in leaves]

    def press(self, number: int) -> None:
        self.office.channel("show").call("stop-mail-one-press", code=self.codes[number][0])

    def mails(self, count: int) -> list[tuple[str, list[str], bytes]]:
        for _ in range(300):
            if len(self.sink.mails) >= count:
                break
            time.sleep(0.1)
        taken, self.sink.mails[:] = list(self.sink.mails), []
        return taken

    def stopped(self) -> int:
        with self.office.turn() as world:
            return len(campaigns.stopped(world))

    def reply(self, code: str) -> bool:
        return bool(self.office.terminal.call("mail-again-by-reply", code=code)["undone"])


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[int, Sink]]:
    sink = Sink()
    with listening(sink) as onward, postfix(onward.port, 200_000) as running:
        yield running.port, sink


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    return mailing.signing_key(tmp_path_factory.mktemp("dkim"))


@pytest.fixture
def told(_founded: Path, tmp_path: Path, server: tuple[int, Sink], signing: tuple[Path, bytes]) -> Iterator[Told]:
    port, sink = server
    office = Office(_founded).copied_closed(tmp_path / "told")
    mailing.set_up(office, port, dkim_selector="s1", dkim_key=shutil.copy(signing[0], tmp_path / "dkim.pem"))
    office.open()
    sink.mails.clear()
    yield Told(office, sink)
    office.close()


def test_one_mail_says_that_it_was_one_press_and_one_reply_takes_it_back(told: Told) -> None:
    mailing.may_tell(told.office)
    told.press(0)
    assert told.stopped() == 1
    assert told.office.act() == ["accepted"]
    ((_, (to,), raw),) = told.mails(1)
    mail = message_from_bytes(raw, policy=MAIL_POLICY)
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert mail["To"].addresses[0].addr_spec == to
    assert mail["Reply-To"] == "desk@race.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    stop, check = told.codes[0]
    for said in (f"/mail/stop?code={stop}", check, "/mail/check", "again" if mail["Content-Language"] == "en" else "再開"):
        assert said in text
    assert told.codes[1][1] not in text
    found = understood(mailing.answered(raw, "Again!" if mail["Content-Language"] == "en" else "「再開」"), AGAIN)
    assert found == Understood(check)
    assert told.reply(found.code)
    assert told.stopped() == 0
    assert told.office.act() == []
    with told.office.turn() as world:
        assert not list(compare.carry_out(world, compare.Compare()).differences)


def test_the_mail_that_tells_is_signed_and_without_its_key_it_waits(told: Told, tmp_path: Path, signing: tuple[Path, bytes]) -> None:
    mailing.may_tell(told.office)
    told.press(0)
    key = (tmp_path / "dkim.pem").rename(tmp_path / "elsewhere.pem")
    assert told.office.act() == ["deferred"]
    (tmp_path / "dkim.pem").write_text("no key", encoding="ascii")
    assert told.office.act() == ["deferred"]
    key.rename(tmp_path / "dkim.pem")
    assert told.office.act() == ["accepted"]
    ((_, _, raw),) = told.mails(1)
    assert dkim.verify(raw, dnsfunc=lambda *_args, **_more: signing[1])
    for header in (b"Subject: ", b"Reply-To: ", b"Auto-Submitted: "):
        assert not dkim.verify(raw.replace(header, header + b"x"), dnsfunc=lambda *_args, **_more: signing[1]), header


def test_without_a_living_permit_nobody_is_told_and_the_stop_counts_all_the_same(told: Told) -> None:
    told.press(0)
    assert (told.stopped(), told.office.act()) == (1, [])
    permit = mailing.may_tell(told.office)
    told.press(1)
    told.office.withdraw(permit)
    assert (told.stopped(), told.office.act()) == (2, [])
    told.press(2)
    assert (told.stopped(), told.office.act(), told.mails(0)) == (3, [], [])


def test_what_a_person_stopped_with_the_code_of_the_text_is_not_told_and_no_reply_undoes_it(told: Told) -> None:
    mailing.may_tell(told.office)
    stop, check = told.codes[0]
    told.office.channel("show").call("stop-my-mail", code=stop, typed=check)
    assert (told.stopped(), told.office.act()) == (1, [])
    assert not told.reply(check)
    assert not told.reply("AAAA-AAAA-AAAA-AAAA")
    assert told.stopped() == 1


def test_one_address_is_told_once_a_day_however_often_it_is_pressed(told: Told) -> None:
    mailing.may_tell(told.office)
    for _ in range(3):
        told.press(0)
        told.press(0)
        told.office.channel("show").call("mail-again", code=told.codes[0][0], typed=told.codes[0][1])
    assert told.office.act() == ["accepted"]
    told.office.watch.wind(days=1, minutes=1)
    told.press(0)
    assert told.office.act() == ["accepted"]


def test_the_plan_is_bound_by_the_node_and_words_of_ones_own_are_refused(told: Told) -> None:
    made = mailing.may_tell(told.office)
    permit = next(p for p in told.office.permits() if p["id"] == made)
    assert (permit["scope"]["times"], permit["scope"]["stops"], permit["scope"]["text"]) == (1, ["one-press"], "stop-notice@1")
    draft, key = told.office.draft("stop-notice"), told.office.keys["engineer"]
    object.__setattr__(draft.plan, "scope", {**draft.plan.scope, "text_digest": "0" * 64})
    with pytest.raises(KeepSaidNo) as no:
        told.office.terminal.call("propose", plan=draft.plan, signature=key.sign(draft.plan))
    assert no.value.code == "keeps-own-word"


def test_an_order_opens_the_address_of_its_own_recipient_and_no_other(told: Told) -> None:
    """Somebody who writes in the records puts another's box into an order: `keep` releases no key for a key of another campaign."""
    mailing.may_tell(told.office)
    told.press(0)
    other = mailing.approved(told.office, people=mailing.people(1), name="another")["campaign"]
    with told.office.turn() as world:
        box = world.db.exec_driver_sql("select box from campaign_recipients where campaign = ?", (other,)).scalar()
        (row,) = records.rows(world.db, records.ORDERS, state="waiting")
        body = row["body"].replace(records.body(row)["box"].encode(), f"{campaigns.sealed_to(world, other)} {bytes(box).hex()}".encode())
        world.db.exec_driver_sql("update orders set body = ?", (body,))
    assert told.office.act() == ["stopped"]
    assert told.mails(0) == []


CHECK = "ABCD-EFGH-2345-67AB"
SUBJECT = f"Re: We stopped our mails to you: was that you? ({CHECK})"


def reply(first: str, subject: str = SUBJECT, html: str = "", **headers: str) -> bytes:
    mail = EmailMessage(policy=MAIL_POLICY)
    mail["Subject"] = subject
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(html or f"{first}\n\n> again\n", subtype="html" if html else "plain")
    return mail.as_bytes()


@pytest.mark.parametrize("word", ["again", "Again.", "AGAIN", "\n\n  ａｇａｉｎ", "再開", "「再開」", " 再開。"])
def test_the_one_word_in_the_first_line_is_understood_however_it_is_written(word: str) -> None:
    assert understood(reply(word), AGAIN) == Understood(CHECK)


def test_a_reply_of_html_alone_is_read_line_by_line() -> None:
    assert understood(reply("", html="<style>p{}</style><div>again</div><blockquote>We stopped</blockquote>"), AGAIN).code == CHECK
    assert understood(reply("", html="<div>not again</div>"), AGAIN).why == "no-word"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (reply("Thank you, I am away until Monday."), "no-word"),
        (reply(""), "no-word"),
        (reply("do not send me again"), "no-word"),
        (reply("again", subject="Re: hello"), "no-code"),
        (reply("again", Auto_Submitted="auto-replied"), "machine"),
        (reply("again", Auto_Submitted="auto-generated; x=y"), "machine"),
        (reply("again", Precedence="bulk"), "machine"),
        (reply("again", X_Autoreply="yes"), "machine"),
        (reply("again", Return_Path="<>"), "machine"),
        (b"\xff\xfe", "no-code"),
        (b"", "no-code"),
        (b"Subject: " + CHECK.encode() + b"\r\nContent-Type: text/plain; charset=no-such\r\n\r\nagain", "no-mail"),
    ],
)
def test_machines_and_replies_without_the_word_undo_nothing(raw: bytes, why: str) -> None:
    assert understood(raw, AGAIN) == Understood(why=why)


def test_the_words_of_the_mail_itself_quoted_back_undo_nothing(told: Told) -> None:
    """An auto-responder that sends the whole mail back, without a header that says what it is."""
    mailing.may_tell(told.office)
    told.press(0)
    told.office.act()
    ((_, _, raw),) = told.mails(1)
    mail = message_from_bytes(raw, policy=MAIL_POLICY)
    body = mail.get_body(("plain",))
    assert body is not None
    back = EmailMessage(policy=MAIL_POLICY)
    back["Subject"] = f"Auto: {mail['Subject']}"
    back.set_content(body.get_content())
    assert understood(back.as_bytes(), AGAIN).why == "no-word"
