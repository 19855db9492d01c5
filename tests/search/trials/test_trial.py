"""One candidate over its folds."""

import numpy as np
import pytest
from small_search import make_trial

from sklstm._search.trials.trial import Candidate, FoldScore, Outcome, Trial


@pytest.mark.parametrize("score", [np.nan, np.inf, -np.inf])
def test_a_score_that_is_not_finite_is_a_failure(score):
    failed = make_trial(1.0, score)
    assert (failed.status, failed.error) == ("failed", f"fold 1: the score is {score}")


def test_the_optimizer_is_told_the_estimate_of_a_pruned_trial():
    """Oracle: by hand; the means of two seeds over both folds that ran are 2 and 4."""
    fold = FoldScore({"score": 3.0}, {}, 1.0, 0.5, None, ({"score": 2.0}, {"score": 4.0}))
    trial = Trial(Candidate({}), (fold, None, fold), estimate=2.5)
    assert trial.status == "pruned"
    assert trial.outcome == Outcome(2.5, 3.0, 1.0)


def test_only_the_objective_decides_whether_a_trial_failed():
    trial = make_trial({"a": 1.0, "b": np.nan}, objective="a")
    assert (trial.status, trial.score) == ("ok", 1.0)
    assert np.isnan(trial.mean("b"))
    assert np.isnan(trial.mean("c"))


def test_the_seconds_of_a_trial_are_those_of_all_its_folds():
    """Oracle: by hand; make_trial gives each fold 1 s of fitting and 0.5 s of scoring."""
    assert make_trial(1.0, 2.0, 3.0).seconds == 4.5


def test_the_variance_is_that_of_the_mean_of_the_folds_that_ran():
    """Oracle: by hand; the means of two seeds over both folds are 2 and 4."""
    folds = [
        FoldScore({"score": 2.0}, {}, 1.0, 0.0, None, ({"score": 1.0}, {"score": 3.0})),
        None,
        FoldScore({"score": 4.0}, {}, 1.0, 0.0, None, ({"score": 3.0}, {"score": 5.0})),
    ]
    assert Trial(Candidate({}), tuple(folds)).variance == 2.0 / 2
    assert make_trial(1.0, 2.0).variance == 0.0


def test_residuals_of_a_trial_are_unknown_if_those_of_a_fold_are():
    known, unknown = FoldScore({}, {}, 0, 0, residuals=np.ones(2)), FoldScore({}, {}, 0, 0)
    assert Trial(Candidate({}), (known, known)).residuals.tolist() == [1.0] * 4
    for folds in [(known, unknown), (known, None)]:
        assert Trial(Candidate({}), folds).residuals is None
