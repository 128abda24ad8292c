"""A question about any measure of the book becomes a plan, or one named mistake with its place and what is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.desk.asking.question import Here, Question, read_question
from sekisho.desk.draft import DraftError
from sekisho.faces.words.mistakes import MISTAKES
from sekisho.law.words import Act, Element, Kind, Regime, Role, VouchedBy
from tests.desk.asking import NOW, TODAY, book, decided, here

LEAST = 'measure = "traffic-picture"\nsteps = ["count"]\n'
TERMS = """
[[evidence]]
kind = "terms"
role = "desk"
value = { version = "1", day = 2026-01-01, text = "digest", measures = ["infected-notice"], limited = true, ordinary_user = true }
"""
ROLES = """
[[evidence]]
kind = "roles"
vouched = { by = "probe", who = "role-table" }
value = { may_see = ["engineer"], people = 3, logged = true }
"""
PREFIXES = ROLES.replace('"roles"', '"aggregation"').replace("role-table", "prefix-table").split("value")[0] + (
    "value = { smallest_v4 = 24, smallest_v6 = 48 }\n"
)
WRITTEN = """
[[steps]]
name = "listen"
kind = "look"
acts = ["learn"]
elements = ["content"]
purpose = "curiosity"
"""
Ask = Callable[[str], Question]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    def read(text: str, where: Here | None = None) -> Question:
        path = tmp_path / "plan.toml"
        path.write_text(text, encoding="utf-8")
        return read_question(path, where or here(), NOW)

    return read


def test_two_lines_are_a_question(ask: Ask) -> None:
    """Settings, a term and papers may all be missing: then they are missing, and the gate says so."""
    found = ask(LEAST)
    assert found.plan.regime is Regime.TBA
    assert found.plan.day == TODAY
    assert found.plan.evidence == ()
    assert found.assumed == ()


@pytest.mark.parametrize("measure", sorted(book().steps))
def test_every_measure_of_the_book_can_be_asked_about_by_its_steps_names(ask: Ask, measure: str) -> None:
    declared = book().steps[measure]
    names = ", ".join(f'"{s.name}"' for s in declared)
    assert ask(f'measure = "{measure}"\nsteps = [{names}]\n').plan.steps == declared


def test_a_step_may_be_written_out(ask: Ask) -> None:
    (step,) = ask('measure = "traffic-picture"\n' + WRITTEN).plan.steps
    assert (step.kind, step.acts, step.elements) == (Kind.LOOK, {Act.LEARN}, {Element.CONTENT})
    assert step.audience == {"operator"}


def test_a_measure_the_book_has_not_is_asked_about_only_when_it_is_said_to_be_new(ask: Ask, tmp_path: Path) -> None:
    """A slip of the pen is never taken for an invention."""
    with pytest.raises(DraftError) as no:
        ask('measure = "traffic-pictures"\n' + WRITTEN)
    assert (no.value.code, no.value.near) == ("unknown-measure", "traffic-picture")
    ask('measure = "wiretap"\nnew = true\n' + WRITTEN)
    (decision,) = decided(tmp_path / "plan.toml")["decisions"]
    assert decision["outcome"] == "refused"
    assert {m["why"] for m in decision["missing"]} >= {"no-case"}


def test_the_regime_is_the_ones_asked_for_then_the_files_then_the_settings(ask: Ask, tmp_path: Path) -> None:
    event = Here(book(), "Event", Regime.TBA_EXEMPT)
    assert ask(LEAST, event).plan.regime is Regime.TBA_EXEMPT
    assert ask(LEAST + 'regime = "WIRE"\n', event).plan.regime is Regime.WIRE
    assert read_question(tmp_path / "plan.toml", event, NOW, regime=Regime.RADIO).plan.regime is Regime.RADIO


def test_the_day_is_the_one_asked_for_then_the_files(ask: Ask, tmp_path: Path) -> None:
    found = ask(LEAST + "on = 2020-06-01\n")
    assert found.plan.day == date(2020, 6, 1)
    assert book().day(found.now) == date(2020, 6, 1)
    assert read_question(tmp_path / "plan.toml", here(), NOW, on=date(2014, 6, 1)).plan.day == date(2014, 6, 1)


def test_what_a_probe_would_measure_may_be_assumed_and_is_marked(ask: Ask) -> None:
    found = ask(LEAST + ROLES)
    (piece,) = found.plan.evidence
    assert (piece.voucher.by, piece.voucher.who) == (VouchedBy.PROBE, "role-table")
    (assumed,) = found.assumed
    assert (assumed.what, assumed.name, assumed.by, assumed.who) == ("evidence", "roles", "probe", "role-table")


def test_a_confirmation_may_be_assumed_and_is_marked(ask: Ask, tmp_path: Path) -> None:
    text = LEAST + 'keeps_days = 90\nconfirmed = ["jp/B-31/1"]\n' + ROLES + PREFIXES
    assert [a.name for a in ask(text).assumed if a.what == "confirmation"] == ["jp/B-31/1"]
    (decision,) = decided(tmp_path / "plan.toml")["decisions"]
    assert decision["outcome"] == "permitted"
    ask(text.replace('confirmed = ["jp/B-31/1"]\n', ""))
    (decision,) = decided(tmp_path / "plan.toml")["decisions"]
    assert decision["outcome"] == "referred"


def test_a_paper_stands_by_its_bytes_and_is_named_with_their_digest(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "terms.md").write_bytes(b"our terms")
    digest = sha256(b"our terms").hexdigest()
    found = ask('measure = "infected-notice"\nsteps = ["match"]\n' + TERMS.replace("value", 'paper = "terms.md"\nvalue'))
    (piece,) = found.plan.evidence
    assert piece.value["text"] == piece.voucher.who == digest
    assert piece.voucher.role is Role.DESK
    assert found.attached == {"terms.md": digest}


def test_evidence_serves_the_purpose_it_is_laid_in_for(ask: Ask) -> None:
    """With one purpose in the plan it is that; with several the file must say, and may say more than one."""
    two = 'measure = "name-board"\nsteps = ["show-names", "show-totals"]\n' + ROLES
    with pytest.raises(DraftError) as no:
        ask(two)
    assert (no.value.where, no.value.code) == ("evidence[0].purpose", "missing")
    assert set(no.value.known) == {"name-board", "totals-board"}
    assert [e.purpose for e in ask(two + 'purpose = "totals-board"\n').plan.evidence] == ["totals-board"]
    assert len(ask(two + 'purpose = ["totals-board", "name-board"]\n').plan.evidence) == 2


def test_a_list_is_a_file_or_a_digest(ask: Ask) -> None:
    digest = "a" * 64
    assert ask(LEAST + f'list = "{digest}"\n').plan.scope["list"] == digest
    with pytest.raises(DraftError) as no:
        ask(LEAST + 'list = "nowhere.toml"\n')
    assert (no.value.where, no.value.code) == ("list", "list-absent")


WRONG = [
    ("measure = ", "not-toml", "plan.toml", ""),
    (LEAST.replace("measure", "mesure"), "unknown-key", "mesure", "measure"),
    ("steps = []", "missing", "measure", ""),
    (LEAST.replace("picture", "pictur"), "unknown-measure", "measure", "traffic-picture"),
    (LEAST.replace("count", "cuont"), "unknown-step", "steps", "count"),
    (LEAST.replace('["count"]', "[]"), "missing", "steps", ""),
    (LEAST.replace('["count"]', '"count"'), "not-a-list", "steps", "count"),
    (LEAST.replace('["count"]', '["count", "count"]'), "doubled", "steps", ""),
    (LEAST + 'regime = "TAB"\n', "unknown-word", "regime", "TBA"),
    (LEAST + 'on = "today"\n', "not-a-day", "on", ""),
    (LEAST + "on = 2026-11-21T00:00:00\n", "not-a-day", "on", ""),
    (LEAST + "lasts_days = 0\n", "not-a-number", "lasts_days", ""),
    (LEAST + "last_day = 2026-12-05\nlasts_days = 3\n", "one-of-two", "last_day", ""),
    (LEAST + "last_day = 1999-01-01\n", "day-is-over", "last_day", ""),
    (LEAST + "keeps_days = true\n", "not-a-number", "keeps_days", ""),
    (LEAST + 'confirmed = ["jp/B-31/9"]\n', "unknown-case", "confirmed", "jp/B-31/1"),
    (LEAST + "new = 1\n", "not-bool", "new", ""),
    (LEAST + "new = true\n", "known-measure", "new", ""),
    (LEAST + "scope = 1\n", "not-a-table", "scope", ""),
    (LEAST + "scope = { days = 1.5 }\n", "not-a-value", "scope.days", ""),
    (LEAST + "evidence = 1\n", "not-a-list", "evidence", ""),
    (LEAST + "evidence = [1]\n", "not-a-table", "evidence[0]", ""),
    ('measure = "traffic-picture"\n' + WRITTEN.replace("look", "lok"), "unknown-word", "steps[0].kind", "look"),
    ('measure = "traffic-picture"\n' + WRITTEN.replace("content", "contents"), "unknown-word", "steps[0].elements", "content"),
    ('measure = "traffic-picture"\n' + WRITTEN.replace('purpose = "curiosity"', ""), "missing", "steps[0].purpose", ""),
    ('measure = "traffic-picture"\n' + WRITTEN.replace("purpose", "porpoise"), "unknown-key", "steps[0].porpoise", "purpose"),
    (LEAST + TERMS.replace('"terms"', '"term"'), "unknown-kind", "evidence[0].kind", "terms"),
    (LEAST + TERMS.replace('role = "desk"\n', ""), "missing", "evidence[0].role", ""),
    (LEAST + TERMS.replace('"desk"', '"king"'), "unknown-word", "evidence[0].role", ""),
    (LEAST + TERMS.replace("limited", "limted"), "unknown-key", "evidence[0].value.limted", "limited"),
    (LEAST + TERMS.replace(", ordinary_user = true", ""), "missing", "evidence[0].value.ordinary_user", ""),
    (LEAST + TERMS.replace("2026-01-01", '"soon"'), "not-a-day", "evidence[0].value.day", ""),
    (LEAST + TERMS.replace('"digest"', '"abc"'), "not-a-digest", "evidence[0].value.text", ""),
    (LEAST + TERMS.replace('["infected-notice"]', "[]"), "not-a-list", "evidence[0].value.measures", ""),
    (LEAST + TERMS.replace("limited = true", "limited = 1"), "not-a-bool", "evidence[0].value.limited", ""),
    (LEAST + TERMS.replace('"1"', '""'), "not-a-str", "evidence[0].value.version", ""),
    (LEAST + ROLES.replace("people = 3", 'people = "3"'), "not-a-int", "evidence[0].value.people", ""),
    (LEAST + ROLES.replace("role-table", "role-tabel"), "unknown-probe", "evidence[0].vouched.who", "role-table"),
    (LEAST + ROLES.replace('"probe"', '"rumour"'), "unknown-word", "evidence[0].vouched.by", ""),
    (LEAST + TERMS.replace("value =", 'paper = "gone.md"\nvalue ='), "absent", "evidence[0].paper", ""),
    (LEAST + TERMS.replace("value =", "paper = 5\nvalue ="), "not-a-path", "evidence[0].paper", ""),
    (LEAST + TERMS + 'day = "then"\n', "not-a-day", "evidence[0].day", ""),
]


@pytest.mark.parametrize(("text", "code", "where", "near"), WRONG, ids=[f"{n}-{w[1]}" for n, w in enumerate(WRONG)])
def test_each_mistake_names_its_place_and_the_word_that_was_perhaps_meant(ask: Ask, text: str, code: str, where: str, near: str) -> None:
    with pytest.raises(DraftError) as no:
        ask(text)
    assert (no.value.code, no.value.near) == (code, near)
    assert where in no.value.where
    assert code in MISTAKES


def test_a_file_that_is_not_there_is_absent(tmp_path: Path) -> None:
    with pytest.raises(DraftError) as no:
        read_question(tmp_path / "none.toml", here(), NOW)
    assert no.value.code == "absent"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**12) | st.floats() | st.text("ab/", max_size=3) | st.just(date(2026, 1, 1)),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["kind", "role", "value", "vouched"]), inner, max_size=3),
    max_leaves=5,
)
DAYS = ["on", "lasts_days", "last_day", "keeps_days"]
KEYS = [*DAYS, "measure", "steps", "regime", "actor", "list", "confirmed", "new", "scope", "facts", "evidence"]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(KEYS), VALUES)
def test_whatever_a_key_holds_it_is_a_question_or_a_mistake_with_words(
    monkeypatch: pytest.MonkeyPatch, ask: Ask, key: str, value: object
) -> None:
    """No other error reaches the person who typed it, and each has words in both languages."""
    import tomllib

    raw = tomllib.loads(LEAST) | {key: value}
    with monkeypatch.context() as patched:
        patched.setattr("sekisho.desk.asking.question.tomllib.loads", lambda _: raw)
        try:
            found: object = ask(LEAST).plan.steps
        except DraftError as no:
            found = no.where and all(MISTAKES[no.code])
    assert found
