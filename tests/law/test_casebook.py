"""The case book's reader: what it takes, and everything it refuses, by file and place."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.gate.checks import REGISTRY
from sekisho.gate.predicates import PREDICATES
from sekisho.gate.todo import NEEDS_EVIDENCE
from sekisho.law import checks
from sekisho.law.canonical import plain
from sekisho.law.casebook import Casebook, CasebookError, load
from sekisho.law.examples import plan_of
from sekisho.law.words import Certainty, Element, Ground, Plan, Regime, Role, VouchedBy
from sekisho.measures.registry import EVERY

ROOT = Path(__file__).resolve().parents[2]
JP = ROOT / "casebook" / "jp"
BOOK = load(JP)
DAMAGE = ["", "[", "]", '"', "x = 1\n", "[[case]]\n", "=", "\n", "true", "{", "1.5"]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(JP, tmp_path / "jp"))


Changed = Callable[[str, str, str], CasebookError]


@pytest.fixture
def changed(copy: Path) -> Changed:
    """Change one place of one file and hand back the reader's complaint."""

    def change(file: str, old: str, new: str) -> CasebookError:
        text = (copy / file).read_text(encoding="utf-8")
        assert old in text
        (copy / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(CasebookError) as why:
            load(copy)
        return why.value

    return change


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('certainty = "LAW"', 'certainty = "LAW"\ncertanty = "LAW"', "certanty"),
        ('certainty = "LAW"', 'certainty = "SURE"', "SURE"),
        ('certainty = "LAW"', 'certainty = "INF"', "what to ask"),
        ('ground = "rule"', 'ground = "G7"', "G7"),
        ('axis = "fairness"', 'axis = "kindness"', "kindness"),
        ("since = 1985-04-01", 'since = "1985-04-01"', "since"),
        ("since = 1985-04-01", "since = 1985-04-01T00:00:00Z", "since"),
        ("since = 1985-04-01", "since = 1985-04-01\nuntil = 1985-04-01", "ends before"),
        ("signatures = 0", "", "signatures"),
        ("signatures = 0", "signatures = -1", "signatures"),
        ("signatures = 0", "signatures = true", "signatures"),
        ('check = "applied-alike"', 'check = "applied-somehow"', "applied-somehow"),
        ('check = "applied-alike"', 'check = "applied-alike"\nparams = { kind = "terms" }', "kind"),
        ('check = "applied-alike"', 'check = "evidence"\nparams = { kind = "hearsay" }', "kind"),
        ('check = "applied-alike"', 'check = "evidence"\nparams = { kind = "terms", where = { colour = "red" } }', "colour"),
        (
            'check = "applied-alike"',
            'check = "evidence"\nparams = { kind = "terms", where = { limited = { nearly = true } } }',
            "predicate",
        ),
        ('check = "applied-alike"', 'check = "declared"\nparams = { field = "lines" }', "compare"),
        ('id = "applied-alike"', 'id = ""', "id"),
        (', en = "applied alike to every line found"', "", "en"),
        ('fails = { scope = { except = ["a-good-customer"] } }', "", "fails"),
        ('fails = { scope = { except = ["a-good-customer"] } }', "fails = { mood = 1 }", "mood"),
        ('kinds = ["send", "block", "throttle"]', "kinds = []", "kinds"),
        ('kinds = ["send", "block", "throttle"]', 'kinds = ["send", "send"]', "twice"),
        ("notes = {", "notess = {", "notess"),
        ('measure = "*"', 'measure = "unfairness"', "measure"),
        ('ground = "rule"', 'ground = "rule"\nnever = true', "never"),
        ("[[case.condition]]", "[[case.conditions]]", "conditions"),
        ("seen = 2026-02-08", "seen = 2026-02-08\nweight = 0.5", "weight"),
        ("sure_from = 2006-01-23", "sure_from = 1985-04-01", "sure from"),
        ("sure_from = 2006-01-23", "sure_from = 2026-02-09", "sure from"),
    ],
)
def test_a_case_that_is_not_as_it_must_be_is_refused(changed: Changed, old: str, new: str, says: str) -> None:
    """Unknown keys and words, missing ones, wrong types, empty lists: the complaint names the place."""
    assert says in str(changed("fairness.toml", old, new))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('title = { ja = "初期設定オンのフィルタ", en = "Default-on filter" }\n', "", "title: is missing"),
        ('title = { ja = "初期設定オンのフィルタ", en = "Default-on filter" }', 'title = { ja = "フィルタ" }', "has no words in en"),
        ('"P2Pを全部止めたい"], en = ', '"P2Pを全部止めたい"], fr = ', "want.en: is missing"),
        ('want = { ja = ["ウイニーの通信を初期設定で止めたい", ', 'want = { zh = ["不要"], ja = [', "want.zh"),
        ('says = { ja = "全利用者について一律に遮断する", en = "block for all users without a choice" }\n', "", "says: is missing"),
        ('rows = ["C-02"]', "rows = []", "rows: must be a list of 1"),
        ('cites = ["TBA 4(1)", "TBA 26"]', 'cites = "TBA 4"', "cites: must be a list"),
        ("[[case.duty]]", '[[case.dissent]]\nsource = "s"\nauthority = "A5"\n[[case.duty]]', "dissent[1].words: is missing"),
        (
            "[[case.duty]]",
            '[[case.dissent]]\nwords = { ja = "a", en = "b" }\nsource = "s"\nauthority = "B1"\n[[case.duty]]',
            "'B1' is not one of",
        ),
    ],
)
def test_what_a_measure_says_of_itself_is_read_as_strictly(changed: Changed, old: str, new: str, says: str) -> None:
    why = changed("default-on-filter.toml", old, new)
    assert (why.file, says in f"{why.where}: {why.what}") == ("default-on-filter.toml", True), why


