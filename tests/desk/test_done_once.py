"""What people signed is done once: sent again by whoever overheard it, now, in the same moment, after a restart, with another clock."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from sekisho.desk import records
from sekisho.desk.case_words import Attaching, HoldOrder, LiftOrder, Opening
from sekisho.desk.clock import Clock
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.signed_words import ConsentEnd
from sekisho.desk.staff.statements import SignIn
from sekisho.desk.world import Caller, No
from sekisho.faces.processes.methods import METHODS
from sekisho.law.canonical import plain
from sekisho.law.reading import read
from tests.desk.caseload import CLAIM, PDF, Caseload
from tests.desk.office import Office
from tests.desk.test_consents import ANSWER, SHOWN, listed

Sent = tuple[str, dict[str, Any]]


@pytest.fixture
def load(office: Office) -> Caseload:
    return Caseload(office, texts=False)


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(KeepSaidNo) as why:
        call()
    return why.value.code


def opening(load: Caseload) -> Sent:
    words = Opening("deletion-inquiry", CLAIM, "", load.person("desk"), load.office.watch.at)
    return "open-case", {"opening": words, "signature": load.signed("desk", words)}


def attaching(load: Caseload) -> Sent:
    matter = load.open("deletion-inquiry", CLAIM)
    words = Attaching(matter, "claim", "a.pdf", sha256(PDF).hexdigest(), len(PDF), load.person("desk"), load.office.watch.at)
    return "attach", {"attaching": words, "content": PDF, "signature": load.signed("desk", words)}


def holding(load: Caseload) -> Sent:
    matter, now = load.open("deletion-inquiry", CLAIM), load.office.watch.at
    data = (f"{load.permit}/*/2026-11-21",)
    words = HoldOrder(matter, data, now + timedelta(days=3), "an order of the court", load.person("officer"), now)
    return "hold", {"order": words, "signature": load.signed("officer", words)}


def rows(office: Office) -> tuple[int, ...]:
    with office.turn() as world:
        return tuple(records.count(world.db, t) for t in (records.MATTERS, records.ATTACHMENTS, records.HOLDS))


@pytest.mark.parametrize("make", [opening, attaching, holding])
def test_a_signed_request_sent_again_is_refused_and_nothing_happens_twice(make: Callable[[Caseload], Sent], load: Caseload) -> None:
    method, said = make(load)
    load.call(method, **said)
    after = rows(load.office)
    load.office.watch.wind(minutes=2)
    for _ in range(2):
        size = load.office.world.log.size
        assert refused(lambda: load.call(method, **said)) == "done-already"
        assert load.office.world.log.size == size
        load.office.reopen()
    assert rows(load.office) == after


@pytest.mark.parametrize("make", [opening, attaching, holding])
def test_of_two_in_the_same_turn_one_is_done(make: Callable[[Caseload], Sent], load: Caseload) -> None:
    """As `keep` takes in two channels at once: both are answered after one write of the ledger."""
    method, said = make(load)
    asked = METHODS[method]
    before = sum(rows(load.office))
    outcomes = []
    with load.office.turn() as world:
        world.caller = Caller("terminal")
        for _ in range(2):
            try:
                with world.request():
                    asked.use_case(world, read(asked.request, json.loads(json.dumps(plain(said)))))
                outcomes.append("done")
            except No as no:
                outcomes.append(no.code)
    assert outcomes == ["done", "done-already"]
    assert sum(rows(load.office)) == before + 1


def test_a_lifted_hold_is_neither_placed_again_nor_lifted_again(load: Caseload) -> None:
    method, said = holding(load)
    hold = load.call(method, **said)
    words = LiftOrder(hold, "the order was lifted", load.person("officer"), load.office.watch.at)
    lifting = {"order": words, "signature": load.signed("officer", words)}
    load.call("lift", **lifting)
    assert refused(lambda: load.call("hold", **said)) == "done-already"
    assert refused(lambda: load.call("lift", **lifting)) == "done-already"


def test_what_was_refused_may_be_sent_again_when_it_may_be_done(load: Caseload) -> None:
    """A refusal uses nothing up: who was told what is missing mends it and sends the same signed words."""
    method, said = attaching(load)
    assert refused(lambda: load.call(method, **{**said, "content": b"another"})) == "another-file"
    load.call(method, **said)


def test_a_stranger_uses_up_nobodys_words(load: Caseload) -> None:
    """Words with a forged signature are refused before they are remembered: their author can still send them."""
    method, said = opening(load)
    forged = replace(said["signature"], signature=bytes(64))
    assert refused(lambda: load.call(method, **{**said, "signature": forged})) == "bad-signature"
    load.call(method, **said)


def test_a_signer_whose_clock_runs_ahead_gives_no_second_chance(load: Caseload) -> None:
    """Signed four minutes ahead, it would be fresh for nine; and a consent withdrawn meanwhile does not come back."""
    office = load.office
    desk = office.keys["desk"]
    words = replace(ANSWER, by=desk.person, at=office.watch.at + timedelta(minutes=4))
    said = {"answer": words, "shown": SHOWN, "signature": desk.sign(words)}
    given = office.terminal.call("record-consent", **said)
    ending = ConsentEnd(given["consent"], "on the telephone", desk.person, office.watch.at)
    office.terminal.call("withdraw-consent", ending=ending, signature=desk.sign(ending))
    office.watch.wind(minutes=8)
    assert refused(lambda: office.terminal.call("record-consent", **said)) == "done-already"
    assert [c["state"] for c in listed(office)] == ["withdrawn"]


def test_a_clock_put_back_gives_no_second_chance(load: Caseload) -> None:
    method, said = opening(load)
    load.call(method, **said)
    load.office.watch.wind(days=2)
    assert refused(lambda: load.call(method, **said)) == "waited-too-long"
    load.office.watch.at -= timedelta(days=2)
    load.office.world.clock = Clock(None, load.office.watch.wall, load.office.watch.ticks)  # as a start with --accept-clock
    assert refused(lambda: load.call(method, **said)) == "done-already"


def test_a_sign_in_opens_one_session(office: Office) -> None:
    key = office.keys["desk"]
    words = SignIn("", "nonce", office.watch.at)
    office.channel("show").call("sign-in", sign_in=words, signature=key.sign(words))
    assert refused(lambda: office.channel("show").call("sign-in", sign_in=words, signature=key.sign(words))) == "done-already"


def test_what_is_remembered_says_nothing_to_who_reads_the_records(load: Caseload) -> None:
    """Who knows the words cannot tell from the records alone that they were signed: the digest is keyed."""
    method, said = opening(load)
    load.call(method, **said)
    with load.office.turn() as world:
        kept = [r["digest"] for r in records.rows(world.db, records.SIGNED)]
    assert len(kept) == len(set(kept))
    assert sha256(json.dumps(plain(said["opening"])).encode()).hexdigest() not in kept
    assert load.office.keys["desk"].sign(said["opening"]).signature.hex() not in str(kept)
