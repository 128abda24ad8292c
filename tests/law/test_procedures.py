"""Procedures as tables: what the reader takes, what it refuses by file and place, and how a case walks."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.law import casebook, walkable
from sekisho.law.casebook import CasebookError, load
from sekisho.law.clocks import Calendar, Clock, Unit
from sekisho.law.procedures import (
    MOST_DATA,
    OPENING,
    Asks,
    ClockRule,
    Event,
    Fact,
    Grounds,
    Lack,
    Move,
    Must,
    Procedure,
    Reminder,
    Running,
    State,
)
from sekisho.law.walking import NotInTheTable, Told, begins_with, fits, lacks, stand, waiting_for
from sekisho.law.words import Authority, Certainty, Role

ROOT = Path(__file__).resolve().parents[2]
JP = ROOT / "casebook" / "jp"
BOOK = load(JP)
PRESERVATION, INQUIRY = BOOK.procedures["authority-preservation"], BOOK.procedures["deletion-inquiry"]
DAY = date(2026, 11, 20)
ROLES = 'roles = ["responsible-window", "legal-officer"]\nfacts'
SAID = MappingProxyType({"ja": "言葉", "en": "words"})


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[str, str, str], CasebookError]:
    """Change one place of one procedure and hand back the reader's complaint."""

    def change(name: str, old: str, new: str) -> CasebookError:
        path = Path(shutil.copy(JP / "procedures" / f"{name}.toml", tmp_path))
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(CasebookError) as why:
            casebook.procedures_in(tmp_path)
        return why.value

    return change


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('id = "authority-preservation"', 'id = "another"', "the name of the file"),
        ("keep_days = 1095", "keep_days = 0", "at least a day"),
        ("keep_days = 1095", "keep_days = 1095\nkept = 1", "kept"),
        ('to = "received"', 'to = "nowhere"', "no state is called 'nowhere'"),
        ('from = ["received"]\nto = "held"', 'from = ["refused"]\nto = "held"', "final"),
        ('facts = ["why_refused"]', 'facts = ["why"]', "no fact is called 'why'"),
        ('papers = ["extension"]', 'papers = ["letter"]', "no paper is called 'letter'"),
        ('starts = ["hold-term"]', 'starts = ["hold"]', "no clock is called 'hold'"),
        (ROLES, "facts", "nobody may make it"),
        (ROLES, 'roles = ["poster"]\nfacts', "not the operator's own"),
        ('letter = "preservation-held@1"', 'letter = "preservation held"', "name@version"),
        ('id = "more_days"', 'id = "days"', "stands there twice"),
        ('id = "over"\n', 'id = "held"\n', "stands there twice"),
        ('id = "extend"', 'id = "hold"', "stands there twice"),
        ('of = ["days", "more_days"]\nsource', 'of = ["agency"]\nsource', "whole numbers"),
        ('day = "received_on"', 'day = "agency"', "a fact that is a day"),
        ('unit = "days", length = 60', 'unit = "hours", length = 60', "counted in days"),
        ('holds = { data = "data"', 'holds = { data = "agency"', "a fact of type data"),
        ('at_end_of = "hold-term"', 'at_end_of = "hold-term"\nfacts = ["days"]', "made by the node itself"),
        ('clock = "hold-term"\ndays_before = 7', 'clock = "term"\ndays_before = 7', "no clock is called 'term'"),
        ("most = 60", "most = 60\nis = 60", "exactly one of"),
        ('sample = "2026-11-20"', 'sample = "tomorrow"', "is no day"),
        ('type = "text"', 'type = "novel"', "is none of"),
        ('facts = ["named_records", "data", "days"]', 'facts = ["named_records", "days"]', "no move records it"),
    ],
)
def test_a_wrong_table_is_refused_naming_file_and_place(old: str, new: str, says: str, changed: Any) -> None:
    why = changed("authority-preservation", old, new)
    assert why.file == "procedures/authority-preservation.toml"
    assert why.where
    assert says in str(why)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('id = "order"\nfrom', 'id = "orders"\nfrom', "an incident has a move called 'order'"),
        ('id = "close"\nfrom', 'id = "shut"\nfrom', "an incident has a move called 'close'"),
        ('kept = "each"', 'kept = "twice"', "is none of each, sealed; or is left out"),
    ],
)
def test_the_room_of_an_incident_is_whole_or_refused(old: str, new: str, says: str, changed: Any) -> None:
    why = changed("incident", old, new)
    assert why.file == "procedures/incident.toml"
    assert says in str(why)