def test_dissent_rows_and_cited_articles_stand_beside_the_rule_and_in_the_digest(copy: Path) -> None:
    file = copy / "default-on-filter.toml"
    beside = '[[case.dissent]]\nwords = { ja = "異論", en = "seen otherwise" }\nsource = "a scholar"\nauthority = "A5"\n'
    text = file.read_text(encoding="utf-8")
    text = text.replace("[[case.duty]]", beside + "[[case.duty]]", 1)
    file.write_text(text, encoding="utf-8")
    book = load(copy)
    case = book.case("jp/C-01/1")
    assert (case.rows, case.cites, case.dissent[0].words["en"]) == (("C-02",), ("TBA 4(1)", "TBA 26"), "seen otherwise")
    assert book.digest != BOOK.digest


def test_every_measure_says_in_both_languages_what_it_is_and_who_wants_it() -> None:
    assert BOOK.about.keys() == BOOK.steps.keys()
    for measure, about in BOOK.about.items():
        assert all(about.want[language] for language in ("ja", "en"))
        assert about.steps.keys() == {s.name for s in BOOK.steps[measure]}


def test_an_axis_may_bind_some_regimes_only(changed: Changed, copy: Path) -> None:
    assert "regimes" in changed("axes.toml", 'axis = "contract"', 'axis = "contract"\nregimes = ["NONE"]').where
    axes = copy / "axes.toml"
    axes.write_text(axes.read_text(encoding="utf-8").replace('["NONE"]', '["TBA"]'), encoding="utf-8")
    assert next(a for a in load(copy).axes if a.axis.value == "contract").regimes == {Regime.TBA}


def test_what_is_unsound_is_named_by_its_file(changed: Changed) -> None:
    """Errors about meaning name the file as errors about form do."""
    why = changed("fairness.toml", 'check = "applied-alike"', 'check = "applied-somehow"')
    assert (why.file, why.where) == ("fairness.toml", "jp/A-05/1 applied-alike")
    assert "applied-alike" in why.what


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("personal-data.toml", 'name = "sample-send"', 'name = "sample-collect"', "twice"),
        ("infected-notice.toml", 'steps = ["record"]', 'steps = ["recording"]', "recording"),
        ("infected-notice.toml", 'expect = "referred"', 'expect = "maybe"', "expect"),
        ("infected-notice.toml", "origin = {", "hearsay = {", "hearsay"),
        ("infected-notice.toml", "{ works = true, any_time = true }\n", "{ works = true }\n", "every field"),
        ("book.toml", "utc_offset_hours = 9", "utc_offset_hours = 9.5", "utc_offset_hours"),
        ("evidence.toml", 'roles = ["desk", "engineer"]', 'roles = ["king"]', "king"),
        ("evidence.toml", 'sides = "list"', 'sides = "float"', "unknown type"),
        ("evidence.toml", 'probes = ["switch-test"]\n', "", "probes"),
        ("evidence.toml", 'vouchers = ["document"]\n', 'vouchers = ["document"]\nprobes = ["anything"]\n', "probes"),
        ("infected-notice.toml", "{ within-days = 7 }", "{ within-weeks = 1 }", "predicate"),
    ],
)
def test_the_other_tables_are_strict_too(changed: Changed, file: str, old: str, new: str, says: str) -> None:
    """Steps, examples, complete plans, kinds, titles."""
    why = changed(file, old, new)
    assert says in str(why)
    assert why.file == file


def test_no_id_stands_twice(changed: Changed) -> None:
    """Two cases, two conditions, two kinds of evidence, two axes, or two measures of one name."""
    assert "jp/B-12/1" in str(changed("infected-notice.toml", 'id = "jp/B-12/2"', 'id = "jp/B-12/1"'))


