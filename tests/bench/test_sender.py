"""The bench of the sender times nothing before the right sender was captured and its record sealed; its figures are of the whole work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench import sender
from sekisho_sender.trust import Trust


def test_what_is_timed_captures_and_seals(tmp_path: Path) -> None:
    sender.check(sender.keeper(tmp_path))


def test_a_bench_whose_sender_is_not_captured_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = sender.keeper(tmp_path)
    monkeypatch.setattr(sender, "TRUST", Trust())
    with pytest.raises(Exception):  # noqa: B017 - whatever stops it, it stops
        sender.check(kept)


def test_no_two_timed_requests_come_from_the_same_end() -> None:
    ends = {sender.told(number)["forwarded"] for number in range(20_000)}
    assert len(ends) == 20_000


def test_one_round_gives_every_figure_and_says_whether_the_aims_are_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    def once(what: str, bare: Any, other: Any, timed: Any, _rounds: int) -> sender.Cost:
        method = "GET" if what.startswith("read") else "POST"
        before, after = timed(bare, method, 20), timed(other, method, 20)
        return sender.Cost(what, before[0], after[0], after[0] - before[0], after[1] - before[1])

    monkeypatch.setattr(sender, "compare", once)
    found: dict[str, Any] = sender.measure(1)
    assert [c["what"] for c in found["added"]] == ["read", "read, WSGI", "write", "write, WSGI", "sealed write"]
    assert [c["what"] for c in found["services"]] == ["read of a service", "sealed write of a service"]
    assert all(c["added_cpu"] > 0 for c in found["added"] if c["what"] == "sealed write")
    assert len(found["aims"]) == 3
    assert all(line in sender.table(found) for line in found["aims"])


def test_an_aim_that_is_missed_is_said_to_be_missed() -> None:
    costs = [sender.Cost(what, 1, 1, added, 1) for what, added in (("read", 15.0), ("read, WSGI", 15.1), ("sealed write", 150.0))]
    assert [line.partition(":")[0] for line in sender.aims(costs)] == ["reached", "not reached", "reached"]
