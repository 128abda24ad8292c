"""Mail of the last hours as numbers of a plot: what went out, and what was put off, an hour a column. The table beside it says the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sekisho.faces.web.drawing import HEIGHT, LEFT, RIGHT, WIDTH, Tick, nice
from sekisho.faces.web.i18n import JST, moment

FOOT = 24
TOP = 12
SEEN = 4.0
"""What is there at all is drawn as high as can be seen."""
METHODS = ("spf", "dkim", "dmarc")
FIGURES = ("pass", "fail", "none", "error")


@dataclass(frozen=True)
class Column:
    """One hour: where its column stands, how high what was sent reaches, and what was put off above it."""

    x: float
    width: float
    sent_y: float
    sent: float
    off_y: float
    off: float


@dataclass(frozen=True)
class Hours:
    """The plot of some hours, oldest on the left."""

    width: int
    height: int
    base: float
    columns: tuple[Column, ...]
    across: tuple[Tick, ...]
    up: tuple[tuple[float, int], ...]
    messages: int
    put_off: int
    most: int


def stage_hours(rows: Sequence[Mapping[str, Any]]) -> Hours | None:
    """The same of rows of {"hour", "asked", "refused"}, for a stage that counts no account."""
    return hours([{**r, "messages": int(r["asked"]) - int(r["refused"]), "most": 0} for r in rows])


def alike_hours(rows: Sequence[Mapping[str, Any]]) -> Hours | None:
    """The same of accounts that act alike: of rows of {"hour", "grouped", "matched"}, settled ones found by mistake stand above them."""
    return hours([{**r, "messages": int(r["grouped"]), "refused": r["matched"], "most": 0} for r in rows])


def sign_hours(rows: Sequence[Mapping[str, Any]]) -> Hours | None:
    """The same of accounts with signs of a hijack: of rows of {"hour", "signs", "matched"}, settled ones stand above the others."""
    return hours([{**r, "messages": int(r["signs"]) - int(r["matched"]), "refused": r["matched"], "most": 0} for r in rows])


def logged_hours(rows: Sequence[Mapping[str, Any]]) -> Hours | None:
    """Recipients that the sending log tells of, an hour a column: those that were nobody's stand above the others."""
    return hours([{**r, "messages": int(r["recipients"]) - int(r["nobodys"]), "refused": r["nobodys"], "most": 0} for r in rows])


@dataclass(frozen=True)
class Labels:
    """One method of a stage that puts labels: the plot of what passed and failed, its sums, and every hour."""

    method: str
    plot: Hours
    sums: Mapping[str, int]
    rows: tuple[Mapping[str, Any], ...]


def label_hours(rows: Sequence[Mapping[str, Any]]) -> tuple[Labels, ...]:
    """Of rows of {"hour", "found"}, in the order SPF, DKIM, DMARC; nothing where no mail came."""
    drawn: list[Labels] = []
    for method in METHODS:
        mine = tuple({"hour": r["hour"], **{w: int(r["found"].get(f"{method}-{w}", 0)) for w in FIGURES}} for r in rows if _any(r, method))
        plot = hours([{"hour": r["hour"], "messages": r["pass"], "refused": r["fail"], "most": 0} for r in mine])
        if plot:
            drawn.append(Labels(method.upper(), plot, {w: sum(int(r[w]) for r in mine) for w in FIGURES}, mine))
    return tuple(drawn)


def _any(row: Mapping[str, Any], method: str) -> bool:
    return any(key.startswith(f"{method}-") for key in row["found"])


def hours(rows: Sequence[Mapping[str, Any]]) -> Hours | None:
    """Lay out rows of {"hour", "messages", "refused", "most"}. None where nothing was counted."""
    told = [(at, int(r["messages"]), int(r["refused"]), int(r["most"])) for r in rows if (at := moment(r["hour"])) is not None]
    if not told:
        return None
    top = nice(float(max(sent + off for _, sent, off, _ in told))) or 1.0
    step = (WIDTH - LEFT - RIGHT) / len(told)
    reach = HEIGHT - TOP

    def tall(count: int) -> float:
        return round(max(count / top * reach, SEEN if count else 0.0), 1)

    def column(place: int, sent: int, off: int) -> Column:
        x, width = round(LEFT + place * step + 1, 1), round(max(step - 2, 1.0), 1)
        return Column(x, width, round(HEIGHT - tall(sent), 1), tall(sent), round(HEIGHT - tall(sent) - tall(off), 1), tall(off))

    columns = tuple(column(i, sent, off) for i, (_, sent, off, _) in enumerate(told))
    middle, every = LEFT + step / 2, max(1, len(told) // 8)
    marks = [(round(middle + i * step, 1), at.astimezone(JST)) for i, (at, *_) in enumerate(told) if i % every == 0]
    across = tuple(Tick(x, at.strftime("%m-%d %H")) for x, at in marks)
    up = tuple((round(HEIGHT - share * reach, 1), int(top * share)) for share in (0.5, 1.0))
    sent, off = sum(s for _, s, _, _ in told), sum(o for _, _, o, _ in told)
    return Hours(WIDTH, HEIGHT + FOOT, HEIGHT, columns, across, up, sent, off, max(m for *_, m in told))