def test_what_a_fact_says_is_somebody_elses_unless_its_table_says_otherwise() -> None:
    words = MappingProxyType({"ja": "事実", "en": "fact"})
    assert not Fact("said", words, "str", "x").own
    assert {f.id for f in BOOK.procedures["incident"].facts if f.own} >= {"order_to"}


def test_samples_on_english_pages_are_english_and_on_japanese_ones_what_people_there_write() -> None:
    """But for words that are asked for in one language whoever writes them: `_ja` and `_en`."""
    japanese = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
    for procedure in BOOK.procedures.values():
        for fact in procedure.facts:
            where = f"{procedure.id} {fact.id}"
            assert bool(japanese.search(str(fact.sample_in("en")))) == fact.id.endswith("_ja"), where
            assert not isinstance(fact.sample, Mapping) or japanese.search(str(fact.sample_in("ja"))), where


def test_nothing_is_half_loaded_when_one_procedure_is_wrong(changed: Any) -> None:
    """A state nobody reaches, a state nobody leaves, a clock nothing ends: each alone refuses the whole book."""
    said = '{ ja = "島", en = "island" }'
    island = f'[[state]]\nid = "island"\ntitle = {said}\nwaits = {said}\n\n[[fact]]\nid = "claimant"\n'
    assert "no way leads there" in str(changed("deletion-inquiry", '[[fact]]\nid = "claimant"\n', island))


def test_a_final_state_that_is_not_said_to_be_one_is_a_dead_end(changed: Any) -> None:
    old = 'en = "The transmission was stopped, within need." }\nfinal = true'
    assert "has no way out to an end" in str(changed("deletion-inquiry", old, old.replace("\nfinal = true", "")))


def test_what_a_move_asks_of_the_gate_must_be_a_declared_step() -> None:
    def asking(step: str) -> dict[str, Procedure]:
        *moves, last = INQUIRY.moves
        return {INQUIRY.id: replace(INQUIRY, moves=(*moves, replace(last, asks=Asks("infected-notice", step))))}

    assert replace(BOOK, procedures=asking("notify")).procedures
    with pytest.raises(CasebookError, match="no step 'notify-everybody' of 'infected-notice'"):
        replace(BOOK, procedures=asking("notify-everybody"))


def test_a_file_of_a_book_that_is_wrong_refuses_the_whole_book(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(JP, tmp_path / "jp"))
    (copy / "procedures" / "another.toml").write_text("id = 1", encoding="utf-8")
    with pytest.raises(CasebookError, match=r"procedures/another\.toml: id: must be text"):
        load(copy)


def test_the_digest_of_the_book_covers_its_procedures(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(JP, tmp_path / "jp"))
    path = copy / "procedures" / "deletion-inquiry.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text("# a comment\n" + text, encoding="utf-8")
    assert load(copy).digest == BOOK.digest
    path.write_text(text.replace("length = 7", "length = 8"), encoding="utf-8")
    assert load(copy).digest != BOOK.digest


