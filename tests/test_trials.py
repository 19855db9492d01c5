"""One candidate over its folds, and the table of all."""

from dataclasses import replace
from time import sleep

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.cluster import KMeans
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import check_scoring, get_scorer, mean_squared_error
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR
from sklearn.utils.parallel import Parallel

from sklstm.trials import (
    Evaluation,
    FoldScore,
    Trial,
    describe_progress,
    fit_on_all_rows,
    make_cv_results,
    rank_trials,
    report_failures,
    run_trials,
    score_on_fold,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = X @ [1.0, -2.0, 0.5] + 0.3 * RNG.normal(size=60)
WEIGHT = RNG.uniform(0.1, 2.0, size=60)
SPLIT = TimeSeriesSplit(3)


class Failing(RegressorMixin, BaseEstimator):
    """Fails as it is told to; predicts zeros otherwise."""

    def __init__(self, how=None):
        self.how = how

    def fit(self, X, y):
        if self.how == "fit":
            raise RuntimeError("no fit today")
        if self.how == "late" and len(X) > 20:
            raise RuntimeError("too many rows")
        return self

    def predict(self, X):
        if self.how == "predict":
            raise RuntimeError("no prediction today")
        return np.full(len(X), np.inf if self.how == "diverge" else 0.0)


def evaluate(estimator, X=X, y=Y, scoring=None, error_score=np.nan, **changes):
    settings = {"fit_params": {}, "score_params": {}, "return_train_score": False, **changes}
    folds = list(SPLIT.split(X))
    scorer = check_scoring(estimator, scoring)
    return Evaluation(estimator, X, y, folds, scorer, error_score=error_score, **settings)


def run(evaluation, *candidates):
    return run_trials(Parallel(), evaluation, list(candidates))


def trial(*scores, params=None, error=None):
    return Trial(params or {}, tuple(FoldScore(score, 0.0, 1.0, 0.0, error) for score in scores))


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_folds_score_as_in_cross_val_score(n_jobs):
    """Oracle: cross_val_score on the same splits."""
    evaluation = evaluate(Ridge(), scoring="neg_mean_absolute_error")
    parallel = Parallel(n_jobs, prefer="threads")
    trials = run_trials(parallel, evaluation, [{"alpha": 0.1}, {"alpha": 10.0}])
    for done, alpha in zip(trials, (0.1, 10.0), strict=True):
        expected = cross_val_score(Ridge(alpha=alpha), X, Y, cv=SPLIT, scoring=evaluation.scorer)
        assert [fold.test_score for fold in done.folds] == expected.tolist()
        assert done.score == expected.mean()
        assert (done.params, done.status, done.error) == ({"alpha": alpha}, "ok", None)


# Training rows: 20, 40, 20. Two of the same number stay in the order of the folds.
UNEVEN = [(np.arange(20), [20]), (np.arange(40), [40]), (np.arange(10, 30), [30])]


class Recording(Parallel):
    """Parallel that notes what it is given: each task's parameters and number of rows."""

    def __call__(self, tasks):
        tasks = list(tasks)
        self.noted = [(params, len(train)) for _, (_, params, (train, _)), _ in tasks]
        return super().__call__(tasks)


def test_fits_of_more_rows_are_dispatched_first():
    """Oracle: by hand."""
    parallel, a, b = Recording(), {"alpha": 0.1}, {"alpha": 10.0}
    evaluation = replace(evaluate(Ridge(), scoring="neg_mean_squared_error"), folds=UNEVEN)
    run_trials(parallel, evaluation, [a, b])
    assert parallel.noted == [(a, 40), (b, 40), (a, 20), (a, 20), (b, 20), (b, 20)]


def test_each_score_stands_at_its_candidate_and_fold():
    """Oracle: a scorer that tells the candidate and the test row, which is the fold's."""
    rows = np.arange(60.0)[:, None]
    evaluation = evaluate(Ridge(), X=rows, scoring=lambda model, X, y: model.alpha + X[0, 0])
    trials = run(replace(evaluation, folds=UNEVEN), {"alpha": 0.25}, {"alpha": 0.5})
    assert [[fold.test_score for fold in done.folds] for done in trials] == [
        [20.25, 40.25, 30.25],
        [20.5, 40.5, 30.5],
    ]


def test_weights_are_cut_to_the_rows_of_the_fold():
    """Oracle: the fit and the weighted error written out."""
    evaluation = evaluate(
        Ridge(),
        scoring="neg_mean_squared_error",
        fit_params={"sample_weight": WEIGHT},
        score_params={"sample_weight": WEIGHT.tolist()},
        return_train_score=True,
    )
    for train, test in evaluation.folds:
        model = Ridge().fit(X[train], Y[train], sample_weight=WEIGHT[train])
        fold = score_on_fold(evaluation, {}, (train, test))
        for rows, score in ((test, fold.test_score), (train, fold.train_score)):
            error = mean_squared_error(Y[rows], model.predict(X[rows]), sample_weight=WEIGHT[rows])
            assert score == -error


def test_parameters_that_are_not_one_per_row_are_left_alone():
    class Labelled(Failing):
        def fit(self, X, y, label, number):
            assert (label, number) == ("x" * 60, 5)
            return self

    evaluation = evaluate(Labelled(), fit_params={"label": "x" * 60, "number": 5})
    assert run(evaluation, {})[0].error is None


def test_a_matrix_of_similarities_is_cut_on_both_sides():
    """Oracle: cross_val_score."""
    K = rbf_kernel(X)
    (done,) = run(evaluate(SVR(kernel="precomputed"), X=K), {})
    expected = cross_val_score(SVR(kernel="precomputed"), K, Y, cv=SPLIT)
    assert [fold.test_score for fold in done.folds] == expected.tolist()


def test_an_estimator_without_target_is_scored():
    """Oracle: cross_val_score."""
    model = KMeans(2, n_init=1, random_state=0)
    (done,) = run(evaluate(model, y=None), {})
    expected = cross_val_score(model, X, cv=SPLIT)
    assert [fold.test_score for fold in done.folds] == expected.tolist()


def test_estimators_as_parameters_are_cloned_for_each_fold():
    scaler, model = StandardScaler(), Ridge()
    pipeline = Pipeline([("scaler", "passthrough"), ("model", LinearRegression())])
    evaluation = evaluate(pipeline)
    params = {"scaler": scaler, "model": model}
    run(evaluation, params)
    best = fit_on_all_rows(evaluation, params)
    assert not hasattr(scaler, "mean_")
    assert not hasattr(model, "coef_")
    np.testing.assert_allclose(best["scaler"].mean_, X.mean(axis=0))


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ("fit", "fold 0: RuntimeError: no fit today"),
        ("predict", "fold 0: RuntimeError: no prediction today"),
        ("late", "fold 1: RuntimeError: too many rows"),
    ],
)
@pytest.mark.parametrize("error_score", [np.nan, -7.0])
def test_a_failure_is_kept_with_its_reason(how, error, error_score):
    (done,) = run(evaluate(Failing(), error_score=error_score), {"how": how})
    assert (done.status, done.error) == ("failed", error)
    np.testing.assert_equal(done.folds[-1].test_score, error_score)


