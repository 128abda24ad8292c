"""A contractor's tool in one office: without a go nothing is permitted; who may say what; and what ends permits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sekisho.law.entrustment import What
from sekisho.law.tool import Heard, Said, Step
from tests.desk.office import Office, refused
from tests.desk.test_entrust import ask, enter, entrusted, missing, move, permit, row, state
from tests.desk.tooling import OFF, cleared, declaration, declare, record, say

DEALT = Heard(Step.POST, "list-mail", "a", "b", (), "envelope", "1" * 64)


def approved(office: Office, **changed: Any) -> str:
    """A row in force; of its contractor's tool nobody knows anything yet."""
    identity = enter(office, row(office, "agency", **changed))
    move(office, identity, What.APPROVED, "reviewer-a")
    return identity


def tool_of(office: Office, entrustment: str) -> dict[str, Any]:
    (one,) = office.terminal.call("tools", entrustment=entrustment)["tools"]
    return dict(one)


def test_no_list_is_handed_over_before_the_tool_is_declared_drilled_and_signed(founded: Office) -> None:
    agency = approved(founded)
    assert missing(ask(founded, agency)) == {"tool-clear"}
    declared = declare(founded, agency)["tool"]
    assert missing(ask(founded, agency)) == {"tool-clear"}
    drilled = record(founded, agency, declared)
    assert (drilled["clear"], missing(ask(founded, agency))) == ("no-sheet", {"tool-clear"})
    assert say(founded, agency, Said.GO, drill=drilled["tool"])["clear"] == "clear"
    assert missing(ask(founded, agency)) == set()


def test_a_rung_that_reaches_nobody_and_work_by_hand_are_not_asked_about_tools(founded: Office) -> None:
    agency = approved(founded)
    for rung in ("aggregate", "holder-sends", "holder-posts", "pseudonyms"):
        assert missing(ask(founded, agency, rung=rung)) == set(), rung
    assert missing(ask(founded, agency, actions=["store"])) == set()
    assert missing(ask(founded, agency, actions=["store"], step="enter-into-tool")) == {"tool-clear"}


def test_an_undeclared_function_is_named_and_no_go_is_taken(founded: Office) -> None:
    agency = approved(founded)
    said = record(founded, agency, declare(founded, agency)["tool"], heard=(DEALT,), mails=1)
    assert (said["clear"], said["undeclared"]) == ("undeclared-function", ["list-mail"])
    with refused("tool-not-clear"):
        say(founded, agency, Said.GO, drill=said["tool"])
    assert missing(ask(founded, agency)) == {"tool-clear"}
    assert tool_of(founded, agency)["drill"]["undeclared"] == ["list-mail"]


def test_who_read_the_answers_or_ran_the_drill_does_not_say_go(founded: Office) -> None:
    agency = approved(founded)
    drilled = record(founded, agency, declare(founded, agency, who="officer")["tool"])["tool"]
    with refused("drilled-it-oneself"):
        say(founded, agency, Said.GO, "officer", drill=drilled)
    drilled = record(founded, agency, declare(founded, agency)["tool"], who="officer")["tool"]
    with refused("drilled-it-oneself"):
        say(founded, agency, Said.GO, "officer", drill=drilled)
    with refused("wrong-role"):
        say(founded, agency, Said.GO, "engineer", drill=drilled)


def test_a_go_needs_the_newest_drill_and_what_the_contractor_signed(founded: Office) -> None:
    agency = approved(founded)
    declared = declare(founded, agency)["tool"]
    old, new = (record(founded, agency, declared)["tool"] for _ in range(2))
    with refused("no-such-drill"):
        say(founded, agency, Said.GO, drill=old)
    for wrong in ({"paper": ""}, {"named": " "}):
        with refused("no-proof"):
            say(founded, agency, Said.GO, drill=new, **wrong)
    with refused("no-reasons"):
        say(founded, agency, Said.NO_GO, "desk", drill=new)


def test_a_new_release_ends_every_permit_that_rests_on_the_tool(founded: Office) -> None:
    agency = entrusted(founded)
    of = permit(founded, agency)
    said = say(founded, agency, Said.RELEASED, "desk", release="3.2")
    assert (said["clear"], said["permits"], state(founded, of)) == ("stale", [of], "ended")
    assert missing(ask(founded, agency)) == {"tool-clear"}


def test_so_do_a_no_go_a_new_declaration_and_a_drill_that_hears_something(founded: Office) -> None:
    agency = entrusted(founded)
    of = permit(founded, agency)
    drilled = tool_of(founded, agency)["drill"]["id"]
    assert say(founded, agency, Said.NO_GO, "desk", drill=drilled, reason="mails were seen elsewhere")["permits"] == [of]
    cleared(founded, agency)
    of = permit(founded, agency, why_not_lower="again")
    assert declare(founded, agency)["permits"] == [of]
    cleared(founded, agency)
    of = permit(founded, agency, why_not_lower="and again")
    declared = tool_of(founded, agency)["declaration"]["id"]
    assert record(founded, agency, declared, heard=(DEALT,), mails=1)["permits"] == [of]


def test_a_permit_that_gives_no_tool_anything_outlives_its_release(founded: Office) -> None:
    agency = entrusted(founded)
    of = permit(founded, agency, actions=("store",))
    assert say(founded, agency, Said.RELEASED, "desk", release="3.2")["permits"] == []
    assert state(founded, of) == "in-force"


def test_what_is_not_answered_is_named_and_nothing_is_entered(founded: Office) -> None:
    agency = approved(founded)
    words = declaration(agency, founded.keys["desk"].person, founded.watch.at)
    answers = {q: a for q, a in words.answers.items() if q != "list-mail"}
    with refused("declaration-incomplete") as why:
        declare(founded, agency, answers={**answers, "roster": replace(OFF, evidence="")})
    assert why.value.detail["fields"] == ["list-mail", "roster"]
    with refused("other-questions"):
        declare(founded, agency, questions="0" * 64)
    assert tool_of(founded, agency)["declaration"] is None


def test_a_drill_of_no_declaration_or_without_sense_is_refused(founded: Office) -> None:
    agency = approved(founded)
    with refused("no-such-declaration"):
        record(founded, agency, "tool-0000000000000000")
    declared = declare(founded, agency)["tool"]
    with refused("not-a-drill"):
        record(founded, agency, declared, canaries=1)
    with refused("not-a-release"):
        say(founded, agency, Said.RELEASED, "desk", release="")


def test_words_lost_from_the_records_make_the_tool_unclear(founded: Office) -> None:
    """An old copy put back: what the ledger alone still knows of counts as a no."""
    agency = entrusted(founded)
    founded.close()
    kept = {p: p.read_bytes() for p in (founded.home / "state").rglob("*.db*")}
    assert kept
    founded.open()
    assert say(founded, agency, Said.RELEASED, "desk", release="3.1")["clear"] == "clear"
    founded.close()
    for path, content in kept.items():
        path.write_bytes(content)
    founded.open()
    assert [m["what"] for m in tool_of(founded, agency)["moves"]] == ["go", "lost"]
    assert missing(ask(founded, agency)) == {"tool-clear"}
