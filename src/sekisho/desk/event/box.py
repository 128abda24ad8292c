"""An event in a box: a volunteer's plain answers become settings, the plan of the board, the paper it stands on, and the texts people read.

What is said to attendees comes from the same answers as the plan, so that it says no more and no less than what is done.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sekisho.desk.draft import DraftError
from sekisho.desk.event.panels import COUNT, MEASURE, PANELS
from sekisho.desk.filled import filled
from sekisho.desk.papers import LANGUAGES, PaperError, template_of, words_of
from sekisho.effects import letter
from sekisho.effects.letter import CannotPrint
from sekisho.law.canonical import plain
from sekisho.law.reading import ReadingError, read

__all__ = ["Answers", "Box", "CannotPrint", "answers_file", "carry_out", "poster", "posters", "read_answers", "toml"]

FOLDER = "event"
TEXTS = {"checklist": "checklist", "for-people/wifi": "wifi"}
RESPONSIBLE = "responsible"
POSTER = "event-poster@1"
LEAST_REVIEWERS = 2
MOST = 10_000


@dataclass(frozen=True)
class Answers:
    """What a volunteer is asked. `organiser` answers for the board, `window` is where people ask, `contact` how, `url` where it lies.

    `smallest`: with fewer devices than that, no number is shown. `minutes`: how long a named person may take over an objection.
    """

    event: str
    venue: str
    first_day: date
    last_day: date
    organiser: str
    window: str
    contact: str
    url: str
    officer: str
    reviewers: tuple[str, ...]
    network: tuple[str, ...]
    panels: tuple[str, ...]
    interface: str = ""
    resolver: str = ""
    smallest: int = 10
    minutes: int = 30


@dataclass(frozen=True)
class Box:
    """The answers, the operator's texts, and the law's day of today."""

    answers: Answers
    texts: Path
    today: date


def carry_out(request: Box) -> dict[str, bytes]:
    """Path in the event's folder to what stands there, posters apart. Raises DraftError for what cannot be, PaperError for absent words."""
    _must_be_possible(request.answers, request.today)
    made = {"event.toml": answers_file(request.answers)}
    responsible = {lang: _text(request, RESPONSIBLE, lang) for lang in LANGUAGES}
    made["board/responsible.md"] = "\n".join(responsible.values())
    made["board/plan.toml"] = plan_file(request.answers)
    made |= {f"{path}.{lang}.md": _text(request, text, lang) for path, text in TEXTS.items() for lang in LANGUAGES}
    return {path: text.encode() for path, text in made.items()}


def posters(request: Box) -> dict[str, bytes]:
    """The poster as PDF in each language. Raises CannotPrint."""
    return {f"for-people/poster.{lang}.pdf": letter.pdf(template_of(request.texts, POSTER), poster(request, lang)) for lang in LANGUAGES}


