"""What a search is made of, small enough for quick tests: a cheap model, trials made by hand."""

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.parallel import Parallel
from skopt.learning import GaussianProcessRegressor
from skopt.learning.gaussian_process.kernels import Matern

from sklstm._nested.gap import find_gap
from sklstm._search.trials.retrying import RetryingWorkers
from sklstm._search.trials.rounds import run_trials
from sklstm._search.trials.scoring import ONE_METRIC, read_scoring
from sklstm._search.trials.trial import Candidate, Evaluation, FoldScore, Trial

# skopt's default model costs 0.1 s a fit, most of it to find the kernel's parameters.
CHEAP = {
    "base_estimator": GaussianProcessRegressor(
        1.0 * Matern(0.5, nu=2.5), alpha=1e-6, normalize_y=True, optimizer=None
    ),
    "acq_optimizer_kwargs": {"n_points": 200, "n_restarts_optimizer": 1},
}
ROWS = np.arange(12.0)[:, None]
# Training rows: 20, 40, 20. Two of the same number stay in the order of the folds.
UNEVEN = [(np.arange(20), [20]), (np.arange(40), [40]), (np.arange(10, 30), [30])]
# Training rows 0-3, 0-5 and 0-7, two test rows after each.
FOLDS = [(np.arange(n), np.arange(n, n + 2)) for n in (4, 6, 8)]


def draw_rows(n_rows):
    """Draw three columns and a target that is linear in them, but for noise; return the rng too."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_rows, 3))
    return X, X @ [1.0, -2.0, 0.5] + 0.3 * rng.normal(size=n_rows), rng


class Level(RegressorMixin, BaseEstimator):
    """Predicts one level everywhere; against targets of 0, its error is the level itself."""

    def __init__(self, level=0.5, other=None):
        self.level = level
        self.other = other

    def fit(self, X, y, **params):
        return self

    def predict(self, X):
        return np.full(len(X), float(self.level))


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


class Leading(RegressorMixin, BaseEstimator):
    """Needs a gap, as an estimator does whose targets lie some rows ahead."""

    def __init__(self, lead=3):
        self.lead = lead

    def needed_gap(self, X, y):
        return np.int64(self.lead * len(X) // 10)

    def fit(self, X, y):
        return self


class Book:
    """A log in memory."""

    def __init__(self, *trials):
        self.known = {(each.candidate.space, each.candidate.number): each for each in trials}
        self.appended = []

    def holds(self, candidate):
        return (candidate.space, candidate.number) in self.known

    def find(self, candidate):
        return self.known.get((candidate.space, candidate.number))

    def append(self, trial):
        self.appended.append(trial)


def evaluate(estimator=None, X=ROWS, y=None, folds=FOLDS, scoring=None, **changes):
    """Make an Evaluation; targets are 0 and the score is minus the RMSE unless told otherwise."""
    estimator = Level() if estimator is None else estimator
    read = read_scoring(estimator, scoring, changes.pop("objective", None), refit=True)
    settings = {"fit_params": {}, "score_params": {}, "error_score": np.nan}
    settings |= {"return_train_score": False, **changes}
    targets = np.zeros(len(X)) if y is None else y
    gap = find_gap(estimator, X, targets, settings["fit_params"])
    return Evaluation(estimator, X, targets, gap, folds, read, **settings)


def run(evaluation, *candidates, workers=None):
    """Run parameters as the candidates of one batch; return their trials."""
    candidates = [Candidate(params) for params in candidates]
    return list(run_trials(workers or make_workers(), evaluation, candidates))


def make_workers(n_jobs=None):
    """Open workers as the search does, in threads."""
    options = {"prefer": "threads", "batch_size": 1, "return_as": "generator"}
    return RetryingWorkers(lambda: Parallel(n_jobs, **options))


def make_trial(*scores, params=None, error=None, objective=ONE_METRIC, estimate=None, **candidate):
    """Make a trial by hand, a score for each fold: a number, a dict of metrics, or None if not run.

    Each fold took 1 s to fit and 0.5 s to score. Of an error all folds died.
    """
    folds = [_make_fold(score, error) for score in scores]
    return Trial(Candidate(params or {}, **candidate), tuple(folds), objective, estimate)


def _make_fold(score, error):
    if score is None:
        return None
    test_scores = score if isinstance(score, dict) else {ONE_METRIC: score}
    return FoldScore({} if error else test_scores, {}, 1.0, 0.5, error)
