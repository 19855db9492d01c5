"""The tables and words that a search leaves."""

import warnings

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from small_search import Level, draw_rows, evaluate, make_trial, make_workers

from sklstm._search.proposals.dimensions import read_search_spaces
from sklstm._search.results import (
    find_metrics,
    make_cv_results,
    make_trials_frame,
    rank_trials,
    report_failures,
    summarise_search,
)
from sklstm._search.trials.rounds import run_trials
from sklstm._search.trials.trial import Candidate, FoldScore, Trial
from sklstm._search.values.units import Unit

X, Y, _ = draw_rows(60)
SPLIT = TimeSeriesSplit(3)


def make_results(trials, error_score=np.nan, return_train_score=False):
    return make_cv_results(trials, error_score, return_train_score)


GRIDS = [
    {"alpha": [1.0, 2.5]},
    {"alpha": [1, 2]},
    {"fit_intercept": [True, False]},
    {"solver": ["svd", "cholesky"]},
    {"solver": ["svd", "cholesky"], "max_iter": [None, 5]},
    [{"alpha": [1.0]}, {"alpha": [3.0], "max_iter": [5]}, {"solver": ["svd"]}],
]


@pytest.mark.parametrize("scoring", ["r2", ["r2", "neg_mean_squared_error"]], ids=str)
@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_the_table_is_that_of_grid_search(grid, scoring):
    """Oracle: GridSearchCV over the same candidates; times apart."""
    search = GridSearchCV(
        Ridge(), grid, cv=SPLIT, scoring=scoring, refit="r2", return_train_score=True
    ).fit(X, Y)
    evaluation = evaluate(
        Ridge(),
        X,
        Y,
        list(SPLIT.split(X)),
        scoring=scoring,
        objective=None if scoring == "r2" else "r2",
        return_train_score=True,
    )
    candidates = [Candidate(params) for params in search.cv_results_["params"]]
    trials = list(run_trials(make_workers(), evaluation, candidates))
    ours = make_results(trials, return_train_score=True)
    assert set(ours) == {*search.cv_results_, "status", "error", "mean_run_folds"}
    for key, expected in search.cv_results_.items():
        if key.startswith("param_"):
            assert ours[key].dtype == expected.dtype
            assert ours[key].tolist() == expected.tolist()
        elif key.endswith("_time"):
            assert (ours[key] >= 0).all()
        elif key != "params":
            np.testing.assert_allclose(ours[key], expected, rtol=1e-12, atol=1e-15)
            assert ours[key].dtype == expected.dtype
    assert ours["params"] == search.cv_results_["params"]


VALUES = st.one_of(
    *(st.integers(), st.floats(), st.booleans(), st.none(), st.text(), st.binary()),
    *(st.tuples(st.integers()), st.lists(st.integers()), st.datetimes(), st.complex_numbers()),
    st.lists(st.floats()).map(np.array),
)


@given(values=st.lists(VALUES, min_size=1, max_size=4) | st.lists(st.integers() | st.floats()))
@example([1, 2.5])
@example([True, 2])
@example([1, 2**70])
@settings(deadline=None)
def test_a_column_of_any_values_has_grid_search_s_type(values):
    """Oracle: GridSearchCV over these values, on one fold; a failure of its is none of ours."""
    grid = {"other": values or [None], "level": [0.5]}
    fold = [(np.arange(6), np.arange(6, 9))]
    try:
        expected = GridSearchCV(Level(), grid, cv=fold, refit=False).fit(X[:9], Y[:9]).cv_results_
    except (ValueError, TypeError, OverflowError):
        expected = None
    candidates = [{"other": value, "level": 0.5} for value in grid["other"]]
    ours = make_results([make_trial(1.0, params=params) for params in candidates])["param_other"]
    if expected is not None:
        assert ours.dtype == expected["param_other"].dtype
        assert repr(ours.tolist()) == repr(expected["param_other"].tolist())


def test_columns_hold_tuples_and_none_as_they_are():
    values = [(1, 2), None, (3, 4)]
    results = make_results([make_trial(0.0, params={"a": value}) for value in values])
    assert results["param_a"].tolist() == values


@pytest.mark.parametrize("error_score", [np.nan, 1.7e308])
def test_finite_scores_have_finite_means_and_spreads(error_score):
    """Oracle: by hand; the sum of two such scores is no float."""
    trials = [make_trial(1.5e308, 1.7e308), make_trial(-1.5e308, -1.5e308), make_trial(1.0, 2.0)]
    results = make_results(trials, error_score)
    np.testing.assert_allclose(results["mean_test_score"], [1.6e308, -1.5e308, 1.5])
    np.testing.assert_allclose(results["std_test_score"], [1e307, 0.0, 0.5], atol=1e292)
    np.testing.assert_allclose(results["mean_run_folds"], [1.6e308, -1.5e308, 1.5])
    assert results["rank_test_score"].tolist() == [1, 3, 2]
    assert [trial.status for trial in trials] == ["ok"] * 3
    assert [trial.score for trial in trials] == results["mean_test_score"].tolist()


