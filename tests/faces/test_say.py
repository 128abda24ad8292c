"""What the terminal says of a decision: all of the gate's answer, in either language, and to machines the same as JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from sekisho.faces.words import say
from sekisho.faces.words.refusals import REFUSALS
from sekisho.gate.answers import Outcome
from sekisho.gate.decide import decide
from sekisho.gate.people import Confirmation
from sekisho.gate.render import decision_json
from sekisho.law.canonical import plain
from sekisho.law.casebook import load
from sekisho.law.examples import plan_of
from tests.conftest import ROOT

BOOK = load(ROOT / "casebook" / "jp")
LANGUAGES = ("ja", "en")


@cache
def every() -> tuple[dict[str, Any], ...]:
    """Each example of the book, answered by the gate and made plain, as every face gets it."""
    return tuple(_answered(i) for i in range(len(BOOK.examples)))


def _answered(index: int) -> dict[str, Any]:
    example = BOOK.examples[index]
    plan, now = plan_of(example, BOOK)
    given = [
        Confirmation(case, plan.measure, BOOK.digest, "read", "officer", now - timedelta(days=1), now + timedelta(days=30))
        for case in example.confirmed
    ]
    found: dict[str, Any] = decision_json(decide(plan, BOOK, now, given)[0], BOOK)
    return found


def of(outcome: Outcome) -> list[dict[str, Any]]:
    return [d for d in every() if d["outcome"] == outcome.value]


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    before = say.Chosen.language, say.Chosen.as_json
    say.Chosen.as_json = False
    yield
    say.Chosen.language, say.Chosen.as_json = before


def drawn(what: Tree | Text) -> str:
    page = io.StringIO()
    Console(file=page, width=4000, highlight=False).print(what)
    return page.getvalue()


def tree(decision: Mapping[str, Any], lang: str) -> str:
    say.Chosen.language = lang
    return drawn(say.decision_tree(decision))


def todo(decision: Mapping[str, Any], lang: str) -> str:
    say.Chosen.language = lang
    return drawn(say.to_do(decision))


def test_the_book_has_an_example_of_every_outcome() -> None:
    """So that what follows speaks of all four."""
    assert all(of(outcome) for outcome in Outcome), [(o, len(of(o))) for o in Outcome]


# The tree


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("outcome", list(Outcome))
def test_the_first_line_says_the_step_its_elements_and_the_outcome(outcome: Outcome, lang: str) -> None:
    for decision in of(outcome):
        first = tree(decision, lang).splitlines()[0]
        elements = ", ".join(decision["step"]["elements"])
        assert first.startswith(f"{say.MARKS[outcome.value]} {decision['step']['name']} ({elements}): ")
        assert first.rstrip().endswith(say.PHRASES[outcome.value][LANGUAGES.index(lang)])


def test_the_four_outcomes_are_told_apart_in_both_languages() -> None:
    for lang in LANGUAGES:
        ends = {tree(of(o)[0], lang).splitlines()[0].split("): ")[1].strip() for o in Outcome}
        assert len(ends) == 4
    assert len({say.MARKS[o.value] for o in Outcome}) == 4


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_tree_holds_every_axis_case_and_condition_once_and_in_order(lang: str) -> None:
    """One line for each, marked with its own answer: nothing is left out, nothing added."""
    for decision in every():
        lines = [line.lstrip("│├└─ ").rstrip() for line in tree(decision, lang).splitlines()[1:]]
        assert lines == list(expected(decision, lang))


def expected(decision: Mapping[str, Any], lang: str) -> Iterator[str]:
    for axis in decision["axes"]:
        yield f"{say.MARKS[axis['outcome']]} {axis['title'][lang]}"
        if statutes := [n for n in axis["norms"] if n["authority"] == "A1"]:
            said = [n["title"][lang] + (f" [{n['penalty'][lang]}]" if n["penalty"] else "") for n in statutes]
            yield f"§ {say.PHRASES['touched'][LANGUAGES.index(lang)]}: {'; '.join(said)}"
        for tried in axis["tried"]:
            ground = f"{tried['ground']} [{tried['authority']} {tried['certainty']}]"
            yield f"{say.MARKS[tried['outcome']]} {tried['case']} {ground} {tried['title'][lang]}"
            yield f"{tried['source']} ({tried['since']}–{tried['until'] or ''})"
            if moved := [f"{', '.join(c['then'])} → {', '.join(c['now'])}" for c in tried["cites"] if c["then"] != c["now"]]:
                yield f"§ {say.PHRASES['then-today'][LANGUAGES.index(lang)]}: {'; '.join(moved)}"
            for otherwise in tried["dissent"]:
                yield f"≠ {say.PHRASES['dissent'][LANGUAGES.index(lang)]} [{otherwise['authority']}]: {otherwise['words'][lang]}"
            for checked in tried["checked"]:
                unmet = checked["answer"] == "unmet"
                why = f" — {(checked['why_words'] or {lang: checked['why']})[lang]}" if unmet else ""
                yield f"{say.MARKS[checked['answer']]} {checked['words'][lang]}{say.dated(checked)}{why}"


@pytest.mark.parametrize(("lang", "word"), [("ja", "通信の秘密"), ("en", "secrecy of communications")])
def test_what_a_step_touches_is_one_line_with_its_penalty(lang: str, word: str) -> None:
    """Before any ground is tried: the statutes that bind this operator, and what breaking them costs; guidance is not among them."""
    decision = next(d for d in of(Outcome.REFUSED) if d["axes"][0]["axis"] == "secrecy" and "disclose" in d["step"]["acts"])
    line = next(x for x in tree(decision, lang).splitlines() if "§" in x)
    assert word in line
    assert "¥1,000,000" in line or "100万円" in line
    assert not [n for n in decision["axes"][0]["norms"] if n["authority"] != "A1" and n["title"][lang] in line]


def test_for_what_is_out_of_scope_nothing_is_to_do() -> None:
    """Whatever case says why it is out of scope."""
    for decision in of(Outcome.OUT):
        for lang in LANGUAGES:
            assert say.MARKS[Outcome.OUT] in tree(decision, lang).splitlines()[0]
            assert todo(decision, lang).strip() == ""


def test_words_in_square_brackets_are_words_and_no_markup() -> None:
    """A title with [bold] in it is printed as it stands."""
    decision = json.loads(json.dumps(of(Outcome.REFUSED)[0]))
    decision["axes"][0]["title"] = {"ja": "[bold]題[/bold]", "en": "[red]title[/red]"}
    assert "[bold]題[/bold]" in tree(decision, "ja")
    assert "[red]title[/red]" in tree(decision, "en")


# The list


@pytest.mark.parametrize("lang", LANGUAGES)
def test_everything_missing_is_listed_with_who_can_supply_it(lang: str) -> None:
    """In the order of the gate's list: the case, the words of the condition, the kind of paper wanted, the roles by name."""
    for decision in every():
        found = todo(decision, lang)
        items = found.split("  • ")[1:]
        assert len(items) == len(decision["missing"])
        for item, missing in zip(items, decision["missing"], strict=True):
            first, second = item.strip().split("\n")
            assert first.startswith((missing["case"] or "").strip())
            assert missing["words"][lang] in first
            assert not missing["kind"] or f"[{missing['kind']['title'][lang]}]" in first
            assert second.strip().startswith(say.PHRASES["who"][LANGUAGES.index(lang)])
            assert all(w["words"][lang] in second for w in missing["who"])


