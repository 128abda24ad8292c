"""What makes a procedure sound, sentence by sentence: a small sound table, changed in one place at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from sekisho.law import incident, walkable
from sekisho.law.clocks import Clock, Unit
from sekisho.law.procedures import KEPT, OPENING, Asks, ClockRule, Fact, Grounds, Holds, Kept, Move, Must, Procedure, Proof, Reminder, State
from sekisho.law.public import Door
from sekisho.law.tables import CasebookError
from sekisho.law.words import Act, Authority, Certainty, Element, Kind, Role, Step

WORDS = {"ja": "言葉", "en": "words"}
DAY = date(2020, 1, 1)
DESK = frozenset({Role.DESK})
CHOICES = {"a": WORDS, "b": WORDS}
DATA = ("permit-0123456789abcdef/party/2026-11-20",)
FACTS = {
    "on": Fact("on", WORDS, "day", "2026-11-20"),
    "later": Fact("later", WORDS, "day", "2026-11-20"),
    "days": Fact("days", WORDS, "int", 3),
    "more": Fact("more", WORDS, "int", 3),
    "yes": Fact("yes", WORDS, "bool", True),
    "line": Fact("line", WORDS, "str", "x"),
    "data": Fact("data", WORDS, "data", DATA),
    "asked": Fact("asked", WORDS, "choices", ("a",), CHOICES, since={"b": DAY}),
    "given": Fact("given", WORDS, "items", ("a=x",), CHOICES, forms={"a": "line"}),
}
TERM = ClockRule("term", WORDS, Clock("on", Unit.DAYS, 7), "X 1", day="on")


def move(name: str, leaves: tuple[str, ...], to: str, **more: Any) -> Move:
    return Move(name, WORDS, WORDS, "X 1", leaves, to, **{"roles": DESK, **more})


OPEN = move(OPENING, (), "new", facts=("on", "days", "data", "asked"), may=("more",), starts=("term",))
WORK = move("work", ("new",), "new", facts=("line",), may=("later", "yes"))
GROUNDS = Grounds("measure", "step", {"x": "days"}, (Proof("kind", {"x": "on", "y": True}),), {"z": "later"})
APPROVE = move("approve", ("new",), "cleared", roles=frozenset({Role.REVIEWER}), second="work", grounds=GROUNDS)
END = move("end", ("cleared",), "over", facts=("given",), over=("term",), under=("approve",))
REST = (APPROVE, END)
STEP = Step("step", Kind.DELETE, frozenset({Act.USE}), frozenset({Element.CONTENT}), "purpose")
TABLE = Procedure(
    "table",
    WORDS,
    WORDS,
    DAY,
    DAY,
    "X 1",
    Authority.STATUTE,
    Certainty.LAW,
    1,
    OPEN,
    (State("new", WORDS, WORDS), State("cleared", WORDS, WORDS), State("over", WORDS, WORDS, final=True)),
    tuple(FACTS.values()),
    (WORK, *REST),
    papers={"letter": WORDS},
    clocks=(TERM,),
    reminders=(Reminder("term", 2, Role.DESK, WORDS), Reminder("term", 1, Role.DESK, WORDS)),
)


def refused(**changed: Any) -> str:
    """The complaint about the table with this in it, without the table's name."""
    with pytest.raises(CasebookError) as why:
        walkable.procedure(replace(TABLE, **changed))
    return f"{why.value.where}: {why.value.what}".removeprefix("table ")


def fact(name: str, **changed: Any) -> str:
    return refused(facts=tuple({**FACTS, name: replace(FACTS[name], **changed)}.values()))


def working(**changed: Any) -> str:
    return refused(moves=(replace(WORK, **changed), *REST)).removeprefix("move[work].")


def sound(**changed: Any) -> None:
    walkable.procedure(replace(TABLE, **changed))


def test_the_table_is_sound() -> None:
    sound()
    walkable.procedures({"table": TABLE}, {"measure": (STEP,)})
    with pytest.raises(CasebookError, match="another name"):
        walkable.procedures({"other": TABLE}, {})
    with pytest.raises(CasebookError, match="at least a day"):
        walkable.procedures({"table": replace(TABLE, keep_days=0)}, {})


