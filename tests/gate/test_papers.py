"""A plan's evidence is digested once for all conditions, and the same piece laid in twice is one piece."""

from __future__ import annotations

from dataclasses import replace

from sekisho.gate.answers import Met
from sekisho.gate.decide import decide
from sekisho.gate.papers import Papers
from sekisho.law.canonical import digest
from tests.gate.books import NOW, world_of


def test_every_piece_is_found_by_its_kind_and_its_digest() -> None:
    for seed in range(200):
        plan = world_of(seed).plan
        papers = Papers.of(plan)
        assert {digest(e): e for e in plan.evidence} == papers.pieces
        assert sorted(d for found in papers.kinds.values() for d in found) == sorted(papers.pieces)
        assert all(papers.pieces[d].kind == kind for kind, found in papers.kinds.items() for d in found)


def test_a_piece_laid_in_twice_is_named_once_and_changes_no_answer() -> None:
    changed = 0
    for seed in range(300):
        world = world_of(seed)
        twice = replace(world.plan, evidence=world.plan.evidence * 2)
        once, again = (decide(p, world.book, NOW, world.confirmations)[0] for p in (world.plan, twice))
        assert (once.outcome, once.cases) == (again.outcome, again.cases)
        answers = [c.answer for a in again.axes for t in a.tried for c in t.checked]
        named = [a.evidence for a in answers if isinstance(a, Met) and a.evidence]
        assert all(len(set(e)) == len(e) for e in named)
        changed += bool(named)
    assert changed > 50
