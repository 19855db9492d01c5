"""The choice of a kind of scaling, against the law of a series and statsmodels' test."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_series import autoregress, make_steps

from sklstm._lstm.scaling_kinds import choose_kind


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("standard", lambda rng: 40 + autoregress(500, 0.6, rng)),
        ("center", lambda rng: make_steps(500, rng).cumsum()),
        ("window", lambda rng: make_steps(500, rng, growth=20).cumsum()),
        ("window", lambda rng: np.exp(make_steps(500, rng, growth=20).cumsum() / 100)),
    ],
)
def test_auto_chooses_by_how_the_series_moves(kind, make):
    """Oracle: the series' own law. The test errs once in 100: of 20 series, 18 must come right."""
    chosen = [choose_kind(make(np.random.default_rng(seed))) for seed in range(20)]
    assert chosen.count(kind) >= 18


@pytest.mark.filterwarnings("ignore:adfuller currently returns:FutureWarning")
@pytest.mark.parametrize("share", [0.5, 0.8, 0.93, 0.96, 0.99, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_a_series_returns_to_its_level_where_statsmodels_says_so(share, seed):
    """Oracle: statsmodels' Dickey-Fuller test with 4 lagged changes, at the 1% level -3.43."""
    from statsmodels.tsa.stattools import adfuller

    x = 1000 + autoregress(200, share, np.random.default_rng(seed))
    statistic, *_ = adfuller(x, maxlag=4, regression="c", autolag=None)
    assert (choose_kind(x) == "standard") == (statistic < -3.43)


@given(
    share=st.sampled_from([0.5, 0.95, 1.0]),
    seed=st.integers(0, 100),
    n_rows=st.integers(150, 170),
)
def test_the_choice_does_not_depend_on_how_many_rows_are_looked_at_at_once(share, seed, n_rows):
    """Oracle: the choice by all of them at once."""
    x = autoregress(n_rows, share, np.random.default_rng(seed))
    with pytest.MonkeyPatch.context() as patch:
        expected = choose_kind(x)
        patch.setattr("sklstm._lstm.scaling_kinds.ROWS_AT_ONCE", 10)
        assert choose_kind(x) == expected


@pytest.mark.parametrize("n_rows", [25, 26, 30])
def test_a_wave_with_hardly_any_noise_returns_to_its_level(n_rows):
    """Oracle: in fractions, which do not round, the statistic is -4.02, -4.10 and -4.90.

    The lagged changes are nearly a combination of each other, so their products are singular.
    """
    noise = np.random.default_rng(3).normal(size=n_rows)
    assert choose_kind(np.sin(np.arange(n_rows) / 5) + 1e-12 * noise) == "standard"


@pytest.mark.parametrize("step", [0.1, -1 / 3, 1e-9 / 7])
def test_the_changes_of_a_line_differ_by_rounding_only(step):
    """Oracle: by hand: all changes are of one size."""
    line = np.concatenate([step * np.arange(300.0), 300 * step + step * np.arange(300.0)])
    assert choose_kind(line) == choose_kind(line + 1e3) == "center"


@given(
    share=st.sampled_from([0.5, 0.95, 1.0]),
    seed=st.integers(0, 100),
    power=st.integers(-6, 9),
    sign=st.sampled_from([-1, 1]),
)
def test_the_choice_does_not_depend_on_units(share, seed, power, sign):
    """Oracle: the choice for the same series as it was."""
    x = autoregress(150, share, np.random.default_rng(seed))
    assert choose_kind(sign * 10.0**power * (x + 30)) == choose_kind(x)


@pytest.mark.parametrize(
    "series",
    [np.ones(300), np.arange(300.0), np.arange(9.0), np.array([1.0, 5.0]), np.array([3.0])],
    ids=["constant", "line", "short", "two rows", "one row"],
)
def test_the_choice_is_made_for_degenerate_series_too(series):
    """Oracle: no test rejects a unit root here, and no change differs from another."""
    assert choose_kind(series) == "center"