def test_no_condition_stands_twice_in_a_case(changed: Changed) -> None:
    """The hole of the prototype."""
    assert "twice" in str(changed("infected-notice.toml", 'id = "no-payload"', 'id = "least-elements"'))


def test_no_kind_of_evidence_stands_twice(changed: Changed) -> None:
    """The second would quietly replace the first."""
    assert "twice" in str(changed("evidence.toml", 'name = "terms"', 'name = "optout"'))


def test_no_axis_stands_twice(changed: Changed) -> None:
    """One rule for each axis."""
    assert "twice" in str(changed("axes.toml", 'axis = "contract"', 'axis = "duties"'))


def test_a_case_without_conditions_is_refused(copy: Path) -> None:
    """An empty list would permit everything; only a ground of none has no conditions, and it always refuses."""
    text = (copy / "fairness.toml").read_text(encoding="utf-8")
    (copy / "fairness.toml").write_text(text[: text.index("[[case.condition]]")], encoding="utf-8")
    with pytest.raises(CasebookError, match="no conditions"):
        load(copy)


def test_what_a_probe_can_measure_nobody_may_state(changed: Changed) -> None:
    """A kind of evidence with both ways is refused."""
    assert "probe" in str(changed("evidence.toml", 'vouchers = ["probe"]', 'vouchers = ["probe", "statement"]'))


def test_a_file_that_is_no_file_of_the_book(copy: Path) -> None:
    """Not TOML, not text, too large, another name, nothing at all: named, never read half."""
    for bad in (b"= =", b"\xff\xfe", b"#" * (1 << 20) + b"\n", b'measure = "infected-notice"\n'):
        (copy / "new.toml").write_bytes(bad)
        with pytest.raises(CasebookError) as why:
            load(copy)
        assert why.value.file == "new.toml"
    for path in copy.glob("*.toml"):
        if path.name not in ("book.toml", "axes.toml", "evidence.toml", "calendar.toml"):
            path.unlink()
    with pytest.raises(CasebookError):
        load(copy)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    at=st.integers(0, 10**6),
    cut=st.integers(0, 40),
    put=st.sampled_from(["", "[", "]", '"', "x = 1\n", "[[case]]\n", "=", "\n", "true", "{", "1.5"]),
)
def test_a_damaged_file_gives_a_book_or_that_one_error(copy: Path, at: int, cut: int, put: str) -> None:
    """Never another exception, whatever is cut out or put in."""
    good = (JP / "fairness.toml").read_text(encoding="utf-8")
    at %= len(good)
    (copy / "fairness.toml").write_text(good[:at] + put + good[at + cut :], encoding="utf-8")
    with suppress(CasebookError):
        assert isinstance(load(copy), Casebook)


def scope_of(plan: Plan) -> Any:
    return plain(next(e.value for e in plan.evidence if e.kind == "scope"))


def test_a_step_may_differ_from_the_complete_plan_and_each_of_its_examples_differs_once_more() -> None:
    """Of one table both changes are made; another step of the file has the file's own."""
    mine = {e.missing: plan_of(e, BOOK)[0] for e in BOOK.examples if e.case == "jp/C-07/3"}
    counted = {"elements": ["count", "party", "datetime"], "rows": "counts-by-network", "payload": False}
    assert scope_of(mine[()]) == counted
    assert scope_of(mine["by-network-only",]) == {**counted, "payload": True}
    assert scope_of(mine["no-second-use",]) == counted
    (blocked,) = (e for e in BOOK.examples if e.case == "jp/C-07/1" and not e.missing)
    assert scope_of(plan_of(blocked, BOOK)[0])["rows"] == "dynamic-addresses-of-others"


def test_a_case_may_differ_from_the_complete_plan_as_well() -> None:
    """The change that makes a condition fail stays that one change: whoever asks for it elsewhere gets no more than that."""
    mine = {e.missing: e for e in BOOK.examples if e.case == "jp/E-01/6"}
    assert plain(mine["of-this-risk",].given) == {"scope": {"risk": "another"}}
    assert plan_of(mine[()], BOOK)[0].scope["risk"] == "ordinary"
    assert plan_of(mine["of-this-risk",], BOOK)[0].scope["risk"] == "another"
    assert plan_of(mine["of-this-risk",], BOOK)[0].scope["copy_days"] == 0


@pytest.mark.parametrize(("file", "word"), [("ip25b", "count-origins = { evidence"), ("sign-up-check", "met = { scope")])
def test_what_nothing_can_change_of_the_complete_plan_is_refused_by_name(copy: Path, file: str, word: str) -> None:
    path = copy / f"{file}.toml"
    path.write_text(path.read_text("utf-8").replace(word, word.rpartition(" ")[0] + " nonsense", 1), "utf-8")
    with pytest.raises(CasebookError, match="'nonsense' is nothing an example can change"):
        load(copy)


