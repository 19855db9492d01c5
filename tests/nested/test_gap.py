"""How many rows must lie between training and test rows."""

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_search import Leading

from sklstm._nested.gap import Gap, find_gap, find_needed_gap

# A column of which y is the value two rows later.
SERIES = np.random.default_rng(0).normal(size=14)
LATER_X, LATER_Y = SERIES[:12, None], SERIES[2:]


@pytest.mark.parametrize(
    ("estimator", "gap"),
    [
        (Leading(), 3),
        (make_pipeline(StandardScaler(), Leading()), 3),
        (TransformedTargetRegressor(make_pipeline(Leading(2), Leading(5))), 5),
        (StandardScaler(), 0),
        (Leading(0), 0),
    ],
    ids=str,
)
def test_the_gap_is_the_largest_that_any_part_needs(estimator, gap):
    """Oracle: by hand, for ten rows."""
    assert find_needed_gap(estimator, np.zeros((10, 1)), np.zeros(10)) == gap


@pytest.mark.parametrize(
    ("X", "y", "gap"),
    [
        (LATER_X, LATER_Y, 2),
        (pd.DataFrame({"text": ["a"] * 12, "x": SERIES[:12]}), LATER_Y, 2),
        (LATER_X, np.column_stack([LATER_Y, SERIES[1:13]]), 2),
        (LATER_X, SERIES[:12], 0),
        (LATER_X, np.random.default_rng(1).normal(size=12), 0),
        (np.where(SERIES[3] == LATER_X, np.nan, LATER_X), LATER_Y, 0),
        ([["a"], ["b"]] * 6, LATER_Y, 0),
        (LATER_X, None, 0),
    ],
    ids=["later", "table", "two targets", "same row", "chance", "NaN", "texts", "no target"],
)
def test_of_other_regressors_the_target_is_looked_for_among_later_rows(X, y, gap):
    """Oracle: by hand, how the data were made."""
    assert find_needed_gap(make_pipeline(StandardScaler(), Ridge()), X, y) == gap


@pytest.mark.parametrize("estimator", [LogisticRegression(), KMeans()])
def test_of_others_than_regressors_no_target_is_looked_for(estimator):
    assert find_needed_gap(estimator, LATER_X, LATER_Y) == 0


def test_a_gap_that_was_found_by_values_alone_is_not_certain():
    """Oracle: by hand; who says so itself is sure, a column may agree with y by chance."""
    assert find_gap(Leading(0), LATER_X, LATER_Y) == Gap(0, is_certain=True)
    assert find_gap(Ridge(), LATER_X, LATER_Y) == Gap(2, is_certain=False)
