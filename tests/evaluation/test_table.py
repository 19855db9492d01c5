"""The skill table, against errors computed by NumPy and scikit-learn."""

import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import mean_absolute_error, root_mean_squared_error
from sklearn.model_selection import TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from small_regressor import tiny

from sklstm import (
    BayesTimeSeriesSearchCV,
    LastValueRegressor,
    SeasonalNaiveRegressor,
)
from sklstm.evaluation._lags import make_boosting_on_lags, make_ridge_on_lags
from sklstm.evaluation._skill import diebold_mariano
from sklstm.evaluation._table import make_table, skill_table, temporal_train_test_split

RIVALS = ["last value", "seasonal naive", "ridge on lags", "gradient boosting on lags"]
COLUMNS = ["rmse", "mae", "mase", "skill", "skill_low", "skill_high", "dm", "dm_p"]
COLUMNS += ["gain", "gain_low", "gain_high", "fit_seconds", "predict_seconds", "reads"]


def make_series(n_rows=200, seed=0):
    """A season of 6 rows on a random walk, and noise."""
    rng = np.random.default_rng(seed)
    close = 3 * np.sin(np.arange(n_rows) * np.pi / 3) + 0.1 * rng.normal(size=n_rows).cumsum()
    return np.column_stack([close, rng.normal(size=n_rows)])


X = make_series()
Y = X[:, 0]


class Known(RegressorMixin, BaseEstimator):
    """A forecaster that predicts column 1, whatever it was fitted on."""

    def fit(self, X, y):
        return self

    def predict(self, X):
        return np.asarray(X)[:, 1]

    def forecast(self, X=None):
        raise NotImplementedError


def test_each_model_has_a_row_the_given_ones_first():
    """Oracle: by hand."""
    table = skill_table({"b": Known(), "a": LastValueRegressor()}, X, Y)
    assert table.index.to_list() == ["b", "a", *RIVALS]
    assert table.columns.to_list() == COLUMNS
    assert np.isfinite(table.drop(columns=["dm", "dm_p", "reads"])).all(axis=None)
    assert skill_table(Known(), X, Y).index[0] == "Known"


def test_errors_are_those_of_the_last_rows():
    """Oracle: scikit-learn's metrics of a prediction that is known."""
    table = skill_table(Known(), X, Y, test_size=50)
    assert table.loc["Known", "rmse"] == pytest.approx(root_mean_squared_error(Y[150:], X[150:, 1]))
    assert table.loc["Known", "mae"] == pytest.approx(mean_absolute_error(Y[150:], X[150:, 1]))


@pytest.mark.parametrize(
    ("name", "rival"),
    [
        ("last value", LastValueRegressor()),
        ("seasonal naive", SeasonalNaiveRegressor(season_length=6)),
        ("ridge on lags", make_ridge_on_lags()),
        ("gradient boosting on lags", make_boosting_on_lags()),
    ],
)
@pytest.mark.parametrize("as_frame", [False, True])
def test_the_rivals_are_fitted_on_the_training_rows_alone(name, rival, as_frame):
    """Oracle: each fitted by hand; the season of the series is 6."""
    rows = pd.DataFrame(X, index=pd.date_range("2024", periods=200)) if as_frame else X
    table = skill_table(Known(), rows.rename(columns=str) if as_frame else rows, Y, test_size=50)
    predictions = rival.fit(X[:150], Y[:150]).predict(X[150:])
    assert table.loc[name, "rmse"] == pytest.approx(root_mean_squared_error(Y[150:], predictions))


def test_the_absolute_error_is_scaled_by_the_steps_of_the_training_rows():
    """Oracle: Hyndman & Koehler's definition by NumPy."""
    table = skill_table(Known(), X, Y, test_size=50)
    expected = np.mean(np.abs(Y[150:] - X[150:, 1])) / np.mean(np.abs(np.diff(Y[:150])))
    assert table.loc["Known", "mase"] == pytest.approx(expected)


def test_targets_that_never_changed_in_training_make_the_scaled_error_infinite():
    """Oracle: an error over a mean step of 0; no error is 0 in any scale."""
    steady = np.zeros(200)
    table = skill_table(Known(), np.column_stack([steady, steady]), steady, test_size=50)
    assert (table["mase"] == 0).all()
    late = np.where(np.arange(200) < 180, 0.0, X[:, 0])
    table = skill_table(Known(), np.column_stack([steady, steady]), late, test_size=50)
    assert (table["mase"] == np.inf).all()


