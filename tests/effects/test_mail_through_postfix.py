"""The same mail through a real mail server, as operators run it: Postfix takes it in, queues it and hands it on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import SMTP as MAIL_POLICY

import pytest

from sekisho.effects.mail import Recipient, Relay, send
from sekisho.effects.order import Outcome, Receipt
from tests.effects.conftest import TEXT, Sink, clock, listening, no_from, order, relay, yes
from tests.postfix import postfix as running


@pytest.fixture(scope="module")
def postfix() -> Iterator[tuple[Relay, Sink]]:
    """A Postfix of our own; what it passes on lands in the sink."""
    sink = Sink()
    with listening(sink) as onward, running(onward.port) as server:
        yield relay(server.port), sink


def arrived(sink: Sink, count: int) -> list[tuple[str, list[str], bytes]]:
    for _ in range(100):
        if len(sink.mails) >= count:
            break
        time.sleep(0.1)
    taken, sink.mails[:] = list(sink.mails), []
    return taken


def test_twenty_mails_pass_a_real_server_in_twenty_envelopes_unchanged(postfix: tuple[Relay, Sink]) -> None:
    way, sink = postfix
    people = [Recipient(f"p{n}@mail.example", f"髙﨑 {n}") for n in range(20)]

    async def everybody() -> list[Receipt]:
        return list(await asyncio.gather(*(send(order(f"pf-{n}"), p, TEXT, way, yes, clock) for n, p in enumerate(people))))

    receipts = asyncio.run(everybody())
    assert {(r.outcome, r.code, r.enhanced) for r in receipts} == {(Outcome.ACCEPTED, 250, "2.0.0")}
    mails = {to[0]: (to, mail) for _, to, mail in arrived(sink, 20)}
    assert set(mails) == {p.mail for p in people}
    for person, receipt in zip(people, receipts, strict=True):
        to, mail = mails[person.mail]
        got = message_from_bytes(mail, policy=MAIL_POLICY)
        assert to == [person.mail]
        assert (got["Message-ID"], got["Subject"]) == (receipt.message_id, TEXT.subject)
        assert got.get_content().replace("\r\n", "\n") == TEXT.body
        assert not any(other.mail.encode() in mail for other in people if other != person)


def test_a_withdrawal_at_either_step_leaves_no_mail_in_a_real_queue(postfix: tuple[Relay, Sink]) -> None:
    way, sink = postfix
    for step in (1, 2):
        stopped = send(order(f"stop-{step}"), Recipient("p@mail.example"), TEXT, way, no_from(step), clock)  # type: ignore[arg-type] # a plain callable
        receipt = asyncio.run(stopped)
        assert receipt.outcome is Outcome.STOPPED
    after = asyncio.run(send(order("after"), Recipient("last@mail.example"), TEXT, way, yes, clock))
    assert after.outcome is Outcome.ACCEPTED
    assert [to for _, to, _ in arrived(sink, 1)] == [["last@mail.example"]]
    time.sleep(0.5)
    assert sink.mails == []


def test_a_real_servers_refusals_are_read_as_what_they_are(postfix: tuple[Relay, Sink]) -> None:
    way, sink = postfix

    def outcome(person: str, body: str = TEXT.body) -> tuple[Outcome, str, int | None, str]:
        got = asyncio.run(send(order(), Recipient(person), replace(TEXT, body=body), way, yes, clock))
        return got.outcome, got.stage, got.code, got.enhanced

    assert outcome("gone@mail.example") == (Outcome.REFUSED, "recipient", 550, "5.1.1")
    assert outcome("p@mail.example", "長" * 12_000) == (Outcome.REFUSED, "handed-over", 552, "5.3.4")
    assert outcome("a..b@mail.example")[0] is Outcome.ACCEPTED
    assert len(arrived(sink, 1)) == 1
