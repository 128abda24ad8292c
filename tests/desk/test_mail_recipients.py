"""A stage for recipients who agreed is asked about them and nobody else; a consent taken back works with the next word of `keep`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk.mail import examined
from sekisho.desk.mail.agreeing import LONGEST, MOST, KnownAs
from sekisho.desk.mail.answer_mail import Recipients
from sekisho.desk.outside import KeepSaidNo
from sekisho.effects.greylisting import MEASURE
from sekisho.faces.commands import mail as command
from sekisho.faces.processes.policy import reply
from sekisho.law.consent import Notice
from sekisho.law.words import Act, Element, Role
from tests.conftest import need
from tests.desk.inviting import answer, invited, written
from tests.desk.office import Office
from tests.desk.test_answer_mail import DUNNO, Server, asked
from tests.desk.test_consents import record, withdraw
from tests.desk.test_looking import refused
from tests.faces.conftest import typed

BOB, CAROL = "bob@isp.example", "Carol@ISP.example"
SHOWN = "はじめての相手からあなたに届くメールを、いったん待たせます。断っても料金やサービスは変わりません。"
NOTICE = Notice("greylisting-consent", "1", hashlib.sha256(SHOWN.encode()).hexdigest(), "ja")

SAID: Mapping[str, Any] = {
    "party": Role.PARTICIPANT, "sides": frozenset({"recipient"}), "purpose": MEASURE, "notice": NOTICE,
    "elements": frozenset({Element.PARTY, Element.COUNTERPART, Element.DATETIME}), "acts": frozenset({Act.LEARN, Act.USE}),
    "audience": frozenset({"operator"}),
}  # fmt: skip


def agrees(office: Office, mail: str, shown: str = SHOWN, **changes: Any) -> str:
    """Somebody agreed to wait for first mails; the consent's id."""
    return str(record(office, shown=shown, **{**SAID, "line": mail, **changes})["consent"])


class Grey(Server):
    """A server where greylisting is permitted, and Bob agreed to it."""

    def comes(self, recipient: str, client: str = "198.51.100.7", **more: str) -> bytes:
        """A mail for that recipient from far away, as Postfix asks about it."""
        words = {"protocol_state": "RCPT", "sender": "alice@far.example", "recipient": recipient, "client_address": client, **more}
        question = asked("", **words)
        self.answering.learn(self.answering.unknown(question))
        (said,) = self.answering.answer([question])
        return said

    def stage(self) -> dict[str, Any]:
        (one,) = self.office.terminal.call("mail-stages")["stages"]
        return dict(one)


