"""Forecasting, and moving the history on, through what stands around a model."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.compose import TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from sklstm.forecasting import can_forecast, forecast_with, update_with

RNG = np.random.default_rng(0)
X = RNG.normal(1.0, 3.0, size=(40, 3))
Y = RNG.uniform(1.0, 5.0, size=40)
SCALED = (X - X.mean(axis=0)) / X.std(axis=0)


class Last(RegressorMixin, BaseEstimator):
    """Forecasts the first column of the last row, plus that of the known rows where it is known."""

    def __init__(self, offset=0.0, n_outputs=1):
        self.offset = offset
        self.n_outputs = n_outputs

    def fit(self, X, y):
        self.last_ = np.asarray(X)[-1]
        return self

    def update(self, X, y=None):
        self.updated_ = np.asarray(X), y
        return self

    def predict(self, X):
        return np.zeros(len(X))

    def forecast(self, X=None, known=None):
        last = self.last_ if X is None else np.asarray(X)[-1]
        rows = last if known is None else last + np.nan_to_num(np.asarray(known))
        forecast = np.atleast_2d(rows)[:, :1] + self.offset
        return forecast[:, 0] if self.n_outputs == 1 else forecast + np.arange(self.n_outputs)


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
    assert can_forecast(estimator) is answer


def test_the_fitted_model_decides_whether_it_can_forecast():
    """Oracle: by hand; regressor_ is what was fitted, regressor what is to be fitted next."""
    target = TransformedTargetRegressor(Last()).fit(X, Y)
    assert can_forecast(target.set_params(regressor=Ridge()))


def test_a_model_forecasts_itself():
    """Oracle: by hand."""
    model = Last(offset=2.0).fit(X, Y)
    assert forecast_with(model, None, None).tolist() == [X[-1, 0] + 2]
    assert forecast_with(model, X[:5], X[5:7]).tolist() == [X[4, 0] + x + 2 for x in X[5:7, 0]]


@pytest.mark.parametrize("nothing", ["passthrough", None])
def test_rows_go_through_the_steps_before_the_model(nothing):
    """Oracle: the scaler by hand. Where the training rows are meant, the model has them already."""
    steps = [("scaler", StandardScaler()), ("nothing", nothing), ("model", Last(offset=3.0))]
    pipeline = Pipeline(steps).fit(X, Y)
    np.testing.assert_allclose(forecast_with(pipeline, None, None), [SCALED[-1, 0] + 3])
    np.testing.assert_allclose(forecast_with(pipeline, X[:7], None), [SCALED[6, 0] + 3])


def test_known_rows_go_the_same_way():
    """Oracle: the scaler by hand; NaN passes through it, and the model makes it 0."""
    pipeline = make_pipeline(StandardScaler(), Last()).fit(X, Y)
    known = X[:2].copy()
    known[1, 0] = np.nan
    expected = [SCALED[6, 0] + SCALED[0, 0], SCALED[6, 0]]
    np.testing.assert_allclose(forecast_with(pipeline, X[:7], known), expected)


def test_the_targets_transformation_is_undone():
    """Oracle: exp of the forecast in logarithms."""
    model = make_pipeline(StandardScaler(), Last(offset=0.5))
    target = TransformedTargetRegressor(model, func=np.log, inverse_func=np.exp).fit(X, Y)
    np.testing.assert_allclose(forecast_with(target, None, None), np.exp([SCALED[-1, 0] + 0.5]))


def test_several_targets_come_back_in_their_own_units():
    """Oracle: the scaler by hand; two rows, two targets."""
    targets = np.column_stack([Y, 10 * Y])
    target = TransformedTargetRegressor(Last(n_outputs=2), transformer=StandardScaler())
    forecast = forecast_with(target.fit(X, targets), X[:1], np.zeros((2, 3)))
    scaled = X[0, 0] + np.array([[0, 1], [0, 1]])
    np.testing.assert_allclose(forecast, targets.mean(axis=0) + scaled * targets.std(axis=0))


def test_a_transformed_target_may_stand_inside_a_pipeline():
    """Oracle: the scaler and exp by hand."""
    target = TransformedTargetRegressor(Last(), func=np.log, inverse_func=np.exp)
    pipeline = make_pipeline(StandardScaler(), target).fit(X, Y)
    np.testing.assert_allclose(forecast_with(pipeline, X[:3], None), np.exp([SCALED[2, 0]]))


@pytest.mark.parametrize("kind", [np.asarray, pd.DataFrame], ids=lambda kind: kind.__name__)
def test_a_step_that_refuses_nan_in_known_is_named(kind):
    pipeline = make_pipeline(StandardScaler(), PCA(2), Last()).fit(kind(X), Y)
    with pytest.raises(ValueError, match=r"step 'pca' \(PCA\) does not take `known`, .*NaN"):
        forecast_with(pipeline, kind(X), kind(np.full((1, 3), np.nan)))


def test_another_error_of_a_step_stays_as_it_is():
    pipeline = make_pipeline(StandardScaler(), Last()).fit(X, Y)
    with pytest.raises(ValueError, match="features") as error:
        forecast_with(pipeline, X, np.zeros((1, 2)))
    assert "`known`" not in str(error.value)


def test_a_model_may_forecast_without_known_rows():
    """Oracle: by hand; the baselines' forecast takes no `known`."""

    class Plain(Last):
        def forecast(self, X=None):
            return super().forecast(X)

    assert forecast_with(Plain().fit(X, Y), None, None).tolist() == [X[-1, 0]]


def test_newer_rows_reach_the_model_as_its_training_rows_did():
    """Oracle: the scaler and the logarithm by hand, with a search around the model too."""
    search = GridSearchCV(make_pipeline(StandardScaler(), Last()), {"last__offset": [0.0]}, cv=2)
    target = TransformedTargetRegressor(search, func=np.log, inverse_func=np.exp).fit(X, Y)
    update_with(target, X[:7], Y[:7])
    rows, y = target.regressor_.best_estimator_[-1].updated_
    np.testing.assert_allclose(rows, SCALED[:7])
    np.testing.assert_allclose(y, np.log(Y[:7]))


def test_several_targets_reach_the_model_in_its_units():
    """Oracle: the scaler by hand."""
    targets = np.column_stack([Y, 10 * Y])
    target = TransformedTargetRegressor(Last(n_outputs=2), transformer=StandardScaler())
    target.fit(X, targets)
    update_with(target, X[:7], targets[:7])
    expected = (targets[:7] - targets.mean(axis=0)) / targets.std(axis=0)
    np.testing.assert_allclose(target.regressor_.updated_[1], expected)


def test_a_model_without_history_stays_as_it_is():
    """Oracle: its attributes."""
    pipeline = make_pipeline(StandardScaler(), Ridge()).fit(X, Y)
    before = vars(pipeline[-1]).copy()
    update_with(pipeline, X, Y)
    assert vars(pipeline[-1]) == before
