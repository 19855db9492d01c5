"""A ridge on the last rows and seasons, beside scikit-learn's on columns made row by row."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklstm._closed_form.lag_ridge import compare_on_hold_out, find_rows_back, leave_residuals
from sklstm._closed_form.ridge import PENALTIES

SERIES = np.random.default_rng(0).normal(size=150).cumsum() + np.resize([0, 4, 1, 0, 2, 7], 150)


def read_by_hand(series, seasons, first):
    """Rows of features and changes, from row `first` on."""
    features, changes = [], []
    for t in range(first, len(series)):
        lags = {*range(2, 9)}
        for season in seasons:
            whole = next(n * season for n in range(1, 99) if n * season - 1 > 8)
            lags |= {whole - 1, whole, whole + 1}
        features.append([series[t - lag] - series[t - 1] for lag in sorted(lags)])
        changes.append(series[t] - series[t - 1])
    return np.array(features), np.array(changes)


def fit_peer(features, changes):
    return make_pipeline(StandardScaler(), RidgeCV(PENALTIES)).fit(features, changes)


@given(season=st.integers(2, 400))
def test_a_season_adds_the_latest_rows_that_the_ridge_does_not_read(season):
    """Oracle: the rule as a search; the ridge reads rows 1 to 8 back."""
    assert find_rows_back(season) == next(
        n * season for n in range(1, 99) if {n * season - 1}.isdisjoint(range(9))
    )


@pytest.mark.parametrize(("seasons", "first"), [([], 8), ([6], 13), ([10, 24], 25), ([11, 12], 13)])
def test_residuals_are_those_of_scikit_learn(seasons, first):
    """Oracle: RidgeCV on features made row by row."""
    features, changes = read_by_hand(SERIES, seasons, first)
    expected = changes - fit_peer(features, changes).predict(features)
    np.testing.assert_allclose(leave_residuals(SERIES, seasons), expected, rtol=1e-6, atol=1e-8)


def test_the_last_fifth_is_held_out_of_the_same_rows_for_both():
    """Oracle: RidgeCV, fitted on the first four fifths of the rows from row 25 on."""
    errors = []
    for seasons in ([12], [12, 24]):
        features, changes = read_by_hand(SERIES, seasons, 25)
        peer = fit_peer(features[:100], changes[:100])
        errors.append(np.sqrt(np.mean((changes[100:] - peer.predict(features[100:])) ** 2)))
    np.testing.assert_allclose(compare_on_hold_out(SERIES, [12], 24), errors, rtol=1e-6)
