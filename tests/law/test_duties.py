"""The rules of what is owed: what a book must say of them, and everything its reader refuses, by file and place."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sekisho.law.casebook import CasebookError, load
from sekisho.law.clocks import Unit
from sekisho.law.duties import PLAIN, Duties, DutyRule, HoldRule, Rule, ShieldRule
from sekisho.law.duties_reader import duties
from sekisho.law.numbering import CITATION
from sekisho.law.tables import Table
from sekisho.law.words import Certainty, Regime

JP = Path(__file__).resolve().parents[2] / "casebook" / "jp"
BOOK = load(JP)
RULES = BOOK.owed
SNAPSHOT = date(2026, 2, 8)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(JP, tmp_path / "jp"))


@pytest.fixture
def changed(copy: Path) -> Callable[[str, str, str], CasebookError]:
    """A book with one spelling changed in one file of `owed`, and the error it gives."""

    def change(file: str, old: str, new: str) -> CasebookError:
        path = copy / "owed" / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} does not say {old!r} any more"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(CasebookError) as why:
            load(copy)
        return why.value

    return change


# --- what the shipped rules say of themselves


def by_id(rule: Rule) -> str:
    return rule.id


@pytest.mark.parametrize("rule", RULES.rules, ids=by_id)
def test_every_rule_says_where_it_is_from_and_was_read_after_it_began(rule: Rule) -> None:
    assert rule.id.startswith("jp/")
    assert rule.cites
    assert rule.since <= rule.seen <= date(2026, 11, 21)
    assert rule.certainty is not Certainty.LAW or rule.seen == SNAPSHOT
    assert all(rule.words[language] != rule.title[language] for language in ("ja", "en"))


@pytest.mark.parametrize("rule", RULES.rules, ids=by_id)
def test_every_rule_cites_laws_the_book_names(rule: Rule) -> None:
    for cite in rule.cites:
        found = CITATION.fullmatch(cite)
        assert found is not None, cite
        assert found[1] in BOOK.laws, cite


def test_every_row_of_duties_and_shields_has_its_rules() -> None:
    rows = {rule.id.split("/")[1] for rule in RULES.rules} | {row for rule in RULES.rules for row in rule.rows}
    wanted = {"A-10", "A-11", *(f"D-{n:02}" for n in (1, 2, 3, 4, 5, 6, 11, 12, 14, 15, 16, 17, 18, 20, 21))}
    wanted |= {f"E-{n:02}" for n in (6, 7, 8, 9, 10, 14, 18, 19, 21)}
    assert wanted <= rows


@pytest.mark.parametrize(
    ("rule", "unit", "length"),
    [
        ("jp/A-10/d1", Unit.PROMPTLY, 0),
        ("jp/A-10/d2", Unit.DAYS, 30),
        ("jp/E-06/d1", Unit.PROMPTLY, 0),
        ("jp/E-06/d2", Unit.DAYS, 30),
        ("jp/E-06/d3", Unit.DAYS, 60),
        ("jp/D-12/d1", Unit.WITHOUT_DELAY, 0),
        ("jp/D-15/d1", Unit.MONTHS, 1),
        ("jp/D-18/d1", Unit.MONTHS, 1),
        ("jp/D-20/d1", Unit.MONTHS, 3),
        ("jp/D-20/d7", Unit.DAYS, 7),
        ("jp/D-20/d12", Unit.MONTHS, 2),
        ("jp/E-19/d1", Unit.AT_ONCE, 0),
    ],
)
def test_the_numbers_of_the_statutes(rule: str, unit: Unit, length: int) -> None:
    found = next(d for d in RULES.duties if d.id == rule)
    assert found.clock is not None
    assert (found.clock.unit, found.clock.length) == (unit, length)


@pytest.mark.parametrize(
    ("rule", "condition", "days"), [("jp/D-03/s1", "seven-days", 7), ("jp/D-04/s1", "two-days", 2), ("jp/D-06/s1", "two-days", 2)]
)
def test_waits_run_from_the_senders_receipt_and_never_move(rule: str, condition: str, days: int) -> None:
    shield = next(s for s in RULES.shields if s.id == rule)
    after = next(c.after for c in shield.conditions if c.id == condition)
    assert after is not None
    assert (after.starts, after.length, after.moves) == ("inquiry_received", days, False)


def test_the_report_to_the_ministry_binds_no_exempt_operator_and_the_commission_binds_everybody() -> None:
    binds = {d.id: d.regimes for d in RULES.duties}
    assert binds["jp/A-10/d2"] == {Regime.TBA}
    assert binds["jp/E-06/d2"] == frozenset(Regime)


def test_only_designated_platforms_have_the_duties_of_articles_21_to_28() -> None:
    for duty in RULES.duties:
        assert (duty.roles == {"designated-platform"}) == duty.id.startswith("jp/D-20/")


def test_practice_is_shown_only_where_it_is_named_as_practice() -> None:
    shown = {d.id for d in RULES.duties if d.clock is not None and d.clock.practice}
    assert {"jp/E-06/d1", "jp/E-06/d2", "jp/E-06/d3", "jp/E-08/d1"} <= shown
    assert not any(d.id.startswith(("jp/A-", "jp/D-")) for d in RULES.duties if d.id in shown)


def test_nothing_asks_for_absence() -> None:
    """A rule that could be met by saying nothing would reward silence."""
    asked: list[object] = []
    for rule in RULES.rules:
        tables = []
        if isinstance(rule, DutyRule):
            tables = [*rule.when, *rule.unless, *(d.where for d in rule.done)]
        elif isinstance(rule, ShieldRule):
            tables = [a for c in rule.conditions for a in c.asks]
        elif isinstance(rule, HoldRule):
            tables = [*rule.unless, *rule.when]
        asked += [a for t in tables for a in t.values()]
    assert asked
    assert not any(hasattr(a, "get") and a.get("given") is False for a in asked)
    assert "absent" not in PLAIN


def test_a_rule_is_from_memory_before_the_day_a_source_attests_it() -> None:
    rule = next(d for d in RULES.duties if d.id == "jp/A-10/d2")
    assert rule.certainty_on(date(2020, 1, 1)) is Certainty.MEM
    assert rule.certainty_on(date(2024, 1, 1)) is Certainty.LAW
    assert rule.in_force(rule.since)
    assert not rule.in_force(date(2000, 1, 1))


def test_an_amended_rule_ends_on_the_day_the_new_one_begins() -> None:
    rules = {d.id: d for d in RULES.duties}
    for name in ("jp/E-06/d1", "jp/E-06/d2", "jp/E-06/d3", "jp/E-08/d1"):
        assert rules[f"{name}-2022"].until == rules[name].since == date(2024, 4, 1)


# --- what is refused

FACTS = "facts.toml"


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("leaks.toml", 'starts = "known", unit = "promptly" }', 'starts = "knwon", unit = "promptly" }', "leak has no field 'knwon'"),
        ("leaks.toml", 'starts = "known", unit = "promptly" }', 'starts = "persons", unit = "promptly" }', "persons must be of type day"),
        ("leaks.toml", 'unit = "days", length = 30', 'unit = "days"', "length"),
        ("leaks.toml", 'unit = "days", length = 30', 'unit = "moons", length = 30', "'moons' is not one of"),
        ("leaks.toml", 'events = ["leak"]', 'events = ["flood"]', "nobody knows events of kind 'flood'"),
        ("leaks.toml", "secrecy = true", "secret = true", "leak has no field 'secret'"),
        ("leaks.toml", "persons = { least = 1001 }", "persons = { atleast = 1001 }", "what is asked is a value or a table of"),
        ("leaks.toml", "persons = { least = 1001 }", "persons = { given = false }", "given can only be true"),
        ("leaks.toml", 'by = "mic_first_report"', 'by = "mic"', "leak has no field 'mic'"),
        ("leaks.toml", '[[duty.done]]\nby = "mic_first_report"\n', "", "can never be done"),
        ("leaks.toml", 'clock = { starts = "known", unit = "promptly" }\n', "", "must say when in one way"),
        ("leaks.toml", 'by = "deadline"', 'by = "deadline"\nbefore = "complied"', "must say when in one way"),
        ("leaks.toml", "sure_from = 2023-06-16", "sure_from = 2003-06-16", "outside of `since` to `seen`"),
        ("leaks.toml", 'certainty = "LAW"', 'certainty = "SURE"', "'SURE' is not one of"),
        ("leaks.toml", 'authority = "A1"', 'authority = "A9"', "'A9' is not one of"),
        ("leaks.toml", 'regimes = ["TBA"]', 'regimes = ["none"]', "'none' is not one of"),
        ("leaks.toml", 'id = "jp/A-10/d2"', 'id = "jp/A-10/d1"', "stands there twice"),
        ("leaks.toml", 'id = "jp/A-10/d2"', 'id = "jp/D-03/s1"', "stands there twice"),
        ("posts.toml", 'acts = "removed"', 'acts = "gone"', "has no field 'gone'"),
        ("posts.toml", "asks = [{ own_post = false }]", "asks = []", "asks nothing"),
        ("posts.toml", "asks = [{ own_post = false }]", "asks = [{}]", "empty table"),
        ("posts.toml", 'id = "within-need"', 'id = "adequate-reason"', "two conditions of one id"),
        ("disclosure.toml", 'ends = ["case_ended", "lifted"]\n', "", "never ends"),
        ("disclosure.toml", 'awaits = "filing_notice"\n', "", "forfeits what it does not await"),
        ("records.toml", "in_all = 60\n", "", "does not say how many days in all"),
        ("records.toml", 'field = "days"', 'field = "written"', "must be of type int"),
        ("records.toml", "most = 30", "most = 0", "at least 1"),
        ("platforms.toml", 'roles = ["designated-platform"]', 'roles = ["king"]', "a role the book does not know: king"),
        (FACTS, 'type = "day"', 'type = "date"', "'date' is not one of"),
        (FACTS, 'dated_by = ["known", "occurred"]', 'dated_by = ["persons"]', "is no day of this kind"),
        (FACTS, 'kind = "erasure-ban"', 'kind = "leak"', "names one kind twice"),
        (FACTS, 'title = { ja = "提供命令", en', "title = { en", "has no words in ja"),
    ],
)
def test_a_malformed_rule_names_file_place_and_what_was_expected(
    changed: Callable[[str, str, str], CasebookError], file: str, old: str, new: str, says: str
) -> None:
    why = changed(file, old, new)
    assert says in str(why)
    assert why.file in (f"owed/{file}", "owed")


def test_an_uncertain_rule_says_what_to_ask(changed: Callable[[str, str, str], CasebookError]) -> None:
    why = changed("posts.toml", 'certainty = "LAW"', 'certainty = "MEM"')
    assert why.what == "is uncertain and does not say what to ask the officer"
    assert why.where == "jp/D-01/s1"


def test_an_unknown_key_is_refused(changed: Callable[[str, str, str], CasebookError]) -> None:
    why = changed("posts.toml", 'acts = "removed"', 'act = "removed"')
    assert (why.file, why.where) == ("owed/posts.toml", "shield[jp/D-02/s1].act")


def test_rules_without_the_file_that_names_the_facts_are_refused(copy: Path) -> None:
    (copy / "owed" / FACTS).unlink()
    with pytest.raises(CasebookError, match=r"owed/facts\.toml"):
        load(copy)


def test_a_file_without_a_rule_is_refused(copy: Path) -> None:
    (copy / "owed" / "empty.toml").write_text("# nothing yet\n", encoding="utf-8")
    with pytest.raises(CasebookError, match="holds no rule"):
        load(copy)


def test_a_broken_file_leaves_nothing_half_loaded(copy: Path) -> None:
    (copy / "owed" / "posts.toml").write_text("[[duty]\n", encoding="utf-8")
    with pytest.raises(CasebookError) as why:
        load(copy)
    assert why.value.file == "owed/posts.toml"


def test_a_rule_may_not_carry_the_id_of_a_case() -> None:
    taken = replace(RULES.duties[0], id=BOOK.cases[0].id)
    with pytest.raises(CasebookError, match="is the id of a case too"):
        replace(BOOK, owed=replace(RULES, duties=(taken,), shields=(), holds=()))


def test_rules_are_part_of_the_books_digest(copy: Path) -> None:
    path = copy / "owed" / "posts.toml"
    path.write_text("# a remark\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert load(copy).digest == BOOK.digest
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('unit = "days", length = 7', 'unit = "days", length = 8'), encoding="utf-8")
    assert load(copy).digest != BOOK.digest


def test_a_book_without_the_folder_has_no_rules(copy: Path) -> None:
    """A second country's small book."""
    shutil.rmtree(copy / "owed")
    assert load(copy).owed == Duties()
    assert duties(Table(file, "", {}) for file in ()) == Duties()
