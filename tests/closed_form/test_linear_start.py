"""The linear start, beside ridges of scikit-learn on features written out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler
from small_series import autoregress
from threadpoolctl import threadpool_limits

from sklstm._closed_form.linear_start import count_lags, fit_linear_start, list_season_rows
from sklstm._rows.targets import TargetColumn
from sklstm._rows.windows import Alignment, Season, Windows

N_ROWS = 300
OWN = TargetColumn(0, 0, 1.0, 0.0)


def make_rows(n_rows=N_ROWS):
    """A walk with a season of 12, a series that returns to its level, a column known ahead."""
    rng = np.random.default_rng(0)
    walk = rng.normal(size=n_rows).cumsum() + 5 * np.sin(np.arange(n_rows) * np.pi / 6)
    return np.column_stack([walk, autoregress(n_rows, 0.5, rng), np.arange(n_rows) % 7.0])


X = make_rows()


def align(horizon=1, lead=0, length=12, n_lags=5, window_length=3):
    seasons = (Season(0, length, (lead,)),) if length else ()
    return Alignment(window_length, horizon, (2,), seasons, n_lags)


def fit(alignment, y, target=OWN, weight=None, n_last=0):
    windows = Windows(X, 0, alignment)
    rows = np.arange(alignment.reach, len(X) - n_last)
    weight = np.ones(len(rows)) if weight is None else weight[rows]
    fitted = fit_linear_start(windows, [target], rows, y[rows, None], weight[:, None])
    return fitted.start, windows


def write_features(t, h, S, n_lags, window_length=3):
    """What the ridge reads for row t, by the rule; rows before the first one are the first."""
    walk, level, known = X.T
    at = [max(0, t - h - k) for k in range(max(n_lags, window_length))]
    last = walk[at[0]]
    features = [walk[at[k]] - last for k in range(1, n_lags)]
    features += [walk[t - S + beside] - last for beside in (-1, 0, 1)] if S else []
    features += [level[at[0]]] + [level[at[k]] - level[at[0]] for k in range(1, window_length)]
    return [*features, known[t]]


@pytest.mark.parametrize(("horizon", "lead"), [(1, 0), (0, 1), (3, 0), (1, 2), (14, 0), (0, 12)])
def test_it_is_a_ridge_on_what_the_rule_reads(horizon, lead):
    """Oracle: scikit-learn's Ridge with the same penalty on features written out row by row."""
    alignment = align(horizon, lead)
    y = np.append(X[lead:, 0], np.zeros(lead))
    target = TargetColumn(0, lead, 1.0, 0.0)
    start, windows = fit(alignment, y, target, n_last=lead)
    m = next(m for m in range(1, 9) if 12 * m >= horizon + lead + 1)
    S = 12 * m - lead
    rows = np.arange(alignment.reach, N_ROWS - lead)
    has_seasons = rows >= S + 1
    np.testing.assert_array_equal(windows.has_seasons(rows), has_seasons)
    for is_seasonal, ridge in ((True, start.outputs[0].seasonal), (False, start.outputs[0].plain)):
        fitted = rows[has_seasons] if is_seasonal else rows
        Z = np.array([write_features(t, horizon, S * is_seasonal, 5) for t in fitted])
        scaler = StandardScaler().fit(Z)
        peer = Ridge(alpha=ridge.penalty).fit(
            scaler.transform(Z), y[fitted] - X[fitted - horizon, 0]
        )
        asked = rows[has_seasons == is_seasonal]
        Z = np.array([write_features(t, horizon, S * is_seasonal, 5) for t in asked])
        expected = X[asked - horizon, 0] + peer.predict(scaler.transform(Z))
        actual = start.predict(windows, asked)[:, 0]
        np.testing.assert_allclose(actual, expected, rtol=1e-8, atol=1e-8)


@given(
    h=st.integers(0, 20), d=st.integers(0, 14), s=st.integers(2, 30),
)  # fmt: skip
def test_no_row_of_a_season_is_newer_than_may_be_read(h, d, s):
    """Oracle: the rule: m the least number of seasons with m s >= h + d + 1; S = m s - d."""
    alignment = align(h, d, s)
    m = min(m for m in range(1, 40) if m * s >= h + d + 1)
    lags = list_season_rows(alignment, TargetColumn(0, d, 1.0, 0.0))
    assert lags == [m * s - d + 1, m * s - d, m * s - d - 1]
    assert min(lags) >= h


def test_the_coefficients_make_the_forecast_again():
    """Oracle: the sum of coefficients times values, read off the rows, where nothing is limited."""
    start, windows = fit(align(horizon=2), X[:, 0])
    found = start.outputs[0].list_coefficients(2)
    t = np.arange(100, 200)
    summed = sum(
        coefficient * (1.0 if place is None else X[t - place[1], place[0]])
        for place, coefficient in found.items()
    )
    np.testing.assert_allclose(summed, start.predict(windows, t)[:, 0], rtol=1e-9)


