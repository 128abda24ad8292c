"""One order, one effect, against a real mail server on loopback: what is not permitted this very moment is not sent."""

from __future__ import annotations

import asyncio
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes, policy
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from sekisho.desk import records
from sekisho.desk.flows.carry_out import CarriedOut, CarryOut, carry_out
from sekisho.desk.flows.order import Waiting
from sekisho.desk.outside import KeepIsGone, Outside
from sekisho.faces.unsafe import demo as unsafe_demo
from sekisho.gate.permit import SignedPermit
from sekisho.law.canonical import canonical
from sekisho.law.reading import read
from tests.desk.office import Channel, Office
from tests.desk.test_looking import MAILS, contact, of
from tests.desk.test_looking import ordered as looked_up


@dataclass
class Server:
    """What a mail server was told; `answers` maps a command to what it says instead of yes; `when` is called at a command."""

    answers: dict[str, str] = field(default_factory=dict)
    when: dict[str, Callable[[], object]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    mails: list[tuple[list[str], str]] = field(default_factory=list)
    port: int = 0

    def _say(self, command: str, yes: str) -> str:
        self.told.append(command)
        self.when.get(command, lambda: None)()
        return self.answers.get(command, yes)

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:  # noqa: N802 - the name aiosmtpd calls
        said = self._say("RCPT", "250 OK")
        if said.startswith("2"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - the name aiosmtpd calls
        said = self._say("DATA", "250 2.0.0 taken")
        if said.startswith("2"):
            mail = message_from_bytes(bytes(envelope.original_content or b""), policy=policy.default)
            self.mails.append(([str(to) for to in envelope.rcpt_tos], str(mail["To"]) + "\n\n" + mail.get_content()))
        return said


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    controller = Controller(one, hostname="127.0.0.1", port=unsafe_demo.free_port())
    controller.start()
    one.port = int(controller.port)
    yield one
    controller.stop()


@pytest.fixture(scope="session")
def _ordered(_found: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = Office(_found).copied_closed(tmp_path_factory.mktemp("ordered") / "home").open()
    looked_up(office)
    office.close()
    return office.home


@pytest.fixture
def noticing(_ordered: Path, tmp_path: Path) -> Iterator[Office]:
    """Three orders wait for `act`."""
    office = Office(_ordered).copied_closed(tmp_path / "noticing").open()
    yield office
    office.close()


def ordered(office: Office) -> list[Waiting]:
    return [read(Waiting, w) for w in office.channel("act").call("orders")]


@dataclass
class Wire:
    """The channel of `act`; the test decides before which call `keep` falls silent."""

    channel: Channel
    silent: str = ""
    asked: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def call(self, method: str, **params: object) -> Any:
        with self.lock:
            self.asked.append((method, params))
            if method == self.silent:
                raise KeepIsGone(method)
            return self.channel.call(method, **params)


def actor(office: Office, server: Server, silent: str = "", texts: Path | None = None) -> tuple[Outside, Wire]:
    """What `act` stands on, with this server as the operator's."""
    outside, wire = office.outside("act"), Wire(office.channel("act"), silent)
    settings = replace(outside.settings, mail=replace(outside.settings.mail, port=server.port), texts=texts or outside.settings.texts)
    return replace(outside, settings=settings, keep=wire), wire


def carried(office: Office, server: Server, waiting: Waiting, silent: str = "", texts: Path | None = None) -> CarriedOut:
    return asyncio.run(carry_out(actor(office, server, silent, texts)[0], CarryOut(waiting)))


def done(office: Office, waiting: Waiting, said: CarriedOut) -> None:
    office.channel("act").call("done", order=waiting.id, outcome=said.outcome, reply=said.reply)


def order_state(office: Office, waiting: Waiting) -> tuple[str, str]:
    with office.turn() as world:
        row = records.one(world.db, records.ORDERS, id=waiting.id) or {}
    return str(row["state"]), str(row["letter"])


def permit_id(waiting: Waiting) -> str:
    return str(re.search(rb'"id":"(permit-[0-9a-f]+)"', waiting.permit.body)[1].decode())  # type: ignore[index] # every permit has one


# Sent


def test_an_order_is_one_mail_to_one_recipient(noticing: Office, server: Server) -> None:
    for waiting in ordered(noticing):
        said = carried(noticing, server, waiting)
        assert (said.outcome, said.reply) == ("accepted", 250)
        done(noticing, waiting, said)
    assert sorted(to for (to,), _ in server.mails) == sorted(MAILS.values())
    assert noticing.channel("act").call("orders") == []


def test_nobodys_address_but_the_recipients_stands_in_a_mail(noticing: Office, server: Server) -> None:
    for waiting in ordered(noticing):
        carried(noticing, server, waiting)
    for (to,), text in server.mails:
        assert to in text
        assert not [m for m in MAILS.values() if m != to and m in text]


def test_the_mail_says_what_the_order_says_to_the_person_in_their_language(noticing: Office, server: Server) -> None:
    waiting = next(w for w in ordered(noticing) if contact(noticing, w).language == "en")
    carried(noticing, server, waiting)
    ((_, text),) = server.mails
    assert "Tom O'Brien" in text
    for name in ("reference", "first_seen", "last_seen", "contacts"):
        assert waiting.params[name] in text


def test_the_code_in_the_mail_is_the_one_whose_digest_keep_was_told(noticing: Office, server: Server) -> None:
    """And it is told nowhere else: `keep` holds the digest, the subscriber the code."""
    waiting = ordered(noticing)[0]
    world, wire = actor(noticing, server)
    asyncio.run(carry_out(world, CarryOut(waiting)))
    code = re.search(r"/line\?code=([A-Za-z0-9_-]+)", server.mails[0][1])
    assert code is not None
    told = {str(p["letter"]) for m, p in wire.asked if m == "begin"}
    assert told == {sha256(code[1].encode()).hexdigest()}
    assert order_state(noticing, waiting) == ("begun", told.pop())
    assert code[1] not in str(wire.asked)
    assert noticing.terminal.call("my-line", code=code[1])["notices"]


def test_two_letters_never_have_one_code(noticing: Office, server: Server) -> None:
    for waiting in ordered(noticing):
        carried(noticing, server, waiting)
    assert len({re.search(r"code=(\S+)", text)[1] for _, text in server.mails}) == 3  # type: ignore[index] # each has one


def test_a_sent_order_carried_out_again_is_stopped(noticing: Office, server: Server) -> None:
    """An `act` that forgot: `keep` says no before the message."""
    waiting = ordered(noticing)[0]
    done(noticing, waiting, carried(noticing, server, waiting))
    assert carried(noticing, server, waiting).outcome == "stopped"
    assert len(server.mails) == 1


def test_an_order_begun_and_not_answered_for_is_not_sent_with_another_letter(noticing: Office, server: Server) -> None:
    waiting = ordered(noticing)[0]
    carried(noticing, server, waiting)
    assert carried(noticing, server, waiting).outcome == "stopped"
    assert len(server.mails) == 1


# Stopped


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_text_changed_since_it_was_adopted_is_not_sent(noticing: Office, server: Server, tmp_path: Path, language: str) -> None:
    """In any of its languages, by a single space."""
    waiting, texts = ordered(noticing)[0], tmp_path / "texts"
    shutil.copytree(noticing.settings.texts, texts)
    changed = texts / language / "infected-notice@1.md"
    changed.write_text(changed.read_text(encoding="utf-8") + " \n", encoding="utf-8")
    assert carried(noticing, server, waiting, texts=texts) == CarriedOut("stopped")
    assert server.told == []


def test_a_text_that_is_gone_is_unsendable(noticing: Office, server: Server, tmp_path: Path) -> None:
    assert carried(noticing, server, ordered(noticing)[0], texts=tmp_path) == CarriedOut("unsendable")
    assert server.told == []


def test_another_text_than_the_permits_is_not_sent(noticing: Office, server: Server, tmp_path: Path) -> None:
    waiting, texts = ordered(noticing)[0], tmp_path / "texts"
    shutil.copytree(noticing.settings.texts, texts)
    for language in ("ja", "en"):
        old = (texts / language / "infected-notice@1.md").read_text(encoding="utf-8")
        (texts / language / "infected-notice@2.md").write_text(old.replace("version = 1", "version = 2"), encoding="utf-8")
    other = replace(waiting, text="infected-notice@2")
    assert carried(noticing, server, other, texts=texts) == CarriedOut("stopped")
    assert server.told == []


def widened(signed: SignedPermit) -> SignedPermit:
    """One more day, spelled as a permit is, under the signature of the shorter one."""
    return replace(signed, body=re.sub(rb'"until":"(\d{4})', rb'"until":"9999', signed.body))


@pytest.mark.parametrize(
    "bent",
    [
        widened,
        lambda p: replace(p, signature=bytes(64)),
        lambda p: replace(p, signature=b""),
        lambda p: replace(p, proof=""),
        lambda p: replace(p, proof="x"),
        lambda p: replace(p, body=p.body + b" "),
        lambda p: replace(p, body=p.body.replace(b'"notify"', b'"inform"')),
    ],
    ids=["longer", "forged", "unsigned", "no-proof", "bad-proof", "otherwise-spelled", "another-step"],
)
def test_a_permit_bent_in_any_way_sends_nothing(noticing: Office, server: Server, bent: Callable[[SignedPermit], SignedPermit]) -> None:
    waiting = ordered(noticing)[0]
    assert bent(waiting.permit) != waiting.permit
    assert carried(noticing, server, replace(waiting, permit=bent(waiting.permit))) == CarriedOut("stopped")
    assert server.told == []


@pytest.mark.parametrize("body", [b"", b"{}", b'{"id":"x"}', canonical({"id": "permit-0", "step": {"name": "notify"}})])
def test_what_is_no_permit_sends_nothing(noticing: Office, server: Server, body: bytes) -> None:
    waiting = ordered(noticing)[0]
    said = carried(noticing, server, replace(waiting, permit=replace(waiting.permit, body=body)))
    assert said.outcome in ("stopped", "unsendable")
    assert server.told == []


def test_the_permit_of_another_order_sends_nothing(noticing: Office, server: Server) -> None:
    """It is genuine, and about somebody else."""
    one, other, _ = ordered(noticing)
    assert carried(noticing, server, replace(one, permit=other.permit)).outcome == "stopped"
    assert server.mails == []


def test_a_permit_to_look_is_no_permit_to_send(noticing: Office, server: Server) -> None:
    waiting = ordered(noticing)[0]
    identify = of(noticing, "identify")[0]
    with noticing.turn() as world:
        row = records.one(world.db, records.PERMITS, id=identify) or {}
    looking = SignedPermit(row["body"], row["signature"], row["proof"])
    assert carried(noticing, server, replace(waiting, permit=looking)).outcome == "stopped"
    assert server.mails == []


def test_an_expired_permit_sends_nothing(noticing: Office, server: Server) -> None:
    waiting = ordered(noticing)[0]
    noticing.watch.wind(days=400)
    assert carried(noticing, server, waiting) == CarriedOut("stopped")
    assert server.told == []


def test_an_order_past_its_own_end_is_stopped(noticing: Office, server: Server) -> None:
    waiting = replace(ordered(noticing)[0], until=noticing.watch.at - timedelta(seconds=1))
    assert carried(noticing, server, waiting).outcome == "stopped"
    assert server.mails == []


def test_a_withdrawn_permit_sends_nothing(noticing: Office, server: Server) -> None:
    waiting = ordered(noticing)[0]
    noticing.withdraw(permit_id(waiting))
    assert carried(noticing, server, waiting) == CarriedOut("stopped")
    assert server.told == []


def test_what_is_withdrawn_while_the_server_thinks_is_not_sent(noticing: Office, server: Server) -> None:
    """Between the envelope and the message `keep` is asked once more."""
    waiting = ordered(noticing)[0]
    server.when["RCPT"] = lambda: noticing.withdraw(permit_id(waiting))
    assert carried(noticing, server, waiting).outcome == "stopped"
    assert server.told == ["RCPT"]
    assert server.mails == []


@contextmanager
def silence_stops() -> Iterator[list[CarriedOut]]:
    """Before the conversation, silence is the caller's to report; either way nothing goes out."""
    said: list[CarriedOut] = []
    try:
        yield said
    except KeepIsGone:
        assert not said
    else:
        assert [s.outcome for s in said] == ["stopped"]


@pytest.mark.parametrize("silent", ["renew", "release-contact", "begin"])
def test_a_silent_keep_stops_the_order(noticing: Office, server: Server, silent: str) -> None:
    waiting = ordered(noticing)[0]
    with silence_stops() as said:
        said.append(carried(noticing, server, waiting, silent))
    assert server.mails == []
    assert order_state(noticing, waiting) == ("waiting", ""), "nothing was begun: another `act` may send it"
    assert carried(noticing, server, waiting).outcome == "accepted"


# Boxes


@pytest.mark.parametrize(
    "bend", [lambda b: b[:-2] + ("00" if b[-2:] != "00" else "01"), lambda b: b[:-2], lambda b: b[:0], lambda b: b + "zz"]
)
def test_a_box_that_does_not_open_is_unsendable(noticing: Office, server: Server, bend: Callable[[str], str]) -> None:
    waiting = ordered(noticing)[0]
    said = carried(noticing, server, replace(waiting, box=bend(waiting.box)))
    assert said == CarriedOut("unsendable")
    assert server.told == []


def test_a_box_of_another_import_is_not_opened_for_this_order(noticing: Office, server: Server) -> None:
    waiting = ordered(noticing)[0]
    elsewhere = re.sub(r"permit-[0-9a-f]+", "permit-0123456789abcdef", waiting.box)
    assert carried(noticing, server, replace(waiting, box=elsewhere)) == CarriedOut("stopped")
    assert server.told == []


def test_an_order_that_keep_does_not_know_opens_no_box(noticing: Office, server: Server) -> None:
    waiting = replace(ordered(noticing)[0], id="order-0000000000000000")
    assert carried(noticing, server, waiting) == CarriedOut("stopped")
    assert server.told == []


# Tried again


@pytest.mark.parametrize(("command", "answer"), [("RCPT", "451 4.7.1 later"), ("DATA", "452 4.3.1 full")])
def test_a_server_that_says_later_is_asked_again(noticing: Office, server: Server, command: str, answer: str) -> None:
    """With a new code: the earlier letter was never handed over, and its code opens nothing."""
    waiting, server.answers = ordered(noticing)[0], {command: answer}
    first = carried(noticing, server, waiting)
    assert (first.outcome, first.reply) == ("deferred", int(answer[:3]))
    done(noticing, waiting, first)
    assert order_state(noticing, waiting) == ("waiting", "")
    server.answers = {}
    assert carried(noticing, server, waiting).outcome == "accepted"
    assert len(server.mails) == 1


def test_a_server_that_is_not_there_defers(noticing: Office) -> None:
    waiting = ordered(noticing)[0]
    said = carried(noticing, Server(port=unsafe_demo.free_port()), waiting)
    assert (said.outcome, said.reply) == ("deferred", 0)


def test_a_server_that_refuses_ends_the_order(noticing: Office, server: Server) -> None:
    waiting, server.answers = ordered(noticing)[0], {"RCPT": "550 5.1.1 nobody here"}
    said = carried(noticing, server, waiting)
    assert (said.outcome, said.reply) == ("refused", 550)
    done(noticing, waiting, said)
    assert len(noticing.channel("act").call("orders")) == 2


def test_a_missing_value_is_unsendable_before_anything_is_opened(noticing: Office, server: Server) -> None:
    waiting = ordered(noticing)[0]
    params = {k: v for k, v in waiting.params.items() if k != "contacts"}
    assert carried(noticing, server, replace(waiting, params=params)) == CarriedOut("unsendable")
    assert server.told == []


def test_a_value_that_would_be_another_header_or_address_is_not_sent(noticing: Office, server: Server) -> None:
    waiting = ordered(noticing)[0]
    for hostile in ("x\nBcc: all@mail.example", "all@mail.example"):
        assert carried(noticing, server, replace(waiting, params={**waiting.params, "contacts": hostile})).outcome == "unsendable"
    assert server.told == []


def test_no_outcome_shows_whom_it_was_about(noticing: Office, server: Server) -> None:
    """What `act` reports may be written anywhere."""
    waiting, server.answers = ordered(noticing)[0], {"RCPT": "550 5.1.1 <misaki@mail.example> unknown"}
    said = repr(carried(noticing, server, waiting))
    assert not [m for m in MAILS.values() if m in said]


def test_the_box_of_another_order_is_not_opened_for_this_one(noticing: Office, server: Server) -> None:
    """Boxes of one import share a key; `keep` still opens only the one that this order carries."""
    one, other, _ = ordered(noticing)
    assert carried(noticing, server, replace(one, box=other.box)).outcome == "stopped"
    assert server.told == []
