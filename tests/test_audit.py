"""What leaks."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklstm.audit import find_needed_gap, refuse_future_training


class Leading(BaseEstimator):
    """Needs a gap, as an estimator does whose targets lie some rows ahead."""

    def __init__(self, lead=3):
        self.lead = lead

    def needed_gap(self, X, y):
        return np.int64(self.lead * len(X) // 10)


@pytest.mark.parametrize(
    ("estimator", "gap"),
    [
        (Leading(), 3),
        (make_pipeline(StandardScaler(), Leading()), 3),
        (TransformedTargetRegressor(make_pipeline(Leading(2), Leading(5))), 5),
        (StandardScaler(), 0),
    ],
)
def test_the_gap_is_the_largest_that_any_part_needs(estimator, gap):
    """Oracle: by hand, for ten rows."""
    assert find_needed_gap(estimator, np.zeros((10, 1)), np.zeros(10)) == gap


def test_a_fold_that_trains_on_the_future_is_named():
    """Oracle: by hand."""
    past = (np.arange(5), np.arange(5, 8))
    refuse_future_training([past])
    with pytest.raises(ValueError, match=r"Fold 1 of cv trains on row 9, .* first test row 2:"):
        refuse_future_training([past, (np.array([9, 0]), np.array([2, 3]))])


def test_training_on_the_first_test_row_itself_is_refused():
    with pytest.raises(ValueError, match="Fold 0"):
        refuse_future_training([(np.arange(6), np.arange(5, 8))])
