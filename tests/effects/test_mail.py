from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP as MAIL_POLICY

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.effects.mail import Recipient, Relay, compose, lint, message_id, send
from sekisho.effects.order import Order, Outcome, Receipt, Rendered, Stopped, Unsendable
from tests.effects.conftest import AT, PERSON, TEXT, Sink, clock, listening, no_from, order, relay, scripted, yes

LOOPBACK = relay(25)


def sent(way: Relay, may_still: Callable[[], object] = yes, asked: Order | None = None, person: Recipient = PERSON) -> Receipt:
    return asyncio.run(send(asked or order(), person, TEXT, way, may_still, clock))  # type: ignore[arg-type] # plain callables in tests


def read(mail: bytes):  # noqa: ANN201 - what the parser gives
    return message_from_bytes(mail, policy=MAIL_POLICY)


def test_one_mail_reaches_one_person_as_written() -> None:
    sink = Sink()
    with listening(sink) as way:
        receipt = sent(way)
    assert (receipt.outcome, receipt.stage, receipt.code, receipt.enhanced) == (Outcome.ACCEPTED, "handed-over", 250, "2.0.0")
    [(sender, to, mail)] = sink.mails
    got = read(mail)
    assert (sender, to) == ("notice@isp.example", ["misaki@mail.example"])
    assert got["Subject"] == TEXT.subject
    assert got.get_content().replace("\r\n", "\n") == TEXT.body
    assert [a.display_name for a in (*got["To"].addresses, *got["From"].addresses)] == ["髙﨑 美咲", "しずおかネット"]
    assert (got["Reply-To"], got["Auto-Submitted"], got["Content-Language"]) == ("window@isp.example", "auto-generated", "ja")
    assert got["Message-ID"] == receipt.message_id
    assert receipt.digest == hashlib.sha256(mail).hexdigest()


def test_a_hundred_mails_are_a_hundred_envelopes_and_no_byte_names_anybody_else() -> None:
    sink = Sink()
    people = [Recipient(f"person{n}@mail.example", f"参加者 {n}") for n in range(100)]

    async def all_of_them(way: Relay) -> list[Receipt]:
        return list(await asyncio.gather(*(send(order(f"o-{n}"), p, TEXT, way, yes, clock) for n, p in enumerate(people))))

    with listening(sink) as way:
        receipts = asyncio.run(all_of_them(way))
    assert {r.outcome for r in receipts} == {Outcome.ACCEPTED}
    assert len(sink.mails) == 100
    for _, to, mail in sink.mails:
        [whom] = to
        shown = mail.decode() + str(read(mail)["To"]) + read(mail).get_content()
        assert {f"{n}" for n in re.findall(r"person(\d+)@", shown)} == {re.findall(r"\d+", whom)[0]}


def test_a_permit_withdrawn_between_recipient_and_data_sends_nothing() -> None:
    sink = Sink()
    with listening(sink) as way:
        receipt = sent(way, no_from(1))
    assert (receipt.outcome, receipt.stage, receipt.why) == (Outcome.STOPPED, "permit", "withdrawn")
    assert sink.told == ["MAIL", "RCPT", "RSET"]
    assert sink.mails == []


def test_a_permit_withdrawn_while_the_server_thinks_about_data_sends_nothing() -> None:
    """Between DATA and the message no RSET is possible; the connection ends without the final dot and the server keeps nothing."""
    sink = Sink()
    with listening(sink) as way:
        receipt = sent(way, no_from(2))
    assert (receipt.outcome, receipt.stage, receipt.why) == (Outcome.STOPPED, "data", "withdrawn")
    assert sink.mails == []


