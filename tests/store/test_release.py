"""What leaves the seal as a number: each device counts for little, what few have never leaves, and the loss is what was said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.store import release
from sekisho.store.release import NOTHING, Loss, NoNoise, OverBudget, Terms, after, bounded, released
from tests.conftest import ROOT

HOURLY = Terms(names=8, least=20, loss=Loss(rho=11_111, delta=55_555))
LOSSES = st.builds(Loss, st.integers(100, 2_000_000), st.integers(1, 10**8))


def table(pairs: Iterable[tuple[int, str]]) -> pa.Table:
    each = list(pairs)
    columns = {"device": pa.array([d for d, _ in each], pa.int64()), "name": pa.array([n for _, n in each], pa.string())}
    return pa.table(columns)


def everybody(devices: int, *names: str) -> pa.Table:
    return table((d, n) for d in range(devices) for n in names)


SEEN = st.lists(st.tuples(st.integers(0, 5), st.sampled_from("abcdefghij")), max_size=80)


# Each device counts for little


@settings(deadline=None)
@given(SEEN, st.integers(1, 4))
def test_a_device_counts_once_for_a_name_and_for_so_many_names_at_most(seen: list[tuple[int, str]], most: int) -> None:
    kept = [(r["device"], r["name"]) for r in bounded(table(seen), most).to_pylist()]
    assert len(kept) == len(set(kept))
    assert set(kept) <= set(seen)
    names = Counter(d for d, _ in set(seen))
    assert Counter(d for d, _ in kept) == {d: min(n, most) for d, n in names.items()}


def test_of_each_device_those_names_count_that_it_asked_for_most() -> None:
    seen = table([(1, "often")] * 3 + [(1, "once"), (1, "twice"), (1, "twice")])
    assert set(bounded(seen, 2)["name"].to_pylist()) == {"often", "twice"}


def test_which_of_equal_names_of_a_device_count_is_left_to_chance() -> None:
    one = table((1, f"name-{n}") for n in range(50))
    assert len({tuple(sorted(bounded(one, 2)["name"].to_pylist())) for _ in range(20)}) > 1


# What few have never leaves


def test_what_fewer_devices_have_than_said_is_dropped_before_the_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    noisy: list[dict[str, int]] = []
    monkeypatch.setattr(release, "_noise", lambda _: (lambda counts: noisy.append(counts) or counts, 1.0, 2))
    seen = pa.concat_tables([everybody(20, "many"), everybody(19, "few")])
    released(seen, HOURLY)
    assert noisy == [{"many": 20}]


def test_the_name_of_one_device_is_in_none_of_many_releases() -> None:
    """However often it asks."""
    seen = pa.concat_tables([everybody(300, "common"), table([(7, "mine-alone")] * 500)])
    assert not any("mine-alone" in released(seen, HOURLY).numbers for _ in range(200))


def test_only_what_is_strictly_above_the_threshold_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenDP 0.16 tells too small a delta for values equal to the threshold (opendp#2922)."""
    edge = 10 + HOURLY.least - 1
    monkeypatch.setattr(release, "_noise", lambda _: (lambda _counts: {"at": edge, "above": edge + 1, "below": edge - 1}, 1.0, 10))
    assert released(everybody(30, "at", "above", "below"), HOURLY).numbers == {"above": edge + 1}


def test_what_many_have_is_told_within_its_noise() -> None:
    found = released(everybody(1000, "popular"), HOURLY)
    assert abs(found.numbers["popular"] - 1000) < 10 * found.scale
    assert found.loss == HOURLY.loss
    assert found.threshold > HOURLY.least


def test_of_nothing_nothing_is_told() -> None:
    assert released(table([]), HOURLY).numbers == {}


# The loss is what was said


@settings(max_examples=25, deadline=None)
@given(LOSSES, st.integers(1, 40))
def test_for_any_loss_there_is_noise_that_costs_no_more(loss: Loss, names: int) -> None:
    """Both searches find their end, from the tightest to the loosest budget."""
    noise, scale, threshold = release._noise(Terms(names, 1, loss))
    rho, delta = noise.map((names, int(-(-(names**0.5) // 1)), 1))
    assert rho <= loss.rho / release.MILLION
    assert delta <= loss.delta / release.TRILLION
    assert scale > 0
    assert threshold >= 2


def test_less_loss_is_more_noise_and_a_higher_threshold() -> None:
    loud, quiet = (release._noise(Terms(8, 20, Loss(rho, 55_555))) for rho in (1000, 100_000))
    assert loud[1] > quiet[1]
    assert loud[2] > quiet[2]


@settings(deadline=None)
@given(st.lists(LOSSES, max_size=6), LOSSES, LOSSES)
def test_nothing_is_released_beyond_the_budget(spent: list[Loss], following: Loss, budget: Loss) -> None:
    total = Loss(sum(s.rho for s in spent) + following.rho, sum(s.delta for s in spent) + following.delta)
    if total.rho <= budget.rho and total.delta <= budget.delta:
        assert after(spent, following, budget) == total
    else:
        with pytest.raises(OverBudget) as over:
            after(spent, following, budget)
        assert 0 <= over.value.left.rho <= budget.rho
        assert 0 <= over.value.left.delta <= budget.delta


def test_the_last_release_that_fits_is_made_and_the_next_is_not() -> None:
    budget = Loss(100_000, 500_000)
    spent = [Loss(50_000, 250_000)]
    assert after(spent, Loss(50_000, 250_000), budget) == budget
    with pytest.raises(OverBudget):
        after([*spent, Loss(50_000, 250_000)], Loss(1, 1), budget)


def test_epsilon_is_the_bound_of_the_literature() -> None:
    assert Loss(100_000, 10**6).epsilon == pytest.approx(2.45, abs=0.01)
    assert NOTHING.epsilon == 0


@pytest.mark.parametrize(
    "wrong", [(0, 1, Loss(1, 1)), (1, 0, Loss(1, 1)), (1, 1, Loss(0, 1)), (1, 1, Loss(1, 0)), (1, 1, Loss(1, release.TRILLION))]
)
def test_a_release_without_a_bound_or_a_loss_is_none(wrong: tuple[int, int, Loss]) -> None:
    with pytest.raises(ValueError, match="needs a bound"):
        Terms(*wrong)


# The library


def test_without_the_library_nothing_is_released(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "opendp.prelude", None)
    release._noise.cache_clear()
    with pytest.raises(NoNoise):
        released(everybody(30, "a"), HOURLY)


@pytest.mark.parametrize("word", ["privacy_filter", "odometer", "binary_search_param", "polars", "mst", "aim("])
def test_what_the_library_does_wrong_is_not_asked_of_it(word: str) -> None:
    """A privacy filter over this metric ends the whole process; a search over pairs fails; synthetic data break their budget."""
    assert word not in Path(release.__file__).read_text(encoding="utf-8")


def test_the_release_of_the_library_that_was_looked_at_is_the_one_installed() -> None:
    assert "opendp==0.16." in (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
