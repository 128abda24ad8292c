"""What groups sent is the disturbance; what the newest test finds among settled accounts is how often it errs."""

from __future__ import annotations

from typing import Any

from sekisho.measures.alike_accounts import TEST, AlikeAccounts, load, tried


def row(**said: int) -> dict[str, Any]:
    test = {"members": 10, "each": 5, "together": 500, "alike": 900, "young_days": 30, "window": 86400}
    found = {"groups": 0, "grouped_messages": 0, "settled": 0, "matched": 0, **test, **said}
    return {"of": {"permit-hold": {"messages": 1, "found": {**found, "settled": 0}}, "permit-count": {"messages": 2, "found": found}}}


def test_the_disturbance_is_what_groups_sent_and_nothing_counted_is_no_evidence() -> None:
    assert load([]) is None
    assert load([{"messages": 9}]) is None
    found = load([row(), row(groups=1, grouped_messages=700), row()])
    assert found is not None
    assert (found["measured"], found["impaired"]) == (700, True)
    assert (load([row()]) or {})["impaired"] is False


def test_the_trial_is_of_the_newest_test_alone_and_rounds_up() -> None:
    assert tried([row()]) is None, "nobody settled sent, so nothing was tried"
    found = tried([row(members=3, settled=9, matched=9), row(settled=300, matched=0), row(settled=2001, matched=1)])
    assert found is not None
    assert (found["settled"], found["matched"], found["permille"]) == (2001, 1, 1)
    assert {found[w] for w in TEST} == {10, 5, 500, 900, 30, 86400}
    assert AlikeAccounts().proposes() == ()
