"""A survey counted from its answers: what it says, what its sample cannot carry, and which line of a bad file is wrong."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from house.source import ROOT
from sekisho.desk.access import read_survey
from sekisho.desk.access.read_survey import NotASurvey, ReadSurvey, Survey, carry_out
from sekisho.desk.access.wilson import wilson
from tests.faces.conftest import typed

HEAD = "group,customers,asked,answered,in_favour,wording,sample,since,day"
TAIL = "Do you want it?,every 40th,2026-09-01,2026-09-30"
HOME, OFFICE = f"home,60000,1200,1100,1000,{TAIL}", f"office,30000,574,501,455,{TAIL}"


LEAST: dict[str, Any] = {"least_asked": 10, "least_answered": 10, "reasons": "it is a test"}


def survey(folder: Path, *lines: str, needed: int = 500, head: str = HEAD, **own: Any) -> Survey:
    path = folder / "answers.csv"
    path.write_text("\n".join([head, *lines]), "utf-8")
    return carry_out(ReadSurvey(path, needed, **{**LEAST, **own}))


def wrong(folder: Path, *lines: str, head: str = HEAD) -> tuple[str, int, str]:
    with pytest.raises(NotASurvey) as no:
        survey(folder, *lines, head=head)
    return no.value.why, no.value.line, no.value.column


def test_groups_are_added_up_and_a_sound_sample_has_nothing_said_of_it(tmp_path: Path) -> None:
    found = survey(tmp_path, HOME, OFFICE, needed=600)
    assert (found.groups, found.asked, found.answered, found.in_favour, found.said) == (2, 1774, 1601, 1455, ())
    assert (found.low, found.high) == wilson(1455, 1601)
    assert (found.wording, found.sample, str(found.day)) == ("Do you want it?", "every 40th", "2026-09-30")


@pytest.mark.parametrize(
    ("lines", "needed", "said"),
    [
        ([HOME, OFFICE], 400, ["under-floor"]),
        ([HOME, OFFICE], 900, ["too-few-in-favour", "too-small"]),
        ([f"home,60000,10,10,7,{TAIL}"], 500, ["too-small"]),
        ([f"home,60000,1000,400,390,{TAIL}"], 500, ["too-few-in-favour", "few-answered"]),
        ([f"home,50000,900,900,800,{TAIL}", f"office,50000,100,100,90,{TAIL}"], 500, ["lopsided"]),
        ([HOME, OFFICE.replace("want it", "mind it")], 500, ["other-wordings"]),
        ([HOME, OFFICE.replace("every 40th", "who called us")], 500, ["other-samples"]),
        ([HOME, OFFICE.replace("09-30", "09-02")], 500, ["other-days"]),
        ([f"home,60000,10,0,0,{TAIL}"], 500, ["too-few-answers", "too-few-in-favour", "too-small", "few-answered"]),
    ],
)
def test_what_a_sample_cannot_carry_is_said(tmp_path: Path, lines: list[str], needed: int, said: list[str]) -> None:
    assert list(survey(tmp_path, *lines, needed=needed).said) == said


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"least_asked": 0}, ["no-least"]),
        ({"least_answered": 0}, ["no-least"]),
        ({"reasons": " "}, ["no-least"]),
        ({"least_asked": 1774, "least_answered": 1601}, []),
        ({"least_asked": 1775}, ["few-asked"]),
        ({"least_answered": 1602}, ["too-few-answers"]),
        ({"titles": ({"ja": "それ", "en": "want it"},)}, []),
        ({"titles": ({"ja": "それ", "en": "want it"}, {"ja": "別", "en": "another"})}, ["other-scope"]),
    ],
)
def test_the_operators_own_least_numbers_and_the_filters_classes_are_held_against_it(
    tmp_path: Path, own: dict[str, Any], said: list[str]
) -> None:
    found = survey(tmp_path, HOME, OFFICE, **own)
    assert list(found.said) == said
    assert found.about == (("want it",) if own.get("titles") and not said else ())


def test_the_period_runs_from_the_first_day_of_any_group_to_the_last(tmp_path: Path) -> None:
    found = survey(tmp_path, HOME.replace("09-01", "08-15"), OFFICE)
    assert (str(found.since), str(found.day)) == ("2026-08-15", "2026-09-30")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], ("unreadable", 1, "")),
        ([HOME, OFFICE.replace("574", "many")], ("not-a-count", 3, "asked")),
        ([HOME.replace("1200", "-1")], ("not-a-count", 2, "asked")),
        ([HOME.replace("1200", "1" * 10)], ("not-a-count", 2, "asked")),
        ([HOME.replace("1100", "1201")], ("more-than", 2, "answered")),
        ([HOME.replace("1000", "1101")], ("more-than", 2, "in_favour")),
        ([HOME.replace("60000", "5")], ("more-than", 2, "asked")),
        ([HOME.replace("09-30", "31-09")], ("not-a-day", 2, "day")),
        ([HOME.replace("09-01", "09-31")], ("not-a-day", 2, "since")),
        ([HOME.replace("09-01", "10-01")], ("not-a-period", 2, "since")),
        ([HOME.replace("Do you want it?", "")], ("unreadable", 2, "wording")),
        ([HOME.replace("Do you want it?", "x" * 2001)], ("unreadable", 2, "wording")),
        (["home"], ("unreadable", 2, "wording")),
        ([f"home,1,0,0,0,{TAIL}"], ("unreadable", 1, "")),
        (['"home'], ("unreadable", 0, "")),
    ],
)
def test_a_line_that_cannot_be_right_is_named_and_nothing_is_counted(tmp_path: Path, lines: list[str], said: tuple[str, int, str]) -> None:
    assert wrong(tmp_path, *lines) == said


def test_a_file_that_is_no_survey_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert wrong(tmp_path, HOME, head=HEAD.replace("sample", "how")) == ("no-column", 1, "sample")
    with pytest.raises(NotASurvey, match="absent"):
        carry_out(ReadSurvey(tmp_path / "none.csv"))
    monkeypatch.setattr(read_survey, "MOST", 1)
    assert wrong(tmp_path, HOME, OFFICE) == ("too-many", 3, "")
    monkeypatch.setattr(read_survey, "LARGEST", 40)
    assert wrong(tmp_path, HOME) == ("too-large", 0, "")


@given(st.binary(max_size=200))
def test_no_bytes_do_harm(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "noise.csv"
    path.write_bytes(f"{HEAD}\n{HOME}\n".encode() + noise)
    try:
        assert carry_out(ReadSurvey(path)).asked >= 1200
    except NotASurvey as no:
        assert no.why  # noqa: PT017 - it may also be a line more


def test_at_the_terminal_it_is_evidence_to_lay_in_or_a_no_in_words(tmp_path: Path) -> None:
    survey(tmp_path, HOME, OFFICE)
    own = ("--needed", "600", "--least-asked", "1000", "--least-answered", "500", "--reasons", "one in a hundred")
    said = typed(tmp_path, "filter", "survey", "answers.csv", *own)
    assert said.code == 0
    for words in (
        "asked: 1,774",
        "answered: 1,601",
        "1,455 / 1,601  (89.",
        'kind = "survey"',
        "asked = 1774, answered = 1601, agreed = 1455",
    ):
        assert words in said.out
    for words in ('least_asked = 1000, least_answered = 500, reasons = "one in a hundred"', "since = 2026-09-01, day = 2026-09-30"):
        assert words in said.out
    bare = typed(tmp_path, "filter", "survey", "answers.csv")
    assert (bare.code, "--least-asked" in bare.out) == (1, True)
    assert typed(tmp_path, "--json", "filter", "survey", "answers.csv").json["in_favour"] == 1455
    survey(tmp_path, f"home,60000,10,10,7,{TAIL}")
    weak = typed(tmp_path, "filter", "survey", "answers.csv", lang="ja")
    assert (weak.code, "標本が小さく" in weak.out) == (1, True)
    none = typed(tmp_path, "filter", "survey", "none.csv")
    assert (none.code, "cannot be opened" in none.err) == (2, True)


@pytest.mark.parametrize("name", ["default-on-filter", "name-filter"])
def test_the_question_is_held_against_the_classes_of_the_filters_plan(tmp_path: Path, name: str) -> None:
    plan = ROOT / "examples" / "plans" / f"{name}.toml"
    own = ("--least-asked", "1000", "--least-answered", "500", "--reasons", "-", "--plan", str(plan))
    survey(tmp_path, HOME, OFFICE)
    other = typed(tmp_path, "filter", "survey", "answers.csv", *own, lang="ja")
    assert (other.code, "問いの文が" in other.out) == (1, True)
    scope = tomllib.loads(plan.read_text("utf-8"))["scope"]
    named = [one["title"]["ja"] for one in scope.get("classes", scope.get("categories")).values()]
    survey(tmp_path, *(line.replace("Do you want it?", "、".join(named)) for line in (HOME, OFFICE)))
    said = typed(tmp_path, "--json", "filter", "survey", "answers.csv", *own).json
    assert (said["about"], said["said"]) == (sorted(named), [])
    assert typed(tmp_path, "filter", "survey", "answers.csv", "--plan", "none.toml").code == 2
