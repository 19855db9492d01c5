"""The test for a unit root, against statsmodels' and fractions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_series import autoregress

from sklstm._closed_form.unit_root import returns_to_level


@pytest.mark.filterwarnings("ignore:adfuller currently returns:FutureWarning")
@pytest.mark.parametrize("share", [0.5, 0.8, 0.93, 0.96, 0.99, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_a_series_returns_to_its_level_where_statsmodels_says_so(share, seed):
    """Oracle: statsmodels' Dickey-Fuller test with 4 lagged changes, at the 1% level -3.43."""
    from statsmodels.tsa.stattools import adfuller

    x = 1000 + autoregress(200, share, np.random.default_rng(seed))
    statistic, *_ = adfuller(x, maxlag=4, regression="c", autolag=None)
    assert returns_to_level(x) == (statistic < -3.43)


@given(
    share=st.sampled_from([0.5, 0.95, 1.0]),
    seed=st.integers(0, 100),
    n_rows=st.integers(150, 170),
)
def test_the_answer_does_not_depend_on_how_many_rows_are_looked_at_at_once(share, seed, n_rows):
    """Oracle: the answer by all of them at once."""
    x = autoregress(n_rows, share, np.random.default_rng(seed))
    with pytest.MonkeyPatch.context() as patch:
        expected = returns_to_level(x)
        patch.setattr("sklstm._closed_form.unit_root.ROWS_AT_ONCE", 10)
        assert returns_to_level(x) == expected


@pytest.mark.parametrize("n_rows", [25, 26, 30])
def test_a_wave_with_hardly_any_noise_returns_to_its_level(n_rows):
    """Oracle: in fractions, which do not round, the statistic is -4.02, -4.10 and -4.90.

    The lagged changes are nearly a combination of each other, so their products are singular.
    """
    noise = np.random.default_rng(3).normal(size=n_rows)
    assert returns_to_level(np.sin(np.arange(n_rows) / 5) + 1e-12 * noise)