def test_what_a_move_asks_of_the_gate_is_a_step_the_book_declares() -> None:
    asks = replace(APPROVE, grounds=None, asks=Asks("measure", "step"))
    for key, asking in (("grounds", APPROVE), ("asks", asks)):
        table = replace(TABLE, moves=(WORK, asking, END))
        walkable.procedures({"table": table}, {"measure": (STEP,)})
        for steps in ({}, {"measure": ()}, {"other": (STEP,)}, {"measure": (replace(STEP, name="other"),)}):
            with pytest.raises(CasebookError) as why:
                walkable.procedures({"table": table}, steps)
            assert (why.value.where, why.value.what) == (f"table move[approve].{key}", "the book declares no step 'step' of 'measure'")


def test_a_long_way_is_a_way_too() -> None:
    """Out to the end and in from the opening, whatever order the moves stand in."""
    names = [f"s{n}" for n in range(5)]
    states = (*TABLE.states, *(State(n, WORDS, WORDS) for n in names))
    ways = [move(f"to-{b}", (a,), b) for a, b in pairwise(("new", *names))]
    for order in (ways, ways[::-1]):
        sound(states=states, moves=(*order, WORK, replace(APPROVE, leaves=("s4",)), END))


def test_a_door_to_it_is_looked_at_too() -> None:
    door = Door(WORDS, WORDS, WORDS, 1, ())
    assert refused(door=door) == "door.facts: ask for nothing: a claim nobody makes"


@pytest.mark.parametrize(
    ("kept", "says"),
    [
        (Kept("line", "days", ("approve",)), "kept[line].paper: is no paper of this table"),
        (Kept("letter", "line", ("approve",)), "kept[letter].days: names a fact that is a whole number"),
        (Kept("letter", "gone", ("approve",)), "kept[letter].days: names a fact that is a whole number"),
        (Kept("letter", "days", ()), "kept[letter].under: names no move: a copy is taken under a permit alone"),
        (Kept("letter", "days", ("work",)), "kept[letter].under: no move with grounds is called 'work'"),
        (Kept("letter", "more", ("approve",)), "kept[letter].days: is not in the scope that 'approve' shows to the gate"),
    ],
)
def test_a_copy_of_a_paper_has_its_term_from_what_the_gate_is_shown(kept: Kept, says: str) -> None:
    good = Kept("letter", "days", ("approve",))
    sound(kept=(good,))
    assert refused(kept=(kept,)) == says
    assert refused(kept=(good, good)) == "kept: 'letter' stands there twice"


@pytest.mark.parametrize(
    ("name", "changed", "says"),
    [
        ("asked", {"since": {"c": DAY}}, "fact[asked].since: no choice is called 'c'"),
        ("given", {"forms": {"c": "line"}}, "fact[given].forms: no choice is called 'c'"),
        ("asked", {"forms": {"a": "line"}}, "fact[asked].forms: stand with a fact of type items, and only with one"),
        ("given", {"forms": {"a": "poem"}}, "fact[given].forms: is none of endpoint, line, moment"),
        ("line", {"shown_if": "gone"}, "fact[line].shown_if: names a fact that is yes or no"),
        ("line", {"shown_if": "days"}, "fact[line].shown_if: names a fact that is yes or no"),
        ("line", {"choices": CHOICES}, "fact[line].choices: stand with a fact that chooses, and only with one"),
        ("asked", {"choices": {}}, "fact[asked].choices: stand with a fact that chooses, and only with one"),
        ("line", {"type": "novel"}, "fact[line].type: is none of bool, choice, choices, data, day, int, items, str, text"),
        ("line", {"sample": 3}, "fact[line].sample: is no str"),
        ("line", {"id": "Line"}, "fact: 'Line' is no name: it has the form [a-z][a-z0-9_]{0,62}"),
        ("line", {"id": "on"}, "fact: 'on' stands there twice"),
        ("line", {"sample": {"ja": "見本", "en": " "}}, "fact[line].sample.en: is no str"),
        ("asked", {"sample": {"ja": "a", "en": "a"}}, "fact[asked].sample: stands in each language only where it is free text"),
    ],
)
def test_a_fact_is_what_it_says_it_is(name: str, changed: Mapping[str, Any], says: str) -> None:
    assert fact(name, **changed) == says


@pytest.mark.parametrize(("language", "said"), [("ja", "見本"), ("en", "a sample")])
def test_free_text_may_have_a_sample_for_each_language(language: str, said: str) -> None:
    line = replace(FACTS["line"], sample={"ja": "見本", "en": "a sample"})
    sound(facts=tuple({**FACTS, "line": line}.values()))
    assert line.sample_in(language) == said
    assert FACTS["days"].sample_in(language) == FACTS["days"].sample


