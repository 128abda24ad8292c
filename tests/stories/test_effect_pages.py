"""D2.13: complaints and other counts by day, before, while and after a measure's permits lived; its page shows them as plots."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete

from sekisho.desk import permits, records
from sekisho.desk.effect import count_file
from sekisho.desk.effect.enter import MOST
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.signed_words import EffectCount, EffectCounts, EffectKind
from sekisho.faces.commands import effect as command
from sekisho.faces.web.drawing import HEIGHT, LEFT, RIGHT, WIDTH
from sekisho.faces.web.effect_drawing import days
from sekisho.law.canonical import canonical
from tests.desk.office import Office
from tests.faces.conftest import typed

MEASURE = "bulk-sender-limit"
TODAY = date(2026, 11, 22)
"""Of the office's clock, in Japan."""


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A permit that lived from 22 to 24 November, and it is the 27th."""
    office = Office(tmp_path_factory.mktemp("effect") / "office").found()
    permit = office.stand("bulk-sender-count")["count"]
    office.watch.wind(days=2)
    office.withdraw(permit)
    office.watch.wind(days=3)
    yield office
    office.close()


def enter(office: Office, *counts: tuple[str, str, int], who: str = "desk") -> Any:
    office.watch.wind(seconds=1)
    key = office.keys[who]
    told = tuple(EffectCount(date.fromisoformat(day), EffectKind(kind), n) for day, kind, n in counts)
    words = EffectCounts(told, key.person, office.watch.at)
    return office.terminal.call("enter-counts", counts=words, signature=key.sign(words))


def told(office: Office, kind: str, measure: str = MEASURE) -> Any:
    found = office.terminal.call("measure-effect", measure=measure)
    return next((k for k in found["kinds"] if k["kind"] == kind), None)


def test_means_stand_before_while_and_after_its_permits_lived_each_with_its_days(founded: Office) -> None:
    counts = {20: 14, 21: 10, 22: 9, 23: 4, 24: 2, 25: 8, 27: 9}
    enter(founded, *((f"2026-11-{day}", "complaints", n) for day, n in counts.items()))
    found = told(founded, "complaints")
    assert [d["day"][-2:] for d in found["days"] if d["lived"]] == ["22", "23", "24"]
    assert found["before"] == {"days": 2, "mean_milli": 12_000}
    assert found["during"] == {"days": 3, "mean_milli": 5_000}
    assert found["after"] == {"days": 2, "mean_milli": 8_500}, "a day nobody counted is in no mean"


def test_without_a_permit_every_day_is_before(founded: Office) -> None:
    enter(founded, ("2026-11-23", "load", 700))
    found = told(founded, "load", "shaping")
    assert (found["before"], found["during"], found["after"]) == ({"days": 1, "mean_milli": 700_000}, None, None)


def test_a_later_count_takes_the_place_of_the_earlier_and_both_stay(founded: Office) -> None:
    first, second = (enter(founded, ("2026-11-21", "blacklist", n))["id"] for n in (7, 3))
    assert [d["count"] for d in told(founded, "blacklist")["days"]] == [3]
    assert first != second
    differences = founded.terminal.call("compare", start=0)["differences"]
    assert differences == [], "each has its entry, which opens to what was signed"


REFUSED = {
    "another-role": ("engineer", [("2026-11-21", "load", 1)], "wrong-role"),
    "nothing": ("desk", [], "nothing-counted"),
    "tomorrow": ("desk", [("2026-11-28", "load", 1)], "day-ahead"),
    "below-nothing": ("desk", [("2026-11-21", "load", -1)], "count-out-of-range"),
    "too-many": ("desk", [("2026-11-21", "load", 1)] * (MOST + 1), "too-many-counts"),
}


@pytest.mark.parametrize(("who", "counts", "code"), REFUSED.values(), ids=list(REFUSED))
def test_what_cannot_be_a_count_of_the_desk_is_refused(founded: Office, who: str, counts: list[Any], code: str) -> None:
    with pytest.raises(KeepSaidNo) as no:
        enter(founded, *counts, who=who)
    assert no.value.code == code


def test_another_cannot_sign_for_the_desk_and_nothing_is_entered_twice(founded: Office) -> None:
    founded.watch.wind(seconds=1)
    desk, officer = founded.keys["desk"], founded.keys["officer"]
    words = EffectCounts((EffectCount(TODAY, EffectKind.REPORTS, 1),), desk.person, founded.watch.at)
    for signature, code in ((officer.sign(words), "signed-by-another"), (desk.sign(words), None), (desk.sign(words), "done-already")):
        if code is None:
            founded.terminal.call("enter-counts", counts=words, signature=signature)
            continue
        with pytest.raises(KeepSaidNo) as no:
            founded.terminal.call("enter-counts", counts=words, signature=signature)
        assert no.value.code == code


def test_a_statement_whose_words_were_lost_counts_as_nothing(founded: Office) -> None:
    """Its entry tells that somebody counted; the day's figure is entered once more."""
    before = founded.terminal.call("measure-effect", measure=MEASURE)
    name = "count-00000000000000ff"
    with founded.turn() as world:
        records.add(world.db, records.EFFECT_COUNTS, canonical({"recovered": True}), founded.watch.at, id=name)
    assert founded.terminal.call("measure-effect", measure=MEASURE) == before
    with founded.turn() as world:
        world.db.execute(delete(records.EFFECT_COUNTS).where(records.EFFECT_COUNTS.c.id == name))