@pytest.mark.parametrize("score", [np.nan, np.inf, -np.inf])
def test_a_score_that_is_not_finite_is_a_failure(score):
    failed = trial(1.0, score)
    assert (failed.status, failed.error) == ("failed", f"fold 1: the score is {score}")


@pytest.mark.parametrize("how", ["fit", "predict"])
def test_error_score_raise_raises_the_exception_itself(how):
    with pytest.raises(RuntimeError, match="today"):
        run(evaluate(Failing(), error_score="raise"), {"how": how})


def test_a_wrong_parameter_is_no_failure_but_an_error():
    with pytest.raises(ValueError, match="Invalid parameter 'beta'"):
        run(evaluate(Ridge()), {"beta": 1.0})


def test_a_scorer_of_several_metrics_is_an_error():
    evaluation = evaluate(Ridge(), scoring=lambda estimator, X, y: {"a": 1.0})
    with pytest.raises(TypeError, match=r"one number for each fold, but gave \{'a': 1.0\}"):
        run(evaluation, {})


GRIDS = [
    {"alpha": [1.0, 2.5]},
    {"alpha": [1, 2]},
    {"fit_intercept": [True, False]},
    {"solver": ["svd", "cholesky"]},
    {"solver": ["svd", "cholesky"], "max_iter": [None, 5]},
    [{"alpha": [1.0]}, {"alpha": [3.0], "max_iter": [5]}, {"solver": ["svd"]}],
]


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_the_table_is_that_of_grid_search(grid):
    """Oracle: GridSearchCV over the same candidates; times apart."""
    search = GridSearchCV(Ridge(), grid, cv=SPLIT, return_train_score=True).fit(X, Y)
    trials = run(evaluate(Ridge(), return_train_score=True), *search.cv_results_["params"])
    ours = make_cv_results(trials, return_train_score=True)
    assert set(ours) == {*search.cv_results_, "status", "error"}
    for key, expected in search.cv_results_.items():
        if key.startswith("param_"):
            assert ours[key].dtype == expected.dtype
            assert ours[key].tolist() == expected.tolist()
        elif key.endswith("_score") and "_time" not in key:
            np.testing.assert_allclose(ours[key], expected, rtol=1e-12)
            assert ours[key].dtype == expected.dtype
        elif key.endswith("_time"):
            assert (ours[key] >= 0).all()
    assert ours["params"] == search.cv_results_["params"]


