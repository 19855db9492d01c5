"""Forecasting, and moving the history on, through what stands around a model."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from skopt import BayesSearchCV
from small_forecasters import Bands, Last

from sklstm import BayesTimeSeriesSearchCV, ConformalRegressor, LastValueRegressor
from sklstm._nested.forecasting import (
    forecast,
    forecast_quantiles,
    predict_quantiles,
    predict_steps,
    predict_steps_quantiles,
    update,
)
from sklstm._nested.reaching import can_reach

RNG = np.random.default_rng(0)
X = RNG.normal(1.0, 3.0, size=(40, 3))
Y = RNG.uniform(1.0, 5.0, size=40)
SCALED = (X - X.mean(axis=0)) / X.std(axis=0)


class Told(Bands):
    """Takes nothing but rows."""

    def predict_steps(self, X):
        return super().predict_steps(X)

    def predict_steps_quantiles(self, X):
        return self._find_paths(X)

    def forecast_quantiles(self, X=None):
        return self._find_ahead(X, None, None)


def test_a_model_forecasts_itself():
    """Oracle: by hand."""
    model = Last(offset=2.0).fit(X, Y)
    assert forecast(model).tolist() == [X[-1, 0] + 2]
    assert forecast(model, X[:5], X[5:7]).tolist() == [X[4, 0] + x + 2 for x in X[5:7, 0]]


@pytest.mark.parametrize("nothing", ["passthrough", None])
def test_rows_go_through_the_steps_before_the_model(nothing):
    """Oracle: the scaler by hand. Where the training rows are meant, the model has them already."""
    steps = [("scaler", StandardScaler()), ("nothing", nothing), ("model", Last(offset=3.0))]
    pipeline = Pipeline(steps).fit(X, Y)
    np.testing.assert_allclose(forecast(pipeline), [SCALED[-1, 0] + 3])
    np.testing.assert_allclose(forecast(pipeline, X[:7], None), [SCALED[6, 0] + 3])


def test_known_rows_go_the_same_way():
    """Oracle: the scaler by hand; NaN passes through it, and the model makes it 0."""
    pipeline = make_pipeline(StandardScaler(), Last()).fit(X, Y)
    known = X[:2].copy()
    known[1, 0] = np.nan
    expected = [SCALED[6, 0] + SCALED[0, 0], SCALED[6, 0]]
    np.testing.assert_allclose(forecast(pipeline, X[:7], known), expected)


def test_the_targets_transformation_is_undone():
    """Oracle: exp of the forecast in logarithms."""
    model = make_pipeline(StandardScaler(), Last(offset=0.5))
    target = TransformedTargetRegressor(model, func=np.log, inverse_func=np.exp).fit(X, Y)
    np.testing.assert_allclose(forecast(target), np.exp([SCALED[-1, 0] + 0.5]))


def test_several_targets_come_back_in_their_own_units():
    """Oracle: the scaler by hand; two rows, two targets."""
    targets = np.column_stack([Y, 10 * Y])
    target = TransformedTargetRegressor(Last(n_outputs=2), transformer=StandardScaler())
    actual = forecast(target.fit(X, targets), X[:1], np.zeros((2, 3)))
    scaled = X[0, 0] + np.array([[0, 1], [0, 1]])
    np.testing.assert_allclose(actual, targets.mean(axis=0) + scaled * targets.std(axis=0))


def test_a_transformed_target_may_stand_inside_a_pipeline():
    """Oracle: the scaler and exp by hand."""
    target = TransformedTargetRegressor(Last(), func=np.log, inverse_func=np.exp)
    pipeline = make_pipeline(StandardScaler(), target).fit(X, Y)
    np.testing.assert_allclose(forecast(pipeline, X[:3], None), np.exp([SCALED[2, 0]]))


@pytest.mark.parametrize("kind", [np.asarray, pd.DataFrame], ids=lambda kind: kind.__name__)
def test_a_step_that_refuses_nan_in_known_is_named(kind):
    pipeline = make_pipeline(StandardScaler(), PCA(2), Last()).fit(kind(X), Y)
    with pytest.raises(ValueError, match=r"step 'pca' \(PCA\) cannot transform `known`, .*NaN"):
        forecast(pipeline, kind(X), kind(np.full((1, 3), np.nan)))


def test_another_error_of_a_step_stays_as_it_is():
    pipeline = make_pipeline(StandardScaler(), Last()).fit(X, Y)
    with pytest.raises(ValueError, match="features") as error:
        forecast(pipeline, X, np.zeros((1, 2)))
    assert "`known`" not in str(error.value)


def test_a_model_may_forecast_without_known_rows():
    """Oracle: by hand; the baselines' forecast takes no `known`."""

    class Plain(Last):
        def forecast(self, X=None):
            return super().forecast(X)

    assert forecast(Plain().fit(X, Y)).tolist() == [X[-1, 0]]


