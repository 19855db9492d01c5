"""Predictions in the units of y, the same for a row whatever is predicted beside it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from sklstm._lstm import predictions
from sklstm._lstm.predictions import predict_rows
from sklstm._lstm.scaling import TrainingRows, fit_scaling
from sklstm._network.forward import lay_out_network
from sklstm._network.sizes import Sizes
from sklstm._network.weights import Weights, weight_shapes, zero_weights
from sklstm._rows.targets import TargetColumn
from sklstm._rows.windows import Alignment, Windows

SIZES = Sizes(window_length=3, n_features=2, units=5, n_outputs=2)
X = np.random.default_rng(0).normal(size=(400, 2)).cumsum(axis=0)
WINDOWS = Windows(X, 0, Alignment(3, 1))
ROWS = np.arange(3, 400)


def draw_weights():
    rng = np.random.default_rng(1)
    return Weights.from_arrays(
        [rng.normal(size=shape).astype(np.float32) for shape in weight_shapes(SIZES)]
    )


def fit_window_scaling(kind="window"):
    read = TrainingRows(WINDOWS.cut(ROWS), X, X[ROWS])
    return fit_scaling(kind, read, [TargetColumn(0, 0, 1.0, 0.0), None], ())


def predict(rows, weights=None, scaling=None):
    weights, scaling = weights or draw_weights(), scaling or fit_window_scaling()

    def scale(some):
        return scaling.apply(WINDOWS.cut(some))

    return predict_rows(weights, scale, rows, peephole=True, linear_skip=True)


def test_predictions_are_cut_scaled_run_and_restored():
    """Oracle: these steps, one after the other, for all rows at once."""
    scaled = fit_window_scaling().apply(WINDOWS.cut(ROWS))
    network = lay_out_network(draw_weights(), peephole=True, linear_skip=True)
    expected = scaled.centre + scaled.scale * network.predict(scaled.windows)
    np.testing.assert_array_equal(predict(ROWS), expected)


@given(rows=st.lists(st.integers(3, 399), max_size=60), threads=st.sampled_from([1, 2]))
def test_a_row_has_the_same_bits_in_any_company(rows, threads):
    """Oracle: all rows at once."""
    expected = predict(ROWS)
    with threadpool_limits(threads):
        actual = predict(np.array(rows, dtype=int))
    np.testing.assert_array_equal(actual, expected[np.array(rows, dtype=int) - 3])


@pytest.mark.parametrize("size", [1, 50, 397])
def test_rows_in_runs_of_any_size_have_the_same_bits(size, monkeypatch):
    """Oracle: all rows in one run."""
    expected = predict(ROWS)
    monkeypatch.setattr(predictions, "MOST_WINDOWS", size)
    np.testing.assert_array_equal(predict(ROWS), expected)


def test_predicting_no_rows_gives_none():
    assert predict(np.array([], dtype=int)).shape == (0, 2)


def test_a_network_of_zeros_predicts_the_centre_of_each_window():
    """Oracle: by hand: the last row read for the output that is a column, else a constant."""
    scaling = fit_window_scaling("center")
    y = predict(ROWS, zero_weights(SIZES), scaling)
    np.testing.assert_array_equal(y[:, 0], X[ROWS - 1, 0])
    np.testing.assert_array_equal(y[:, 1], np.full(len(ROWS), scaling.outputs.centre[1]))