def test_not_one_octet_of_the_message_leaves_after_a_withdrawal() -> None:
    async def story() -> tuple[Receipt, list[bytes]]:
        async with scripted("220 mx", "250 mx", "250 OK", "250 OK", "354 go on", "250 OK") as (way, heard):
            receipt = await send(order(), PERSON, TEXT, way, no_from(2), clock)  # type: ignore[arg-type] # a plain callable
            await asyncio.sleep(0.1)
            return receipt, heard

    receipt, heard = asyncio.run(story())
    assert receipt.outcome is Outcome.STOPPED
    assert heard[3] == b"DATA\r\n"
    assert b"".join(heard[4:]) == b""


def test_a_permit_nobody_can_ask_about_sends_nothing() -> None:
    """`keep` is away: the question itself fails, and that is a no."""

    async def gone() -> None:
        raise ConnectionRefusedError(111, "no keep")

    sink = Sink()
    with listening(sink) as way:
        receipt = sent(way, gone)
    assert (receipt.outcome, receipt.why) == (Outcome.STOPPED, "ConnectionRefusedError")
    assert sink.mails == []


def test_an_order_whose_time_is_over_sends_nothing() -> None:
    sink = Sink()
    with listening(sink) as way:
        receipt = sent(way, asked=order(not_after=AT - timedelta(seconds=1)))
    assert (receipt.outcome, receipt.why) == (Outcome.STOPPED, "order-ended")
    assert sink.mails == []


@pytest.mark.parametrize(
    ("answers", "outcome", "stage", "code", "enhanced"),
    [
        ({"MAIL": "550 5.7.1 not you"}, Outcome.REFUSED, "sender", 550, "5.7.1"),
        ({"MAIL": "451 4.3.0 later"}, Outcome.DEFERRED, "sender", 451, "4.3.0"),
        ({"RCPT": "550 5.1.1 no such user misaki@mail.example"}, Outcome.REFUSED, "recipient", 550, "5.1.1"),
        ({"RCPT": "450 4.2.0 greylisted"}, Outcome.DEFERRED, "recipient", 450, "4.2.0"),
        ({"DATA": "554 5.7.1 spam"}, Outcome.REFUSED, "handed-over", 554, "5.7.1"),
        ({"DATA": "452 4.3.1 full"}, Outcome.DEFERRED, "handed-over", 452, "4.3.1"),
    ],
)
def test_a_servers_no_is_told_apart_by_step_and_code(
    answers: dict[str, str], outcome: Outcome, stage: str, code: int, enhanced: str
) -> None:
    sink = Sink(answers)
    with listening(sink) as way:
        receipt = sent(way)
    assert (receipt.outcome, receipt.stage, receipt.code, receipt.enhanced) == (outcome, stage, code, enhanced)
    assert sink.mails == []
    assert "misaki" not in repr(receipt)


OPENING = ("220 mx", "250 mx", "250 OK", "250 OK", "354 go on")


@pytest.mark.parametrize(
    ("says", "outcome", "stage"),
    [
        ((None,), Outcome.DEFERRED, "connect"),
        (("421 4.3.2 closing",), Outcome.DEFERRED, "connect"),
        (("554 no service",), Outcome.DEFERRED, "connect"),
        (("220 mx", "250 mx", None), Outcome.DEFERRED, "sender"),
        (("220 mx", "250 mx", "250 OK", None), Outcome.DEFERRED, "recipient"),
        (("220 mx", "250 mx", "250 OK", "250 OK", None), Outcome.DEFERRED, "data"),
        ((*OPENING, None), Outcome.UNKNOWN, "handed-over"),
        ((*OPENING, 4.0), Outcome.UNKNOWN, "handed-over"),
        ((*OPENING, "what?"), Outcome.UNKNOWN, "handed-over"),
        ((*OPENING, "354 more?"), Outcome.UNKNOWN, "handed-over"),
        (("220 mx", "250 mx", "250 OK", "250 OK", "250 odd"), Outcome.DEFERRED, "data"),
    ],
)
def test_a_broken_conversation_is_unknown_only_after_the_hand_over(
    says: tuple[str | float | None, ...], outcome: Outcome, stage: str
) -> None:
    """Before the message nothing was delivered, and the order may be tried again; after it nobody knows, and nobody tries again blindly."""

    async def story() -> Receipt:
        async with scripted(*says) as (way, _):
            return await send(order(), PERSON, TEXT, way, yes, clock)

    receipt = asyncio.run(story())
    assert (receipt.outcome, receipt.stage) == (outcome, stage)


