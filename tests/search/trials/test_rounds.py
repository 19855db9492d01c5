"""The candidates of a batch on their folds: rounds, order, and who is dropped."""

from time import sleep
from typing import ClassVar

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.utils.parallel import Parallel
from small_search import UNEVEN, Failing, Level, draw_rows, make_workers, run
from small_search import evaluate as evaluate_small

from sklstm._search.trials.pruning import Threshold
from sklstm._search.trials.retrying import RetryingWorkers
from sklstm._search.trials.rounds import run_trials
from sklstm._search.trials.trial import Candidate

X, Y, _ = draw_rows(60)
FOLDS = [(np.arange(n), np.arange(n, n + 15)) for n in (15, 30, 45)]


def evaluate(estimator, X=X, y=Y, folds=FOLDS, **changes):
    return evaluate_small(estimator, X, y, folds, **changes)


class Recording(Parallel):
    """Parallel that notes what it is given: each task's parameters, and the rows of its fold."""

    def __call__(self, tasks):
        tasks = list(tasks)
        self.noted = [
            (params, len(evaluation.folds[fold][0]))
            for _, (evaluation, params, fold, _), _ in tasks
        ]
        self.rounds = [*getattr(self, "rounds", []), [n for _, n in self.noted]]
        return super().__call__(tasks)


def test_fits_of_more_rows_are_dispatched_first():
    """Oracle: by hand."""
    parallel, a, b = Recording(return_as="generator"), {"alpha": 0.1}, {"alpha": 10.0}
    evaluation = evaluate(Ridge(), folds=UNEVEN, scoring="neg_mean_squared_error")
    run(evaluation, a, b, workers=RetryingWorkers(lambda: parallel))
    assert parallel.noted == [(a, 40), (b, 40), (a, 20), (a, 20), (b, 20), (b, 20)]


class Noting(Failing):
    """Notes each fit, with its parameter and its number of rows, in a list that all share."""

    events: ClassVar[list] = []

    def fit(self, X, y):
        self.events.append((self.how, len(X)))
        return self


@pytest.fixture
def events():
    Noting.events.clear()
    return Noting.events


def test_a_trial_is_yielded_as_soon_as_its_last_fold_is_done(events):
    """Oracle: by hand; the training folds have 15, 30 and 45 rows, the largest come first."""
    candidates = [Candidate({"how": "a"}), Candidate({"how": "b"})]
    for done in run_trials(make_workers(), evaluate(Noting()), candidates):
        events.append(done.params["how"])
    assert events == [("a", 45), ("b", 45), ("a", 30), ("b", 30), ("a", 15), "a", ("b", 15), "b"]


@pytest.mark.parametrize(("n_folds_done", "n_trials"), [(1, 0), (4, 0), (5, 1), (6, 2)])
def test_after_each_fold_it_is_asked_whether_it_is_over(events, n_folds_done, n_trials):
    """Oracle: by hand; of six folds the first candidate's last one is the fifth."""
    candidates = [Candidate({"how": "a"}), Candidate({"how": "b"})]
    answers = iter([False] * (n_folds_done - 1) + [True])
    trials = run_trials(make_workers(), evaluate(Noting()), candidates, lambda: next(answers))
    assert len(list(trials)) == n_trials
    assert len(events) == n_folds_done


def test_fits_side_by_side_that_are_left_are_cancelled_without_a_warning():
    """Oracle: an estimator that sleeps; in 0.3 s two threads would do 12 of the 40 fits more."""

    class Sleeping(Failing):
        def fit(self, X, y):
            sleep(0.05)
            noted.append(len(X))
            return self

    noted = []
    evaluation = evaluate(Sleeping(), folds=[FOLDS[0]] * 40)
    assert list(run_trials(make_workers(2), evaluation, [Candidate({})], lambda: True)) == []
    sleep(0.3)
    assert 0 < len(noted) < 8


def run_with_bar(*candidates, **changes):
    """Run levels on the folds UNEVEN; their score is minus the level, on the last rows a tenth."""

    def score(model, X, y):
        return -model.level * (0.1 if X[0, 0] == 40 else 1)

    workers = changes.pop("workers", None) or make_workers()
    rows = np.arange(60.0)[:, None]
    evaluation = evaluate(Level(), rows, np.zeros(60), UNEVEN, scoring=score, **changes)
    candidates = [Candidate({"level": level}) for level in candidates]
    return list(run_trials(workers, evaluation, candidates, threshold=THRESHOLD))


# Of the incumbent, level 1, and of another trial that was better on the fold of 40 rows by 1.
THRESHOLD = Threshold(np.array([-1.0, -0.1, -1.0]), np.array([-1.0, 0.9, -1.0]))


@pytest.mark.parametrize("n_jobs", [1, 2, 3])
def test_a_candidate_that_will_not_reach_the_bar_is_dropped(n_jobs):
    """Oracle: by hand; 1.5 may be made up for on the fold that runs last, the one of 40 rows."""
    hopeless, good, near = run_with_bar(1.76, 0.5, 1.74, workers=make_workers(n_jobs))
    assert [trial.status for trial in (hopeless, good, near)] == ["pruned", "ok", "ok"]
    assert (hopeless.folds[1], hopeless.error) == (None, None)
    assert hopeless.list_scores("score").tolist()[::2] == [-1.76, -1.76]
    assert np.isnan(hopeless.score)
    assert good.list_scores("score").tolist() == [-0.5, -0.05, -0.5]


def test_the_optimizer_is_told_the_incumbents_mean_and_the_mean_paired_difference():
    """Oracle: by hand; behind by 1 on both folds that ran, of three."""
    (dropped,) = run_with_bar(2.0)
    assert dropped.estimate == dropped.outcome.score == pytest.approx(-0.7 - 2 / 3)
    assert dropped.outcome.seconds == sum(
        fold.fit_time + fold.score_time for fold in (dropped.folds[0], dropped.folds[2])
    )


def test_with_a_bar_folds_run_in_rounds_the_shortest_first():
    """Oracle: by hand; the first two folds run in any case, the third of those that are left."""
    parallel = Recording(return_as="generator")
    run_with_bar(9.0, 0.5, workers=RetryingWorkers(lambda: parallel))
    assert parallel.noted == [({"level": 0.5}, 40)]
    assert parallel.rounds == [[20, 20, 20, 20], [40]]


def test_workers_that_would_be_idle_run_folds_ahead_which_do_not_count():
    """Oracle: by hand; one candidate, three workers."""
    parallel = Recording(3, prefer="threads", return_as="generator")
    (dropped,) = run_with_bar(9.0, workers=RetryingWorkers(lambda: parallel))
    assert parallel.rounds == [[40, 20, 20]]
    assert (dropped.status, dropped.folds[1]) == ("pruned", None)


def test_a_candidate_that_failed_is_spared_the_other_folds():
    """Oracle: by hand; it fails on the shortest folds, of 20 rows, which run together."""
    evaluation = evaluate(Failing(), folds=UNEVEN, error_score=0.0)
    (failed,) = run_trials(
        make_workers(), evaluation, [Candidate({"how": "fit"})], threshold=THRESHOLD
    )
    assert (failed.status, failed.error) == ("failed", "fold 0: RuntimeError: no fit today")
    assert failed.folds[1:] == (None, None)
