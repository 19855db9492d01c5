"""How forecasts come back in the units of y."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from sklstm._nested.restoring import Axes, restore_forecasts

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 2))
Y = RNG.uniform(1.0, 5.0, size=(40, 2))
NAN, INF = np.nan, np.inf
ALL = [Axes(leads, quantiles) for leads in (False, True) for quantiles in (False, True)]


def around(y=Y[:, 0], **settings):
    return TransformedTargetRegressor(Ridge(), **settings).fit(X, y)


LOGS = {"func": np.log, "inverse_func": np.exp}
NEGATIVES = {"func": np.negative, "inverse_func": np.negative}


def draw(axes, n_outputs):
    """Forecasts of 7 rows, 3 leads and 4 quantiles, as far as there are these axes."""
    shape = [7] + [3] * axes.leads + [2] * (n_outputs == 2) + [4] * axes.quantiles
    forecasts = RNG.normal(size=shape)
    return np.sort(forecasts, axis=-1) if axes.quantiles else forecasts


@pytest.mark.parametrize("n_outputs", [1, 2])
@pytest.mark.parametrize("axes", ALL, ids=str)
def test_an_increasing_function_of_each_forecast_is_undone(axes, n_outputs):
    """Oracle: exp of each entry."""
    forecasts = draw(axes, n_outputs)
    y = Y if n_outputs == 2 else Y[:, 0]
    np.testing.assert_allclose(
        restore_forecasts([around(y, **LOGS)], forecasts, axes), np.exp(forecasts)
    )


@pytest.mark.parametrize("axes", ALL, ids=str)
def test_outputs_are_handed_over_together(axes):
    """Oracle: the scaler by hand, which has another scale for each output."""
    forecasts = draw(axes, 2)
    place = (..., slice(None), None) if axes.quantiles else (..., slice(None))
    expected = Y.mean(axis=0)[place] + Y.std(axis=0)[place] * forecasts
    actual = restore_forecasts([around(Y, transformer=StandardScaler())], forecasts, axes)
    np.testing.assert_allclose(actual, expected)


def test_quantiles_stay_sorted_through_a_decreasing_function():
    """Oracle: by hand; the least quantile of y is minus the greatest of -y."""
    restored = restore_forecasts([around(**NEGATIVES)], [[1.0, 2.0, 5.0]], Axes(quantiles=True))
    assert restored.tolist() == [[-5.0, -2.0, -1.0]]


@pytest.mark.parametrize("levels", [(0.1, 0.5), (0.1, 0.5, 0.8)])
def test_levels_that_a_decreasing_function_turns_into_others_are_refused(levels):
    """Oracle: the quantile 0.1 of y is minus the quantile 0.9 of -y, which is not there."""
    forecasts = [np.arange(len(levels))]
    with pytest.raises(ValueError, match=r"quantiles_=\[0.1, 0.5.*Set pairs, such as \(0.1, 0.9\)"):
        restore_forecasts([around(**NEGATIVES)], forecasts, Axes(quantiles=True), levels)
    restored = restore_forecasts([around(**LOGS)], forecasts, Axes(quantiles=True), levels)
    np.testing.assert_allclose(restored, np.exp(forecasts))


def test_quantiles_are_sorted_of_each_output_by_itself():
    """Oracle: by hand; the first output is turned around, the second is not."""
    turn = np.array([[-1.0, 1.0]])
    model = around(Y, func=lambda y: y * turn, inverse_func=lambda y: y * turn)
    forecasts = [[[1.0, 2.0], [3.0, 4.0]]]
    restored = restore_forecasts([model], forecasts, Axes(quantiles=True))
    assert restored.tolist() == [[[-2.0, -1.0], [3.0, 4.0]]]


def test_nan_stays_and_no_transformer_sees_it():
    """Oracle: by hand; a FunctionTransformer refuses NaN."""
    forecasts = np.array([[0.0, NAN], [NAN, NAN], [1.0, 2.0]])
    restored = restore_forecasts([around(**LOGS)], forecasts, Axes(leads=True))
    np.testing.assert_allclose(restored, np.exp(forecasts))
    nothing = restore_forecasts([around(**LOGS)], np.full((3, 2), NAN), Axes(leads=True))
    np.testing.assert_array_equal(nothing, np.full((3, 2), NAN))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (LOGS, [[-INF, 1.0, np.e], [1.0, np.e, INF]]),
        (NEGATIVES, [[-1.0, 0.0, INF], [-INF, -1.0, 0.0]]),
    ],
    ids=["increasing", "decreasing"],
)
def test_infinite_ends_stay_infinite(settings, expected):
    """Oracle: by hand; a decreasing function makes the lower end the upper one."""
    forecasts = [[-INF, 0.0, 1.0], [0.0, 1.0, INF]]
    restored = restore_forecasts([around(**settings)], forecasts, Axes(quantiles=True))
    np.testing.assert_allclose(restored, expected)


def test_a_quantile_without_a_value_in_y_leaves_the_others_in_their_places():
    """Oracle: by hand; -1 is the square of no number."""
    with np.errstate(invalid="ignore"):
        model = around(func=np.square, inverse_func=np.sqrt)
        restored = restore_forecasts([model], [[-1.0, 4.0, 9.0]], Axes(quantiles=True))
    np.testing.assert_array_equal(restored, [[NAN, 2.0, 3.0]])


@pytest.mark.parametrize("axes", ALL, ids=str)
def test_a_transformer_may_change_the_number_of_outputs(axes):
    """Oracle: the component and the mean by hand."""
    model = around(Y, transformer=PCA(1), check_inverse=False)
    forecasts = draw(axes, 1)[..., None]  # one output, of which two become
    forecasts = np.moveaxis(forecasts, -1, -2) if axes.quantiles else forecasts
    place = (slice(None), None) if axes.quantiles else slice(None)
    component, mean = model.transformer_.components_[0], model.transformer_.mean_
    expected = mean[place] + component[place] * forecasts
    expected = np.sort(expected, axis=-1) if axes.quantiles else expected
    np.testing.assert_allclose(restore_forecasts([model], forecasts, axes), expected)


def test_a_transformer_is_given_one_lead_and_quantile_at_a_time():
    """Oracle: a transformer that notes what it is given: the finite rows, outputs side by side."""

    class Notes(TransformerMixin, BaseEstimator):
        given = []  # noqa: RUF012

        def fit(self, X, y=None):
            return self

        def transform(self, X):
            return X

        def inverse_transform(self, X):
            self.given.append(X.tolist())
            return X

    model = around(Y, transformer=Notes(), check_inverse=False)
    forecasts = np.arange(16.0).reshape(2, 2, 2, 2)  # rows, leads, outputs, quantiles
    forecasts[1, 0, 1] = NAN
    restore_forecasts([model], forecasts, Axes(leads=True, quantiles=True))
    assert Notes.given == [
        [[0.0, 2.0]],
        [[1.0, 3.0]],
        [[4.0, 6.0], [12.0, 14.0]],
        [[5.0, 7.0], [13.0, 15.0]],
    ]


def test_targets_of_one_column_keep_their_axis():
    """Oracle: the shape that `predict` gives."""
    model = around(Y[:, :1], **LOGS)
    assert model.predict(X).shape == (40, 1)
    for axes, shape in [(Axes(), (5, 1)), (Axes(leads=True), (5, 3, 1))]:
        assert restore_forecasts([model], np.ones(shape), axes).shape == shape


def test_parts_that_transform_no_target_leave_forecasts_as_they_are():
    forecasts = np.array(["a", "b"])
    assert restore_forecasts([Ridge()], forecasts, Axes()) is forecasts
