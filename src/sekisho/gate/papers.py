"""The evidence of one plan, by kind, each piece digested once however many conditions ask about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sekisho.law.canonical import digest
from sekisho.law.words import Evidence, Plan


@dataclass(frozen=True)
class Papers:
    """Pieces of evidence by their digest, and the digests by kind. The same piece laid in twice is one piece."""

    pieces: Mapping[str, Evidence]
    kinds: Mapping[str, Sequence[str]]
    faults: dict[tuple[str, str, datetime], str] = field(default_factory=dict, compare=False)
    """Why a piece cannot serve a purpose at a moment, as it was found out: many conditions ask the same."""

    @classmethod
    def of(cls, plan: Plan) -> Papers:
        pieces = {digest(e): e for e in plan.evidence}
        kinds: dict[str, list[str]] = {}
        for name, evidence in pieces.items():
            kinds.setdefault(evidence.kind, []).append(name)
        return cls(pieces, kinds)
