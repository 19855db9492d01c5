"""Ridge regression beside scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import RidgeCV
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from sklstm._closed_form import ridge
from sklstm._closed_form.ridge import PENALTIES, fit_ridge, split_rows


def draw_rows(n, p, seed, noise=1.0):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, p)).cumsum(axis=1) * rng.uniform(0.1, 9, p) + 5
    y = features @ rng.normal(size=p) + noise * rng.normal(size=n)
    return features, y, rng.integers(1, 4, n).astype(float)


@given(
    n=st.integers(3, 60),
    p=st.integers(1, 8),
    seed=st.integers(0, 50),
    is_weighted=st.booleans(),
    at_once=st.integers(1, 70),
)
def test_it_is_the_ridge_of_scikit_learn(n, p, seed, is_weighted, at_once):
    """Oracle: RidgeCV, which leaves one out too, on features divided by their deviation."""
    features, y, weight = draw_rows(n, p, seed)
    weight = weight if is_weighted else np.ones(n)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ridge, "ROWS_AT_ONCE", at_once)
        found = fit_ridge(split_rows(features, y, weight)).ridge
    scaler = StandardScaler().fit(features, sample_weight=weight)
    peer = RidgeCV([found.penalty]).fit(scaler.transform(features), y, sample_weight=weight)
    expected = peer.predict(scaler.transform(features))
    np.testing.assert_allclose(found.predict(features), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("noise", [0.1, 10.0, 1000.0])
def test_the_penalty_is_the_best_of_leave_one_out(noise):
    """Oracle: each row left out in turn, by scikit-learn's Ridge, with a scaler of all rows."""
    features, y, _ = draw_rows(30, 6, seed=1, noise=noise)
    scaled = StandardScaler().fit_transform(features)
    peer = RidgeCV(PENALTIES).fit(scaled, y)
    assert fit_ridge(split_rows(features, y)).ridge.penalty == peer.alpha_


@pytest.mark.parametrize("penalty", PENALTIES[::6])
def test_a_row_of_weight_2_is_two_rows(monkeypatch, penalty):
    """Oracle: the row written twice, at one penalty: left out, its copy would still be there."""
    monkeypatch.setattr(ridge, "PENALTIES", np.array([penalty]))
    features, y, weight = draw_rows(80, 3, seed=2)
    twice = np.repeat(np.arange(80), weight.astype(int))
    whole = fit_ridge(split_rows(features[twice], y[twice])).ridge
    weighted = fit_ridge(split_rows(features, y, weight)).ridge
    np.testing.assert_allclose(weighted.predict(features), whole.predict(features), rtol=1e-9)


def test_what_never_changes_is_forecast_as_it_was_and_read_as_nothing():
    """Oracle: by hand."""
    features, y, weight = draw_rows(20, 3, seed=3)
    features[:, 1] = 0.1
    found = fit_ridge(split_rows(features, np.full(20, 0.3), weight)).ridge
    assert found.intercept == 0.3
    np.testing.assert_array_equal(found.coefficients, 0.0)
    assert fit_ridge(split_rows(features, y, weight)).ridge.coefficients[1] == 0.0
    single = fit_ridge(split_rows(features[:1], y[:1])).ridge
    assert single.predict(features[:1]) == y[:1]
    none = fit_ridge(split_rows(features[:, :0], y)).ridge
    np.testing.assert_allclose(none.predict(features[:, :0]), y.mean())


@pytest.mark.parametrize("p", [5, 120])
def test_it_has_the_same_bits_on_any_number_of_threads(p):
    """Oracle: one thread."""
    rows = draw_rows(5000, p, seed=p)
    with threadpool_limits(1, user_api="blas"):
        expected = fit_ridge(split_rows(*rows)).ridge
    with threadpool_limits(3, user_api="blas"):
        actual = fit_ridge(split_rows(*rows)).ridge
    np.testing.assert_array_equal(actual.coefficients, expected.coefficients)
    assert (actual.intercept, actual.penalty) == (expected.intercept, expected.penalty)


def test_a_prediction_has_the_same_bits_in_any_company():
    """Oracle: all rows at once."""
    features, y, _ = draw_rows(300, 34, seed=5)
    found = fit_ridge(split_rows(features, y)).ridge
    expected = found.predict(features)
    for some in (slice(0, 1), slice(17, 200), slice(299, 300)):
        np.testing.assert_array_equal(found.predict(features[some].copy()), expected[some])
