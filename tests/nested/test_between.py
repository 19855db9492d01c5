"""Rows between training and test rows, and scores that depend on them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import Ridge
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_regressor import tiny
from small_search import evaluate

from sklstm import BayesTimeSeriesSearchCV, LastValueRegressor, SeasonalNaiveRegressor
from sklstm._nested.between import find_rows_between, hand_over_between
from sklstm._search.trials.fits import score_on_fold
from sklstm.evaluation import skill_table

N_ROWS, SEASON = 120, 6
CYCLE = np.tile([0.0, 3.0, 1.0, 7.0, -2.0, 5.0], N_ROWS // SEASON + 1)
NOISE = 0.1 * np.random.default_rng(0).normal(size=N_ROWS + 1)
SERIES = (CYCLE[: N_ROWS + 1] + NOISE)[:, None]  # one row more, for the last target
X, Y = SERIES[:-1], SERIES[1:, 0]  # y: the column one row later, thus horizon=0 and a gap of 1


@pytest.mark.parametrize(
    ("train", "test", "between"),
    [
        (range(5), range(5, 8), []),
        (range(5), range(7, 9), [5, 6]),
        (range(3, 5), range(6, 7), [5]),
        (range(5, 9), range(3), []),
        ([0, 1, 2, 4], range(7, 9), []),
        ([3, 2, 1, 0], range(7, 9), []),
        (range(5), [7, 9], []),
    ],
    ids=["adjacent", "two", "one", "future", "hole", "reversed", "holes in the test"],
)
def test_rows_lie_between_blocks_only(train, test, between):
    """Oracle: by hand."""
    assert find_rows_between(np.array(train), np.array(test)).tolist() == between


@pytest.mark.parametrize("y", [Y, None], ids=["targets", "none"])
def test_rows_are_handed_over_once_and_in_order_with_their_targets(y):
    """Oracle: by hand; nothing is handed over where nothing lies between."""
    told = []

    class Told(Ridge):
        def update(self, X, y=None):
            told.append((X, y))

    model = Told().fit(X[:50], Y[:50])
    assert hand_over_between(model, X, y, np.arange(50), np.arange(53, 60)).tolist() == [50, 51, 52]
    ((rows, targets),) = told
    np.testing.assert_array_equal(rows, X[50:53])
    np.testing.assert_array_equal(targets, None if y is None else Y[50:53])
    assert hand_over_between(model, X, y, np.arange(50), np.arange(50, 60)).tolist() == []
    assert len(told) == 1


def test_a_model_without_update_is_told_nothing():
    """Oracle: by hand; its transformers are not asked either."""
    model = make_pipeline(StandardScaler(), Ridge()).fit(X[:50], Y[:50])
    assert hand_over_between(model, None, None, np.arange(50), np.arange(53, 60)).tolist() == []


# Scores

LABELS = {
    "array": lambda X: X,
    "numbers": lambda X: pd.DataFrame(X, index=range(100, 100 + len(X)), columns=["x"]),
    "dates": lambda X: pd.DataFrame(X, pd.date_range("2024-01-01", periods=len(X)), ["x"]),
    "irregular dates": lambda X: pd.DataFrame(
        X, pd.to_datetime(np.arange(len(X)) ** 2, unit="D"), ["x"]
    ),
}


def score_by_hand(season_length, train, test):
    """Minus the RMSE of the value a season before the target, which the row before y's holds."""
    return -root_mean_squared_error(Y[test], SERIES[test + 1 - season_length, 0])


@given(
    gap=st.integers(1, 20),
    season_length=st.sampled_from([1, SEASON]),
    label=st.sampled_from(list(LABELS)),
    wrapped=st.sampled_from(["itself", "pipeline", "target", "search"]),
)
def test_with_a_gap_folds_score_as_if_all_rows_were_one_long_x(gap, season_length, label, wrapped):
    """Oracle: the rule by hand: y one row later, read a season before (issue 18, point 11)."""
    model = SeasonalNaiveRegressor(season_length=season_length, horizon=0)
    if wrapped == "pipeline":
        model = make_pipeline(StandardScaler().set_output(transform="pandas"), model)
    elif wrapped == "target":
        model = TransformedTargetRegressor(model, transformer=StandardScaler())
    elif wrapped == "search":
        model = GridSearchCV(model, {}, cv=TimeSeriesSplit(2))
    folds = list(TimeSeriesSplit(3, gap=gap, test_size=SEASON).split(X))
    evaluation = evaluate(model, LABELS[label](X), Y, folds, error_score="raise")
    for fold, (train, test) in enumerate(folds):
        score = score_on_fold(evaluation, {}, fold).test_scores["score"]
        assert score == pytest.approx(score_by_hand(season_length, train, test))


