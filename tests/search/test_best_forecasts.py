"""What a search forecasts."""

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_forecasters import Bands
from small_search import draw_rows

import sklstm
from sklstm import BayesTimeSeriesSearchCV

X, Y, _ = draw_rows(60)
METHODS = ["predict_steps", "predict_quantiles", "predict_steps_quantiles", "forecast_quantiles"]
KNOWN = X[:3]


def make_search(model, **changes):
    target = TransformedTargetRegressor(model, transformer=StandardScaler())
    space = {"regressor__bands__level": [0.5]}
    return BayesTimeSeriesSearchCV(target, space, n_iter=1, cv=2, **changes)


def nest(**parameters):
    return make_pipeline(StandardScaler(), Bands(steps=3, level=0.5, **parameters))


@pytest.mark.parametrize("method", METHODS)
def test_each_method_is_there_only_where_the_model_has_it(method):
    """Oracle: by hand; all models have paths, and quantiles where they are set."""
    quantiles = make_search(nest(quantiles=(0.1, 0.9)))
    assert hasattr(quantiles, method)
    assert hasattr(make_search(nest()), method) is ("quantiles" not in method)
    assert not hasattr(make_search(nest(quantiles=(0.1,)), refit=False), method)
    with pytest.raises(NotFittedError):
        getattr(quantiles, method)(X)


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("predict_steps", (X, KNOWN)),
        ("predict_quantiles", (X,)),
        ("predict_steps_quantiles", (X, KNOWN)),
        ("forecast_quantiles", (X, KNOWN, 2)),
        ("forecast", (X, KNOWN, 2)),
    ],
)
def test_a_search_forecasts_as_its_best_estimator_does(method, arguments):
    """Oracle: the function of the same name, of the best estimator."""
    search = make_search(nest(quantiles=(0.1, 0.9))).fit(X, Y)
    expected = getattr(sklstm, method)(search.best_estimator_, *arguments)
    np.testing.assert_array_equal(getattr(search, method)(*arguments), expected)
    np.testing.assert_array_equal(getattr(sklstm, method)(search, *arguments), expected)
