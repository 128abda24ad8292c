"""Cases of our book, and authorities' answers about them, signed for other operators. Runs at the operator's terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sekisho.desk.book.pack_book import read_key
from sekisho.law.casebook import load
from sekisho.law.exchange import FORM, Bundle, Consultation, ExchangeError, unpack
from sekisho.law.reading import read

__all__ = ["ExchangeError", "carry_out", "look"]

OWN = ("id", "plan")


@dataclass(frozen=True)
class Export:
    """Cases of the book in `folder` by id, what the node says of answers (`told`), and the key file that signs."""

    folder: Path
    cases: Sequence[str]
    told: Sequence[Mapping[str, Any]]
    key: Path
    operator: str
    made: date


def carry_out(request: Export) -> Bundle:
    """Raises ExchangeError for a case the book does not have; CasebookError, ValueError (no key file), OSError."""
    book = load(request.folder)
    by_id = {c.id: c for c in book.cases}
    for name in request.cases:
        if name not in by_id:
            raise ExchangeError("cases", f"the book has no case {name}")
    cases = tuple(by_id[name] for name in dict.fromkeys(request.cases))
    kinds = sorted({str(c.params["kind"]) for case in cases for c in case.conditions if "kind" in c.params})
    answers = [read(Consultation, {k: v for k, v in t.items() if k not in OWN}) for t in request.told if t["case"] in request.cases]
    bundle = Bundle(
        form=FORM,
        operator=request.operator,
        country=book.country,
        book=book.digest,
        made=request.made,
        cases=cases,
        kinds=tuple(book.kinds[k] for k in kinds),
        consultations=tuple({a.id: a for a in answers}.values()),
        key=b"",
        signature=b"",
    )
    return bundle.signed_with(read_key(request.key))


def look(text: str) -> Bundle:
    """A bundle somebody gave us, once everything in it is right. Raises ExchangeError."""
    try:
        return unpack(text.encode())
    except UnicodeEncodeError as why:
        raise ExchangeError("file", "is no exchange: not UTF-8") from why
