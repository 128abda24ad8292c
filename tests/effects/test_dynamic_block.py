"""The stages about dynamic ranges say what they do, or are none; what is counted is networks, never addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.effects.dynamic_block import (
    BLOCK,
    COUNT,
    ELEMENTS,
    READS,
    DynamicBlock,
    DynamicForm,
    OriginCount,
    networks,
    origins,
    read_scope,
)
from sekisho.effects.mail_counts import MailCounts
from sekisho.effects.mail_stage import BadScope
from sekisho.faces.processes.policy import reply
from sekisho.law.words import Element, Value
from sekisho.wire.block_list import read_block_list

END = datetime(2027, 1, 1, tzinfo=UTC)
PAGE = "https://www.example.net/ip25b"
SCOPE: Mapping[str, Value] = {"fresh_hours": 48, "senders": ("203.0.113.16/28",), "page": PAGE, "when_down": "pass"}
HOUR = 3600


def sources(ranges: bytes = b"203.0.113.0/24\n2001:db8::/32\n", **more: Value) -> DynamicBlock:
    found, page = read_scope({**SCOPE, **more}, BLOCK)
    own = networks(["203.0.113.128/25"])
    return DynamicBlock("permit-a", BLOCK, END, replace(found, ranges=read_block_list(ranges), own=own), page)


def asked(client: str, **more: str) -> Mapping[str, str]:
    return {"client_address": client, "recipient": "bob@isp.example", **more}


def refused(stage: DynamicBlock, client: str, counts: MailCounts, **more: str) -> bool:
    """As the process asks: about whom, and then whether it is against it."""
    words = asked(client, **more)
    return bool(stage.who(words)) and stage.against(words, b"", 0, counts) is not None


@pytest.fixture
def counts() -> MailCounts:
    return MailCounts(Path(":memory:"))


def test_a_source_in_a_declared_range_is_refused_and_hears_why_what_to_do_and_where_to_read_on(counts: MailCounts) -> None:
    said = sources().against(asked("203.0.113.9"), b"", 0, counts)
    assert said is not None
    words = reply(said.word, said.numbers)
    assert words.startswith("554 5.7.1 ")
    assert words.endswith(PAGE)
    assert "dynamic" in words
    assert "587" in words
    assert len(words) < 400, "one line of SMTP has room for 512"


def test_other_addresses_known_senders_our_own_lines_and_who_signed_in_are_let_through(counts: MailCounts) -> None:
    stage = sources()
    assert refused(stage, "203.0.113.9", counts)
    assert refused(stage, "2001:db8::9", counts)
    assert refused(stage, "::ffff:203.0.113.9", counts)
    for client in ("198.51.100.7", "203.0.113.17", "203.0.113.200", "2001:db9::1", "unknown", ""):
        assert not refused(stage, client, counts), client
    assert not refused(stage, "203.0.113.9", counts, sasl_username="bob")


def test_without_a_list_nobody_is_refused(counts: MailCounts) -> None:
    found, page = read_scope(SCOPE, BLOCK)
    assert not refused(DynamicBlock("permit-a", BLOCK, END, found, page), "203.0.113.9", counts)


@pytest.mark.parametrize(("word", "said"), [
    ("fresh_hours", 0), ("fresh_hours", 169), ("fresh_hours", "x"), ("page", ""), ("page", "http://www.example.net/"), ("page", 5),
    ("page", "https://a b"), ("page", "https://www.example.net/\n554"), ("when_down", "perhaps"), ("senders", "203.0.113.1"),
    ("senders", ("203.0.113.0/23",)), ("senders", ("2001:db8::/47",)), ("senders", ("mail.example",)), ("senders", ("192.0.2.1/24",)),
    ("senders", ("192.0.2.1",) * 1001),
])  # fmt: skip
def test_a_plan_that_leaves_open_what_it_does_or_lets_a_whole_provider_in_is_none(word: str, said: Value) -> None:
    with pytest.raises(BadScope) as no:
        DynamicForm(BLOCK).check({**SCOPE, word: said})
    assert no.value.where == f"scope.{word}"


def test_mail_passes_while_we_are_down_unless_the_plan_says_otherwise() -> None:
    silent = {k: v for k, v in SCOPE.items() if k not in ("when_down", "senders")}
    assert read_scope(silent, BLOCK)[0].when_down == "pass"
    assert sources(when_down="defer").when_down == "defer"
    assert reply(sources().unchecked().word, {}).startswith("451 4.")


def test_only_the_source_is_looked_at_and_to_count_adds_number_and_time() -> None:
    assert set(READS) == {"sasl_username", "client_address"}
    assert DynamicForm(BLOCK).elements == ELEMENTS == {Element.PARTY}
    assert DynamicForm(COUNT).elements == {Element.PARTY, Element.COUNT, Element.DATETIME}
    assert (DynamicForm(COUNT).rows, DynamicForm(BLOCK).rows) == ("counts-by-network", "dynamic-addresses-of-others")


def test_a_network_is_one_whoever_of_it_sends_and_nobody_is_refused_by_counting(counts: MailCounts) -> None:
    stage = OriginCount("permit-a", COUNT, END, sources().sources)
    assert stage.who(asked("203.0.113.9")) == stage.who(asked("203.0.113.77")) == "203.0.113.0/24"
    assert stage.who(asked("203.0.113.9", sasl_username="bob")) == stage.who(asked("203.0.113.200")) == ""
    for at, client in enumerate(("203.0.113.9", "203.0.113.77", "203.0.113.17", "198.51.100.7")):
        stage.against(asked(client), stage.who(asked(client)).encode(), HOUR + at, counts)
    each = dict(counts.each("permit-a", 1))
    assert each == {b"d203.0.113.0/24": 2, b"k203.0.113.0/24": 1, b"o198.51.100.0/24": 1}
    assert counts.each("permit-a", 2) == [], "the next hour begins at nothing"


def test_an_hour_is_told_in_six_numbers() -> None:
    each = [(b"da", 120), (b"db", 99), (b"oc", 150), (b"od", 3), (b"ke", 5000)]
    assert origins(each, 100) == {
        "dynamic": 219, "others": 5153, "dynamic_bulk": 120, "other_bulk": 150, "dynamic_over": 20, "others_over": 4950,
    }  # fmt: skip
    assert set(origins([], 100).values()) == {0}
