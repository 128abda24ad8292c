"""The tree on a page: what a step touches, articles then and today, disputed numbers; drawn from the real gate's answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from sekisho.faces.web.render import environment
from sekisho.gate.decide import decide
from sekisho.gate.people import Confirmation
from sekisho.gate.render import decision_json
from sekisho.law.casebook import load
from sekisho.law.examples import build
from sekisho.law.words import Regime, Value

BOOK = load(Path(__file__).resolve().parents[3] / "casebook" / "jp")


def page(measure: str, step: str, day: str, language: str, given: Mapping[str, Value] = MappingProxyType({})) -> str:
    """The tree of one step of a file's complete plan, as the console draws it."""
    complete = BOOK.complete[measure]
    plan, now = build(BOOK, complete, measure, {s.name: s for s in complete.steps}[step], given, day)
    since, until = now - timedelta(days=1), now + timedelta(days=30)
    said = [Confirmation(c.id, measure, BOOK.digest, "read", "officer", since, until) for c in BOOK.cases]
    decisions: list[dict[str, Any]] = [decision_json(d, BOOK) for d in decide(plan, BOOK, now, said)]
    macro: Any = environment(language).get_template("_tree.html").module
    return str(macro.tree(decisions, {}, {}))


@pytest.mark.parametrize(("language", "label", "penalty"), [("ja", "触れる規定：", "拘禁刑"), ("en", "Touches:", "¥1,000,000")])
def test_what_a_step_touches_stands_above_the_grounds_with_its_penalty(language: str, label: str, penalty: str) -> None:
    """The statutes that bind this operator on that day; guidance is not named in the short line."""
    html = page("location", "tell-police", "2026-11-20", language)
    assert label in html
    assert penalty in html[html.index(label) : html.index("jp/E-16/1")]
    assert "参照文書" not in html


def test_an_exempt_operator_is_shown_what_binds_it_and_not_what_does_not() -> None:
    """TBA 164 in the place of TBA 28."""
    exempt = page("location", "tell-police", "2026-11-20", "en", MappingProxyType({"regime": Regime.TBA_EXEMPT.value}))
    assert "TBA 164: exempt, yet bound by articles 3 and 4" in exempt
    assert "TBA 28, leaks of secrecy are reported" not in exempt
    assert "TBA 28, leaks of secrecy are reported" in page("location", "tell-police", "2026-11-20", "en")


@pytest.mark.parametrize(("day", "shown"), [("2016-06-01", "GL 26 → GL 41"), ("2020-06-01", "GL 35 → GL 41"), ("2026-11-20", None)])
def test_an_article_that_moved_is_shown_as_of_its_day_and_today(day: str, shown: str | None) -> None:
    """Nothing is shown where both are the same."""
    html = page("location", "tell-police", day, "en")
    assert (shown in html) if shown else ("GL 41 →" not in html)


@pytest.mark.parametrize(("day", "value"), [("2011-06-01", ": 2 ("), ("2026-11-20", ": 1 (")])
def test_a_disputed_number_is_shown_with_who_sees_it_otherwise(day: str, value: str) -> None:
    """How many sides must consent, on that day."""
    html = page("location", "tell-by-consent", day, "en")
    assert f"How many sides of a communication must consent{value}" in html
    assert "Seen otherwise:" in html


def test_who_sees_a_rule_otherwise_stands_beside_it() -> None:
    """The police wished for eighteen months; the case that says three to six shows it."""
    html = page("post-log-keeping", "keep-post-log", "2026-11-20", "en")
    assert "Seen otherwise: The police wished for eighteen months; it was not adopted." in html
