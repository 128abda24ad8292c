"""The yearly report: it counts what was decided, says nothing of the few, and no spreadsheet runs any of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk.posts.transparency import DECIDED, Report, as_csv, carry_out, harmless
from sekisho.desk.suppress import FEWEST, Shown, group, table

FAR = 14
"""How far the tests look for a larger hidden count."""


def case(**told: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "about": "deletion", "right": "honour", "received_on": "2026-03-01", "decided_on": "2026-03-11", "days": 10, "decision": "removed",
        "ground": "law", "inquired": True, "answer": "silent", "poster_told": True, "late": False, "items_asked": [], "items_released": [],
    }  # fmt: skip
    return {**plain, **told}


def report(*cases: dict[str, Any], year: int = 2026) -> dict[str, Any]:
    return carry_out(Report(year, "Example Networks", cases))


def rows(made: dict[str, Any], name: str) -> dict[str, dict[str, int | None]]:
    found = next(t for t in made["tables"] if t["id"] == name)
    return {r["name"]: r["counts"] for r in found["rows"]}


def test_decisions_are_counted_by_the_right_that_was_said_to_be_infringed() -> None:
    made = report(*[case()] * 7, *[case(decision="kept", right="copyright")] * 6)
    counted = rows(made, "deletion-decided")
    assert counted["honour"]["removed"] == 7
    assert counted["copyright"]["kept"] == 6
    assert counted["privacy"] == dict.fromkeys(DECIDED["deletion"], 0)
    assert made["figures"] == {"deletion": 10.0, "appeal": None, "disclosure": None}


def test_a_case_counts_in_the_year_it_was_decided_in() -> None:
    december = case(received_on="2025-12-28", decided_on="2026-01-05")
    assert rows(report(*[december] * 5), "deletion-decided")["honour"]["removed"] == 5
    assert rows(report(*[december] * 5), "received")["deletion"]["all"] == 0
    assert rows(report(*[december] * 5, year=2025), "received")["deletion"]["all"] == 5
    assert rows(report(*[december] * 5, year=2025), "deletion-decided")["honour"]["removed"] == 0
    undecided = case(decided_on=None, decision="", days=None)
    assert rows(report(*[undecided] * 6), "received")["deletion"]["all"] == 6


def test_items_of_a_disclosure_are_counted_as_asked_and_as_released() -> None:
    asked = case(about="disclosure", decision="disclosed", items_asked=["name", "ip"], items_released=["ip"])
    counted = rows(report(*[asked] * 5), "items")
    assert counted == {"ip": {"released": 5, "not-released": 0}, "name": {"released": 0, "not-released": 5}}


def test_one_case_alone_is_hidden_everywhere_and_its_days_too() -> None:
    made = report(case(days=3))
    for part in made["tables"]:
        assert part["total"] in (None, 0)
        for row in part["rows"]:
            assert row["total"] in (None, 0)
            assert all(count in (None, 0) for count in row["counts"].values())
    assert made["figures"]["deletion"] is None
    assert ",1\r\n" not in as_csv(made)


@given(st.dictionaries(st.sampled_from("abcde"), st.integers(0, 12), min_size=1))
def test_no_small_count_can_be_worked_out_from_the_others_and_their_sum(counts: dict[str, int]) -> None:
    shown = group(counts)
    assert_nothing_leaks(counts, shown)
    for name, count in counts.items():
        assert shown.counts[name] in (None, count)
        assert shown.counts[name] is None or count == 0 or count >= FEWEST


def assert_nothing_leaks(counts: Mapping[str, int], shown: Shown) -> None:
    """For every hidden small count there is another that fits everything published."""
    hidden = [n for n, c in shown.counts.items() if c is None]
    if shown.total is None or not hidden:
        return
    rest = shown.total - sum(c for c in shown.counts.values() if c is not None)
    ranges = [range(1, FEWEST) if counts[n] < FEWEST else range(FEWEST, FAR + rest) for n in hidden]
    fits = [found for found in product(*ranges) if sum(found) == rest]
    for place, name in enumerate(hidden):
        assert len({found[place] for found in fits}) > 1, (counts, name)


@given(st.dictionaries(st.sampled_from("xyz"), st.fixed_dictionaries({c: st.integers(0, 8) for c in "ab"}), min_size=1))
def test_neither_rows_nor_the_total_of_all_give_a_small_count_away(counts: dict[str, dict[str, int]]) -> None:
    made = table(counts)
    for name, row in made.rows.items():
        assert_nothing_leaks(counts[name], row)
    totals = {n: sum(c.values()) for n, c in counts.items()}
    assert_nothing_leaks(totals, Shown({n: known_total(r) for n, r in made.rows.items()}, made.total))


def known_total(row: Shown) -> int | None:
    """What a reader knows: the total that is shown, or the sum of counts that all are."""
    return row.total if None in row.counts.values() else sum(c or 0 for c in row.counts.values())


def test_no_other_table_gives_away_what_the_first_one_hides() -> None:
    made = report(*[case()] * 7, *[case(decision="kept", right="privacy")] * 9, *[case(right="copyright")] * 2)
    again = {t["id"]: t for t in made["tables"] if t["id"] in ("received", "deletion-grounds", "inquiries", "told-late", "poster-told")}
    assert all(t["withheld"] and not t["rows"] and t["total"] is None for t in again.values())
    assert rows(made, "deletion-decided")["honour"]["removed"] is None
    assert rows(made, "deletion-decided")["privacy"]["kept"] == 9
    assert not any(t["withheld"] for t in report(*[case()] * 7, *[case(decision="kept")] * 9)["tables"])


def test_large_counts_are_shown_as_they_are() -> None:
    assert group({"a": 5, "b": 120, "c": 0}) == Shown({"a": 5, "b": 120, "c": 0}, 125)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    made = report(*[case(about="disclosure", decision="refused", items_asked=[cell])] * 5)
    read = list(csv.reader(io.StringIO(as_csv(made), newline="")))
    assert not [c for line in read for c in line if c[:1] in "=+-@\t\r" and c]
    assert {len(line) for line in read} == {5}
