"""Which candidate is the best."""

import numpy as np
import pytest
from small_search import make_trial

from sklstm._search.choice import choose_best
from sklstm._search.results import make_cv_results

TABLE = {
    "status": ["ok", "ok", "pruned"],
    "rank_test_score": np.array([2, 1, 3]),
    "rank_test_a": np.array([3, 2, 1]),
}


@pytest.mark.parametrize(
    ("refit", "row"), [(True, 1), (False, 1), ("a", 2), ("b", 1), (lambda results: np.int64(0), 0)]
)
def test_the_best_is_chosen_by_refit_or_else_by_the_objective(refit, row):
    """Oracle: the rows of rank 1, by hand; "b" is no metric of this table."""
    assert choose_best(TABLE, refit, "score") == row


def test_one_standard_error_chooses_the_quickest_that_is_as_good_as_the_best():
    """Oracle: by hand; behind the best by 1, 1, 1 and 3 on average.

    The standard errors of the mean difference, over three folds: 2 / sqrt(3) = 1.15 for
    (-1, 1, 3), 0 for (1, 1, 1), 1.15 again, and 3 for (9, 0, 0), which is not less than 3.
    """
    best = (5.0, 5.0, 5.0)
    near, far, slow, odd = (6.0, 4.0, 2.0), (4.0, 4.0, 4.0), (6.0, 4.0, 2.0), (-4.0, 5.0, 5.0)
    trials = [make_trial(*scores) for scores in (slow, best, near, far, odd, (9.0, None, None))]
    results = make_cv_results(trials, np.nan, return_train_score=False)
    results["mean_fit_time"] = np.array([7.0, 9.0, 3.0, 2.0, 1.0, 0.1])
    assert choose_best(results, "one_standard_error", "score") == 2
    results["mean_score_time"][2] = 9.0
    assert choose_best(results, "one_standard_error", "score") == 0
    results["mean_fit_time"][1] = 0.5
    assert choose_best(results, "one_standard_error", "score") == 1


@pytest.mark.parametrize("answer", [True, 1.0, None, "1"])
def test_a_refit_that_gives_no_row_number_is_an_error(answer):
    with pytest.raises(TypeError, match=r"must return a row number .* returned "):
        choose_best(TABLE, lambda results: answer, "score")


@pytest.mark.parametrize("answer", [-1, 3])
def test_a_refit_that_gives_a_row_outside_the_table_is_an_error(answer):
    with pytest.raises(IndexError, match=f"refit returned {answer}, .* rows 0 to 2"):
        choose_best(TABLE, lambda results: answer, "score")


def test_a_refit_that_gives_a_pruned_candidate_is_an_error():
    with pytest.raises(ValueError, match=r"returned 2, a candidate that was pruned.* pruning="):
        choose_best(TABLE, lambda results: 2, "score")
