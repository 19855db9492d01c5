"""Predictions: windows are cut, scaled, run through the network and converted to units of y."""

from collections.abc import Callable

import numpy as np

from sklstm._lstm.scaling import Scaled
from sklstm._network.forward import lay_out_network
from sklstm._network.weights import Weights
from sklstm._threads import map_in_threads

MOST_WINDOWS = 4096  # cut at a time; of fewer than 2,000 rows each, threads make it no faster
MOST_FLOATS = 2**20  # in these windows: 8 MB


def predict_rows(
    weights: Weights,
    scale: Callable[[np.ndarray], Scaled],
    target_rows: np.ndarray,
    *,
    peephole: bool,
    linear_skip: bool,
) -> np.ndarray:
    """Predict the targets of these rows, (n_rows, n_outputs), in the user's units.

    scale: cuts and scales the windows of some rows.
    """
    network = lay_out_network(weights, peephole=peephole, linear_skip=linear_skip)

    def predict_run(run: np.ndarray) -> np.ndarray:
        scaled = scale(run)
        return scaled.restore(network.predict(scaled.windows, scaled.beside))

    window_length, n_features, n_outputs = weights.skip.shape
    n_floats = window_length * n_features
    if weights.path is not None:
        n_floats += len(weights.path.bias) * len(weights.path.beside_kernel)
    size = max(1, min(MOST_WINDOWS, MOST_FLOATS // n_floats))
    runs = [target_rows[first : first + size] for first in range(0, len(target_rows), size)]
    return np.concatenate([np.empty((0, n_outputs)), *map_in_threads(predict_run, runs)])
