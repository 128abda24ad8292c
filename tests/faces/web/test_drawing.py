"""Plots and forms under anything that may come."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.faces.web import drawing, forms
from sekisho.faces.web.render import scaled, when

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
OFFSETS = st.integers(-60 * 24 * 400, 60 * 24 * 400)


def iso(minutes: int) -> str:
    return (NOW + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


@given(st.lists(st.tuples(OFFSETS, st.integers(1, 10**6), st.sampled_from(("in-force", "withdrawn", "ended"))), max_size=12))
def test_every_permit_has_its_bar_inside_the_picture(spans: list[tuple[int, int, str]]) -> None:
    """However long ago or far ahead: one bar each, in the order given, within the picture, with now in it."""
    permits = [
        {"since": iso(a), "until": iso(a + b), "state": s, "withdrawn": {"at": iso(a + b // 2)} if s == "withdrawn" else None}
        for a, b, s in spans
    ]
    picture = drawing.timeline(permits, iso(0))
    if not permits:
        assert picture is None
        return
    assert picture is not None
    assert len(picture.bars) == len(permits)
    assert 0 <= picture.now <= picture.width
    for bar in picture.bars:
        assert 0 <= bar.x <= picture.width
        assert 0 < bar.width <= picture.width
        assert bar.y + 29 <= picture.height
        assert bar.cut == (bar.permit["state"] == "withdrawn")
    assert len(picture.ticks) <= 9


@given(st.integers(0, 200), st.lists(st.lists(st.integers(0, 10**13), min_size=2, max_size=50), min_size=1, max_size=6))
def test_curves_stay_inside_the_plot(start: int, rows: list[list[int]]) -> None:
    """Any octets, zero or enormous: outward above the middle, inward below, never outside the frame."""
    length = min(len(r) for r in rows)
    minutes = [iso(start + m) for m in range(length)]
    series = [{"prefix": f"p{n}", "direction": "in" if n % 2 else "out", "octets": r[:length], "packets": []} for n, r in enumerate(rows)]
    plot = drawing.plots(minutes, series)
    assert plot is not None
    for curve in plot.curves:
        heights = [float(point.split(",")[1]) for point in curve.points.split()]
        assert len(heights) == length
        assert all(0 <= h <= plot.height for h in heights)
        assert all(h <= plot.middle for h in heights) if curve.direction == "out" else all(h >= plot.middle for h in heights)


def test_nothing_to_draw_is_no_drawing() -> None:
    """No minutes, one minute, unreadable minutes, no series."""
    one = [{"prefix": "p", "direction": "in", "octets": [1], "packets": [1]}]
    assert drawing.plots([], one) is None
    assert drawing.plots([iso(0)], one) is None
    assert drawing.plots([iso(0), "yesterday"], one) is None
    assert drawing.plots([iso(0), iso(1)], []) is None


@given(st.floats(0, 1e18))
def test_a_scale_holds_what_it_is_for(most: float) -> None:
    """The top of the plot is never below its highest point, nor more than twice as high."""
    top = drawing.nice(most)
    assert top >= most
    assert most < 1e-6 or top <= most * 2.01


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 bit/s"), (999, "999 bit/s"), (1000, "1.00 kbit/s"), (12_345_678, "12.3 Mbit/s"), (987_000_000_000, "987 Gbit/s")],
)
def test_figures_have_three_digits_and_a_unit(number: int, text: str) -> None:
    """As an engineer writes them."""
    assert scaled(number, "bit/s") == text


@pytest.mark.parametrize(
    ("given_", "shown"), [("2026-11-21", ">2026-11-21<"), ("not a time", "not a time"), (None, "–"), ("<b>", "&lt;b&gt;")]
)
def test_what_is_no_time_is_shown_as_it_came(given_: str | None, shown: str) -> None:
    """A day stays a day; nonsense is shown escaped, not hidden."""
    assert shown in when(given_)


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=8), st.sampled_from(("str", "int", "bool", "day", "digest", "list", "words", "unheard-of")), max_size=6
    ),
    st.data(),
)
def test_a_form_gives_each_field_a_value_or_a_reason(fields: dict[str, str], data: st.DataObject) -> None:
    """Whatever is typed: every input ends as one or the other, never as both, and nothing is made up."""
    inputs = forms.inputs(fields)
    form = {f"f.{name}": data.draw(st.text(max_size=40)) for name, _ in inputs}
    value, wrong = forms.read(fields, form)
    for name, kind in inputs:
        whole, _, language = name.partition(".")
        got = (
            value.get(whole, {}).get(language)
            if kind == "str" and fields.get(whole) == "words"
            else value.get(whole if "." not in name else name)
        )
        if name in wrong:
            assert wrong[name] in ("empty", "int", "bool", "day", "digest", "long")
        else:
            assert got is not None or "." in name


@given(st.dates(date(2020, 1, 1), date(2035, 1, 1)))
def test_a_term_is_in_the_future_and_at_most_a_year(day: date) -> None:
    """Not today, not next-next year."""
    today = date(2026, 11, 21)
    good = today < day <= today + timedelta(days=365)
    if good:
        assert forms.term(day.isoformat(), today, required=True) == day.isoformat()
    else:
        with pytest.raises(forms.Wrong):
            forms.term(day.isoformat(), today, required=True)