def test_failures_share_the_last_rank_whatever_their_score():
    """Oracle: by hand."""
    trials = [make_trial(1.0), make_trial(9.0, error="x"), make_trial(2.0), make_trial(np.nan)]
    trials.append(make_trial(2.0))
    assert rank_trials(trials, "score").tolist() == [3, 4, 1, 4, 1]
    results = make_results(trials)
    assert results["status"].tolist() == ["ok", "failed", "ok", "failed", "ok"]
    assert results["error"].tolist() == [None, "fold 0: x", None, "fold 0: the score is nan", None]


def test_a_trial_that_failed_by_its_objective_ranks_last_by_each_metric():
    """Oracle: by hand; its score of "b" would be the best."""
    trials = [make_trial({"a": a, "b": b}, objective="a") for a, b in ((np.nan, 9.0), (1.0, 2.0))]
    assert rank_trials(trials, "b").tolist() == [2, 1]


def test_a_fold_that_failed_has_the_error_score_and_its_trial_the_last_rank():
    """Oracle: by hand; the mean of 0 and -2 is -1, better than -5, but one fold failed."""
    folds = (FoldScore({"score": 0.0}, {}, 1.0, 0.5), FoldScore({}, {}, 2.0, 0.0, "x"))
    trials = [Trial(Candidate({}), folds), make_trial(-5.0, -5.0)]
    results = make_results(trials, error_score=-2.0, return_train_score=True)
    assert results["split0_test_score"].tolist() == [0.0, -5.0]
    assert results["split1_test_score"].tolist() == [-2.0, -5.0]
    assert results["mean_test_score"].tolist() == [-1.0, -5.0]
    assert results["std_test_score"].tolist() == [1.0, 0.0]
    assert results["rank_test_score"].tolist() == [2, 1]
    assert results["mean_fit_time"].tolist() == [1.5, 1.0]
    assert results["mean_train_score"].tolist() == [-2.0, -2.0]
    assert np.isnan(make_results(trials)["split1_test_score"][0])


def test_each_metric_has_its_own_ranks():
    """Oracle: by hand."""
    trials = [make_trial({"a": a, "b": -a}, objective="a") for a in (1.0, 3.0, 2.0)]
    results = make_results(trials)
    assert results["rank_test_a"].tolist() == [3, 1, 2]
    assert results["rank_test_b"].tolist() == [1, 3, 2]


def test_the_metrics_are_those_of_the_first_fold_that_has_any():
    failed = make_trial(1.0, error="x")
    assert find_metrics([failed, make_trial({"a": 1.0, "b": 2.0}, objective="a")]) == ["a", "b"]
    assert find_metrics([failed]) == ["score"]


def test_infinite_scores_of_both_signs_make_tables_without_warnings():
    trials = [make_trial(np.inf, -np.inf), make_trial(1.0, 2.0)]
    assert np.isnan(make_results(trials)["mean_test_score"][0])
    assert np.isnan(make_trials_frame(trials)["std"][0])


def test_a_pruned_trial_has_nan_where_it_did_not_run_and_the_last_rank():
    """Oracle: by hand; two folds of 1 s and 0.5 s ran, the mean of 9 and 7 is 8."""
    trials = [make_trial(1.0, 2.0, 3.0), make_trial(9.0, None, 7.0), make_trial(-5.0, -5.0, -5.0)]
    results = make_results(trials, error_score=-1.0, return_train_score=True)
    assert results["status"].tolist() == ["ok", "pruned", "ok"]
    assert results["error"].tolist() == [None] * 3
    np.testing.assert_array_equal(results["split1_test_score"], [2.0, np.nan, -5.0])
    np.testing.assert_array_equal(results["mean_test_score"], [2.0, np.nan, -5.0])
    np.testing.assert_array_equal(results["mean_run_folds"], [2.0, 8.0, -5.0])
    assert np.isnan(results["std_test_score"][1])
    assert results["rank_test_score"].tolist() == [1, 3, 2]
    assert results["mean_fit_time"].tolist() == [1.0] * 3
    assert results["mean_score_time"].tolist() == [0.5] * 3
    assert np.isnan(results["split1_train_score"][1])
    frame = make_trials_frame(trials)
    assert frame["run_folds"].tolist() == [3, 2, 3]
    assert frame["fit_time"].tolist() == [3.0, 2.0, 3.0]
    np.testing.assert_array_equal(frame["mean_run_folds"], [2.0, 8.0, -5.0])
    assert np.isnan(frame.loc[1, ["score", "std"]].astype(float)).all()


def test_some_failures_are_a_warning_and_all_are_an_error():
    failed = make_trial(np.nan, params={"a": 1}, error="Oops: a")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report_failures([make_trial(1.0)])
    with pytest.warns(
        FitFailedWarning, match=r"1 of 2 candidates failed .* \{'a': 1\}, failed in fold 0"
    ):
        report_failures([failed, make_trial(1.0)])
    with pytest.raises(
        ValueError, match=r"All 2 candidates failed.*\{'a': 1\}, failed in fold 0: Oops"
    ):
        report_failures([failed, failed])