def test_seven_days_run_from_receipt_and_sending_alone_starts_nothing() -> None:
    """PLAT 3(2)(ii): the day of receipt is not counted, and the seventh day must be over."""
    claim = {"where_posted": "a", "posted": "b", "infringed_right": "honour", "reason": "c"}
    told = {"claimant": "a", "received_on": "2026-11-20", "language": "ja"}
    events = [Event(OPENING, DAY, told), Event("complete", DAY, claim), Event("draft", DAY), Event("sent", DAY, {"sent_on": "2026-11-20"})]
    assert stand(INQUIRY.binding(large_platform=False), events, BOOK.calendar).clocks == {}
    events.append(Event("received-by-sender", date(2026, 11, 24), {"sender_received_on": "2026-11-23"}))
    standing = stand(INQUIRY, events, BOOK.calendar)
    assert standing.clocks["inquiry"].due == date(2026, 11, 30)
    silence = INQUIRY.move("silence")
    assert lacks(INQUIRY, standing, silence, Told({}, (), date(2026, 11, 30))) == (Lack("clock-not-over", "inquiry"),)
    assert lacks(INQUIRY, standing, silence, Told({}, (), date(2026, 12, 1))) == ()


def test_the_answer_within_seven_days_is_owed_by_large_platforms_alone() -> None:
    """PLAT 25: from the day the claim was complete; who was not designated has no such clock (PLAT 20)."""
    claim = {"where_posted": "a", "posted": "b", "infringed_right": "honour", "reason": "c"}
    events = [Event(OPENING, DAY, {"claimant": "a", "received_on": "2026-11-20", "language": "ja"}), Event("complete", DAY, claim)]
    large, small = INQUIRY.binding(large_platform=True), INQUIRY.binding(large_platform=False)
    assert stand(large, events, BOOK.calendar).clocks["answer"].due == DAY + timedelta(days=7)
    assert "answer" not in stand(small, events, BOOK.calendar).clocks
    assert {c.id for c in large.clocks} - {c.id for c in small.clocks} == {"answer"}
    told = stand(large, [*events, Event("tell-later", DAY, {"later_why": "hearing"})], BOOK.calendar)
    assert told.clocks["answer"].stopped == DAY


@pytest.mark.parametrize(
    ("day", "law"), [(date(2025, 3, 31), "特定電気通信役務提供者の"), (date(2025, 4, 1), "情報流通プラットフォーム対処法")]
)
def test_a_letter_names_the_act_as_it_was_called_on_its_day(day: date, law: str) -> None:
    assert INQUIRY.law_on(day)["ja"].startswith(law)


@pytest.mark.parametrize(("name", "days"), [("deletion-inquiry", 7), ("deletion-inquiry-election", 2), ("deletion-inquiry-intimate", 2)])
def test_each_inquiry_waits_as_long_as_its_own_article_says(name: str, days: int) -> None:
    rule = BOOK.procedures[name].clock("inquiry")
    assert rule.clock.run(DAY, BOOK.calendar).last == DAY + timedelta(days=days)
    assert rule.source == BOOK.procedures[name].source


def held(*more: int, on: str = "2026-11-20", days: int = 30) -> list[Event]:
    told = {"agency": "a", "official": "b", "received_on": on, "in_writing": True, "language": "ja"}
    first = date.fromisoformat(on)
    data = {"named_records": "x", "data": ("permit-0123456789abcdef/*/2026-11-01",), "days": days}
    return [Event(OPENING, first, told), Event("hold", first, data), *(Event("extend", first, {"more_days": m}) for m in more)]


@pytest.mark.parametrize(
    ("days", "more", "lack"),
    [(30, 30, ()), (20, 31, ("thirty-more",)), (29, 30, ()), (30, 0, ("thirty-more",)), (20, 30, ())],
)
def test_an_extension_is_thirty_days_at_most(days: int, more: int, lack: tuple[str, ...]) -> None:
    standing = stand(PRESERVATION, held(days=days), BOOK.calendar)
    told = Told({"more_days": more}, ("extension",), DAY)
    assert tuple(x.name for x in lacks(PRESERVATION, standing, PRESERVATION.move("extend"), told)) == lack


def test_a_preservation_never_lasts_longer_than_sixty_days_in_all() -> None:
    standing = stand(PRESERVATION, held(30), BOOK.calendar)
    assert standing.clocks["hold-term"].due == DAY + timedelta(days=60)
    told = Told({"more_days": 1}, ("extension",), DAY)
    refused = {x.name for x in lacks(PRESERVATION, standing, PRESERVATION.move("extend"), told)}
    assert refused == {"thirty-more", "sixty-in-all"}