@pytest.mark.parametrize("number", [0.7, 1e9 / 3])
def test_of_a_constant_target_rounding_is_no_error(number):
    """Oracle: by hand: each row of the table forecasts it (issue 18, point 13)."""
    table = skill_table(LinearRegression(), np.column_stack([Y, X[:, 1]]), np.full(len(Y), number))
    np.testing.assert_array_equal(table[["rmse", "mae", "mase"]], 0)


def test_skill_is_counted_from_the_last_value():
    """Oracle: the ratio of two RMSE; the last value's own is 0, without doubt."""
    table = skill_table(Known(), X, Y, test_size=50)
    last_value = root_mean_squared_error(Y[150:], Y[149:199])
    expected = 1 - root_mean_squared_error(Y[150:], X[150:, 1]) / last_value
    assert table.loc["Known", "skill"] == pytest.approx(expected)
    assert table.loc["Known", "skill_low"] < expected < table.loc["Known", "skill_high"]
    assert (table.loc["last value", ["skill", "skill_low", "skill_high"]] == 0).all()


def test_the_test_is_against_the_first_row():
    """Oracle: the test of both squared errors; below 0 where the row is worse than the first."""
    table = skill_table(Known(), X, Y, test_size=50)
    first, last_value = (Y[150:] - X[150:, 1]) ** 2, (Y[150:] - Y[149:199]) ** 2
    expected = diebold_mariano(first, last_value, 1)
    assert np.isnan(table.loc["Known", ["dm", "dm_p"]].to_numpy(dtype=float)).all()
    np.testing.assert_allclose(table.loc["last value", ["dm", "dm_p"]].to_list(), expected)
    assert skill_table(LSTMless(), X, Y).loc["seasonal naive", "dm"] < 0


def test_the_first_row_gains_on_each_row_what_its_skill_over_that_row_is():
    """Oracle: the ratio of two RMSE; on the last value the gain is the skill, interval and all."""
    table = skill_table(Known(), X, Y, test_size=50)
    gain = ["gain", "gain_low", "gain_high"]
    expected = 1 - table.loc["Known", "rmse"] / table["rmse"]
    np.testing.assert_allclose(table["gain"], expected, atol=1e-12)
    assert (table.loc["Known", gain] == 0).all()
    skill = table.loc["Known", ["skill", "skill_low", "skill_high"]]
    np.testing.assert_array_equal(table.loc["last value", gain].to_list(), skill.to_list())
    ridge = table.loc["ridge on lags"]
    assert ridge["gain_low"] < ridge["gain"] < ridge["gain_high"]


class Known0(Known):
    """Predicts column 0."""

    def predict(self, X):
        return np.asarray(X)[:, 0]


class LSTMless(Known):
    """Knows the answer but for a little."""

    def predict(self, X):
        return np.asarray(X)[:, 0] + 0.01 * np.sign(np.asarray(X)[:, 1])


def test_errors_of_folds_are_put_together():
    """Oracle: the folds of TimeSeriesSplit, each with its own last value and scale."""
    table = skill_table(LastValueRegressor(), X, Y, cv=3)
    folds = list(TimeSeriesSplit(3).split(X))
    errors = np.concatenate([Y[test] - Y[test - 1] for _, test in folds])
    scaled = np.concatenate(
        [(Y[test] - Y[test - 1]) / np.mean(np.abs(np.diff(Y[train]))) for train, test in folds]
    )
    row = table.loc["LastValueRegressor"]
    assert row["rmse"] == pytest.approx(np.sqrt(np.mean(errors**2)))
    assert row["mase"] == pytest.approx(np.mean(np.abs(scaled)))


def test_a_shifted_target_leaves_a_gap_and_is_read_from_its_own_row():
    """Oracle: the same forecasts in the other spelling, whose rows are one later."""
    shifted = skill_table(Known(), X[:-1], Y[1:], test_size=49)
    plain = skill_table(Known(), X, Y, test_size=49)
    for name in ("last value", "seasonal naive"):
        assert shifted.loc[name, "rmse"] == pytest.approx(plain.loc[name, "rmse"])
    fitted = make_ridge_on_lags(horizon=0).fit(X[:149], Y[1:150])
    error = root_mean_squared_error(Y[151:], fitted.predict(X[149:199])[1:])  # after the gap
    assert shifted.loc["ridge on lags", "rmse"] == pytest.approx(error)