def test_newer_rows_reach_the_model_as_its_training_rows_did():
    """Oracle: the scaler and the logarithm by hand, with a search around the model too."""
    search = GridSearchCV(make_pipeline(StandardScaler(), Last()), {"last__offset": [0.0]}, cv=2)
    target = TransformedTargetRegressor(search, func=np.log, inverse_func=np.exp).fit(X, Y)
    update(target, X[:7], Y[:7])
    rows, y = target.regressor_.best_estimator_[-1].updated_
    np.testing.assert_allclose(rows, SCALED[:7])
    np.testing.assert_allclose(y, np.log(Y[:7]))


def test_several_targets_reach_the_model_in_its_units():
    """Oracle: the scaler by hand."""
    targets = np.column_stack([Y, 10 * Y])
    target = TransformedTargetRegressor(Last(n_outputs=2), transformer=StandardScaler())
    target.fit(X, targets)
    update(target, X[:7], targets[:7])
    expected = (targets[:7] - targets.mean(axis=0)) / targets.std(axis=0)
    np.testing.assert_allclose(target.regressor_.updated_[1], expected)


def test_the_model_is_asked_for_as_many_rows_as_wanted():
    """Oracle: the model itself, on rows scaled by hand."""
    pipeline = make_pipeline(StandardScaler(), Bands(steps=4, quantiles=(0.1,))).fit(X, Y)
    for ask in (forecast, forecast_quantiles):
        by_hand = getattr(pipeline[-1], ask.__name__)
        np.testing.assert_allclose(ask(pipeline, X[:7], n_rows=2), by_hand(SCALED[:7], n_rows=2))
        assert len(ask(pipeline)) == 4


@pytest.mark.parametrize(
    "ask", [predict_steps, predict_quantiles, predict_steps_quantiles], ids=lambda f: f.__name__
)
def test_each_function_asks_for_what_it_is_called(ask):
    """Oracle: the method of the model, on rows scaled by hand."""
    pipeline = make_pipeline(StandardScaler(), Bands(steps=3, quantiles=(0.1,))).fit(X, Y)
    np.testing.assert_allclose(ask(pipeline, X), getattr(pipeline[-1], ask.__name__)(SCALED))


# Every nest

WRAPPERS = {
    "pipeline": lambda inner: make_pipeline(StandardScaler(), "passthrough", inner),
    "functions": lambda inner: TransformedTargetRegressor(
        inner, func=np.arcsinh, inverse_func=np.sinh
    ),
    "transformer": lambda inner: TransformedTargetRegressor(inner, transformer=StandardScaler()),
    "grid": lambda inner: GridSearchCV(inner, {}, cv=2),
    "random": lambda inner: RandomizedSearchCV(inner, {}, n_iter=1, cv=2),
    "bayes": lambda inner: BayesTimeSeriesSearchCV(
        inner, {name_horizon(inner): [1]}, n_iter=1, cv=2
    ),
    "frozen": FrozenEstimator,
    "intervals": lambda inner: ConformalRegressor(inner),
}


def name_horizon(estimator):
    return next(name for name in estimator.get_params() if name.split("__")[-1] == "horizon")


@given(
    nest=st.lists(st.sampled_from([name for name in WRAPPERS if name != "frozen"]), max_size=3),
    n_outputs=st.sampled_from([None, 1, 2]),
)
@settings(max_examples=60)
def test_the_last_value_is_forecast_through_any_nest(nest, n_outputs):
    """Oracle: the last targets themselves, of fit and of update, in the shape that predict gives.

    The nest is listed from the inside out.
    """
    model = LastValueRegressor()
    for name in nest:
        model = WRAPPERS[name](model)
    y = Y if n_outputs is None else np.column_stack([Y, 10 * Y][:n_outputs])
    model.fit(X[:30], y[:30])
    np.testing.assert_allclose(forecast(model), y[29:30], rtol=1e-9)
    assert forecast(model).shape == model.predict(X[:1]).shape
    assert update(model, X[30:], y[30:]) is model
    np.testing.assert_allclose(forecast(model), y[39:], rtol=1e-9)


@pytest.mark.parametrize("name", WRAPPERS)
def test_the_model_itself_forecasts_through_each_wrapper(name):
    """Oracle: what predict says of one more row, which that prediction does not read."""
    model = Last(offset=0.5)
    if name == "bayes":
        model = BayesTimeSeriesSearchCV(model, {"offset": [0.5]}, n_iter=1, cv=2)
    elif name == "frozen":
        model = FrozenEstimator(model.fit(X, Y))
    else:
        model = WRAPPERS[name](model)
    assert can_reach(model, "forecast")
    model.fit(X, Y)
    assert forecast(model, X).shape == (1,)
    assert np.isfinite(forecast(model, X, X[:1])).all()


