"""The bench of the policy service asks whole questions, waits for each answer, and takes nothing else for one."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import pytest

from bench import mailpolicy
from bench.mailpolicy import CONNECTIONS, GREY, LIMIT, OURS, Round, ask, question, summary, table
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


@pytest.mark.parametrize("what", [OURS, LIMIT, GREY])
def test_every_question_is_asked_once_and_answered_before_it_counts(what: str) -> None:
    with server(b"action=DUNNO\n\n") as (port, heard):
        found = ask(what, port, [question(what, n) for n in range(200)], 60)
    assert sorted(heard) == sorted(f"friend{n}@mail.example" for n in range(200))
    assert found.rate > 0
    assert found.slow_ms >= found.middle_ms > 0


def test_when_the_seconds_are_over_nobody_is_asked_any_more() -> None:
    with server(b"action=DUNNO\n\n") as (port, heard), pytest.raises(ValueError, match=r"data point|no median"):
        ask(OURS, port, [question(OURS, n) for n in range(200)], 0)
    assert heard == []


def test_an_answer_that_is_none_ends_the_bench() -> None:
    with server(b"220 mail.example ESMTP\r\n") as (port, _), pytest.raises(RuntimeError, match="sekisho answered"):
        ask(OURS, port, [question(OURS, n) for n in range(CONNECTIONS)], 60)


def test_each_service_is_asked_at_the_moment_it_acts_and_about_the_same_mails() -> None:
    said = {what: dict(line.split("=", 1) for line in question(what, 7).decode().split()) for what in (OURS, LIMIT, GREY)}
    assert [said[w]["protocol_state"] for w in said] == ["END-OF-MESSAGE", "RCPT", "RCPT"]
    assert said[OURS]["sasl_username"] == said[LIMIT]["sasl_username"]
    assert len({(s["sender"], s["recipient"], s["client_address"]) for s in said.values()}) == 1


def test_the_figure_is_the_median_and_the_aim_is_judged_with_state_on_disk() -> None:
    def rounds(what: str, *rates: float) -> list[Round]:
        return [Round(what, rate, 1.0, 2.0) for rate in rates]

    found = summary({
        "disk": {OURS: rounds(OURS, 1000, 1900, 9000), GREY: rounds(GREY, 100, 190, 200)},
        "memory": {OURS: rounds(OURS, 9000), GREY: rounds(GREY, 3000)},
    })  # fmt: skip
    rows = found["rows"]
    assert isinstance(rows, list)
    assert [(r["what"], r["state"], r["decisions_per_second"], r["ratio"]) for r in rows] == [
        (OURS, "disk", 1900, 1.0), (GREY, "disk", 190, 10.0), (OURS, "memory", 9000, 1.0), (GREY, "memory", 3000, 3.0),
    ]  # fmt: skip
    assert found["aims"] == ["not reached: 1,900 decisions a second with state on disk (aim: at least 2,000)"]
    assert "not reached" in table(found)


def test_what_the_counts_must_show_is_the_measures_own_number() -> None:
    from sekisho.measures.bulk_sender_limit import BULK

    assert mailpolicy.BULK == BULK
