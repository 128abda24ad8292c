"""Prepared texts for reasons: adopted like letters, filled in from the case, never taken with a blank left."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk.book import book_check
from sekisho.desk.cases.prepared import unfit
from sekisho.desk.outside import KeepSaidNo
from sekisho.effects.texts import LANGUAGES, TextError, load
from sekisho.law.casebook import procedures_in
from tests.conftest import ROOT
from tests.desk.caseload import CLAIM, SHOWN, Caseload
from tests.desk.office import Office

BOOK = procedures_in(ROOT / "casebook" / "jp" / "procedures")
OURS = load(ROOT / "texts")
PREPARED = {n: v for n, v in OURS.by_name.items() if v["ja"].fact}
FRONT = '+++\nid = "why"\nversion = {version}\nlanguage = "{language}"\nstatus = "draft"\n{more}subject = "x"\n+++\n{body}\n'


def written(folder: Path, more: str, body: str = "a reason", version: int = 1, **other: str) -> Path:
    """One text in both languages; `other` is what one language says instead of `more`."""
    for language in LANGUAGES:
        (folder / language).mkdir(parents=True, exist_ok=True)
        whole = FRONT.format(version=version, language=language, more=other.get(language, more), body=body)
        (folder / language / f"why@{version}.md").write_text(whole, encoding="utf-8")
    return folder


def case(load_: Caseload, **facts: Any) -> str:
    return load_.open("deletion-inquiry", {**CLAIM, **SHOWN, "received_on": load_.today(), **facts})


def offered(load_: Caseload, matter: str, move: str, **facts: Any) -> dict[str, str]:
    return {x["text"]: x["said"] for x in load_.call("prepared-texts", matter=matter, move=move, facts=facts)["texts"]}


@pytest.fixture
def office(adopting: Office) -> Office:
    return adopting


def test_every_shipped_text_fits_the_shipped_tables_and_is_offered_somewhere() -> None:
    assert len(PREPARED) >= 30
    assert unfit(OURS, BOOK) == []
    assert not any(n in move.letters for p in BOOK.values() for move in (p.opening, *p.moves) for n in PREPARED)


def test_the_reasons_a_claim_to_delete_and_a_request_to_disclose_ask_for_each_have_a_text() -> None:
    """So that nobody has to begin with an empty field where a reason goes out to somebody."""
    for name in ("deletion-inquiry", "deletion-appeal", "disclosure-request"):
        for move in BOOK[name].moves:
            for fact in {"decision_reason", "why_not_less", "lacking", "clear_reason", "just_reason"} & {*move.facts}:
                fits = [v["ja"] for v in PREPARED.values() if v["ja"].fact == fact]
                assert unfit(OURS, BOOK) == []
                assert any(_serves(t, name, move.id) for t in fits), (name, move.id, fact)


def _serves(text: Any, procedure: str, move: str) -> bool:
    from sekisho.desk.cases.prepared import serves

    return serves(text, BOOK[procedure], BOOK[procedure].move(move))


def test_a_text_is_offered_filled_in_from_the_case_in_the_language_of_its_letters(office: Office) -> None:
    load_ = Caseload(office)
    found = offered(load_, case(load_), "ask-claimant")
    assert found["lacking-where@1"].startswith("掲載された場所が特定できません")
    english = case(load_, language="en")
    assert offered(load_, english, "ask-claimant")["lacking-where@1"].startswith("We cannot find")
    load_.attach(english, "claim")
    load_.move(english, "complete", SHOWN, who="desk")
    said = offered(load_, english, "keep")["kept-gone@1"]
    assert said == "We looked at the place named (掲示板の34番) and did not find the information there."
    assert offered(load_, english, "draft") == {}


def test_what_the_form_was_told_so_far_is_filled_in_and_what_nobody_knows_is_a_blank(office: Office) -> None:
    load_ = Caseload(office)
    matter = case(load_)
    load_.attach(matter, "claim")
    load_.move(matter, "complete", SHOWN, who="desk")
    blank = offered(load_, matter, "remove-by-rules")["removed-by-rules@1"]
    assert "〔ここに書く：当てはまる自らの規約（条項）〕" in blank
    told = offered(load_, matter, "remove-by-rules", own_rule="規約第8条", rule_published_on="2026-10-01", posted="!", nonsense="!")
    assert "2026-10-01に公表した規約第8条に当たる" in told["removed-by-rules@1"]
    assert "〔" not in offered(load_, matter, "remove-by-rules", own_rule=17)["what-one-post@1"]


def test_no_move_is_made_while_a_blank_is_left(office: Office) -> None:
    load_ = Caseload(office)
    matter = case(load_)
    text = offered(load_, matter, "drop")["dropped-taken-back@1"]
    with pytest.raises(KeepSaidNo) as refused:
        load_.move(matter, "drop", {"decision_reason": text})
    assert refused.value.detail["lacks"] == [{"code": "fact-blank", "name": "decision_reason"}]
    assert load_.move(matter, "drop", {"decision_reason": text.replace("〔ここに書く：年月日〕", "2026-11-21")}) == "dropped"


def test_only_adopted_texts_are_offered_and_of_them_the_newest(office: Office, tmp_path: Path) -> None:
    load_ = Caseload(office)
    matter = case(load_)
    more = 'fact = "lacking"\nserves = ["deletion-inquiry/ask-claimant"]\n'
    with office.turn() as world:
        world.settings = _with_texts(world.settings, written(tmp_path / "t", more, "first"))
    try:
        found = load_.call("prepared-texts", matter=matter, move="ask-claimant", facts={})
        assert (found["texts"], found["waiting"]) == ([], 1)
        load_.adopt("why@1")
        assert offered(load_, matter, "ask-claimant") == {"why@1": "first"}
        written(tmp_path / "t", more, "second", version=2)
        assert offered(load_, matter, "ask-claimant") == {"why@1": "first"}
        load_.adopt("why@2")
        assert offered(load_, matter, "ask-claimant") == {"why@2": "second"}
        written(tmp_path / "t", more, "changed afterwards", version=2)
        assert offered(load_, matter, "ask-claimant") == {"why@1": "first"}
    finally:
        with office.turn() as world:
            world.settings = _with_texts(world.settings, ROOT / "texts")


def _with_texts(settings: Any, folder: Path) -> Any:
    from dataclasses import replace

    return replace(settings, texts=folder)


@pytest.mark.parametrize(
    ("more", "body", "what"),
    [
        ('fact = "lacking"\nserves = ["deletion-inquiry/keep"]\n', "x", "serves-nothing deletion-inquiry/keep, lacking"),
        ('fact = "in_writing"\nserves = ["authority-preservation/*"]\n', "x", "serves-nothing authority-preservation/*, in_writing"),
        ('fact = "lacking"\nserves = ["*/ask-claimant"]\n', "{{fact_claimant}}", "no-such-place fact_claimant, disclosure-request"),
        ('fact = "lacking"\nserves = ["*/ask-claimant"]\n', "{{fact_posted}}", "no-such-place fact_posted, disclosure-request"),
        ('fact = "lacking"\nserves = ["*/ask-claimant"]\n', "{{fact_nothing}}", "no-such-place fact_nothing, disclosure-request"),
        ('fact = "undelivered_why"\nserves = ["*/undeliverable"]\n', "one\ntwo", "text-too-long undelivered_why, deletion-inquiry"),
        ('fact = "lacking"\nserves = ["*/ask-claimant"]\n', "x" * 4001, "text-too-long lacking, disclosure-request"),
    ],
)
def test_a_text_that_does_not_fit_the_tables_is_named_with_why(more: str, body: str, what: str, tmp_path: Path) -> None:
    wrong = unfit(load(written(tmp_path, more, body)), BOOK)
    assert wrong
    assert all(w["text"] == "why@1" for w in wrong)
    assert {w["language"] for w in wrong} == set(LANGUAGES)
    assert what in {f"{w['code']} {w['name']}" for w in wrong}


def test_the_check_of_a_book_names_the_file_and_the_line_of_a_text_that_does_not_fit(tmp_path: Path) -> None:
    wrong = book_check.carry_out(ROOT / "casebook" / "jp", written(tmp_path, 'fact = "lacking"\nserves = ["a/b"]\n'))["wrong"]
    places = {(w["file"].removeprefix(f"{tmp_path}/"), w["line"], w["code"]) for w in wrong}
    assert places == {("ja/why@1.md", 7, "serves-nothing"), ("en/why@1.md", 7, "serves-nothing")}
    (tmp_path / "en" / "why@1.md").unlink()
    (broken,) = book_check.carry_out(ROOT / "casebook" / "jp", tmp_path)["wrong"]
    assert "missing in en" in broken["what"]


def test_nobody_adopts_a_text_that_does_not_fit(office: Office) -> None:
    load_ = Caseload(office)
    with tempfile.TemporaryDirectory() as home:
        with office.turn() as world:
            world.settings = _with_texts(world.settings, written(Path(home), 'fact = "lacking"\nserves = ["a/b"]\n'))
        try:
            with pytest.raises(KeepSaidNo) as refused:
                load_.adopt("why@1", digest=load(Path(home)).digest("why@1"))
        finally:
            with office.turn() as world:
                world.settings = _with_texts(world.settings, ROOT / "texts")
    assert refused.value.code == "text-does-not-fit"


@pytest.mark.parametrize(
    ("more", "other", "what"),
    [
        ('fact = "lacking"\n', {}, "names its fact and serves moves"),
        ('serves = ["a/b"]\n', {}, "names its fact and serves moves"),
        ('fact = "lacking"\nserves = ["everything"]\n', {}, "names its fact and serves moves"),
        ('fact = "lacking"\nserves = [1]\n', {}, "names its fact and serves moves"),
        ('fact = "Lacking"\nserves = ["a/b"]\n', {}, "names its fact and serves moves"),
        ('fact = "lacking"\nserves = "a/b"\n', {}, "serves must be list"),
        ('to = "poster"\nfact = "lacking"\nserves = ["a/b"]\n', {}, "goes to nobody"),
        ('fact = "lacking"\nserves = ["a/b"]\n', {"en": 'fact = "lacking"\nserves = ["a/c"]\n'}, "differ in fact or serves"),
    ],
)
def test_a_file_that_is_half_a_prepared_text_does_not_load(more: str, other: dict[str, str], what: str, tmp_path: Path) -> None:
    with pytest.raises(TextError, match=what):
        load(written(tmp_path, more, **other))


def test_a_prepared_text_has_places_for_facts_only(tmp_path: Path) -> None:
    with pytest.raises(TextError, match="not number"):
        load(written(tmp_path, 'fact = "lacking"\nserves = ["a/b"]\n', "case {{number}}"))


def test_a_text_is_called_by_its_subject_without_the_number_of_a_case() -> None:
    assert OURS.find("deletion-inquiry@1", "en").title == "Inquiry about information you posted"
    assert OURS.find("deletion-inquiry@1", "ja").title == "掲載された情報についての照会"
    assert not [t.title for v in OURS.by_name.values() for t in v.values() if "{{" in t.title or not t.title]
