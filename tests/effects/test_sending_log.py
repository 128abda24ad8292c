"""What the sending log shows holds only whom the finder names, only where the permit says so, and never for more than three days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sekisho.effects.account_stage import ACCOUNT
from sekisho.effects.mail_counts import MailCounts
from sekisho.effects.mail_stage import BadScope
from sekisho.effects.sending_log import COUNT_LOG, HOLD_LOG, LogStage
from sekisho.law.words import Value

NOON = 1_795_003_200
STAGE = LogStage("permit-a", HOLD_LOG, datetime(2027, 1, 1, tzinfo=UTC), "pass", 50, 300, 20, 30, 12)
ALICE = b"a" * ACCOUNT + b"n" * 16
SCOPE: Mapping[str, Value] = {
    "refused": 50, "refused_permille": 300, "failed": 20, "young_days": 30, "held_hours": 12, "when_down": "defer",
}  # fmt: skip


@pytest.fixture
def counts(tmp_path: Path) -> Iterator[MailCounts]:
    made = MailCounts(tmp_path / "counts.db")
    yield made
    made.close()


def test_whom_the_finder_names_waits_from_everywhere_and_nobody_else(counts: MailCounts) -> None:
    held = replace(STAGE, named=frozenset({ALICE[:ACCOUNT]}))
    said = held.against({}, ALICE, NOON, counts)
    assert said is not None
    assert (said.word, dict(said.numbers)) == ("hijacked", {"hours": 12})
    assert held.against({}, b"b" * 32, NOON, counts) is None
    assert STAGE.against({}, ALICE, NOON, counts) is None


def test_counting_holds_nobody_and_what_the_mail_server_asks_is_no_count(counts: MailCounts) -> None:
    counting = replace(STAGE, step=COUNT_LOG, named=frozenset({ALICE[:ACCOUNT]}))
    assert counting.against({}, ALICE, NOON, counts) is None
    assert (counting.holds, STAGE.holds) == (False, True)
    assert counts.columns("permit-a")[0] == []


def test_no_figure_is_kept_longer_than_a_sign_lasts() -> None:
    assert (STAGE.part, STAGE.first(NOON)) == (3600, NOON // 3600 - 11)


def test_the_test_is_read_as_it_stands() -> None:
    assert LogStage.read(SCOPE, HOLD_LOG) == SCOPE
    assert LogStage.read({n: v for n, v in SCOPE.items() if n != "when_down"}, COUNT_LOG)["when_down"] == "pass"


@pytest.mark.parametrize(("word", "said"), [
    *((word, least - 1) for word, (least, _) in LogStage.bounds.items()),
    *((word, most + 1) for word, (_, most) in LogStage.bounds.items()),
    ("failed", True), ("refused", "50"), ("when_down", ""), ("when_down", "hold"),
])  # fmt: skip
def test_a_plan_that_leaves_open_who_is_held_or_how_long_is_none(word: str, said: Any) -> None:
    with pytest.raises(BadScope) as no:
        LogStage.read({**SCOPE, word: said}, HOLD_LOG)
    assert no.value.where == f"scope.{word}"
