"""Small numbers stay hidden: what is published tells nobody how many of so few there were, nor lets it be worked out from the rest.

A count from 1 to 4 is hidden. Where the sum is published too, further counts are hidden until more than one answer fits what is left;
where that is not possible, the sum goes as well. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

FEWEST = 5
"""The smallest number that is shown as it is; none is shown as none."""


@dataclass(frozen=True)
class Shown:
    """Counts that may be published: None for a hidden one. `total` too."""

    counts: Mapping[str, int | None]
    total: int | None


@dataclass(frozen=True)
class Table:
    """Rows of counts, each with its total, and the total of all."""

    rows: Mapping[str, Shown]
    total: int | None


def group(counts: Mapping[str, int], besides: AbstractSet[str] = frozenset()) -> Shown:
    """Counts whose sum is published beside them. `besides`: names that must stay hidden whatever their count."""
    total = sum(counts.values())
    hidden = {n for n, c in counts.items() if 0 < c < FEWEST} | {n for n in besides if counts[n]}
    spare = sorted((c, n) for n, c in counts.items() if c and n not in hidden)
    while hidden and spare and not _several({n: counts[n] for n in hidden}):
        hidden.add(spare.pop(0)[1])
    known = total == 0 or (total >= FEWEST and (not hidden or _several({n: counts[n] for n in hidden})))
    return Shown({n: None if n in hidden else c for n, c in counts.items()}, total if known else None)


def table(rows: Mapping[str, Mapping[str, int]]) -> Table:
    """Rows that each publish their total, and the total of all rows beside them."""
    shown = {name: group(counts) for name, counts in rows.items()}
    totals = {name: sum(counts.values()) for name, counts in rows.items()}
    above = group(totals, {name for name, row in shown.items() if row.total is None})
    return Table({n: Shown(_small(rows[n], row, above.counts[n]), above.counts[n]) for n, row in shown.items()}, above.total)


def _small(counts: Mapping[str, int], row: Shown, total: int | None) -> Mapping[str, int | None]:
    """Where the row's total is hidden, no sum of its counts may give it away: only its zeros are shown."""
    return row.counts if total is not None else {n: None if c else 0 for n, c in counts.items()}


def whole(shown: Table) -> bool:
    """Whether nothing in it had to be hidden."""
    return shown.total is not None and all(None not in (r.total, *r.counts.values()) for r in shown.rows.values())


def _several(hidden: Mapping[str, int]) -> bool:
    """Whether more than one set of counts has this sum: small ones lie from 1 to 4, others from 5 up without end."""
    if len(hidden) < 2:
        return False
    total, small = sum(hidden.values()), [c for c in hidden.values() if c < FEWEST]
    least = len(small) + FEWEST * (len(hidden) - len(small))
    most = (FEWEST - 1) * len(small) if len(small) == len(hidden) else None
    return total > least and (most is None or total < most)