def test_a_day_nobody_counted_is_a_gap_and_ends_a_shade() -> None:
    rows = [{"day": f"2026-11-{n}", "count": n, "lived": True} for n in (10, 11, 13)]
    plot = days(rows)
    (first, width), (second, one) = plot.shades
    assert width == pytest.approx(2 * one, abs=0.2)
    assert second == pytest.approx(first + 3 * one, abs=0.3)
    assert [t.text for t in plot.across] == ["11-10", "11-11", "11-13"]


def test_counts_of_nothing_are_a_plot_without_height() -> None:
    plot = days([{"day": "2026-11-10", "count": 0, "lived": False}])
    assert [b.height for b in plot.bars] == [0]
    assert plot.shades == ()
    assert plot.up == ((12.0, 1),)


def test_a_measure_nobody_knows_has_no_effect(founded: Office) -> None:
    with pytest.raises(KeepSaidNo, match="unknown-measure"):
        founded.terminal.call("measure-effect", measure="no-such-measure")


def test_a_permit_says_when_it_ended(founded: Office) -> None:
    (permit,) = (p for p in founded.permits() if p["measure"] == MEASURE)
    assert permit["state"] == "withdrawn"
    assert permit["over"][:10] == "2026-11-23", "of the clock's, in UTC"
    assert permit["over"] < permit["until"]


BAD = {
    b"2026-11-2,load,1": "bad-day",
    b"2026-02-30,load,1": "bad-day",
    b"2026-11-23,load,1": "day-ahead",
    b"2026-11-20,noise,1": "unknown-kind",
    b"2026-11-20,load,-1": "bad-count",
    "2026-11-20,load,１".encode(): "bad-count",
    b"2026-11-20,load,1.5": "bad-count",
    b"2026-11-20,load,1000000000": "bad-count",
    b"2026-11-20,load": "too-few-fields",
    b"2026-11-20,load,\xff": "not-text",
}


@pytest.mark.parametrize(("line", "why"), BAD.items(), ids=[str(n) for n in range(len(BAD))])
def test_each_bad_line_is_named_and_the_rest_is_read(line: bytes, why: str) -> None:
    before, after = b"2026-11-20,reports,3\r\n", b"\r\n\n 2026-11-21 , reports , 4 \n"
    counts, bad = count_file.read(b"\xef\xbb\xbfday,kind,count\r\n" + before + line + after, TODAY)
    assert bad == (count_file.BadLine(3, why),)
    assert [c.count for c in counts] == [3, 4]


def test_a_day_and_kind_told_twice_is_named_and_the_first_counts() -> None:
    counts, bad = count_file.read(b"2026-11-20,load,3\n2026-11-20,load,4\n2026-11-20,reports,5\n", TODAY)
    assert [c.count for c in counts] == [3, 5]
    assert bad == (count_file.BadLine(2, "twice"),)


@given(st.binary(max_size=200))
def test_any_bytes_are_counts_or_named_lines(raw: bytes) -> None:
    counts, bad = count_file.read(raw, TODAY)
    assert len(counts) + len(bad) <= raw.count(b"\n") + 1