def test_a_fact_may_be_hidden_by_a_yes_or_no() -> None:
    sound(facts=tuple({**FACTS, "line": replace(FACTS["line"], shown_if="yes")}.values()))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"leaves": ()}, "from: names the states it leaves; the opening has none"),
        ({"leaves": ("new", "gone")}, "from: no state is called 'gone'"),
        ({"leaves": ("new", "over")}, "from: 'over' is final: nothing comes after it"),
        ({"to": "gone"}, "to: no state is called 'gone'"),
        ({"facts": ("line", "later")}, "facts: 'later' stands there twice"),
        ({"facts": ("line", "gone")}, "facts: no fact is called 'gone'"),
        ({"may": ("later", "yes", "gone")}, "facts: no fact is called 'gone'"),
        ({"papers": ("bill",)}, "papers: no paper is called 'bill'"),
        ({"starts": ("gone",)}, "starts: no clock is called 'gone'"),
        ({"within": ("gone",)}, "within: no clock is called 'gone'"),
        ({"at_end_of": "gone", "roles": frozenset(), "facts": (), "may": ()}, "at_end_of: no clock is called 'gone'"),
        ({"starts": ("term",), "stops": ("term",)}, "stops: starts and stops the same clock"),
        ({"letter": "note"}, "letter: 'note' is no text: name@version"),
        ({"also": ("note@0",)}, "letter: 'note@0' is no text: name@version"),
        ({"letter": "note@1", "also": ("note@1",)}, "also: 'note@1' stands there twice"),
        ({"second": "gone"}, "second: no move is called 'gone'"),
        ({"apart": ("work", "gone")}, "apart: no move is called 'gone'"),
        ({"decides": "perhaps"}, "decides: is none of disclosed, dropped, kept, limited, no-data, refused, removed, restored, upheld"),
        ({"roles": frozenset()}, "roles: nobody may make it"),
        ({"roles": frozenset({Role.DESK, Role.POSTER})}, "roles: names somebody who is not the operator's own"),
        ({"at_end_of": "term"}, "is made by the node itself at the end of a clock: it has no roles, facts, papers, permit, hold or letter"),
        ({"holds": Holds("line", "term"), "starts": ("term",)}, "holds.data: names a fact of type data"),
        ({"holds": Holds("data", "term")}, "holds.clock: is a clock that this move starts"),
        ({"holds": Holds("data", "term"), "starts": ("term",), "lifts": True}, "lifts: sets and lifts a hold at once"),
        ({"must": (Must("m", WORDS, ("days",), least=1),) * 2}, "must: 'm' stands there twice"),
        ({"must": (Must("", WORDS, ("days",), least=1),)}, "must: '' is no name: it has the form [a-z][a-z0-9-]{0,62}"),
    ],
)
def test_a_move_names_what_there_is_and_no_thing_twice(changed: Mapping[str, Any], says: str) -> None:
    assert working(**changed).removeprefix("move[work]: ") == says


def test_the_opening_leaves_no_state() -> None:
    assert refused(opening=replace(OPEN, leaves=("new",))) == "move[open].from: names the states it leaves; the opening has none"


def test_moves_may_hold_lift_and_be_seconded_by_another() -> None:
    sound(
        moves=(
            replace(WORK, holds=Holds("data", "term"), starts=("term",), second="end", decides="kept"),
            APPROVE,
            replace(END, lifts=True),
        )
    )


@pytest.mark.parametrize(
    ("must", "says"),
    [
        ({"of": (), "least": 1}, "of: is about no fact"),
        ({"of": ("gone",), "least": 1}, "of: no fact is called 'gone'"),
        ({"of": ("days",)}, "says exactly one of: is; least and most; not_before; among, only and has"),
        ({"of": ("days",), "least": 1, "is_": 3}, "says exactly one of: is; least and most; not_before; among, only and has"),
        ({"of": ("days", "line"), "least": 1}, "of: a total is of whole numbers"),
        ({"of": ("line", "days"), "most": 1}, "of: a total is of whole numbers"),
        ({"of": ("on",), "not_before": "line"}, "not_before: compares days"),
        ({"of": ("line",), "not_before": "on"}, "not_before: compares days"),
        ({"of": ("asked",), "among": ("gone",)}, "among: no fact is called 'gone'"),
        ({"of": ("asked", "line"), "only": ("a",)}, "of: what was chosen is of several choices or items"),
        ({"of": ("line",), "has": ("a",)}, "of: what was chosen is of several choices or items"),
        ({"of": ("asked",), "among": ("line",)}, "of: what was chosen is of several choices or items"),
    ],
)
def test_a_sentence_is_about_facts_it_can_be_true_of(must: Mapping[str, Any], says: str) -> None:
    found = working(facts=("line",), must=(Must("m", WORDS, **must),))
    assert found.removeprefix("must[m].").removeprefix("must[m]: ") == says