def read_answers(path: Path) -> Answers:
    """Raises DraftError naming the line that is wrong."""
    try:
        return read(Answers, tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as why:
        raise DraftError(str(path), "absent") from why
    except ReadingError as why:
        raise DraftError(why.path, {"not-date": "not-a-day"}.get(why.code, why.code)) from why
    except ValueError as why:
        raise DraftError(f"{path}: {why}", "not-toml") from why


def answers_file(answers: Answers) -> str:
    """As `read_answers` reads it again."""
    lines = (f"{name} = {value if name.endswith('_day') else toml(value)}" for name, value in plain(answers).items())
    return "# sekisho event init\n" + "\n".join(lines) + "\n"


def toml(value: object) -> str:
    """Text, a number or a list of texts as TOML writes it."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def plan_file(answers: Answers) -> str:
    """The plan of the board: the chosen panels by digest, until the last day."""
    chosen = [PANELS[name] for name in answers.panels]
    steps = [COUNT, *dict.fromkeys(p.step for p in chosen)]
    governance = {"body": answers.organiser, "officer_named": True, "reviewed": "today", "every_panel_reviewed": True}
    return "\n".join(
        (
            f'measure = "{MEASURE}"',
            f"steps = {toml(steps)}",
            f"last_day = {answers.last_day}",
            "keeps_days = 1",
            "",
            "[scope]",
            'per = ["interface", "whole-network", "access-point"]',
            f"suppressed_below = {answers.smallest}",
            f"panels = {toml([p.reviewed for p in chosen])}",
            "",
            *_evidence("origin", {"what": "counters of our equipment", "from_communication": False}),
            *_evidence("governance", governance | {"escalation_written": True}),
        )
    )


def _evidence(kind: str, value: Mapping[str, object]) -> Iterator[str]:
    yield "[[evidence]]"
    yield f'kind = "{kind}"'
    yield 'role = "legal-officer"'
    yield 'paper = "responsible.md"'
    yield "value = { " + ", ".join(f"{k} = {toml(v)}" for k, v in value.items()) + " }"
    yield ""


def poster(request: Box, language: str) -> dict[str, Any]:
    """Everything the poster says, as plain data in its language."""
    words, known = words_of(request.texts, POSTER, language), _known(request, language)
    day = request.today
    return {
        "words": {name: filled(text, known) for name, text in words.labels.items()},
        "language": language,
        "operator": request.answers.organiser,
        "date": [day.year, day.month, day.day],
        "title": request.answers.event,
        "subject": known["days"],
        "footer": "",
        "panels": [PANELS[name].title[language] for name in request.answers.panels],
        "objection": known["objection"],
        "board": known["board"],
    }


def _text(request: Box, name: str, language: str) -> str:
    path = request.texts / FOLDER / f"{name}@1.{language}.md"
    try:
        return "\n".join(_lines(path.read_text(encoding="utf-8"), request, language)) + "\n"
    except OSError as why:
        raise PaperError(f"{path}: {why}") from why
    except KeyError as why:
        raise PaperError(f"{path}: no words for {why}") from why


def _lines(text: str, request: Box, language: str) -> Iterator[str]:
    known = _known(request, language)
    for line in text.rstrip("\n").split("\n"):
        mark, _, rest = line.partition(" ")
        if mark == "@panel":
            yield from (filled(rest, known | {"panel": PANELS[name].title[language]}) for name in request.answers.panels)
        else:
            yield filled(line, known)


def _known(request: Box, language: str) -> dict[str, str]:
    answers, words = request.answers, words_of(request.texts, "", language)
    url = answers.url.rstrip("/")
    first, last = words.day(answers.first_day), words.day(answers.last_day)
    return {
        "event": answers.event,
        "venue": answers.venue,
        "days": first if answers.first_day == answers.last_day else words.law["form"]["span"].format(first=first, last=last),
        "last_day": last,
        "organiser": answers.organiser,
        "window": answers.window,
        "contact": answers.contact,
        "officer": answers.officer,
        "reviewers": words.listed(answers.reviewers),
        "host": url.partition("://")[2].partition("/")[0],
        "board": f"{url}/board",
        "objection": f"{url}/contact/board-objection",
        "stop": f"{url}/board/stop",
        "smallest": str(answers.smallest),
        "minutes": str(answers.minutes),
    }


def _must_be_possible(answers: Answers, today: date) -> None:
    """Raises DraftError for the first answer that cannot be."""
    for name, value in plain(answers).items():
        if value == "" and name not in ("interface", "resolver"):
            raise DraftError(name, "empty")
    if answers.last_day < answers.first_day or answers.last_day < today:
        raise DraftError("last_day", "day-is-over", answers.last_day)
    if len({*answers.reviewers} - {answers.officer, ""}) < LEAST_REVIEWERS or len({*answers.reviewers}) < len(answers.reviewers):
        raise DraftError("reviewers", "two-others")
    if not answers.network or {*answers.network} & {*answers.reviewers, ""}:
        raise DraftError("network", "two-others")
    unknown = [name for name in answers.panels if name not in PANELS]
    if unknown or not answers.panels or len({*answers.panels}) < len(answers.panels):
        raise DraftError("panels", "unknown-word", "".join(unknown[:1]), PANELS)
    if not answers.url.startswith(("https://", "http://")):
        raise DraftError("url", "not-a-url", answers.url)
    for name, most in (("smallest", MOST), ("minutes", 24 * 60)):
        if not 0 < getattr(answers, name) <= most:
            raise DraftError(name, "not-a-count", getattr(answers, name))
