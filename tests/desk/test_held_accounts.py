"""Who reaches the sending limit is told by mail why, until when and what to do; the help desk lifts it by the number in that mail."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP as MAIL_POLICY
from pathlib import Path
from typing import ClassVar

import pytest

from sekisho.desk import compare, records
from sekisho.desk.mail import examined
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.signed_words import SenderRestoring
from sekisho.effects.mail_counts import DAY, MailCounts
from sekisho.faces.commands import examining
from sekisho.faces.commands import mail as command
from tests.conftest import need
from tests.desk import mailing
from tests.desk.office import Office
from tests.desk.test_answer_mail import DUNNO, Server
from tests.effects.conftest import Sink, listening
from tests.faces.conftest import typed

LIMIT = 500
NUMBER = re.compile(r"^ +(\d{5} \d{5})\r?$", re.MULTILINE)


class Held(Server):
    """A limit in force, and a mail server that takes what `act` sends."""

    sink: Sink
    notice: ClassVar = ("held-sender-notice", "held-sender-notice")
    """The plan by which owners are told, and its measure."""

    def sends(self, account: str = "alice@isp.example", **more: str) -> bytes:
        return super().sends(account, **more)

    def reaches(self, account: str = "alice@isp.example") -> None:
        """The limit, and `keep` hears of it."""
        for _ in range(LIMIT):
            self.sends(account)
        assert self.sends(account) != DUNNO
        self.tell()
        self.tell()

    def may_tell(self) -> str:
        self.office.watch.wind(seconds=1)
        name, measure = self.notice
        plan = self.office.propose(name)
        self.office.supply(plan, name)
        self.office.adopt(plan, measure)
        self.office.confirm(plan)
        (permit,) = self.office.approve(plan, "reviewer-a")
        return permit

    def number(self) -> str:
        """What the owner of the newest notice reads out."""
        (found,) = NUMBER.findall(self.text(self.sink.mails[-1][2]))
        return str(found)

    def text(self, raw: bytes) -> str:
        body = message_from_bytes(raw, policy=MAIL_POLICY).get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    def restore(self, code: str, who: str = "desk", reason: str = "a newsletter of their own") -> dict[str, str]:
        self.office.watch.wind(seconds=1)
        key = self.office.keys[who]
        words = SenderRestoring(code, reason, key.person, self.office.watch.at)
        return dict(self.office.terminal.call("restore-sender", restoring=words, signature=key.sign(words)))

    def senders(self) -> list[dict[str, str]]:
        return list(self.office.terminal.call("held-senders")["senders"])


@pytest.fixture(scope="module")
def _standing(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str, Sink]]:
    sink = Sink()
    with listening(sink) as relay:
        office = Office(_founded).copied_closed(tmp_path_factory.mktemp("held") / "home")
        mailing.set_up(office, relay.port)
        office.open()
        before = Server(office, office.home / "before.db")
        permit = before.limit()
        before.counts.close()
        office.close()
        yield office.home, permit, sink


@pytest.fixture
def held(_standing: tuple[Path, str, Sink], tmp_path: Path) -> Iterator[Held]:
    home, permit, sink = _standing
    closed = Office(home).copied_closed(tmp_path / "held")
    with (closed.home / "sekisho.toml").open("a", encoding="utf-8") as stream:
        stream.write('\n[policy]\nlisten = "127.0.0.1:10031"\ndomain = "isp.example"\n')
    mailing.set_up_clock(closed)
    office = closed.open()
    sink.mails.clear()
    made = Held(office, tmp_path / "counts.db", permit)
    made.sink = sink
    made.hear()
    yield made
    made.counts.close()
    office.close()


def test_the_owner_is_told_once_why_until_when_and_what_to_do(held: Held) -> None:
    held.may_tell()
    held.reaches()
    assert held.office.act() == ["accepted"]
    ((_, (to,), raw),) = held.sink.mails
    assert to == "alice@isp.example"
    said = held.text(raw)
    for words in ("60分間に500通", "メールの中身、題名", "パスワードを変え", "Abuse desk"):
        assert words in said
    for _ in range(5):
        held.sends()
    held.tell()
    held.office.watch.wind(hours=3)
    held.hear()
    held.reaches()
    assert held.office.act() == [], "within a day nobody is told twice"
    with held.office.turn() as world:
        assert not list(compare.carry_out(world, compare.Compare()).differences)


def test_the_number_that_is_read_out_lets_that_account_send_again_and_no_other(held: Held) -> None:
    held.may_tell()
    held.reaches("alice@isp.example")
    assert held.office.act() == ["accepted"]
    number = held.number()
    held.reaches("bob@isp.example")
    assert held.sends("alice@isp.example") != DUNNO
    held.restore(number)
    held.hear()
    assert {held.sends("alice@isp.example") for _ in range(LIMIT)} == {DUNNO}
    assert held.sends("alice@isp.example") != DUNNO, "the limit stays"
    assert held.sends("bob@isp.example") != DUNNO
    states = {s["state"] for s in held.senders()}
    assert states == {"restored", "held"}
    assert next(s["reason"] for s in held.senders() if s["state"] == "restored") == "a newsletter of their own"


def test_who_comes_back_to_the_limit_after_that_is_told_again_with_another_number(held: Held) -> None:
    held.may_tell()
    held.reaches()
    assert held.office.act() == ["accepted"]
    first = held.number()
    held.restore(first)
    held.hear()
    held.office.watch.wind(seconds=5)
    held.hear()
    held.reaches()
    assert held.office.act() == ["accepted"]
    assert held.number() != first
    with pytest.raises(KeepSaidNo, match="unknown-code"):
        held.restore(first)


@pytest.mark.parametrize("code", ["", "0000000000", "12345 6789", "restore:1"])
def test_a_number_nobody_was_given_lifts_nothing(held: Held, code: str) -> None:
    held.may_tell()
    held.reaches()
    held.office.act()
    with pytest.raises(KeepSaidNo, match="unknown-code"):
        held.restore(code)


def test_who_tries_numbers_is_stopped_after_ten_and_the_right_one_waits_an_hour(held: Held) -> None:
    held.may_tell()
    held.reaches()
    held.office.act()
    for n in range(10):
        with pytest.raises(KeepSaidNo, match="unknown-code"):
            held.restore(f"{n:010d}")
    with pytest.raises(KeepSaidNo, match="too-many-codes"):
        held.restore(held.number())
    held.office.watch.wind(hours=1)
    held.restore(held.number())
    assert {s["state"] for s in held.senders()} == {"restored"}


def test_only_who_answers_the_telephone_may_lift_and_says_why(held: Held) -> None:
    held.may_tell()
    held.reaches()
    held.office.act()
    with pytest.raises(KeepSaidNo, match=r"role"):
        held.restore(held.number(), who="engineer")
    with pytest.raises(KeepSaidNo, match="no-reasons"):
        held.restore(held.number(), reason=" ")


def test_the_number_is_good_for_a_day_and_opens_no_other_door(held: Held) -> None:
    held.may_tell()
    held.reaches()
    held.office.act()
    number = held.number().replace(" ", "")
    with pytest.raises(KeepSaidNo):
        held.office.channel("show").call("withdraw-mine", code=number)
    held.office.watch.wind(days=1, minutes=1)
    with pytest.raises(KeepSaidNo, match="unknown-code"):
        held.restore(number)


def test_without_a_permit_to_tell_nobody_is_told_and_the_desk_sees_it(held: Held) -> None:
    held.reaches()
    assert held.office.act() == []
    assert [(s["state"], s["notice"]) for s in held.senders()] == [("held", "none")]
    held.may_tell()
    held.tell()
    assert held.office.act() == ["accepted"], "the permit came within the day"


def test_a_notice_is_stopped_with_its_permit(held: Held) -> None:
    permit = held.may_tell()
    held.reaches()
    held.office.withdraw(permit)
    assert held.office.act() == []
    assert held.sink.mails == []
    held.hear()
    assert held.sends() != DUNNO, "the limit has a permit of its own"


def test_the_owners_address_lies_sealed_and_is_opened_by_one_entry(held: Held) -> None:
    held.may_tell()
    held.reaches("carol.watanabe@isp.example")
    held.counts._db.execute("pragma wal_checkpoint(truncate)")
    seen = held.path.read_bytes() + b"".join(p.read_bytes() for p in held.office.settings.folder.rglob("*") if p.is_file())
    for word in (b"carol", b"watanabe"):
        assert word not in seen
    assert held.office.act() == ["accepted"]
    ((_, (to,), _raw),) = held.sink.mails
    assert to == "carol.watanabe@isp.example"


@pytest.mark.parametrize(("account", "told"), [("dave", ["dave@isp.example"]), ("eve@other.example", ["eve@other.example"])])
def test_an_account_that_is_no_address_has_the_domain_of_the_settings(held: Held, account: str, told: list[str]) -> None:
    held.may_tell()
    held.reaches(account)
    held.office.act()
    assert [to for _, tos, _ in held.sink.mails for to in tos] == told


def test_where_nobody_knows_the_owners_address_it_is_held_and_seen_and_not_told(held: Held) -> None:
    world = held.answering.world
    held.answering.world = replace(world, settings=replace(world.settings, policy=replace(world.settings.policy, domain="")))
    held.may_tell()
    held.reaches("dave")
    assert held.office.act() == []
    assert [s["notice"] for s in held.senders()] == ["none"]


def test_a_killed_process_tells_what_it_had_not_told_and_lifts_nothing_twice(held: Held) -> None:
    held.may_tell()
    for _ in range(LIMIT + 1):
        held.sends()
    again = Held(held.office, held.path, held.permit)
    again.sink = held.sink
    again.hear()
    again.tell()
    again.tell()
    assert again.office.act() == ["accepted"]
    again.restore(again.number())
    again.hear()
    for _ in range(LIMIT):
        assert again.sends() == DUNNO
    third = Held(held.office, held.path, held.permit)
    third.hear()
    assert third.sends() != DUNNO
    again.counts.close()
    third.counts.close()


def test_what_says_it_is_of_another_permit_or_of_no_form_is_not_kept(held: Held) -> None:
    held.reaches()
    at = held.office.watch.at
    said = [
        {"permit": held.permit, "token": "zz" * 16, "at": at},
        {"permit": held.permit, "token": "ab", "at": at},
        {"permit": "permit-0000000000000000", "token": "ab" * 16, "at": at},
        {"permit": held.permit, "token": "ab" * 16, "at": at - timedelta(days=2)},
    ]
    held.office.channel("policy").call("policy-told", held=said)
    assert len(held.senders()) == 1
    held.office.channel("policy").call("policy-told", held=[{"permit": held.permit, "token": "ab" * 16, "at": at, "box": "x/contact/y 00"}])
    with held.office.turn() as world:
        assert {r["box"].partition("/")[0] for r in records.rows(world.db, records.HELD_SENDERS)} == {held.permit, ""}


def test_at_the_terminal_the_help_desk_lists_and_restores(held: Held, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(command, "outside", lambda _config: nullcontext(held.office.outside("terminal")))
    held.reaches()
    untold = typed(tmp_path, "--lang", "en", "mail", "held")
    assert untold.out.startswith("At their limit  held: 1, owners told: 0, let go again: 0\n  pause-")
    assert "owner not told: no permit to tell, or no address" in untold.out
    held.may_tell()
    held.tell()
    held.office.act()
    assert "本人に通知済み" in typed(tmp_path, "mail", "held", lang="ja").out
    held.office.watch.wind(seconds=1)
    key = held.office.home / "people" / "desk.key"
    said = typed(tmp_path, "--lang", "en", "mail", "restore", held.number(), "--reason", "their own newsletter", "--key", str(key))
    assert (said.code, "Let go again: pause-" in said.out) == (0, True)
    assert json.loads(typed(tmp_path, "mail", "held", "--json").out)["senders"][0]["state"] == "restored"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("check_policy_service {{ inet:{listen}, timeout=5s, default_action=DUNNO }}", "same"),
        ("check_policy_service {{ inet:{listen}, {{ default_action = 451 4.3.5 later }} }}", "differs"),
        ("permit", "absent"),
    ],
)
def test_the_doctor_asks_a_real_question_and_reads_what_postfix_is_set_to(held: Held, line: str, said: str, tmp_path: Path) -> None:
    """A listener of ours answers; Postfix's own postconf reads its main.cf."""
    need("/usr/sbin/postconf")
    (tmp_path / "etc").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as listening_:
        listen = f"127.0.0.1:{listening_.getsockname()[1]}"
        more = f"compatibility_level = 3.6\nsmtpd_end_of_data_restrictions = {line.format(listen=listen)}\n"
        (tmp_path / "etc" / "main.cf").write_text(more, "utf-8")
        thread = threading.Thread(target=answered, args=(listening_,))
        thread.start()
        stages = {**held.office.terminal.call("mail-stages"), "listen": listen}
        found = examined.carry_out(examined.Examine(stages, tmp_path / "etc"))
        thread.join(10)
    assert (found["asked"], found["postfix"], found["owners"]) == ("well", said, "untold")
    away = examined.carry_out(examined.Examine(stages, None))
    assert (away["asked"], away["postfix"]) == ("away", "unread")


def answered(listening_: socket.socket) -> None:
    """One question, as `policy` answers one that no stage is about."""
    asked, _ = listening_.accept()
    with asked:
        asked.recv(4096)
        asked.sendall(DUNNO)


def test_the_doctor_says_what_is_wrong_in_words(held: Held, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(examining, "outside", lambda _config: nullcontext(held.office.outside("terminal")))
    said = typed(tmp_path, "--lang", "en", "doctor", "mail")
    assert said.code == 1
    for words in ("policy does not answer", "asked, nobody answered", "no permit in force tells owners"):
        assert words in said.out


def test_holds_leave_the_disk_with_their_permit(held: Held) -> None:
    held.reaches()
    held.office.withdraw(held.permit)
    held.hear()
    held.tell()
    again = MailCounts(held.path)
    assert again._held == {}
    assert again.untold(10) == []
    again.close()
    assert timedelta(days=1).total_seconds() == DAY
