"""scikit-learn's own checks of an estimator, on `LSTMRegressor`."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklstm import LSTMRegressor

EXPECTED_FAILURES = {
    "check_methods_sample_order_invariance": "rows are read in the order of time",
    "check_methods_subset_invariance": "a prediction reads the rows before its own",
    "check_sample_weight_equivalence_on_dense_data": "a row of weight 0 is not trained on, but "
    "still is history for later rows, and a row that stands twice is two rows of history",
}


@pytest.mark.slow
@parametrize_with_checks(
    [LSTMRegressor()], expected_failed_checks=lambda estimator: EXPECTED_FAILURES
)
def test_scikit_learns_checks_pass_but_for_what_the_order_of_rows_makes_impossible(
    estimator, check
):
    """Oracle: scikit-learn; an expected failure that passes is an error (xfail_strict)."""
    check(estimator)
