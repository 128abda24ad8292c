"""Articles move: what a citation is called on another day."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.law.casebook import CasebookError, load
from sekisho.law.numbering import CITATION, name_on, on, read_renumbering, today
from sekisho.law.tables import Table

JP = Path(__file__).resolve().parents[2] / "casebook" / "jp"
BOOK = load(JP)
LAWS = BOOK.laws
OLD, NEW = date(2020, 10, 31), date(2026, 2, 8)

CITES = st.builds(
    "{} {}{}".format,
    st.sampled_from(sorted(LAWS)),
    st.sampled_from(["1", "3", "3-2", "4", "5", "6", "7", "15", "16", "23", "26", "27", "28", "32", "38", "41", "116-2", "164"]),
    st.sampled_from(["", "(1)", "(2)", "(3)", "(1)(ii)", "(1)(iii)"]),
)
DAYS = st.dates(date(1985, 1, 1), date(2030, 1, 1))


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ("PLAT 4(1)", ("PLAT 5(1)",)),
        ("PLAT 4(2)", ("PLAT 6(1)",)),
        ("PLAT 4(3)", ("PLAT 7",)),
        ("PLAT 4(4)", ("PLAT 6(4)",)),
        ("PLAT 4", ("PLAT 5", "PLAT 6", "PLAT 7")),
        ("PLAT 3-2(i)", ("PLAT 4(i)",)),
        ("PLAT 3(2)(ii)", ("PLAT 3(2)(ii)",)),
        ("APPI 16(1)", ("APPI 18(1)",)),
        ("GL 26", ("GL 41",)),
        ("TBA 4(1)", ("TBA 4(1)",)),
    ],
)
def test_what_an_article_of_2016_is_called_today(then: str, now: tuple[str, ...]) -> None:
    """The engineer's article of 2020 cites 4(1) to 4(3); they are 5, 6(1) and 7 today. Paragraphs travel with their article."""
    written = date(2016, 1, 1)
    assert today(LAWS, then, written) == now
    for cite in now if len(now) == 1 else ():
        assert on(LAWS, cite, written=NEW, asked=written) == (then,)


@pytest.mark.parametrize("cite", ["PLAT 5(1)(iii)", "PLAT 6(2)", "PLAT 15", "PLAT 26(1)", "TBA 27-12", "APPI 26", "APPI 31"])
def test_what_did_not_exist_yet_has_no_number_then(cite: str) -> None:
    """Court orders, large providers' duties, external transmission, reports of leaks: nothing to cite in 2020, and nobody could have."""
    assert on(LAWS, cite, written=NEW, asked=OLD) == ()
    assert on(LAWS, cite, written=OLD, asked=NEW) == ()


def test_the_day_of_change_has_the_new_number() -> None:
    """On 2022-09-30 it is 4(1), on 2022-10-01 it is 5(1)."""
    change = date(2022, 10, 1)
    assert on(LAWS, "PLAT 5(1)", written=NEW, asked=change) == ("PLAT 5(1)",)
    assert on(LAWS, "PLAT 5(1)", written=NEW, asked=change - timedelta(days=1)) == ("PLAT 4(1)",)


@given(CITES, DAYS)
def test_nothing_changes_within_a_day(cite: str, day: date) -> None:
    """Asked for the day it was written, a citation is itself."""
    assert on(LAWS, cite, written=day, asked=day) == (cite,)


@given(CITES, DAYS, DAYS)
def test_nothing_changes_where_no_change_lies_between(cite: str, written: date, asked: date) -> None:
    """A law without changes between two days keeps its numbers, both ways."""
    law = LAWS[cite.split(" ", 1)[0]]
    if not [c for c in law.changes if min(written, asked) < c.day <= max(written, asked)]:
        assert on(LAWS, cite, written=written, asked=asked) == (cite,)


@given(CITES, st.lists(DAYS, min_size=3, max_size=3).map(sorted))
def test_a_span_is_its_parts_one_after_the_other(cite: str, days: list[date]) -> None:
    """From the first day to the last is the same as by way of any day between, forward and back."""
    for first, middle, last in (days, days[::-1]):
        halfway = on(LAWS, cite, written=first, asked=middle)
        whole = tuple(dict.fromkeys(n for h in halfway for n in on(LAWS, h, written=middle, asked=last)))
        assert on(LAWS, cite, written=first, asked=last) == whole


@given(CITES, DAYS, DAYS)
def test_every_answer_is_a_citation_of_the_same_law(cite: str, written: date, asked: date) -> None:
    """Never half a number, never another law."""
    for found in on(LAWS, cite, written=written, asked=asked):
        assert CITATION.fullmatch(found)
        assert found.split(" ", 1)[0] == cite.split(" ", 1)[0]


@given(st.text(max_size=20))
def test_what_is_no_citation_comes_back_as_it_is(text: str) -> None:
    """Free text and laws the book does not know are left alone."""
    if not any(text.startswith(f"{short} ") for short in LAWS):
        assert on(LAWS, text, written=OLD, asked=NEW) == (text,)