@pytest.mark.parametrize(
    ("on", "due"), [("2028-02-28", "2028-03-29"), ("2027-02-28", "2027-03-30"), ("2026-12-31", "2027-01-30"), ("2028-01-30", "2028-02-29")]
)
def test_days_are_counted_over_leap_days_and_new_year(on: str, due: str) -> None:
    assert stand(PRESERVATION, held(on=on), BOOK.calendar).clocks["hold-term"].due == date.fromisoformat(due)


def test_a_request_that_is_not_in_writing_cannot_be_preserved_and_can_be_refused() -> None:
    opening = replace(held()[0], facts={**held()[0].facts, "in_writing": False})
    standing = stand(PRESERVATION, [opening], BOOK.calendar)
    hold = PRESERVATION.move("hold")
    assert lacks(PRESERVATION, standing, hold, Told(held()[1].facts, ("request",), DAY)) == (Lack("must", "in-writing"),)
    assert Lack("must", "in-writing") in waiting_for(standing, hold, (), DAY)
    assert lacks(PRESERVATION, standing, PRESERVATION.move("refuse"), Told({"why_refused": "not-in-writing"}, (), DAY)) == ()


def test_what_a_move_lacks_is_named_one_by_one() -> None:
    standing = stand(PRESERVATION, held()[:1], BOOK.calendar)
    hold = PRESERVATION.move("hold")
    found = lacks(PRESERVATION, standing, hold, Told({"days": "30", "agency": "x"}, (), DAY))
    assert set(found) == {
        Lack("fact-missing", "named_records"),
        Lack("fact-missing", "data"),
        Lack("fact-wrong", "days"),
        Lack("fact-unasked", "agency"),
        Lack("paper-missing", "request"),
    }
    assert lacks(PRESERVATION, standing, PRESERVATION.move("extend"), Told({}, (), DAY)) == (Lack("wrong-state", "received"),)


@pytest.mark.parametrize("left", ["〔ここに書く：年月日〕", "[write here: the day]", "〔ここに書く：〕", "[write here: ]"])
def test_no_fact_holds_a_place_that_is_still_to_be_written(left: str) -> None:
    standing = stand(PRESERVATION, held()[:1], BOOK.calendar)
    told = {**held()[1].facts, "named_records": f"before {left} after"}
    assert lacks(PRESERVATION, standing, PRESERVATION.move("hold"), Told(told, ("request",), DAY)) == (Lack("fact-blank", "named_records"),)


@pytest.mark.parametrize("words", ["〔原文ママ〕", "[sic]", "[write it here]", "〔ここに書く：", "ここに書く：年月日〕"])
def test_brackets_of_other_kinds_are_words_like_any(words: str) -> None:
    standing = stand(PRESERVATION, held()[:1], BOOK.calendar)
    told = {**held()[1].facts, "named_records": words}
    assert lacks(PRESERVATION, standing, PRESERVATION.move("hold"), Told(told, ("request",), DAY)) == ()


