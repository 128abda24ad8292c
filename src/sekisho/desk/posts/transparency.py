"""The yearly report: what article 28 asks a designated large platform for, and what any service may publish, from closed cases alone.

It stands on what `decided` says of each case: codes, days and numbers, nobody's words. Small numbers are hidden (`desk/suppress.py`).
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from sekisho.desk import suppress
from sekisho.desk.cases.decided import CATEGORY, OTHERWISE, STATEMENT, VISIBILITY

SCHEMA = "sekisho.transparency/1"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would work out instead of showing."""
HIDDEN = "<5"
RIGHTS = ("honour", "privacy", "portrait", "copyright", "trademark", "other", "")
DECIDED = {
    "deletion": ("removed", "limited", "kept", "dropped"),
    "appeal": ("restored", "upheld", "dropped"),
    "disclosure": ("disclosed", "refused", "no-data", "dropped"),
}
LEAST_FOR_A_MEDIAN = suppress.FEWEST
Json = dict[str, Any]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Report:
    """The year of a report and each case that was decided or received in it, as `desk/cases/decided.py` counts them."""

    year: int
    operator: str
    cases: Sequence[Row]


def carry_out(request: Report) -> Json:
    """{"schema", "year", "operator", "tables": [{"id", "columns", "rows": [{"name", "counts", "total"}], "total", "withheld"}], "figures"}.

    A hidden count is null. The same cases are counted in several tables, so that one could be worked out from another: a further table
    about deletion or disclosure is withheld whole unless nothing in it, nor in the first one, had to be hidden. `figures`: medians of whole
    days, null where fewer than five cases stand behind them.
    """
    year = f"{request.year:04d}-"
    decided = [c for c in request.cases if (c["decided_on"] or "").startswith(year)]
    received = [c for c in request.cases if c["received_on"].startswith(year)]
    return {
        "schema": SCHEMA,
        "year": request.year,
        "operator": request.operator,
        "tables": list(_published(dict(_tables(decided, received)))),
        "figures": {about: _days([c for c in decided if c["about"] == about]) for about in DECIDED},
    }


def _tables(decided: list[Row], received: list[Row]) -> Iterable[tuple[str, tuple[Mapping[str, Any], Sequence[str]]]]:
    by = {about: [c for c in decided if c["about"] == about] for about in DECIDED}
    yield "received", (_counted(received, (*DECIDED, ""), "about", _one("all")), ("all",))
    for about, outcomes in DECIDED.items():
        names = RIGHTS if about == "deletion" else ("all",)
        told = _counted(by[about], names, "right" if about == "deletion" else _one("all"), "decision")
        yield f"{about}-decided", (told, outcomes)
    grounds = ("law", "rules", "order")
    yield "deletion-grounds", (_counted([c for c in by["deletion"] if c["ground"]], grounds, "ground", "decision"), DECIDED["deletion"])
    asked = [c for c in by["deletion"] if c["inquired"]]
    answers = ("objected", "agreed", "silent", "")
    yield "inquiries", (_counted(asked, ("all",), _one("all"), "answer"), answers)
    yield "told-late", (_counted(by["deletion"], RIGHTS, "right", _late), ("late", "in-time"))
    acted = [c for c in by["deletion"] if c["decision"] in ("removed", "limited")]
    yield "poster-told", (_counted(acted, ("removed", "limited"), "decision", _told), ("told", "not-told"))
    items = sorted({i for c in by["disclosure"] for i in c["items_asked"]})
    yield "items", (_items(by["disclosure"], items), ("released", "not-released"))


Key = str | Callable[[Row], str]


def _counted(cases: Iterable[Row], names: Iterable[str], row: Key, column: Key) -> dict[str, Counter[str]]:
    """How often each column comes in each row. What no row is called for is counted as the last of them."""
    rows = {name: Counter[str]() for name in names}
    last = next(reversed(rows))
    for case in cases:
        name = _of(case, row)
        rows[name if name in rows else last][_of(case, column)] += 1
    return rows


def _of(case: Row, key: Key) -> str:
    return str(case[key]) if isinstance(key, str) else key(case)


