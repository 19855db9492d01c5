"""The conformal quantile of scores, and the interval that it makes of a band."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklstm._intervals.widths import conformal_quantile, find_rank, refuse_few_scores, widen


@given(n_scores=st.integers(0, 40), percent=st.integers(0, 100), seed=st.integers(0, 9))
def test_a_quantile_is_the_score_of_its_rank(n_scores, percent, seed):
    """Oracle: the rank in whole numbers, and a sorted list; NaN are not there."""
    rng = np.random.default_rng(seed)
    scores = rng.permutation(np.append(rng.integers(-9, 9, size=n_scores), [np.nan] * 3))
    rank = -(-(n_scores + 1) * percent // 100)
    ordered = [-np.inf, *sorted(scores[~np.isnan(scores)]), np.inf]
    (q,) = conformal_quantile(scores[:, None], np.array([1 - percent / 100]))
    assert find_rank(n_scores, 1 - percent / 100) == rank
    assert q == ordered[min(rank, n_scores + 1)]


def test_each_lead_and_output_has_its_own_quantile():
    """Oracle: each alone."""
    rng = np.random.default_rng(0)
    scores, alpha = rng.normal(size=(30, 4, 2)), rng.uniform(0, 1, size=(4, 2))
    scores[-3:, 3] = np.nan
    q = conformal_quantile(scores, alpha)
    for lead in range(4):
        np.testing.assert_array_equal(q[lead], conformal_quantile(scores[:, lead], alpha[lead]))


def test_a_band_moves_outwards_or_inwards_and_its_ends_never_cross():
    """Oracle: by hand."""
    band = np.array([[1.0, 3.0], [2.0, 2.0], [4.0, 0.0], [np.nan, np.nan]])
    assert widen(band, np.array(2.0))[:3].tolist() == [[-1, 5], [0, 4], [2, 2]]
    assert widen(band, np.array(-0.5))[:3].tolist() == [[1.5, 2.5], [2, 2], [2, 2]]
    assert widen(band, np.array(-np.inf))[:3].tolist() == [[2, 2], [2, 2], [2, 2]]
    assert widen(band, np.array(np.inf))[0].tolist() == [-np.inf, np.inf]
    assert np.isnan(widen(band, np.array(1.0))[3]).all()
    assert widen(band[:2], np.array([2.0, -2.0])).tolist() == [[-1, 5], [2, 2]]


@pytest.mark.parametrize(("n_leads", "needed"), [(1, 9), (2, 10), (24, 32)])
def test_the_last_lead_needs_more_rows(n_leads, needed):
    """Oracle: by hand; of n rows the last lead has n - n_leads + 1, and 0.9 needs 9."""
    refuse_few_scores(needed, n_leads, 0.9)
    for too_few in range(1, needed):
        with pytest.raises(ValueError, match=f"at least {needed} rows .* there are {too_few}"):
            refuse_few_scores(too_few, n_leads, 0.9)
