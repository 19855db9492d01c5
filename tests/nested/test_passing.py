"""How rows and targets pass in to a model."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from sklstm._nested.passing import pass_known, pass_rows, pass_targets

RNG = np.random.default_rng(0)
X = RNG.normal(1.0, 3.0, size=(40, 3))
Y = RNG.uniform(1.0, 5.0, size=(40, 2))
SCALED = (X - X.mean(axis=0)) / X.std(axis=0)
PIPELINE = Pipeline([("a", StandardScaler()), ("b", "passthrough"), ("c", None), ("d", Ridge())])
PIPELINE.fit(X, Y)


def test_rows_pass_the_steps_before_the_model_that_do_something():
    """Oracle: the scaler by hand; any other part leaves the rows as they are."""
    np.testing.assert_allclose(pass_rows(PIPELINE, X), SCALED)
    assert pass_rows(Ridge(), X) is X


def test_known_rows_keep_nan_and_their_index():
    """Oracle: the scaler by hand; StandardScaler returns an array, which has no index."""
    known = pd.DataFrame(X[:2].copy(), index=[40, 41])
    known.iloc[1, 0] = np.nan
    passed = pass_known(PIPELINE, known)
    np.testing.assert_allclose(passed.loc[40], SCALED[0])
    assert np.isnan(passed.loc[41, 0])


@pytest.mark.parametrize("n_outputs", [1, 2])
def test_targets_pass_the_transformation_of_fit(n_outputs):
    """Oracle: the scaler by hand; a single target stays one axis."""
    y = Y[:, 0] if n_outputs == 1 else Y
    model = TransformedTargetRegressor(Ridge(), transformer=StandardScaler()).fit(X, y)
    np.testing.assert_allclose(pass_targets(model, y), (y - y.mean(axis=0)) / y.std(axis=0))
    assert pass_targets(PIPELINE, y) is y