def _one(name: str) -> Callable[[Row], str]:
    return lambda _case: name


def _late(case: Row) -> str:
    return "late" if case["late"] else "in-time"


def _told(case: Row) -> str:
    return "told" if case["poster_told"] else "not-told"


def _items(cases: Iterable[Row], names: Sequence[str]) -> dict[str, Counter[str]]:
    rows = {name: Counter[str]() for name in names}
    for case in cases:
        for item in case["items_asked"]:
            rows[item]["released" if item in case["items_released"] else "not-released"] += 1
    return rows


FURTHER = {
    "deletion-grounds": "deletion-decided",
    "inquiries": "deletion-decided",
    "told-late": "deletion-decided",
    "poster-told": "deletion-decided",
    "items": "disclosure-decided",
}
"""Tables that count again what the one named here counted."""


def _published(tables: Mapping[str, tuple[Mapping[str, Mapping[str, int]], Sequence[str]]]) -> Iterable[Json]:
    filled = {n: {row: {c: counts.get(c, 0) for c in columns} for row, counts in rows.items()} for n, (rows, columns) in tables.items()}
    shown = {name: suppress.table(rows) for name, rows in filled.items()}
    firsts = all(suppress.whole(shown[f"{about}-decided"]) for about in DECIDED)
    for name, (_, columns) in tables.items():
        again = name in FURTHER and not (suppress.whole(shown[name]) and suppress.whole(shown[FURTHER[name]]))
        withheld = again or (name == "received" and not (firsts and suppress.whole(shown[name])))
        rows = [] if withheld else [{"name": n, "counts": dict(r.counts), "total": r.total} for n, r in shown[name].rows.items()]
        yield {"id": name, "columns": list(columns), "rows": rows, "total": None if withheld else shown[name].total, "withheld": withheld}


def _days(cases: Sequence[Row]) -> float | None:
    days = [int(c["days"]) for c in cases if c["days"] is not None]
    return float(median(days)) if len(days) >= LEAST_FOR_A_MEDIAN else None


def statements(request: Report, report: Json) -> list[Json]:
    """A statement of reasons for each deletion decided in the year, without anybody's words and with its year alone.

    What the report hides as too few to be counted stands here neither. Shaped as the DSA Transparency Database's.
    """
    shown = {
        (row["name"], decision)
        for table in report["tables"]
        if table["id"] == "deletion-decided"
        for row in table["rows"]
        for decision, count in row["counts"].items()
        if count
    }
    mine = [c for c in request.cases if c["about"] == "deletion" and _in(request.year, c)]
    found = [_statement(c) for c in mine if (c["right"], c["decision"]) in shown]
    return sorted(found, key=lambda s: (s["jp"]["right"], s["jp"]["decision"]))


def _in(year: int, case: Row) -> bool:
    return (case["decided_on"] or "").startswith(f"{year:04d}-")


def _statement(case: Row) -> Json:
    return {
        "schema": STATEMENT,
        "decision_visibility": [VISIBILITY[case["decision"]]] if case["decision"] in VISIBILITY else [],
        "category": CATEGORY.get(str(case["right"]), OTHERWISE),
        "content_type": ["CONTENT_TYPE_TEXT"],
        "territorial_scope": ["JP"],
        "application_year": case["decided_on"][:4],
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "jp": {key: case[key] for key in ("right", "decision")},
    }


def as_csv(report: Json) -> str:
    """One line for each count: table, row, column, count. A hidden one is "<5"; no cell begins as a formula does."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("year", "table", "row", "column", "count"))
    for table in report["tables"]:
        for row in table["rows"]:
            for column, count in (*row["counts"].items(), ("total", row["total"])):
                told = HIDDEN if count is None else count
                writer.writerow([harmless(c) for c in (report["year"], table["id"], row["name"], column, told)])
        told = HIDDEN if table["total"] is None else table["total"]
        writer.writerow([harmless(c) for c in (report["year"], table["id"], "", "total", told)])
    return out.getvalue()


def harmless(cell: object) -> str:
    """A cell that every spreadsheet shows as text."""
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text
