"""Opt-in that somebody asks for: a code by mail to a typed address, the same answer for every address, and nothing left of silence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP as MAIL_POLICY
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from sekisho.desk import asked, campaigns, compare, records
from sekisho.desk.campaigns import R
from sekisho.desk.optin.lapse import Lapse
from sekisho.desk.optin.lapse import carry_out as lapse
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.permitting.retire import Retire
from sekisho.desk.permitting.retire import carry_out as retire
from sekisho.store.errors import StoreError
from tests.desk import mailing
from tests.desk.asking_oneself import BROWSER, ask, may_answer
from tests.desk.inviting import SENDER, invited
from tests.desk.office import Office
from tests.effects.conftest import Sink, listening

MAIL = "volunteer@mail.example"
CODE = re.compile(r"\b\d{4} \d{4} \d{4}\b")
OWN = re.compile(r"\?own=([0-9a-f]{64})")


class Open:
    """An office with an open question, and the sink its mails end in."""

    def __init__(self, office: Office, sink: Sink) -> None:
        self.office, self.sink = office, sink
        self.question, self.codes, _ = invited(office)

    def text(self) -> str:
        """Of the one mail that went out."""
        assert self.office.act() == ["accepted"]
        ((_, (to,), raw),) = self.sink.mails
        self.sink.mails.clear()
        mail = message_from_bytes(raw, policy=MAIL_POLICY)
        assert mail["To"].addresses[0].addr_spec == to
        body = mail.get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    def answer(self, code: str, do: str = "agree", browser: str = "") -> dict[str, Any]:
        told = {"question": self.question, "code": code, "do": do, "language": "ja", "sender": SENDER, "browser": browser}
        return dict(self.office.channel("show").call("answer-question", **told))

    def no(self, code: str, browser: str = "") -> bool:
        with pytest.raises(KeepSaidNo) as why:
            self.answer(code, browser=browser)
        return why.value.code == "wrong-code"

    def consents(self) -> list[dict[str, Any]]:
        return list(self.office.terminal.call("consents", purpose="race-volunteers"))

    def level(self, receipt: str) -> int:
        return int(self.office.channel("show").call("my-consent", code=receipt)["receipt"]["@graph"][0]["sekisho:level"])

    def rows(self) -> int:
        with self.office.turn() as world:
            return records.count(world.db, records.ASKED_CODES)


@pytest.fixture(scope="module")
def _mails() -> Iterator[tuple[int, Sink]]:
    sink = Sink()
    with listening(sink) as onward:
        yield onward.port, sink


@pytest.fixture
def here(_founded: Path, tmp_path: Path, _mails: tuple[int, Sink]) -> Iterator[Open]:
    port, sink = _mails
    office = Office(_founded).copied_closed(tmp_path / "open")
    mailing.set_up(office, port)
    office.open()
    sink.mails.clear()
    yield Open(office, sink)
    office.close()


def test_the_code_of_the_mail_agrees_in_any_browser_and_the_record_says_its_level(here: Open) -> None:
    may_answer(here.office)
    assert set(ask(here.office, here.question, MAIL)) == {"until"}
    assert here.consents() == []
    (code,) = set(CODE.findall(here.text()))
    assert here.consents() == []
    assert here.no("0000 0000 0000")
    given = here.answer(code)
    assert given["state"] == "given"
    assert here.answer(code) == given
    (row,) = here.consents()
    assert row["state"] == "given"
    assert here.level(given["receipt"]) == 3
    assert here.level(here.answer(here.codes[0])["receipt"]) == 2
    assert here.answer(code, "withdraw")["state"] == "withdrawn"
    with here.office.turn() as world:
        assert not list(compare.carry_out(world, compare.Compare()).differences)


def test_the_link_of_the_mail_agrees_only_in_the_browser_that_asked(here: Open) -> None:
    may_answer(here.office)
    ask(here.office, here.question, MAIL)
    own = OWN.findall(here.text())[0]
    for other in ("", "c" * 43, BROWSER[1:]):
        assert here.no(own, other)
    assert here.no("", BROWSER)
    assert here.consents() == []
    given = here.answer(own, browser=BROWSER)
    assert (given["state"], here.level(given["receipt"])) == ("given", 3)


def test_without_a_cookie_only_the_code_agrees(here: Open) -> None:
    may_answer(here.office)
    ask(here.office, here.question, MAIL, browser="")
    text = here.text()
    assert here.no(OWN.findall(text)[0], "")
    assert here.answer(CODE.findall(text)[0])["state"] == "given"


def test_the_answer_is_the_same_for_every_address_and_whoever_stopped_our_mails_gets_none(here: Open) -> None:
    may_answer(here.office)
    stopped, known = "guest0@mail.example", "guest1@mail.example"
    with here.office.turn() as world:
        leaf = world.db.execute(select(R.c.leaf).where(R.c.pseudonym == campaigns.pseudonym(world, stopped))).scalar_one()
        stop = campaigns.stop_code(world, here.question, leaf)
    here.office.channel("show").call("stop-mail-one-press", code=stop)
    answers = [ask(here.office, here.question, mail) for mail in (stopped, known, "nobody@elsewhere.example")]
    assert len({str(a) for a in answers}) == 1
    here.office.act()
    assert sorted(to for _, (to,), _ in here.sink.mails) == [known, "nobody@elsewhere.example"]


def test_one_address_gets_a_few_mails_a_day_and_the_answer_does_not_say_so(here: Open) -> None:
    may_answer(here.office)
    answers = {str(ask(here.office, here.question, m)) for m in [MAIL] * 5 + [MAIL.upper()]}
    assert len(answers) == 1
    here.office.act()
    assert len(here.sink.mails) == asked.MOST_TO_ONE


def test_one_network_asks_so_often_an_hour_and_another_is_not_hindered(here: Open) -> None:
    may_answer(here.office)
    for n in range(asked.MOST_FROM_ONE):
        ask(here.office, here.question, f"p{n}@mail.example", sender={"address": f"192.0.2.{n}", "port": 1})
    with pytest.raises(KeepSaidNo) as why:
        ask(here.office, here.question, MAIL)
    assert why.value.code == "asked-too-often"
    ask(here.office, here.question, MAIL, sender={"address": "198.51.100.1", "port": 1})
    here.office.watch.wind(hours=1, seconds=1)
    ask(here.office, here.question, MAIL)


def test_of_a_request_that_nobody_confirms_nothing_is_left_after_a_day(here: Open) -> None:
    """No row, no code that is good, no key for the address in the order; of one that was confirmed the consent stays."""
    may_answer(here.office)
    ask(here.office, here.question, MAIL)
    code = CODE.findall(here.text())[0]
    with here.office.turn() as world:
        (order,) = [records.body(r) for r in records.rows(world.db, records.ORDERS) if "asked" in records.body(r)]
        key = order["box"].partition(" ")[0]
        assert MAIL not in str(order)
    here.office.watch.wind(hours=24, seconds=1)
    assert here.no(code)
    with here.office.turn() as world:
        retire(world, Retire())
        assert lapse(world, Lapse()) == 1
        with pytest.raises(StoreError):
            world.vault.public_half(key, world.clock.now() + timedelta(days=1))
    assert here.rows() == 0
    assert here.consents() == []


@pytest.mark.parametrize("bad", ["", "nobody", "a b@mail.example", "a@mail.example,b@mail.example", "a@mail.example\r\nBcc: x@y.example"])
def test_what_is_no_address_is_refused_before_anything_is_kept(here: Open, bad: str) -> None:
    may_answer(here.office)
    with pytest.raises(KeepSaidNo) as why:
        ask(here.office, here.question, bad)
    assert (why.value.code, here.rows()) == ("no-address", 0)


def test_without_a_permit_for_this_purpose_nothing_can_be_asked_for(here: Open) -> None:
    shown = here.office.channel("show").call("question", question=here.question)
    assert shown["open"] is False
    with pytest.raises(KeepSaidNo) as why:
        ask(here.office, here.question, MAIL)
    assert (why.value.code, here.rows()) == ("not-open", 0)
    may_answer(here.office)
    assert here.office.channel("show").call("question", question=here.question)["open"] is True
