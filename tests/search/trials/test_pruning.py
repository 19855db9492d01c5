"""When a candidate is not worth its next fold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklstm._search.trials.pruning import (
    LEAST_FOLDS,
    LEAST_TRIALS,
    MARGIN,
    Threshold,
    describe_rule,
    set_threshold,
)

NAN = np.nan
# The incumbent's mean is -3; on the last two folds others were better by 1 and by 2.
THRESHOLD = Threshold(np.array([-1.0, -2.0, -4.0, -5.0]), np.array([-1.0, -2.0, -3.0, -3.0]))


def test_the_threshold_is_the_best_trial_and_the_best_score_on_each_fold():
    """Oracle: by hand; the means are 2, 3 and 1."""
    threshold = set_threshold([np.array([1.0, 3.0]), np.array([2.0, 4.0]), np.array([-3.0, 5.0])])
    np.testing.assert_array_equal(threshold.incumbent, [2.0, 4.0])
    np.testing.assert_array_equal(threshold.best, [2.0, 5.0])


@pytest.mark.parametrize("n_trials", [0, 1])
def test_there_is_no_threshold_before_two_trials(n_trials):
    assert set_threshold([np.array([1.0, 3.0])] * n_trials) is None


@pytest.mark.parametrize(
    ("scores", "is_out"),
    [
        # One fold alone decides nothing.
        ([-99.0, NAN, NAN, NAN], False),
        # Two are left: with half of it on top, a lead of 4.5 is possible on them.
        ([-2.0, -5.5, NAN, NAN], False),
        ([-2.0, -5.51, NAN, NAN], True),
        # What was won on one fold counts on the others.
        ([9.0, -16.0, NAN, NAN], False),
        # The last one alone: a lead of 3.
        ([-1.0, -2.0, -7.0, NAN], False),
        ([-1.0, -2.0, -7.01, NAN], True),
        # Folds may run in any order: on the first two nobody was better than the incumbent.
        ([NAN, NAN, -4.0, -5.0], False),
        ([NAN, NAN, -4.0, -5.01], True),
        # Nothing is left to be spared.
        ([-99.0, -99.0, -99.0, -99.0], False),
        ([NAN, NAN, NAN, NAN], False),
    ],
)
def test_a_candidate_is_out_when_the_best_leads_would_not_bring_it_back(scores, is_out):
    """Oracle: by hand."""
    assert THRESHOLD.is_out_of_reach(np.array(scores)) is is_out


def test_the_estimate_is_the_incumbents_mean_and_the_mean_paired_difference():
    """Oracle: by hand; behind by 3 and by 1 on two of four folds, and the others count as 0."""
    assert THRESHOLD.estimate_mean(np.array([-4.0, NAN, -5.0, NAN])) == -3.0 - 1.0


scores = st.lists(st.floats(-1e6, 1e6, width=32), min_size=4, max_size=4)


@given(st.lists(scores, min_size=2, max_size=6), scores, st.integers(2, 3))
def test_who_is_out_would_not_have_won_with_the_best_scores_seen(trials, candidate, n_run):
    """Oracle: the candidate's mean, were each later fold the best that any trial had."""
    threshold = set_threshold(np.array(trials))
    run = np.where(np.arange(4) < n_run, candidate, NAN)
    if threshold.is_out_of_reach(run):
        hoped = np.where(np.isnan(run), np.max(trials, axis=0), run)
        assert np.mean(hoped) < max(np.mean(trial) for trial in trials) + 1e-6


@given(scores, scores, st.floats(0.5, 100), st.floats(-100, 100))
def test_unit_and_origin_of_the_scores_decide_nothing(one, other, unit, origin):
    """Oracle: the same scores in another unit; near the bound rounding decides."""
    trials, run = np.array([one, other]), np.array([one[1], other[0], NAN, NAN])
    threshold, moved = set_threshold(trials), set_threshold(unit * trials + origin)
    behind, lead = (
        np.sum((threshold.incumbent - run)[:2]),
        np.sum((threshold.best - threshold.incumbent)[2:]),
    )
    if abs(behind - (1 + MARGIN) * lead) > 1e-3 * (1 + np.abs(trials).max()):
        assert threshold.is_out_of_reach(run) is moved.is_out_of_reach(unit * run + origin)


def test_the_log_is_told_what_decides():
    rule = {"least_folds": LEAST_FOLDS, "least_trials": LEAST_TRIALS, "margin": MARGIN}
    assert describe_rule() == rule