def test_the_frame_has_a_row_for_each_trial_in_columns_of_one_kind():
    """Oracle: by hand."""
    trials = [
        make_trial({"m": 1.0, "n": 5.0}, {"m": 3.0, "n": 7.0}, params={"a": 1}, objective="m"),
        make_trial({}, {}, params={"b": "x"}, error="Oops", objective="m", space=1),
    ]
    frame = make_trials_frame(trials)
    assert frame.index.name == "trial"
    assert list(frame.columns) == [
        *("space", "status", "m", "n", "std", "run_folds", "mean_run_folds"),
        *("fit_time", "score_time", "param_a", "param_b", "error"),
    ]
    times = {"run_folds": 2, "fit_time": 2.0, "score_time": 1.0}
    scores = {"m": 2.0, "n": 6.0, "std": 1.0, "mean_run_folds": 2.0}
    ok = {"space": 0, "status": "ok", **scores, **times, "param_a": 1}
    failed = {"space": 1, "status": "failed", **times, "param_b": "x", "error": "fold 0: Oops"}
    assert frame.loc[0].dropna().to_dict() == ok
    assert frame.loc[1].dropna().to_dict() == failed


RMSE = Unit("RMSE", -1)
(SPACE,) = read_search_spaces({"level": (0.0, 8.0)}, 3)


def summarise(trials, best, own=None, space=SPACE, stop=None):
    own = own or Level().get_params()
    dimensions = space.dimensions
    return summarise_search(trials, best, own, dimensions, RMSE, 7.5, stop).splitlines()


def test_the_summary_holds_the_best_against_the_estimators_own_parameters():
    """Oracle: by hand; Level() has level=0.5, and three trials of two folds took 3 s each."""
    trials = [
        make_trial(-3.0, -1.0, params={"level": 0.5}),
        make_trial(-1.0, -1.5, params={"level": 0.25}),
        make_trial(0.0, 0.0, params={"level": 2.0}, error="Oops"),
    ]
    lines = summarise(trials, 1)
    assert lines.pop(3) == (
        "the estimator's own parameters: RMSE 2 (standard deviation over folds 1); the best "
        "parameters are better on 1 of 2 folds"
    )
    assert lines == [
        "3 trials: 2 ok, 0 pruned, 1 failed",
        "best: trial 2/3, RMSE 1.25 (standard deviation over folds 0.25)",
        "    level = 0.25",
        "failed: {'level': 2.0}: fold 0: Oops",
        "time: 7.5 s; fits and scores 9.0 s, summed over all workers",
    ]


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ({"level": 0.25}, "the estimator's own parameters are the best"),
        ({"level": 4.0}, "the estimator's own parameters were not tried"),
        ({"level": 2.0}, "the estimator's own parameters failed: fold 0: Oops"),
    ],
)
def test_the_summary_says_if_the_own_parameters_are_best_failed_or_were_not_tried(own, words):
    trials = [
        make_trial(-1.0, params={"level": 0.25}),
        make_trial(0.0, params={"level": 2.0}, error="Oops"),
    ]
    assert words in summarise(trials, 0, own)


def test_the_summary_counts_the_candidates_that_were_dropped():
    """Oracle: by hand; the own parameters, level 0.5, were dropped after two of three folds."""
    trials = [
        make_trial(-3.0, -1.0, -2.0, params={"level": 4.0}),
        make_trial(-1.0, -1.0, -1.5, params={"level": 0.25}),
        make_trial(-5.0, -0.5, None, params={"level": 0.5}),
    ]
    lines = summarise(trials, 1)
    assert lines[0] == "3 trials: 2 ok, 1 pruned, 0 failed"
    assert lines[3] == (
        "the estimator's own parameters: pruned; the best parameters are better on 1 of 2 folds"
    )


def test_the_summary_names_the_best_values_at_an_end_of_their_range():
    """Oracle: by hand; 1 % of the range, on the scale of its prior, is at an end."""
    ranges = {"a": (1e-3, 1e3, "log-uniform"), "b": (0.0, 1.0), "c": (1, 64), "d": [1, 2]}
    (space,) = read_search_spaces(ranges, 3)
    params = {"a": 1.1e-3, "b": 0.5, "c": 64, "d": 1}
    lines = summarise([make_trial(-1.0, params=params)], 0, space=space)
    assert lines[2:6] == [
        "    a = 0.0011 (at the lower end of the range from 0.001 to 1000.0)",
        "    b = 0.5",
        "    c = 64 (at the upper end of the whole numbers from 1 to 64)",
        "    d = 1",
    ]


def test_the_summary_says_what_stopped_the_search():
    assert summarise([make_trial(-1.0)], 0, stop="time_limit")[:2] == [
        "1 trials: 1 ok, 0 pruned, 0 failed",
        "stopped by time_limit",
    ]