@pytest.mark.parametrize("label", ["array", "dates"])
def test_a_search_scores_a_network_on_the_windows_of_one_long_x(label):
    """Oracle: fits by hand, which predict the gap and the test rows at once."""
    rows = LABELS[label](X)
    folds = list(TimeSeriesSplit(2, gap=1, test_size=20).split(X))
    model = tiny(horizon=0)
    search = BayesTimeSeriesSearchCV(
        model, {"units": [4]}, n_iter=1, cv=folds, refit=False, return_train_score=True
    ).fit(rows, Y)
    for fold, (train, test) in enumerate(folds):
        fitted = tiny(horizon=0).fit(rows[: len(train)], Y[train])
        long = fitted.predict(rows[len(train) : test[-1] + 1])[1:]
        expected = -root_mean_squared_error(Y[test], long)
        assert search.cv_results_[f"split{fold}_test_score"][0] == pytest.approx(expected)
        expected = -root_mean_squared_error(Y[train], fitted.predict(rows[: len(train)]))
        assert search.cv_results_[f"split{fold}_train_score"][0] == pytest.approx(expected)


def test_training_rows_score_as_they_do_before_the_gap_is_handed_over():
    """Oracle: predictions of them by hand; all seasons without noise are alike."""
    rows, y = CYCLE[:N_ROWS, None], CYCLE[1 : N_ROWS + 1]
    folds = [(np.arange(60), np.arange(75, 90))]
    model = SeasonalNaiveRegressor(season_length=4, horizon=0)
    evaluation = evaluate(model, rows, y, folds, return_train_score=True, error_score="raise")
    expected = -root_mean_squared_error(y[:60], model.fit(rows[:60], y[:60]).predict(rows[:60]))
    assert score_on_fold(evaluation, {}, 0).train_scores["score"] == pytest.approx(expected)


@pytest.mark.parametrize("cv", [None, TimeSeriesSplit(2, gap=9, test_size=20)], ids=["once", "cv"])
def test_a_skill_table_shows_errors_as_if_all_rows_were_one_long_x(cv):
    """Oracle: the rule by hand; without cv the gap is 1, the lead of y."""
    season = SeasonalNaiveRegressor(season_length=SEASON, horizon=0)
    table = skill_table({"season": season, "last": LastValueRegressor(horizon=0)}, X, Y, cv=cv)
    tests = [np.arange(96, 120)] if cv is None else [test for _, test in cv.split(X)]
    test = np.concatenate(tests)
    for name, length in {"season": SEASON, "last": 1, "last value": 1}.items():
        expected = root_mean_squared_error(Y[test], SERIES[test + 1 - length, 0])
        assert table["rmse"][name] == pytest.approx(expected)


def test_the_report_scores_the_last_value_on_folds_with_a_gap_as_on_one_long_x(capsys):
    """Oracle: the rule by hand."""
    folds = list(TimeSeriesSplit(2, gap=9, test_size=20).split(X[:100]))
    model = SeasonalNaiveRegressor(season_length=SEASON, horizon=0)
    search = BayesTimeSeriesSearchCV(model, {"history": ["auto"]}, n_iter=1, cv=folds)
    search.fit(X[:100], Y[:100]).report(X[100:], Y[100:])
    season, last = (
        np.mean([score_by_hand(length, *fold) for fold in folds]) for length in (SEASON, 1)
    )
    assert search.best_score_ == pytest.approx(season)
    assert f"folds: {-season:.5g} (last value: {-last:.5g})" in capsys.readouterr().out
