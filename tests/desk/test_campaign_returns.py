"""Mails of a campaign come back through a real Postfix: tied to the one mail, counted, left out of the next; forged ones change nothing."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from sekisho.desk import compare
from sekisho.desk.config import ConfigError, read_settings
from sekisho.desk.messages import returned
from sekisho.desk.outside import KeepSaidNo
from sekisho.faces.processes.returns import Reader
from sekisho.law.campaign import Reachable
from tests.desk import mailing
from tests.desk.office import Office
from tests.desk.test_campaign_sending import Post, killable, wait_for
from tests.effects.conftest import Sink, listening
from tests.postfix import Running, postfix

ENDLESS = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(3000)).encode()
"""A mail in a mail in a mail: whoever reads it runs out of stack."""


class Choosy(Sink):
    """A server that has some mailboxes and not others."""

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802 - the name aiosmtpd calls
        no = {"hanako@other.example": "550 5.1.1 no such person", "taro@other.example": "552 5.2.2 mailbox full"}
        return no.get(address) or await super().handle_RCPT(server, session, envelope, address, options)


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Running, Sink]]:
    sink = Choosy()
    with listening(sink) as onward, postfix(onward.port, 200_000) as running:
        yield running, sink


@pytest.fixture
def post(_founded: Path, tmp_path: Path, server: tuple[Running, Sink]) -> Iterator[Post]:
    running, sink = server
    office = Office(_founded).copied_closed(tmp_path / "post")
    mailing.set_up(office, running.port, log=running.log, postfix=running.at / "etc", settle_seconds=1, returns=running.returns)
    office.open()
    sink.mails.clear()
    for path in running.returns.glob("*/*"):
        path.unlink()
    yield Post(office, running, sink)
    office.close()


def read(post: Post) -> dict[str, int]:
    with Reader() as reader:
        return dict(returned.carry_out(post.office.outside("act"), returned.ReadReturns(reader)))


def came(post: Post, count: int) -> list[Path]:
    """The first so many files in the mailbox of returns."""
    for _ in range(600):
        if len(found := list((post.server.returns / "new").iterdir())) >= count:
            return found
        time.sleep(0.1)
    pytest.fail("nothing came back within a minute")


def people(*mails: str) -> tuple[mailing.Recipient, ...]:
    return tuple(replace(person, mail=mail) for person, mail in zip(mailing.people(len(mails)), mails, strict=True))


def test_what_comes_back_is_tied_to_its_mail_and_a_gone_address_is_left_out_next_time(post: Post) -> None:
    listed = people("here@mail.example", "hanako@other.example", "taro@other.example")
    made = mailing.approved(post.office, people=listed)
    assert post.send() == {"accepted": 3}
    ((sender, (to,), raw),) = post.arrived(1)
    assert to == "here@mail.example"
    assert re.fullmatch(r"notice\+[a-z2-7]{34}@example\.net", sender)
    assert sender.encode() not in raw, "the return address stands on the envelope only"
    came(post, 2)
    assert read(post) == {"failed": 2}
    assert list(post.server.returns.glob("*/*")) == [], "nothing of it is kept"
    assert mailing.shown(post.office, made["campaign"])["counts"] == {"accepted": 1, "bounced": 2}
    following = mailing.shown(post.office, mailing.submit(post.office, people=listed, name="the next one")["campaign"])
    assert following["losses"] == {"bounced": 1}, "who has a full mailbox is tried again"
    assert following["counts"] == {"waiting": 2, "lost": 1}
    post.office.watch.wind(days=181)
    much_later = mailing.shown(post.office, mailing.submit(post.office, people=listed, name="much later")["campaign"])
    assert much_later["counts"] == {"waiting": 3}


def test_an_address_that_is_good_after_all_is_mailed_again_by_one_signature_with_a_reason(post: Post) -> None:
    """What came back stays written down; what comes back later counts anew; nobody's word is taken for an address without the mark."""
    office, listed = post.office, people("hanako@other.example")
    made = mailing.approved(office, people=listed)
    assert post.send() == {"accepted": 1}
    came(post, 1)
    assert read(post) == {"failed": 1}
    assert mailing.shown(office, mailing.submit(office, people=listed, name="left out")["campaign"])["losses"] == {"bounced": 1}
    who = office.terminal.call("who-is-recipient", mail="hanako@other.example")["recipient"]
    for signer, pseudonym, reason, code in (
        ("desk", who, " ", "reason-missing"),
        ("desk", "0" * 64, "she wrote to us", "not-marked"),
        ("engineer", who, "she wrote to us", "wrong-role"),
        ("desk", who, "she wrote to us", ""),
        ("desk", who, "once more", "not-marked"),
    ):
        office.watch.wind(seconds=1)
        key = office.keys[signer]
        said = Reachable(pseudonym, reason, key.person, office.watch.at)
        with pytest.raises(KeepSaidNo) if code else nullcontext() as no:
            office.terminal.call("end-return", reachable=said, signature=key.sign(said))
        assert not code or no.value.code == code
    assert mailing.shown(office, made["campaign"])["counts"] == {"bounced": 1}
    again = mailing.approved(office, people=listed, name="again")
    assert mailing.shown(office, again["campaign"])["counts"] == {"waiting": 1}
    post.arrived(0)
    assert post.send() == {"accepted": 1}
    came(post, 1)
    assert read(post) == {"failed": 1}
    assert mailing.shown(office, mailing.submit(office, people=listed, name="gone for good")["campaign"])["losses"] == {"bounced": 1}
    with office.turn() as world:
        assert not list(compare.carry_out(world, compare.Compare()).differences)


