"""The book as a code of conduct: every rule in force for a measure with its ground, source, duties and dissent, in both languages."""

from __future__ import annotations

from datetime import date

import pytest

from sekisho.desk.book.conduct import Conduct, carry_out, whole
from sekisho.desk.draft import DraftError
from sekisho.effects.letter import absent_fonts
from sekisho.gate.decide import applies
from tests.conftest import ROOT
from tests.desk.asking import TODAY, book
from tests.desk.test_dossier import read, squeezed

needs_fonts = pytest.mark.skipif(bool(absent_fonts()), reason="no Japanese font here: install fonts-noto-cjk (make parts)")
MEASURES = sorted(book().steps)


def request(measure: str, language: str = "ja", on: date = TODAY) -> Conduct:
    return Conduct(measure, book(), ROOT / "texts", on, language)


@pytest.mark.parametrize("measure", MEASURES)
def test_every_case_in_force_for_a_step_is_a_rule_of_it(measure: str) -> None:
    found = whole(request(measure))
    for step, said in zip(book().steps[measure], found["steps"], strict=True):
        rules = [rule for axis in said["axes"] for rule in axis["rules"]]
        mine = {
            c.id
            for c in book().cases
            if c.since <= TODAY and (c.until is None or c.until > TODAY)
            if (c.measure == measure and step.name in c.steps) or (c.measure == "*" and step.kind in c.kinds)
            if any(r.axis is c.axis and applies(r, step) for r in book().axes)
        }
        assert {r["id"] for r in rules} == mine


@pytest.mark.parametrize("language", ["ja", "en"])
def test_each_rule_says_its_words_its_check_its_source_and_who_disagrees(language: str) -> None:
    for measure in MEASURES[::5]:
        for step in whole(request(measure, language))["steps"]:
            for rule in (r for axis in step["axes"] for r in axis["rules"]):
                case = book().case(rule["id"])
                assert case.source in rule["source"]
                assert [words for words, _ in rule["conditions"]] == [c.words[language] for c in case.conditions]
                assert all(check for _, check in rule["conditions"])
                assert len(rule["dissent"]) == len(case.dissent)
                assert len(rule["duties"]) == len(case.duties)
                assert rule["never"] is (case.ground == "none")


def test_the_day_picks_the_rules() -> None:
    """Searching for C&C servers has had another case since the fourth report."""
    rules = {
        on: {r["id"] for s in whole(request("cc-search", on=on))["steps"] for a in s["axes"] for r in a["rules"]}
        for on in (date(2020, 6, 1), TODAY)
    }
    assert "jp/B-15/1" in rules[date(2020, 6, 1)]
    assert "jp/B-15/1" not in rules[TODAY]


def test_a_measure_nobody_knows_is_a_mistake_with_the_nearest() -> None:
    with pytest.raises(DraftError) as no:
        whole(request("cc-serch"))
    assert no.value.near == "cc-search"


@needs_fonts
@pytest.mark.parametrize("language", ["ja", "en"])
def test_it_is_printed_with_every_rule(language: str) -> None:
    said = read(carry_out(request("infected-notice", language)))
    for step in whole(request("infected-notice", language))["steps"]:
        for rule in (r for axis in step["axes"] for r in axis["rules"]):
            assert squeezed(rule["id"]) in said
            assert all(squeezed(words) in said for words, _ in rule["conditions"])
