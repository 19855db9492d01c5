"""What is kept of training, before the first step and in a fresh process."""

import pickle
import subprocess
import sys

import numpy as np
from small_regressor import tiny

from sklstm._lstm.trained import start
from sklstm._network.sizes import Sizes
from sklstm._network.weights import initial_weights


def test_a_network_starts_with_weights_from_the_seed_and_moments_of_zero():
    """Oracle: the start values that a generator of this seed draws."""
    sizes = Sizes(3, 2, 4, 2)
    trained = start(sizes, 5)
    expected = initial_weights(sizes, np.random.default_rng(5))
    for array, other in zip(trained.weights.arrays(), expected.arrays(), strict=True):
        np.testing.assert_array_equal(array, other)
    assert not any(array.any() for array in trained.mean.arrays() + trained.variance.arrays())
    assert (trained.n_steps, trained.n_epochs, trained.n_windows) == (0, 0, 0)
    assert trained.losses == trained.scores == ()


def test_a_fitted_regressor_is_unpickled_without_tensorflow(tmp_path):
    """Oracle: the modules of a fresh process that unpickles it."""
    X = np.random.default_rng(0).normal(size=(40, 2))
    path = tmp_path / "regressor.pickle"
    path.write_bytes(pickle.dumps(tiny().fit(X, X[:, 0])))
    program = (
        "import pickle, sys; from pathlib import Path;"
        "regressor = pickle.loads(Path(sys.argv[1]).read_bytes());"
        "print(regressor.n_iter_, 'tensorflow' in sys.modules)"
    )
    command = [sys.executable, "-c", program, str(path)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    assert answer.stdout.split() == ["2", "False"]