def test_a_step_that_is_none_of_the_file_differs_in_nothing(copy: Path) -> None:
    path = copy / "ip25b.toml"
    path.write_text(path.read_text("utf-8").replace("count-origins = { evidence", "count-origin = { evidence", 1), "utf-8")
    with pytest.raises(CasebookError, match="'count-origin' is no step of this file"):
        load(copy)


def test_the_digest_changes_with_what_decides_and_not_with_comments_or_examples(copy: Path) -> None:
    """A confirmation under one book is none under another."""
    path = copy / "fairness.toml"
    path.write_text("# a remark\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert load(copy).digest == BOOK.digest
    path.write_text(path.read_text(encoding="utf-8").replace("since = 1985-04-01", "since = 1985-04-02"), encoding="utf-8")
    assert load(copy).digest != BOOK.digest
    assert replace(BOOK, examples=()).digest == BOOK.digest


def test_every_check_and_predicate_has_its_function_and_the_other_way_round() -> None:
    """Names in the book resolve to functions of the gate, and no function is without a name."""
    assert set(REGISTRY) == set(checks.CHECKS)
    assert set(PREDICATES) == set(checks.PREDICATES)


def test_declared_steps_are_the_measures_own() -> None:
    """Where a measure exists in code, its steps and those of its case file are the same."""
    for name, measure in EVERY.items():
        assert set(BOOK.steps[name]) == set(measure.steps)


def test_the_book_has_words_for_every_code_and_role() -> None:
    """A refusal reads as a to-do list in both languages."""
    assert {r.value for r in Role} == set(BOOK.roles)
    codes = NEEDS_EVIDENCE | {"value", "undeclared", "declared-otherwise", "mixed-purpose", "surplus", "split-papers", "unknown-kind"}
    codes |= {"unknown-check", "no-axis", "no-case", "never", "ask", "confirmation", "other-regime", "other-kind", "other-purpose"}
    codes |= {"surplus-elements", "surplus-acts", "surplus-audience", "undeclared-step", *(c.value for c in (Certainty.MEM, Certainty.INF))}
    assert codes <= set(BOOK.says)


def test_what_is_uncertain_says_what_to_ask() -> None:
    """Each case from memory or inferred carries the question for the legal officer."""
    assert all(c.ask for c in BOOK.cases if not c.certainty.decides_alone)


def test_sources_were_read_and_dates_are_in_order() -> None:
    """Every case cites something, was looked at after it began, and nobody looked in the future."""
    for case in BOOK.cases:
        assert case.source
        assert case.since <= case.seen <= date(2026, 11, 23)


def test_secrecy_applies_to_every_element_of_a_communication() -> None:
    """The book's axes leave no element out."""
    secrecy = next(r for r in BOOK.axes if r.axis.value == "secrecy")
    assert secrecy.elements == frozenset(Element)


def test_a_ground_of_none_has_no_conditions_and_every_other_has() -> None:
    """They stand in the tree to say why not."""
    never = [c for c in BOOK.cases if c.ground is Ground.NONE]
    assert {"jp/F-03/1", "jp/F-04/1", "jp/C-03/1", "jp/P-4/1", "jp/P-6/1", "jp/B-28/1", "jp/B-29/1", "jp/B-30/1"} <= {c.id for c in never}
    assert all(c.notes and c.notes["ja"] and c.notes["en"] for c in never)
    assert all(bool(c.conditions) == (c.ground is not Ground.NONE) for c in BOOK.cases)


def test_measured_kinds_take_no_statement() -> None:
    """Holds for the shipped book too."""
    assert not [k for k in BOOK.kinds.values() if {VouchedBy.PROBE, VouchedBy.STATEMENT} <= k.vouchers]


def test_every_source_was_looked_at_within_two_years() -> None:
    """After one year the run warns, after two it fails: law goes stale."""
    today = datetime.now(UTC).date()
    old = {c.id: (today - c.seen).days for c in BOOK.cases if (today - c.seen).days > 366}
    if old:
        warnings.warn(f"read these sources again: {', '.join(sorted(old))}", stacklevel=1)
    assert not [name for name, days in old.items() if days > 2 * 366]


def test_a_folder_is_read_anew_when_a_byte_of_it_changed_and_only_then(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(JP, tmp_path / "jp"))
    first = load(folder)
    assert load(folder) is first
    head = folder / "book.toml"
    head.write_text(head.read_text(encoding="utf-8").replace(first.version, "2099.1.1"), encoding="utf-8")
    assert load(folder).version == "2099.1.1"
    (folder / "ip53b.toml").unlink()
    assert "ip53b" not in load(folder).steps
