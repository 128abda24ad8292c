"""The shipped book, and questions to it, for the tests of asking."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sekisho.desk.asking import trial
from sekisho.desk.asking.question import Here
from sekisho.law.casebook import Casebook, load
from tests.conftest import ROOT

BOOK = ROOT / "casebook" / "jp"
NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
TODAY = date(2026, 11, 21)


@cache
def book() -> Casebook:
    return load(BOOK)


def here() -> Here:
    return Here(book(), "Example Networks")


def steps() -> list[tuple[str, str]]:
    """Every measure and step of the book."""
    return [(measure, step.name) for measure, declared in book().steps.items() for step in declared]


def decided(path: Path, **words: Any) -> dict[str, Any]:
    return trial.carry_out(trial.Trial(path, here(), words.pop("on", None), NOW, **words))
