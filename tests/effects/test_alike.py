"""Of accounts that act alike only those the finder names are held, only where the permit says so; a token says no name and no address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sekisho.effects.account_tokens import ACCOUNT, ELEMENTS, NETWORK, READS
from sekisho.effects.alike import COUNT, HOLD, SLOTS, AlikeStage, read_scope
from sekisho.effects.mail_counts import MailCounts
from sekisho.effects.mail_stage import BadScope
from sekisho.law.words import Element, Value

P, NOON, DAY = "permit-a", 1_795_003_200, 86400
STAGE = AlikeStage(P, HOLD, datetime(2027, 1, 1, tzinfo=UTC), 10, 5, 500, 900, 30, DAY, "pass")
ALICE = b"a" * ACCOUNT + b"n" * NETWORK + b"b" * 8
SCOPE: Mapping[str, Value] = {
    "members": 10, "each": 5, "together": 500, "alike": 900, "young_days": 30, "window": DAY, "when_down": "pass",
}  # fmt: skip


@pytest.fixture
def counts(tmp_path: Path) -> Iterator[MailCounts]:
    made = MailCounts(tmp_path / "counts.db")
    yield made
    made.close()


def sends(stage: AlikeStage, counts: MailCounts, times: int = 1, at: int = NOON) -> list[str]:
    found = [stage.against({}, ALICE, at, counts) for _ in range(times)]
    return [one.word if one else "" for one in found]


def test_counting_holds_nobody_even_whom_the_finder_names(counts: MailCounts) -> None:
    named = replace(STAGE, step=COUNT, named=frozenset({ALICE[:ACCOUNT]}))
    assert sends(named, counts, 20) == [""] * 20
    assert not named.holds


def test_whom_the_finder_names_waits_is_not_counted_and_so_gets_out_of_it(counts: MailCounts) -> None:
    assert sends(STAGE, counts, 7) == [""] * 7
    held = replace(STAGE, named=frozenset({ALICE[:ACCOUNT]}))
    assert sends(held, counts, 3) == ["alike"] * 3
    assert counts.sent(P, ALICE, 0)[0] == 7
    assert sends(held, counts, at=NOON + DAY + 3600) == [""]


def test_whom_the_help_desk_let_go_begins_at_nothing_in_memory_and_on_disk(counts: MailCounts, tmp_path: Path) -> None:
    held = replace(STAGE, named=frozenset({ALICE[:ACCOUNT]}))
    sends(STAGE, counts, 7)
    counts.commit()
    counts.lift(P, ALICE[:ACCOUNT], NOON)
    counts.commit()
    assert sends(held, counts, 5) == [""] * 5
    again = MailCounts(tmp_path / "counts.db")
    assert again.sent(P, ALICE, 0) == (0, 0)
    again.close()


def test_a_day_is_counted_by_hours_and_leaves_the_window_one_at_a_time(counts: MailCounts) -> None:
    for hour in range(30):
        sends(STAGE, counts, at=NOON + 3600 * hour)
    ((_, parts),) = counts.parts(P, STAGE.first(NOON + 3600 * 29))
    assert (len(parts), {n for _, n in parts}) == (SLOTS, {1})


@pytest.mark.parametrize(("client", "network"), [
    ("198.51.100.7", "198.51.100.0/24"), ("::ffff:198.51.100.7", "198.51.100.0/24"), ("2001:db8:1:2::9", "2001:db8:1::/48"),
    ("unknown", ""), ("", ""),
])  # fmt: skip
def test_a_network_is_its_prefix_and_what_is_no_address_is_of_none(client: str, network: str) -> None:
    assert STAGE.network({"client_address": client}) == network


@pytest.mark.parametrize(("word", "said"), [
    ("members", 2), ("each", 0), ("together", 0), ("alike", 499), ("alike", 1001), ("young_days", 0), ("young_days", 367),
    ("window", 3599), ("window", 7 * DAY + 1), ("members", True), ("members", "10"), ("when_down", ""), ("when_down", "hold"),
])  # fmt: skip
def test_a_plan_that_leaves_open_who_is_held_is_none(word: str, said: Any) -> None:
    with pytest.raises(BadScope) as no:
        read_scope({**SCOPE, word: said}, HOLD)
    assert no.value.where == f"scope.{word}"


def test_counting_need_not_say_what_becomes_of_mail_and_nothing_but_account_and_network_is_looked_at() -> None:
    assert read_scope({n: v for n, v in SCOPE.items() if n != "when_down"}, COUNT)[-1] == "pass"
    with pytest.raises(BadScope):
        read_scope({n: v for n, v in SCOPE.items() if n != "when_down"}, HOLD)
    assert set(READS) == {"sasl_username", "client_address"}
    assert {Element.PARTY, Element.COUNT, Element.DATETIME} == ELEMENTS
