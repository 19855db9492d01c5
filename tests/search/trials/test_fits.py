"""Fits of a candidate."""

from dataclasses import replace
from multiprocessing import get_context
from time import sleep

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.cluster import KMeans
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import get_scorer, mean_squared_error
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.model_selection import TimeSeriesSplit, cross_val_score, cross_validate
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR
from small_search import UNEVEN, Failing, draw_rows, make_workers, run
from small_search import evaluate as evaluate_small

from sklstm._search.trials.fits import fit_on_all_rows, reseed, score_on_fold
from sklstm._search.trials.rounds import run_trials
from sklstm._search.trials.trial import Candidate

X, Y, RNG = draw_rows(60)
WEIGHT = RNG.uniform(0.1, 2.0, size=60)
SPLIT = TimeSeriesSplit(3)
FOLDS = list(SPLIT.split(X))


def evaluate(estimator, X=X, y=Y, folds=FOLDS, **changes):
    return evaluate_small(estimator, X, y, folds, **changes)


def list_scores(trial, metric="score"):
    return [fold.test_scores[metric] for fold in trial.folds]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_folds_score_as_in_cross_val_score(n_jobs):
    """Oracle: cross_val_score on the same splits."""
    evaluation = evaluate(Ridge(), scoring="neg_mean_absolute_error")
    trials = run(evaluation, {"alpha": 0.1}, {"alpha": 10.0}, workers=make_workers(n_jobs))
    for done, alpha in zip(trials, (0.1, 10.0), strict=True):
        scoring = "neg_mean_absolute_error"
        expected = cross_val_score(Ridge(alpha=alpha), X, Y, cv=SPLIT, scoring=scoring)
        assert list_scores(done) == expected.tolist()
        assert done.score == expected.mean()
        assert (done.params, done.status, done.error) == ({"alpha": alpha}, "ok", None)


def test_several_metrics_score_as_in_cross_validate():
    """Oracle: cross_validate on the same splits, training rows too."""
    scoring = ["r2", "neg_mean_squared_error"]
    evaluation = evaluate(Ridge(), scoring=scoring, objective="r2", return_train_score=True)
    (done,) = run(evaluation, {})
    expected = cross_validate(Ridge(), X, Y, cv=SPLIT, scoring=scoring, return_train_score=True)
    for metric in scoring:
        assert list_scores(done, metric) == expected[f"test_{metric}"].tolist()
        train_scores = [fold.train_scores[metric] for fold in done.folds]
        assert train_scores == expected[f"train_{metric}"].tolist()
    assert done.objective == "r2"
    assert done.score == done.mean("r2") == expected["test_r2"].mean()
    assert done.mean("neg_mean_squared_error") == expected["test_neg_mean_squared_error"].mean()


def test_each_score_stands_at_its_candidate_and_fold():
    """Oracle: a scorer that tells the candidate and the test row, which is the fold's."""
    rows = np.arange(60.0)[:, None]
    evaluation = evaluate(
        Ridge(), X=rows, folds=UNEVEN, scoring=lambda model, X, y: model.alpha + X[0, 0]
    )
    trials = run(evaluation, {"alpha": 0.25}, {"alpha": 0.5})
    assert [list_scores(done) for done in trials] == [[20.25, 40.25, 30.25], [20.5, 40.5, 30.5]]


def test_the_candidate_stays_in_its_trial():
    candidate = Candidate({"alpha": 2.0}, (2.0,), 1, 7)
    (done,) = run_trials(make_workers(), evaluate(Ridge()), [candidate])
    assert done.candidate is candidate
    assert done.params is candidate.params


def test_weights_are_cut_to_the_rows_of_the_fold():
    """Oracle: the fit and the weighted error written out."""
    evaluation = evaluate(
        Ridge(),
        scoring="neg_mean_squared_error",
        fit_params={"sample_weight": WEIGHT},
        score_params={"sample_weight": WEIGHT.tolist()},
        return_train_score=True,
    )
    for number, (train, test) in enumerate(FOLDS):
        model = Ridge().fit(X[train], Y[train], sample_weight=WEIGHT[train])
        fold = score_on_fold(evaluation, {}, number)
        for rows, scores in ((test, fold.test_scores), (train, fold.train_scores)):
            error = mean_squared_error(Y[rows], model.predict(X[rows]), sample_weight=WEIGHT[rows])
            assert scores == {"score": -error}


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
    (done,) = run(evaluate(SVR(kernel="precomputed"), X=K, scoring="r2"), {})
    expected = cross_val_score(SVR(kernel="precomputed"), K, Y, cv=SPLIT)
    assert list_scores(done) == expected.tolist()


def test_an_estimator_without_target_is_scored():
    """Oracle: cross_val_score."""
    model = KMeans(2, n_init=1, random_state=0)
    (done,) = run(replace(evaluate(model), y=None), {})
    assert list_scores(done) == cross_val_score(model, X, cv=SPLIT).tolist()


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
    assert done.folds[-1].test_scores == done.folds[-1].train_scores == {}
    assert np.isnan(done.score)
    assert done.residuals is None


def test_a_trial_that_failed_in_all_folds_has_no_metric_but_an_objective():
    evaluation = evaluate(Failing(), scoring=["r2", "neg_mean_squared_error"], objective="r2")
    (failed,) = run(evaluation, {"how": "fit"})
    (partly,) = run(evaluation, {"how": "late"})
    assert (failed.objective, partly.objective) == ("score", "r2")
    assert [list(fold.test_scores) for fold in partly.folds] == [
        ["r2", "neg_mean_squared_error"],
        [],
        [],
    ]


