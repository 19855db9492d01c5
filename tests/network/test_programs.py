"""The threads that a program asks for, in fresh processes."""

import os
import subprocess
import sys

import pytest

FIRST_USE = """
import numpy as np, tensorflow as tf
{before}
from sklstm._lstm import epochs
from sklstm._network import programs
from sklstm._lstm.examples import Examples
from sklstm._network.sizes import Sizes
from sklstm._lstm.scaling import TrainingRows, fit_scaling
from sklstm._lstm.settings import TrainingSettings
from sklstm._lstm.trained import start
from sklstm._rows.windows import Alignment, Windows
programs.has_xla = lambda: False  # to compile takes time
X = np.arange(20.0)[:, None]
windows = Windows(X, 0, Alignment(2, 1))
rows = windows.full_target_rows()
scaling = fit_scaling(None, TrainingRows(windows.cut(rows), X, X), [None], ())
settings = TrainingSettings(
    Sizes(2, 1, 2, 1), peephole=True, linear_skip=True, dropout=0.0, learning_rate=0.01,
    decay_rate=1.0, decay_steps=1.0, decay_unit="epoch", batch_size=8, shuffle=True,
    loss="squared_error", quantiles=(), clipnorm=None, weight_decay=0.0, seed=0,
)
trained = start(settings.sizes, 0)
examples = Examples(windows, scaling, rows, X[rows], np.ones((len(rows), 1)))
{use}
print(tf.config.threading.get_intra_op_parallelism_threads())
"""
TRAIN = "epochs.train(trained, examples, settings, 1)"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "environment", "use", "n_threads"),
    [
        ("", {}, TRAIN, 1),
        ("", {"TF_NUM_INTRAOP_THREADS": "3"}, TRAIN, 0),
        ("tf.config.threading.set_intra_op_parallelism_threads(2)", {}, TRAIN, 2),
        ("tf.constant(1.0)", {}, TRAIN, 0),
    ],
    ids=["nothing set", "environment", "tf.config", "already started"],
)
def test_the_first_program_asks_for_one_thread_unless_the_user_chose(
    before, environment, use, n_threads
):
    """Oracle: TensorFlow's own setting in a fresh process; 0 is its "as I find best"."""
    inherited = {k: v for k, v in os.environ.items() if k != "TF_NUM_INTRAOP_THREADS"}
    answer = subprocess.run(
        [sys.executable, "-c", FIRST_USE.format(before=before, use=use)],
        env={**inherited, **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    assert int(answer.stdout) == n_threads
