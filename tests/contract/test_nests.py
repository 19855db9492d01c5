"""Paths and quantiles through whatever stands around a forecaster.

The oracle is the model by itself, fitted on rows and targets that NumPy has transformed; NumPy
brings its forecasts back, and sorts quantiles.
"""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_forecasters import Bands
from small_regressor import tiny

import sklstm
from sklstm import BayesTimeSeriesSearchCV
from sklstm.evaluation import make_path_scorer

N_TRAIN, N_ROWS, STEPS = 60, 80, 3
RNG = np.random.default_rng(0)
Y = np.exp(0.3 * np.sin(np.arange(N_ROWS) / 3) + 0.02 * RNG.normal(size=(N_ROWS, 2)).cumsum(0).T).T
X = np.column_stack([Y[:, 0], RNG.normal(size=(N_ROWS, 2))])
CV = TimeSeriesSplit(2)


def search_in_time(inner):
    params = inner.get_params()
    (name,) = (name for name in params if name.endswith("steps") and params[name] == STEPS)
    return BayesTimeSeriesSearchCV(inner, {name: [STEPS]}, n_iter=1, cv=2)


def scaled_rows(inner):
    return make_pipeline(StandardScaler(), inner)


def scaled_target(inner):
    return TransformedTargetRegressor(inner, transformer=StandardScaler())


def target(func, inverse_func):
    def wrap(inner):
        return TransformedTargetRegressor(inner, func=func, inverse_func=inverse_func)

    return wrap


def same(train):
    return lambda values: values


def standardise(train):
    return lambda values: (values - train.mean(axis=0)) / train.std(axis=0)


def destandardise(train):
    def restore(values, has_quantiles):
        place = (..., None) if has_quantiles else ...
        return values * train.std(axis=0)[place] + train.mean(axis=0)[place]

    return restore


def each(function):
    """A function of each entry, whatever was trained on."""
    return lambda train: lambda values, has_quantiles=False: function(values)


# What is wrapped around the model; what that does to rows, to targets, and to forecasts.
WRAPPERS = {
    "pipeline": (scaled_rows, standardise, same, each(np.array)),
    "log": (target(np.log, np.exp), same, each(np.log), each(np.exp)),
    "scaled": (scaled_target, same, standardise, destandardise),
    "falling": (target(np.negative, np.negative), same, each(np.negative), each(np.negative)),
    "grid": (lambda inner: GridSearchCV(inner, {}, cv=CV), same, same, each(np.array)),
    "ours": (search_in_time, same, same, each(np.array)),
}
NESTS = [  # from the inside out
    *[(name,) for name in WRAPPERS],
    ("pipeline", "grid", "log"),
    ("scaled", "pipeline", "ours"),
    ("falling", "ours", "pipeline", "scaled", "log"),
]


class ByHand:
    """A nest and its oracle, fitted on the training rows."""

    def __init__(self, model, nest, y):
        self.nest = model
        for name in nest:
            self.nest = WRAPPERS[name][0](self.nest)
        self.nest = clone(self.nest).fit(X[:N_TRAIN], y[:N_TRAIN])
        self.pass_rows, self.pass_back = [], []
        rows, targets = X[:N_TRAIN], y[:N_TRAIN]
        for name in reversed(nest):
            _, of_rows, of_targets, back = WRAPPERS[name]
            self.pass_rows.append(of_rows(rows))
            self.pass_back.insert(0, back(targets))
            rows, targets = of_rows(rows)(rows), of_targets(targets)(targets)
        self.model = clone(model).fit(rows, targets)

    def ask(self, method, X=None, **options):
        """Return what the nest says, and what the model says by hand."""
        has_quantiles = "quantiles" in method
        rows = self._transform(X)
        own = {name: self._transform(value) for name, value in options.items()}
        expected = getattr(self.model, method)(rows, **own)
        for back in self.pass_back:
            expected = back(expected, has_quantiles)
        expected = np.sort(expected, axis=-1) if has_quantiles else expected
        return getattr(sklstm, method)(self.nest, X, **options), expected

    def _transform(self, rows):
        for function in self.pass_rows if isinstance(rows, np.ndarray) else ():
            rows = function(rows)
        return rows