@pytest.mark.parametrize(
    "must",
    [
        {"of": ("days", "more"), "least": 1},
        {"of": ("days", "more"), "most": 9},
        {"of": ("days", "more"), "least": 1, "most": 9},
        {"of": ("line",), "is_": "x"},
        {"of": ("later",), "not_before": "on"},
        {"of": ("asked",), "only": ("a",), "has": ("b",)},
        {"of": ("yes",), "is_": True},
    ],
)
def test_a_sentence_rests_on_what_is_told_with_the_move_or_before(must: Mapping[str, Any]) -> None:
    """A total begins with its first fact, and what the move may be told is compared if it is."""
    sound(moves=(replace(WORK, must=(Must("m", WORDS, **must),)), *REST))


@pytest.mark.parametrize(
    ("must", "name"),
    [
        ({"of": ("more", "days"), "least": 1}, "more"),
        ({"of": ("more", "days"), "most": 1}, "more"),
        ({"of": ("on",), "not_before": "later"}, "later"),
        ({"of": ("asked",), "among": ("given",)}, "given"),
        ({"of": ("given", "asked"), "has": ("a",)}, "given"),
        ({"of": ("on", "later"), "is_": True}, "later"),
    ],
)
def test_a_sentence_on_what_nobody_need_have_told_is_refused(must: Mapping[str, Any], name: str) -> None:
    last = replace(END, facts=(), must=(Must("m", WORDS, **must),))
    says = f"move[end]: rests on {name!r}, which need not be known by then"
    assert refused(moves=(WORK, APPROVE, last, replace(END, id="end-2"))) == says


def test_what_a_hold_or_a_ground_rests_on_must_be_known_by_then() -> None:
    opening = replace(OPEN, facts=("on", "days", "asked"), may=("more", "data"))
    holding = replace(WORK, holds=Holds("data", "term"), starts=("term",))
    assert refused(opening=opening, moves=(holding, *REST)) == "move[work]: rests on 'data', which need not be known by then"
    for grounds in (Grounds("m", "s", {"x": "more"}, ()), Grounds("m", "s", {}, (Proof("k", {"x": "more", "y": True}),))):
        moves = (WORK, replace(APPROVE, grounds=grounds), END)
        assert refused(moves=moves) == "move[approve]: rests on 'more', which need not be known by then"
    sound(moves=(WORK, replace(APPROVE, grounds=Grounds("m", "s", {}, (), {"x": "more"})), END))


@pytest.mark.parametrize(
    ("of", "facts", "lacks"),
    [
        (("days", "more"), ("on", "days", "data", "asked"), None),
        (("more", "days"), ("on", "days", "data", "asked"), None),
        (("days", "more"), ("on", "data", "asked"), "days"),
        (("more", "days"), ("on", "data", "asked"), "more"),
    ],
)
def test_a_length_made_of_several_facts_needs_one_of_them(of: tuple[str, ...], facts: tuple[str, ...], lacks: str | None) -> None:
    """The first is asked for where none is there."""
    may = tuple(n for n in ("days", "more") if n not in facts)
    changed = {"opening": replace(OPEN, facts=facts, may=may), "clocks": (replace(TERM, of=of),)}
    if lacks is None:
        sound(**changed)
    else:
        assert refused(**changed) == f"move[open]: rests on {lacks!r}, which need not be known by then"