DAYS = st.dictionaries(st.integers(0, 400), st.tuples(st.integers(0, 10**9 - 1), st.booleans()), min_size=1, max_size=40)


@given(DAYS)
def test_each_day_has_its_bar_within_the_frame_and_only_living_days_are_shaded(told_days: dict[int, tuple[int, bool]]) -> None:
    ordered = sorted(told_days.items())
    rows: list[dict[str, Any]] = [{"day": str(TODAY + timedelta(days=n)), "count": c, "lived": v} for n, (c, v) in ordered]
    plot = days(rows)
    assert len(plot.bars) == len(rows)
    for bar, row in zip(plot.bars, rows, strict=True):
        assert LEFT <= bar.x < bar.x + bar.width <= WIDTH - RIGHT + 0.2
        assert 0 <= bar.y <= HEIGHT
        middle = bar.x + bar.width / 2
        assert any(x < middle < x + width for x, width in plot.shades) == row["lived"]
    most = max(count for count, _ in told_days.values())
    tallest = max(plot.bars, key=lambda b: b.height)
    assert rows[plot.bars.index(tallest)]["count"] >= most * 0.99 or tallest.height < 1


def test_at_the_terminal_the_desk_enters_reads_a_strangers_list_and_sees_the_means(
    founded: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(command, "outside", lambda _config: nullcontext(founded.outside("terminal")))
    lines = ("day,kind,count", "2026-11-21,help-desk,31", "yesterday,help-desk,3", "2026-11-23,help-desk,20")
    (tmp_path / "counts.csv").write_text("\n".join(lines), "utf-8")
    signed = ("--key", str(founded.home / "people" / "desk.key"))
    founded.watch.wind(seconds=1)
    assert typed(tmp_path, "--lang", "en", "effect", "add", "help-desk", "29", "--on", "2026-11-20", *signed).code == 0
    founded.watch.wind(seconds=1)
    read = typed(tmp_path, "--lang", "en", "effect", "read", "counts.csv", *signed)
    assert read.code == 1, "a line could not be read, and the others were entered"
    assert "Entered: 2" in read.out
    assert "line 3: write the day as 2026-11-19" in read.out
    shown = typed(tmp_path, "--lang", "en", "effect", "show", MEASURE).out
    assert "before the first permit: mean of a day 30.0  (days: 2)" in shown
    assert "days on which a permit lived: mean of a day 20.0  (days: 1)" in shown
    assert "What caused a difference they do not say" in shown
    assert "差が生じた原因は示しません" in typed(tmp_path, "effect", "show", MEASURE, lang="ja").out
    found = json.loads(typed(tmp_path, "effect", "show", MEASURE, "--json").out)
    assert next(k for k in found["kinds"] if k["kind"] == "help-desk")["before"] == {"days": 2, "mean_milli": 30_000}
    assert typed(tmp_path, "--lang", "en", "effect", "add", "load", "1", "--on", "yesterday", *signed).code == 2


def test_a_permit_whose_time_is_over_lived_to_its_end_and_not_longer(founded: Office) -> None:
    """Nobody wrote down yet that it ended: its own words say when."""
    now = founded.watch.at
    with founded.turn() as world:
        (row,) = records.rows(world.db, records.PERMITS, measure=MEASURE)
        permit = permits.of(row)
        untouched = {**row, "ended": None, "ended_at": None}
        assert permits.over(untouched, now) is None
        assert permits.over(untouched, permit.until) == permit.until.isoformat()
        late = {**row, "ended": "ended", "ended_at": records.stamp(permit.until + timedelta(seconds=1))}
        assert permits.over(late, permit.until + timedelta(days=1)) == permit.until.isoformat(), "written down a second late"
        assert permits.over(row, now) == datetime.fromisoformat(row["ended_at"]).isoformat()


def test_a_list_longer_than_one_statement_is_read_whole() -> None:
    first = date(2020, 1, 1)
    lines = [f"{first + timedelta(days=n)},load,{n}" for n in range(MOST + 1)]
    counts, bad = count_file.read("\n".join(lines).encode(), TODAY)
    assert [c.count for c in counts] == list(range(MOST + 1))
    assert bad == ()
