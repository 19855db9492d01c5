"""The baselines, against shifted arrays."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import TimeSeriesSplit, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from sklstm.evaluation._naive import LastValueRegressor, SeasonalNaiveRegressor

N_TRAIN = 60
IN_ORDER = "predictions depend on the rows before, so on their order"
EXPECTED_FAILURES = {
    "check_methods_sample_order_invariance": IN_ORDER,
    "check_methods_subset_invariance": IN_ORDER,
}


def make_walks(n_rows=100):
    """Two random walks; the first is the target in most tests."""
    return np.random.default_rng(0).normal(size=(n_rows, 2)).cumsum(axis=0)


def label(X):
    return pd.DataFrame(X, columns=["close", "volume"], index=pd.date_range("2024", periods=len(X)))


def season_ago(t, season_length, horizon):
    """Position of the latest value whole seasons before row t that is known at t - horizon."""
    return next(t - n * season_length for n in range(1, 999) if n * season_length >= horizon)


@pytest.mark.parametrize("baseline", [LastValueRegressor(), SeasonalNaiveRegressor()])
def test_the_contract_of_scikit_learn_holds(baseline):
    """Oracle: scikit-learn's own checks."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkipTestWarning)
        check_estimator(baseline, expected_failed_checks=EXPECTED_FAILURES)


def test_the_last_value_is_as_wrong_as_the_series_moves():
    """Oracle: the root mean square of the steps of the series."""
    X = make_walks(500)
    y = X[:, 0]
    baseline = LastValueRegressor().fit(X[:400], y[:400])
    steps = np.diff(y[399:])
    rmse = root_mean_squared_error(y[400:], baseline.predict(X[400:]))
    np.testing.assert_allclose(rmse, np.sqrt(np.mean(steps**2)), rtol=1e-12)


@given(
    season_length=st.integers(1, 9),
    horizon=st.integers(1, 7),
    as_frame=st.booleans(),
    first=st.integers(0, N_TRAIN),
)
def test_each_row_is_predicted_by_the_value_whole_seasons_before(
    season_length, horizon, as_frame, first
):
    """Oracle: a loop over rows; labelled rows may begin among the training rows."""
    X = make_walks()
    y = X[:, 0].copy()
    X = label(X) if as_frame else X
    first = first if as_frame else N_TRAIN
    baseline = SeasonalNaiveRegressor(season_length=season_length, horizon=horizon)
    predictions = baseline.fit(X[:N_TRAIN], y[:N_TRAIN]).predict(X[first:])
    for t, prediction in enumerate(predictions, start=first):
        if t >= horizon:
            assert prediction == y[max(0, season_ago(t, season_length, horizon))]
        else:
            assert prediction == baseline.mean_[0]


def test_seasons_by_hand():
    """Oracle: by hand. Season 4, horizon 2: row t is row t-4; too early ones are the first row."""
    y = np.array([5.0, 1.0, 4.0, 2.0, 6.0, 0.0, 3.0, 7.0, 9.0, 8.0, 5.5, 1.5])
    baseline = SeasonalNaiveRegressor(season_length=4, horizon=2).fit(y.reshape(-1, 1), y)
    mean = np.mean(y[4:])
    np.testing.assert_allclose(
        baseline.predict(y.reshape(-1, 1)), [mean, mean, 5, 5, 5, 1, 4, 2, 6, 0, 3, 7]
    )
    np.testing.assert_array_equal(baseline.forecast(), [9, 8])


@given(season_length=st.integers(1, 9), horizon=st.integers(1, 7), n_rows=st.integers(1, 39))
def test_the_forecast_is_what_predict_says_of_the_rows_to_come(season_length, horizon, n_rows):
    """Oracle: predict on the rows once they are there."""
    X = make_walks()
    y = X[:, 0]
    baseline = SeasonalNaiveRegressor(season_length=season_length, horizon=horizon)
    baseline.fit(X[:N_TRAIN], y[:N_TRAIN])
    later = baseline.predict(X[N_TRAIN:])
    np.testing.assert_array_equal(baseline.forecast(), later[:horizon])
    n_rows = min(n_rows, 40 - horizon)
    forecast = baseline.forecast(X[N_TRAIN : N_TRAIN + n_rows])
    np.testing.assert_array_equal(forecast, later[n_rows : n_rows + horizon])


