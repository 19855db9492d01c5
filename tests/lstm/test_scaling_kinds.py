"""The choice of a kind of scaling, against the law of a series."""

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