def test_horizon_and_season_can_be_given():
    """Oracle: rows three before, and the season of four that covers them."""
    table = skill_table(Known(), X, Y, test_size=50, horizon=3, season_length=4)
    ahead = root_mean_squared_error(Y[150:], Y[147:197])
    assert table.loc["last value", "rmse"] == pytest.approx(ahead)
    season = root_mean_squared_error(Y[150:], Y[146:196])
    assert table.loc["seasonal naive", "rmse"] == pytest.approx(season)


def test_a_season_that_is_given_reaches_the_lags():
    """Oracle: the regression by hand."""
    table = skill_table(Known(), X, Y, test_size=50, season_length=20)
    assert table.loc["ridge on lags", "reads"] == "8 rows, seasons of 20 rows"
    predictions = make_ridge_on_lags(seasons=[20]).fit(X[:150], Y[:150]).predict(X[150:])
    expected = root_mean_squared_error(Y[150:], predictions)
    assert table.loc["ridge on lags", "rmse"] == pytest.approx(expected)
    none = skill_table(Known(), X, Y, test_size=50, season_length=1)
    assert none.loc[RIVALS[1:3], "reads"].to_list() == ["1 row, no season", "8 rows"]


def test_without_a_season_the_dates_tell_one_and_rows_without_dates_repeat_the_last_value():
    """Oracle: the rule; a random walk has no season, and business days have 5 a week."""
    walk = np.random.default_rng(0).normal(size=(200, 1)).cumsum(axis=0)
    table = skill_table(Known0(), walk, walk[:, 0], test_size=50)
    assert table.loc["seasonal naive", "reads"] == "1 row, no season"
    assert table.loc["seasonal naive", "rmse"] == table.loc["last value", "rmse"]
    dated = pd.DataFrame(walk, index=pd.bdate_range("2024", periods=200), columns=["close"])
    table = skill_table(Known0(), dated, dated["close"], test_size=50)
    assert table.loc["seasonal naive", "reads"] == "seasons of 5 rows, from the dates"
    expected = root_mean_squared_error(walk[150:], walk[145:195])
    assert table.loc["seasonal naive", "rmse"] == pytest.approx(expected)
    assert table.loc["ridge on lags", "reads"] == "8 rows"


def test_columns_known_in_advance_reach_the_lags():
    """Oracle: the step of the target is a known column: ridge is nearly perfect."""
    steps = np.random.default_rng(1).normal(size=200)
    rows = np.column_stack([steps.cumsum(), steps])
    table = skill_table(Known(), rows, rows[:, 0], known_columns=1)
    assert table.loc["ridge on lags", "skill"] > 0.99


def test_several_outputs_are_averaged():
    """Oracle: NumPy; of each row the mean of the outputs' squares."""
    table = skill_table(LastValueRegressor(), X, X, test_size=50)
    errors = X[150:] - X[149:199]
    scale = np.mean(np.abs(np.diff(X[:150], axis=0)), axis=0)
    assert table.iloc[0]["rmse"] == pytest.approx(np.sqrt(np.mean(errors**2)))
    assert table.iloc[0]["mase"] == pytest.approx(np.mean(np.abs(errors) / scale))
    assert np.isfinite(table.loc[RIVALS, "rmse"]).all()


def test_rivals_read_numbers_and_the_last_of_missing_ones():
    """Oracle: the last value of a column with a hole is the one before the hole."""
    frame = pd.DataFrame({"close": Y, "day": np.tile(["mo", "tu"], 100), "even": Y > 0})
    frame.loc[170, "close"] = np.nan
    model = make_pipeline(make_column_transformer((OneHotEncoder(), ["day"])), LinearRegression())
    with pytest.warns(UserWarning, match="y is column 'close' of X in the same row"):
        table = skill_table({"day": model}, frame, Y, test_size=50)
    last = frame["close"].ffill().shift(1)[150:]
    assert table.loc["last value", "rmse"] == pytest.approx(root_mean_squared_error(Y[150:], last))


@pytest.mark.parametrize("kind", ["float64", "object", "Float64"])
def test_a_missing_value_does_not_make_the_reference_worse(kind):
    """Oracle: the last value known, in two columns that hold the same target and its lag."""
    whole = pd.DataFrame({"close": Y, "yesterday": np.append(np.nan, Y[:-1])})
    gappy = whole.copy()
    gappy.loc[[40, 170], "close"] = np.nan
    table = skill_table(Known(), gappy.astype(kind), Y, test_size=50)
    last = gappy["close"].ffill().shift(1)[150:]
    assert table.loc["last value", "rmse"] == pytest.approx(root_mean_squared_error(Y[150:], last))
    full = skill_table(Known(), whole, Y, test_size=50)
    ratio = table["rmse"] / full["rmse"]
    assert ratio["last value"] < 1.1 and ratio["seasonal naive"] < 1.1
    assert ratio["ridge on lags"] < 1.3


