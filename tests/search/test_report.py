"""The report of a search, against models fitted and scored by hand."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from small_regressor import tiny

from sklstm import BayesTimeSeriesSearchCV, LastValueRegressor
from sklstm._search.report import Optimism, write_table, write_verdict
from sklstm._search.values.units import Unit

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(200, 2)).cumsum(axis=0)
X, Y = ROWS[:-1], ROWS[1:, 0]  # the target is column 0 of the next row
TRAIN, TEST = slice(0, 149), slice(150, None)
STEP = "lstmregressor"
RMSE = "neg_root_mean_squared_error"


def search_ridge(X=X, Y=Y, **parameters):
    settings = {"n_iter": 3, "cv": 3, "pruning": False, "random_state": 0} | parameters
    search = BayesTimeSeriesSearchCV(Ridge(1e5), {"alpha": (1e-3, 1e6, "log-uniform")}, **settings)
    return search.fit(X[TRAIN], Y[TRAIN])


def test_the_tuned_and_the_default_model_are_scored_on_the_new_rows(capsys):
    """Oracle: scikit-learn's metric of both, the default one fitted on the rows of the search."""
    search = search_ridge()
    table = search.report(X[TEST], Y[TEST])
    assert table.index.to_list()[:3] == ["tuned model", "default model", "last value"]
    tuned = root_mean_squared_error(Y[TEST], search.predict(X[TEST]))
    default = Ridge(1e5).fit(X[TRAIN], Y[TRAIN]).predict(X[TEST])
    assert table.loc["tuned model", "rmse"] == pytest.approx(tuned)
    assert table.loc["default model", "rmse"] == pytest.approx(
        root_mean_squared_error(Y[TEST], default)
    )
    last_value = root_mean_squared_error(Y[TEST], X[TEST, 0])
    assert table.loc["last value", "rmse"] == pytest.approx(last_value)
    printed = capsys.readouterr().out
    assert printed.startswith("49 rows that the search has not seen, forecast 1 ahead:")
    assert f"{table.loc['tuned model', 'rmse']:#.4g}" in printed


def test_the_best_score_stands_beside_that_on_the_new_rows(capsys):
    """Oracle: cross_val_score of the last value on the same folds, and both RMSE on the rest."""
    search = search_ridge()
    search.report(X[TEST], Y[TEST])
    printed = capsys.readouterr().out
    last_value = LastValueRegressor(horizon=0)
    folds = TimeSeriesSplit(3, gap=1)
    on_folds = -cross_val_score(last_value, X[TRAIN], Y[TRAIN], cv=folds, scoring=RMSE).mean()
    tuned = root_mean_squared_error(Y[TEST], search.predict(X[TEST]))
    rest = root_mean_squared_error(Y[TEST], X[TEST, 0])
    best = -search.best_score_
    assert f"RMSE on the search's folds: {best:.5g} (last value: {on_folds:.5g})" in printed
    assert f"RMSE on these rows: {tuned:.5g} (last value: {rest:.5g})" in printed


def test_optimism_is_the_change_of_the_error_over_the_last_values():
    """Oracle: by hand; 0.8 on the folds and 1.0 on the hold-out are 25 % more."""
    optimism = Optimism(-0.8, -3.0, -1.0, -3.0, Unit("RMSE", -1))
    assert optimism.ratios == pytest.approx((0.8, 1.0))
    assert "25.0 % more than promised" in str(optimism)
    assert "50.0 % less than promised" in str(Optimism(-1.0, -1.0, -1.0, -2.0, Unit("RMSE", -1)))


def test_of_scores_that_are_no_errors_no_ratio_is_made():
    """Oracle: R2 may be above or below 0."""
    optimism = Optimism(0.9, 0.5, -0.1, 0.2, Unit("R²", 1))
    assert optimism.ratios is None
    assert str(optimism).splitlines() == [
        "R² on the search's folds: 0.9 (last value: -0.1)",
        "R² on these rows: 0.5 (last value: 0.2)",
    ]