def test_a_clock_starts_somewhere_and_is_ended_or_waited_for_after_each_start() -> None:
    idle = replace(TERM, id="idle")
    assert refused(clocks=(TERM, idle)) == "clock[idle]: no move starts it"
    silent = replace(OPEN, starts=())
    assert refused(opening=silent) == "clock[term]: no move starts it"
    assert refused(moves=(WORK, APPROVE, replace(END, over=()))) == "clock[term]: nothing stops it, or waits for its end, after 'open'"
    late = State("late", WORDS, WORDS)
    states = (*TABLE.states, late)
    moves = (*REST, replace(WORK, leaves=("new",), to="late", starts=("term",)), move("close", ("late",), "over"))
    assert refused(states=states, moves=moves) == "clock[term]: nothing stops it, or waits for its end, after 'work'"


def test_a_clock_that_is_waited_for_and_never_started_is_refused_even_if_it_is_no_clock_of_the_table() -> None:
    with pytest.raises(CasebookError, match="no move starts it"):
        walkable._every_clock_ends(replace(TABLE, clocks=(), opening=replace(OPEN, starts=())))


@pytest.mark.parametrize(
    ("reminders", "says"),
    [
        ((Reminder("gone", 1, Role.DESK, WORDS),), "reminder[1].clock: no clock is called 'gone'"),
        ((Reminder("term", 1, Role.POSTER, WORDS),), "reminder[1].role: names somebody who is not the operator's own"),
        ((Reminder("term", 1, Role.DESK, WORDS), Reminder("term", 1, Role.DESK, WORDS)), "reminder[2]: stands there twice"),
    ],
)
def test_a_reminder_is_about_a_clock_for_somebody_of_ours_once(reminders: tuple[Reminder, ...], says: str) -> None:
    assert refused(reminders=reminders) == says


def test_every_state_is_reached_and_left_and_some_state_is_an_end() -> None:
    island = State("island", WORDS, WORDS)
    out = move("out", ("island",), "over")
    assert refused(states=(*TABLE.states, island), moves=(WORK, *REST, out)) == "state[island]: no way leads there"
    ring = (move("there", ("island",), "far"), move("back", ("far",), "island"), out)
    assert (
        refused(states=(*TABLE.states, island, State("far", WORDS, WORDS)), moves=(WORK, *REST, *ring))
        == "state[island]: no way leads there"
    )
    trap = replace(WORK, to="island")
    assert (
        refused(states=(*TABLE.states, island), moves=(trap, *REST))
        == "state[island]: has no way out to an end; add a move, or make it final"
    )
    assert refused(states=tuple(replace(s, final=False) for s in TABLE.states)) == "state: none is final"


def test_where_no_way_leads_everything_may_be_said_to_be_known() -> None:
    """So that one island is named as such, not as a place where something is unknown."""
    known = walkable.known_at(replace(TABLE, states=(*TABLE.states, State("island", WORDS, WORDS))))
    assert known["island"] == frozenset(FACTS)
    assert known["new"] == frozenset(OPEN.facts)
    assert known["over"] == frozenset((*OPEN.facts, *END.facts))


def test_a_fact_nobody_tells_is_refused() -> None:
    assert refused(moves=(replace(WORK, may=("later",)), *REST)) == "fact[yes]: no move records it"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"id": "Table"}, "Table: is no name of a procedure: small letters, digits and hyphens"),
        ({"keep_days": 0}, "keep_days: a case's file is kept for at least a day, and then goes"),
        ({"about": "weather"}, "about: is none of appeal, deletion, disclosure"),
        ({"earlier": ((DAY, WORDS), (DAY, WORDS))}, "earlier: goes from the oldest name to the newest"),
        ({"until": DAY}, "until: ends before it begins"),
        ({"papers": {"Letter": WORDS}}, "paper: 'Letter' is no name: it has the form [a-z][a-z0-9-]{0,62}"),
        ({"clocks": (TERM, TERM)}, "clock: 'term' stands there twice"),
        ({"states": (*TABLE.states, TABLE.states[0])}, "state: 'new' stands there twice"),
        ({"moves": (WORK, *REST, replace(END, id=OPENING))}, "move: 'open' stands there twice"),
        (
            {"clocks": (replace(TERM, clock=Clock("on", Unit.HOURS, 7)),)},
            "clock[term].clock.unit: is counted in days, business days, months or years",
        ),
        ({"clocks": (replace(TERM, of=("days", "line")),)}, "clock[term].of: names facts that are whole numbers"),
        ({"clocks": (replace(TERM, day="line"),)}, "clock[term].day: names a fact that is a day"),
    ],
)
def test_the_table_itself_has_names_dates_and_clocks_in_order(changed: Mapping[str, Any], says: str) -> None:
    assert refused(**changed) == says


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"second": ""}, "names nobody who proposed: say so with second"),
        ({"facts": ("line",)}, "is approved as it was proposed: the move itself records no fact"),
        ({"may": ("line",)}, "is approved as it was proposed: the move itself records no fact"),
        ({"roles": frozenset({Role.REVIEWER, Role.DESK})}, "is open to a role whose signature no permit counts: reviewer, legal-officer"),
        ({"asks": Asks("measure", "step")}, "asks for a permit and for grounds at once"),
        ({"grounds": replace(GROUNDS, may={"z": "gone"})}, "no fact is called 'gone'"),
        (
            {"grounds": replace(GROUNDS, evidence=(Proof("kind", {"x": "on"}, its_digest="text"),))},
            "is the digest of a paper: name its papers",
        ),
    ],
)
def test_what_the_gate_is_asked_is_approved_by_another_as_it_was_proposed(changed: Mapping[str, Any], says: str) -> None:
    assert refused(moves=(WORK, replace(APPROVE, **changed), END)).partition(": ")[2] == says


