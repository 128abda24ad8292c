"""What a letter to the other side must not say: the facts a person asked to keep back, wherever their words turn up."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from unicodedata import normalize

from sekisho.law.procedures import Procedure, Standing

BLACK = "■■■■"
SHORTEST = 2
"""Parts of a name this long are masked by themselves; a single character would black out everybody's words."""
FULL_WIDTH = 0xFEE0


@dataclass(frozen=True)
class Mask:
    """`names` are facts that are black as a whole; `pattern` finds their words in what anybody else wrote."""

    names: frozenset[str]
    pattern: re.Pattern[str] | None

    def over(self, words: str) -> str:
        return self.pattern.sub(BLACK, words) if self.pattern else words


NOTHING = Mask(frozenset(), None)


def of(procedure: Procedure, standing: Standing, every: bool = False) -> Mask:
    """What is kept back in a letter to the other side; with `every`, also what might be shown: for a masked copy."""
    kept = [f.id for f in procedure.facts if f.shown_if and (every or standing.facts.get(f.shown_if) is not True)]
    said = [str(standing.facts[name]) for name in kept if name in standing.facts]
    pieces = {piece for words in said for piece in _pieces(words)}
    spelled = sorted((_spelled(p) for p in pieces), key=len, reverse=True)
    return Mask(frozenset(kept), re.compile("|".join(spelled)) if spelled else None)


def _pieces(words: str) -> Iterable[str]:
    """Each line as a whole, and each part between blanks, as written and in its plain form: a name, its family name, its given name."""
    for line in (spelling for written in words.splitlines() for spelling in (written, normalize("NFKC", written))):
        yield from (p for p in ("".join(line.split()), *line.split()) if len(p) >= SHORTEST)


def _spelled(piece: str) -> str:
    """The same letters in either width and either case, with blanks between them or none."""
    return r"\s*".join(_letter(c) for c in piece)


def _letter(character: str) -> str:
    same = {character, character.lower(), character.upper()}
    same |= {chr(ord(c) + FULL_WIDTH) for c in same if len(c) == 1 and "!" <= c <= "~"}
    return "(?:" + "|".join(re.escape(c) for c in sorted(same)) + ")"