class Drawing(RegressorMixin, BaseEstimator):
    """Predicts its seed, or one of its part."""

    def __init__(self, random_state=None, part=None):
        self.random_state = random_state
        self.part = part

    def fit(self, X, y):
        return self

    def predict(self, X):
        seed = self.random_state if self.part is None else self.part.random_state
        return np.full(len(X), float(seed))


def test_the_scores_of_several_seeds_are_averaged():
    """Oracle: by hand; seeds 3, 4 and 5, of which the score is minus the error against 0."""
    evaluation = evaluate(Drawing(3), y=np.zeros(60), n_seeds=3, return_train_score=True)
    (done,) = run(evaluation, {})
    for fold in done.folds:
        assert fold.test_scores == fold.train_scores == {"score": -4.0}
        assert fold.seed_scores == ({"score": -3.0}, {"score": -4.0}, {"score": -5.0})
    assert done.variance == pytest.approx(np.var([3, 4, 5], ddof=1) / 3)
    assert done.outcome.variance == done.variance


def test_the_seeds_of_parts_move_on_and_what_is_no_int_stays():
    """Oracle: by hand; the last seed that an int may be is followed by 0."""
    shared = np.random.RandomState(0)
    estimator = reseed(Drawing(shared, part=Drawing(2**32 - 1, part=Drawing(None))), 1)
    assert estimator.random_state is shared
    assert estimator.part.random_state == 0
    assert estimator.part.part.random_state is None


@pytest.mark.parametrize("seed", [-1, 2**32 + 1, np.int64(3)])
def test_the_first_fit_has_the_seed_that_was_given(seed):
    """Oracle: the seed itself, also where it is none that scikit-learn allows: that is told so."""
    (done,) = run(evaluate(Drawing(seed), y=np.zeros(60)), {})
    assert done.score == -abs(seed)


def test_a_seed_that_fails_fails_the_fold():
    class FailingLater(Drawing):
        def fit(self, X, y):
            if self.random_state > 0:
                raise RuntimeError("no fit today")
            return self

    (failed,) = run(evaluate(FailingLater(0), n_seeds=3), {})
    assert failed.error == "fold 0: RuntimeError: no fit today"
    assert (failed.folds[0].test_scores, failed.folds[0].seed_scores) == ({}, ())
    assert failed.variance == 0.0


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_residuals_are_what_cross_validation_misses(n_jobs):
    """Oracle: a fit on each fold."""
    (done,) = run(evaluate(Ridge()), {"alpha": 0.1}, workers=make_workers(n_jobs))
    missed = [
        Y[test] - Ridge(alpha=0.1).fit(X[train], Y[train]).predict(X[test]) for train, test in FOLDS
    ]
    np.testing.assert_array_equal(done.residuals, np.concatenate(missed))
    assert done.without_residuals().residuals is None
    assert done.without_residuals() == done


def test_residuals_of_several_seeds_are_those_of_the_first():
    """Oracle: by hand; the first seed, 3, is predicted for targets of 0."""
    (done,) = run(evaluate(Drawing(3), y=np.zeros(60), n_seeds=2), {})
    assert done.residuals.tolist() == [-3.0] * 45


@pytest.mark.parametrize("how", ["fit", "predict"])
def test_error_score_raise_raises_the_exception_itself(how):
    with pytest.raises(RuntimeError, match="today"):
        run(evaluate(Failing(), error_score="raise"), {"how": how})


def test_a_wrong_parameter_is_no_failure_but_an_error():
    with pytest.raises(ValueError, match="Invalid parameter 'beta'"):
        run(evaluate(Ridge()), {"beta": 1.0})


@pytest.mark.parametrize("answer", ["good", {"a": "good"}, {}])
def test_a_scorer_that_gives_no_number_is_no_failure_but_an_error(answer):
    with pytest.raises(TypeError, match=r"scoring (must|returned)"):
        run(evaluate(Ridge(), scoring=lambda estimator, X, y: answer), {})


def test_times_are_the_seconds_of_fit_and_score():
    """Oracle: an estimator and a scorer that sleep; a failure has the time until it failed."""

    class Sleeping(Failing):
        def fit(self, X, y):
            sleep(0.05)
            return super().fit(X, y)

    def score(estimator, X, y):
        sleep(0.02)
        return 1.0

    evaluation = evaluate(Sleeping(), scoring=score)
    fold = score_on_fold(evaluation, {}, 0)
    assert fold.fit_time >= 0.05
    assert fold.score_time >= 0.02
    failed = score_on_fold(evaluation, {"how": "fit"}, 0)
    assert failed.fit_time >= 0.05
    assert failed.score_time == 0


def test_scorers_of_scikit_learn_work_as_they_are():
    """Oracle: the scorer on the fitted model."""
    train, test = FOLDS[0]
    expected = get_scorer("r2")(Ridge().fit(X[train], Y[train]), X[test], Y[test])
    fold = score_on_fold(evaluate(Ridge(), scoring="r2"), {}, 0)
    assert fold.test_scores == {"score": expected}


def fit_in_this_process(evaluation):
    return [score_on_fold(evaluation, {}, fold).in_new_process for fold in (0, 1)]


def test_the_first_fit_of_a_process_is_known():
    """Oracle: a fresh process."""
    with get_context("spawn").Pool(1) as pool:
        assert pool.apply(fit_in_this_process, [evaluate(Ridge())]) == [True, False]
