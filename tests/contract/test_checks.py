"""scikit-learn's own checks of an estimator, on `LSTMRegressor`.

`test_baselines.py` and `test_search.py` hold the baselines and the search against them.
"""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklstm import LSTMRegressor

FORECASTER = LSTMRegressor()
PLAIN_REGRESSION = LSTMRegressor(window_length=1, horizon=0)
BANDS = LSTMRegressor(
    window_length=2, steps=2, quantiles=(0.1, 0.9), units=4, epochs=2, n_networks=1
)

WEIGHT_0_IS_HISTORY = {
    "check_sample_weight_equivalence_on_dense_data": "a row of weight 0 is not trained on, but "
    "still is history for later rows, and a row that stands twice is two rows of history",
}
ORDER_MATTERS = {
    "check_methods_sample_order_invariance": "rows are read in time order",
    "check_methods_subset_invariance": "a prediction reads the rows before its own",
}


def expected_failures(estimator):
    """What the order of rows makes impossible; docs/scikit_learn.md lists it too."""
    is_plain = estimator.window_length == 1 and estimator.horizon == 0
    return WEIGHT_0_IS_HISTORY if is_plain else WEIGHT_0_IS_HISTORY | ORDER_MATTERS


@pytest.mark.slow
# In the data of some checks y is a column of X, which plain regression is told.
@pytest.mark.filterwarnings("ignore:horizon=0 reads the row that is predicted")
@parametrize_with_checks(
    [FORECASTER, PLAIN_REGRESSION, BANDS], expected_failed_checks=expected_failures
)
def test_scikit_learns_checks_pass_but_for_what_the_order_of_rows_makes_impossible(
    estimator, check
):
    """Oracle: scikit-learn; an expected failure that passes is an error (xfail_strict)."""
    check(estimator)
