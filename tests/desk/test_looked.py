"""Whose domain a client sends for is looked up once, for recipients who agreed alone, and forgotten after minutes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from sekisho.desk.mail import looked
from sekisho.desk.mail.looked import KEPT, KEPT_IF_UNKNOWN, Looked
from sekisho.desk.mail.names import Names
from sekisho.effects.greylisting import DOMAIN, SPF, Greylist
from sekisho.effects.sender_check import NoAnswer
from sekisho.faces.processes import policy
from sekisho.faces.processes.policy import Desk
from sekisho.wire.policy import Attributes
from tests.desk.test_answer_mail import DUNNO, asked
from tests.desk.test_mail_recipients import BOB, CAROL, Grey, grey, standing

__all__ = ["grey", "standing"]
OURS, ALSO_OURS, THEIRS = "203.0.113.9", "192.0.2.77", "198.51.100.7"


class Counting(Names):
    """Knows the machines of one domain, and how often it was asked; silent where a test says so."""

    told: list[str]
    silent = False

    def ask(self, name: str, _kind: str) -> list[Any]:
        Counting.told.append(name)
        if Counting.silent:
            raise NoAnswer
        return [(f"v=spf1 ip4:{OURS} ip4:{ALSO_OURS} -all".encode(),)] if name == "far.example" else []


@pytest.fixture(autouse=True)
def _fresh() -> None:
    Counting.told, Counting.silent = [], False


def question(client: str = OURS, recipient: str = BOB, **more: str) -> Attributes:
    who = {"sender": "alice@far.example", "client_address": client, "helo_name": "h"}
    return asked("", **{"protocol_state": "RCPT", "recipient": recipient, **who, **more})


def test_an_answer_is_remembered_for_minutes_and_a_silence_for_moments() -> None:
    at = [0.0]
    known = Looked(lambda: Counting("", 0), lambda: at[0])
    assert known.unknown(question())
    known.look(question())
    assert (known.unknown(question()), known.told(question())[DOMAIN], Counting.told) == (False, "far.example", ["far.example"])
    assert (known.unknown(question(THEIRS)), DOMAIN in known.told(question(THEIRS))) == (True, False)
    at[0] = KEPT + 1
    assert (known.unknown(question()), DOMAIN in known.told(question())) == (True, False)
    Counting.silent = True
    known.look(question())
    assert (known.unknown(question()), DOMAIN in known.told(question())) == (False, False)
    at[0] += KEPT_IF_UNKNOWN + 1
    assert known.unknown(question())


def test_who_is_not_behind_the_sender_has_no_domain() -> None:
    known = Looked(lambda: Counting("", 0))
    for client in (THEIRS, "unknown", ""):
        known.look(question(client))
        assert DOMAIN not in known.told(question(client))


def test_accounts_that_signed_in_and_settings_without_a_resolver_ask_nobody() -> None:
    assert not Looked(lambda: Counting("", 0)).unknown(question(sasl_username="alice"))
    none = Looked(None)
    none.look(question())
    assert (none.unknown(question()), none.told(question())) == (False, question())


def test_no_more_than_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looked, "MOST", 2)
    known = Looked(lambda: Counting("", 0))
    for client in (OURS, ALSO_OURS, THEIRS):
        known.look(question(client))
    assert [known.unknown(question(c)) for c in (OURS, ALSO_OURS, THEIRS)] == [True, False, False]


class Heard:
    """What came back on a connection."""

    def __init__(self) -> None:
        self.said: list[bytes] = []

    def is_closing(self) -> bool:
        return False

    def write(self, said: bytes) -> None:
        self.said.append(said)


def comes(server: Grey, *questions: Attributes) -> list[bytes]:
    """Asked on one connection of the process."""

    async def run() -> list[bytes]:
        desk, transport = Desk(server.answering), Heard()
        for one in questions:
            desk.ask(transport, one)  # type: ignore[arg-type] # as much of a transport as it needs
        for _ in range(500):
            if len(transport.said) == len(questions):
                break
            await asyncio.sleep(0.01)
        return transport.said

    return asyncio.run(run())


def test_a_large_sender_comes_back_from_any_of_its_machines(grey: Grey) -> None:
    """Looked up for a recipient who agreed, and for nobody else; in their order on one connection."""
    assert [s.stage.by for s in grey.answering.stages if isinstance(s.stage, Greylist)] == [SPF]
    grey.answering.looked = Looked(lambda: Counting("", 0))
    assert comes(grey, question(recipient=CAROL)) == [DUNNO]
    assert Counting.told == [], "she did not agree: nobody asks who writes to her"
    assert [said[7:10] for said in comes(grey, question(), question(THEIRS), question(recipient=CAROL))] == [b"450", b"450", b"DUN"]
    grey.office.watch.wind(seconds=301)
    grey.hear()
    assert comes(grey, question(ALSO_OURS)) == [DUNNO]
    assert comes(grey, question("192.0.2.99"))[0].startswith(b"action=450")
    assert Counting.told == ["far.example"] * 4


def test_strangers_whose_names_take_long_hold_up_nobody_else(grey: Grey, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few mails a second with a slow name server behind each were enough to make everybody's wait, and then pass unasked."""
    monkeypatch.setattr(policy, "LOOKED_AT_ONCE", 3)
    answers = threading.Event()

    class Slow(Counting):
        def ask(self, name: str, kind: str) -> list[Any]:
            answers.wait(20)
            return super().ask(name, kind)

    grey.answering.looked = Looked(lambda: Slow("", 0))
    grey.answering.learn(grey.answering.unknown(question()))

    async def run() -> None:
        desk, slow, other = Desk(grey.answering), [Heard() for _ in range(3)], Heard()
        for n, one in enumerate(slow):
            desk.ask(one, question(f"198.51.100.{n}"))  # type: ignore[arg-type] # as much of a transport as it needs
        await asyncio.sleep(0)
        desk.ask(other, question())  # type: ignore[arg-type] # the same
        await until(lambda: bool(other.said))
        assert ([o.said for o in slow], other.said[0][:10]) == ([[]] * 3, b"action=450"), "by its network, as long as nobody is free"
        answers.set()
        await until(lambda: all(o.said for o in slow))

    async def until(there: Callable[[], bool]) -> None:
        for _ in range(1000):
            if there():
                return
            await asyncio.sleep(0.01)

    asyncio.run(run())
    assert grey.answering.counters["not-looked-up"] == 1
