"""Estimators that could copy the target from its own row."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklstm import LastValueRegressor, LSTMRegressor
from sklstm._nested.own_row import describe_own_row

RNG = np.random.default_rng(0)
X = pd.DataFrame({"day": list("ab") * 20, "close": RNG.normal(size=40), "n": RNG.normal(size=40)})
CLOSE = X["close"].to_numpy()


@pytest.mark.parametrize(
    ("estimator", "y", "is_warned_of"),
    [
        (Ridge(), CLOSE, True),
        (Ridge(), 3 - 2 * CLOSE, True),
        (make_pipeline(StandardScaler(), Ridge()), CLOSE, True),
        (Ridge(), np.column_stack([X["n"] ** 2, CLOSE]), True),
        (Ridge(), CLOSE + 1e-2 * RNG.normal(size=40), False),
        (Ridge(), np.roll(CLOSE, 1), False),
        (Ridge(), None, False),
        (Ridge(), list("xy") * 20, False),
        (LogisticRegression(), CLOSE > 0, False),
        (LSTMRegressor(), CLOSE, False),
        (make_pipeline(StandardScaler(), LastValueRegressor()), CLOSE, False),
    ],
)
def test_a_regressor_that_is_no_forecaster_is_told_of_the_column_that_y_is(
    estimator, y, is_warned_of
):
    """Oracle: by hand."""
    text = describe_own_row(estimator, X, y)
    assert (text is not None) == is_warned_of
    if is_warned_of:
        assert "column 'close' of X in the same row" in text
        assert "X.shift(1)" in text


def test_columns_known_in_advance_and_rows_without_weight_are_passed_over():
    """Oracle: by hand."""
    assert describe_own_row(Ridge(), X, CLOSE, known_columns="close") is None
    assert describe_own_row(Ridge(), X, CLOSE, known_columns=["n"]) is not None
    wrong = np.where(np.arange(40) == 7, 1e6, CLOSE)
    weight = {"sample_weight": (np.arange(40) != 7).astype(float)}
    assert describe_own_row(Ridge(), X, wrong) is None
    assert describe_own_row(Ridge(), X, wrong, fit_params=weight) is not None
    part = {"ridge__sample_weight": weight["sample_weight"]}
    assert describe_own_row(make_pipeline(Ridge()), X[["close"]], wrong, fit_params=part)
