"""What a claimant keeps back is in no letter to the poster, however it is spelled; what is allowed is there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk.cases import case_masks
from sekisho.law.casebook import procedures_in
from sekisho.law.procedures import Standing
from tests.conftest import ROOT

TABLE = procedures_in(ROOT / "casebook" / "jp" / "procedures")["deletion-inquiry"]


def mask(every: bool = False, **facts: object) -> case_masks.Mask:
    return case_masks.of(TABLE, Standing("received", facts, {}, {}), every)  # type: ignore[arg-type] # plain values


@pytest.mark.parametrize("said", ["見本 花子", "見本花子", "見本　花子", "花子さん", "ＨＡＮＡＫＯ@EXAMPLE.jp", "見 本 花\n子"])
def test_a_name_kept_back_is_black_in_every_spelling(said: str) -> None:
    shown = mask(claimant="見本 花子", claimant_contact="hanako@example.jp").over(f"これは{said}のことです")
    assert case_masks.BLACK in shown
    assert "花" not in shown
    assert "anako" not in shown.lower()


def test_nothing_is_kept_back_that_may_be_told_but_the_masked_copy_has_none_of_it() -> None:
    told = {"claimant": "見本 花子", "tell_name": True}
    assert mask(**told).over("見本花子") == "見本花子"
    assert mask(every=True, **told).over("見本花子") == case_masks.BLACK


def test_not_answered_means_no() -> None:
    assert "claimant" in mask(claimant="見本 花子").names
    assert "claimant" in mask(claimant="見本 花子", tell_name=False).names


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=2, max_size=20)


@given(NAMES, st.text(max_size=20), st.text(max_size=20))
def test_whatever_the_name_it_is_gone_from_whatever_surrounds_it(name: str, before: str, after: str) -> None:
    assert name not in mask(claimant=name).over(f"{before}{name}{after}") or name in case_masks.BLACK


@pytest.mark.parametrize("name", ["A", "(.*", "[a-z]+", "\\d"])
def test_a_name_is_no_pattern(name: str) -> None:
    """And a single letter is not blacked out all over everybody's words."""
    assert mask(claimant=name).over("harmless words 12") == "harmless words 12"