@pytest.mark.parametrize("history", ["auto", "continue", "none"])
def test_the_forecast_after_training_needs_no_history(history):
    """Oracle: the last training values."""
    X = make_walks()
    noise = np.random.default_rng(1).normal(size=100)
    for y in (X[:, 0], noise):
        baseline = SeasonalNaiveRegressor(season_length=7, horizon=3, history=history)
        np.testing.assert_array_equal(baseline.fit(X, y).forecast(), y[-7:-4])


@pytest.mark.parametrize("season_length", [1, 5])
def test_both_spellings_of_one_step_ahead_give_the_same_numbers(season_length):
    """Oracle: the rule: horizon 0 with the target one row later, at row t, is horizon 1 at t+1."""
    X = make_walks()
    y = X[:, 0]
    same = SeasonalNaiveRegressor(season_length=season_length).fit(X, y)
    shifted = SeasonalNaiveRegressor(season_length=season_length, horizon=0).fit(X[:-1], y[1:])
    np.testing.assert_array_equal(shifted.predict(X[:-1]), same.predict(X)[1:])
    assert shifted.mean_ == same.mean_
    assert (shifted.target_column_, shifted.target_lead_) == ([0], [1])


def test_a_target_in_the_row_that_is_read_is_refused():
    """Oracle: the rule."""
    X = make_walks()
    with pytest.raises(ValueError, match="window would contain the target"):
        LastValueRegressor(horizon=0).fit(X, 2 * X[:, 1] + 1)


def test_horizon_zero_has_no_rows_to_forecast():
    """Oracle: the rule."""
    X = make_walks()
    baseline = LastValueRegressor(horizon=0).fit(X[:-1], X[1:, 0])
    with pytest.raises(ValueError, match="last row of predict is the forecast"):
        baseline.forecast()


def test_several_outputs_are_each_read_at_their_lead():
    """Oracle: at horizon 1, all leads of one column are predicted by its value one row before."""
    X = make_walks()
    y = np.column_stack([X[:90, 0], X[4:94, 0], -3 * X[:90, 1] + 7])
    baseline = LastValueRegressor().fit(X[:80], y[:80])
    assert baseline.target_column_ == [0, 0, 1]
    assert baseline.target_lead_ == [0, 4, 0]
    before = X[79:89]
    expected = np.column_stack([before[:, 0], before[:, 0], -3 * before[:, 1] + 7])
    np.testing.assert_allclose(baseline.predict(X[80:90]), expected, rtol=1e-9)
    assert baseline.forecast().shape == (1, 3)
    single = LastValueRegressor().fit(X, X[:, :1])
    assert single.predict(X).shape == (100, 1)


def test_a_named_column_is_read():
    """Oracle: numpy.polyfit on the logarithm of the price."""
    price = np.exp(make_walks() / 10)
    X = label(np.log(price))
    for name in ("close", 0, ["close"]):
        baseline = LastValueRegressor(target_column=name).fit(X[:N_TRAIN], price[:N_TRAIN, 0])
        slope, intercept = np.polyfit(X["close"][:N_TRAIN], price[:N_TRAIN, 0], 1)
        np.testing.assert_allclose(
            baseline.predict(X[N_TRAIN:]), slope * X["close"][N_TRAIN - 1 : -1] + intercept
        )


def test_behind_a_scaler_that_drops_the_index_the_values_are_those_of_the_series():
    """Oracle: the series shifted; a scaler changes the line from column to target only."""
    X = label(make_walks())
    y = X["close"].to_numpy()
    pipeline = make_pipeline(StandardScaler(), LastValueRegressor())
    cv = TimeSeriesSplit(4, test_size=20)
    for train, test in cv.split(X):
        pipeline.fit(X.iloc[train], y[train])
        np.testing.assert_allclose(pipeline.predict(X.iloc[test]), y[test - 1], rtol=1e-9)


def test_predictions_in_and_after_training_agree_with_one_long_X():
    """Oracle: predict on all rows at once."""
    X = label(make_walks())
    baseline = SeasonalNaiveRegressor(season_length=12).fit(X[:N_TRAIN], X["close"][:N_TRAIN])
    at_once = baseline.predict(X)
    np.testing.assert_array_equal(baseline.predict(X[:N_TRAIN]), at_once[:N_TRAIN])
    np.testing.assert_array_equal(baseline.predict(X[45:]), at_once[45:])
    np.testing.assert_array_equal(clone(baseline).fit(X, X["close"]).predict(X)[12:], at_once[12:])