def test_a_law_has_the_name_of_its_day() -> None:
    """The Act was renamed on 2025-04-01; before it existed it had none."""
    assert (name_on(LAWS, "PLAT", date(2025, 3, 31)) or {})["ja"] == "プロバイダ責任制限法"
    assert (name_on(LAWS, "PLAT", date(2025, 4, 1)) or {})["ja"] == "情報流通プラットフォーム対処法"
    assert name_on(LAWS, "PLAT", date(2002, 5, 26)) is None
    assert name_on(LAWS, "NOLAW", NEW) is None


def test_what_norms_and_grounds_cite_are_citations_of_laws_the_book_names() -> None:
    """A misspelt article would silently never be renumbered."""
    cited = [c for n in BOOK.norms for c in n.cites] + [c for g in BOOK.grounds for c in g.cites]
    for cite in cited:
        found = CITATION.fullmatch(cite)
        assert found, cite
        assert found[1] in LAWS, cite


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"3-2" = ["4"]', '"3-2" = ["four"]', "no article"),
        ('"3-2" = ["4"]', '"5(2)" = ["4"]', "new"),
        ('id = "WIRE"', 'id = "RADIO"', "twice"),
        ("from = 2025-04-01", "from = 2022-10-01", "order"),
        ("from = 2025-04-01", "frm = 2025-04-01", "from"),
    ],
)
def test_a_map_that_is_not_as_it_must_be_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    """By file and place."""
    copy = Path(shutil.copytree(JP, tmp_path / "jp"))
    path = copy / "renumbering.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CasebookError, match=says) as why:
        load(copy)
    assert why.value.file == "renumbering.toml"


SAID = {"ja": "法", "en": "law"}
FROM = {"source": "s", "certainty": "LAW", "words": SAID}
FIRST, SECOND = date(2010, 1, 1), date(2020, 1, 1)


def law(**changed: Any) -> dict[str, Any]:
    """A law whose 4 became 5 and 6, whose 7 became 8, and to which 9 was added; later 8 became 10 and 11."""
    one = {"from": FIRST, "moves": {"4": ["5", "6"], "7": ["8"]}, "new": ["9"], **FROM}
    two = {"from": SECOND, "moves": {"8": ["10", "11"]}, **FROM}
    return {"id": "LAW", "name": [{"since": date(2000, 1, 1), "words": SAID}], "change": [one, two], **changed}


def read(*laws: dict[str, Any], **more: Any) -> Any:
    return read_renumbering(Table("renumbering.toml", "", {"law": list(laws), **more}))


KNOWN = read(law())


@pytest.mark.parametrize(
    ("cite", "written", "asked", "found"),
    [
        ("LAW 7(1)", FIRST - timedelta(days=1), FIRST, ("LAW 8(1)",)),
        ("LAW 8(1)", FIRST, FIRST - timedelta(days=1), ("LAW 7(1)",)),
        ("LAW 7", FIRST, FIRST, ("LAW 7",)),
        ("LAW 4(1)", date(2005, 1, 1), date(2015, 1, 1), ("LAW 5", "LAW 6")),
        ("LAW 5(1)", date(2015, 1, 1), date(2005, 1, 1), ("LAW 4",)),
        ("LAW 7(2)", date(2005, 1, 1), SECOND, ("LAW 10", "LAW 11")),
        ("LAW 11(2)", SECOND, date(2005, 1, 1), ("LAW 7",)),
        ("LAW 9", SECOND, date(2005, 1, 1), ()),
        ("OTHER 4", date(2005, 1, 1), SECOND, ("OTHER 4",)),
        ("no citation", date(2005, 1, 1), SECOND, ("no citation",)),
    ],
)
def test_paragraphs_travel_only_with_an_article_that_stayed_one(cite: str, written: date, asked: date, found: tuple[str, ...]) -> None:
    """Which paragraph of 4 became one of 5 nobody said: the article is named, never a paragraph made up."""
    assert on(KNOWN, cite, written=written, asked=asked) == found


@pytest.mark.parametrize(
    ("laws", "where", "what"),
    [
        ([law(x=1)], "law[LAW].x", "nobody knows this key"),
        ([law(name=[{"since": FIRST, "words": SAID, "x": 1}])], "law[LAW].name[1].x", "nobody knows this key"),
        ([law(name=[])], "law[LAW].name", "is missing: say what the law is called, and since when"),
        ([law(change=[{"from": FIRST, "moves": {}, "x": 1, **FROM}])], "law[LAW].change[1].x", "nobody knows this key"),
        (
            [law(change=[{"from": FIRST, "moves": {"4": ["5"], "7": ["8"]}, "new": ["7", "4"], **FROM}])],
            "law[LAW].change[1].new",
            "4 cannot be new and have moved from there",
        ),
    ],
)
def test_a_map_with_what_nobody_knows_is_refused_by_its_place(laws: list[dict[str, Any]], where: str, what: str) -> None:
    with pytest.raises(CasebookError) as why:
        read(*laws)
    assert (why.value.where, what in why.value.what) == (where, True), why.value


def test_a_file_of_maps_holds_laws_and_nothing_else() -> None:
    with pytest.raises(CasebookError, match="nobody knows this key"):
        read(law(), x=1)