def test_whoever_may_sign_a_permit_may_approve() -> None:
    sound(moves=(WORK, replace(APPROVE, roles=frozenset({Role.REVIEWER, Role.OFFICER})), END))


def test_what_lets_something_out_stands_under_a_permit_whichever_way_the_case_came() -> None:
    bare = "move[end].under: lets something out: name the moves whose permit must live"
    assert refused(moves=(WORK, APPROVE, replace(END, under=()))) == bare
    assert refused(moves=(WORK, APPROVE, replace(END, facts=(), may=("given",), under=()))) == bare
    telling = replace(WORK, may=("later", "yes"), facts=("line",), decides="disclosed")
    assert refused(moves=(telling, *REST)) == "move[work].under: lets something out: name the moves whose permit must live"
    assert refused(moves=(WORK, APPROVE, replace(END, under=("work",)))) == "move[end].under: no move under a permit is called 'work'"
    around = move("around", ("new",), "cleared")
    says = "move[end].under: a case comes to cleared without any of these"
    assert refused(moves=(WORK, *REST, around)) == says
    sound(moves=(WORK, APPROVE, replace(APPROVE, id="approve-2"), replace(END, under=("approve", "approve-2"))))
    sound(moves=(WORK, replace(APPROVE, grounds=None, asks=Asks("m", "s")), END))


@pytest.mark.parametrize(
    "changed",
    [{"under": ("approve",)}, {"withdraws": True}, {"roles": DESK}, {"letter": "note@1"}, {"second": "work"}, {"apart": ("work",)}],
)
def test_what_the_node_does_by_itself_takes_no_permit_and_ends_none(changed: Mapping[str, Any]) -> None:
    by_itself = replace(WORK, roles=frozenset(), facts=(), may=(), at_end_of="term")
    told = replace(APPROVE, roles=frozenset({Role.OFFICER}))
    facts = move("tell", ("new",), "new", facts=("line",), may=("later", "yes"))
    sound(moves=(by_itself, facts, told, END))
    says = "move[work]: is made by the node itself at the end of a clock: it has no roles, facts, papers, permit, hold or letter"
    assert refused(moves=(replace(by_itself, **changed), facts, told, END)) == says


def test_an_incident_has_every_move_of_its_room_or_none_is_loaded() -> None:
    rooms = tuple(move(name, ("new",), "new", facts=("line",)) for name in (*incident.MOVES, incident.CLOSE))
    whole = replace(TABLE, moves=(*TABLE.moves, *rooms), room=True)
    walkable.procedure(whole)
    for lost in rooms:
        with pytest.raises(CasebookError, match=f"an incident has a move called '{lost.id}'"):
            walkable.procedure(replace(whole, moves=tuple(m for m in whole.moves if m is not lost)))
        walkable.procedure(replace(whole, moves=tuple(m for m in whole.moves if m is not lost), room=False))


def test_a_fact_is_kept_in_a_way_there_is() -> None:
    line = next(f for f in TABLE.facts if f.id == "line")
    others = tuple(f for f in TABLE.facts if f is not line)
    for kept in KEPT:
        walkable.procedure(replace(TABLE, facts=(*others, replace(line, kept=kept))))
    with pytest.raises(CasebookError, match="is none of each, sealed"):
        walkable.procedure(replace(TABLE, facts=(*others, replace(line, kept="twice"))))