def test_columns_hold_tuples_and_none_as_they_are():
    values = [(1, 2), None, (3, 4)]
    results = make_cv_results([trial(0.0, params={"a": value}) for value in values], False)
    assert results["param_a"].tolist() == values


def test_failures_share_the_last_rank_whatever_their_score():
    """Oracle: by hand."""
    trials = [trial(1.0), trial(9.0, error="x"), trial(2.0), trial(np.nan), trial(2.0)]
    assert rank_trials(trials).tolist() == [3, 4, 1, 4, 1]
    results = make_cv_results(trials, return_train_score=False)
    assert results["status"].tolist() == ["ok", "failed", "ok", "failed", "ok"]
    assert results["error"].tolist() == [None, "fold 0: x", None, "fold 0: the score is nan", None]


def test_infinite_scores_of_both_signs_make_a_table_without_warnings():
    results = make_cv_results([trial(np.inf, -np.inf)], return_train_score=False)
    assert np.isnan(results["mean_test_score"]).all()


def test_progress_tells_the_last_trial_and_the_best():
    """Oracle: by hand."""
    trials = [trial(0.25), trial(np.nan, error="Oops: a\nb")]
    assert describe_progress(trials[:1]) == "ok, score 0.25, best 0.25"
    assert describe_progress(trials) == "failed, fold 0: Oops: a, best 0.25"
    assert describe_progress(trials[1:]) == "failed, fold 0: Oops: a, best nan"


def test_some_failures_are_a_warning_and_all_are_an_error():
    failed = trial(np.nan, params={"a": 1}, error="Oops: a")
    report_failures([trial(1.0)])
    with pytest.warns(FitFailedWarning, match=r"1 of 2 candidates failed .* \{'a': 1\}, in fold 0"):
        report_failures([failed, trial(1.0)])
    with pytest.raises(ValueError, match=r"All 2 candidates failed.*\{'a': 1\}, in fold 0: Oops"):
        report_failures([failed, failed])


def test_times_are_the_seconds_of_fit_and_score():
    """Oracle: an estimator and a scorer that sleep."""

    class Sleeping(Failing):
        def fit(self, X, y):
            sleep(0.05)
            return self

    def score(estimator, X, y):
        sleep(0.02)
        return 1.0

    evaluation = evaluate(Sleeping(), scoring=score)
    fold = score_on_fold(evaluation, {}, evaluation.folds[0])
    assert fold.fit_time >= 0.05
    assert fold.score_time >= 0.02


def test_scorers_of_scikit_learn_work_as_they_are():
    """Oracle: the scorer on the fitted model."""
    evaluation = evaluate(Ridge(), scoring="r2")
    train, test = evaluation.folds[0]
    expected = get_scorer("r2")(Ridge().fit(X[train], Y[train]), X[test], Y[test])
    assert score_on_fold(evaluation, {}, (train, test)).test_score == expected