def test_a_clock_does_not_start_on_a_day_that_has_not_come() -> None:
    move = INQUIRY.move("received-by-sender")
    assert begins_with(INQUIRY, move) == {"sender_received_on"}
    told = {"claimant": "a", "received_on": "2026-11-20", "language": "ja"}
    claim = {"where_posted": "a", "posted": "b", "infringed_right": "honour", "reason": "c"}
    events = [Event(OPENING, DAY, told), Event("complete", DAY, claim), Event("draft", DAY), Event("sent", DAY, {"sent_on": "2026-11-20"})]
    standing = stand(INQUIRY, events, BOOK.calendar)
    for day, lack in (("2026-11-21", "fact-in-the-future"), ("2026-11-19", "must"), ("2026-11-20", "")):
        found = lacks(INQUIRY, standing, move, Told({"sender_received_on": day}, ("receipt-proof",), DAY))
        assert [x.code for x in found] == ([lack] if lack else [])


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("str", ["a", "見本　花子"], ["", " ", "a\nb", "a" * 301, 1, None, "a\u202eb", "\x00"]),
        ("text", ["a\nb"], ["", "a" * 4001, "a\u2028b", 1]),
        ("int", [0, 30], [-1, True, "30", None, 10**6]),
        ("bool", [True, False], [0, 1, "yes", None]),
        ("day", ["2028-02-29"], ["2027-02-29", "20280229", "2026-1-1", "2026-W47-6", "1899-12-31", "2401-01-01", 5, None]),
        ("data", [("permit-0123456789abcdef/party/2026-11-01..2026-11-02",)], [
            (), "permit-0123456789abcdef/*/2026-11-01", ("permit-0123456789abcdef/*/2026-11-02..2026-11-01",),
            ("permit-0123456789abcdef/../2026-11-01",), ("*/*/2026-11-01",), ("permit-0123456789abcdef/*/2026-13-01",),
        ]),
    ],
)  # fmt: skip
def test_a_fact_takes_values_of_its_type_and_no_others(kind: str, good: list[Any], bad: list[Any]) -> None:
    fact = Fact("x", SAID, kind, None)
    assert all(fits(fact, value) for value in good)
    assert not any(fits(fact, value) for value in bad)


def test_a_choice_takes_its_own_words_only() -> None:
    fact = PRESERVATION.fact("why_refused")
    assert fits(fact, "too-long")
    assert not fits(fact, "because")


def test_events_that_are_no_case_of_the_procedure_are_refused() -> None:
    for events in ([Event("hold", DAY)], [*held(), Event("refuse", DAY, {"why_refused": "too-long"})], [*held(), Event("dance", DAY)]):
        with pytest.raises(NotInTheTable):
            stand(PRESERVATION, events, BOOK.calendar)


def test_an_end_stops_every_clock() -> None:
    ended = stand(PRESERVATION, [*held(), Event("withdraw", DAY)], BOOK.calendar)
    assert ended.clocks["hold-term"].stopped == DAY
    assert not ended.clocks["hold-term"].late(DAY + timedelta(days=400))


def test_a_wait_counted_in_a_year_nobody_entered_is_not_known_to_be_over() -> None:
    """Business days of a year without a calendar: what is owed is late, what is waited for is not over."""
    table = made(2, {})
    rule = ClockRule("c", SAID, Clock("received", Unit.BUSINESS_DAYS, 3), "x")
    table = replace(table, clocks=(rule,), opening=replace(table.opening, starts=("c",)))
    running = stand(table, [Event(OPENING, DAY)], Calendar()).clocks["c"]
    assert (running.late(DAY + timedelta(days=30)), running.over(DAY + timedelta(days=30))) == (True, False)


def move(name: str, leaves: tuple[str, ...], to: str, **more: Any) -> Move:
    return Move(name, SAID, SAID, "x", leaves, to, **{"roles": frozenset({Role.DESK}), **more})


def made(states: int, ways: dict[tuple[int, int], bool]) -> Procedure:
    """A table of so many states in a row, the last final, with the extra ways named."""
    every = tuple(State(f"s{n}", SAID, SAID, final=n == states - 1) for n in range(states))
    moves = [move(f"m{n}", (f"s{n}",), f"s{n + 1}") for n in range(states - 1)]
    moves += [move(f"w{a}-{b}", (f"s{a}",), f"s{b}") for a, b in ways if a < states - 1 and b < states]
    return Procedure(
        "made", SAID, SAID, DAY, DAY, "x", Authority.OPERATOR, Certainty.LAW, 1, move(OPENING, (), "s0"), every, (), tuple(moves)
    )


WAYS = st.dictionaries(st.tuples(st.integers(0, 7), st.integers(0, 7)), st.booleans(), max_size=12)