def test_a_forged_notice_changes_nothing_and_lies_there_for_a_person(post: Post) -> None:
    made = mailing.approved(post.office, people=people("here@mail.example"))
    assert post.send() == {"accepted": 1}
    ((sender, _, _),) = post.arrived(1)
    code = sender.partition("+")[2].partition("@")[0]
    notice = "Return-Path: <>\nX-Original-To: notice+{}@example.net\nContent-Type: text/plain\n\n550 5.1.1 no such user\n"
    forged = [("a" if code[-2] != "a" else "b").join((code[:-2], code[-1])), "q" + code[1:], "a" * 34, "", "x"]
    for number, other in enumerate(forged):
        (post.server.returns / "new" / f"{number}.forged").write_text(notice.format(other), encoding="ascii")
    assert read(post) == {"foreign": len(forged)}
    assert mailing.shown(post.office, made["campaign"])["counts"] == {"accepted": 1}
    assert len(list((post.server.returns / "cur").iterdir())) == len(forged)
    (post.server.returns / "new" / "9.true").write_text(notice.format(code.upper()), encoding="ascii")
    assert read(post) == {"failed": 1}
    assert mailing.shown(post.office, made["campaign"])["counts"] == {"bounced": 1}


def test_an_automatic_answer_and_a_delay_leave_a_mail_where_it_stood(post: Post) -> None:
    made = mailing.approved(post.office, people=people("here@mail.example"))
    assert post.send() == {"accepted": 1}
    ((sender, _, _),) = post.arrived(1)
    top = f"Return-Path: <>\nX-Original-To: {sender}\n"
    (post.server.returns / "new" / "1.away").write_text(f"{top}Auto-Submitted: auto-replied\n\nAway. 550 5.1.1\n", encoding="ascii")
    status = "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nAction: delayed\nStatus: 4.4.1\n"
    (post.server.returns / "new" / "2.late").write_text(top + status, encoding="ascii")
    (post.server.returns / "new" / "3.link").symlink_to("/etc/hostname")
    assert read(post) == {"other": 1, "delayed": 1}
    assert mailing.shown(post.office, made["campaign"])["counts"] == {"accepted": 1}
    assert [p.name for p in (post.server.returns / "cur").iterdir()] == ["1.away:2,"], "somebody wrote: a person reads it"
    assert (post.server.returns / "new" / "3.link").is_symlink(), "a link is never followed"


def test_the_confined_process_reads_the_mailbox_by_itself_and_outlives_a_mail_that_its_reader_dies_of(post: Post, tmp_path: Path) -> None:
    made = mailing.approved(post.office, people=people("hanako@other.example"))
    assert post.send() == {"accepted": 1}
    came(post, 1)
    (post.server.returns / "new" / "0.endless").write_bytes(ENDLESS)
    with killable(post.office, tmp_path) as (act, _):
        wait_for(lambda: mailing.shown(post.office, made["campaign"])["counts"] == {"bounced": 1}, 60)
        wait_for(lambda: [p.name for p in post.server.returns.glob("*/*")] == ["0.endless:2,"], 60)
        assert act.poll() is None


def test_a_sender_that_leaves_no_room_for_the_code_is_refused_when_settings_are_read(post: Post) -> None:
    settings = post.office.home / "sekisho.toml"
    said = settings.read_text(encoding="utf-8").replace("notice@example.net", f"{'n' * 30}@example.net")
    settings.write_text(said, encoding="utf-8")
    with pytest.raises(ConfigError) as no:
        read_settings(settings)
    assert (no.value.where, no.value.code) == ("mail.returns", "sender-too-long")
    settings.write_text(said.replace("n" * 30, "n" * 29), encoding="utf-8")
    assert len(read_settings(settings).mail.sender.partition("@")[0]) + len("+") + 34 == 64


def test_without_a_mailbox_for_returns_mails_leave_from_the_sender_itself(post: Post) -> None:
    settings = post.office.home / "sekisho.toml"
    kept = [line for line in settings.read_text(encoding="utf-8").splitlines() if not line.startswith("returns = ")]
    settings.write_text("\n".join(kept), encoding="utf-8")
    mailing.approved(post.office, people=people("here@mail.example"))
    assert post.send() == {"accepted": 1}
    ((sender, _, _),) = post.arrived(1)
    assert sender == "notice@example.net"
    assert read(post) == {}
