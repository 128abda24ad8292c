"""What accounts with signs sent is the disturbance; what the newest test finds among settled accounts is how often it errs at most."""

from __future__ import annotations

from typing import Any

from sekisho.measures.hijack_signs import TEST, HijackSigns, load, tried


def row(**said: int) -> dict[str, Any]:
    test = {"networks": 8, "jump": 20, "least": 100, "usual_hours": 12, "young_days": 30, "held_hours": 12}
    found = {"signs": 0, "signs_messages": 0, "settled": 0, "matched": 0, **test, **said}
    return {"of": {"permit-hold": {"messages": 1, "found": {**found, "settled": 0}}, "permit-count": {"messages": 2, "found": found}}}


def test_the_disturbance_is_what_accounts_with_signs_sent_and_nothing_counted_is_no_evidence() -> None:
    assert load([]) is None
    assert load([{"messages": 9}]) is None
    found = load([row(), row(signs=1, signs_messages=700), row()])
    assert found is not None
    assert (found["measured"], found["impaired"]) == (700, True)
    assert (load([row()]) or {})["impaired"] is False


def test_the_trial_is_of_the_newest_test_alone_and_rounds_up() -> None:
    assert tried([row()]) is None, "nobody settled sent, so nothing was tried"
    found = tried([row(networks=3, settled=9, matched=9), row(settled=300, matched=0), row(settled=2001, matched=1)])
    assert found is not None
    assert (found["settled"], found["matched"], found["permille"]) == (2001, 1, 1)
    assert {found[w] for w in TEST} == {8, 20, 100, 12, 30}
    assert HijackSigns().proposes() == ()
