"""From "we want to ..." in anybody's words, Japanese or English, to the measures of the book that are meant. No network, no model.

Each measure says in the book what people say who need it (`want`), its title, what its steps do, and the titles of its cases. Words
are cut to stems, Japanese to runs of two and three kanji or katakana, and rare ones weigh more. A phrase of the book itself scores 1.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log
from typing import Any

from sekisho.law.canonical import plain
from sekisho.law.casebook import Casebook

MOST = 5
UNSURE = 0.33
"""Below this nothing of the book says what was asked for; the nearest are shown all the same, as that."""

NEAR = 0.4
"""What fits less than this share of the best is left out."""

WORD = re.compile(r"[a-z0-9&+]+")
JAPANESE = re.compile(r"[\u30a1-\u30ffー]+|[\u3400-\u9fff々]+")
"""Runs of katakana and of kanji: what a Japanese wish is about. Hiragana is mostly grammar."""

ENDINGS = ("ations", "ation", "ings", "ing", "ers", "ies", "ied", "ed", "es", "er", "s", "y", "e")
SMALL = re.compile(
    r"an?|and|are|as|at|be|been|by|can|do|does|for|from|had|has|have|how|i|if|in|into|is|its?|like|may|might|must|need|no|not|of|on|or|ours?"
    r"|out|please|shall|should|so|some|than|that|the|their|them|then|there|these|they|this|those|to|us|want|wants|was|we|were|what|when"
    r"|where|which|who|will|wish|with|would|you|your"
)
"""Words that say nothing of what is wanted."""


@dataclass(frozen=True)
class Wish:
    """What somebody wants, in their own words."""

    words: str
    book: Casebook
    most: int = MOST


def carry_out(wish: Wish) -> dict[str, Any]:
    """{"words", "sure": whether anything fits, "measures": [{"measure", "title", "score" in permille, "phrase", "steps", "cases"}]}."""
    pages, weights = _index(wish.book)
    asked = grams(wish.words)
    scored = sorted(((_score(asked, page, weights), name) for name, page in pages.items()), key=lambda s: (-s[0][0], s[1]))
    least = scored[0][0][0] * NEAR if scored else 0.0
    best = [(score, phrase, name) for (score, phrase), name in scored[: wish.most] if score > 0 and score >= least]
    return {
        "words": wish.words,
        "sure": bool(best) and best[0][0] >= UNSURE,
        "measures": [_shown(wish.book, name, score, phrase) for score, phrase, name in best],
    }


@dataclass(frozen=True)
class _Page:
    """What a measure says: each phrase apart, and all of it together."""

    phrases: tuple[tuple[str, Mapping[str, int]], ...]
    whole: frozenset[str]


def grams(text: str) -> Mapping[str, int]:
    """What a text is made of: stems of words, and runs of two and three kanji or katakana."""
    spelt = unicodedata.normalize("NFKC", text).lower()
    found = Counter(_stem(w) for w in WORD.findall(spelt) if not SMALL.fullmatch(w))
    for run in JAPANESE.findall(spelt):
        found.update(run[i : i + size] for size in (2, 3) for i in range(len(run) - size + 1))
    return found


def _stem(word: str) -> str:
    if word.isdigit() or len(word) < 4:
        return word
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            cut = word.removesuffix(ending)
            return cut[:-1] if len(cut) > 3 and cut[-1] == cut[-2] else cut
    return word


@lru_cache(maxsize=4)
def _pages(book_digest: str, said: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]) -> tuple[dict[str, _Page], dict[str, float]]:
    del book_digest
    pages: dict[str, _Page] = {}
    for name, phrases, rest in said:
        cut = tuple((p, grams(p)) for p in phrases)
        pages[name] = _Page(cut, frozenset(g for _, c in cut for g in c) | frozenset(g for r in rest for g in grams(r)))
    many = Counter(g for p in pages.values() for g in p.whole)
    return pages, {g: log(1 + len(pages) / n) for g, n in many.items()}


def _index(book: Casebook) -> tuple[dict[str, _Page], dict[str, float]]:
    said = tuple((m, tuple(_phrases(book, m)), tuple(_rest(book, m))) for m in sorted(book.steps))
    return _pages(book.digest, said)


def _phrases(book: Casebook, measure: str) -> Iterable[str]:
    """What is compared phrase by phrase: wants and titles, in each language."""
    if about := book.about.get(measure):
        for phrases in about.want.values():
            yield from phrases
        yield from about.title.values()
        for says in about.steps.values():
            yield from says.values()
    yield measure.replace("-", " ")


def _rest(book: Casebook, measure: str) -> Iterable[str]:
    for case in book.cases:
        if case.measure == measure:
            yield from case.title.values()
    for step in book.steps[measure]:
        yield step.name.replace("-", " ")


def _score(asked: Mapping[str, int], page: _Page, weights: Mapping[str, float]) -> tuple[float, str]:
    """How well the best phrase fits, and how much of what was asked the measure speaks of at all."""
    rarest = max(weights.values(), default=1.0)

    def heavy(grams_of: Iterable[str]) -> float:
        return sum(weights.get(g, rarest) for g in grams_of)

    total = heavy(asked)
    if not total:
        return 0.0, ""
    best, phrase = 0.0, ""
    for words, cut in page.phrases:
        both = heavy(asked.keys() & cut.keys())
        fits = 2 * both / (total + heavy(cut)) if both else 0.0
        if fits > best:
            best, phrase = fits, words
    covered = heavy(asked.keys() & page.whole) / total
    return 0.55 * best + 0.45 * covered, phrase


def _shown(book: Casebook, name: str, score: float, phrase: str) -> dict[str, Any]:
    about = book.about.get(name)
    says = about.steps if about else {}
    return {
        "measure": name,
        "title": plain(about.title) if about else {"ja": name, "en": name},
        "score": round(score * 1000),
        "phrase": phrase,
        "steps": [{"name": s.name, "kind": s.kind.value, "says": plain(says.get(s.name, {}))} for s in book.steps[name]],
        "cases": [c.id for c in book.cases if c.measure == name],
    }