@given(states=st.integers(2, 8), ways=WAYS)
@settings(max_examples=150, deadline=None)
def test_every_generated_table_whose_states_stand_in_a_row_is_sound_and_ends(states: int, ways: dict[tuple[int, int], bool]) -> None:
    table = made(states, ways)
    walkable.procedure(table)
    events = [Event(OPENING, DAY), *(Event(f"m{n}", DAY) for n in range(states - 1))]
    assert table.state(stand(table, events, Calendar()).state).final


@given(states=st.integers(3, 8), ways=WAYS, cut=st.integers(0, 6))
@settings(max_examples=150, deadline=None)
def test_a_generated_table_is_sound_exactly_when_all_is_reached_and_all_is_left(
    states: int, ways: dict[tuple[int, int], bool], cut: int
) -> None:
    """Take one link out of the row: the soundness check and a search of our own agree."""
    table = made(states, ways)
    table = replace(table, moves=tuple(m for m in table.moves if m.id != f"m{cut}"))
    edges = {(frm, m.to) for m in table.moves for frm in m.leaves}
    names = [s.id for s in table.states]

    def reach(start: str, links: set[tuple[str, str]]) -> set[str]:
        seen, todo = {start}, [start]
        while todo:
            here = todo.pop()
            todo += [b for a, b in links if a == here and b not in seen]
            seen |= {b for a, b in links if a == here}
        return seen

    sound = reach("s0", edges) == set(names) == reach(names[-1], {(b, a) for a, b in edges})
    if sound:
        walkable.procedure(table)
    else:
        with pytest.raises(CasebookError):
            walkable.procedure(table)


@given(walk=st.lists(st.integers(0, 9), max_size=30), states=st.integers(2, 6), ways=WAYS)
@settings(max_examples=150, deadline=None)
def test_any_walk_over_any_table_stands_where_its_last_move_led_and_never_leaves_an_end(
    walk: list[int], states: int, ways: dict[tuple[int, int], bool]
) -> None:
    table = made(states, ways)
    events, here = [Event(OPENING, DAY)], "s0"
    for choice in walk:
        if not (out := table.out_of(here)):
            break
        chosen = out[choice % len(out)]
        events.append(Event(chosen.id, DAY))
        here = chosen.to
    assert stand(table, events, Calendar()).state == here
    assert not table.out_of(here) if table.state(here).final else table.out_of(here)


def with_clock(**more: Any) -> Procedure:
    table = made(3, {})
    first, second = table.moves
    rule = ClockRule("c", SAID, Clock("received", Unit.DAYS, 3), "x")
    return replace(table, clocks=(rule,), moves=(replace(first, **more.get("first", {})), replace(second, **more.get("second", {}))))


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({}, "no move starts it"),
        ({"first": {"starts": ("c",)}}, "nothing stops it"),
        ({"second": {"starts": ("c",), "stops": ("c",)}}, "starts and stops the same clock"),
        ({"second": {"stops": ("c",)}}, "no move starts it"),
        ({"first": {"stops": ("c",)}, "second": {"starts": ("c",)}}, "nothing stops it"),
    ],
)
def test_every_clock_is_started_and_ends_somewhere(more: dict[str, Any], says: str) -> None:
    with pytest.raises(CasebookError, match=says):
        walkable.procedure(with_clock(**more))
    walkable.procedure(with_clock(first={"starts": ("c",)}, second={"stops": ("c",)}))
    walkable.procedure(with_clock(first={"starts": ("c",)}, second={"over": ("c",)}))


def test_a_clock_cannot_rest_on_a_day_that_one_way_there_never_asked() -> None:
    """Two ways lead to the state, only one of them records the day the clock would start on."""
    table = made(3, {(0, 1): True})
    fact = Fact("seen_on", SAID, "day", "2026-11-20")
    rule = ClockRule("c", SAID, Clock("received", Unit.DAYS, 3), "x", day="seen_on")
    first, last, other = table.moves
    last = replace(last, starts=("c",), leaves=("s1",), to="s1")
    end = move("end", ("s1",), "s2", stops=("c",))
    bad = replace(table, facts=(fact,), clocks=(rule,), moves=(replace(first, facts=("seen_on",)), last, other, end))
    with pytest.raises(CasebookError, match="rests on 'seen_on'"):
        walkable.procedure(bad)
    good = replace(bad, moves=(*bad.moves[:2], replace(other, facts=("seen_on",)), end))
    walkable.procedure(good)
    assert walkable.known_at(good)["s1"] == {"seen_on"}


