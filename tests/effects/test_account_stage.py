"""Of accounts only those the finder names are held, only where the permit says so; a token says no name and no address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sekisho.effects.account_stage import ACCOUNT, COUNT, ELEMENTS, HOLD, NETWORK, READS, AccountStage
from sekisho.effects.alike import SLOTS, AlikeStage
from sekisho.effects.hijack import HOURS, HijackStage
from sekisho.effects.mail_counts import MailCounts
from sekisho.effects.mail_stage import BadScope
from sekisho.law.words import Element, Value

P, NOON, HOUR, DAY, UNTIL = "permit-a", 1_795_003_200, 3600, 86400, datetime(2027, 1, 1, tzinfo=UTC)
ALICE = b"a" * ACCOUNT + b"n" * NETWORK + b"b" * 8
ALIKE: Mapping[str, Value] = {"members": 10, "each": 5, "together": 500, "alike": 900, "young_days": 30, "window": DAY}
SIGNS: Mapping[str, Value] = {"networks": 8, "jump": 20, "least": 100, "usual_hours": 12, "young_days": 30, "held_hours": 12}
SCOPES: Mapping[type[AccountStage], Mapping[str, Value]] = {AlikeStage: ALIKE, HijackStage: SIGNS}
WORDS = {AlikeStage: "alike", HijackStage: "hijacked"}
BOTH = pytest.mark.parametrize("kind", SCOPES, ids=WORDS.get)


def stage_of(kind: type[AccountStage], step: str = HOLD) -> AccountStage:
    return kind(P, step, UNTIL, **kind.read({**SCOPES[kind], "when_down": "pass"}, step))


def held(stage: AccountStage) -> AccountStage:
    """Once the finder names Alice."""
    return replace(stage, named=frozenset({ALICE[:ACCOUNT]}))


def sends(stage: AccountStage, counts: MailCounts, times: int = 1, at: int = NOON) -> list[str]:
    found = [stage.against({}, ALICE, at, counts) for _ in range(times)]
    return [one.word if one else "" for one in found]


@BOTH
def test_counting_holds_nobody_even_whom_the_finder_names(counts: MailCounts, kind: type[AccountStage]) -> None:
    named = held(stage_of(kind, COUNT))
    assert sends(named, counts, 20) == [""] * 20
    assert not named.holds


@BOTH
def test_whom_the_finder_names_waits_from_every_network_and_is_not_counted(counts: MailCounts, kind: type[AccountStage]) -> None:
    stage = stage_of(kind)
    assert sends(stage, counts, 7) == [""] * 7
    assert held(stage).holds
    assert sends(held(stage), counts, 3) == [WORDS[kind]] * 3
    assert counts.sent(P, ALICE, 0)[0] == 7
    assert held(stage).against({}, b"b" * 32, NOON, counts) is None, "another account"


def test_who_acts_alike_and_waits_gets_out_of_it(counts: MailCounts) -> None:
    stage = stage_of(AlikeStage)
    sends(stage, counts, 7)
    assert sends(held(stage), counts, at=NOON + DAY + HOUR) == [""]


def test_whom_the_help_desk_let_go_begins_at_nothing_in_memory_and_on_disk(counts: MailCounts, tmp_path: Path) -> None:
    stage = stage_of(AlikeStage)
    sends(stage, counts, 7)
    counts.commit()
    counts.lift(P, ALICE[:ACCOUNT], NOON)
    counts.commit()
    assert sends(held(stage), counts, 5) == [""] * 5
    again = MailCounts(tmp_path / "counts.db")
    assert again.sent(P, ALICE, 0) == (0, 0)
    again.close()


@pytest.mark.parametrize(("kind", "hours"), [(AlikeStage, SLOTS), (HijackStage, HOURS)])
def test_a_day_of_hours_or_a_week_is_kept_and_leaves_the_window_one_at_a_time(
    counts: MailCounts, kind: type[AccountStage], hours: int
) -> None:
    stage, last = stage_of(kind), NOON + HOUR * (hours + 5)
    for at in range(NOON, last + 1, HOUR):
        sends(stage, counts, at=at)
    ((_, parts),) = counts.parts(P, stage.first(last))
    assert (len(parts), {n for _, n in parts}) == (hours, {1})
    assert hours in (24, 168)


@pytest.mark.parametrize(("client", "network"), [
    ("198.51.100.7", "198.51.100.0/24"), ("::ffff:198.51.100.7", "198.51.100.0/24"), ("2001:db8:1:2::9", "2001:db8:1::/48"),
    ("unknown", ""), ("", ""),
])  # fmt: skip
def test_a_network_is_its_prefix_and_what_is_no_address_is_of_none(client: str, network: str) -> None:
    assert stage_of(HijackStage).network({"client_address": client}) == network


@pytest.mark.parametrize(("kind", "word", "said"), [
    *((AlikeStage, *one) for one in (
        ("members", 2), ("each", 0), ("together", 0), ("alike", 499), ("alike", 1001), ("young_days", 0), ("young_days", 367),
        ("window", 3599), ("window", 7 * DAY + 1), ("members", True), ("members", "10"), ("when_down", ""), ("when_down", "hold"),
    )),
    *((HijackStage, *one) for one in (
        ("networks", 1), ("jump", 1), ("least", 0), ("usual_hours", 0), ("usual_hours", 85), ("young_days", 0), ("young_days", 367),
        ("held_hours", 0), ("held_hours", 73), ("networks", True), ("networks", "8"), ("when_down", ""), ("when_down", "hold"),
    )),
])  # fmt: skip
def test_a_plan_that_leaves_open_who_is_held_or_how_long_is_none(kind: type[AccountStage], word: str, said: Any) -> None:
    with pytest.raises(BadScope) as no:
        kind.read({**SCOPES[kind], "when_down": "pass", word: said}, HOLD)
    assert no.value.where == f"scope.{word}"


@BOTH
def test_counting_need_not_say_what_becomes_of_mail(kind: type[AccountStage]) -> None:
    assert kind.read(SCOPES[kind], COUNT)["when_down"] == "pass"
    with pytest.raises(BadScope):
        kind.read(SCOPES[kind], HOLD)


def test_nothing_but_account_and_network_is_looked_at() -> None:
    assert set(READS) == {"sasl_username", "client_address"}
    assert {Element.PARTY, Element.COUNT, Element.DATETIME} == ELEMENTS
