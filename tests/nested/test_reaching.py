"""The way in to the model that has a method."""

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.feature_selection import RFE
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from small_forecasters import Bands, Last

from sklstm import BayesTimeSeriesSearchCV, LastValueRegressor
from sklstm._nested.reaching import can_reach, count_steps, list_levels, reach

RNG = np.random.default_rng(0)
X = RNG.normal(1.0, 3.0, size=(40, 3))
Y = RNG.uniform(1.0, 5.0, size=40)


@pytest.mark.parametrize(
    ("estimator", "answer"),
    [
        (Last(), True),
        (Ridge(), False),
        (make_pipeline(StandardScaler(), Last()), True),
        (make_pipeline(StandardScaler(), Ridge()), False),
        (make_pipeline(Last(), Ridge()), False),
        (Pipeline([("a", StandardScaler()), ("b", "passthrough")]), False),
        (TransformedTargetRegressor(Last()), True),
        (TransformedTargetRegressor(Ridge()), False),
        (TransformedTargetRegressor(), False),
        (TransformedTargetRegressor(make_pipeline(StandardScaler(), Last())), True),
        (make_pipeline(StandardScaler(), TransformedTargetRegressor(Last())), True),
    ],
    ids=str,
)
def test_it_can_forecast_if_the_model_inside_can(estimator, answer):
    """Oracle: by hand."""
    assert can_reach(estimator, "forecast") is answer


def test_the_fitted_model_decides_whether_it_can_forecast():
    """Oracle: by hand; regressor_ is what was fitted, regressor what is to be fitted next."""
    target = TransformedTargetRegressor(Last()).fit(X, Y)
    assert can_reach(target.set_params(regressor=Ridge()), "forecast")


def test_nothing_is_handed_on_through_what_chooses_columns():
    """Oracle: by hand: RFE's model has seen one of three columns."""
    model = RFE(Ridge(), n_features_to_select=1).fit(X, Y)
    model.estimator_ = Last().fit(X[:, :1], Y)
    assert not can_reach(model, "forecast")


@pytest.mark.parametrize("wrap", [FrozenEstimator, make_pipeline, TransformedTargetRegressor])
def test_quantiles_are_reached_only_where_the_model_is_set_to_make_them(wrap):
    """Oracle: by hand; the method is there where `quantiles` is set."""
    for quantiles, answer in [(None, False), ((0.1, 0.9), True)]:
        model = wrap(Bands(quantiles=quantiles).fit(X, Y))
        assert can_reach(model, "predict_quantiles") is answer


def test_the_way_lists_each_part_that_rows_pass():
    """Oracle: by hand, from the outside in."""
    pipeline = make_pipeline(StandardScaler(), GridSearchCV(Last(), {}, cv=2)).fit(X, Y)
    search = pipeline[-1]
    assert reach(pipeline, "forecast") == [pipeline, search, search.best_estimator_]


def test_a_model_without_quantiles_is_refused_with_the_way_out():
    """Oracle: by hand."""
    model = make_pipeline(StandardScaler(), Bands()).fit(X, Y)
    with pytest.raises(
        ValueError, match=r"no predict_quantiles.*such as LSTMRegressor\(quantiles=\(0.1, 0.9\)\)"
    ):
        reach(model, "predict_quantiles")


@pytest.mark.parametrize(
    ("estimator", "steps"),
    [
        (Bands(steps=4), 4),
        (Bands(), 1),
        (Ridge(), 1),
        (make_pipeline(StandardScaler(), Ridge()), 1),
        (make_pipeline(StandardScaler(), Bands(steps=4)), 4),
        (TransformedTargetRegressor(GridSearchCV(Bands(steps=4), {}, cv=2)), 4),
        (BayesTimeSeriesSearchCV(make_pipeline(Bands(steps=4)), {}), 4),
        (RFE(Bands(steps=4)), 1),
    ],
    ids=str,
)
def test_the_steps_of_the_model_inside_are_counted(estimator, steps):
    """Oracle: by hand; the `steps` of a Pipeline are something else."""
    assert count_steps(estimator) == steps


def test_the_levels_of_the_model_inside_are_listed():
    """Oracle: by hand; a model without quantiles has none."""
    X = np.arange(40.0)[:, None]
    model = make_pipeline(StandardScaler(), Bands(quantiles=(0.9, 0.2))).fit(X, X[:, 0])
    assert list_levels(model) == [0.2, 0.5, 0.9]
    assert list_levels(Bands().fit(X, X[:, 0])) == []
    assert list_levels(LastValueRegressor().fit(X, X[:, 0])) == []