def test_with_several_metrics_the_one_of_the_best_is_reported(capsys):
    """Oracle: best_score_, which is the one that refit names."""
    search = search_ridge(scoring={"r2": "r2", "rmse": RMSE}, objective="rmse", refit="r2")
    search.report(X[TEST], Y[TEST])
    assert f"R² on the search's folds: {search.best_score_:.5g}" in capsys.readouterr().out


def test_sample_weight_of_the_search_trains_the_default_model_too(capsys):
    """Oracle: the default model fitted with it by hand."""
    weight = RNG.uniform(size=149)
    search = BayesTimeSeriesSearchCV(Ridge(1e5), {"alpha": (1.0, 1e6)}, n_iter=2, cv=2)
    search.fit(X[TRAIN], Y[TRAIN], sample_weight=weight)
    table = search.report(X[TEST], Y[TEST])
    default = Ridge(1e5).fit(X[TRAIN], Y[TRAIN], sample_weight=weight).predict(X[TEST])
    error = root_mean_squared_error(Y[TEST], default)
    assert table.loc["default model", "rmse"] == pytest.approx(error)


def test_rows_that_the_search_has_seen_are_refused():
    """Oracle: the message names both labels, also of dates that pandas counts in another unit."""
    frame = pd.DataFrame(X, columns=["a", "b"], index=pd.date_range("2024", periods=199))
    search = search_ridge(frame, Y)
    for seen in (frame[148:], frame[148:].set_axis(frame.index[148:].as_unit("s"))):
        with pytest.raises(ValueError, match=r"X begins at 2024-05-28 .*, but the search has seen"):
            search.report(seen, Y[148:])
    assert len(search.report(frame[TEST], Y[TEST])) == 6


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))])
def test_a_pickle_holds_no_rows(copied):
    """Oracle: the message; predictions are as before."""
    search = search_ridge()
    other = copied(search)
    np.testing.assert_array_equal(other.predict(X), search.predict(X))
    with pytest.raises(ValueError, match="report needs the rows of the search, which a pickle"):
        other.report(X[TEST], Y[TEST])


def test_what_cannot_be_reported_is_refused():
    """Oracle: the messages."""
    with pytest.raises(AttributeError, match="refit is False"):
        search_ridge(refit=False).report(X[TEST], Y[TEST])
    classes = (Y > 0).astype(int)
    search = BayesTimeSeriesSearchCV(LogisticRegression(), {"C": (0.1, 1.0)}, n_iter=2, cv=2)
    search.fit(X, classes)
    with pytest.raises(ValueError, match="report compares regressors"):
        search.report(X[TEST], classes[TEST])


def test_the_table_is_written_to_the_digits_that_are_worth_reading():
    """Oracle: by hand."""
    table = pd.DataFrame(
        {
            "rmse": [1234.56, 2.0],
            "skill": [0.12345, 0.0],
            "skill_low": [-0.1, 0.0],
            "skill_high": [0.3, 0.0],
            "gain": [0.0, 0.1],
            "gain_low": [0.0, 0.05],
            "gain_high": [0.0, 0.15],
            "reads": ["", "5 rows"],
        },
        index=["a", "b"],
    )
    assert write_table(table).splitlines() == [
        "   rmse skill          95 %  gain         95 %",
        "a 1235. 0.123 -0.100..0.300 0.000 0.000..0.000",
        "b 2.000 0.000  0.000..0.000 0.100 0.050..0.150",
        "",
        "The baselines read",
        "  b: 5 rows",
    ]