def test_no_server_at_all_is_a_deferral() -> None:
    assert (sent(relay(1)).outcome, sent(relay(1)).stage) == (Outcome.DEFERRED, "connect")


def test_the_same_order_has_the_same_message_id_and_another_order_another() -> None:
    assert message_id("o-1", LOOPBACK) == message_id("o-1", LOOPBACK) != message_id("o-2", LOOPBACK)
    assert "o-1" not in message_id("o-1", LOOPBACK)


def test_a_cancelled_mail_closes_its_connection() -> None:
    async def story() -> list[bytes]:
        async with scripted("220 mx", "250 mx", "250 OK", 8.0) as (way, heard):
            task = asyncio.create_task(send(order(), PERSON, TEXT, replace(way, seconds=60), yes, clock))
            await asyncio.sleep(0.3)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.sleep(0.1)
            return heard

    heard = asyncio.run(story())
    assert heard[2].startswith(b"RCPT")
    assert heard[-1] == b""


def test_nothing_personal_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("mail.log", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    with listening(Sink({"RCPT": "550 5.1.1 misaki@mail.example unknown"})) as way:
        sent(way)
    ours = "\n".join(r.getMessage() for r in caplog.records if not r.name.startswith("mail."))
    assert "misaki" not in ours
    assert "misaki" not in repr(PERSON)


@pytest.mark.parametrize(
    ("person", "text", "code"),
    [
        (Recipient("a@b.example\r\nBcc: c@d.example"), TEXT, "recipient"),
        (Recipient("a@b.example>, <c@d.example"), TEXT, "recipient"),
        (Recipient("a b@c.example"), TEXT, "recipient"),
        (Recipient("渡邉@mail.example"), TEXT, "recipient"),
        (Recipient(""), TEXT, "recipient"),
        (Recipient("a@b.example", "Eve\r\nBcc: c@d.example"), TEXT, "recipient-name"),
        (Recipient("a@b.example", "Eve\u2028X: y"), TEXT, "recipient-name"),
        (Recipient("a@b.example", "elpmaxe\u202ePDF"), TEXT, "recipient-name"),
        (Recipient("a@b.example", "other@mail.example"), TEXT, "foreign-address"),
        (PERSON, replace(TEXT, subject="one\nBcc: c@d.example"), "subject"),
        (PERSON, replace(TEXT, subject="for other@mail.example"), "foreign-address"),
        (PERSON, replace(TEXT, body="see other@mail.example"), "foreign-address"),
        (PERSON, replace(TEXT, body="see other＠mail.example"), "foreign-address"),
        (PERSON, replace(TEXT, body="see xmisaki@mail.example"), "foreign-address"),
        (PERSON, replace(TEXT, body="see misaki@mail.example.evil.example"), "foreign-address"),
        (PERSON, replace(TEXT, body="bell \x07"), "body"),
        (PERSON, replace(TEXT, subject=" "), "empty"),
        (PERSON, replace(TEXT, body="x" * 70_000), "body"),
    ],
)
def test_what_makes_no_safe_mail_opens_no_connection(person: Recipient, text: Rendered, code: str) -> None:
    with pytest.raises(Unsendable) as no:
        asyncio.run(send(order(), person, text, relay(1), yes, clock))
    assert no.value.code == code


def test_the_receivers_own_address_and_ours_may_stand_in_a_mail() -> None:
    body = "宛先はmisaki@mail.example、窓口はwindow@isp.example、差出人はnotice@isp.exampleです。"
    assert compose(order(), PERSON, replace(TEXT, body=body), LOOPBACK, AT)


@pytest.mark.parametrize(
    "extra", [b"Bcc: x@y.example\r\n", b"Cc: x@y.example\r\n", b"To: x@y.example\r\n", b"Resent-To: misaki@mail.example\r\n"]
)
def test_the_linter_refuses_a_header_that_is_not_ours(extra: bytes) -> None:
    good = compose(order(), PERSON, TEXT, LOOPBACK, AT)
    lint(good, PERSON, LOOPBACK)
    with pytest.raises(Unsendable):
        lint(extra + good, PERSON, LOOPBACK)


def test_the_linter_refuses_a_mail_for_somebody_else() -> None:
    with pytest.raises(Unsendable):
        lint(compose(order(), PERSON, TEXT, LOOPBACK, AT), Recipient("else@mail.example"), LOOPBACK)


def test_the_linter_refuses_a_second_recipient_even_if_it_is_the_sender() -> None:
    good = compose(order(), PERSON, TEXT, LOOPBACK, AT)
    with pytest.raises(Unsendable) as no:
        lint(good.replace(b"<misaki@mail.example>", b"<misaki@mail.example>, notice@isp.example"), PERSON, LOOPBACK)
    assert no.value.code == "recipients"


@pytest.mark.parametrize("odd", ["a..b@mail.example", "ab.@mail.example", ".ab@mail.example"])
def test_an_old_mobile_address_with_stray_dots_is_quoted_and_reached(odd: str) -> None:
    async def story() -> tuple[Receipt, list[bytes]]:
        async with scripted(*OPENING, "250 OK", "221 bye") as (way, heard):
            return await send(order(), Recipient(odd, "昔の端末"), TEXT, way, yes, clock), heard

    receipt, heard = asyncio.run(story())
    assert receipt.outcome is Outcome.ACCEPTED
    assert heard[2] == f'RCPT TO:<"{odd.partition("@")[0]}"@mail.example>\r\n'.encode()
    assert read(heard[4])["To"].addresses[0].addr_spec == odd


ANY = st.text(st.characters(codec=None), max_size=60)


@given(ANY, ANY, ANY, ANY)
def test_whatever_the_parts_hold_a_mail_has_our_headers_and_one_recipient_or_does_not_exist(
    mail: str, name: str, subject: str, body: str
) -> None:
    """Header injection, second recipients and second parts are impossible, not filtered."""
    person = Recipient(mail if "@" in mail else "misaki@mail.example", name)
    try:
        offered = compose(order(), person, Rendered(subject, body, "ja"), LOOPBACK, AT)
    except Unsendable:
        return
    got = read(offered)
    assert len(got.keys()) == 11
    assert [a.addr_spec.replace('"', "") for a in got["To"].addresses] == [person.mail]
    assert not got.is_multipart()
    assert max(len(line) for line in offered.split(b"\r\n")) <= 998
    assert b"\n" not in offered.replace(b"\r\n", b"")


BREAKS = ["\r\nBcc: x@y.example", "\nX: y", "\r", "\x00", "\x0bX: y", "\x85Bcc: x", "\u2029", "=?utf-8?q?=0ABcc:_x?="]
HEADERISH = st.sampled_from([*BREAKS, "%0d%0a", "<", ">", ",", '"', "\\", ";"])


@given(st.lists(st.one_of(HEADERISH, st.text("ab@.髙 ", max_size=5)), max_size=6).map("".join))
def test_pieces_that_break_other_mailers_never_add_a_header(piece: str) -> None:
    for person, text in ((Recipient("misaki@mail.example", piece), TEXT), (PERSON, replace(TEXT, subject=piece))):
        try:
            got = read(compose(order(), person, text, LOOPBACK, AT))
        except Unsendable:
            continue
        assert got["Bcc"] is None
        assert got["X"] is None
        assert len(got["To"].addresses) == 1


def test_stopped_says_a_word_and_no_value() -> None:
    assert Stopped("withdrawn").code == "withdrawn"