def test_the_rivals_read_what_the_first_model_reads_and_the_table_says_it():
    """Oracle: the same table, asked for by its parameters."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"word": ["a"] * 200, "load": Y, "hour": rng.normal(size=200)})
    numbers = make_column_transformer(
        ("passthrough", ["load", "hour"]), verbose_feature_names_out=False
    ).set_output(transform="pandas")
    network = tiny(horizon=3, window_length=5, known_columns=["hour"])
    models = {"first": make_pipeline(numbers, network)}
    table = skill_table(models, frame, Y, test_size=50)
    lags = "5 rows, seasons of 6 rows, known: hour"
    assert table["reads"].to_list() == ["", "1 row", "seasons of 6 rows", lags, lags]
    asked = skill_table(
        models, frame, Y, test_size=50, horizon=3, window_length=5, known_columns="hour"
    )
    pd.testing.assert_frame_equal(table.iloc[:, :8], asked.iloc[:, :8])
    other = skill_table(models, frame, Y, test_size=50, window_length=8, known_columns=[])
    assert other.loc["ridge on lags", "reads"] == "8 rows, seasons of 6 rows"
    assert other.loc["ridge on lags", "rmse"] != table.loc["ridge on lags", "rmse"]


def test_a_search_lends_the_rivals_what_its_best_model_reads():
    """Oracle: by hand: the search has one candidate."""
    search = BayesTimeSeriesSearchCV(tiny(), {"window_length": [6]}, n_iter=1, cv=2, x0=None)
    table = skill_table(search, X, Y, test_size=50)
    assert table.loc["ridge on lags", "reads"] == "6 rows, seasons of 6 rows"


def test_a_model_that_is_no_forecaster_is_warned_of_unless_the_column_is_left_out():
    """Oracle: by hand: ridge copies the target."""
    with pytest.warns(UserWarning, match="y is column 0 of X in the same row, and Ridge is no"):
        table = skill_table({"ridge": Ridge()}, X, Y)
    assert table.loc["ridge", "skill"] > 0.99
    skill_table({"ridge": Ridge()}, X[:, 1:], Y)


def test_polars_frames_are_read():
    """Oracle: the same table as of an array."""
    of_array = skill_table(LastValueRegressor(), X, Y)
    of_polars = skill_table(LastValueRegressor(), pl.DataFrame(X, schema=["a", "b"]), pl.Series(Y))
    pd.testing.assert_frame_equal(of_array.iloc[:, :8], of_polars.iloc[:, :8])


def test_a_search_is_run_on_the_training_rows():
    """Oracle: the best of its candidates, refitted by hand."""
    search = BayesTimeSeriesSearchCV(
        Ridge(1e6), {"alpha": [1e-3, 1e6]}, n_iter=2, cv=2, pruning=False, random_state=0
    )
    shifted, target = X[:-1], Y[1:]
    table = skill_table({"search": search}, shifted, target, test_size=50)
    train, test = slice(0, 148), slice(149, None)
    errors = [
        root_mean_squared_error(
            target[test],
            Ridge(alpha=alpha).fit(shifted[train], target[train]).predict(shifted[test]),
        )
        for alpha in (1e-3, 1e6)
    ]
    assert min(abs(table.loc["search", "rmse"] - error) for error in errors) < 1e-9
    assert not hasattr(search, "best_params_")


@pytest.mark.parametrize(
    ("models", "rows", "message"),
    [
        ({}, X, "models must be a regressor, or a dict"),
        (LogisticRegression(), X, "models must be a regressor"),
        ({"last value": Known()}, X, r"models has the names \['last value'\]"),
        (Known(), pd.DataFrame({"day": ["mo"] * 200}), "X has no numeric column"),
    ],
)
def test_bad_input_is_refused_with_one_sentence(models, rows, message):
    """Oracle: the message."""
    with pytest.raises(ValueError, match=message):
        skill_table(models, rows, Y)


@pytest.mark.parametrize("value", [-1, 2.5, True, "auto", [24]])
@pytest.mark.parametrize("name", ["horizon", "season_length", "window_length", "steps"])
def test_a_number_of_rows_that_is_none_is_refused_by_its_name(name, value):
    """Oracle: the message; no value is rounded or read as another one."""
    message = re.escape(f"{name}={value!r} must be None or an int of ")
    with pytest.raises(ValueError, match=f"^{message}[01] or more"):
        skill_table(Known(), X, Y, **{name: value})


def test_rows_of_different_length_are_refused():
    """Oracle: scikit-learn's message."""
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        skill_table(Known(), X, Y[:-1])