@pytest.mark.parametrize("name", ["pipeline", "functions", "grid", "intervals"])
def test_a_frozen_nest_forecasts_as_before(name):
    """Oracle: the last target itself."""
    model = make_pipeline(StandardScaler(), FrozenEstimator(WRAPPERS[name](LastValueRegressor())))
    model.steps[-1][1].estimator.fit(X, Y)
    np.testing.assert_allclose(forecast(model.fit(X, Y)), Y[-1:])


def test_a_search_of_scikit_optimize_forecasts_too():
    """Oracle: by hand."""
    search = BayesSearchCV(Last(), {"offset": [2.0]}, n_iter=1, cv=2).fit(X, Y)
    assert forecast(search).tolist() == [X[-1, 0] + 2]


def test_a_transformer_may_change_the_number_of_targets():
    """Oracle: a component of two equal outputs, and back."""
    targets = np.column_stack([Y, 10 * Y])
    model = TransformedTargetRegressor(
        LastValueRegressor(), transformer=PCA(1), check_inverse=False
    )
    model.fit(X, targets)
    np.testing.assert_allclose(forecast(model), targets[-1:])
    np.testing.assert_allclose(forecast(update(model, X[:7], targets[:7])), targets[6:7])


# Errors

NESTED = make_pipeline(StandardScaler(), TransformedTargetRegressor(GridSearchCV(Last(), {}, cv=2)))


@pytest.mark.parametrize(
    "call", [forecast, lambda model: update(model, X)], ids=["forecast", "update"]
)
@pytest.mark.parametrize("model", [Last(), NESTED, ConformalRegressor(Last())], ids=str)
def test_what_is_not_fitted_says_so(call, model):
    with pytest.raises(NotFittedError):
        call(clone(model))


@pytest.mark.parametrize(
    "model",
    [Ridge(), make_pipeline(StandardScaler(), Ridge()), GridSearchCV(Ridge(), {}, cv=2)],
    ids=str,
)
def test_a_model_without_forecast_or_update_is_refused_with_the_way_out(model):
    model.fit(X, Y)
    with pytest.raises(ValueError, match=r"has no forecast.*Use a model with forecast, such as LS"):
        forecast(model)
    with pytest.raises(ValueError, match=r"has no update.*Use a model with update"):
        update(model, X, Y)


@pytest.mark.parametrize("is_nested", [False, True])
@pytest.mark.parametrize(
    "search",
    [
        GridSearchCV(Last(), {}, cv=2, refit=False),
        BayesTimeSeriesSearchCV(Last(), {"offset": [0.0]}, n_iter=1, cv=2, refit=False),
    ],
    ids=lambda search: type(search).__name__,
)
def test_a_search_without_refit_says_so(search, is_nested):
    model = make_pipeline(StandardScaler(), search) if is_nested else search
    with pytest.raises(ValueError, match=r"SearchCV has no best_estimator_.*Set refit=True"):
        forecast(model.fit(X, Y))


def test_known_rows_for_a_model_that_takes_none_are_refused():
    pipeline = make_pipeline(StandardScaler(), LastValueRegressor()).fit(X, Y)
    with pytest.raises(ValueError, match="LastValueRegressor does not accept `known`"):
        forecast(pipeline, known=X[:1])


@pytest.mark.parametrize(
    ("call", "model"),
    [
        (lambda model: forecast(model, n_rows=2), LastValueRegressor()),
        (lambda model: forecast_quantiles(model, n_rows=2), Told()),
        (lambda model: predict_steps_quantiles(model, X, X), Told()),
        (lambda model: predict_steps(model, X, X), Told()),
    ],
    ids=["forecast", "forecast_quantiles", "predict_steps_quantiles", "predict_steps"],
)
def test_what_a_model_does_not_take_is_refused(call, model):
    name = type(model).__name__
    with pytest.raises(ValueError, match=f"of {name} does not accept `(known|n_rows)`.*None"):
        call(make_pipeline(StandardScaler(), model).fit(X, Y))


def test_targets_of_another_shape_are_refused_by_the_transformation():
    model = TransformedTargetRegressor(Last(), transformer=StandardScaler()).fit(X, Y)
    with pytest.raises(ValueError, match=r"y of shape \(7, 2\) cannot be transformed like the tar"):
        update(model, X[:7], np.ones((7, 2)))


def test_adaptive_intervals_need_targets_to_be_updated():
    model = ConformalRegressor(Last(), method="adaptive").fit(X, Y)
    with pytest.raises(ValueError, match=r'y=None, but method="adaptive" learns from the targets'):
        update(model, X[:7])
    assert update(ConformalRegressor(Last()).fit(X, Y), X[:7])