def test_a_referred_step_asks_for_a_persons_word() -> None:
    """Its list names the case and the legal officer; a refused one's names a paper or a condition."""
    referred = [d for d in of(Outcome.REFERRED) if any(m["what"] == "confirmation" for m in d["missing"])]
    assert referred
    for decision in referred:
        for missing in (m for m in decision["missing"] if m["what"] == "confirmation"):
            assert missing["case"] in todo(decision, "en")
            assert BOOK.roles["legal-officer"]["en"] in todo(decision, "en")


# For machines


def test_json_carries_the_decision_whole_and_unchanged(capsys: pytest.CaptureFixture[str]) -> None:
    """Valid JSON with Japanese as Japanese; and nothing of the drawing."""
    say.Chosen.as_json = True
    for outcome in Outcome:
        say.answer(of(outcome), "not this")
        printed = capsys.readouterr()
        assert json.loads(printed.out) == plain(of(outcome))
        assert printed.err == ""
        assert "\\u" not in printed.out
        assert "not this" not in printed.out


def test_without_json_the_text_is_printed_and_no_json(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    decision = of(Outcome.PERMITTED)[0]
    page = io.StringIO()
    monkeypatch.setattr(say, "out", Console(file=page, width=4000))
    say.answer(decision, say.decision_tree(decision))
    assert decision["step"]["name"] in page.getvalue()
    assert capsys.readouterr().out == ""


# No


@pytest.mark.parametrize("exit_code", [1, 2, 3])
def test_a_refusal_ends_with_its_code_and_names_what_was_wrong_on_the_error_output(
    exit_code: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for lang, words in zip(LANGUAGES, REFUSALS["another-book"], strict=True):
        say.Chosen.language = lang
        page = io.StringIO()
        monkeypatch.setattr(say, "err", Console(file=page, width=4000))
        assert say.refuse("another-book", {"book": "[b]0f"}, exit_code).exit_code == exit_code
        assert words in page.getvalue()
        assert "book=[b]0f" in page.getvalue()
    assert capsys.readouterr().out == ""


def test_a_refusal_for_machines_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    say.Chosen.as_json = True
    assert say.refuse("unknown-permit", {"permit": "許可-1", "at": timedelta(seconds=3)}, 2).exit_code == 2
    assert say.refuse("keep-is-gone").exit_code == 1
    first, second = capsys.readouterr().out.splitlines()
    assert json.loads(first) == {"error": {"code": "unknown-permit", "detail": {"permit": "許可-1", "at": "PT3S"}}}
    assert json.loads(second) == {"error": {"code": "keep-is-gone", "detail": {}}}


def test_a_code_we_have_no_words_for_is_shown_as_it_is() -> None:
    assert [say.t("no-such-code"), say.pick(None), say.pick({"de": "nein"})] == ["no-such-code", "", "nein"]


def test_every_phrase_is_said_in_both_languages() -> None:
    """Japanese in Japanese letters; English without any, and no phrase empty."""
    for code, (ja, en) in say.PHRASES.items():
        assert ja.strip(), code
        assert en.strip(), code
        assert not any("\u3040" <= c <= "\u9fff" for c in en), code