@pytest.fixture(scope="module")
def standing(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    office = Office(_founded).copied_closed(tmp_path_factory.mktemp("grey") / "home").open()
    bob = agrees(office, BOB)
    permit = office.stand("greylisting")["delay"]
    office.close()
    return office.home, permit, bob


@pytest.fixture
def grey(standing: tuple[Path, str, str], tmp_path: Path) -> Iterator[Grey]:
    home, permit, _ = standing
    office = Office(home).copied(tmp_path / "grey")
    made = Grey(office, tmp_path / "counts.db", permit)
    made.hear()
    yield made
    made.counts.close()
    office.close()


def test_where_nobody_agreed_nothing_is_permitted(founded: Office) -> None:
    assert founded.stand("greylisting") == {}


def test_a_first_mail_to_who_agreed_waits_and_every_other_mail_passes(grey: Grey) -> None:
    said = grey.comes(BOB)
    assert said.startswith(b"action=450 4.7.1 ")
    assert b"300 seconds" in said
    assert grey.comes(CAROL) == DUNNO
    assert grey.comes(BOB, sasl_username="bob") == DUNNO
    grey.office.watch.wind(seconds=300)
    grey.hear()
    assert grey.comes(BOB, client="198.51.100.99") == DUNNO


def test_an_address_is_one_however_it_is_written_and_its_extensions_are_others(grey: Grey) -> None:
    assert grey.comes("BOB@ISP.example") != DUNNO
    assert grey.comes("bob+shop@isp.example") == DUNNO


def test_a_consent_taken_back_works_with_the_next_word_and_one_given_too(grey: Grey, standing: tuple[Path, str, str]) -> None:
    agrees(grey.office, CAROL)
    grey.hear()
    assert grey.comes(CAROL) != DUNNO
    withdraw(grey.office, standing[2])
    grey.hear()
    assert grey.comes(BOB) == DUNNO
    assert grey.comes(CAROL) != DUNNO


def test_an_agreement_to_less_is_none(grey: Grey) -> None:
    agrees(grey.office, CAROL, elements=frozenset({Element.PARTY}))
    grey.hear()
    assert grey.comes(CAROL) == DUNNO


def test_nobody_is_asked_about_twice_nor_while_nobody_agreed(grey: Grey, standing: tuple[Path, str, str]) -> None:
    question = asked("", protocol_state="RCPT", recipient=CAROL)
    assert grey.answering.unknown(question) == ((grey.permit, CAROL),)
    assert grey.comes(CAROL) == DUNNO
    assert grey.answering.unknown(question) == ()
    assert [grey.answering.unknown(asked("", protocol_state="RCPT", recipient=r)) for r in ("", "x" * (LONGEST + 1))] == [(), ()]
    withdraw(grey.office, standing[2])
    grey.hear()
    assert grey.answering.unknown(asked("", protocol_state="RCPT", recipient="new@isp.example")) == ()


def test_while_keep_is_silent_a_recipient_not_asked_about_agreed_to_nothing(grey: Grey, monkeypatch: pytest.MonkeyPatch) -> None:
    def no(*_: object, **__: object) -> None:
        raise KeepSaidNo("later", {})

    monkeypatch.setattr(grey.answering.world.keep, "call", no)
    assert grey.comes(BOB) == DUNNO
    assert grey.answering.counters["later"] == 1


def test_keep_tells_no_hashes_for_a_permit_that_is_not_about_recipients_nor_for_too_many(grey: Grey) -> None:
    ask = grey.answering.world.keep.call
    assert refused(lambda: ask("policy-known-as", permit="permit-none", recipients=[BOB])) in ("unknown-permit", "not-of-recipients")
    assert refused(lambda: ask("policy-known-as", permit=grey.permit, recipients=[BOB] * (MOST + 1))) == "too-many-recipients"
    assert refused(lambda: ask("policy-known-as", permit=grey.permit, recipients=["x" * (LONGEST + 1)])) == "too-many-recipients"
    assert BOB not in repr(KnownAs(grey.permit, (BOB,)))


def test_no_recipient_is_on_the_disk_of_either_process(grey: Grey) -> None:
    for mail in (BOB, CAROL):
        grey.comes(mail)
    grey.tell()
    grey.counts._db.execute("pragma wal_checkpoint(truncate)")
    seen = grey.path.read_bytes() + b"".join(p.read_bytes() for p in grey.office.settings.folder.rglob("*") if p.is_file())
    assert BOB.encode() not in seen
    assert CAROL.lower().encode() not in seen.lower()


def test_the_stage_says_how_many_agreed_and_what_it_held_back_hour_by_hour(grey: Grey) -> None:
    for client in ("198.51.100.7", "203.0.113.7", "198.51.100.8"):
        grey.comes(BOB, client)
    grey.comes(CAROL)
    grey.tell()
    said = grey.stage()
    assert (said["agreed"], said["asked"], said["refused"], said["moment"]) == (1, 3, 3, "RCPT")
    assert [(h["asked"], h["refused"]) for h in said["hours"]] == [(3, 3)]


def test_what_is_said_to_a_stranger_is_one_line(grey: Grey) -> None:
    assert reply("grey", {"seconds": 5}).isascii()
    assert grey.comes(BOB).count(b"\n") == 2


def test_who_was_not_asked_about_for_longest_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sekisho.desk.mail.answer_mail.MOST_KNOWN", 2)
    known = Recipients()
    for name in "ab":
        known.remember("permit-a", {name: (name,)})
    assert known.get("permit-a", "a") == ("a",)
    known.remember("permit-a", {"c": ("c",)})
    assert [known.get("permit-a", n) for n in "abc"] == [("a",), (), ("c",)]
    assert known.get("permit-b", "a") == ()


def test_who_answers_on_the_page_of_a_question_with_the_code_of_their_mail_agrees_and_takes_it_back(grey: Grey) -> None:
    """The switch that needs nobody: guest1 agrees, guest2 is invited and says nothing."""
    said, _ = written(grey.office)
    assert said.asks is not None
    asks = replace(said.asks, purpose=MEASURE, acts=SAID["acts"], elements=SAID["elements"], audience=SAID["audience"])
    name, codes, _ = invited(grey.office, asks=asks)
    mails = [f"guest{n}@mail.example" for n in range(4)]
    first = answer(grey.office, name, codes[0])
    grey.hear()
    waits = [mail for mail in mails if grey.comes(mail) != DUNNO]
    assert (first["state"], len(waits)) == ("given", 1)
    assert grey.stage()["agreed"] == 2
    answer(grey.office, name, codes[0], "withdraw")
    grey.hear()
    assert grey.comes(waits[0], client="203.0.113.200") == DUNNO
    assert grey.stage()["agreed"] == 1


def test_the_terminal_says_how_many_agreed_what_waited_and_what_postfix_has_to_ask(
    grey: Grey, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = grey.office.home / "sekisho.toml"
    settings.write_text(settings.read_text("utf-8") + '\n[policy]\nlisten = "127.0.0.1:10031"\n', "utf-8")
    grey.office.reopen()
    grey.answering.world = grey.office.outside("policy")
    monkeypatch.setattr(command, "outside", lambda _config: nullcontext(grey.office.outside("terminal")))
    grey.comes(BOB)
    grey.tell()
    said = typed(tmp_path, "--lang", "en", "mail")
    assert (said.code, "recipients who agreed: 1" in said.out, "questions: 1, messages put off: 1" in said.out) == (0, True, True)
    assert "同意した受信者: 1" in typed(tmp_path, "mail", lang="ja").out
    assert typed(tmp_path, "mail", "--postfix").out == command.snippet("127.0.0.1:10031", closed=False, recipients=False)


@pytest.mark.parametrize(("end", "early", "said"), [
    ("default_action=DUNNO", "default_action=DUNNO", "same"),
    ("default_action=DUNNO", "{ default_action = 451 4.3.5 later }", "differs"),
    ("default_action=DUNNO", "", "absent"),
    ("", "default_action=DUNNO", "absent"),
])  # fmt: skip
def test_the_doctor_reads_every_moment_that_a_permit_needs(grey: Grey, tmp_path: Path, end: str, early: str, said: str) -> None:
    need("/usr/sbin/postconf")
    listen = "127.0.0.1:9"
    lines = [f"{where} = " + (f"check_policy_service {{ inet:{listen}, {down} }}" if down else "permit")
             for where, down in (("smtpd_end_of_data_restrictions", end), ("smtpd_recipient_restrictions", early))]  # fmt: skip
    (tmp_path / "main.cf").write_text("\n".join(["compatibility_level = 3.6", *lines, ""]), "utf-8")
    stages = {**grey.office.terminal.call("mail-stages"), "listen": listen}
    found = examined.carry_out(examined.Examine(stages, tmp_path))
    assert (found["asked"], found["postfix"]) == ("away", said)


def test_a_permit_that_is_withdrawn_lets_every_first_mail_pass_and_its_figures_go_on_no_further(grey: Grey) -> None:
    assert grey.comes(BOB) != DUNNO
    grey.office.withdraw(grey.permit)
    grey.hear()
    assert grey.comes(BOB) == DUNNO
    grey.tell()
    assert grey.office.terminal.call("mail-stages")["stages"] == []


def test_the_next_process_knows_who_waited_and_asks_keep_anew_who_is_who(grey: Grey) -> None:
    assert b"300 seconds" in grey.comes(BOB)
    grey.office.watch.wind(seconds=100)
    after = Grey(grey.office, grey.path, grey.permit)
    after.hear()
    assert after.answering.unknown(asked("", protocol_state="RCPT", recipient=BOB)) == ((grey.permit, BOB),)
    assert b"200 seconds" in after.comes(BOB)
    after.counts.close()


def test_what_cannot_be_written_passes_as_this_plan_declares_and_is_told(grey: Grey) -> None:
    grey.counts._db.execute("pragma query_only = 1")
    assert grey.comes(CAROL) == DUNNO
    assert grey.comes(BOB) != DUNNO, "it is put off on the word of memory, and the next write is tried again"
    grey.tell()
    assert grey.office.terminal.call("mail-stages")["state"] == "down"
    grey.counts._db.execute("pragma query_only = 0")
    grey.comes(CAROL)
    grey.tell()
    assert grey.office.terminal.call("mail-stages")["state"] == "well"