def test_the_split_is_at_hand_here_too():
    """Oracle: by hand."""
    assert len(temporal_train_test_split(X, test_size=5)[1]) == 5
    assert callable(make_table)


# Paths and bands

SEASONAL = np.sin(np.arange(300) * np.pi / 6) + 0.1 * np.random.default_rng(0).normal(size=300)


def compare_paths(**models):
    return skill_table(models, SEASONAL[:, None], SEASONAL, test_size=60, season_length=12)


def test_paths_are_compared_lead_by_lead_with_forecasts_as_far_ahead():
    """Oracle: the errors of each lead, put together in NumPy."""
    table = compare_paths(paths=tiny(steps=3, season_length=12, window_length=3))
    assert (table["leads"] == "1 to 3").all()
    naive, last = [], []
    for lead in range(3):
        rows = np.arange(240 + lead, 300)
        naive.append(SEASONAL[rows] - SEASONAL[rows - 12])
        last.append(SEASONAL[rows] - SEASONAL[rows - lead - 1])
    origin = np.concatenate([np.arange(60 - lead) for lead in range(3)])
    for name, errors in (("seasonal naive", naive), ("last value", last)):
        errors = np.concatenate(errors)
        of_origins = [np.mean(errors[origin == row] ** 2) for row in range(60)]
        np.testing.assert_allclose(table.loc[name, "rmse"], np.sqrt(np.mean(of_origins)))
        np.testing.assert_allclose(table.loc[name, "mae"], np.mean(np.abs(errors)))
    assert table.loc["paths", "rmse"] < table.loc["last value", "rmse"]


def test_as_many_leads_are_scored_as_all_models_forecast_unless_they_are_given():
    """Oracle: by hand."""
    paths = tiny(steps=3, season_length=None, linear_start=False)
    both = compare_paths(paths=paths, rows=LastValueRegressor())
    assert "leads" not in both
    given = skill_table(paths, SEASONAL[:, None], SEASONAL, test_size=60, steps=2)
    assert (given["leads"] == "1 to 2").all()


@pytest.mark.parametrize("steps", [0, 1.5, True, 4, 61])
def test_leads_that_cannot_be_scored_are_refused(steps):
    paths = tiny(steps=3 if steps != 61 else 70)
    with pytest.raises(ValueError, match=rf"^steps={steps}"):
        skill_table(paths, SEASONAL[:, None], SEASONAL, test_size=60, steps=steps)


@pytest.mark.parametrize("steps", [1, 3])
def test_bands_are_compared_with_those_of_what_naive_forecasts_miss_in_training(steps):
    """Oracle: the quantiles of the changes in training, lead by lead, in NumPy."""
    band = tiny(steps=steps, season_length=None, quantiles=(0.1, 0.9))
    table = compare_paths(band=band, point=tiny(steps=steps, season_length=None))
    inside, widths, misses = [], [], []
    for lead in range(steps):
        changes = SEASONAL[lead + 1 : 240] - SEASONAL[: 240 - lead - 1]
        low, high = np.quantile(changes, [0.1, 0.9])
        rows = np.arange(240 + lead, 300)
        later = SEASONAL[rows] - SEASONAL[rows - lead - 1]
        inside.append((low <= later) & (later <= high))
        widths.append(np.full(len(rows), high - low))
        misses.append(np.maximum(0, low - later) + np.maximum(0, later - high))
    inside, widths, misses = map(np.concatenate, (inside, widths, misses))
    naive = table.loc["last value"]
    np.testing.assert_allclose(naive["coverage"], inside.mean())
    np.testing.assert_allclose(naive["interval_score"], np.mean(widths + 10 * misses))
    assert table.loc["band", "wql"] < naive["wql"]
    scores = ["wql", "coverage", "interval_score"]
    for name in ("point", "ridge on lags", "gradient boosting on lags"):
        assert table.loc[name, scores].isna().all()
    assert table.loc["seasonal naive", scores].notna().all()
