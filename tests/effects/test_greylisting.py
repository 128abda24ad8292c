"""A first mail waits, the second try after the delay passes, from a neighbour too, and after a kill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.effects.greylisting import DAY, DOMAIN, READS, SPF, Greylist, read_scope
from sekisho.effects.mail_counts import MailCounts
from sekisho.effects.mail_stage import BadScope, network_of
from sekisho.law.words import Value

END = datetime(2027, 1, 1, tzinfo=UTC)
NOON = 1_795_000_000
GREY = Greylist("permit-a", "delay", END, 300, 2 * DAY, 30 * DAY, "pass")
SCOPE: Mapping[str, Value] = {
    "consent": "per-line", "by": "network", "delay": 300, "retry": 2 * DAY, "remember": 30 * DAY, "when_down": "pass",
}  # fmt: skip


def asked(client: str = "198.51.100.7", **more: str) -> dict[str, str]:
    return {"client_address": client, "sender": "alice@far.example", "recipient": "bob@isp.example", **more}


def passes(counts: MailCounts, at: int, client: str = "198.51.100.7", **more: str) -> bool:
    who = GREY.who(asked(client, **more))
    return GREY.against(asked(client, **more), sha256(who.encode()).digest()[:16], NOON + at, counts) is None


def test_a_first_mail_waits_and_the_second_try_after_the_delay_passes(counts: MailCounts) -> None:
    assert [passes(counts, at) for at in (0, 1, 299, 300, 301)] == [False, False, False, True, True]


def test_what_is_said_counts_down(counts: MailCounts) -> None:
    said = [GREY.against(asked(), b"t" * 16, NOON + at, counts) for at in (0, 100)]
    assert [s and s.numbers["seconds"] for s in said] == [300, 200]


def test_a_neighbour_of_the_same_network_may_come_back_and_another_network_may_not(counts: MailCounts) -> None:
    assert not passes(counts, 0)
    assert passes(counts, 300, "198.51.100.250")
    assert not passes(counts, 300, "198.51.101.7")


def test_by_domain_any_of_its_machines_may_come_back_and_nobody_elses(counts: MailCounts) -> None:
    grey = replace(GREY, by=SPF)

    def comes(at: int, client: str, domain: str = "") -> bool:
        question = asked(client, **({DOMAIN: domain} if domain else {}))
        return grey.against(question, sha256(grey.who(question).encode()).digest()[:16], NOON + at, counts) is None

    assert not comes(0, "198.51.100.7", "far.example")
    assert comes(300, "203.0.113.200", "far.example")
    assert [comes(300, "203.0.113.200", "bad.example"), comes(300, "192.0.2.1")] == [False, False]
    assert comes(600, "192.0.2.9"), "where no domain stands behind it, by its network"
    assert GREY.who(asked(**{DOMAIN: "far.example"})) == GREY.who(asked()), "a plan by network knows no domains"
    assert grey.who(asked("", **{DOMAIN: "far.example"})) == grey.who(asked(sasl_username="a", **{DOMAIN: "far.example"})) == ""


def test_another_sender_or_recipient_waits_for_itself(counts: MailCounts) -> None:
    passes(counts, 0)
    assert not passes(counts, 300, sender="carol@far.example")
    assert not passes(counts, 300, recipient="dan@isp.example")


def test_who_comes_back_too_late_or_was_not_seen_for_long_begins_anew(counts: MailCounts) -> None:
    assert [passes(counts, at) for at in (0, 2 * DAY + 1)] == [False, False]
    assert passes(counts, 2 * DAY + 301)
    assert passes(counts, 32 * DAY + 301), "each mail is remembered from its day on"
    assert not passes(counts, 62 * DAY + 302)


def test_a_clock_that_went_back_lets_nobody_wait_for_the_old_time(counts: MailCounts) -> None:
    assert [passes(counts, at) for at in (10_000, 0, 300)] == [False, False, True]


def test_a_killed_process_forgets_nothing_that_it_answered(tmp_path: Path) -> None:
    before = MailCounts(tmp_path / "counts.db")
    passes(before, 0)
    before.commit()
    after = MailCounts(tmp_path / "counts.db")
    assert passes(after, 300)
    after.commit()
    after.forget({})
    assert MailCounts(tmp_path / "counts.db").seen("permit-a", b"") is None
    assert after._db.execute("SELECT count(*) FROM seen").fetchone() == (0,), "it goes with its permit"


def test_what_is_remembered_no_longer_is_on_the_disk_no_longer(counts: MailCounts) -> None:
    passes(counts, 0)
    passes(counts, 29 * DAY, "203.0.113.1")
    counts.commit()
    counts.forget({"permit-a": GREY.first(NOON + 31 * DAY)})
    assert counts._db.execute("SELECT last FROM seen").fetchall() == [(NOON + 29 * DAY,)]
    assert not passes(counts, 31 * DAY)


def test_mail_of_an_account_and_of_what_is_no_address_is_not_its_matter() -> None:
    assert GREY.who(asked(sasl_username="alice")) == ""
    assert [GREY.who(asked(client)) for client in ("", "unknown", "198.51.100", "::g")] == [""] * 4
    assert set(asked()) <= set(READS)


@pytest.mark.parametrize(("address", "network"), [
    ("198.51.100.7", "198.51.100.0/24"), ("2001:db8:1:2::9", "2001:db8:1:2::/64"), ("::ffff:198.51.100.7", "198.51.100.0/24"),
])  # fmt: skip
def test_a_network_is_a_24_or_a_64(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(("word", "said"), [
    ("consent", None), ("consent", "all"),
    ("by", "asn"), ("by", None), ("delay", 9), ("delay", 3601), ("retry", 300), ("retry", "x"), ("remember", -1), ("when_down", None),
])  # fmt: skip
def test_a_plan_that_leaves_open_what_it_does_is_none(word: str, said: Value) -> None:
    with pytest.raises(BadScope) as no:
        read_scope({**SCOPE, word: said})
    assert no.value.where == f"scope.{word}"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 4000), min_size=1, max_size=30))
def test_nobody_passes_before_the_delay_and_everybody_after_it(times: list[int]) -> None:
    counts = MailCounts(Path(":memory:"))
    first = min(times)
    assert [passes(counts, at) for at in sorted(times)] == [at - first >= 300 for at in sorted(times)]
    counts.close()
