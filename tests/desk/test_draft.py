"""A plan file becomes a plan, or one named mistake. Asking what the gate would say writes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.desk.asking import trial
from sekisho.desk.asking.question import Here
from sekisho.desk.draft import Draft, DraftError, read_draft, until
from sekisho.desk.settings import Settings
from sekisho.desk.watchlist import load_list
from sekisho.law.casebook import load
from sekisho.law.words import Regime, Role, VouchedBy
from tests.conftest import ROOT
from tests.desk.office import EXAMPLES, THEN, Office

BOOK = ROOT / "casebook" / "jp"
LEAST = 'measure = "traffic-picture"\nsteps = ["count"]\nlasts_days = 30\nkeeps_days = 7\n'
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def make(text: str) -> Path:
        path = tmp_path / "plan.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return make


def draft(path: Path) -> Draft:
    return read_draft(path, actor="Example", regime=Regime.TBA, proposer="person-0000000000000000", day=THEN.date(), now=THEN)


def refused(path: Path) -> tuple[str, str]:
    with pytest.raises(DraftError) as no:
        draft(path)
    return no.value.where, no.value.code


def test_the_least_plan_says_measure_steps_and_two_terms(write: Write) -> None:
    plan = draft(write(LEAST)).plan
    assert [s.name for s in plan.steps] == ["count"]
    assert plan.until == THEN + timedelta(days=30)
    assert plan.scope["days"] == 7
    assert set(plan.scope["streams"]) == {"sums"}  # type: ignore[arg-type] # a mapping of streams


def test_streams_are_those_the_measure_declares_for_these_steps(write: Write) -> None:
    """Who asks for accounting only gets no stream of flows."""
    plan = draft(write('measure = "infected-notice"\nsteps = ["record"]\nlasts_days = 30\nkeeps_days = 7\n')).plan
    assert set(plan.scope["streams"]) == {"assignments"}  # type: ignore[arg-type] # as above
    assert plan.scope["rows"] == "all"


UNTIL_A_DAY = LEAST.replace("lasts_days = 30", "last_day = 2026-12-05")


def test_a_plan_that_names_its_last_day_ends_with_that_day_where_the_law_is_of() -> None:
    ends = until({"last_day": date(2026, 12, 5)}, THEN, load(BOOK))
    assert ends == datetime(2026, 12, 5, 15, tzinfo=UTC), "midnight in Japan"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"last_day": THEN.date(), "lasts_days": 3}, "one-of-two"),
        ({"last_day": "2026-12-05"}, "not-a-day"),
        ({"last_day": THEN}, "not-a-day"),
        ({"last_day": date.max}, "not-a-day"),
        ({"last_day": date.min}, "day-is-over"),
        ({"last_day": THEN.date() - timedelta(days=2)}, "day-is-over"),
        ({"last_day": date(9000, 1, 1)}, "day-is-over"),
        ({}, "not-a-number"),
    ],
)
def test_a_last_day_that_is_over_or_is_none_ends_nothing_lawfully(said: dict[str, Any], code: str) -> None:
    with pytest.raises(DraftError) as no:
        until(said, THEN, load(BOOK))
    assert no.value.code == code


def test_a_last_day_needs_a_book_to_say_when_days_begin(write: Write) -> None:
    assert refused(write(UNTIL_A_DAY)) == ("last_day", "not-a-day")


def test_the_example_plans_are_drafts() -> None:
    for path in (EXAMPLES / "plans").glob("*.toml"):
        assert draft(path).plan.steps


def test_a_list_is_named_by_its_digest_and_stands_in_its_stream() -> None:
    plan = draft(EXAMPLES / "plans" / "infected-notice.toml").plan
    digest = load_list(EXAMPLES / "lists" / "cc.toml").digest
    assert plan.scope["list"] == digest
    assert plan.scope["streams"]["hits"]["list"] == digest  # type: ignore[call-overload,index] # as above


def test_a_paper_stands_by_the_digest_of_its_bytes() -> None:
    """The word "digest" in a value is replaced by it; where there is no paper, by the digest of what is said."""
    papers = {p.kind: p for p in draft(EXAMPLES / "plans" / "infected-notice.toml").papers}
    digest = sha256((EXAMPLES / "papers" / "terms-of-service.md").read_bytes()).hexdigest()
    assert papers["terms"].document == digest
    assert papers["terms"].value["text"] == digest
    assert papers["terms"].role is Role.OFFICER


def test_the_word_today_is_the_day_the_paper_is_laid_in() -> None:
    """A list is reviewed anew each time it is laid in; whoever signs the paper says so."""
    papers = {p.kind: p for p in draft(EXAMPLES / "plans" / "infected-notice.toml").papers}
    assert papers["list"].value["reviewed"] == THEN.date().isoformat()
    assert papers["terms"].value["day"] == "2024-04-01"


def test_a_kind_that_takes_no_document_is_laid_in_as_a_statement() -> None:
    paper = draft(EXAMPLES / "plans" / "infected-notice.toml").papers[0]
    by = {
        kind: paper.laid_in("p", "person-0000000000000000", THEN, {paper.kind: frozenset({kind})}).voucher.by
        for kind in (VouchedBy.DOCUMENT, VouchedBy.STATEMENT)
    }
    assert by == {VouchedBy.DOCUMENT: VouchedBy.DOCUMENT, VouchedBy.STATEMENT: VouchedBy.STATEMENT}


def test_a_plan_for_one_case_says_so_in_its_scope(write: Write) -> None:
    assert draft(write(LEAST + 'case = "2026-00001"\n')).plan.scope["case"] == "2026-00001"
    assert "case" not in draft(write(LEAST)).plan.scope


EVIDENCE = '[[evidence]]\nkind = "origin"\nrole = "desk"\nvalue = {what = "x", from_communication = false}\n'
WRONG = [
    ("measure = ", "not-toml"),
    (LEAST + "extra = 1\n", "unknown-key"),
    (LEAST.replace("traffic-picture", "spy"), "unknown-measure"),
    (LEAST.replace('["count"]', '["notify"]'), "unknown-step"),
    (LEAST.replace('["count"]', "[]"), "unknown-step"),
    (LEAST.replace('["count"]', '"count"'), "unknown-step"),
    (LEAST.replace('["count"]', "5"), "unknown-step"),
    (LEAST.replace('["count"]', '["count", "count"]'), "unknown-step"),
    (LEAST.replace('["count"]', "[{}]"), "unknown-step"),
    (LEAST.replace("30", "0"), "not-a-number"),
    (LEAST.replace("30", "true"), "not-a-number"),
    (LEAST.replace("30", '"a year"'), "not-a-number"),
    (LEAST.replace("30", "99999999999"), "not-a-number"),
    (LEAST.replace("keeps_days = 7", ""), "not-a-number"),
    (LEAST + 'list = "absent.toml"\n', "list-absent"),
    (LEAST + "list = 5\n", "not-a-path"),
    (LEAST + "case = 5\n", "missing"),
    (LEAST + 'case = " "\n', "missing"),
    (LEAST + "facts = 5\n", "not-a-table"),
    (LEAST + "evidence = 5\n", "not-a-list"),
    (LEAST + "evidence = [5]\n", "not-a-table"),
    (LEAST + EVIDENCE.replace('kind = "origin"\n', ""), "missing"),
    (LEAST + EVIDENCE.replace('role = "desk"\n', ""), "missing"),
    (LEAST + EVIDENCE.replace("desk", "king"), "unknown-word"),
    (LEAST + EVIDENCE.replace('role = "desk"', 'role = "desk"\npaper = "absent.md"'), "absent"),
    (LEAST + EVIDENCE.replace('role = "desk"', 'role = "desk"\npaper = 5'), "not-a-path"),
    (LEAST + EVIDENCE.replace("value = {", "value = 5 # {"), "not-a-table"),
]


@pytest.mark.parametrize(("text", "code"), WRONG, ids=[f"{i}-{w[1]}" for i, w in enumerate(WRONG)])
def test_each_mistake_in_a_plan_file_has_its_own_code_and_its_place(write: Write, text: str, code: str) -> None:
    where, why = refused(write(text))
    assert why == code
    assert where


def test_a_file_that_is_not_there_is_said_to_be_absent(tmp_path: Path) -> None:
    assert refused(tmp_path / "no.toml")[1] == "absent"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**12) | st.floats() | st.text("ab/", max_size=3) | st.just(date(2026, 1, 1)),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["kind", "role", "value", "x"]), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["measure", "steps", "lasts_days", "last_day", "keeps_days", "list", "case", "evidence", "facts"]), VALUES)
def test_whatever_a_key_holds_it_is_a_draft_or_a_named_mistake(monkeypatch: pytest.MonkeyPatch, write: Write, key: str, value: Any) -> None:
    """No other error reaches the person who typed it."""
    import tomllib

    raw = tomllib.loads(LEAST) | {key: value}
    path = write(LEAST)
    with monkeypatch.context() as patched:
        patched.setattr("sekisho.desk.draft.tomllib.loads", lambda _: raw)
        try:
            found: object = draft(path)
        except DraftError as no:
            found = no.where and no.code
    assert found


# Asking only


def here(settings: Settings) -> Here:
    return Here(load(settings.book), settings.operator.name, settings.operator.regime, settings.network.prefixes)


def asked(office: Office, on: date | None = None, now: datetime = THEN) -> list[dict[str, Any]]:
    request = trial.Trial(EXAMPLES / "plans" / "infected-notice.toml", here(office.settings), on, now)
    found: list[dict[str, Any]] = trial.carry_out(request)["decisions"]
    return found


def test_asking_writes_nothing_and_needs_no_keep(founded: Office) -> None:
    size = founded.world.log.size
    found = {d["step"]["name"]: d["outcome"] for d in asked(founded)}
    assert set(found) == {"register", "record", "match"}
    assert founded.world.log.size == size
    assert founded.terminal.call("overview")["waiting"] == []


def test_the_same_facts_on_another_day_get_the_answer_of_that_day(founded: Office) -> None:
    """The third report is of 2018: in 2014 no case let an operator match flows against a list."""
    tried = {}
    for on in (None, date(2014, 6, 1)):
        (match,) = [d for d in asked(founded, on) if d["step"]["name"] == "match"]
        tried[match["on"]] = {t["case"] for axis in match["axes"] if axis["axis"] == "secrecy" for t in axis["tried"]}
    assert tried["2014-06-01"] == set()
    assert "jp/B-13/1" in tried["2026-11-22"]  # 05:50 of the next morning in Japan


def test_every_answer_comes_with_its_tree_and_its_list(founded: Office) -> None:
    for decision in asked(founded):
        assert all(axis["tried"] for axis in decision["axes"] if axis["outcome"] != "out-of-scope")
        if decision["outcome"] != "permitted":
            assert decision["missing"]
            assert all(m["words"]["ja"] and m["words"]["en"] for m in decision["missing"])


def test_a_role_lays_in_its_own_papers_only(founded: Office) -> None:
    """Out of a plan file, everybody takes what their roles answer for."""
    plan = {"plan": {"steps": [{"purpose": "infected-notice"}]}}
    path = EXAMPLES / "plans" / "infected-notice.toml"

    def kinds(*roles: str) -> set[str]:
        return {e.kind for e in trial.papers(path, founded.settings, "person-0000000000000000", frozenset(roles), plan, THEN)}

    assert kinds("legal-officer") == {"terms"}
    assert kinds("desk") == {"origin", "purpose-text", "parity", "explanation", "list"}
    assert kinds("engineer") == kinds("auditor") == set()


def test_a_paper_changed_after_it_was_drafted_is_another_document(tmp_path: Path, founded: Office) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    path = tmp_path / "examples" / "plans" / "infected-notice.toml"
    before = {p.kind: p.document for p in draft(path).papers}
    paper = tmp_path / "examples" / "papers" / "terms-of-service.md"
    paper.write_text(paper.read_text(encoding="utf-8") + "\nand one thing more\n", encoding="utf-8")
    after = {p.kind: p.document for p in draft(path).papers}
    assert {k for k in before if before[k] != after[k]} == {"terms"}


def test_an_installation_elsewhere_asks_with_its_own_book(tmp_path: Path, founded: Office) -> None:
    """`decide` needs settings, a book and a plan; no state."""
    settings_file: Settings = replace(founded.settings, folder=tmp_path / "nowhere", book=ROOT / "casebook" / "jp")
    assert trial.carry_out(trial.Trial(EXAMPLES / "plans" / "traffic-picture.toml", here(settings_file), None, THEN.astimezone(UTC)))
