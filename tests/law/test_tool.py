"""A contractor's tool: what must be answered, what a drill may say, and that nothing but a clean, signed, current drill is clear."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.law import tool
from sekisho.law.entrustment import Action, Rung
from sekisho.law.tool import Answer, Clear, Heard, Known, Ran, Said, Step, ToolMove
from tests.desk.tooling import OFF, ON, PAPER, declaration, drill, questions

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ASKED = questions().each
SAID = declaration("entrustment-1", "desk", AT)
RUN = drill("entrustment-1", "tool-1", "engineer", AT)
GO = ToolMove("entrustment-1", Said.GO, "tool-2", "", "M. Sakurai", PAPER, "", "reviewer-a", AT)
NEW = replace(GO, what=Said.RELEASED, drill="", release="3.2", at=AT + timedelta(hours=1))
DEALT = Heard(Step.POST, "list-mail", "a", "b", (), "envelope", "1" * 64)
GOOD = Known((("tool-1", SAID),), (("tool-2", RUN),), (GO,))


def clear(known: Known, digest: str = questions().digest) -> Clear:
    return tool.clear(known, ASKED, digest)


def test_forty_or_so_questions_each_in_both_languages() -> None:
    assert len(ASKED) >= 40
    assert all(q.words.keys() == {"ja", "en"} and all(q.words.values()) for q in ASKED.values())
    for must in ("list-mail", "roster", "export", "public-profile", "search", "automatic-accounts", "tracking-pixel", "re-entrusted"):
        assert must in ASKED


def test_declared_drilled_and_signed_it_is_clear() -> None:
    assert clear(GOOD) is Clear.CLEAR


WAYS = {
    Clear.UNDECLARED_YET: Known(),
    Clear.UNDRILLED: replace(GOOD, drills=()),
    Clear.NO_SHEET: replace(GOOD, moves=()),
    Clear.NO_GO: replace(GOOD, moves=(GO, replace(GO, what=Said.NO_GO))),
    Clear.STALE: replace(GOOD, moves=(GO, NEW)),
    Clear.CAUGHT: replace(GOOD, drills=(("tool-2", replace(RUN, heard=(DEALT,), mails=1)),)),
    Clear.SHORT: replace(GOOD, drills=(("tool-2", replace(RUN, ran={**RUN.ran, "post": Ran.FAILED})),)),
}


@pytest.mark.parametrize(("why", "known"), WAYS.items(), ids=[w.value for w in WAYS])
def test_one_thing_missing_and_it_is_not(why: Clear, known: Known) -> None:
    assert clear(known) is why


def test_another_list_of_questions_is_an_old_answer() -> None:
    assert clear(GOOD, "0" * 64) is Clear.OLD_QUESTIONS


def test_words_that_were_lost_count_as_a_no() -> None:
    assert clear(replace(GOOD, moves=(GO, None))) is Clear.NO_GO


def test_a_go_for_an_older_drill_or_declaration_carries_nothing() -> None:
    assert clear(replace(GOOD, drills=(*GOOD.drills, ("tool-3", RUN)))) is Clear.NO_SHEET
    assert clear(replace(GOOD, declarations=(*GOOD.declarations, ("tool-9", SAID)))) is Clear.UNDRILLED


def test_a_new_release_that_was_declared_and_drilled_is_clear_again() -> None:
    after = AT + timedelta(hours=2)
    said, run = replace(SAID, release="3.2", at=after), replace(RUN, declaration="tool-5", release="3.2", at=after)
    known = Known((*GOOD.declarations, ("tool-5", said)), (*GOOD.drills, ("tool-6", run)), (GO, NEW, replace(GO, drill="tool-6", at=after)))
    assert clear(known) is Clear.CLEAR


def test_the_drill_of_another_release_than_was_declared_is_stale() -> None:
    assert clear(replace(GOOD, drills=(("tool-2", replace(RUN, release="3.1-beta")),))) is Clear.STALE


def test_a_function_no_entrustment_allows_is_no_better_for_being_declared() -> None:
    said = replace(SAID, answers={**SAID.answers, "list-mail": ON})
    known = replace(GOOD, declarations=(("tool-1", said),), drills=(("tool-2", replace(RUN, heard=(DEALT,), mails=1)),))
    assert clear(known) is Clear.FORBIDDEN
    assert tool.forbidden(said, ASKED) == ["list-mail"]


def test_a_declared_mail_that_shows_somebody_is_still_no() -> None:
    said = replace(SAID, answers={**SAID.answers, "post-receipt": ON})
    heard = replace(DEALT, function="post-receipt", shows=("c",))
    known = replace(GOOD, declarations=(("tool-1", said),), drills=(("tool-2", replace(RUN, heard=(heard,), mails=1)),))
    assert clear(known) is Clear.SHOWS


@settings(max_examples=60)
@given(st.sets(st.sampled_from(sorted(ASKED))), st.lists(st.sampled_from(sorted(ASKED)), max_size=6))
def test_whatever_was_heard_and_not_declared_on_is_named_and_never_clear(on: set[str], heard: list[str]) -> None:
    said = declaration("entrustment-1", "desk", AT, on=tuple(on))
    run = replace(RUN, heard=tuple(replace(DEALT, function=f) for f in heard), mails=6)
    named = {h.function for h in tool.undeclared(said, run)}
    assert named == set(heard) - on
    known = replace(GOOD, declarations=(("tool-1", said),), drills=(("tool-2", run),))
    assert (clear(known) is Clear.CLEAR) == (not named and not any(ASKED[f].never for f in on))


@pytest.mark.parametrize("question", sorted(ASKED)[:3])
def test_an_unanswered_question_is_named(question: str) -> None:
    answers = {q: a for q, a in SAID.answers.items() if q != question}
    assert tool.faults(replace(SAID, answers=answers), ASKED) == (question,)


def test_an_answer_needs_its_document_and_what_is_on_who_can_use_it() -> None:
    wrong = {**SAID.answers, "export": Answer(True, " ", PAPER), "roster": Answer(False, "", ""), "magic": OFF}
    assert tool.faults(replace(SAID, answers=wrong), ASKED) == ("roster", "export", "magic")
    assert tool.faults(replace(SAID, named=" ", paper="", tool="", release="3 1"), ASKED) == ("tool", "release", "named", "paper")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"ran": {"post": Ran.MAIL}}, "ran"),
        ({"canaries": 2}, "canaries"),
        ({"report": "x"}, "report"),
        ({"release": ""}, "release"),
        ({"heard": (DEALT,)}, "mails"),
        ({"heard": (replace(DEALT, function="magic"),), "mails": 1}, "heard"),
        ({"heard": (replace(DEALT, to="guard@x"),), "mails": 1}, "heard"),
        ({"heard": (replace(DEALT, shows=("b",)),), "mails": 1}, "heard"),
    ],
)
def test_what_no_drill_would_say_is_refused_by_field(wrong: dict[str, object], field: str) -> None:
    assert tool.unsound(replace(RUN, **wrong), ASKED) == (field,)  # type: ignore[arg-type] # wrong on purpose
    assert tool.unsound(RUN, ASKED) == ()


def test_a_tool_is_asked_about_where_people_can_be_reached_by_what_sends_or_shows() -> None:
    mails, prints = (Action.SEND_MAIL, Action.STORE), (Action.PRINT, Action.SHIP, Action.STORE)
    for rung in Rung:
        assert tool.asked(rung.value, mails, into_a_tool=False) == (rung in (Rung.ALIASES, Rung.CONTACT, Rung.FIELDS))
        assert not tool.asked(rung.value, prints, into_a_tool=False)
        assert tool.asked(rung.value, prints, into_a_tool=True)
    assert tool.asked("no-such-rung", mails, into_a_tool=False)
