"""One suite over every procedure of the book: each walked from its opening to every end, with the letters it drafts on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.desk.cases.case_letters import OTHERS, of_the_case
from sekisho.effects.texts import LANGUAGES, PLACEHOLDERS, load
from sekisho.law.casebook import procedures_in
from sekisho.law.incident import CLOSE
from sekisho.law.procedures import Procedure
from sekisho.law.walkable import known_at
from tests.conftest import ROOT
from tests.desk.caseload import Caseload, facts_of, paths, someone
from tests.desk.office import Office
from tests.desk.rooming import furnish

BOOK = procedures_in(ROOT / "casebook" / "jp" / "procedures")
TEXTS = load(ROOT / "texts")
OF_ANY = {"operator", "window_name", "number", "today", "law", "answer_code", "answer_url", "party"}


@pytest.fixture
def office(adopting: Office) -> Office:
    return adopting


@pytest.mark.parametrize("name", BOOK)
def test_every_end_of_a_procedure_is_reached_by_people_in_its_roles(name: str, office: Office) -> None:
    """Through every move that leads to an end; each letter is written, each clock waited for, and the ledger agrees at the end."""
    load_ = Caseload(office)
    procedure = BOOK[name].binding(large_platform=False)
    ends = set()
    for path in paths(procedure):
        opening = procedure.opening
        told = facts_of(procedure, opening, load_.today(), path, load_.permit)
        matter = load_.open(name, told, who=someone(opening.roles))
        for at, move in enumerate(path):
            for clock in (*move.over, *([move.at_end_of] if move.at_end_of else [])):
                due = next(c for c in load_.case(matter)["clocks"] if c["id"] == clock)
                office.watch.wind(days=due["days_left"] + 1)
            if move.at_end_of:
                load_.remind()
                continue
            who = someone(move.roles, besides=next((someone(m.roles) for m in path if m.id in {move.second, *move.apart}), ""))
            for paper in move.papers:
                load_.attach(matter, paper, who="officer" if paper == "order" else "desk")
            if procedure.room and move.id == CLOSE:
                furnish(load_, matter)
            if move.grounds:
                load_.confirm(matter, move.id)
                load_.grant(matter, move.id)
                continue
            load_.move(matter, move.id, facts_of(procedure, move, load_.today(), path[at:], load_.permit), who=who)
        case = load_.case(matter)
        assert case["final"]
        assert case["state"] == path[-1].to
        assert [x["text"] for x in case["letters"]] == [name for m in (opening, *path) for name in m.letters]
        assert all(c["state"] == "stopped" for c in case["clocks"])
        assert case["moves"] == []
        ends.add(case["state"])
    assert ends == {s.id for s in procedure.states if s.final}
    assert office.terminal.call("compare")["differences"] == []


@pytest.mark.parametrize("name", BOOK)
def test_every_letter_of_a_procedure_asks_only_for_what_is_known_by_then(name: str) -> None:
    """Every text exists in both languages; every place in it is a fact recorded on every way there, a clock, or the case's own."""
    procedure = BOOK[name]
    known = known_at(procedure)
    for move in (procedure.opening, *procedure.moves):
        before = frozenset.intersection(*(known[s] for s in move.leaves)) if move.leaves else frozenset()
        for text in (TEXTS.find(name, language) for name in move.letters for language in LANGUAGES):
            kept_back = {f.id for f in procedure.facts if f.shown_if} if text.to in OTHERS else set()
            if move.id == "order-again":  # it names an order that was given; the room refuses any other number
                kept_back |= set(procedure.move("order").facts)
            for place in text.places:
                assert place in OF_ANY | given(procedure, before | set(move.facts) | kept_back), (move.id, place)


def given(procedure: Procedure, facts: frozenset[str]) -> set[str]:
    spelled = {f.id for f in procedure.facts if f.type != "bool"}
    clocks = {c.id.replace("-", "_") for c in procedure.clocks}
    return {f"fact_{n}" for n in facts & spelled} | {f"{k}_{c}" for k in ("due", "days") for c in clocks}


def test_no_place_of_a_case_shadows_a_place_of_other_letters() -> None:
    assert OF_ANY <= PLACEHOLDERS
    assert not {p for p in PLACEHOLDERS if p.startswith(("fact_", "due_", "days_"))}


def test_a_place_nobody_knows_is_empty_and_so_never_printed() -> None:
    from sekisho.law.procedures import Standing

    procedure = BOOK["deletion-inquiry"]
    nowhere = Standing("received", {}, {}, {})
    assert of_the_case(procedure, nowhere, "fact_claimant", "ja") == ""
    assert of_the_case(procedure, nowhere, "due_inquiry", "ja") == ""
    assert of_the_case(procedure, nowhere, "days_inquiry", "ja") == "7"
    assert of_the_case(procedure, nowhere, "window_phone", "ja") == ""


@pytest.mark.parametrize("name", BOOK)
def test_every_procedure_says_everything_in_both_languages(name: str) -> None:
    procedure = BOOK[name]
    said = [procedure.title, procedure.law, *(s.waits for s in procedure.states), *(f.title for f in procedure.facts)]
    said += [w for m in (procedure.opening, *procedure.moves) for w in (m.title, m.does, *(x.words for x in m.must))]
    for words in said:
        assert words["ja"] != words["en"]
        assert words["en"].strip()
        assert any("\u3040" <= c <= "\u9fff" for c in words["ja"]), words
        assert not any("\u3040" <= c <= "\u9fff" for c in words["en"]), words


def test_files_of_procedures_are_named_by_their_ids() -> None:
    assert {p.stem for p in Path(ROOT / "casebook" / "jp" / "procedures").glob("*.toml")} == set(BOOK)
