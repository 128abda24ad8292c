"""An event in a box: what people are told and what the gate is asked come from the same answers. What cannot be is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from sekisho.desk.asking import trial
from sekisho.desk.asking.question import Here
from sekisho.desk.draft import DraftError, read_draft
from sekisho.desk.event import box
from sekisho.desk.event.box import Answers, Box, answers_file, carry_out, poster, posters, read_answers
from sekisho.desk.event.panels import PANELS
from sekisho.law.casebook import load
from sekisho.law.words import Regime
from tests.conftest import ROOT

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
BOOK = load(ROOT / "casebook" / "jp")
TEXTS = ROOT / "texts"
ANSWERS = read_answers(ROOT / "examples" / "event.toml")
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


def boxed(**changed: Any) -> Box:
    return Box(replace(ANSWERS, **changed), TEXTS, NOW.date())


def asked(folder: Path, made: dict[str, bytes]) -> dict[str, Any]:
    """Step to decision of the plan, once everything stands in the folder."""
    for path, content in made.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(content)
    request = trial.Trial(folder / "board" / "plan.toml", Here(BOOK, "Example", Regime.TBA), None, NOW)
    return {d["step"]["name"]: d for d in trial.carry_out(request)["decisions"]}


def test_the_plan_lacks_nothing_but_the_word_of_the_legal_officer(tmp_path: Path) -> None:
    """The rule behind the board is inferred (F-06): the gate asks, and asks for nothing else."""
    decided = asked(tmp_path, carry_out(boxed()))
    assert {name: d["outcome"] for name, d in decided.items()} == dict.fromkeys(("count", "show-network", "show-resolver"), "referred")
    assert {m["what"] for d in decided.values() for m in d["missing"]} == {"confirmation"}


def test_only_what_was_chosen_is_asked_for_and_told(tmp_path: Path) -> None:
    made = carry_out(boxed(panels=("traffic", "zones")))
    assert set(asked(tmp_path, made)) == {"count", "show-network"}
    for path in ("for-people/wifi.ja.md", "for-people/wifi.en.md", "board/responsible.md"):
        told = made[path].decode()
        for name, panel in PANELS.items():
            said = any(f"- {words}\n" in told for words in panel.title.values())
            assert said == (name in ("traffic", "zones")), (path, name)


def test_everything_ends_with_the_last_day(tmp_path: Path) -> None:
    """A plan proposed a week later still ends with the event, and not a week after it."""
    plan = carry_out(boxed())["board/plan.toml"].decode()
    assert "last_day = 2026-12-05\n" in plan
    assert "lasts_days" not in plan


def test_names_of_reviewers_and_volunteers_are_in_nothing_that_people_read() -> None:
    hidden = boxed(officer="OFFICER-X", reviewers=("REVIEW-Y", "REVIEW-Z"), network=("VOLUNTEER-V",))
    public = [made for path, made in carry_out(hidden).items() if path.startswith("for-people/") or path == "board/responsible.md"]
    told = b"".join(public).decode() + "".join(str(poster(hidden, language)) for language in ("ja", "en"))
    for name in ("OFFICER-X", "REVIEW-Y", "REVIEW-Z", "VOLUNTEER-V"):
        assert name not in told


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_poster_is_one_page_and_says_who_answers_and_where_to_object(language: str, tmp_path: Path) -> None:
    file = tmp_path / "poster.pdf"
    file.write_bytes(posters(boxed(panels=tuple(PANELS)))[f"for-people/poster.{language}.pdf"])
    (page,) = PdfReader(file).pages
    flat = "".join(page.extract_text().split())
    for words in ("ExampleAssociation", "office@example.invalid", "https://board.example.invalid/contact/board-objection"):
        assert words in flat
    for panel in PANELS.values():
        assert "".join(panel.title[language].split()) in flat


@pytest.mark.parametrize(
    ("changed", "where", "code"),
    [
        ({"event": ""}, "event", "empty"),
        ({"organiser": ""}, "organiser", "empty"),
        ({"last_day": date(2026, 12, 3)}, "last_day", "day-is-over"),
        ({"first_day": date(2026, 11, 20), "last_day": date(2026, 11, 21)}, "last_day", "day-is-over"),
        ({"reviewers": ("Tanaka",)}, "reviewers", "two-others"),
        ({"reviewers": ("Tanaka", "Tanaka")}, "reviewers", "two-others"),
        ({"reviewers": ("Tanaka", "Takahashi")}, "reviewers", "two-others"),
        ({"network": ()}, "network", "two-others"),
        ({"network": ("Tanaka",)}, "network", "two-others"),
        ({"panels": ()}, "panels", "unknown-word"),
        ({"panels": ("names",)}, "panels", "unknown-word"),
        ({"panels": ("traffic", "traffic")}, "panels", "unknown-word"),
        ({"url": "board.example.invalid"}, "url", "not-a-url"),
        ({"smallest": 0}, "smallest", "not-a-count"),
        ({"minutes": 100_000}, "minutes", "not-a-count"),
    ],
)
def test_answers_that_cannot_be_are_named(changed: dict[str, Any], where: str, code: str) -> None:
    with pytest.raises(DraftError) as no:
        carry_out(boxed(**changed))
    assert (no.value.where, no.value.code) == (where, code)


@pytest.mark.parametrize(
    ("line", "where", "code"),
    [
        ("first_day = 2026-12-04", "first_day", "not-a-day"),
        ('venue = "Example Hall"', "venue", "not-str"),
        ('panels = ["traffic", "devices", "zones", "queries", "ipv6"]', "panels", "not-a-list"),
    ],
)
def test_a_file_of_answers_that_is_wrong_is_named_by_its_line(tmp_path: Path, line: str, where: str, code: str) -> None:
    told = (ROOT / "examples" / "event.toml").read_text(encoding="utf-8")
    assert line in told
    (tmp_path / "event.toml").write_text(told.replace(line, f"{where} = 7"), encoding="utf-8")
    with pytest.raises(DraftError) as no:
        read_answers(tmp_path / "event.toml")
    assert (no.value.where, no.value.code) == (where, code)


@settings(max_examples=40, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(("event", "venue", "organiser", "window", "contact"), NAMES)), st.sets(NAMES, min_size=4))
def test_whatever_people_are_called_the_answers_come_back_and_the_plan_is_toml(tmp_path_factory: Any, said: Any, people: set[str]) -> None:
    """Quotes, line breaks and marks in a name are words of the name and nothing else."""
    officer, network, *reviewers = sorted(people)
    answers = Answers(**(vars(ANSWERS) | said | {"officer": officer, "network": (network,), "reviewers": tuple(reviewers)}))
    file = tmp_path_factory.mktemp("answers") / "event.toml"
    file.write_text(answers_file(answers), encoding="utf-8", newline="")
    assert read_answers(file) == answers
    plan = file.with_name("plan.toml")
    plan.write_bytes(carry_out(Box(answers, TEXTS, NOW.date()))["board/plan.toml"])
    (file.parent / "responsible.md").touch()
    draft = read_draft(plan, actor="-", regime=Regime.TBA, proposer="-", day=NOW.date(), now=NOW, book=BOOK)
    assert [p.value["body"] for p in draft.papers if p.kind == "governance"] == [answers.organiser]


def test_a_text_with_a_place_nobody_fills_is_named(tmp_path: Path) -> None:
    from sekisho.desk.papers import PaperError

    (tmp_path / "papers").symlink_to(TEXTS / "papers")
    (tmp_path / "event").mkdir()
    for source in (TEXTS / "event").iterdir():
        (tmp_path / "event" / source.name).write_text(source.read_text(encoding="utf-8") + "{{nobody}}\n", encoding="utf-8")
    with pytest.raises(PaperError, match=r"responsible@1\.ja\.md: no words for 'nobody'"):
        carry_out(Box(ANSWERS, tmp_path, NOW.date()))


def test_every_answer_is_asked_for_or_has_a_default() -> None:
    from sekisho.faces.commands.event_box import QUESTIONS
    from sekisho.faces.words.event import EVENT

    asked_for = set(QUESTIONS)
    assert asked_for | {"smallest", "minutes"} == set(box.Answers.__dataclass_fields__)
    assert all(f"event-asks-{name}" in EVENT for name in asked_for)