def test_what_it_reads_and_its_maps_make_the_forecast_again():
    """Oracle: `predict`; NaN stands where a season is missing."""
    start, windows = fit(align(), X[:, 0])
    rows = np.arange(N_ROWS)
    numbers, maps = start.read(windows, rows), start.list_maps()
    is_missing = np.isnan(numbers).any(axis=1)
    np.testing.assert_array_equal(is_missing, rows < 13)
    for name, some in (("seasonal", ~is_missing), ("plain", is_missing)):
        line = maps[name]
        forecast = np.nan_to_num(numbers[some]) @ np.array(line["kernel"]) + line["intercept"]
        np.testing.assert_allclose(forecast, start.predict(windows, rows[some]), rtol=1e-9)


@pytest.mark.parametrize("length", [None, 12])
def test_residuals_are_those_of_targets_left_out(length):
    """Oracle: the same fit without each target in turn, by scikit-learn's Ridge.

    Features are divided by their deviation over all rows, as the ridge divides them.
    """
    windows = Windows(X, 0, align(length=length))
    rows = np.arange(windows.alignment.reach, len(X))
    y, weight = X[rows, 0], np.random.default_rng(3).uniform(0.5, 2, len(rows))
    fitted = fit_linear_start(windows, [OWN], rows, y[:, None], weight[:, None])
    (output,) = fitted.start.outputs
    has_season = windows.has_seasons(rows)
    ridge = output.seasonal or output.plain
    assert has_season.sum() > len(rows) / 2
    features = output.features.read(windows, rows[has_season])
    weight, y = weight[has_season], y[has_season]
    if length is None:
        features = features[:, ~output.features.is_seasonal]
    changes = y - X[rows[has_season] - 1, 0]
    scaled = StandardScaler().fit_transform(features, sample_weight=weight)
    # The ridge divides weights by their mean over all targets of the output.
    weight = weight / np.random.default_rng(3).uniform(0.5, 2, len(rows)).mean()
    for left in range(0, len(y), 7):
        others = np.arange(len(y)) != left
        peer = Ridge(alpha=ridge.penalty)
        peer.fit(scaled[others], changes[others], sample_weight=weight[others])
        expected = changes[left] - peer.predict(scaled[[left]])[0]
        found = fitted.left_out[has_season, 0][left]
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)


def test_a_column_beyond_training_is_read_no_farther_than_ten_deviations():
    """Oracle: by hand: the known column is a million, and as large as its limit."""
    start, windows = fit(align(), X[:, 0])
    known = X[3:, 2]
    limit = max(known.max(), known.mean() + 10 * known.std())

    def predict_with(number):
        changed = X.copy()
        changed[250, 2] = number
        return start.predict(Windows(changed, 0, windows.alignment), np.array([250]))

    np.testing.assert_allclose(predict_with(1e6), predict_with(limit), rtol=1e-9)
    assert predict_with(limit) != predict_with(limit - 1)


def test_a_target_that_is_no_column_is_forecast_from_the_newest_row_and_what_is_known():
    """Oracle: scikit-learn's Ridge on the columns of row t-2 and the known one of row t."""
    y = np.random.default_rng(5).normal(size=N_ROWS) + X[:, 1]
    alignment = Alignment(3, 2, (2,))
    start, windows = fit(alignment, y, target=None)
    rows = np.arange(alignment.reach, N_ROWS)
    Z = np.column_stack([X[rows - 2, 0], X[rows - 2, 1], X[rows, 2]])
    scaler = StandardScaler().fit(Z)
    peer = Ridge(alpha=start.outputs[0].plain.penalty).fit(scaler.transform(Z), y[rows])
    expected = peer.predict(scaler.transform(Z))
    np.testing.assert_allclose(start.predict(windows, rows)[:, 0], expected, rtol=1e-8)


@pytest.mark.parametrize(
    ("n_targets", "n_lags"), [(1, 1), (25, 2), (79, 7), (80, 8), (239, 8), (240, 24), (9999, 24)]
)
def test_so_many_targets_tell_so_many_lags(n_targets, n_lags):
    """Oracle: by hand: ten targets for each of 24 lags, or 8."""
    assert count_lags(n_targets) == n_lags


@pytest.mark.parametrize(
    ("n_targets", "n_lags"),
    [(239, 8), (240, 24), (374, 24), (375, 25), (1079, 71), (1080, 72), (9999, 72)],
)
def test_with_a_season_more_lags_are_read(n_targets, n_lags):
    """Oracle: by hand: fifteen targets for each lag beyond 24."""
    assert count_lags(n_targets, has_season=True) == n_lags


@given(rows=st.lists(st.integers(0, N_ROWS - 1), max_size=40), n_threads=st.sampled_from([1, 3]))
@settings(max_examples=20)
def test_a_row_has_the_same_bits_in_any_company(rows, n_threads):
    """Oracle: all rows at once."""
    start, windows = fit(align(), X[:, 0])
    expected = start.predict(windows, np.arange(N_ROWS))
    with threadpool_limits(n_threads):
        again, _ = fit(align(), X[:, 0])
        actual = again.predict(windows, np.array(rows, dtype=int))
    np.testing.assert_array_equal(actual, expected[np.array(rows, dtype=int)])
