"""How long do predictions of a fitted network take, beside Keras' on windows that are ready made?

    python -m benchmarks.serving.predict                  # (6, 32): one row, and 200,000
    python -m benchmarks.serving.predict --window-length 14 --units 200 --rows 20000

LSTMRegressor gets rows, from which it cuts and scales the windows; the one row follows the rows of
`fit`. Keras' network of the same sizes, without peepholes, gets float32 windows made beforehand,
with several batch sizes, and with XLA (jit). Each runs in a process of its own with one thread, and
they take turns. "one row" is the median of later calls; neither time includes compiling. Entries
are medians with (min, max) over the repeats, ratios are taken within each round.

Time: three minutes.
Figures: docs/performance.md, "Predictions".
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from benchmarks.tools.arguments import make_parser
from benchmarks.tools.peers import keras_network
from benchmarks.tools.processes import call_elsewhere
from benchmarks.tools.stopwatch import timed
from benchmarks.tools.tables import REFERENCE, add_ratio, repeat, to_markdown

N_TRAIN = 3000
KERAS = {"Keras, batch_size=32 (default)": {"batch_size": 32}}
KERAS |= {f"Keras, batch_size={size}": {"batch_size": size} for size in (256, 1024, 4096, 16384)}
KERAS |= {
    f"Keras, jit, batch_size={size}": {"batch_size": size, "jit_compile": True}
    for size in (32, 1024, 4096)
}
N_CALLS = 50  # of one row each


def make_rows(n_rows: int) -> np.ndarray:
    """Random walks, (n_rows, 2)."""
    return np.random.default_rng(0).normal(size=(n_rows, 2)).cumsum(axis=0)


def measure_sklstm(window_length: int, units: int, n_rows: int) -> dict[str, float]:
    from sklstm import LSTMRegressor

    X = make_rows(N_TRAIN + n_rows)
    regressor = LSTMRegressor(window_length=window_length, units=units, epochs=1, random_state=0)
    regressor.fit(X[:N_TRAIN], X[:N_TRAIN, 0])
    return time_predict(regressor.predict, X[N_TRAIN:])


def measure_keras(
    window_length: int, units: int, n_rows: int, batch_size: int, jit_compile: bool | str = "auto"
) -> dict[str, float]:
    model = keras_network(window_length, units)
    model.compile("adam", "mse", jit_compile=jit_compile)
    windows = sliding_window_view(make_rows(n_rows + window_length - 1), window_length, axis=0)
    windows = windows.transpose(0, 2, 1)
    inputs = ((windows - windows[:, -1:]) / windows.std()).astype(np.float32)
    return time_predict(lambda X: model.predict(X, batch_size=batch_size, verbose=0), inputs)


def time_predict(predict: Callable, inputs: np.ndarray) -> dict[str, float]:
    """Time the predictions of one input and of all, after a first call of each size."""
    one = inputs[:1]
    predict(one)
    calls = [time_call(predict, one) for _ in range(N_CALLS)]
    predict(inputs)
    return {"one row, ms": 1e3 * np.median(calls), "all rows, s": time_call(predict, inputs)}


def time_call(predict: Callable, inputs: np.ndarray) -> float:
    with timed() as spent:
        predictions = predict(inputs)
    assert len(predictions) == len(inputs)
    return spent.seconds


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument("--window-length", type=int, default=6)
    parser.add_argument("--units", type=int, default=32)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    sizes = arguments.window_length, arguments.units, arguments.rows

    def measure(peer: str) -> dict[str, float]:
        if peer == REFERENCE:
            return call_elsewhere(measure_sklstm, *sizes)
        return call_elsewhere(partial(measure_keras, **KERAS[peer]), *sizes)

    measured = repeat(measure, [REFERENCE, *KERAS], arguments.repeats)
    measured = add_ratio(add_ratio(measured, "one row, ms"), "all rows, s")
    print("(window, units) = ({}, {}), {:,} rows\n".format(*sizes))
    print(to_markdown(measured))


if __name__ == "__main__":
    main()