# Targets that are no column of X


@given(
    season_length=st.integers(1, 9),
    horizon=st.integers(0, 7),
    first=st.integers(0, N_TRAIN),
)
def test_without_a_column_the_trained_values_are_read_as_far_as_they_go(
    season_length, horizon, first
):
    """Oracle: a loop: the latest trained value whole seasons before, never the row's own."""
    X, y = label(make_walks()), np.random.default_rng(1).normal(size=N_TRAIN)
    baseline = SeasonalNaiveRegressor(season_length=season_length, horizon=horizon)
    baseline.fit(X[:N_TRAIN], y)
    steps = max(horizon, 1)
    for t, prediction in enumerate(baseline.predict(X[first:]), start=first):
        row = season_ago(t, season_length, max(steps, t - (N_TRAIN - 1)))
        assert prediction == (baseline.mean_[0] if t < steps else y[max(0, row)])


def test_without_a_column_rows_before_or_apart_from_training_know_no_value():
    """Oracle: the rule: a prediction that may read nothing is the mean of the trained targets."""
    X, y = label(make_walks()), np.random.default_rng(1).normal(size=100)
    baseline = LastValueRegressor().fit(X[20:], y[20:])
    np.testing.assert_allclose(baseline.predict(X[:10]), np.full(10, y[21:].mean()))
    baseline.set_params(history="none")
    np.testing.assert_allclose(baseline.predict(X[20:]), np.full(80, y[21:].mean()))


# Weights, and what is refused


def test_the_mean_is_weighted_over_targets_that_have_rows_before_them():
    """Oracle: numpy.average without the first `horizon` rows."""
    X = make_walks()
    weight = np.random.default_rng(1).uniform(size=100)
    baseline = LastValueRegressor(horizon=3).fit(X, X[:, 0], sample_weight=weight)
    np.testing.assert_allclose(baseline.mean_, np.average(X[3:, 0], weights=weight[3:]))
    np.testing.assert_array_equal(baseline.predict(X)[:3], np.repeat(baseline.mean_, 3))


@pytest.mark.parametrize("factor", [1e-320, 1e307])
def test_weights_are_relative(factor):
    """Oracle: the mean with ordinary weights (issue 18, point 14)."""
    X, weight = make_walks(), np.arange(100.0) % 4
    expected, baseline = (
        LastValueRegressor().fit(X, X[:, 0], sample_weight=each)
        for each in (weight, factor * weight)
    )
    np.testing.assert_allclose(baseline.mean_, expected.mean_, rtol=1e-3)


@pytest.mark.parametrize("number", [0.7, 1e-300 / 3, 1e149 / 3])
@pytest.mark.parametrize("named", [{}, {"target_column": 0}])
def test_a_constant_target_is_forecast_to_the_last_bit(number, named):
    """Oracle: the number itself, for rows without history too (issue 18, point 13)."""
    X, y = np.tile([0.3, number], (100, 1)), np.full(100, number)
    weight = np.random.default_rng(0).uniform(0.1, 1.0, 100)
    for baseline in (LastValueRegressor(**named), SeasonalNaiveRegressor(season_length=7, **named)):
        np.testing.assert_array_equal(baseline.fit(X, y, weight).predict(X), number)
        np.testing.assert_array_equal(baseline.forecast(), [number])


def test_weights_of_zero_are_refused():
    """Oracle: by hand: only the first row, which nothing precedes, has a weight."""
    X = make_walks()
    with pytest.raises(ValueError, match="sample_weight is zero for all rows from row 1 on"):
        LastValueRegressor().fit(X, X[:, 0], sample_weight=[1] + [0] * 99)


