"""The stage that refuses listed sources says what it does, or is none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.effects.mail_counts import MailCounts
from sekisho.effects.mail_stage import Against, BadScope
from sekisho.effects.source_block import READS, SourceBlock, read_scope
from sekisho.faces.processes.policy import reply
from sekisho.law.words import Value
from sekisho.wire.block_list import read_block_list

END = datetime(2027, 1, 1, tzinfo=UTC)
SCOPE: Mapping[str, Value] = {"consent": "per-line", "fresh_hours": 48, "answer": "refuse", "when_down": "pass"}
ASKED = {"client_address": "203.0.113.9", "recipient": "bob@isp.example"}


def against(answer: str, raw: bytes | None = b"203.0.113.0/24\n", **more: str) -> Against | None:
    stage = SourceBlock("permit-a", "reject", END, 48, answer, "pass", read_block_list(raw) if raw else None)
    counts = MailCounts(Path(":memory:"))
    try:
        return stage.against({**ASKED, **more}, b"", 0, counts)
    finally:
        counts.close()


@pytest.mark.parametrize(("answer", "said"), [("refuse", "554 5.7.1 "), ("defer", "450 4.7.1 ")])
def test_a_listed_source_hears_what_the_plan_says(answer: str, said: str) -> None:
    found = against(answer)
    assert found is not None
    assert reply(found.word, found.numbers).startswith(said)


def test_who_is_not_listed_passes_and_so_does_everybody_where_there_is_no_list() -> None:
    assert against("refuse", client_address="198.51.100.7") is None
    assert against("refuse", client_address="") is None
    assert against("refuse", None) is None


def test_nothing_but_source_account_and_recipient_is_looked_at() -> None:
    assert set(READS) == {"sasl_username", "client_address", "recipient"}
    stage = SourceBlock("permit-a", "reject", END, 48, "refuse", "pass")
    assert (stage.who(ASKED), stage.who({**ASKED, "sasl_username": "bob"}), stage.who({})) == ("203.0.113.9", "", "")
    assert reply(stage.unchecked().word, {}).startswith("451 4.")


@pytest.mark.parametrize(("word", "said"), [
    ("consent", None), ("consent", "all"), ("fresh_hours", None), ("fresh_hours", 0), ("fresh_hours", 169), ("fresh_hours", "x"),
    ("answer", None), ("answer", "drop"), ("when_down", "perhaps"),
])  # fmt: skip
def test_a_plan_that_leaves_open_what_it_does_is_none(word: str, said: Value) -> None:
    with pytest.raises(BadScope) as no:
        read_scope({**{k: v for k, v in SCOPE.items() if k != word}, **({} if said is None else {word: said})})
    assert no.value.where == f"scope.{word}"


def test_mail_passes_while_we_are_down_unless_the_plan_says_otherwise() -> None:
    assert read_scope({k: v for k, v in SCOPE.items() if k != "when_down"}) == (48, "refuse", "pass")
    assert read_scope({**SCOPE, "when_down": "defer"}) == (48, "refuse", "defer")
