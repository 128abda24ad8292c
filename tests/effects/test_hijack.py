"""Of accounts only those the finder names are held, only where the permit says so, and never for more than three days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sekisho.effects.account_tokens import ACCOUNT
from sekisho.effects.hijack import COUNT, HOLD, HOURS, HijackStage, read_scope
from sekisho.effects.mail_counts import MailCounts
from sekisho.effects.mail_stage import BadScope
from sekisho.law.words import Value

P, NOON = "permit-a", 1_795_003_200
STAGE = HijackStage(P, HOLD, datetime(2027, 1, 1, tzinfo=UTC), 8, 20, 100, 12, 30, 12, "pass")
ALICE = b"a" * ACCOUNT + b"n" * 16
SCOPE: Mapping[str, Value] = {
    "networks": 8, "jump": 20, "least": 100, "usual_hours": 12, "young_days": 30, "held_hours": 12, "when_down": "pass",
}  # fmt: skip


@pytest.fixture
def counts(tmp_path: Path) -> Iterator[MailCounts]:
    made = MailCounts(tmp_path / "counts.db")
    yield made
    made.close()


def sends(stage: HijackStage, counts: MailCounts, times: int = 1) -> list[str]:
    found = [stage.against({}, ALICE, NOON, counts) for _ in range(times)]
    return [one.word if one else "" for one in found]


def test_counting_holds_nobody_even_whom_the_finder_names(counts: MailCounts) -> None:
    named = replace(STAGE, step=COUNT, named=frozenset({ALICE[:ACCOUNT]}))
    assert sends(named, counts, 20) == [""] * 20
    assert not named.holds


def test_whom_the_finder_names_waits_from_every_network_and_is_not_counted(counts: MailCounts) -> None:
    assert sends(STAGE, counts, 7) == [""] * 7
    held = replace(STAGE, named=frozenset({ALICE[:ACCOUNT]}))
    assert held.holds
    assert sends(held, counts, 3) == ["hijacked"] * 3
    assert counts.sent(P, ALICE, 0)[0] == 7
    assert held.against({}, b"b" * 32, NOON, counts) is None, "another account"


def test_a_week_of_hours_is_what_is_usual() -> None:
    at = NOON // 3600
    assert (STAGE.part, STAGE.first(NOON), HOURS) == (3600, at - 167, 168)


@pytest.mark.parametrize(("word", "said"), [
    ("networks", 1), ("jump", 1), ("least", 0), ("usual_hours", 0), ("usual_hours", 85), ("young_days", 0), ("young_days", 367),
    ("held_hours", 0), ("held_hours", 73), ("networks", True), ("networks", "8"), ("when_down", ""), ("when_down", "hold"),
])  # fmt: skip
def test_a_plan_that_leaves_open_who_is_held_or_how_long_is_none(word: str, said: Any) -> None:
    with pytest.raises(BadScope) as no:
        read_scope({**SCOPE, word: said}, HOLD)
    assert no.value.where == f"scope.{word}"


def test_counting_need_not_say_what_becomes_of_mail() -> None:
    less = {n: v for n, v in SCOPE.items() if n != "when_down"}
    assert read_scope(less, COUNT)[-1] == "pass"
    with pytest.raises(BadScope):
        read_scope(less, HOLD)
