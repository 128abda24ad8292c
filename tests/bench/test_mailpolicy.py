"""The bench of the policy service asks whole questions, waits for each answer, and takes nothing else for one."""

from __future__ import annotations

import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import pytest

from bench import mailpolicy, mailstages
from bench.maillabels import DKIM, LABELS
from bench.mailpolicy import CAME, CONNECTIONS, GREY, LIMIT, OURS, QUESTIONS, SENT, Round, ask, question, summary, table
from sekisho.effects.mail_stage import network_of
from sekisho.measures import ip25b
from sekisho.wire.policy import PolicyReader


class Answers(socketserver.StreamRequestHandler):
    """Reads questions as the service does, and says the same to each."""

    said: ClassVar[bytes] = b"action=DUNNO\n\n"
    heard: ClassVar[list[str]] = []

    def handle(self) -> None:
        reader = PolicyReader()
        while part := self.request.recv(4096):
            for asked in reader.feed(part):
                self.heard.append(asked["recipient"])
                self.request.sendall(self.said)


@contextmanager
def server(said: bytes) -> Iterator[tuple[int, list[str]]]:
    handler = type("Says", (Answers,), {"said": said, "heard": []})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as serving:
        serving.daemon_threads = True
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield serving.server_address[1], handler.heard  # type: ignore[attr-defined] # set above
        serving.shutdown()


@pytest.mark.parametrize("what", [OURS, SENT, CAME, LIMIT, GREY])
def test_every_question_is_asked_once_and_answered_before_it_counts(what: str) -> None:
    with server(b"action=DUNNO\n\n") as (port, heard):
        found = ask(what, port, [question(what, n) for n in range(200)], 60)
    assert sorted(heard) == sorted(said(what, n)["recipient"] for n in range(200))
    assert found.rate > 0
    assert found.slow_ms >= found.middle_ms > 0


def test_when_the_seconds_are_over_nobody_is_asked_any_more() -> None:
    with server(b"action=DUNNO\n\n") as (port, heard), pytest.raises(ValueError, match=r"data point|no median"):
        ask(OURS, port, [question(OURS, n) for n in range(200)], 0)
    assert heard == []


def test_an_answer_that_is_none_ends_the_bench() -> None:
    with server(b"220 mail.example ESMTP\r\n") as (port, _), pytest.raises(RuntimeError, match="sekisho answered"):
        ask(OURS, port, [question(OURS, n) for n in range(CONNECTIONS)], 60)


def said(what: str, number: int) -> dict[str, str]:
    return dict(line.split("=", 1) for line in question(what, number).decode().split("\n") if line)


def test_each_service_is_asked_at_the_moment_it_acts_and_about_the_same_mails() -> None:
    """Ours about both kinds in turn; each of the others about its own."""
    assert [(s["protocol_state"], bool(s.get("sasl_username"))) for s in (said(OURS, n) for n in range(2))] == [
        ("RCPT", False), ("END-OF-MESSAGE", True),
    ]  # fmt: skip
    assert said(LIMIT, 7) == {**said(SENT, 7), "protocol_state": "RCPT"} == {**said(OURS, 15), "protocol_state": "RCPT"}
    assert said(GREY, 7) == said(CAME, 7) == said(OURS, 14)


def test_no_network_but_dynamic_ones_sends_in_bulk_and_none_so_much_that_one_limit_for_all_would_do() -> None:
    """Otherwise IP25B would lose its ground in the middle of the bench, and be gone, as it should."""
    came = Counter(network_of(mailstages.sources(n)) for n in range(QUESTIONS))
    dynamic = {n: many for n, many in came.items() if n.startswith("100.64.")}
    others = {n: many for n, many in came.items() if n not in dynamic}
    assert max(others.values()) < ip25b.BULK / 3
    assert 0 < max(dynamic.values()) < ip25b.BULK * 2
    assert sum(dynamic.values()) == QUESTIONS // 20


def test_accounts_send_each_from_one_place_and_some_are_held() -> None:
    every = [mailstages.accounts(n) for n in range(2 * mailstages.ACCOUNTS)]
    assert len({who for who, _ in every}) == mailstages.ACCOUNTS
    assert len(set(every)) == mailstages.ACCOUNTS
    assert {mailstages.NEW, mailstages.BULK, mailstages.STOLEN, *mailstages.YOUNG} < {who for who, _ in every}


def test_recipients_agreed_to_one_thing_to_both_and_to_none() -> None:
    grey, rbl = (set(numbers) for numbers in mailstages.CONSENTED.values())
    everybody = set(range(mailstages.RECIPIENTS))
    assert all((grey - rbl, grey & rbl, rbl - grey, everybody - grey - rbl))


def test_many_questions_in_one_breath_are_answered_in_their_order() -> None:
    with server(b"action=450 4.7.1 Try later\n\n") as (port, heard):
        found = mailpolicy.answers(port)([mailpolicy.mail(2 * n) for n in range(250)])
    assert set(found) == {"450 4.7.1 Try later"}
    assert heard == [mailpolicy.mail(2 * n)["recipient"] for n in range(250)]


def test_the_figure_is_the_median_and_the_aim_is_judged_with_every_stage_and_state_on_disk() -> None:
    def rounds(what: str, *rates: float) -> list[Round]:
        return [Round(what, rate, 1.0, 2.0) for rate in rates]

    found = summary({
        "disk": {
            OURS: rounds(OURS, 1000, 1900, 9000), GREY: rounds(GREY, 100, 190, 200), LABELS: rounds(LABELS, 50), DKIM: rounds(DKIM, 200),
        },
        "memory": {OURS: rounds(OURS, 9000), GREY: rounds(GREY, 3000)},
    })  # fmt: skip
    rows = found["rows"]
    assert isinstance(rows, list)
    assert [(r["what"], r["state"], r["per_second"], r["ratio"]) for r in rows] == [
        (OURS, "disk", 1900, 1.0), (GREY, "disk", 190, 10.0), (LABELS, "disk", 50, 1.0), (DKIM, "disk", 200, 0.25),
        (OURS, "memory", 9000, 1.0), (GREY, "memory", 3000, 3.0),
    ]  # fmt: skip
    assert found["aims"] == ["not reached: 1,900 decisions a second, every stage in force, state on disk (aim: at least 2,000)"]
    assert "not reached" in table(found)