ITEMS = (Fact("out", SAID, "items", ("a=1",), {"a": SAID}), Fact("chosen", SAID, "choices", ("a",), {"a": SAID}))
GROUNDS = Grounds("m", "s", {"items": "chosen"}, ())


def letting_out(propose: Mapping[str, Any], approve: Mapping[str, Any], release: Mapping[str, Any], *more: Move) -> Procedure:
    """A table that proposes, approves and releases."""
    steps = (
        replace(move("propose", ("s0",), "s1", facts=("chosen",)), **propose),
        replace(move("approve", ("s1",), "s2", second="propose", grounds=GROUNDS), **{"roles": frozenset({Role.REVIEWER}), **approve}),
        replace(move("release", ("s2",), "s3", facts=("out",), under=("approve",)), **release),
    )
    return replace(made(4, {}), facts=ITEMS, moves=(*steps, *more))


def test_a_table_that_lets_something_out_under_a_permit_of_its_own_is_sound() -> None:
    walkable.procedure(letting_out({}, {}, {}))
    walkable.procedure(letting_out({}, {"grounds": None, "asks": Asks("m", "s")}, {}))


@pytest.mark.parametrize(
    ("propose", "approve", "release", "says"),
    [
        ({}, {}, {"under": ()}, "name the moves whose permit must live"),
        ({}, {}, {"facts": (), "may": ("out",), "under": ()}, "name the moves whose permit must live"),
        ({}, {}, {"under": ("propose",)}, "no move under a permit is called 'propose'"),
        ({}, {"grounds": None}, {}, "no move under a permit is called 'approve'"),
        ({}, {"second": ""}, {}, "names nobody who proposed"),
        ({}, {"may": ("chosen",)}, {}, "the move itself records no fact"),
        ({}, {"roles": frozenset({Role.REVIEWER, Role.WINDOW})}, {}, "whose signature no permit counts"),
        ({}, {"asks": Asks("m", "s")}, {}, "asks for a permit and for grounds at once"),
        ({}, {"grounds": replace(GROUNDS, may={"records": "nothing"})}, {}, "no fact is called 'nothing'"),
        ({"facts": ()}, {}, {}, "rests on 'chosen'"),
    ],
)
def test_a_table_that_could_let_something_out_otherwise_is_refused(
    propose: Mapping[str, Any], approve: Mapping[str, Any], release: Mapping[str, Any], says: str
) -> None:
    with pytest.raises(CasebookError, match=says):
        walkable.procedure(letting_out({"may": ("chosen",), **propose} if "facts" in propose else propose, approve, release))


def test_a_way_round_the_permit_is_refused_whichever_it_is() -> None:
    round_it = replace(move("round", ("s1",), "s2"), roles=frozenset({Role.OFFICER}))
    with pytest.raises(CasebookError, match="a case comes to s2 without any of these"):
        walkable.procedure(letting_out({}, {}, {}, round_it))


def test_what_decides_to_disclose_names_its_permit_even_where_it_writes_no_value() -> None:
    with pytest.raises(CasebookError, match="name the moves whose permit must live"):
        walkable.procedure(letting_out({}, {}, {"facts": (), "decides": "disclosed", "under": ()}, replace(LATE, facts=("out",))))


LATE = move("late", ("s2",), "s3", under=("approve",))