@pytest.mark.parametrize("y", [Y[:, 0], Y, Y[:, :1]], ids=["1", "2", "column"])
@pytest.mark.parametrize("nest", NESTS, ids=" in ".join)
def test_paths_and_quantiles_come_back_through_each_nest(nest, y):
    both = ByHand(Bands(steps=STEPS, quantiles=(0.1, 0.9)), nest, y)
    rows, later = X[N_TRAIN:-STEPS], X[-STEPS:]
    outputs, n_rows = y.shape[1:], len(rows)
    for method, options, shape in [
        ("predict_steps", {}, (n_rows, STEPS, *outputs)),
        ("predict_steps", {"known": later}, (n_rows, STEPS, *outputs)),
        ("predict_quantiles", {}, (n_rows, *outputs, 3)),
        ("predict_steps_quantiles", {}, (n_rows, STEPS, *outputs, 3)),
        ("predict_steps_quantiles", {"known": later}, (n_rows, STEPS, *outputs, 3)),
        ("forecast_quantiles", {"known": later}, (STEPS, *outputs, 3)),
        ("forecast_quantiles", {"n_rows": 2}, (2, *outputs, 3)),
        ("forecast", {"known": later, "n_rows": 2}, (2, *outputs)),
    ]:
        actual, expected = both.ask(method, rows, **options)
        assert actual.shape == shape
        np.testing.assert_allclose(actual, expected, rtol=1e-9)
        assert np.isnan(actual).any() == (method.startswith("predict_steps") and not options)
    for method in ("forecast", "forecast_quantiles"):  # from the rows that the model keeps
        np.testing.assert_allclose(*both.ask(method), rtol=1e-9)


@pytest.mark.parametrize("nest", NESTS, ids=" in ".join)
def test_the_paths_of_an_lstm_come_back_through_each_nest(nest):
    """The tolerance is that of training in 32 bits on rows that differ in their last digits."""
    both = ByHand(tiny(steps=STEPS, season_length=None, scaling="standard"), nest, Y[:, 0])
    for method, options in [("predict_steps", {}), ("forecast", {}), ("forecast", {"n_rows": 2})]:
        actual, expected = both.ask(method, X[N_TRAIN:], **options)
        assert np.isfinite(actual).all()
        np.testing.assert_allclose(actual, expected, rtol=1e-3)
    first = both.ask("predict_steps", X[N_TRAIN:])[0][:, 0]
    np.testing.assert_allclose(first, both.nest.predict(X[N_TRAIN:]), rtol=1e-6)


@pytest.mark.parametrize("name", ["pipeline", "log", "falling"])
def test_a_frozen_nest_forecasts_paths_as_before(name):
    """Oracle: the nest before it was frozen."""
    nest = WRAPPERS[name][0](Bands(steps=STEPS, quantiles=(0.1, 0.9))).fit(X, Y)
    frozen = make_pipeline(FrozenEstimator(nest)).fit(X, Y)
    for ask in (sklstm.predict_steps, sklstm.predict_steps_quantiles):
        np.testing.assert_array_equal(ask(frozen, X), ask(nest, X))


@pytest.mark.parametrize("nest", NESTS, ids=" in ".join)
def test_cross_validation_scores_paths_through_each_nest(nest):
    """Oracle: the paths by hand, and a double loop over rows and steps."""
    outer = Bands(steps=STEPS)
    for name in nest:
        outer = WRAPPERS[name][0](outer)
    scorer = make_path_scorer(mean_absolute_error)
    splits = [(np.arange(N_TRAIN), np.arange(N_TRAIN, N_ROWS))]
    (score,) = cross_val_score(outer, X, Y[:, 0], cv=splits, scoring=scorer)
    _, paths = ByHand(Bands(steps=STEPS), nest, Y[:, 0]).ask("predict_steps", X[N_TRAIN:])
    y = Y[N_TRAIN:, 0]
    of_steps = [
        np.mean([abs(y[t + j] - paths[t, j]) for t in range(len(y) - j)]) for j in range(STEPS)
    ]
    assert score == pytest.approx(-np.mean(of_steps))


def test_a_grid_search_around_a_nest_finds_the_best_paths():
    """Oracle: the level nearest to the truth, where the mean of the targets is the forecast."""
    rows = np.zeros((40, 2))
    nest = make_pipeline(StandardScaler(), scaled_target(Bands(steps=STEPS)))
    name = "transformedtargetregressor__regressor__level"
    scorer = make_path_scorer(mean_absolute_error)
    search = GridSearchCV(nest, {name: [-2.0, 0.0, 3.0]}, cv=CV, scoring=scorer)
    search.fit(rows, np.tile([1.0, 2.0], 20))
    assert search.best_params_ == {name: 0.0}


@pytest.mark.parametrize("nest", NESTS, ids=" in ".join)
def test_the_quantiles_of_an_lstm_come_back_through_each_nest(nest):
    """The tolerance is that of training in 32 bits on rows that differ in their last digits."""
    model = tiny(steps=STEPS, quantiles=(0.2, 0.8), season_length=None, scaling="standard")
    both = ByHand(model, nest, Y[:, 0])
    for method in ("predict_quantiles", "predict_steps_quantiles", "forecast_quantiles"):
        actual, expected = both.ask(method, X[N_TRAIN:])
        assert actual.shape[-1] == 3
        np.testing.assert_allclose(actual, expected, rtol=1e-3)