def test_the_verdict_names_each_model_once_by_the_interval_of_its_gain():
    """Oracle: by hand; an interval that ends at zero does not exclude it."""
    bounds = {
        "tuned model": (0.0, 0.0),
        "default model": (0.0, 0.0),
        "last value": (0.1, 0.3),
        "seasonal naive": (0.2, 0.4),
        "ridge on lags": (-0.2, -0.1),
        "gradient boosting on lags": (-0.1, 0.1),
    }
    table = pd.DataFrame(bounds, index=["gain_low", "gain_high"]).T
    assert write_verdict(table).splitlines() == [
        "Verdict: the tuned model is better than the last value and the seasonal naive;",
        "worse than the ridge on lags; not distinguishable from the default model and the",
        "gradient boosting on lags.",
    ]
    assert write_verdict(table.iloc[:2]).endswith("not distinguishable from the default model.")


def test_a_report_fits_in_80_columns(capsys):
    """Oracle: 80 columns; errors are large and known columns many."""
    known = [f"known_{number}" for number in range(12)]
    scaled = pd.DataFrame(1e6 * np.column_stack([X[:, 0], RNG.normal(size=(199, 12))]))
    scaled.columns = ["a", *known]
    model = tiny(horizon=0, known_columns=known)
    space = {"window_length": [2, 3]}
    search = BayesTimeSeriesSearchCV(model, space, n_iter=1, cv=2, x0=None)
    y = scaled["a"].shift(-1)
    search.fit(scaled[:149], y[:149]).report(scaled[150:198], y[150:198])
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_weightless_and_missing_targets_do_not_change_the_rivals():
    """Oracle: the report of the rows before they were spoilt."""
    walk = np.random.default_rng(0).normal(size=160).cumsum()
    rows = pd.DataFrame({"a": walk})
    weight = np.ones(120)
    weight[[30, 31, 70]] = 0.0
    wrong = np.where(weight > 0, walk[:120], 1e6)
    gappy = rows.mask(np.isin(np.arange(160), [50, 130])[:, None])
    model = make_pipeline(SimpleImputer(), tiny())
    tables = []
    for X, y in [(rows, walk[:120]), (rows, wrong), (gappy, wrong)]:
        search = BayesTimeSeriesSearchCV(model, {f"{STEP}__epochs": [1]}, n_iter=1, cv=2, x0=None)
        search.fit(X[:120], y, **{f"{STEP}__sample_weight": weight})
        tables.append(search.report(X[120:], walk[120:]))
    rivals = [table.loc[["last value", "ridge on lags"], "rmse"] for table in tables]
    pd.testing.assert_series_equal(rivals[1], rivals[0], rtol=1e-12)
    pd.testing.assert_series_equal(rivals[2], rivals[0], rtol=0.2)


def test_a_report_warns_of_a_model_that_copies_the_target():
    """Oracle: by hand; the search has warned of it, too."""
    rows, target = ROWS[:, :1], ROWS[:, 0]
    search = BayesTimeSeriesSearchCV(Ridge(), {"alpha": [1.0]}, n_iter=1, cv=2, x0=None)
    with pytest.warns(UserWarning, match="y is column 0 of X in the same row"):
        search.fit(rows[TRAIN], target[TRAIN])
    with pytest.warns(UserWarning, match="y is column 0 of X in the same row"):
        search.report(rows[TEST], target[TEST])


class Asked(RegressorMixin, BaseEstimator):
    """Counts how often its gap is asked for, of all its clones together."""

    n_times = 0

    def __init__(self, level=0.0):
        self.level = level

    def needed_gap(self, X, y):
        Asked.n_times += 1
        return 1

    def fit(self, X, y):
        return self

    def predict(self, X):
        return np.full(len(X), self.level)


def test_a_fit_and_a_report_ask_for_the_gap_once():
    """Oracle: a count; the folds, the audit and the report read the same answer."""
    search = BayesTimeSeriesSearchCV(Asked(), {"level": (-1.0, 1.0)}, n_iter=3, cv=3)
    search.fit(X[TRAIN], Y[TRAIN]).report(X[TEST], Y[TEST])
    assert Asked.n_times == 1