@pytest.mark.parametrize("more", [{"under": ("approve",)}, {"withdraws": True}])
def test_the_node_itself_lets_nothing_out_and_takes_nothing_back(more: Mapping[str, Any]) -> None:
    table = letting_out({}, {}, {})
    ending = Move("end", SAID, SAID, "x", ("s1",), "s3", at_end_of="c", **more)
    clock = ClockRule("c", SAID, Clock("proposed", Unit.DAYS, 3), "x")
    first = replace(table.moves[0], starts=("c",))
    with pytest.raises(CasebookError, match="is made by the node itself"):
        walkable.procedure(replace(table, clocks=(clock,), moves=(first, *table.moves[1:], ending)))


def test_a_sentence_about_the_facts_is_untrue_while_they_are_unknown() -> None:
    fact = Fact("ok", SAID, "bool", sample=True)
    must = Must("is-ok", SAID, ("ok",), is_=True)
    table = made(2, {})
    table = replace(table, facts=(fact,), opening=replace(table.opening, may=("ok",)), moves=(replace(table.moves[0], must=(must,)),))
    unknown = stand(table, [Event(OPENING, DAY)], Calendar())
    assert lacks(table, unknown, table.moves[0], Told({}, (), DAY)) == (Lack("must", "is-ok"),)
    known = stand(table, [Event(OPENING, DAY, {"ok": True})], Calendar())
    assert lacks(table, known, table.moves[0], Told({}, (), DAY)) == ()


def test_a_table_is_in_force_from_its_first_day_and_not_on_the_day_it_ends() -> None:
    ends = replace(INQUIRY, until=INQUIRY.since + timedelta(days=5))
    assert [ends.in_force(INQUIRY.since + timedelta(days=n)) for n in (-1, 0, 4, 5, 6)] == [False, True, True, False, False]
    assert not replace(INQUIRY, until=None).in_force(INQUIRY.since - timedelta(days=1))
    assert replace(INQUIRY, until=None).in_force(date(2400, 1, 1))


def test_what_a_table_does_not_say_is_the_careful_answer() -> None:
    """No state ends a case, no clock binds large platforms alone, no move lifts a hold or takes permits back, unless it is said."""
    move = Move("go", SAID, SAID, "X 1", ("a",), "b")
    assert (State("a", SAID, SAID).final, move.lifts, move.withdraws) == (False, False, False)
    assert ClockRule("c", SAID, Clock("on", Unit.DAYS, 1), "X 1").large_platform is False
    assert Running("c", DAY, DAY).sure is True
    assert MOST_DATA == 50


def platform() -> Procedure:
    """Its clock `both` binds everybody, `large` large platforms; a move stops each, one both, one none."""

    def move(name: str, *stops: str) -> Move:
        return Move(name, SAID, SAID, "X 1", ("a",), "b", frozenset({Role.DESK}), starts=("both", "large"), stops=stops, within=("large",))

    moves = (move("none"), move("large", "large"), move("each", "both", "large"), move("both", "both"))
    day = Clock("on", Unit.DAYS, 1)
    clocks = (ClockRule("both", SAID, day, "X 1"), ClockRule("large", SAID, day, "X 1", large_platform=True))
    reminders = tuple(Reminder(name, 1, Role.DESK, SAID) for name in ("both", "large"))
    return replace(INQUIRY, opening=move(OPENING), moves=moves, clocks=clocks, reminders=reminders)


def test_what_binds_large_platforms_alone_is_not_there_for_others() -> None:
    """Its clock, its reminders, and the moves whose only use is to stop it; a move with another use keeps that."""
    other = platform().binding(large_platform=False)
    assert [c.id for c in other.clocks] == ["both"]
    assert [r.clock for r in other.reminders] == ["both"]
    assert [(m.id, m.starts, m.stops, m.within) for m in other.moves] == [
        ("none", ("both",), (), ()),
        ("each", ("both",), ("both",), ()),
        ("both", ("both",), ("both",), ()),
    ]
    assert (other.opening.starts, other.opening.within) == (("both",), ())
    whole = platform()
    assert whole.binding(large_platform=True) is whole
    plain = replace(whole, clocks=whole.clocks[:1])
    assert plain.binding(large_platform=False) is plain