@given(
    season_length=st.integers(1, 9),
    horizon=st.integers(1, 7),
    as_frame=st.booleans(),
    is_column=st.booleans(),
    n_new=st.integers(1, 30),
)
def test_after_an_update_rows_are_predicted_as_if_they_followed(
    season_length, horizon, as_frame, is_column, n_new
):
    """Oracle: of a column of X, the predictions without update for a longer X; of other targets,
    those of a baseline that was trained on all of these rows."""
    X = make_walks()
    y = X[:, 0].copy() if is_column else np.random.default_rng(1).normal(size=100)
    X = label(X) if as_frame else X
    now = N_TRAIN + n_new
    baseline = SeasonalNaiveRegressor(season_length=season_length, horizon=horizon)
    updated = clone(baseline).fit(X[:N_TRAIN], y[:N_TRAIN])
    longer = updated.predict(X[N_TRAIN:])[n_new:]
    updated.update(X[N_TRAIN:now], y[N_TRAIN:now])
    expected = longer if is_column else baseline.fit(X[:now], y[:now]).predict(X[now:])
    np.testing.assert_array_equal(updated.predict(X[now:]), expected)
    if not is_column:
        np.testing.assert_array_equal(updated.forecast(), baseline.forecast())


def test_an_update_fills_rows_that_are_missing_with_the_one_before():
    """Oracle: by hand; row 60 is missing, and row 64 is 4 rows after it."""
    X, y = label(make_walks()), np.arange(100.0) ** 2 % 97
    baseline = SeasonalNaiveRegressor(season_length=4).fit(X[:60], y[:60])
    baseline.update(X[61:64], y[61:64])
    np.testing.assert_array_equal(baseline.predict(X[64:68]), [y[59], y[61], y[62], y[63]])


def test_an_update_far_from_the_history_starts_it_anew():
    """Oracle: by hand; a day of 7 years later follows nothing."""
    X, y = label(make_walks()), np.arange(100.0) ** 2 % 97
    baseline = LastValueRegressor().fit(X[:60], y[:60])
    later = X[60:64].set_axis(pd.date_range("2031", periods=4))
    with pytest.warns(UserWarning, match="rows seem to be missing"):
        baseline.update(later, y[60:64])
    assert baseline.forecast() == y[63]
    with pytest.warns(UserWarning, match="rows seem to be missing"):
        after = baseline.predict(X[:1].set_axis(pd.date_range("2041", periods=1)))
    assert after == y[63]


def test_an_update_needs_targets_only_where_x_does_not_hold_them():
    """Oracle: by hand."""
    X = make_walks()
    assert LastValueRegressor().fit(X[:60], X[:60, 0]).update(X[60:70]).forecast() == X[69, 0]
    other = LastValueRegressor().fit(X[:60], np.arange(60.0) ** 2 % 97)
    with pytest.raises(ValueError, match="y=None, but update needs y"):
        other.update(X[60:70])
    with pytest.raises(ValueError, match="y has 2 outputs, but in fit it had 1"):
        other.update(X[60:70], X[60:70])


def test_fewer_rows_than_a_season_are_refused():
    """Oracle: by hand: a season of 12 rows needs a 13th to predict."""
    X = make_walks(12)
    with pytest.raises(ValueError, match=r"season_length=12\) needs at least 13 rows; X has 12"):
        SeasonalNaiveRegressor(season_length=12).fit(X, X[:, 0])


@pytest.mark.parametrize(
    "parameters",
    [{"horizon": -1}, {"season_length": 0}, {"history": "past"}, {"target_column": 1.5}],
)
def test_parameters_out_of_range_are_refused(parameters):
    """Oracle: the documented ranges."""
    X = make_walks()
    with pytest.raises(ValueError, match=next(iter(parameters))):
        SeasonalNaiveRegressor(**parameters).fit(X, X[:, 0])


def test_an_unfitted_baseline_says_so():
    """Oracle: scikit-learn's contract."""
    with pytest.raises(NotFittedError):
        LastValueRegressor().predict(make_walks())
    with pytest.raises(NotFittedError):
        LastValueRegressor().forecast()


def test_a_baseline_survives_pickling_and_cross_validation():
    """Oracle: the baseline itself, and folds of TimeSeriesSplit predicted one by one."""
    X = label(make_walks())
    baseline = LastValueRegressor().fit(X[:N_TRAIN], X["close"][:N_TRAIN])
    copy = pickle.loads(pickle.dumps(baseline))
    np.testing.assert_array_equal(copy.predict(X[N_TRAIN:]), baseline.predict(X[N_TRAIN:]))
    folds = [(np.arange(100), np.arange(100))]
    in_sample = cross_val_predict(LastValueRegressor(), X, X["close"], cv=folds)
    np.testing.assert_array_equal(in_sample[1:], X["close"][:-1])
